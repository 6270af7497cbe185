"""The digits 0 to 9 said once each by real people: few, so for testing rather than training."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.datasets.decoded import load_part
from avtutor.waveform import Waveform


@dataclass(frozen=True)
class SpokenDigit:
    """One digit said by one voice.

    Args:
        digit: 0 to 9.
        language: ISO 639-1 code (with a region for "en_GB" and "zh_tw").
        speaker: the name of the voice.
        path: the sound file.
        start: where it begins in the file, in seconds.
        end: where it ends in the file, in seconds.
    """

    digit: int
    language: str
    speaker: str
    path: Path = field(repr=False)
    start: float = field(repr=False)
    end: float = field(repr=False)

    @property
    def label(self) -> str:
        """The digit as text."""
        return str(self.digit)

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the voice."""
        return self.speaker

    def load(self) -> Waveform:
        """Return the sound, mono at 16 kHz.

        Raises:
            MediaError: if the file cannot be read.
        """
        return load_part(self.path, self.start, self.end)


@cache
def _every_digit(root: Path) -> tuple[SpokenDigit, ...]:
    return tuple(
        SpokenDigit(
            int(row["digit"]),
            row["language"],
            row["speaker"],
            folder / row["file"],
            float(row["start"]),
            float(row["end"]),
        )
        for folder, row in read_tables("digits")
    )


def spoken_digits(*, language: str | None = None) -> tuple[SpokenDigit, ...]:
    """Return the real spoken digits, all or those of one language.

    Raises:
        ValueError: if there is no such language.
    Lesson: 06_the_same_cnn

    >>> sorted(said.digit for said in spoken_digits(language="ko"))
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    every = _every_digit(bundled_root())
    known("language", language, (said.language for said in every))
    return tuple(said for said in every if language in (None, said.language))
