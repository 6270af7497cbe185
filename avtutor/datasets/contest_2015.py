"""The contest of 2015, Spoken Languages 2: 176 languages, 66,176 clips of ten seconds."""

import csv
from collections.abc import Sequence
from pathlib import Path

from avtutor.datasets.bundled import known
from avtutor.datasets.download import find_folder
from avtutor.datasets.listed import all_there
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_CONTEST_2015"
HOME = "https://www.topcoder.com/challenges/16555"
TABLE = "trainingData.csv"
_TITLE = "Contest of 2015"


def contest_2015(
    root: Path | str | None = None, *, languages: Sequence[str] | None = None
) -> tuple[Recording, ...]:
    """Return the training recordings of the contest, in the order of its table.

    The label is the language. Speakers are not labelled, so that each clip is a group by
    itself: `audit_split` passes every split of these groups, and yet *no split of them is known
    to keep voices apart*.

    Args:
        root: a folder with ``trainingData.csv`` (a header, then lines "file.mp3,language"), and
            the files beside it or in ``mp3/``. Default: the one that the environment variable
            ``AVTUTOR_CONTEST_2015`` names.
        languages: names of languages; default all.
    Raises:
        ValueError: if it is nowhere, the table or a listed file is missing, a line is not of two
            fields, or there is no such language.
    Source: Topcoder 2015, Spoken Languages 2, problem statement.

    >>> contest_2015("no_such_folder")
    Traceback (most recent call last):
    ValueError: Contest of 2015: there is no folder no_such_folder
    """
    place = find_folder(root, title=_TITLE, variable=VARIABLE, home=HOME)
    table = place / TABLE
    if not table.is_file():
        raise ValueError(f"{_TITLE}: there is no {TABLE} in {place}")
    sounds = place / "mp3" if (place / "mp3").is_dir() else place
    every = []
    with table.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines, None)
        for line in lines:
            if not line:
                continue
            name, *rest = (field.strip() for field in line)
            if not name or len(rest) != 1 or not rest[0]:
                raise ValueError(
                    f"{_TITLE}: line {lines.line_num} of {table} must be file,language, "
                    f"got {','.join(line)}"
                )
            every.append(Recording(rest[0], name, "", sounds / name))
    all_there(every, title=_TITLE)
    for language in languages or ():
        known("language", language, (said.label for said in every))
    return tuple(said for said in every if languages is None or said.label in languages)
