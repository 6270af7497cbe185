"""The dependencies stand once: what else names them has to agree with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

import avtutor

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lines_of_environment() -> list[str]:
    """Return environment.yml without comments and blank lines, each entry without its dash."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return [line.removeprefix("- ") for line in lines if line and not line.startswith("#")]


def test_environment_yml_holds_no_second_list() -> None:
    *_, python, pip, pip_section, install = lines_of_environment()
    assert lines_of_environment()[:4] == [
        "name: avtutor",
        "channels:",
        "conda-forge",
        "dependencies:",
    ]
    assert (pip, pip_section) == ("pip", "pip:")
    # The extra that it installs is there, and its Python is one that pyproject.toml allows.
    extra = re.fullmatch(r"-e \.\[(\w+)\]", install)
    assert extra is not None and extra.group(1) in PROJECT["optional-dependencies"]
    name, version = python.split("=")
    assert name == "python"
    assert f"{version}.0" in SpecifierSet(PROJECT["requires-python"])
    assert len(lines_of_environment()) == 8


def test_versions_agree() -> None:
    assert avtutor.__version__ == PROJECT["version"]


def test_the_command_is_the_one_in_pyproject() -> None:
    assert PROJECT["scripts"] == {"avtutor": "avtutor.cli:main"}
