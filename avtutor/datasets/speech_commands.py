"""Speech Commands: 35 English words, said by some 2,600 people."""

import re
from collections.abc import Sequence
from pathlib import Path

from avtutor.datasets.bundled import known
from avtutor.datasets.download import Archive, find_folder
from avtutor.datasets.recordings import Recording

VARIABLE = "AVTUTOR_SPEECH_COMMANDS"
# Address and checksum as in torchaudio 2.11, torchaudio/datasets/speechcommands.py.
ARCHIVE = Archive(
    "speech_commands_v0.02",
    "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
    "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
)
_LISTS = {"valid": "validation_list.txt", "test": "testing_list.txt"}
_NAME = re.compile(r"(.+)_nohash_\d+\.wav")


def speech_commands(
    root: Path | str | None = None,
    *,
    part: str | None = None,
    words: Sequence[str] | None = None,
    download: bool = False,
) -> tuple[Recording, ...]:
    """Return the recordings of Speech Commands (version 2), at most a second each at 16 kHz.

    The label is the word, the group the person: a code in the name of the file. The official
    parts "train", "valid" and "test" share no person. The folder ``_background_noise_`` is left
    out. The archive has 2.4 GB; licence CC BY 4.0.

    Args:
        root: a folder with one sub-folder a word, ``validation_list.txt`` and
            ``testing_list.txt``. Default: the one that the environment variable
            ``AVTUTOR_SPEECH_COMMANDS`` names, else the one downloaded before.
        part: "train", "valid" or "test"; default all.
        words: which words; default all.
        download: fetch it if it is nowhere.
    Raises:
        ValueError: if it is nowhere, the folder is empty or holds something else, or there is no
            such part or word.
        ConnectionError: if it cannot be downloaded.
    Source: Warden 2018, Speech Commands: a dataset for limited-vocabulary speech recognition.

    >>> speech_commands("no_such_folder")
    Traceback (most recent call last):
    ValueError: Speech Commands: there is no folder no_such_folder
    """
    place = find_folder(
        root,
        title="Speech Commands",
        variable=VARIABLE,
        archive=ARCHIVE,
        download=download,
        home=ARCHIVE.url,
    )
    known("part", part, ("train", *_LISTS))
    part_of: dict[str, str] = {}
    for name, file in _LISTS.items():
        if not (place / file).is_file():
            raise ValueError(f"Speech Commands: there is no {file} in {place}")
        lines = (place / file).read_text(encoding="utf-8").split()
        part_of.update((line, name) for line in lines)
    folders = {
        folder.name: folder
        for folder in sorted(place.iterdir())
        if folder.is_dir() and not folder.name.startswith(("_", "."))
    }
    for word in words or ():
        known("word", word, folders)
    every = []
    for word, folder in folders.items():
        if words is not None and word not in words:
            continue
        for path in sorted(folder.glob("*.wav")):
            parts = _NAME.fullmatch(path.name)
            if parts is None:
                raise ValueError(
                    f"Speech Commands: files must be named person_nohash_number.wav, got {path}"
                )
            side = part_of.get(f"{word}/{path.name}", "train")
            every.append(Recording(word, parts.group(1), side, path))
    if not every:
        raise ValueError(f"Speech Commands: no sound file in the folders of {place}")
    return tuple(said for said in every if part in (None, said.part))
