"""The digits 0 to 9 by speech synthesisers: many voices, and nobody spoke any of it."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.datasets.decoded import load_part
from avtutor.waveform import Waveform


@dataclass(frozen=True)
class SyntheticDigit:
    """One digit rendered by a speech synthesiser, in one of its voices.

    Args:
        digit: 0 to 9.
        language: ISO 639-1 code.
        speaker: the name of the synthetic voice; the same in every language that it speaks.
        take: 0, 1, …: the same voice and digit with another rate, pitch and intonation.
        engine: the synthesiser: ``"espeak"`` (eSpeak NG) or ``"pico"``.
        path: the sound file.
        start: where it begins in the file, in seconds.
        end: where it ends in the file, in seconds.
    """

    digit: int
    language: str
    speaker: str
    take: int
    engine: str
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
def _every_digit(root: Path) -> tuple[SyntheticDigit, ...]:
    return tuple(
        SyntheticDigit(
            int(row["digit"]),
            row["language"],
            row["speaker"],
            int(row["take"]),
            folder.name,
            folder / row["file"],
            float(row["start"]),
            float(row["end"]),
        )
        for folder, row in read_tables("synthetic_digits")
    )


def synthetic_digits(
    *, engine: str = "espeak", language: str | None = None
) -> tuple[SyntheticDigit, ...]:
    """Return the synthetic spoken digits of one engine, all or those of one language.

    Not speech of people: eSpeak NG computes its sound from formants, Pico from statistics of one
    recorded voice a language. eSpeak's voices are variants of one synthesiser, most of them low;
    some of them sound like robots on purpose. Real digits are those of `spoken_digits`.

    Args:
        engine: ``"espeak"``: many voices in en, a part of them in es, fr, it, ru as well, two
            takes each; or ``"pico"``: two voices in en, one each in de, es, fr, it, none in ru.
        language: ISO 639-1 code; None for all.
    Raises:
        ValueError: if there is no such engine, or it has no such language.
    Lesson: 06_the_same_cnn

    >>> said = synthetic_digits(engine="pico", language="it")
    >>> sorted({one.digit for one in said})
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> {one.group for one in said}
    {'pico_it'}
    """
    every = _every_digit(bundled_root())
    known("engine", engine, (said.engine for said in every))
    of_engine = tuple(said for said in every if said.engine == engine)
    known("language", language, (said.language for said in of_engine))
    return tuple(said for said in of_engine if language in (None, said.language))
