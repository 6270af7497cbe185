"""Where the bundled recordings are, and the lists that describe them."""

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VARIABLE = "AVTUTOR_DATA"


def bundled_root() -> Path:
    """Return the folder of the bundled recordings.

    The folder that the environment variable ``AVTUTOR_DATA`` names; else ``data/`` of the
    checkout that the package runs from.

    Raises:
        ValueError: if there is no such folder with a ``manifest.csv`` in it.
    Lesson: 05_real_recordings

    >>> (bundled_root() / "manifest.csv").exists()
    True
    """
    checkout = Path(__file__).resolve().parents[2] / "data"
    named = os.environ.get(VARIABLE, "")
    root = Path(named).expanduser() if named else checkout
    if not (root / "manifest.csv").is_file():
        tried = f"{VARIABLE} names {root}" if named else f"{VARIABLE} is not set, and {root}"
        wrong = "which holds no manifest.csv" if named else "holds no manifest.csv"
        raise ValueError(
            f"the bundled recordings are not there: {tried}, {wrong}; set {VARIABLE} to the data "
            f"folder of a checkout (this package would look in {checkout})"
        )
    return root


@dataclass(frozen=True)
class Credit:
    """Who made a bundled file and on what terms it may be passed on; `path` is its place.

    Args:
        path: below `bundled_root()`, with forward slashes.
        author: who is credited for it.
        licence: an SPDX identifier, or ``LicenseRef-…`` with the text in the same folder.
        package: the public package that it was taken from, with its version.
        changes: what was done to it.
    """

    path: str
    author: str
    licence: str
    package: str
    changes: str


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file (UTF-8, with a header)."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_tables(name: str) -> list[tuple[Path, dict[str, str]]]:
    """Return the rows of every table of that name, each with the folder that it is about.

    Raises:
        ValueError: if no folder below `bundled_root()` holds such a table.
    """
    tables = sorted(bundled_root().glob(f"*/{name}.csv"))
    if not tables:
        raise ValueError(f"no table {name}.csv in any folder of {bundled_root()}")
    return [(table.parent, row) for table in tables for row in read_table(table)]


@cache
def _credits(root: Path) -> dict[str, Credit]:
    return {
        row["path"]: Credit(
            row["path"],
            row["author"],
            row["licence"],
            f"{row['package']} {row['version']}".strip(),
            row["changes"],
        )
        for row in read_table(root / "manifest.csv")
    }


def credit(path: Path | str) -> Credit:
    """Return author, licence and origin of a bundled file.

    Args:
        path: absolute, or relative to `bundled_root()`.
    Raises:
        ValueError: if the file is not one of the bundled ones.
    Lesson: 05_real_recordings

    >>> credit("asterisk/en_allison.opus").licence
    'CC-BY-SA-3.0'
    """
    root = bundled_root()
    given = Path(path)
    inside = given.relative_to(root) if given.is_relative_to(root) else given
    found = _credits(root).get(inside.as_posix())
    if found is None:
        raise ValueError(f"{path} is not in {root / 'manifest.csv'}")
    return found


def known(what: str, value: str | None, there: Iterable[str]) -> None:
    """Refuse a value that is not there, naming those that are; None stands for all.

    >>> known("animal", "unicorn", ["cow", "cat"])
    Traceback (most recent call last):
    ValueError: no animal 'unicorn'; there are cat, cow
    """
    names = sorted(set(there))
    if value is not None and value not in names:
        raise ValueError(f"no {what} {value!r}; there are {', '.join(names)}")
