"""SamplingExplorer: a sound before and after sampling and rounding."""

from typing import Any

import numpy as np
import traitlets

from avtutor.waveform import Waveform
from avtutor.widgets.base import (
    Explorer,
    Recordings,
    one_of,
    pack_sounds,
    page_script,
    page_style,
    read_recordings,
    within,
)
from avtutor.widgets.sampled import REGION, Sampled, alias_of, compute, quantise
from avtutor.widgets.still import sampling_still

__all__ = ["SamplingExplorer", "alias_of", "compute", "quantise"]

TONE = "a tone"
TONE_RATE = 48_000
TONE_START = 4096
"""Where the page begins to look at a tone: the filter sees the tone on both sides there."""
EVERY = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48)
LIMITS = {"level_db": (-96, 0), "bits": (0, 16)}


class SamplingExplorer(Explorer):
    """Sample a tone or a recording more coarsely, and hear and see what becomes of it.

    Everything is computed in the page, so it also works without a kernel. Levels are never
    evened out; what is heard after is joined up again at the first rate.

    Args:
        recordings: None for a tone alone; a Waveform, the path of a sound file, or a dict of them
            by name, to choose from besides the tone. The first of them is shown.
        frequency: of the tone in Hz, which is sampled at 48 kHz before.
        level_db: peak of the tone in dB of full scale, -96 to 0.
        keep_every: keep one sample in 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32 or 48.
        anti_alias: filter before keeping.
        bits: round to ``2 ** bits`` levels, up to 16; 0 does not round.
        dither: add triangular noise before rounding.
    Raises:
        ValueError: if a recording cannot be shown, or a setting lies outside its range.
    Lesson: 01_what_is_sound

    >>> explorer = SamplingExplorer(frequency=5000.0, keep_every=6)
    >>> explorer.bits = 8
    """

    _esm = page_script("sampling")
    _css = page_style()

    source = traitlets.Unicode().tag(sync=True)
    frequency = traitlets.Float(1000.0).tag(sync=True)
    level_db = traitlets.Int(-12).tag(sync=True)
    keep_every = traitlets.Int(1).tag(sync=True)
    anti_alias = traitlets.Bool(False).tag(sync=True)
    bits = traitlets.Int(0).tag(sync=True)
    dither = traitlets.Bool(False).tag(sync=True)

    face = "sampling"
    settings = (
        "source", "frequency", "level_db", "keep_every", "anti_alias", "bits", "dither",
    )  # fmt: skip

    def __init__(
        self,
        recordings: Recordings | None = None,
        *,
        frequency: float = 1000.0,
        level_db: int = -12,
        keep_every: int = 1,
        anti_alias: bool = False,
        bits: int = 0,
        dither: bool = False,
    ) -> None:
        sounds: dict[str, Waveform] = {} if recordings is None else read_recordings(recordings)
        if TONE in sounds:
            raise ValueError(f"the name {TONE!r} is taken by the tone, got a recording of that name")
        entries, block = pack_sounds(sounds)
        super().__init__(
            sounds=entries,
            sound=block,
            source=next(iter(sounds), TONE),
            frequency=frequency,
            level_db=level_db,
            keep_every=keep_every,
            anti_alias=anti_alias,
            bits=bits,
            dither=dither,
        )

    def _now(self) -> tuple[Sampled, int]:
        """Return what the page shows at first, and the rate before."""
        start = 0
        if self.source == TONE:
            rate, start = TONE_RATE, TONE_START
            turn = 2 * np.pi * self.frequency / rate
            tone = np.sin(turn * np.arange(REGION + 2 * TONE_START))
            samples = 10 ** (self.level_db / 20) * tone
        else:
            rate, samples = self.sample_rate(self.source), self.samples(self.source)
            latest = max(0, samples.size - REGION)
            start = int(np.argmax(np.abs(samples[: latest + 1])))
        result = compute(
            samples,
            keep_every=self.keep_every,
            anti_alias=self.anti_alias,
            bits=self.bits,
            dither=self.dither,
            start=start,
        )
        return result, rate

    def still(self) -> bytes:
        """Return the two spectra as PNG."""
        result, rate = self._now()
        return sampling_still(
            result.before,
            result.after,
            sample_rate=float(rate),
            new_rate=rate / self.keep_every,
            title=self._title(rate),
        )

    def _title(self, rate: int) -> str:
        sound = f"{self.frequency:g} Hz" if self.source == TONE else self.source
        bits = f", {self.bits} bits" if self.bits else ""
        dither = " with dither" if self.bits and self.dither else ""
        alias = " with filter" if self.anti_alias else ""
        return f"{sound} · {rate:g} Hz to {rate / self.keep_every:g} Hz{alias}{bits}{dither}"

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        rate = TONE_RATE if self.source == TONE else self.sample_rate(self.source)
        return f"Spectra before (blue) and after (red) sampling: {self._title(rate)}"

    @traitlets.validate("source")
    def _check_source(self, proposal: dict[str, Any]) -> str:
        names = [TONE, *(str(entry["name"]) for entry in self.sounds)]
        return one_of("source", str(proposal["value"]), names)

    @traitlets.validate("frequency")
    def _check_frequency(self, proposal: dict[str, Any]) -> float:
        frequency = float(proposal["value"])
        if not 0 < frequency < TONE_RATE / 2:
            raise ValueError(f"frequency must be above 0 and below 24000 Hz, got {frequency:g}")
        return frequency

    @traitlets.validate("keep_every")
    def _check_keep_every(self, proposal: dict[str, Any]) -> int:
        return one_of("keep_every", int(proposal["value"]), EVERY)

    @traitlets.validate("level_db", "bits")
    def _check_number(self, proposal: dict[str, Any]) -> int:
        name = str(proposal["trait"].name)
        return within(name, int(proposal["value"]), *LIMITS[name])
