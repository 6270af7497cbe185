"""What sampling and rounding do to a sound, in numbers: the twin of what the page computes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from avtutor.resample import resample

SEED = 1
N_FFT = 4096
N_SEGMENTS = 8
REGION = N_FFT + (N_SEGMENTS - 1) * (N_FFT // 2)
"""The samples that are looked at: eight halfway overlapping stretches of 4096."""


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
