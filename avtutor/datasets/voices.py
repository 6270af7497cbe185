"""Real speech: several languages, several voices in each, cut into utterances."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.datasets.decoded import RATE, load_part, read_decoded
from avtutor.waveform import Waveform

EVERY = 4
"""One utterance in so many of each voice belongs to the part "test"."""


@dataclass(frozen=True)
class Utterance:
    """One thing that one voice says: a stretch of a file, decoded when asked for.

    Args:
        language: ISO 639-1 code, such as "es".
        speaker: the name of the voice. A person credited in two languages has one name.
        text: what is said, or "" where the source does not tell.
        path: the sound file.
        start: where it begins in the file, in seconds.
        end: where it ends in the file, in seconds.
        source: the file that it was taken from, inside the package that holds it.
        part: "train" or "test": every fourth utterance of a voice is "test".
    """

    language: str
    speaker: str
    text: str
    path: Path = field(repr=False)
    start: float
    end: float
    source: str
    part: str

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return self.end - self.start

    @property
    def first_sample(self) -> int:
        """Where it begins in the file, in samples."""
        return round(self.start * RATE)

    @property
    def label(self) -> str:
        """What is to be found: the language."""
        return self.language

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the voice."""
        return self.speaker

    @property
    def channel(self) -> str:
        """The folder that it comes from: one way of recording, one studio or telephone."""
        return self.path.parent.name

    def load(self) -> Waveform:
        """Return the sound, mono at 16 kHz.

        Raises:
            MediaError: if the file cannot be read.
        """
        return load_part(self.path, self.start, self.end)


@dataclass(frozen=True)
class Window:
    """A stretch of one voice of a given length: pieces of utterances that follow each other.

    Args:
        language: ISO 639-1 code.
        speaker: the name of the voice.
        pieces: each an utterance with the first sample taken of it and the one after the last.
    """

    language: str
    speaker: str
    pieces: tuple[tuple[Utterance, int, int], ...] = field(repr=False)

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return sum(last - first for _, first, last in self.pieces) / RATE

    @property
    def label(self) -> str:
        """What is to be found: the language."""
        return self.language

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the voice."""
        return self.speaker

    def samples(self) -> Float[Tensor, " time"]:
        """Return the samples at 16 kHz; all windows of one call of `windows` have equally many.

        Raises:
            MediaError: if a file cannot be read.
        """
        return torch.cat(
            [
                read_decoded(said.path, said.first_sample + first, said.first_sample + last)
                for said, first, last in self.pieces
            ]
        )

    def load(self) -> Waveform:
        """Return the sound, mono at 16 kHz.

        Raises:
            MediaError: if a file cannot be read.
        """
        return Waveform.from_mono(self.samples(), RATE)


@cache
def _every_utterance(root: Path) -> tuple[Utterance, ...]:
    counts: dict[tuple[str, str, str], int] = {}
    found = []
    for folder, row in read_tables("voices"):
        voice = (row["language"], row["speaker"], row["file"])
        counts[voice] = counts.get(voice, 0) + 1
        found.append(
            Utterance(
                row["language"],
                row["speaker"],
                row["text"],
                folder / row["file"],
                float(row["start"]),
                float(row["end"]),
                row["source"],
                "test" if counts[voice] % EVERY == 0 else "train",
            )
        )
    return tuple(found)


def voices(
    *,
    language: str | None = None,
    speaker: str | None = None,
    part: Literal["train", "test"] | None = None,
) -> tuple[Utterance, ...]:
    """Return the bundled utterances, all or those of one language, voice or part.

    ``part`` divides each voice by utterance: what is tested was never heard in training, but
    the voice was. For voices never heard, choose by ``speaker``.

    Raises:
        ValueError: if there is no such language, speaker or part, or no such voice in it.
    Lesson: 00_start_here

    >>> spoken = voices(language="es", speaker="allison", part="test")
    >>> spoken[0].load().sample_rate
    16000
    >>> voices(language="xx")
    Traceback (most recent call last):
    ValueError: no language 'xx'; there are cs, en, es, fr, it, nl, ru
    """
    every = _every_utterance(bundled_root())
    known("language", language, (said.language for said in every))
    known("part", part, ("train", "test"))
    found = [said for said in every if language in (None, said.language)]
    inside = "" if language is None else f" in {language!r}"
    if speaker is not None and speaker not in {said.speaker for said in found}:
        names = ", ".join(sorted({said.speaker for said in found}))
        raise ValueError(f"no speaker {speaker!r}{inside}; there are {names}")
    return tuple(
        said for said in found if speaker in (None, said.speaker) and part in (None, said.part)
    )


def speakers(*, language: str | None = None) -> tuple[str, ...]:
    """Return the names of the voices, all or those of one language, in alphabetical order.

    Raises:
        ValueError: if there is no such language.
    Lesson: 05_real_recordings

    >>> "allison" in speakers(language="en") and "allison" in speakers(language="es")
    True
    """
    return tuple(sorted({said.speaker for said in voices(language=language)}))


def windows(utterances: Sequence[Utterance], *, seconds: float) -> tuple[Window, ...]:
    """Cut utterances into windows of equal length, without overlap.

    The utterances of each voice and language are put one after the other, in the order given,
    and cut every ``seconds``; the rest at the end is left out. A window lies inside the
    utterances it is given, so windows of "train" and "test" share nothing.

    Raises:
        ValueError: if ``seconds`` is not above 0, or no voice has as many seconds.
    Lesson: 00_start_here

    >>> three = windows(voices(language="it", speaker="carlo", part="train"), seconds=3.0)
    >>> three[0].load().n_samples
    48000
    """
    if not seconds * RATE >= 1:
        raise ValueError(f"seconds must be at least one sample (1/{RATE}), got {seconds}")
    length = round(seconds * RATE)
    queues: dict[tuple[str, str], list[Utterance]] = {}
    for said in utterances:
        queues.setdefault((said.language, said.speaker), []).append(said)
    found = []
    for (language, speaker), queue in queues.items():
        pieces: list[tuple[Utterance, int, int]] = []
        missing = length
        for said in queue:
            first, total = 0, round(said.duration * RATE)
            while first < total:
                last = min(total, first + missing)
                pieces.append((said, first, last))
                missing -= last - first
                first = last
                if missing == 0:
                    found.append(Window(language, speaker, tuple(pieces)))
                    pieces, missing = [], length
    if not found:
        raise ValueError(f"no voice among the {len(utterances)} utterances has {seconds:g} s")
    return tuple(found)


def stack(chosen: Sequence[Window]) -> Float[Tensor, "item time"]:
    """Return the sounds of windows of one length as one tensor, at 16 kHz.

    Raises:
        ValueError: if there are none, or their lengths differ.
        MediaError: if a file cannot be read.
    Lesson: 00_start_here

    >>> few = windows(voices(language="ru", speaker="ivrvoice", part="test"), seconds=2.0)
    >>> stack(few[:5]).shape
    torch.Size([5, 32000])
    """
    lengths = sorted({window.duration for window in chosen})
    if len(lengths) != 1:
        got = ", ".join(f"{length:g} s" for length in lengths) or "no windows"
        raise ValueError(f"windows must have one length, got {got}")
    return torch.stack([window.samples() for window in chosen])
