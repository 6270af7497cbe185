"""Mel spectrograms: the picture of a sound that most networks are given."""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.spectral.config import SpectrogramConfig, mel_edges, n_frames, padded_window
from avtutor.spectral.fourier import check_samples, power
from avtutor.units import POWER_FLOOR, power_to_db

BLOCK_FRAMES = 512
"""Frames worked on at a time by `log_mel`: 512 samples of each are 1 MB, which a cache holds."""

BAND_GROUPS = 4
"""Parts into which `log_mel` splits the filterbank, so that low bands skip the high bins."""


def mel_filterbank(
    config: SpectrogramConfig, *, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "mel freq"]:
    """Return the triangular weights that gather the Fourier bins into mel bands.

    Each triangle has height 1 and no area norm. Where the bands are narrower than the bins, a
    band can lie between two bins and be empty: 128 bands at ``n_fft`` 512 and 16 kHz have one.

    Source: HTK's mel formula, with triangles drawn in Hz as in librosa (``htk=True, norm=None``)
        and torchaudio; HTK itself draws them in mel.
    Lesson: 04_mel_and_friends

    >>> mel_filterbank(SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([64, 257])
    """
    edges = mel_edges(config)
    bins = torch.arange(config.n_freqs, dtype=torch.float64) * config.sample_rate / config.n_fft
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp(min=0.0).to(dtype)


def mel(
    samples: Float[Tensor, "*batch time"], config: SpectrogramConfig
) -> Float[Tensor, "*batch mel frame"]:
    """Return the power in each mel band: the `mel_filterbank` times the `power`.

    Args:
        samples: sound at ``config.sample_rate`` Hz.
        config: front end settings.
    Raises:
        ValueError: if `samples` is shorter than one window.
    Lesson: 04_mel_and_friends

    >>> mel(torch.zeros(16000), SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([64, 101])
    """
    powers = power(samples, config)
    return mel_filterbank(config, dtype=powers.dtype).to(powers.device) @ powers


@dataclass(frozen=True)
class _BandGroup:
    """Some neighbouring mel bands, and the only Fourier bins that they are gathered from."""

    bands: slice
    parts: slice
    weights: Tensor  # [2 * bin, band]


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # a cached tensor must serve training as well
def _constants(
    config: SpectrogramConfig, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, tuple[_BandGroup, ...]]:
    """Return the window with zeros on both sides up to n_fft, and the filterbank in groups.

    A complex spectrum lies in memory as real, imaginary, real, imaginary, …; with each weight
    standing twice, one matrix product adds the squares of both. Low bands are narrow: most of
    their row is zeros, and a group leaves them out.
    """
    bank = mel_filterbank(config, dtype=dtype)
    groups = []
    for bands in torch.arange(config.n_mels).tensor_split(min(BAND_GROUPS, config.n_mels)):
        first_band, last_band = int(bands[0]), int(bands[-1]) + 1
        rows = bank[first_band:last_band]
        used = rows.any(dim=0).nonzero()
        first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)
        weights = rows[:, first:last].repeat_interleave(2, dim=1).T.contiguous().to(device)
        groups.append(_BandGroup(slice(first_band, last_band), slice(2 * first, 2 * last), weights))
    return padded_window(config, dtype=dtype).to(device), tuple(groups)


def _log_mel_blocked(flat: Tensor, config: SpectrogramConfig) -> Tensor:
    """Return the log-mel spectrogram of [batch, time], computed where the cache can hold it.

    The arithmetic is that of ``power_to_db(mel(...))``; only the order differs. A long Fourier
    transform written to main memory, read to be squared, and read again to be multiplied, waits
    for memory three times. Here a block of frames is windowed, transformed, squared in place
    and multiplied before the next is touched.
    """
    win, groups = _constants(config, flat.dtype, flat.device)
    half, total = config.n_fft // 2, n_frames(flat.shape[-1], config)
    out = flat.new_empty(flat.shape[0], total, config.n_mels)
    for item, result in zip(flat, out, strict=True):
        before, after = item[1 : half + 1].flip(0), item[-half - 1 : -1].flip(0)
        padded = torch.cat([before, item, after])  # continued by reflection
        frames = padded.unfold(0, config.n_fft, config.hop_length)  # a view, [frame, n_fft]
        for start in range(0, total, BLOCK_FRAMES):
            block = slice(start, start + BLOCK_FRAMES)
            spectrum = torch.fft.rfft(frames[block] * win)  # [frame, freq]
            squares = torch.view_as_real(spectrum).flatten(1).square_()  # [frame, 2 * freq]
            for group in groups:
                torch.mm(squares[:, group.parts], group.weights, out=result[block, group.bands])
    out.clamp_(min=POWER_FLOOR).log10_().mul_(10.0)
    return out.transpose(1, 2)


def log_mel(
    samples: Float[Tensor, "*batch time"], config: SpectrogramConfig
) -> Float[Tensor, "*batch mel frame"]:
    """Return the log-mel spectrogram in dB, ``10 log10(max(power, 1e-10))``.

    Each item is computed alone: the rest of the batch has no effect on it. Where a gradient is
    asked for, a plainer and slower path gives the same values.

    Args:
        samples: sound in [-1, 1] at ``config.sample_rate`` Hz, float32 or float64; not changed.
        config: front end settings.
    Raises:
        TypeError: unless `samples` is a float32 or float64 tensor.
        ValueError: if `samples` is shorter than one window.
    Source: O'Shaughnessy 1987 (2595 log10(1 + f/700)), as in HTK.
    Lesson: 04_mel_and_friends

    >>> log_mel(torch.zeros(2, 16000), SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([2, 64, 101])
    """
    check_samples(samples, config)
    if samples.requires_grad and torch.is_grad_enabled():
        return power_to_db(mel(samples, config))
    values = _log_mel_blocked(samples.detach().reshape(-1, samples.shape[-1]), config)
    return values.reshape(*samples.shape[:-1], *values.shape[-2:])


def dct_matrix(
    n_coefficients: int, n_bands: int, *, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "coefficient band"]:
    """Return the orthonormal cosine transform (type II): row k holds k half waves.

    Source: Ahmed, Natarajan and Rao 1974, Discrete cosine transform.
    Lesson: 04_mel_and_friends

    >>> rows = dct_matrix(4, 4, dtype=torch.float64)
    >>> torch.allclose(rows @ rows.T, torch.eye(4, dtype=torch.float64))
    True
    """
    band = torch.arange(n_bands, dtype=torch.float64) + 0.5
    wave = torch.arange(n_coefficients, dtype=torch.float64)[:, None]
    rows = torch.cos(math.pi / n_bands * wave * band) * math.sqrt(2.0 / n_bands)
    rows[0] /= math.sqrt(2.0)
    return rows.to(dtype)


def mfcc(
    samples: Float[Tensor, "*batch time"], config: SpectrogramConfig, *, n_mfcc: int = 13
) -> Float[Tensor, "*batch coefficient frame"]:
    """Return the mel-frequency cepstral coefficients: the cosine transform of `log_mel`.

    The first few describe the broad shape of each spectrum; coefficient 0 is its level.

    Args:
        samples: sound at ``config.sample_rate`` Hz.
        config: front end settings.
        n_mfcc: how many coefficients to keep, at most ``config.n_mels``.
    Raises:
        ValueError: if `n_mfcc` is not from 1 to ``config.n_mels``, or `samples` too short.
    Source: Davis and Mermelstein 1980, with an orthonormal transform and levels in dB.
    Lesson: 04_mel_and_friends

    >>> mfcc(torch.zeros(16000), SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([13, 101])
    """
    if not 1 <= n_mfcc <= config.n_mels:
        raise ValueError(f"n_mfcc must be from 1 to n_mels ({config.n_mels}), got {n_mfcc}")
    levels = log_mel(samples, config)
    return dct_matrix(n_mfcc, config.n_mels, dtype=levels.dtype).to(levels.device) @ levels


class LogMel(torch.nn.Module):
    """`log_mel` as a layer: it has no weights, so that nothing of it is trained or saved.

    Args:
        config: front end settings.
    Lesson: 04_mel_and_friends

    >>> layer = LogMel(SpectrogramConfig(sample_rate=16000))
    >>> layer(torch.zeros(2, 16000)).shape
    torch.Size([2, 64, 101])
    """

    def __init__(self, config: SpectrogramConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, samples: Float[Tensor, "*batch time"]) -> Float[Tensor, "*batch mel frame"]:
        """Return the log-mel spectrogram of `samples`, in dB."""
        return log_mel(samples, self.config)

    def extra_repr(self) -> str:
        """Show the settings where the layer is printed."""
        return repr(self.config)
