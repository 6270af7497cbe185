"""Pictures from formulas: how much of each pixel a shape covers, and colours laid over colours."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def disc(
    rows: Float[Tensor, " frame"], columns: Float[Tensor, " frame"], *, radius: float, size: int
) -> Float[Tensor, "frame height width"]:
    """Return the share of each pixel that a disc covers, 0 to 1.

    Its edge is taken as straight within a pixel and as lying across it, which is right to a few
    hundredths of a pixel for a radius of at least 2.

    >>> at = torch.tensor([7.3])
    >>> covered = disc(at, at, radius=4.0, size=16)
    >>> round(float(covered.sum()) / math.pi / 4**2, 2)
    1.01
    """
    places = torch.arange(size, dtype=torch.float32)
    down = (places - rows[:, None].float()).square()
    across = (places - columns[:, None].float()).square()
    away = (down[:, :, None] + across[:, None, :]).sqrt_()
    return away.neg_().add_(radius + 0.5).clamp_(0, 1)


def smear(
    rows: Float[Tensor, " height"], *, swing: Float[Tensor, "*shape"], width: float
) -> Float[Tensor, "*shape height"]:
    """Return the share of each pixel that a line covers which swings about row 0, over a while.

    The line goes to and fro as a sine many times while the picture is taken, so it is seen at a
    distance r with the density ``1 / (π sqrt(swing² - r²))``: most at the turning points. Summed
    over the rows it covers `width` pixels however far it swings: no light is lost.

    Args:
        rows: distance of each line of pixels from the middle.
        swing: how far it swings to either side, in pixels, above 0.
        width: of the line, in pixels.
    Source: the distribution of a sine at a random phase (arcsine law).

    >>> rows = torch.arange(-8.0, 9.0)
    >>> smear(rows, swing=torch.tensor([0.1, 5.0]), width=2.0).sum(dim=-1).round(decimals=4)
    tensor([2., 2.])
    """
    edges = torch.stack([rows + width / 2, rows - width / 2]) / swing[..., None, None]
    before = torch.asin(edges.clamp(-1, 1)) / math.pi
    return before[..., 0, :] - before[..., 1, :]


def over(
    frames: Float[Tensor, "frame height width 3"],
    colour: Float[Tensor, "*#shape 3"],
    covered: Float[Tensor, "frame height width"],
) -> Float[Tensor, "frame height width 3"]:
    """Return the pictures with a colour laid over them where it covers.

    >>> black = torch.zeros(1, 1, 2, 3)
    >>> over(black, torch.ones(3), torch.tensor([[[0.0, 0.5]]]))[0, 0, :, 0]
    tensor([0.0000, 0.5000])
    """
    return torch.lerp(frames, colour.expand_as(frames), covered[..., None])


def backdrop(size: int, *, generator: torch.Generator) -> Float[Tensor, "height width 3"]:
    """Return a dark wall of a random colour, a little lighter towards the top."""
    colour = 0.15 + 0.2 * torch.rand(3, generator=generator)
    light = torch.linspace(0.04, -0.04, size)[:, None, None]
    return (colour + light).expand(size, size, 3).clone()


def between(
    tops: Float[Tensor, "frame width"], bottoms: Float[Tensor, "frame width"], *, size: int
) -> Float[Tensor, "frame height width"]:
    """Return the share of each pixel that lies between two curves, one value a column each.

    >>> between(torch.tensor([[0.5]]), torch.tensor([[2.25]]), size=4)[0, :, 0]
    tensor([0.0000, 1.0000, 0.7500, 0.0000])
    """
    rows = torch.arange(size, dtype=torch.float32)[:, None]
    low = torch.minimum(rows + 0.5, bottoms[:, None])
    return (low - torch.maximum(rows - 0.5, tops[:, None])).clamp_(0, 1)
