"""Every bundled file is listed with its hash, its source, its author and its licence."""

import csv
import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "data"
UNLISTED = {"manifest.csv", "README.md"}
LICENCES = {
    "Apache-2.0",
    "BSD-2-Clause",
    "CC-BY-2.0",
    "CC-BY-2.5",
    "CC-BY-3.0",
    "CC-BY-SA-2.5",
    "CC-BY-SA-3.0",
    "CC-BY-SA-3.0-IT",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "GFDL-1.2-only",
    "GFDL-1.2-or-later",
    "GFDL-1.3-only",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LAL-1.2",
    "LicenseRef-armelle",
    "LicenseRef-drascula",
    "LicenseRef-festvox-ru",
    "LicenseRef-licence-text",
    "LicenseRef-public-domain",
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_is_listed_and_every_listed_file_is_there(rows: list[dict[str, str]]) -> None:
    listed = [row["path"] for row in rows]
    tops = [path for path in ROOT.iterdir() if path.name != "build"]
    there = {
        path.relative_to(ROOT).as_posix()
        for top in tops
        for path in (top, *top.rglob("*"))
        if path.is_file()
    }
    assert len(listed) == len(set(listed))
    assert there - UNLISTED == set(listed)


def test_sizes_and_hashes_are_those_of_the_files(rows: list[dict[str, str]]) -> None:
    for row in rows:
        content = (ROOT / row["path"]).read_bytes()
        assert len(content) == int(row["bytes"]), row["path"]
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["path"]


def test_the_folder_stays_below_60_megabytes(rows: list[dict[str, str]]) -> None:
    assert sum(int(row["bytes"]) for row in rows) < 60e6


def test_licence_author_and_source_are_named(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["licence"] in LICENCES, row
        assert row["author"].strip() and row["changes"].strip(), row
        if row["package"]:
            assert row["version"] and row["source"], row
            assert len(row["source_sha256"]) == 64, row
        else:  # our own indexes, and the texts of the licences
            assert row["path"].endswith((".csv", ".txt")), row


def test_sounds_have_a_length(rows: list[dict[str, str]]) -> None:
    sounds = [row for row in rows if row["path"].endswith((".opus", ".ogg", ".mp3"))]
    assert len(sounds) > 100
    assert all(float(row["seconds"]) > 0.1 for row in sounds)


def test_each_source_has_its_licence_beside_it(rows: list[dict[str, str]]) -> None:
    for folder, package in {(row["path"].split("/")[0], row["package"]) for row in rows}:
        if package:
            text = ROOT / folder / f"LICENSE-{package}.txt"
            assert text.stat().st_size > 100, text


def test_the_readme_names_every_folder_package_and_licence(rows: list[dict[str, str]]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    names = {row["path"].split("/")[0] for row in rows} | {row["package"] for row in rows}
    names |= {row["licence"] for row in rows}
    assert [name for name in sorted(names) if name and name not in readme] == []


def test_non_free_and_broken_sources_stay_out(rows: list[dict[str, str]]) -> None:
    paths = {row["path"] for row in rows}
    assert not any("firetruck.ogg" in path or "drum_kit" in path for path in paths)
    for silent in ("giraffe", "iguana", "nandou", "wombat"):
        assert not any(path.endswith(f"/{silent}.ogg") for path in paths)
