"""Where a recording begins and ends: silence before and after the word, or a little cut off."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from avtutor.augment.draws import check_batch, uniform


def random_margins(
    samples: Float[Tensor, "batch time"],
    *,
    max_samples: int,
    max_cut: float = 0.0,
    lengths: Int[Tensor, " batch"] | None = None,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "batch new_time"], Int[Tensor, " batch"]]:
    """Return each sound with other margins, and the new lengths.

    One who cuts recordings by hand cuts all of them in one way: close to the word, or with a
    pause on both sides. A network that has only seen one way takes the other for a part of the
    word. Here each end of each item, by itself, is with equal chance given silence or cut.

    Args:
        samples: one sound a row.
        max_samples: the longest silence at one end; how long is drawn evenly.
        max_cut: the largest part cut off at one end, as a share of the item, below 0.5.
        lengths: samples of each row that are not padding. Default: all.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `samples` holds no floats.
        ValueError: if `max_samples` is negative, `max_cut` not from 0 to below 0.5, or `lengths`
            do not fit.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(6)
    >>> random_margins(torch.ones(2, 3), max_samples=2, generator=g)
    (tensor([[0., 1., 1., 1., 0., 0.],
            [1., 1., 1., 0., 0., 0.]]), tensor([6, 3]))
    """
    check_batch("samples", samples, "batch time")
    if max_samples < 0:
        raise ValueError(f"max_samples must be at least 0, got {max_samples}")
    if not 0 <= max_cut < 0.5:
        raise ValueError(f"max_cut must be at least 0 and below 0.5, got {max_cut}")
    n, size = samples.shape
    if lengths is None:
        lengths = torch.full((n,), size, device=samples.device)
    if lengths.shape != (n,) or not bool(((lengths >= 1) & (lengths <= size)).all()):
        raise ValueError(f"lengths must be [{n}], from 1 to {size}, got {lengths.tolist()}")
    # Float64, since in float32 a share of many samples may round up to one more than allowed.
    like = samples.new_empty(0, dtype=torch.float64)
    share = uniform("share", (0.0, 1.0), (2, n), like, generator)
    adds = uniform("choice", (0.0, 1.0), (2, n), like, generator) < 0.5
    added = (share * (max_samples + 1)).floor().clamp(max=max_samples)
    cut = (share * max_cut * lengths).floor()
    before, after = torch.where(adds, added, -cut).to(torch.int64)
    made = (lengths + before + after).clamp(min=1)
    moved = samples.new_zeros(n, int(made.max()))
    for item, (start, end, length) in enumerate(
        zip(before.tolist(), after.tolist(), lengths.tolist(), strict=True)
    ):
        kept = samples[item, max(-start, 0) : length + min(end, 0)]
        moved[item, max(start, 0) : max(start, 0) + len(kept)] = kept
    return moved, made
