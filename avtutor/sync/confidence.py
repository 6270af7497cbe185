"""How far the peak of a cross-correlation is to be trusted."""

import math
from dataclasses import dataclass

import torch

from avtutor.sync.correlation import peak_of
from avtutor.sync.curves import Curve

NEAR = 0.08
"""Seconds around the peak that are part of it."""

WEIGHTS = (6.47, 3.52, -0.25)
"""A constant, and the weights of the logarithms of height and moments: a logistic regression, made
by ``python -m experiments 17_confidence``."""


@dataclass(frozen=True)
class PeakSigns:
    """What tells a peak that is there for a reason from one by accident.

    Args:
        height: of the peak, 1 at most.
        rival: the highest value elsewhere, as a share of the height.
        moments: how many steps of time carry the agreement (see `moments`).
    """

    height: float
    rival: float
    moments: float


def signs_of(picture: Curve, sound: Curve, curve: Curve) -> PeakSigns | None:
    """Return the signs of the peak of a cross-correlation, or None: there is no peak.

    Args:
        picture, sound: what was compared.
        curve: their `cross_correlation`.
    """
    found = height_and_rival(curve)
    if found is None:
        return None
    return PeakSigns(*found, moments(picture, sound, peak_of(curve)[0]))


def height_and_rival(curve: Curve) -> tuple[float, float] | None:
    """Return the height of the peak, and the highest value elsewhere as a share of it; or None.

    The highest value at an end of the curve is no peak: what lies behind may be higher.

    >>> times = torch.arange(5).double()
    >>> height_and_rival(Curve(times, torch.tensor([0.0, 0.125, 0.0, 0.5, 0.0])))
    (0.5, 0.25)
    """
    k = int(curve.values.argmax())
    if not 0 < k < len(curve.values) - 1 or float(curve.values[k]) <= 0:
        return None
    offset, height = peak_of(curve)
    rest = curve.values[(curve.times - offset).abs() > NEAR]
    if not len(rest):
        return None
    return height, min(max(float(rest.max()), 0.0) / height, 1.0)


def moments(picture: Curve, sound: Curve, offset: float, *, step: float = 0.01) -> float:
    """Return how many steps of time carry the agreement of two curves, 1 at least.

    Of products p of what stands above the mean in both curves: (Σp)² / Σp², which is n for n equal
    ones. An event lasts one to three steps.

    >>> times = torch.arange(400).double() / 100
    >>> values = torch.zeros(400)
    >>> values[[50, 51, 120, 121, 300, 301]] = 1.0
    >>> curve = Curve(times, values)
    >>> round(moments(curve, curve, 0.0))
    6
    """
    begin = max(picture.start, sound.start - offset)
    end = min(picture.end, sound.end - offset)
    n = math.floor((end - begin) / step)
    if n < 2:
        return 1.0
    edges = begin + torch.arange(n + 1, dtype=torch.float64) * step
    seen, heard = picture.means(edges), sound.means(edges + offset)
    product = (seen - seen.mean()).clamp(min=0) * (heard - heard.mean()).clamp(min=0)
    squares = float(product.square().sum())
    return max(float(product.sum()) ** 2 / squares, 1.0) if squares > 0 else 1.0


def confidence_of(signs: PeakSigns | None) -> float:
    """Return from 0 to 1 how sure it is that the peak lies within a frame of the true offset.

    Of a hundred clips with a confidence near 0.9, about ninety are right: that is what it was
    fitted to (see `estimate.OffsetEstimate`). Three factors: a logistic function of height and
    moments; what an equal rival would leave, ``1 - rival ** 6``; and what a single event would,
    ``1 - exp(-(moments - 1) / 2)``, since one flash and one click agree at some offset whatever
    they are. 0 where there is no peak.

    >>> good = PeakSigns(height=0.8, rival=0.3, moments=12.0)
    >>> [round(confidence_of(signs), 2) for signs in (good, PeakSigns(0.8, 0.98, 12.0), None)]
    [0.99, 0.11, 0.0]
    """
    if signs is None:
        return 0.0
    score = WEIGHTS[0] + WEIGHTS[1] * math.log(signs.height) + WEIGHTS[2] * math.log(signs.moments)
    return shares_left(signs) / (1 + math.exp(-score))


def shares_left(signs: PeakSigns) -> float:
    """Return what a rival and few moments leave of the confidence."""
    return (1 - signs.rival**6) * (1 - math.exp(-(signs.moments - 1) / 2))
