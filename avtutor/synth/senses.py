"""What is done to the senses of a scene: noise, and the share of its events that is there."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Float64, UInt8
from torch import Tensor

from avtutor.units import db_to_power

PEAK = 0.99
"""No sample of a scene is beyond this."""
NOISE_ALONE = 0.01
"""Standard deviation of the noise in a sound in which there is nothing else."""
GREY = 128
_BLOCK = 64


def generators(seed: int, n: int) -> list[torch.Generator]:
    """Return generators that follow from a seed: a dial draws from its own and moves no other.

    >>> [int(torch.randint(1000, (), generator=one)) for one in generators(0, 2)] == [
    ...     int(torch.randint(1000, (), generator=one)) for one in generators(0, 3)][:2]
    True
    """
    root = torch.Generator().manual_seed(seed)
    seeds = torch.randint(2**62, (n,), generator=root).tolist()
    return [torch.Generator().manual_seed(one) for one in seeds]


def kept(
    counted: Bool[Tensor, " event"], *, share: float, generator: torch.Generator
) -> Bool[Tensor, " event"]:
    """Return which events are kept: a share of the counted ones, to the nearest whole event.

    The others are kept with about the same chance.
    """
    draws = torch.rand(len(counted), generator=generator)
    n_kept = round(share * int(counted.sum()))
    ranked = torch.cat([torch.tensor([-1.0]), draws[counted].sort().values])
    limit = 1.0 if share == 1 else float(ranked[n_kept])
    return draws <= limit


def noisy_sound(
    clean: Float64[Tensor, " time"], *, snr_db: float | None, generator: torch.Generator
) -> Float[Tensor, " time"]:
    """Return the sound with white noise at exactly this ratio of powers, within ±`PEAK`.

    What would go beyond is made softer as a whole, the noise with the rest.
    """
    samples = clean
    if snr_db is not None:
        noise = torch.randn(len(clean), generator=generator, dtype=torch.float64)
        noise /= noise.square().mean().sqrt()
        power = float(clean.square().mean())
        level = (power / db_to_power(snr_db)) ** 0.5 if power > 0 else NOISE_ALONE
        samples = clean + level * noise
    peak = float(samples.abs().max())
    return (samples * min(1.0, PEAK / max(peak, PEAK))).float()


def painted(
    paint: Callable[[slice], Tensor], *, n_frames: int, size: int
) -> UInt8[Tensor, "frame height width 3"]:
    """Return pictures of whole numbers, painted some at a time so that they take little memory."""
    frames = torch.empty(n_frames, size, size, 3, dtype=torch.uint8)
    for first in range(0, n_frames, _BLOCK):
        part = slice(first, min(first + _BLOCK, n_frames))
        frames[part] = paint(part).mul(255).add_(0.5).clamp_(0, 255).to(torch.uint8)
    return frames


def noisy_pictures(
    clean: UInt8[Tensor, "frame height width 3"],
    *,
    snr_db: float | None,
    generator: torch.Generator,
) -> UInt8[Tensor, "frame height width 3"]:
    """Return the pictures with white noise at this ratio to the power of what moves in them.

    That is the mean over pixels of the variance over time. Where nothing moves there is no noise.
    """
    if snr_db is None:
        return clean
    parts = [slice(first, first + _BLOCK) for first in range(0, len(clean), _BLOCK)]
    mean = sum(clean[part].double().sum(dim=0) for part in parts) / len(clean)
    moving = sum(float((clean[part] - mean).square().sum()) for part in parts) / clean.numel()
    level = (moving / db_to_power(snr_db)) ** 0.5
    noisy = torch.empty_like(clean)
    for part in parts:
        noise = torch.randn(clean[part].shape, generator=generator)
        noisy[part] = noise.mul_(level).add_(clean[part]).round_().clamp_(0, 255)
    return noisy
