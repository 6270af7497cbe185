"""Smooth warps of spectrograms: time stretched, and either axis bent, without a jump anywhere."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from avtutor.augment.draws import Range, check_batch, checked_range, uniform
from avtutor.batch import mask_of

N_BENDS = 2
"""Half waves of a bend that is drawn: the first moves the middle, the second pulls both halves."""


def bent(
    place: Float[Tensor, "#batch place"], bends: Float[Tensor, "batch wave"]
) -> Float[Tensor, "batch place"]:
    """Return ``place + Σ bends[k] sin(kπ place) / (kπ)``, k = 1, 2, …: a bend of an axis 0 to 1.

    Both ends stay where they are. The slope is ``1 + Σ bends[k] cos(kπ place)``: where the
    absolute bends of an item add up to less than 1, the order is kept.

    Args:
        place: along the axis, 0 to 1.
        bends: for each item the strength of each half wave; all 0 bends nothing.
    Raises:
        ValueError: if the absolute bends of an item do not add up to less than 1.
    Lesson: 05_real_recordings

    >>> bent(torch.tensor([[0.0, 0.5, 1.0]]), torch.tensor([[0.4, 0.0]]))
    tensor([[0.0000, 0.6273, 1.0000]])
    """
    most = float(bends.abs().sum(dim=1).max())
    if not most < 1:
        raise ValueError(f"the absolute bends of an item must add up to less than 1, got {most:g}")
    turns = math.pi * torch.arange(1, bends.shape[1] + 1, dtype=place.dtype, device=place.device)
    waves = torch.sin(turns * place[..., None]) / turns
    return place + (waves * bends[:, None, :]).sum(dim=-1)


def _sampled(values: Tensor, source: Tensor) -> Tensor:
    """Return the values at the places `source` [batch, step] of the last axis, drawn straight."""
    below = source.floor().clamp(0, max(values.shape[-1] - 2, 0))
    share = (source - below)[:, None, :].to(values.dtype)
    first = below.to(torch.int64)[:, None, :].expand(-1, values.shape[1], -1)
    second = (first + 1).clamp(max=values.shape[-1] - 1)
    return torch.lerp(values.gather(2, first), values.gather(2, second), share)


def stretch(
    values: Float[Tensor, "batch row frame"],
    factors: Float[Tensor, " batch"],
    *,
    lengths: Int[Tensor, " batch"] | None = None,
    bends: Float[Tensor, "batch wave"] | None = None,
    fill: float = -100.0,
) -> tuple[Float[Tensor, "batch row new_frame"], Int[Tensor, " batch"]]:
    """Return spectrograms that last `factors` times as long, and their numbers of frames.

    The first and the last frame of each item stay its first and last; between them the frame at
    a share p of the new length is what was at `bent` (p) of the old one. Pitch and resonances
    stay, as if the voice had spoken more slowly. Between two frames values are interpolated
    straight, in whatever unit they are in.

    Args:
        values: spectrograms.
        factors: above 0; 2 takes twice as long.
        lengths: the frames of each item that are not padding. Default: all. Padding enters
            nothing.
        bends: see `bent`; the speed changes within the item. Default: it is even.
        fill: what follows an item that is shorter than the longest: digital silence in dB.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if a factor is not above 0, `factors` or `lengths` do not fit, or the bends
            are too strong.
    Lesson: 05_real_recordings

    >>> ramp = torch.tensor([[[0.0, 1.0, 2.0, 3.0]]])
    >>> stretch(ramp, torch.tensor([1.75]))
    (tensor([[[0.0000, 0.5000, 1.0000, 1.5000, 2.0000, 2.5000, 3.0000]]]), tensor([7]))
    """
    check_batch("values", values, "batch row frame")
    n, _, size = values.shape
    if factors.shape != (n,) or not bool((factors.isfinite() & (factors > 0)).all()):
        raise ValueError(f"factors must be [{n}] and above 0, got {factors.tolist()}")
    if lengths is None:
        lengths = torch.full((n,), size, device=values.device)
    if lengths.shape != (n,) or not bool(((lengths >= 1) & (lengths <= size)).all()):
        raise ValueError(f"lengths must be [{n}], from 1 to {size}, got {lengths.tolist()}")
    made = (lengths * factors).round().clamp(min=1).to(torch.int64)
    steps = torch.arange(int(made.max()), dtype=torch.float64, device=values.device)
    place = (steps / (made - 1).clamp(min=1)[:, None]).clamp(max=1.0)
    if bends is not None:
        place = bent(place, bends.to(torch.float64))
    stretched = _sampled(values, place * (lengths - 1)[:, None])
    return stretched.masked_fill(~mask_of(made, len(steps))[:, None], fill), made


def bend_rows(
    values: Float[Tensor, "batch row frame"], bends: Float[Tensor, "batch wave"]
) -> Float[Tensor, "batch row frame"]:
    """Return spectrograms whose frequency axis is bent: at a row p is what was at `bent` (p).

    p runs from 0, the lowest row, to 1, the highest. `warp_frequencies` moves all resonances by
    one factor; mouths differ in more than their length, and this moves each part on its own.

    Args:
        values: spectrograms.
        bends: for each item, see `bent`.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if `bends` does not fit or is too strong.
    Lesson: 05_real_recordings

    >>> rows = torch.tensor([[[0.0], [1.0], [2.0]]])
    >>> bend_rows(rows, torch.tensor([[0.4, 0.0]])).flatten()
    tensor([0.0000, 1.2546, 2.0000])
    """
    check_batch("values", values, "batch row frame")
    n, n_rows, _ = values.shape
    if bends.ndim != 2 or len(bends) != n:
        raise ValueError(f"bends must be [{n}, wave], got {list(bends.shape)}")
    place = torch.linspace(0.0, 1.0, n_rows, dtype=torch.float64, device=values.device)
    source = bent(place[None], bends.to(torch.float64)) * (n_rows - 1)
    return _sampled(values.transpose(1, 2), source).transpose(1, 2)


def _drawn_bends(bend: float, like: Tensor, generator: torch.Generator) -> Tensor:
    """Return bends for each item whose absolute values add up to at most `bend`."""
    if not 0 <= bend < 1:
        raise ValueError(f"bend must be at least 0 and below 1, got {bend}")
    most = bend / N_BENDS
    return uniform("bend", (-most, most), (len(like), N_BENDS), like, generator)


def random_stretch(
    values: Float[Tensor, "batch row frame"],
    *,
    factor: Range,
    bend: float = 0.0,
    lengths: Int[Tensor, " batch"] | None = None,
    fill: float = -100.0,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "batch row new_frame"], Int[Tensor, " batch"]]:
    """Return each spectrogram slower or faster, unevenly if so wished, and the new lengths.

    Args:
        values: spectrograms.
        factor: smallest and largest; slower by a factor is drawn as often as faster by it.
        bend: the absolute bends of an item add up to at most this (see `stretch`): at 0.3 the
            speed varies within an item by up to 30 %.
        lengths: the frames of each item that are not padding. Default: all.
        fill: what follows the shorter items.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if the range is not in order and above 0, `bend` not from 0 to below 1, or
            `lengths` do not fit.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(0)
    >>> made, lengths = random_stretch(torch.zeros(2, 40, 50), factor=(0.8, 1.25), generator=g)
    >>> made.shape[-1] == lengths.max(), 40 <= int(lengths.min()), int(lengths.max()) <= 63
    (tensor(True), True, True)
    """
    check_batch("values", values, "batch row frame")
    low, high = checked_range("factor", factor)
    if not low > 0:
        raise ValueError(f"factor must be (low, high), above 0, got {factor}")
    span = (math.log(low), math.log(high))
    factors = uniform("factor", span, (len(values),), values, generator).exp()
    bends = _drawn_bends(bend, values, generator)
    return stretch(values, factors, lengths=lengths, bends=bends, fill=fill)


def random_bend(
    values: Float[Tensor, "batch row frame"], *, bend: float, generator: torch.Generator
) -> Float[Tensor, "batch row frame"]:
    """Return each spectrogram with its frequency axis bent (see `bend_rows`).

    Args:
        values: spectrograms.
        bend: the absolute bends of an item add up to at most this, below 1.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if `bend` is not from 0 to below 1.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(0)
    >>> random_bend(torch.zeros(2, 40, 50), bend=0.3, generator=g).shape
    torch.Size([2, 40, 50])
    """
    check_batch("values", values, "batch row frame")
    return bend_rows(values, _drawn_bends(bend, values, generator))
