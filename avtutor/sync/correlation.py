"""How well two curves agree when one of them is moved."""

import math

import torch
from jaxtyping import Float64
from torch import Tensor

from avtutor.sync.curves import Curve

LEAST_OVERLAP = 0.3
"""Seconds that both curves must share at every offset that is tried."""


def cross_correlation(
    picture: Curve, sound: Curve, *, max_offset: float, step: float = 0.01
) -> Curve:
    """Return how well the sound agrees with the picture, at each offset from -max to +max.

    At the offset d the sound is taken to be late by d, and moved back by it. Both curves are
    averaged over a common grid of `step` seconds. The value is the correlation coefficient of the
    part that both cover, times the root of that part's share of the longest one: from few steps
    a high coefficient comes easily by chance, and with the root the spread of chance is the same
    at all offsets. Where one of them is level it is 0.

    Args:
        picture, sound: on one clock.
        max_offset: the largest offset that is tried, in seconds, to the next whole step.
        step: of the grid and of the offsets, in seconds.
    Returns:
        A curve whose times are the offsets: + where the sound is late.
    Raises:
        ValueError: if `max_offset` or `step` is not above 0, or the curves share less than
            `LEAST_OVERLAP` seconds at some offset.
    Source: Pearson's coefficient at each lag.
    Lesson: 12_two_clocks

    >>> times = torch.arange(300).double() / 100
    >>> pulse = torch.exp(-((times - 1.5) / 0.02).square())
    >>> curve = cross_correlation(Curve(times, pulse), Curve(times + 0.16, pulse), max_offset=0.5)
    >>> round(float(curve.times[curve.values.argmax()]), 6)
    0.16
    """
    for name, value in (("max_offset", max_offset), ("step", step)):
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be above 0 s, got {value}")
    widest = largest_offset(picture, sound)
    if max_offset > widest + 1e-9:
        raise ValueError(_too_far(picture, sound, max_offset, widest))
    reach = math.ceil(max_offset / step - 1e-9)
    origin = picture.start
    seen, first_seen = _on_grid(picture, origin, step)
    heard, first_heard = _on_grid(sound, origin, step)
    values = torch.zeros(2 * reach + 1, dtype=torch.float64)
    shared = torch.zeros(2 * reach + 1, dtype=torch.float64)
    for index, lag in enumerate(range(-reach, reach + 1)):
        begin = max(first_seen, first_heard - lag)
        end = min(first_seen + len(seen), first_heard - lag + len(heard))
        if end - begin > 1:
            a = seen[begin - first_seen : end - first_seen]
            b = heard[begin + lag - first_heard : end + lag - first_heard]
            values[index], shared[index] = _pearson(a, b), end - begin
    values *= (shared / shared.max().clamp(min=1)).sqrt()
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float64) * step
    return Curve(offsets, values)


def largest_offset(picture: Curve, sound: Curve) -> float:
    """Return the largest offset that leaves `LEAST_OVERLAP` seconds at both ends; below 0: none.

    >>> times = torch.arange(201).double() / 100
    >>> curve = Curve(times, times)
    >>> round(largest_offset(curve, curve), 6)
    1.7
    """
    if min(picture.end - picture.start, sound.end - sound.start) < LEAST_OVERLAP:
        return -math.inf
    late = sound.end - picture.start - LEAST_OVERLAP
    early = picture.end - sound.start - LEAST_OVERLAP
    return min(late, early)


def peak_of(curve: Curve) -> tuple[float, float]:
    """Return where an evenly spaced curve is highest, between its steps too, and how high.

    A parabola through the highest value and its two neighbours; at an end of the curve there is
    only one, and the value itself is taken.

    >>> times = torch.arange(5).double()
    >>> peak_of(Curve(times, 1 - (times - 2.2).square()))
    (2.2, 1.0)
    """
    k = int(curve.values.argmax())
    time, middle = float(curve.times[k]), float(curve.values[k])
    if not 0 < k < len(curve.values) - 1:
        return time, middle
    before, after = curve.values[[k - 1, k + 1]].tolist()
    bend = before - 2 * middle + after
    if bend >= 0:  # level
        return time, middle
    share = (before - after) / (2 * bend)
    step = float(curve.times[k + 1] - curve.times[k])
    return round(time + share * step, 12), middle - (before - after) * share / 4


def _on_grid(curve: Curve, origin: float, step: float) -> tuple[Float64[Tensor, " step"], int]:
    """Return means over the steps of a grid, and the number of the first; step 0 is at `origin`."""
    first = math.ceil((curve.start - origin) / step - 1e-6)
    last = math.floor((curve.end - origin) / step + 1e-6)
    places = torch.arange(first, last + 2, dtype=torch.float64) - 0.5
    return curve.means(origin + places * step), first


def _pearson(a: Tensor, b: Tensor) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(a.norm() * b.norm())
    return float(a @ b) / size if size > 1e-12 * len(a) else 0.0


def _too_far(picture: Curve, sound: Curve, max_offset: float, widest: float) -> str:
    spans = (
        f"the picture moves from {picture.start:.3f} to {picture.end:.3f} s, "
        f"the sound lasts from {sound.start:.3f} to {sound.end:.3f} s"
    )
    if widest <= 0:
        return f"picture and sound must share {LEAST_OVERLAP} s or more, got too little: {spans}"
    return (
        f"max_offset must be at most {widest:.3f} s, so that picture and sound share "
        f"{LEAST_OVERLAP} s at every offset, got {max_offset:g}: {spans}"
    )
