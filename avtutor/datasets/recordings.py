"""What every data set of files gives: something to load, its label, and its group."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from avtutor.clip import Clip
from avtutor.media import read_audio, read_clip
from avtutor.waveform import Waveform


@runtime_checkable
class Item(Protocol):
    """One sound of a data set, decoded when asked for."""

    @property
    def label(self) -> str:
        """What is to be found: a digit, a word, a class."""
        ...

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: a voice or a recording."""
        ...

    def load(self) -> Waveform:
        """Return the sound."""
        ...


@dataclass(frozen=True)
class Recording:
    """One sound file of a data set.

    Args:
        label: what is to be found, such as the word that is said.
        group: what a fair split keeps on one side: the voice, or the longer recording that the
            file was cut from.
        part: where the makers of the data set put it ("train", "test", the number of a fold), or
            "" where they did not divide it.
        path: the sound file.
    """

    label: str
    group: str
    part: str
    path: Path = field(repr=False)

    def load(self) -> Waveform:
        """Return the sound, with the rate and the channels of its file.

        Raises:
            MediaError: if the file cannot be read.
        """
        return read_audio(self.path)


@dataclass(frozen=True)
class VideoFile:
    """One video file of a data set.

    Args:
        label: what is to be found.
        group: what a fair split keeps on one side: the person, or the longer film that the file
            was cut from.
        part: as for `Recording`.
        path: the file.
    """

    label: str
    group: str
    part: str
    path: Path = field(repr=False)

    def load(
        self, *, start: float = 0.0, end: float | None = None, max_height: int | None = None
    ) -> Clip:
        """Return the clip, or a part of it, smaller if `max_height` says so (see `read_clip`).

        Raises:
            MediaError: if the file cannot be read.
        """
        return read_clip(self.path, start=start, end=end, max_height=max_height)
