"""Common Voice: sentences read by volunteers into their own microphones, a folder a language."""

import csv
from collections.abc import Sequence
from pathlib import Path

from avtutor.datasets.bundled import known
from avtutor.datasets.download import find_folder
from avtutor.datasets.listed import all_there
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_COMMON_VOICE"
HOME = "https://commonvoice.mozilla.org/datasets"
PARTS = ("train", "dev", "test")
_TITLE = "Common Voice"


def common_voice(
    root: Path | str | None = None,
    *,
    part: str | None = None,
    languages: Sequence[str] | None = None,
) -> tuple[Recording, ...]:
    """Return the recordings of Common Voice, as MP3 of whatever rate each was stored with.

    The label is the language, by the code that its folder has ("fy-NL"); the group is the
    `client_id`: one person at one account, so that one person with two accounts is two groups.
    `Recording.part` is the table that lists the clip: "train", "dev" or "test".

    Args:
        root: a folder with a sub-folder a language, each with ``train.tsv``, ``dev.tsv``,
            ``test.tsv`` and ``clips/``. Default: the one that the environment variable
            ``AVTUTOR_COMMON_VOICE`` names.
        part: "train", "dev" or "test"; default all three.
        languages: codes of languages; default all that have a folder.
    Raises:
        ValueError: if it is nowhere, holds no language, a table or a column or a listed clip is
            missing, or there is no such part or language.
    Source: Ardila et al. 2020, Common Voice: a massively-multilingual speech corpus.

    >>> common_voice("no_such_folder")
    Traceback (most recent call last):
    ValueError: Common Voice: there is no folder no_such_folder
    """
    place = find_folder(root, title=_TITLE, variable=VARIABLE, home=HOME)
    known("part", part, PARTS)
    there = sorted(folder.parent.name for folder in place.glob("*/clips") if folder.is_dir())
    if not there:
        raise ValueError(f"{_TITLE}: {place} must hold a folder a language with clips/, got none")
    for language in languages or ():
        known("language", language, there)
    every = tuple(
        said
        for language in there
        if languages is None or language in languages
        for name in PARTS
        if part in (None, name)
        for said in _table(place / language, name)
    )
    all_there(every, title=_TITLE)
    return every


def _table(folder: Path, part: str) -> list[Recording]:
    """Return the clips of one table. Sentences hold single quotation marks: none is special."""
    table = folder / f"{part}.tsv"
    if not table.is_file():
        raise ValueError(f"{_TITLE}: there is no {part}.tsv in {folder}")
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        columns = reader.fieldnames or ()
        if not {"client_id", "path"} <= set(columns):
            got = ", ".join(columns) or "no columns"
            raise ValueError(f"{_TITLE}: {table} needs client_id, path, got {got}")
        rows = list(reader)
    return [
        Recording(folder.name, row["client_id"], part, folder / "clips" / row["path"])
        for row in rows
    ]
