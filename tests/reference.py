"""A second front end, written from the definitions in plain float64 numpy, for comparison only.

It is slow and has no trick in it: a matrix for the Fourier transform, a loop over the frames.
"""

import math

import numpy as np

from avtutor.spectral import SpectrogramConfig

WINDOWS = {
    "hann": lambda u: 0.5 - 0.5 * math.cos(u),
    "hamming": lambda u: 0.54 - 0.46 * math.cos(u),
    "blackman": lambda u: 0.42 - 0.5 * math.cos(u) + 0.08 * math.cos(2 * u),
    "rectangular": lambda u: 1.0,
    "gaussian": lambda u: math.exp(-0.5 * ((u - math.pi) / (math.pi / 4)) ** 2),
}


def padded_window(config: SpectrogramConfig) -> np.ndarray:
    """Return the window with zeros on both sides, [n_fft]."""
    n, length = config.n_fft, config.win_length
    shape = [WINDOWS[config.window](2 * math.pi * i / length) for i in range(length)]
    left = (n - length) // 2
    return np.array([0.0] * left + shape + [0.0] * (n - length - left))


def envelope(config: SpectrogramConfig, n_frames: int) -> np.ndarray:
    """Return the sum of the squared windows of all frames, from the first sample of the sound."""
    total = np.zeros(config.n_fft + config.hop_length * (n_frames - 1))
    for k in range(n_frames):
        start = k * config.hop_length
        total[start : start + config.n_fft] += padded_window(config) ** 2
    return total[config.n_fft // 2 :]


def stft(samples: np.ndarray, config: SpectrogramConfig) -> np.ndarray:
    """Return the complex transform [freq, frame] of one row of samples."""
    n, window = config.n_fft, padded_window(config)
    bins = np.arange(n // 2 + 1)[:, None]
    matrix = np.exp(-2j * np.pi * bins * np.arange(n)[None, :] / n)
    half = n // 2
    padded = np.concatenate([samples[half:0:-1], samples, samples[-2 : -half - 2 : -1]])
    starts = range(0, len(padded) - n + 1, config.hop_length)
    return np.stack([matrix @ (padded[s : s + n] * window) for s in starts], axis=1)


def mel_bank(config: SpectrogramConfig) -> np.ndarray:
    """Return the triangles [mel, freq], one weight at a time."""

    def to_mel(f: float) -> float:
        return 2595 * math.log10(1 + f / 700)

    def to_hz(m: float) -> float:
        return 700 * (10 ** (m / 2595) - 1)

    low, high = to_mel(config.f_min), to_mel(config.f_max)
    step = (high - low) / (config.n_mels + 1)
    corners = [to_hz(low + step * i) for i in range(config.n_mels + 2)]
    bank = np.zeros((config.n_mels, config.n_freqs))
    for m in range(config.n_mels):
        left, centre, right = corners[m : m + 3]
        for k in range(config.n_freqs):
            f = k * config.sample_rate / config.n_fft
            if left < f <= centre:
                bank[m, k] = (f - left) / (centre - left)
            elif centre < f < right:
                bank[m, k] = (right - f) / (right - centre)
    return bank


def mel(samples: np.ndarray, config: SpectrogramConfig) -> np.ndarray:
    """Return the mel power [mel, frame]."""
    return mel_bank(config) @ np.abs(stft(samples, config)) ** 2
