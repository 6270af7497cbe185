"""The Free Spoken Digit Dataset: 0 to 9 in English, some voices, fifty times each."""

import re
from pathlib import Path

from avtutor.datasets.bundled import known
from avtutor.datasets.download import Archive, find_folder
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_FSDD"
HOME = "https://github.com/Jakobovski/free-spoken-digit-dataset"
TEST_INDICES = range(5)
"""The indices of the official test side."""

# The release whose checksum TensorFlow Datasets publishes (audio/spoken_digit/checksums.tsv).
ARCHIVE = Archive(
    "fsdd-1.0.9",
    f"{HOME}/archive/v1.0.9.tar.gz",
    "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
)
_NAME = re.compile(r"(\d)_(.+)_(\d+)\.wav")


def _recordings_below(root: Path) -> Path:
    """Return the folder of the sound files: `root`, its ``recordings``, or that of a release."""
    for folder in (root / "recordings", *sorted(root.glob("*/recordings")), root):
        if next(folder.glob("*.wav"), None) is not None:
            return folder
    raise ValueError(f"FSDD: no sound file in {root} or in a folder 'recordings' in it")


def fsdd(
    root: Path | str | None = None,
    *,
    part: str | None = None,
    speaker: str | None = None,
    download: bool = False,
) -> tuple[Recording, ...]:
    """Return the spoken digits of the Free Spoken Digit Dataset, 8 kHz mono, in order of name.

    The label is the digit, the group the voice. The official division, "test" for the indices 0
    to 4 of each voice and digit and "train" for the others, has every voice on both sides. For
    voices never heard use `leave_one_group_out`.

    What is downloaded is release 1.0.9 (12 MB); later ones have more voices, and are got by
    ``git clone``. Licence CC BY-SA 4.0.

    Args:
        root: a folder that holds ``recordings/0_jackson_0.wav`` and so on. Default: the one that
            the environment variable ``AVTUTOR_FSDD`` names, else the one downloaded before.
        part: "train" or "test"; default both.
        speaker: the name of one voice; default all.
        download: fetch it if it is nowhere.
    Raises:
        ValueError: if it is nowhere, the folder is empty or holds something else, or there is no
            such part or speaker.
        ConnectionError: if it cannot be downloaded.
    Source: Jackson et al., https://github.com/Jakobovski/free-spoken-digit-dataset
    Lesson: 05_real_recordings

    >>> fsdd("no_such_folder")
    Traceback (most recent call last):
    ValueError: FSDD: there is no folder no_such_folder
    """
    place = find_folder(
        root, title="FSDD", variable=VARIABLE, archive=ARCHIVE, download=download, home=HOME
    )
    folder = _recordings_below(place)
    every, strange = [], []
    for path in sorted(folder.glob("*.wav")):
        parts = _NAME.fullmatch(path.name)
        if parts is None:
            strange.append(path.name)
            continue
        digit, voice, index = parts.groups()
        side = "test" if int(index) in TEST_INDICES else "train"
        every.append(Recording(digit, voice, side, path))
    if strange:
        raise ValueError(
            f"FSDD: files must be named digit_speaker_index.wav, got {', '.join(strange[:5])}"
            f"{f' and {len(strange) - 5} more' if len(strange) > 5 else ''} in {folder}"
        )
    known("part", part, ("train", "test"))
    known("speaker", speaker, (said.group for said in every))
    return tuple(
        said for said in every if part in (None, said.part) and speaker in (None, said.group)
    )
