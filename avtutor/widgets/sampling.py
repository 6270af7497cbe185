"""SamplingExplorer: a sound before and after sampling and rounding."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import traitlets
from jaxtyping import Float

from avtutor.resample import resample
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
from avtutor.widgets.still import sampling_still

TONE = "a tone"
TONE_RATE = 48_000
TONE_START = 4096
"""Where the page begins to look at a tone: the filter sees the tone on both sides there."""
SEED = 1
N_FFT = 4096
N_SEGMENTS = 8
REGION = N_FFT + (N_SEGMENTS - 1) * (N_FFT // 2)
"""The samples that are looked at: eight halfway overlapping stretches of 4096."""
EVERY = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48)
LIMITS = {"level_db": (-96, 0), "bits": (0, 16)}


@dataclass(frozen=True)
class Sampled:
    """What sampling made of a sound: kept values, rounded values, both spectra.

    The spectra are in dB of a full-scale sine, at frequencies ``k * sample_rate / 4096``, where
    `sample_rate` is the one before. `snr` is kept over rounding error, in dB.
    """

    kept: Float[np.ndarray, " time"]
    out: Float[np.ndarray, " time"]
    before: Float[np.ndarray, " freq"]
    after: Float[np.ndarray, " freq"]
    snr: float


def random_numbers(seed: int, first: int, count: int) -> Float[np.ndarray, " time"]:
    """Return numbers `first` to ``first + count`` of a fixed row, evenly spread over [0, 1).

    Source: mulberry32 (Tommy Ettinger), which counts: any number can be had without the others.

    >>> random_numbers(1, 0, 2).round(4).tolist()
    [0.6271, 0.0027]
    """
    place = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    t = ((seed + place * 0x6D2B79F5) & 0xFFFFFFFF).astype(np.uint32)
    t = (t ^ (t >> np.uint32(15))) * (t | np.uint32(1))
    t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
    numbers: np.ndarray = (t ^ (t >> np.uint32(14))).astype(np.float64) / 2**32
    return numbers


def quantise(
    samples: Float[np.ndarray, " time"], *, bits: int, dither: bool, seed: int = SEED, first: int = 0
) -> Float[np.ndarray, " time"]:
    """Return `samples` rounded to ``2 ** bits`` levels from -1 to one step below 1.

    Args:
        samples: sound in [-1, 1].
        bits: 1 to 16; 0 leaves the samples as they are.
        dither: add the difference of two random numbers (triangular, up to one step either way)
            before rounding.
        seed: of the random numbers.
        first: place of the first sample in its sound: a part gets the dither of the whole.
    Source: Lipshitz, Wannamaker and Vanderkooy 1992, Quantization and dither.
    Lesson: 01_what_is_sound

    >>> quantise(np.array([-1.0, 0.1, 0.4, 1.0]), bits=2, dither=False).tolist()
    [-1.0, 0.0, 0.5, 0.5]
    """
    if not bits:
        return samples.copy()
    step = 2.0 ** (1 - bits)
    noise: Any = 0.0
    if dither:
        pairs = random_numbers(seed, 2 * first, 2 * samples.size).reshape(-1, 2)
        noise = pairs[:, 0] - pairs[:, 1]
    rounded: np.ndarray = np.clip(step * np.floor(samples / step + noise + 0.5), -1.0, 1.0 - step)
    return rounded


def _mean_spectrum(samples: np.ndarray) -> np.ndarray:
    """Return the mean power of eight stretches under a Hann window, in dB of a full-scale sine."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    starts = np.arange(N_SEGMENTS) * (N_FFT // 2)
    frames = np.stack([samples[start : start + N_FFT] for start in starts]) * window
    power = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0) / (N_FFT / 4) ** 2
    levels: np.ndarray = 10 * np.log10(np.maximum(power, 1e-14))
    return levels


def compute(
    samples: Float[np.ndarray, " time"],
    *,
    keep_every: int,
    anti_alias: bool,
    bits: int,
    dither: bool,
    start: int = 0,
    seed: int = SEED,
) -> Sampled:
    """Return what the explorer shows of a sound, from sample `start` on.

    Both spectra are taken at the first rate: the kept samples stand where they were, with zeros
    between them, so that above half of the new rate the copies show which the output filter of a
    converter takes away. The page has the same function in JavaScript; a test holds them equal.

    Args:
        samples: sound in [-1, 1], float64.
        keep_every: keep one sample in so many.
        anti_alias: filter first, as `avtutor.resample` does.
        bits: round to ``2 ** bits`` levels; 0 does not round.
        dither: add noise before rounding, see `quantise`.
        start: where the part begins.
        seed: of the dither.
    Lesson: 01_what_is_sound

    >>> tone = np.sin(2 * np.pi * 5000 * np.arange(48000) / 48000)
    >>> result = compute(tone, keep_every=6, anti_alias=False, bits=0, dither=False)
    >>> int(result.after[: N_FFT // 12].argmax()) * 48000 // N_FFT  # 8000 - 5000, to a bin
    3000
    """
    first = -(-start // keep_every)
    last = -(-(start + REGION) // keep_every)
    if anti_alias:
        sound = torch.from_numpy(samples)
        every = resample(sound, from_rate=keep_every, to_rate=1).numpy()
    else:
        every = samples[::keep_every]
    kept = np.zeros(last - first)
    there = every[first:last]
    kept[: there.size] = there
    out = quantise(kept, bits=bits, dither=dither, seed=seed, first=first)
    before = np.zeros(REGION)
    part = samples[start : start + REGION]
    before[: part.size] = part
    after = np.zeros(REGION)
    after[np.arange(first, last) * keep_every - start] = out * keep_every
    error = float(((out - kept) ** 2).sum())
    signal = max(float((kept**2).sum()), 1e-30)
    snr = float("inf") if error == 0 else float(10 * np.log10(signal / error))
    return Sampled(kept, out, _mean_spectrum(before), _mean_spectrum(after), snr)


def alias_of(frequency: float, sample_rate: float) -> float:
    """Return where a frequency is heard after sampling without a filter, in Hz.

    Lesson: 01_what_is_sound

    >>> alias_of(5000.0, 8000.0)
    3000.0
    """
    return abs(frequency - sample_rate * round(frequency / sample_rate))


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
