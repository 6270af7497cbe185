"""Files that a table lists: they must be there before anything is trained on them."""

import os
from collections.abc import Sequence
from pathlib import Path

from avtutor.datasets.recordings import Recording


def all_there(recordings: Sequence[Recording], *, title: str) -> None:
    """Refuse recordings whose file is not there, naming the first of them.

    Each folder is listed once: a data set of a million clips is not a million questions.

    Args:
        recordings: what a table lists.
        title: of the data set, for the message.
    Raises:
        ValueError: if there are none, or one or more of the files is missing.

    >>> all_there((), title="Common Voice")
    Traceback (most recent call last):
    ValueError: Common Voice: the tables list no recording
    """
    if not recordings:
        raise ValueError(f"{title}: the tables list no recording")
    names: dict[Path, set[str]] = {}
    for folder in {said.path.parent for said in recordings}:
        names[folder] = set(os.listdir(folder)) if folder.is_dir() else set()
    missing = [said.path for said in recordings if said.path.name not in names[said.path.parent]]
    if missing:
        shown = ", ".join(str(path) for path in missing[:3]) + (", …" if len(missing) > 3 else "")
        raise ValueError(
            f"{title}: {len(missing)} of {len(recordings)} listed files are missing: {shown}"
        )
