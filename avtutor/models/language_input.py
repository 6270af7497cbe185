"""What the language network is given: mel bands on a telephone's band, each below its own peak."""

from typing import Final

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig, mel
from avtutor.units import POWER_FLOOR

LANGUAGE_CONFIG: Final = SpectrogramConfig(
    sample_rate=8000,
    n_fft=512,
    win_length=200,
    hop_length=128,
    n_mels=40,
    f_min=100.0,
    f_max=3400.0,
)
"""The front end: what a telephone lets through, windows of 25 ms, a frame every 16 ms."""

RANGE_DB: Final = 35.0
"""How far below its band's peak a level is told from silence: less than most rooms' noise floor."""

PEAK: Final = 0.95
"""The share of a band's frames that lie below its peak: one click moves nothing."""

SPEECH_DB: Final = 22.0
"""How far below the loud frames a frame counts as a pause."""


def without_pauses(powers: Float[Tensor, "mel frame"]) -> Float[Tensor, "mel kept"]:
    """Return the frames in which something is said: how long the pauses are tells the studio.

    A frame is kept if it, or a neighbour, smoothed over three frames, lies at most `SPEECH_DB`
    below the level that 95 % of the frames stay below. So at least one in twenty is kept.

    Args:
        powers: mel bands of one sound, from `spectral.mel`, some 10 s at most.
    Lesson: 09_which_language

    >>> import torch
    >>> powers = torch.ones(40, 100)
    >>> powers[:, 50:] *= 1e-4
    >>> without_pauses(powers).shape
    torch.Size([40, 51])
    """
    loudness = powers.mean(dim=0).clamp(min=POWER_FLOOR).log10() * 10
    smooth = F.avg_pool1d(loudness[None], 3, stride=1, padding=1, count_include_pad=False)[0]
    loud = smooth >= smooth.quantile(PEAK) - SPEECH_DB
    kept = F.max_pool1d(loud.to(powers.dtype)[None], 3, stride=1, padding=1)[0] > 0
    return powers[:, kept]


def level_bands(
    powers: Float[Tensor, "*batch mel frame"], *, range_db: float = RANGE_DB
) -> Float[Tensor, "*batch mel frame"]:
    """Return mel powers as levels, band by band, so that a fixed channel leaves no trace.

    Each band is divided by its own peak (the level that 95 % of its frames stay below), gets a
    floor `range_db` below that, is taken to dB, and loses its mean. A microphone, a room or a
    telephone multiplies a band by one number, and so does loudness: neither changes the result.
    The mean spectrum of the result is 0 in every band. 1 is 10 dB.

    Args:
        powers: mel bands of one sound each, from `spectral.mel`.
        range_db: how far down the floor lies.
    Raises:
        ValueError: if `range_db` is not above 0.
    Lesson: 09_which_language

    >>> import torch
    >>> powers = torch.rand(40, 100)
    >>> channel = torch.linspace(0.1, 10.0, 40)[:, None]
    >>> bool(torch.allclose(level_bands(channel * powers), level_bands(powers), atol=1e-4))
    True
    """
    if not range_db > 0:
        raise ValueError(f"range_db must be above 0, got {range_db}")
    place = round(PEAK * (powers.shape[-1] - 1)) + 1
    peaks = powers.kthvalue(place, dim=-1, keepdim=True).values.clamp(min=POWER_FLOOR)
    levels = (powers / peaks + 10 ** (-range_db / 10)).log10()
    return levels - levels.mean(dim=-1, keepdim=True)


def language_features(
    samples: Float[Tensor, " time"], sample_rate: int
) -> Float[Tensor, "mel frame"]:
    """Return what the language network is given of a sound: levels, pauses left out.

    Args:
        samples: mono sound at any rate, one stretch of speech, 3 to 10 seconds.
        sample_rate: in Hz.
    Raises:
        ValueError: if `sample_rate` is not above 0, or `samples` is shorter than one window.
    Lesson: 09_which_language

    >>> import torch
    >>> language_features(torch.randn(32000), 16000).shape
    torch.Size([40, 126])
    """
    at_rate = resample(samples, from_rate=sample_rate, to_rate=LANGUAGE_CONFIG.sample_rate)
    return level_bands(without_pauses(mel(at_rate, LANGUAGE_CONFIG)))
