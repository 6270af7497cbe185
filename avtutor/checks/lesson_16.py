"""The graders of lesson 16."""

import math

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


@exercise("16.hue_error")
def hue_error(answer: Answer) -> str | None:
    """Five hues on both sides of red; then some as an arc tangent gives them, below 0."""
    found = torch.tensor([350.0, 10.0, 90.0, 200.0, 0.0])
    true = torch.tensor([10.0, 350.0, 100.0, 0.0, 179.0])
    apart = found - true
    expected = _around(apart).abs()
    return compare(
        answer(found, true),
        expected,
        what="the errors",
        slips={
            "red is at 0 and at 360: from 350 to 10 it is 20 degrees, not 340": apart.abs(),
            "an error has no sign: 10 degrees too few are as far off as 10 too many": _around(
                apart
            ),
            "% 360 alone counts one way round: 180 is the farthest, beyond it the other way is "
            "shorter": apart % 360,
            "opposite colours are 180 degrees apart, not 0: the circle has 360": (
                torch.minimum(apart.abs() % 180, 180 - apart.abs() % 180)
            ),
            "one error for each picture, not their mean": expected.mean(),
            "stay in degrees": torch.deg2rad(expected),
        },
    ) or compare(
        answer(torch.tensor([-170.0, -30.0, 725.0]), torch.tensor([359.0, 300.0, 1.0])),
        torch.tensor([169.0, 30.0, 4.0]),
        what="the errors of hues below 0 or above 360",
        slips={
            "a hue of -170 is one of 190: bring the difference into 0 to 360 before you fold "
            "it": torch.tensor([-169.0, 30.0, -364.0]),
        },
    )


def _around(apart: Tensor) -> Tensor:
    return (apart + 180) % 360 - 180


@exercise("16.first_rank")
def first_rank(answer: Answer) -> str | None:
    """Three queries with one, two and three right pictures of six; then scores all alike."""
    scores = torch.tensor(
        [
            [0.9, 0.1, 0.3, 0.7, 0.2, 0.5],
            [0.2, 0.8, 0.6, 0.1, 0.9, 0.4],
            [0.5, 0.4, 0.95, 0.3, 0.2, 0.6],
        ]
    )
    right = torch.zeros(3, 6, dtype=torch.bool)
    right[0, 3] = right[1, 2] = right[1, 3] = right[2, 0] = right[2, 4] = right[2, 5] = True
    order = scores.argsort(dim=1, descending=True)
    hit = right.gather(1, order).int()
    ranks = hit.argmax(dim=1) + 1
    rising = right.gather(1, scores.argsort(dim=1)).int().argmax(dim=1) + 1
    where = scores.masked_fill(~right, -math.inf).argmax(dim=1)
    slips = {
        "the best has rank 1, not 0": ranks - 1,
        "more is better: the highest score comes first": rising,
        "any right picture will do: take the first of them, not the last": (
            6 - hit.flip(1).argmax(dim=1)
        ),
        "that is where the picture stands in the gallery: count how many come before it": where,
        "that is the mean rank of the right ones: the first is asked for": (
            (hit * torch.arange(1, 7)).sum(dim=1) / hit.sum(dim=1)
        ),
        "that asks for one picture only, the first in the gallery that is right": (
            (scores >= scores.gather(1, right.int().argmax(dim=1, keepdim=True))).sum(dim=1)
        ),
    }
    return compare(answer(scores, right), ranks, what="the ranks", slips=slips) or compare(
        answer(torch.zeros(2, 5), torch.eye(5, dtype=torch.bool)[:2]),
        torch.tensor([5, 5]),
        what="the ranks where all scores are alike",
        slips={
            "a wrong picture with the same score counts as better: a network that gives all the "
            "same score must not come out first": torch.tensor([1, 1]),
            "with all scores alike the order of the gallery decides here: count every wrong "
            "picture with the same score as better": torch.tensor([1, 2]),
        },
    )


@exercise("16.copies")
def copies(answer: Answer) -> str | None:
    """Drawn pictures that lie near to training pictures, and real new ones that do not."""
    g = torch.Generator().manual_seed(16)
    training, unseen = (torch.rand(n, 12, generator=g) for n in (40, 9))
    drawn = training[:7] + 0.25 * torch.rand(7, 12, generator=g) - 0.1
    far = torch.cdist(drawn, training), torch.cdist(unseen, training)
    near = [table.min(dim=1).values for table in far]
    ratio = near[0].median() / near[1].median()
    squares = [values.square().median() for values in near]
    ways = [table.min(dim=0).values.median() for table in far]
    means = [table.mean(dim=1).median() for table in far]
    return compare(
        answer(drawn, training, unseen),
        ratio,
        what="the ratio",
        slips={
            "a distance means nothing alone: divide by that of real new pictures": (
                near[0].median()
            ),
            "the other way round: the drawn ones above, the real new ones below": 1 / ratio,
            "a copy is near to one training picture: the nearest, not the mean over all": (
                means[0] / means[1]
            ),
            "each drawn picture has its nearest among the training pictures, not each training "
            "picture among the drawn": ways[0] / ways[1],
            "the distance, not its square": squares[0] / squares[1],
            "the median over the pictures, not the mean": near[0].mean() / near[1].mean(),
            "compare both with the training pictures, not the drawn with the new ones": (
                torch.cdist(drawn, unseen).min(dim=1).values.median() / near[1].median()
            ),
        },
    )
