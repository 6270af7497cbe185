"""Occlusion: a patch is hidden, the network is asked again, and what it lost is noted."""

from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.explain.calls import Model, check_picture, filling, logits_of

Score = Literal["probability", "logit"]


def scores(logits: Tensor, target: int, score: Score) -> Tensor:
    """Return the probability or the logit of one class, [batch]."""
    if score not in get_args(Score):
        raise ValueError(f"score must be one of {', '.join(get_args(Score))}, got {score!r}")
    return (logits.softmax(dim=1) if score == "probability" else logits)[:, target]


def _starts(name: str, size: int, patch: int, stride: int) -> Tensor:
    """Return where patches begin: about `stride` apart, evenly, the last one at the very end."""
    if not 1 <= patch <= size:
        raise ValueError(f"patch must have from 1 to {size} {name}, got {patch}")
    if not 1 <= stride <= patch:
        raise ValueError(
            f"stride must be from 1 to the {patch} {name} of the patch, so that none is left "
            f"out, got {stride}"
        )
    n = -(-(size - patch) // stride) + 1
    return torch.linspace(0, size - patch, n, dtype=torch.float64).round().long()


def occlusion(
    model: Model,
    picture: Float[Tensor, "*channel row column"],
    *,
    target: int,
    fill: float | Tensor,
    patch: tuple[int, int],
    stride: tuple[int, int] | None = None,
    score: Score = "probability",
    batch_size: int = 256,
) -> Float[Tensor, "row column"]:
    """Return how much of a class's score is lost where the picture is hidden.

    A patch is filled and the model is asked again, at every place. A cell has the mean of what
    the patches that cover it cost: above 0 where the picture spoke for the class, below 0 where
    it spoke against it.

    Args:
        model: called with a batch of pictures; it stays as it is.
        picture: what is explained.
        target: the class.
        fill: what stands in a hidden patch: a number, or levels that spread over the picture,
            such as [row, 1]. It decides what is asked, and has no default: the `noise_floor` asks
            which sounds count; the mean of the training data, which sounds and which pauses; 0,
            in a picture in dB, is loud, and asks what noise there would do.
        patch: its (rows, columns).
        stride: from patch to patch, at most a patch. Default: half a patch.
        score: the class's ``"probability"``, or its ``"logit"``, which still moves where the
            probability stays close to 1.
        batch_size: pictures in one call of the model.
    Raises:
        TypeError: if the picture is no tensor of floats.
        ValueError: if the patch does not fit, the stride leaves cells out, the fill does not
            spread over the picture, or the model's output is not [batch, class] with `target`.
    Source: Zeiler and Fergus 2014, Visualizing and understanding convolutional networks, 4.2.
    Lesson: 08_what_it_heard

    >>> def first_cell(pictures):
    ...     return torch.stack([pictures[:, 0, 0], 0 * pictures[:, 0, 0]], dim=1)
    >>> kept = {"target": 0, "fill": 0.0, "patch": (1, 1), "score": "logit"}
    >>> occlusion(first_cell, torch.full((2, 3), 5.0), **kept)
    tensor([[5., 0., 0.],
            [0., 0., 0.]])
    """
    check_picture(picture)
    n_rows, n_columns = picture.shape[-2:]
    steps = stride or ((patch[0] + 1) // 2, (patch[1] + 1) // 2)
    top = _starts("rows", n_rows, patch[0], steps[0])
    left = _starts("columns", n_columns, patch[1], steps[1])
    row, column = torch.arange(n_rows), torch.arange(n_columns)
    rows = (row >= top[:, None]) & (row < top[:, None] + patch[0])  # [place, row]
    columns = (column >= left[:, None]) & (column < left[:, None] + patch[1])
    hidden = (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1)
    hidden = hidden.to(picture.device)  # [place, row, column]
    filled = filling(fill, picture)
    before = scores(logits_of(model, picture[None], target=target), target, score)
    costs = []
    for part in torch.split(hidden, batch_size):
        wide = part.reshape(len(part), *(1,) * (picture.ndim - 2), n_rows, n_columns)
        pictures = torch.where(wide, filled, picture)
        after = logits_of(model, pictures, target=target, batch_size=batch_size)
        costs.append(before - scores(after, target, score))
    cost = torch.cat(costs)
    total: Tensor = torch.tensordot(cost, hidden.to(cost.dtype), dims=1)
    return total / hidden.sum(dim=0)
