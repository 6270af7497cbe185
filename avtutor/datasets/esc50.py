"""ESC-50: fifty kinds of sounds from everyday life, forty clips of five seconds each."""

from pathlib import Path

from avtutor.datasets.bundled import known, read_table
from avtutor.datasets.download import find_folder
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_ESC50"
HOME = "https://github.com/karolpiczak/ESC-50"
_COLUMNS = {"filename", "fold", "category", "src_file"}


def esc50(root: Path | str | None = None, *, fold: int | None = None) -> tuple[Recording, ...]:
    """Return the clips of ESC-50, 44.1 kHz mono, in the order of its table.

    The label is the kind of sound ("dog"), the group the recording on Freesound that the clip
    was cut from, and `Recording.part` the fold, "1" to "5": results are compared as the mean
    over five trainings, each fold tested once. No group is in two folds.

    There is no release with a published checksum, so it is not downloaded here: clone
    https://github.com/karolpiczak/ESC-50 (600 MB). Licence CC BY-NC 3.0, not for commercial use.

    Args:
        root: a folder with ``meta/esc50.csv`` and ``audio/``. Default: the one that the
            environment variable ``AVTUTOR_ESC50`` names.
        fold: 1 to 5; default all.
    Raises:
        ValueError: if it is nowhere, the folder holds something else, files of the table are
            missing, or there is no such fold.
    Source: Piczak 2015, ESC: dataset for environmental sound classification.

    >>> esc50("no_such_folder")
    Traceback (most recent call last):
    ValueError: ESC-50: there is no folder no_such_folder
    """
    place = find_folder(root, title="ESC-50", variable=VARIABLE, home=HOME)
    table = place / "meta" / "esc50.csv"
    if not table.is_file():
        raise ValueError(f"ESC-50: there is no meta/esc50.csv in {place}")
    rows = read_table(table)
    if not rows or not rows[0].keys() >= _COLUMNS:
        got = ", ".join(rows[0]) if rows else "no rows"
        raise ValueError(f"ESC-50: {table} needs {', '.join(sorted(_COLUMNS))}, got {got}")
    every = [
        Recording(row["category"], row["src_file"], row["fold"], place / "audio" / row["filename"])
        for row in rows
    ]
    missing = [clip.path.name for clip in every if not clip.path.is_file()]
    if missing:
        raise ValueError(
            f"ESC-50: {len(missing)} of {len(every)} files are not in {place / 'audio'}: "
            f"{', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}"
        )
    known("fold", None if fold is None else str(fold), (clip.part for clip in every))
    return tuple(clip for clip in every if fold is None or clip.part == str(fold))
