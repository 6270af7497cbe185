"""Wrong answers to the exercises of lesson 16: the function, and a phrase of its diagnosis."""

import math

import torch


def _around(found, true):  # noqa: ANN001, ANN202
    return (found - true + 180) % 360 - 180


def _folded(found, true):  # noqa: ANN001, ANN202
    apart = (found - true).abs()
    return torch.minimum(apart, 360 - apart)


def _half(found, true):  # noqa: ANN001, ANN202
    apart = (found - true).abs() % 180
    return torch.minimum(apart, 180 - apart)


def _hits(scores, right, descending=True):  # noqa: ANN001, ANN202
    return right.gather(1, scores.argsort(dim=1, descending=descending)).int()


def _strict(scores, right):  # noqa: ANN001, ANN202
    best = scores.masked_fill(~right, -math.inf).amax(dim=1, keepdim=True)
    return 1 + (scores > best).sum(dim=1)


def _by_order(scores, right):  # noqa: ANN001, ANN202
    order = scores.argsort(dim=1, descending=True, stable=True)
    return right.gather(1, order).int().argmax(dim=1) + 1


def _only_first(scores, right):  # noqa: ANN001, ANN202
    own = scores.gather(1, right.int().argmax(dim=1, keepdim=True))
    return (scores >= own).sum(dim=1)


def _mean_rank(scores, right):  # noqa: ANN001, ANN202
    hits = _hits(scores, right)
    return (hits * torch.arange(1, hits.shape[1] + 1)).sum(dim=1) / hits.sum(dim=1)


def _ratio(drawn, training, unseen, reduce="median", power=1, axis=1):  # noqa: ANN001, ANN202
    near = [torch.cdist(some, training).min(dim=axis).values ** power for some in (drawn, unseen)]
    return getattr(near[0], reduce)() / getattr(near[1], reduce)()


def _to_all(drawn, training, unseen):  # noqa: ANN001, ANN202
    far = [torch.cdist(some, training).mean(dim=1).median() for some in (drawn, unseen)]
    return far[0] / far[1]


def _to_new(drawn, training, unseen):  # noqa: ANN001, ANN202
    own = torch.cdist(unseen, training).min(dim=1).values.median()
    return torch.cdist(drawn, unseen).min(dim=1).values.median() / own


WRONG = {
    "16.hue_error": [
        (lambda found, true: (found - true).abs(), "not 340"),
        (_around, "has no sign"),
        (lambda found, true: (found - true) % 360, "counts one way round"),
        (_half, "opposite colours"),
        (lambda found, true: _around(found, true).abs().mean(), "not their mean"),
        (lambda found, true: torch.deg2rad(_around(found, true).abs()), "stay in degrees"),
        (_folded, "before you fold"),
    ],
    "16.first_rank": [
        (lambda scores, right: _hits(scores, right).argmax(dim=1), "not 0"),
        (
            lambda scores, right: _hits(scores, right, descending=False).argmax(dim=1) + 1,
            "the highest score comes first",
        ),
        (
            lambda scores, right: (
                scores.shape[1] - _hits(scores, right).flip(1).argmax(dim=1)
            ),
            "not the last",
        ),
        (
            lambda scores, right: scores.masked_fill(~right, -math.inf).argmax(dim=1),
            "stands in the gallery",
        ),
        (_mean_rank, "mean rank"),
        (_only_first, "one picture only"),
        (_strict, "must not come out first"),
        (_by_order, "order of the gallery"),
    ],
    "16.copies": [
        (
            lambda drawn, training, unseen: (
                torch.cdist(drawn, training).min(dim=1).values.median()
            ),
            "means nothing alone",
        ),
        (
            lambda drawn, training, unseen: 1 / _ratio(drawn, training, unseen),
            "the other way round",
        ),
        (_to_all, "the nearest, not the mean"),
        (lambda *some: _ratio(*some, axis=0), "has its nearest among"),
        (lambda *some: _ratio(*some, power=2), "not its square"),
        (lambda *some: _ratio(*some, reduce="mean"), "not the mean"),
        (_to_new, "not the drawn with the new ones"),
    ],
}
