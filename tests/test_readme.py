"""The README: what it shows runs, what it links is there, what it lists is the course."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import rules
from packaging.specifiers import SpecifierSet
from typer.testing import CliRunner

from avtutor import cli

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ROWS = re.findall(r"^\| (\d\d) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.M)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)


def test_the_example_runs_and_prints_what_is_said(tmp_path: Path) -> None:
    (example,) = blocks("python")
    assert len(example.strip().splitlines()) <= 10
    printed = re.search(r"It prints `(.+?)`", TEXT)
    assert printed is not None
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout == printed[1] + "\n"


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", TEXT))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_short_answer_has_ten_lines() -> None:
    answer = TEXT.split("## The short answer")[1].split("![")[0]
    assert re.findall(r"^(\d+)\. ", answer, re.M) == [str(n) for n in range(1, 11)]


def test_the_map_holds_each_lesson_once_and_in_order() -> None:
    assert [number for number, *_ in ROWS] == [name[:2] for name in rules.LESSONS]


@pytest.mark.parametrize("name", rules.LESSONS)
def test_a_lesson_that_is_there_is_linked_with_its_minutes(name: str) -> None:
    _, title, minutes, _ = ROWS[rules.LESSONS.index(name)]
    source = ROOT / "notebooks/src" / f"{name}.py"
    if not source.exists():
        assert minutes == "planned"
        assert "](" not in title
        return
    assert f"](notebooks/{name}.ipynb)" in title
    said = re.search(r"^# \*\*Time:\*\* (\d+) minutes", source.read_text(encoding="utf-8"), re.M)
    assert said is not None
    assert minutes == said[1]


def test_the_sentence_above_the_map_names_the_lessons_that_are_there() -> None:
    there = [number for number, _, minutes, _ in ROWS if minutes != "planned"]
    runs: list[list[str]] = []
    for number in there:
        if runs and int(number) == int(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    assert f"Lessons {' and '.join(named)} are here." in TEXT


def test_versions_are_those_of_the_project() -> None:
    asked = {}
    for line in PROJECT["dependencies"]:
        name, versions = re.fullmatch(r"([\w-]+)(.*)", line).groups()  # type: ignore[union-attr]
        asked[name] = SpecifierSet(versions)
    shown = dict(re.findall(r'"(torch|torchaudio)([=<>!,.\d]+)"', TEXT))
    assert {name: SpecifierSet(versions) for name, versions in shown.items()} == {
        name: asked[name] for name in ("torch", "torchaudio")
    }
    oldest, newest = re.search(r"Python 3\.(\d+) to 3\.(\d+)", TEXT).groups()  # type: ignore[union-attr]
    assert PROJECT["requires-python"] == f">=3.{oldest},<3.{int(newest) + 1}"


def test_the_commands_it_names_are_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", TEXT, re.M))
    assert {"lab", "test", "help", "bench"} <= named <= targets
    shown = CliRunner().invoke(cli.app, ["--help"]).stdout
    commands = set(re.findall(r"(?:`|^|bin/)avtutor ([a-z]+)", TEXT, re.M))
    assert {"doctor", "lab", "explore"} <= commands
    for command in commands:
        assert re.search(rf"^  {command} ", shown, re.M), command


def test_no_badge_and_no_picture_from_elsewhere() -> None:
    assert re.findall(r"!\[[^\]]*\]\((https?:[^)]*)\)", TEXT) == []
    for alt, _ in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", TEXT):
        assert len(alt) > 30  # words for those who cannot see it


def test_licences_agree_with_the_project() -> None:
    assert PROJECT["license"] == "BSD-3-Clause"
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("BSD 3-Clause License")
    assert "CC BY 4.0" in licence and "data/README.md" in licence
