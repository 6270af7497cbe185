"""What a spectrogram is made with, and what its axes mean. No other room knows better."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.units import hz_to_mel, mel_to_hz

WINDOWS = ("hann", "hamming", "blackman", "rectangular", "gaussian")


@dataclass(frozen=True)
class SpectrogramConfig:
    """The settings of a spectrogram, in samples and Hz.

    Frame k is centred on sample ``k * hop_length``; the sound is continued by reflection at
    both ends, so that the first and the last frame are whole.

    Args:
        sample_rate: samples a second of the sound, in Hz. There is no default on purpose.
        n_fft: length of one Fourier transform, in samples.
        win_length: length of the window, in samples; zeros fill it up to `n_fft`. Default: n_fft.
        hop_length: samples from one frame to the next.
        n_mels: number of mel bands.
        f_min: lower edge of the lowest mel band, in Hz.
        f_max: upper edge of the highest mel band, in Hz. Default: half of `sample_rate`.
        window: one of hann, hamming, blackman, rectangular, gaussian; all periodic. The standard
            deviation of the gaussian is ``win_length / 8``.
    Raises:
        TypeError: if a count is not an int.
        ValueError: if a value lies outside its range; the message states range and value.
    Lesson: 03_spectrogram

    >>> SpectrogramConfig(sample_rate=16000).f_max
    8000.0
    """

    sample_rate: int
    n_fft: int = 512
    win_length: int = None  # type: ignore[assignment]  # an int from __post_init__ on
    hop_length: int = 160
    n_mels: int = 64
    f_min: float = 0.0
    f_max: float = None  # type: ignore[assignment]  # a float from __post_init__ on
    window: str = "hann"

    def __post_init__(self) -> None:
        if self.win_length is None:
            object.__setattr__(self, "win_length", self.n_fft)
        for name in ("sample_rate", "n_fft", "win_length", "hop_length", "n_mels"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{name} must be an int, got {value!r}")
            least = 2 if name == "n_fft" else 1
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if self.win_length > self.n_fft:
            raise ValueError(
                f"win_length must be at most n_fft ({self.n_fft}), got {self.win_length}"
            )
        if self.window not in WINDOWS:
            raise ValueError(f"window must be one of {', '.join(WINDOWS)}, got {self.window!r}")
        half = self.sample_rate / 2
        if self.f_max is None:
            object.__setattr__(self, "f_max", half)
        if not self.f_max <= half:
            raise ValueError(
                f"f_max must be at most {half:g} Hz (half of sample_rate {self.sample_rate}), "
                f"got {self.f_max:g}"
            )
        if not 0 <= self.f_min < self.f_max:
            raise ValueError(
                f"f_min must be at least 0 Hz and below f_max ({self.f_max:g}), got {self.f_min:g}"
            )

    @property
    def n_freqs(self) -> int:
        """The number of frequencies of the Fourier transform, 0 Hz and the highest included."""
        return self.n_fft // 2 + 1


def n_frames(n_samples: int, config: SpectrogramConfig) -> int:
    """Return how many frames a sound of `n_samples` samples gives.

    Lesson: 03_spectrogram

    >>> n_frames(16000, SpectrogramConfig(sample_rate=16000))
    101
    """
    padded = n_samples + 2 * (config.n_fft // 2)
    return 1 + (padded - config.n_fft) // config.hop_length


def frame_times(n_frames: int, config: SpectrogramConfig) -> Float[Tensor, " frame"]:
    """Return the time at the centre of each frame, in seconds from the first sample.

    Lesson: 03_spectrogram

    >>> frame_times(3, SpectrogramConfig(sample_rate=16000))
    tensor([0.0000, 0.0100, 0.0200])
    """
    samples = torch.arange(n_frames, dtype=torch.float64) * config.hop_length
    return (samples / config.sample_rate).to(torch.float32)


def frequencies(config: SpectrogramConfig) -> Float[Tensor, " freq"]:
    """Return the frequency of each bin of the Fourier transform, in Hz.

    Neighbours are ``sample_rate / n_fft`` apart. That is a spacing, not a resolution: how far
    apart two tones must be to be told apart is set by the window.

    Lesson: 02_time_to_frequency

    >>> frequencies(SpectrogramConfig(sample_rate=8000, n_fft=8))
    tensor([   0., 1000., 2000., 3000., 4000.])
    """
    bins = torch.arange(config.n_freqs, dtype=torch.float64)
    return (bins * config.sample_rate / config.n_fft).to(torch.float32)


def mel_edges(config: SpectrogramConfig) -> Float[Tensor, " edge"]:
    """Return the corners of the mel bands in Hz, float64: band m rises from edge m to edge m + 1
    and falls to edge m + 2, so there are ``n_mels + 2``.

    Lesson: 04_mel_and_friends

    >>> len(mel_edges(SpectrogramConfig(sample_rate=16000, n_mels=64)))
    66
    """
    low, high = hz_to_mel(config.f_min), hz_to_mel(config.f_max)
    return mel_to_hz(torch.linspace(low, high, config.n_mels + 2, dtype=torch.float64))


def mel_frequencies(config: SpectrogramConfig) -> Float[Tensor, " mel"]:
    """Return the centre frequency of each mel band, in Hz.

    Lesson: 04_mel_and_friends

    >>> mel_frequencies(SpectrogramConfig(sample_rate=16000, n_mels=3)).round()
    tensor([ 614., 1768., 3934.])
    """
    return mel_edges(config)[1:-1].to(torch.float32)


def window(config: SpectrogramConfig, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the periodic window of `config`, [win_length].

    Periodic means one sample short of symmetric: repeated at an even hop, the copies add up to
    a constant.

    Source: Harris 1978, On the use of windows for harmonic analysis with the DFT.
    Lesson: 02_time_to_frequency

    >>> window(SpectrogramConfig(sample_rate=8000, n_fft=4))
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    length = config.win_length
    turn = 2 * math.pi * torch.arange(length, dtype=torch.float64) / length
    if config.window == "hann":
        values = 0.5 - 0.5 * turn.cos()
    elif config.window == "hamming":
        values = 0.54 - 0.46 * turn.cos()
    elif config.window == "blackman":
        values = 0.42 - 0.5 * turn.cos() + 0.08 * (2 * turn).cos()
    elif config.window == "gaussian":
        values = torch.exp(-0.5 * ((turn - math.pi) * 4 / math.pi) ** 2)  # edges at 4 deviations
    else:
        values = torch.ones(length, dtype=torch.float64)
    return values.to(dtype)


def padded_window(config: SpectrogramConfig, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the `window` with zeros on both sides, [n_fft]: what a frame is multiplied with.

    >>> padded_window(SpectrogramConfig(sample_rate=8000, n_fft=6, win_length=2))
    tensor([0., 0., 0., 1., 0., 0.])
    """
    left = (config.n_fft - config.win_length) // 2
    right = config.n_fft - config.win_length - left
    return torch.nn.functional.pad(window(config, dtype=dtype), (left, right))
