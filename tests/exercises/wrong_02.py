"""Wrong answers to the exercises of lesson 02, each with words of the diagnosis it must get."""

import math

import torch
from torch import Tensor


def _bin(samples: Tensor, k: int, sign: float = -1.0, first: int = 0) -> Tensor:
    t = torch.arange(first, first + len(samples), dtype=torch.float64)
    return (samples * torch.exp(sign * 2j * math.pi * k * t / len(samples))).sum()


def _peak(samples: Tensor) -> int:
    return int(torch.fft.rfft(samples).abs().argmax())


def _strongest(samples: Tensor, shape: Tensor) -> Tensor:
    strongest: Tensor = torch.fft.rfft(samples * shape).abs().max()
    return strongest


WRONG = {
    "02.one_bin": [
        (lambda samples, k: _bin(samples, k, sign=1.0), "the exponent the wrong sign"),
        (lambda samples, k: _bin(samples, k) / len(samples), "takes the sum"),
        (lambda samples, k: _bin(samples, k).real, "from the sine, is missing"),
        (lambda samples, k: _bin(samples, k).abs(), "keep it complex"),
        (lambda samples, k: _bin(samples, k, first=1), "begins at t = 0"),
        (lambda samples, k: _bin(samples, k / (2 * math.pi)), "2π is missing"),
    ],
    "02.strongest_hz": [
        (lambda samples, rate: _peak(samples), "index of the bin"),
        (lambda samples, rate: _peak(samples) / len(samples), "the sampling rate is missing"),
        (
            lambda samples, rate: _peak(samples) * rate / len(torch.fft.rfft(samples)),
            "number of bins",
        ),
        (
            lambda samples, rate: int(torch.fft.rfft(samples).real.argmax()) * rate / len(samples),
            "take abs() first",
        ),
        (lambda samples, rate: (_peak(samples) + 1) * rate / len(samples), "one bin too high"),
        (lambda samples, rate: _peak(samples) * 8.0, "for 441 samples at 44 100 Hz"),
    ],
    "02.hann_spectrum": [
        (lambda samples: torch.fft.rfft(samples), "the window is missing"),
        (
            lambda samples: (
                torch.fft.rfft(samples) * torch.hann_window(33, dtype=torch.float64)
            ),
            "after the FFT",
        ),
        (
            lambda samples: torch.fft.rfft(
                samples * torch.hann_window(64, periodic=False, dtype=torch.float64)
            ),
            "your window is symmetric",
        ),
        (
            lambda samples: torch.fft.rfft(
                samples * torch.hann_window(64, dtype=torch.float64) ** 2
            ),
            "there twice",
        ),
        (
            lambda samples: torch.fft.rfft(
                samples * torch.hann_window(64, dtype=torch.float64)
            ).abs(),
            "keep the spectrum complex",
        ),
        (
            lambda samples: torch.fft.fft(samples * torch.hann_window(64, dtype=torch.float64)),
            "mirror images",
        ),
    ],
    "02.tone_level": [
        (
            lambda samples, shape: 20 * torch.log10(_strongest(samples, shape)),
            "grows with the frame",
        ),
        (
            lambda samples, shape: 20 * torch.log10(_strongest(samples, shape) / shape.sum()),
            "half of the tone is missing",
        ),
        (
            lambda samples, shape: 20 * torch.log10(2 * _strongest(samples, shape) / len(shape)),
            "not by n",
        ),
        (
            lambda samples, shape: 10 * torch.log10(2 * _strongest(samples, shape) / shape.sum()),
            "10 log10 is for powers",
        ),
        (
            lambda samples, shape: (
                20 * torch.log10((2 * _strongest(samples, shape) / shape.sum()) ** 2)
            ),
            "the power is read as an amplitude: ",
        ),
        (
            lambda samples, shape: (
                20 * torch.log10(2 * _strongest(samples, shape) ** 2 / shape.sum())
            ),
            "before the factor",
        ),
        (
            lambda samples, shape: (
                20 * torch.log10(2 * _strongest(samples, torch.ones_like(shape)) / shape.sum())
            ),
            "the window is missing in the transform",
        ),
    ],
}
