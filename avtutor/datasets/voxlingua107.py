"""VoxLingua107: speech cut from videos, 107 languages, labelled by what the videos say of them."""

import re
from collections.abc import Sequence
from pathlib import Path

from avtutor.datasets.bundled import known
from avtutor.datasets.download import find_folder
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_VOXLINGUA107"
HOME = "https://bark.phon.ioc.ee/voxlingua107/"
_TITLE = "VoxLingua107"
# The name of a video has eleven characters; what may follow numbers a part of it.
_NAME = re.compile(r"([A-Za-z0-9_-]{11}).*---\d+\.\d+-\d+\.\d+\.wav")


def voxlingua107(
    root: Path | str | None = None,
    *,
    part: str | None = None,
    languages: Sequence[str] | None = None,
) -> tuple[Recording, ...]:
    """Return the recordings of VoxLingua107, 16 kHz mono.

    The label is the language, by the code that its folder has; the group is the video, the first
    eleven characters of a file's name. One person or one channel may be in several videos, which
    nothing here tells: a split by group is by video, not by voice. Labels of the training part
    were made from titles and descriptions, and some are wrong.

    Args:
        root: a folder with a sub-folder a language, and, for the part "dev", a folder ``dev``
            of the same layout. Default: the one that the environment variable
            ``AVTUTOR_VOXLINGUA107`` names.
        part: "train" or "dev"; default both, where both are there.
        languages: codes of languages; default all that have a folder.
    Raises:
        ValueError: if it is nowhere, holds no sound, a file is named otherwise, or there is no
            such part or language.
    Source: Valk and Alumäe 2021, VoxLingua107: a dataset for spoken language recognition.

    >>> voxlingua107("no_such_folder")
    Traceback (most recent call last):
    ValueError: VoxLingua107: there is no folder no_such_folder
    """
    place = find_folder(root, title=_TITLE, variable=VARIABLE, home=HOME)
    known("part", part, ("train", "dev"))
    every = [
        said
        for name, folder in (("train", place), ("dev", place / "dev"))
        if part in (None, name)
        for path in sorted(folder.glob("*/*.wav"))
        for said in [_recording(path, name)]
    ]
    if not every:
        raise ValueError(f"{_TITLE}: no sound file in the folders of {place}")
    for language in languages or ():
        known("language", language, (said.label for said in every))
    return tuple(said for said in every if languages is None or said.label in languages)


def _recording(path: Path, part: str) -> Recording:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise ValueError(f"{_TITLE}: files must be named video---start-end.wav, got {path}")
    return Recording(path.parent.name, named.group(1), part, path)
