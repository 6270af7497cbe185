"""The names of the pictures, said aloud in four languages."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.datasets.decoded import load_part
from avtutor.datasets.stamps import Stamp, stamp
from avtutor.waveform import Waveform


@dataclass(frozen=True)
class SpokenName:
    """What one picture shows, said by one voice.

    Args:
        language: ISO 639-1 code.
        speaker: the name of the voice.
        key: the key of the stamp that is named.
        text: what is said, in its own script.
        path: the sound file.
        start: where it begins in the file, in seconds.
        end: where it ends in the file, in seconds.
        source: the file that it was taken from, inside the package that holds it.
    """

    language: str
    speaker: str
    key: str
    text: str
    path: Path = field(repr=False)
    start: float = field(repr=False)
    end: float = field(repr=False)
    source: str = field(repr=False)

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return self.end - self.start

    @property
    def group(self) -> str:
        """What a fair split by voice keeps on one side; a split by picture goes by `key`."""
        return self.speaker

    @property
    def stamp(self) -> Stamp:
        """The stamp that is named."""
        return stamp(self.key)

    def load(self) -> Waveform:
        """Return the sound, mono at 16 kHz.

        Raises:
            MediaError: if the file cannot be read.
        """
        return load_part(self.path, self.start, self.end)


@cache
def _every_name(root: Path) -> tuple[SpokenName, ...]:
    return tuple(
        SpokenName(
            row["language"],
            row["speaker"],
            row["stamp"],
            row["text"],
            folder / row["file"],
            float(row["start"]),
            float(row["end"]),
            row["source"],
        )
        for folder, row in read_tables("names")
    )


def names(*, language: str | None = None) -> tuple[SpokenName, ...]:
    """Return the spoken names, all or those of one language; the same pictures in each.

    Raises:
        ValueError: if there is no such language.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> lion = next(name for name in names(language="es") if name.key.endswith("cats/lion"))
    >>> lion.text, lion.stamp.name
    ('Un león.', 'A lion.')
    """
    every = _every_name(bundled_root())
    known("language", language, (name.language for name in every))
    return tuple(name for name in every if language in (None, name.language))
