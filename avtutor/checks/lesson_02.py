"""The graders of lesson 02."""

import math

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


def _turns(n: int, k: int, *, first: int = 0) -> Tensor:
    return 2 * math.pi * k * torch.arange(first, first + n, dtype=torch.float64) / n


def _noise(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, generator=generator, dtype=torch.float64)


@exercise("02.one_bin")
def one_bin(answer: Answer) -> str | None:
    samples, n, k = _noise(50, 1), 50, 7
    right = torch.fft.fft(samples)[k]
    later = (samples * torch.exp(-1j * _turns(n, k, first=1))).sum()
    return compare(
        answer(samples, k),
        right,
        what="X_k",
        slips={
            "you take the mean where the DFT takes the sum: X_k is n times larger": right / n,
            "only the cosine is there: the imaginary part, from the sine, is missing": right.real,
            "only the sine is there: the real part, from the cosine, is missing": right.imag,
            "this is the magnitude: X_k also has an angle, so keep it complex": right.abs(),
            "2π is missing: k turns are an angle of 2π k": (
                samples * torch.exp(-1j * _turns(n, k) / (2 * math.pi))
            ).sum(),
            "your first sample has index 1: the sum begins at t = 0": later,
            "this is bin k + 1: the bins are counted from 0": torch.fft.fft(samples)[k + 1],
        },
    ) or compare(
        answer(samples[:49], 0),
        torch.fft.fft(samples[:49])[0],
        what="X_0, the sum of the samples (49 of them),",
    )


@exercise("02.strongest_hz")
def strongest_hz(answer: Answer) -> str | None:
    n, rate, k = 1000, 8000, 150
    # The loud tone is a sine, so its bin is imaginary; the weak one is a cosine, and real.
    samples = 0.5 * torch.sin(_turns(n, k)) + 0.2 * torch.cos(_turns(n, 250))
    return compare(
        answer(samples, rate),
        k * rate / n,
        what="the frequency",
        slips={
            "this is the index of the bin: one bin is sample_rate / n Hz": k,
            "the sampling rate is missing: k / n is in turns a sample, not in Hz": k / n,
            "you divide by the number of bins (n // 2 + 1): the spacing is sample_rate / n": (
                k * rate / (n // 2 + 1)
            ),
            "you divide by n // 2: the spacing is sample_rate / n": k * rate / (n // 2),
            "you compare the real parts: a strong bin may be imaginary, so take abs() first": (
                250 * rate / n
            ),
            "this is one bin too high: the bins are counted from 0": (k + 1) * rate / n,
            "this is the number of samples in one turn: the frequency is the inverse": n / k,
        },
    ) or compare(
        answer(torch.cos(_turns(441, 20)), 44_100),
        2000.0,
        what="for 441 samples at 44 100 Hz, the frequency",
    )


@exercise("02.hann_spectrum")
def hann_spectrum(answer: Answer) -> str | None:
    samples, n = _noise(64, 2), 64
    shape = torch.hann_window(n, dtype=torch.float64)
    symmetric = torch.hann_window(n, periodic=False, dtype=torch.float64)
    plain, right = torch.fft.rfft(samples), torch.fft.rfft(samples * shape)
    bins = len(plain)
    after = "you apply the window after the FFT: that fades the frequencies, not the frame"
    return compare(
        answer(samples),
        right,
        what="the spectrum",
        slips={
            "the window is missing: this is the spectrum of the bare frame": plain,
            after: plain * torch.hann_window(bins, dtype=torch.float64),
            after + " (and it is the symmetric one)": plain
            * torch.hann_window(bins, periodic=False, dtype=torch.float64),
            after + "; its first half, at that": plain * shape[:bins],
            "your window is symmetric: for spectra take the periodic one, which ends a sample "
            "before its second zero": torch.fft.rfft(samples * symmetric),
            "the window is there twice": torch.fft.rfft(samples * shape**2),
            "this is a Hamming window: it does not go down to zero": torch.fft.rfft(
                samples * torch.hamming_window(n, dtype=torch.float64)
            ),
            "these are magnitudes: keep the spectrum complex": right.abs(),
            "these are all n bins: rfft leaves out the mirror images": torch.fft.fft(
                samples * shape
            ),
            "you scale by 2 / sum(window): the bare spectrum is asked for": 2 * right / shape.sum(),
        },
    )


@exercise("02.tone_level")
def tone_level(answer: Answer) -> str | None:
    n, amplitude = 1000, 0.3
    samples = amplitude * torch.sin(_turns(n, 100) + 0.4)
    shape = torch.blackman_window(n, dtype=torch.float64)
    bare = float(torch.fft.rfft(samples * shape).abs().max())
    total = float(shape.sum())

    def level(value: float) -> float:
        return 20 * math.log10(value)

    return compare(
        answer(samples, shape),
        level(amplitude),
        what="the level",
        rtol=1e-3,
        slips={
            "the factor 2 / sum(window) is missing: |X_k| grows with the frame": level(bare),
            "half of the tone is missing, 6.02 dB: the other half is in the mirror image that "
            "rfft leaves out, so the factor is 2 / sum(window)": level(bare / total),
            "you scale by the length: the window has made the frame smaller, so divide by "
            "sum(window), not by n": level(2 * bare / n),
            "you scale by 1 / n: the factor is 2 / sum(window)": level(bare / n),
            "10 log10 is for powers: an amplitude takes 20 log10": level(amplitude) / 2,
            "the power is read as an amplitude: 20 log10 of |X_k|, or 10 log10 of |X_k| squared": (
                2 * level(amplitude)
            ),
            "the power is read as an amplitude, before the factor: take |X_k|, not its square": (
                level(2 * bare**2 / total)
            ),
            "this is the level of the rms: a sine's amplitude is 3.01 dB above it": (
                level(amplitude / math.sqrt(2))
            ),
            "this is the amplitude itself: 20 log10 makes a level in dB of it": amplitude,
            "the natural logarithm is used: dB take log10": 20 * math.log(amplitude),
            "the window is missing in the transform, and its sum is used": level(
                amplitude * n / total
            ),
        },
    ) or compare(
        answer(2 * samples[:500], torch.ones(500, dtype=torch.float64)),
        level(2 * amplitude),
        what="with 500 samples and a rectangular window, the level",
        rtol=1e-3,
    )
