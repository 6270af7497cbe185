"""Habits of work with images: flip, shift, squeeze, turn, permute, colour; on any pictures.

For a spectrogram, `height` is the axis of its bands, `width` that of time. None of these asks
whether the result could be a spectrogram of anything: lesson 07 measures what each one does.
"""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from avtutor.augment.draws import check_batch

Axis = Literal["height", "width"]
_AXES = {"height": -2, "width": -1}
_LUMA = (299, 587, 114)
"""Thousandths of red, green and blue in a grey value (ITU-R BT.601)."""


def _checked(pictures: Tensor, axis: str, allowed: Sequence[str] = get_args(Axis)) -> None:
    check_batch("pictures", pictures, "batch channel height width")
    if axis not in allowed:
        raise ValueError(f"axis must be one of {', '.join(allowed)}, got {axis!r}")


def flip(
    pictures: Float[Tensor, "batch channel height width"], axis: Axis
) -> Float[Tensor, "batch channel height width"]:
    """Return pictures mirrored along one axis.

    Along the width a spectrogram then runs backwards: it is that of the reversed samples. Along
    the height its lowest band becomes the highest, which no sound in a room does.

    Args:
        pictures: of any kind.
        axis: ``"height"`` or ``"width"``.
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if `pictures` has another number of axes, or there is no such axis.
    Lesson: 07_not_a_photo

    >>> flip(torch.tensor([[[[1.0, 2.0, 3.0]]]]), "width").flatten()
    tensor([3., 2., 1.])
    """
    _checked(pictures, axis)
    return pictures.flip(_AXES[axis])


def shift(
    pictures: Float[Tensor, "batch channel height width"],
    steps: Int[Tensor, " batch"] | int,
    axis: Axis,
    *,
    fill: float,
) -> Float[Tensor, "batch channel height width"]:
    """Return pictures moved along one axis; what leaves is lost, and the gap is filled.

    Args:
        pictures: of any kind.
        steps: towards higher indices, or lower ones if negative; one number, or one an item.
        axis: ``"height"`` or ``"width"``.
        fill: what the gap is filled with: of a spectrogram its floor (in dB, 0 is loud).
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if `pictures` has another number of axes, there is no such axis, or `steps`
            has not one number an item.
    Lesson: 07_not_a_photo

    >>> shift(torch.tensor([[[[1.0, 2.0, 3.0]]]]), 1, "width", fill=-60.0).flatten()
    tensor([-60.,   1.,   2.])
    """
    _checked(pictures, axis)
    steps = torch.as_tensor(steps, device=pictures.device).expand(len(pictures))
    if steps.is_floating_point():
        raise TypeError(f"steps must be whole numbers, got {steps.dtype}")
    along = pictures if axis == "width" else pictures.transpose(-1, -2)
    size = along.shape[-1]
    source = torch.arange(size, device=pictures.device) - steps[:, None]  # [batch, step]
    outside = ((source < 0) | (source >= size))[:, None, None]
    places = source.clamp(0, size - 1)[:, None, None].expand_as(along)
    moved = along.gather(-1, places).masked_fill(outside, fill)
    return moved if axis == "width" else moved.transpose(-1, -2)


def squeeze(
    pictures: Float[Tensor, "batch channel height width"],
    factors: Float[Tensor, " batch"] | float,
    axis: Axis,
    *,
    fill: float,
    anchor: float = 0.5,
) -> Float[Tensor, "batch channel height width"]:
    """Return pictures of the same size whose content is `factors` times as wide, or as high.

    Between cells values are interpolated straight. What comes to lie outside is lost.

    Args:
        pictures: of any kind.
        factors: 0.5 squeezes to half the size, 2 stretches to double; one number, or one an item.
        axis: ``"height"`` or ``"width"``.
        fill: what the gap is filled with.
        anchor: what stays in its place, as a share of the axis: 0 is the outer edge of the first
            cell, 0.5 the middle, 1 the outer edge of the last.
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if a factor is not above 0, `factors` has not one number an item, `anchor` is
            not from 0 to 1, or the pictures or the axis do not fit.
    Lesson: 07_not_a_photo

    >>> row = torch.tensor([[[[1.0, 1.0, 5.0, 5.0]]]])
    >>> squeeze(row, 0.5, "width", fill=0.0, anchor=0.0).flatten()
    tensor([1., 5., 0., 0.])
    """
    _checked(pictures, axis)
    if not 0 <= anchor <= 1:
        raise ValueError(f"anchor must be from 0 to 1, got {anchor}")
    scale = torch.as_tensor(factors, dtype=torch.float64, device=pictures.device)
    scale = scale.expand(len(pictures))
    if not bool((scale.isfinite() & (scale > 0)).all()):
        raise ValueError(f"factors must be above 0, got {scale.tolist()}")
    matrix = torch.eye(2, 3, dtype=torch.float64, device=pictures.device).repeat(
        len(pictures), 1, 1
    )
    row, fixed = (0 if axis == "width" else 1), 2 * anchor - 1
    matrix[:, row, row] = 1 / scale
    matrix[:, row, 2] = fixed - fixed / scale
    return _resampled(pictures, matrix, fill)


def rotate(
    pictures: Float[Tensor, "batch channel height width"],
    degrees: Float[Tensor, " batch"] | float,
    *,
    fill: float,
) -> Float[Tensor, "batch channel height width"]:
    """Return pictures turned about their middle, one cell as long in height as in width.

    A photo may be tilted. In a spectrogram a level line is a steady tone, and a tilted one a
    glide; and a click is spread over time.

    Args:
        pictures: of any kind.
        degrees: from the width axis towards the height axis; one number, or one an item.
        fill: what the corners are filled with.
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if `degrees` has not one number an item, or `pictures` another number of axes.
    Lesson: 07_not_a_photo

    >>> square = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> rotate(square, 90.0, fill=0.0).round().squeeze()
    tensor([[3., 1.],
            [4., 2.]])
    """
    check_batch("pictures", pictures, "batch channel height width")
    height, width = pictures.shape[-2:]
    turn = torch.as_tensor(degrees, dtype=torch.float64, device=pictures.device) * math.pi / 180
    turn = turn.expand(len(pictures))
    matrix = torch.zeros(len(pictures), 2, 3, dtype=torch.float64, device=pictures.device)
    matrix[:, 0, 0] = matrix[:, 1, 1] = turn.cos()
    matrix[:, 0, 1] = turn.sin() * height / width
    matrix[:, 1, 0] = -turn.sin() * width / height
    return _resampled(pictures, matrix, fill)


def _resampled(pictures: Tensor, matrix: Tensor, fill: float) -> Tensor:
    """Return pictures whose cell at p shows what was at ``matrix @ (p, 1)``, both in -1 to 1."""
    grid = torch.nn.functional.affine_grid(
        matrix.to(pictures.dtype), list(pictures.shape), align_corners=False
    )
    moved = torch.nn.functional.grid_sample(pictures - fill, grid, align_corners=False)
    return moved + fill


def permute(
    pictures: Float[Tensor, "batch channel height width"],
    axis: Literal["height", "width", "both"],
    *,
    seed: int,
) -> Float[Tensor, "batch channel height width"]:
    """Return pictures with their rows, columns or cells in another order, the same for all.

    Nothing is lost: only what was a neighbour is no longer one.

    Args:
        pictures: of any kind.
        axis: ``"height"`` reorders the rows, ``"width"`` the columns, ``"both"`` all cells.
        seed: another one gives another order.
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if `pictures` has another number of axes, or there is no such axis.
    Lesson: 07_not_a_photo

    >>> shuffled = permute(torch.arange(6.0).reshape(1, 1, 2, 3), "both", seed=0)
    >>> shuffled.shape, shuffled.flatten().sort().values
    (torch.Size([1, 1, 2, 3]), tensor([0., 1., 2., 3., 4., 5.]))
    """
    _checked(pictures, axis, ("height", "width", "both"))
    cells = pictures.flatten(-2)[..., None] if axis == "both" else pictures
    dim = _AXES.get(axis, -2)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(cells.shape[dim], generator=generator).to(pictures.device)
    return cells.index_select(dim, order).reshape(pictures.shape)


def colour(
    pictures: Float[Tensor, "batch 1 height width"], table: UInt8[Tensor, "shade 3"]
) -> UInt8[Tensor, "batch 3 height width"]:
    """Return grey pictures as coloured ones of 8 bits, as they are saved for people to look at.

    Args:
        pictures: from 0, the first colour, to 1, the last; what lies outside is clipped.
        table: red, green and blue of each shade.
    Raises:
        TypeError: if `pictures` holds no floats.
        ValueError: if `pictures` has another number of axes or of channels.
    Lesson: 07_not_a_photo

    >>> table = torch.tensor([[0, 0, 0], [255, 128, 0]], dtype=torch.uint8)
    >>> colour(torch.tensor([[[[0.0, 1.0]]]]), table)[0, :, 0, 1]
    tensor([255, 128,   0], dtype=torch.uint8)
    """
    check_batch("pictures", pictures, "batch channel height width")
    if pictures.shape[1] != 1:
        raise ValueError(f"pictures must have 1 channel, got {pictures.shape[1]}")
    shades = (pictures[:, 0].clamp(0, 1) * (len(table) - 1)).round().to(torch.int64)
    return table.to(pictures.device)[shades].movedim(-1, 1)


def luminance(
    pictures: UInt8[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 1 height width"]:
    """Return coloured pictures as grey ones, 0 to 1: how bright each colour is.

    Not the number that the colour stood for: few colour maps are even steps of brightness, and
    some are not even in order.

    Args:
        pictures: red, green and blue, 8 bits each.
    Raises:
        ValueError: if `pictures` is not [batch, 3, height, width].
    Source: ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.
    Lesson: 07_not_a_photo

    >>> luminance(torch.tensor([0, 255, 0], dtype=torch.uint8).reshape(1, 3, 1, 1)).item()
    0.587...
    """
    if pictures.ndim != 4 or pictures.shape[1] != 3:
        raise ValueError(f"pictures must be [batch, 3, height, width], got {list(pictures.shape)}")
    weights = torch.tensor(_LUMA, device=pictures.device)[:, None, None]
    total = (pictures.to(torch.int64) * weights).sum(dim=1, keepdim=True)
    return (total / (1000 * 255)).to(torch.float32)
