"""Is a map right? Take away first what it calls important, and look at how fast the answer goes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from avtutor.explain.calls import Model, check_map, check_picture, filling, logits_of


@dataclass(frozen=True, eq=False)
class Curve:
    """A class's probability while cells are taken away from a picture, or brought in.

    Args:
        shares: of the cells that were deleted or inserted, from 0 to 1.
        probabilities: of the class, one for each share.

    >>> Curve(torch.tensor([0.0, 0.5, 1.0]), torch.tensor([1.0, 0.5, 0.0])).area
    0.5
    """

    shares: Float[Tensor, " step"]
    probabilities: Float[Tensor, " step"]

    @property
    def area(self) -> float:
        """The area under the curve, by trapezoids: the mean probability."""
        return float(torch.trapezoid(self.probabilities.double(), self.shares.double()))


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean of curves over several pictures, step by step.

    The shares are means as well: pictures of unequal size round them differently.

    Raises:
        ValueError: if there are no curves, or they have unequal numbers of steps.
    Lesson: 08_what_it_heard

    >>> shares = torch.tensor([0.0, 1.0])
    >>> both = [Curve(shares, torch.tensor([1.0, 0.0])), Curve(shares, torch.tensor([0.5, 0.0]))]
    >>> mean_curve(both).probabilities
    tensor([0.7500, 0.0000])
    """
    if not curves:
        raise ValueError("there must be at least one curve, got none")
    if len(sizes := {len(curve.shares) for curve in curves}) > 1:
        raise ValueError(f"the curves must have equally many steps, got {sorted(sizes)}")
    return Curve(
        torch.stack([curve.shares for curve in curves]).mean(dim=0),
        torch.stack([curve.probabilities for curve in curves]).mean(dim=0),
    )


def ranking(map: Float[Tensor, "row column"], *, seed: int = 0) -> Int[Tensor, " cell"]:
    """Return the cells of a map, counted row by row, from the highest to the lowest.

    Equal cells stand in an order drawn from `seed`. (Row by row, a map that is equal everywhere
    would count as one that prefers low frequencies.)

    Raises:
        TypeError: if `map` is no tensor of floats.
        ValueError: if it is not [row, column], or not finite.

    >>> ranking(torch.tensor([[0.0, 3.0], [2.0, 1.0]])).tolist()
    [1, 2, 3, 0]
    """
    check_map(map)
    drawn = torch.randperm(map.numel(), generator=torch.Generator().manual_seed(seed))
    drawn = drawn.to(map.device)
    return drawn[map.flatten()[drawn].argsort(descending=True, stable=True)]


def top_share(
    map: Float[Tensor, "row column"], share: float, *, seed: int = 0
) -> Bool[Tensor, "row column"]:
    """Return which cells are the highest of a map: this share of them, to the nearest cell.

    Where cells are equal at the border, `seed` draws which of them are in, as in `ranking`.

    Args:
        map: any numbers.
        share: of the cells, 0 to 1.
        seed: of the draw.
    Raises:
        TypeError: if `map` is no tensor of floats.
        ValueError: if `share` is not in [0, 1], or `map` not [row, column] or not finite.
    Lesson: 08_what_it_heard

    >>> top_share(torch.tensor([[0.0, 3.0], [2.0, 1.0]]), 0.5)
    tensor([[False,  True],
            [ True, False]])
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    return _rank(map, seed) < round(share * map.numel())


def _rank(map: Tensor, seed: int) -> Tensor:
    """Return each cell's place in the `ranking`, [row, column]: 0 for the highest."""
    order = ranking(map, seed=seed)
    places = torch.empty_like(order)
    places[order] = torch.arange(len(order), device=order.device)
    return places.reshape(map.shape)


def deletion(
    model: Model,
    picture: Float[Tensor, "*channel row column"],
    map: Float[Tensor, "row column"],
    *,
    target: int,
    fill: float | Tensor,
    n_steps: int = 20,
    seed: int = 0,
) -> Curve:
    """Return the class's probability while the cells that a map calls important are deleted.

    The highest cells go first. A good map makes the curve fall early: a small area is good, in
    comparison with maps that know nothing of the network, on the same pictures and with the same
    fill. The curve is no proof of a cause: a picture with holes is one that the network was never
    trained on, and it may fall for that reason alone.

    Args:
        model: called with a batch of pictures; it stays as it is.
        picture: what the map explains.
        map: any numbers, the larger the more important.
        target: the class.
        fill: what a deleted cell is set to (see `occlusion`).
        n_steps: steps from the whole picture to none of it.
        seed: of the order of equal cells.
    Raises:
        TypeError: if picture or map is no tensor of floats.
        ValueError: if the map has another shape than the picture or is not finite, the fill does
            not spread over the picture, there are more steps than cells or none, or the model's
            output is not [batch, class] with `target`.
    Source: Petsiuk, Das and Saenko 2018, RISE, section 4.2.
    Lesson: 08_what_it_heard

    >>> def mean(pictures):
    ...     return torch.stack([pictures.mean((1, 2)), torch.zeros(len(pictures))], dim=1)
    >>> picture = torch.full((2, 2), 4.0)
    >>> curve = deletion(mean, picture, picture, target=0, fill=-4.0, n_steps=2)
    >>> curve.probabilities
    tensor([0.9820, 0.5000, 0.0180])
    """
    changed = _gone(picture, map, n_steps, seed)
    return _curve(model, picture, changed, filling(fill, picture), picture, target)


def insertion(
    model: Model,
    picture: Float[Tensor, "*channel row column"],
    map: Float[Tensor, "row column"],
    *,
    target: int,
    fill: float | Tensor,
    n_steps: int = 20,
    seed: int = 0,
) -> Curve:
    """Return the class's probability while the cells that a map calls important are brought in.

    The start is a picture of nothing but the fill; the highest cells come first. A good map makes
    the curve rise early: a large area is good. Arguments and errors as for `deletion`.

    Source: Petsiuk, Das and Saenko 2018, RISE, section 4.2 (they start from a blurred picture).
    Lesson: 08_what_it_heard

    >>> def mean(pictures):
    ...     return torch.stack([pictures.mean((1, 2)), torch.zeros(len(pictures))], dim=1)
    >>> picture = torch.full((2, 2), 4.0)
    >>> curve = insertion(mean, picture, picture, target=0, fill=-4.0, n_steps=2)
    >>> curve.probabilities
    tensor([0.0180, 0.5000, 0.9820])
    """
    changed = _gone(picture, map, n_steps, seed)
    return _curve(model, filling(fill, picture), changed, picture, picture, target)


def _gone(picture: Tensor, map: Tensor, n_steps: int, seed: int) -> Tensor:
    """Return which cells have changed at each step, [step, row, column]."""
    check_picture(picture)
    check_map(map, (picture.shape[-2], picture.shape[-1]))
    n = map.numel()
    if not 1 <= n_steps <= n:
        raise ValueError(f"n_steps must be from 1 to the {n} cells of the picture, got {n_steps}")
    counts = torch.linspace(0, n, n_steps + 1, dtype=torch.float64).round().to(picture.device)
    return _rank(map, seed).to(picture.device) < counts[:, None, None]


def _curve(
    model: Model, start: Tensor, changed: Tensor, end: Tensor, picture: Tensor, target: int
) -> Curve:
    """Return the probabilities on the way from one picture to another."""
    n, n_rows, n_columns = changed.shape
    wide = changed.reshape(n, *(1,) * (picture.ndim - 2), n_rows, n_columns)
    logits = logits_of(model, torch.where(wide, end, start), target=target)
    return Curve(changed.double().mean(dim=(1, 2)).float(), logits.softmax(dim=1)[:, target])
