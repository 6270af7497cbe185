"""The calls of ten animals, each in several independent recordings."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.media import read_audio
from avtutor.waveform import Waveform


@dataclass(frozen=True)
class Call:
    """One recording of an animal.

    Args:
        animal: what is heard, such as "cow".
        recording: the group that a fair split keeps on one side.
        path: the sound file.
    """

    animal: str
    recording: str
    path: Path = field(repr=False)

    @property
    def label(self) -> str:
        """What is to be found: the animal."""
        return self.animal

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the recording."""
        return self.recording

    def load(self) -> Waveform:
        """Return the sound, with the rate and the channels of its file.

        Raises:
            MediaError: if the file cannot be read.
        """
        return read_audio(self.path)


@cache
def _every_call(root: Path) -> tuple[Call, ...]:
    return tuple(
        Call(row["animal"], row["recording"], folder / row["file"])
        for folder, row in read_tables("calls")
    )


def calls(*, animal: str | None = None) -> tuple[Call, ...]:
    """Return the recordings of animals, all or those of one animal.

    Windows cut from one recording are no independent examples: split by `Call.group`.

    Raises:
        ValueError: if there is no such animal.
    Lesson: 05_real_recordings

    >>> len(calls(animal="cow"))
    4
    """
    every = _every_call(bundled_root())
    known("animal", animal, (call.animal for call in every))
    return tuple(call for call in every if animal in (None, call.animal))
