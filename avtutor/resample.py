"""Change the sampling rate of a sound, by a windowed sinc."""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

ZEROS = 24
"""Zero crossings of the sinc kept on each side: more are sharper, and slower."""

ROLLOFF = 0.945
"""Where the low-pass filter begins, as a share of the lower Nyquist frequency."""


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # a cached tensor must serve training as well
def _kernels(old: int, new: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, int]:
    """Return one filter for each of the `new` phases, [new, 1, 2 * width + old], and the width.

    Output sample k lies at the time k / new, between the input samples; which filter it needs
    depends on k modulo `new` alone.
    """
    cutoff = min(old, new) * ROLLOFF
    width = math.ceil(ZEROS * old / cutoff)
    phase = torch.arange(new, dtype=torch.float64)[:, None] / new
    tap = torch.arange(-width, width + old, dtype=torch.float64)[None, :] / old
    t = ((tap - phase) * cutoff).clamp(-ZEROS, ZEROS)
    taper = torch.cos(t * math.pi / ZEROS / 2) ** 2
    kernels = torch.sinc(t) * taper * (cutoff / old)
    return kernels[:, None].to(dtype=dtype, device=device), width


def resample(
    samples: Float[Tensor, "*batch time"], *, from_rate: int, to_rate: int
) -> Float[Tensor, "*batch new_time"]:
    """Return `samples`, taken at `from_rate` Hz, as they would have been taken at `to_rate` Hz.

    What the lower of the two rates cannot hold (frequencies above half of it) is filtered out
    first, so that nothing is folded back. The length becomes ``ceil(time * to_rate / from_rate)``.

    Args:
        samples: sound, any leading shape; not changed.
        from_rate: samples a second in `samples`.
        to_rate: samples a second in the result.
    Raises:
        ValueError: if a rate is not above 0.
    Source: J. O. Smith, Digital Audio Resampling (windowed sinc interpolation).
    Lesson: 01_what_is_sound

    >>> resample(torch.zeros(2, 44100), from_rate=44100, to_rate=16000).shape
    torch.Size([2, 16000])
    """
    for name, rate in (("from_rate", from_rate), ("to_rate", to_rate)):
        if not rate > 0:
            raise ValueError(f"{name} must be above 0 Hz, got {rate}")
    divisor = math.gcd(from_rate, to_rate)
    old, new = from_rate // divisor, to_rate // divisor
    if old == new:
        return samples.clone()
    n_samples = samples.shape[-1]
    n_out = -(-new * n_samples // old)
    kernels, width = _kernels(old, new, samples.dtype, samples.device)
    flat = samples.reshape(-1, 1, n_samples)
    padded = F.pad(flat, (width, width + old))
    phases = F.conv1d(padded, kernels, stride=old)  # [batch, new, time / old]
    result = phases.transpose(1, 2).reshape(*samples.shape[:-1], -1)
    return result[..., :n_out].contiguous()
