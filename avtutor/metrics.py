"""How good a network is, and how far that number may be trusted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from scipy.special import stdtrit
from torch import Tensor


def _check_pair(predicted: Tensor, labels: Tensor) -> None:
    for name, values in (("predicted", predicted), ("labels", labels)):
        if values.is_floating_point() or values.is_complex() or values.dtype == torch.bool:
            raise TypeError(f"{name} must hold numbers of classes (integers), got {values.dtype}")
    if predicted.shape != labels.shape or labels.ndim != 1:
        raise ValueError(
            "predicted and labels must both be [item], "
            f"got {list(predicted.shape)} and {list(labels.shape)}"
        )
    if len(labels) == 0:
        raise ValueError("predicted and labels must hold at least one item")


def accuracy(predicted: Int[Tensor, " item"], labels: Int[Tensor, " item"]) -> float:
    """Return the share of the items whose predicted class is the right one.

    Args:
        predicted: numbers of classes, such as ``logits.argmax(dim=-1)``.
        labels: the right ones.
    Raises:
        TypeError: if either holds no integers (logits, for example).
        ValueError: if they differ in length, or are empty.
    Lesson: 06_the_same_cnn

    >>> accuracy(torch.tensor([0, 1, 1, 2]), torch.tensor([0, 1, 2, 2]))
    0.75
    """
    _check_pair(predicted, labels)
    return int((predicted == labels).sum()) / len(labels)


def accuracy_by_group(
    predicted: Int[Tensor, " item"], labels: Int[Tensor, " item"], groups: Sequence[str]
) -> dict[str, float]:
    """Return the `accuracy` within each group, in alphabetical order of the groups.

    Items of one voice resemble each other, so a thousand of them do not make a thousand
    independent trials: what counts for an interval is the number of voices. Pass these values
    on to `t_interval`.

    Args:
        predicted: numbers of classes.
        labels: the right ones.
        groups: for each item its voice, recording or writer.
    Raises:
        TypeError: if `predicted` or `labels` holds no integers.
        ValueError: if the three differ in length, or are empty.
    Lesson: 06_the_same_cnn

    >>> accuracy_by_group(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), ["bob", "ann", "bob"])
    {'ann': 0.0, 'bob': 1.0}
    """
    _check_pair(predicted, labels)
    if len(groups) != len(labels):
        raise ValueError(f"groups must have {len(labels)} items, got {len(groups)}")
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return {group: accuracy(predicted[rows[group]], labels[rows[group]]) for group in sorted(rows)}


def confusion(
    predicted: Int[Tensor, " item"], labels: Int[Tensor, " item"], *, n_classes: int
) -> Int[Tensor, "label predicted"]:
    """Return how often each class (row) was taken for each class (column).

    Args:
        predicted: numbers of classes, 0 to ``n_classes - 1``.
        labels: the right ones.
        n_classes: number of classes.
    Raises:
        TypeError: if either holds no integers.
        ValueError: if they differ in length, are empty, or hold a number that is no class.
    Lesson: 06_the_same_cnn

    >>> confusion(torch.tensor([0, 1, 1, 0]), torch.tensor([0, 1, 0, 0]), n_classes=2)
    tensor([[2, 1],
            [0, 1]])
    """
    _check_pair(predicted, labels)
    for name, values in (("predicted", predicted), ("labels", labels)):
        low, high = int(values.min()), int(values.max())
        if low < 0 or high >= n_classes:
            raise ValueError(f"{name} must be from 0 to {n_classes - 1}, got {low} to {high}")
    cells = labels.to(torch.int64) * n_classes + predicted
    return torch.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


@dataclass(frozen=True)
class Interval:
    """A mean and the interval that it is stated with; `n` values went into it.

    Lesson: 06_the_same_cnn
    """

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """Write it as mean, interval and number of values.

        >>> str(Interval(0.9125, 0.8437, 0.9813, 6))
        '0.912 [0.844, 0.981], n = 6'
        """
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}], n = {self.n}"


def t_interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the mean of independent values with its t interval: each voice one value.

    It answers: where would the mean over *all* voices be, if these were drawn from them by
    chance? The t distribution makes up for a spread that is itself only estimated, which the
    bootstrap does not: over 4 voices its "95 %" holds the truth about 80 % of the time. So
    this interval is the one to use below some 10 voices, with each voice shown as a dot beside it.
    It is not cut off at 1: an upper end above 1 says that the voices are too few, or too near
    to the top, for a symmetric interval.

    Args:
        values: one for each voice, recording or fold. Not one for each item.
        confidence: how often such intervals hold the truth, between 0 and 1.
    Raises:
        ValueError: if there are fewer than 2 values, one is not finite, or `confidence` is not
            between 0 and 1.
    Source: Student 1908, The probable error of a mean.
    Lesson: 06_the_same_cnn

    >>> print(t_interval([0.8, 0.9, 1.0]))
    0.900 [0.652, 1.148], n = 3
    """
    n = len(values)
    if n < 2:
        raise ValueError(f"an interval needs at least 2 values, got {n}")
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"values must be finite, got {list(values)}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be above 0 and below 1, got {confidence}")
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * math.sqrt(variance / n)
    return Interval(mean, mean - half, mean + half, n)


def recall_at_k(
    scores: Float[Tensor, "query candidate"], targets: Int[Tensor, " query"], *, k: int
) -> float:
    """Return the share of the queries whose right candidate is among the best `k`.

    A candidate with the same score as the right one counts as better: a network that gives all
    the same score finds nothing. Chance is ``k / candidates``, so a recall means little without
    `k` and the number of candidates.

    Args:
        scores: how well each candidate fits each query, more is better.
        targets: the number of the right candidate for each query.
        k: how many of the best are looked at.
    Raises:
        ValueError: if a score is NaN, `k` is not from 1 to the number of candidates, or
            `targets` does not name a candidate for each query.
    Lesson: 15_joint_representation

    >>> scores = torch.tensor([[0.9, 0.1, 0.3], [0.8, 0.5, 0.6]])
    >>> [recall_at_k(scores, torch.tensor([0, 1]), k=k) for k in (1, 2, 3)]
    [0.5, 0.5, 1.0]
    """
    if scores.ndim != 2 or scores.numel() == 0:
        raise ValueError(f"scores must be [query, candidate], got {list(scores.shape)}")
    n_queries, n_candidates = scores.shape
    if not 1 <= k <= n_candidates:
        raise ValueError(f"k must be from 1 to {n_candidates} (the candidates), got {k}")
    if targets.shape != (n_queries,):
        raise ValueError(f"targets must be [{n_queries}], got {list(targets.shape)}")
    low, high = int(targets.min()), int(targets.max())
    if low < 0 or high >= n_candidates:
        raise ValueError(f"targets must be from 0 to {n_candidates - 1}, got {low} to {high}")
    if bool(scores.isnan().any()):
        raise ValueError(f"scores must not be NaN, got {int(scores.isnan().sum())} that are")
    right = scores.gather(1, targets[:, None].to(torch.int64))
    ranks = (scores >= right).sum(dim=1)  # 1 is the best; the right one counts itself
    return int((ranks <= k).sum()) / n_queries


def _check_right(right: Tensor) -> None:
    if right.ndim != 2 or right.numel() == 0 or right.dtype != torch.bool:
        raise ValueError(
            f"right must be bool and [query, candidate], got {right.dtype} {list(right.shape)}"
        )
    if not bool(right.any(dim=1).all()):
        n = int((~right.any(dim=1)).sum())
        raise ValueError(f"each query must have a right candidate, got {n} without one")


def first_right(
    scores: Float[Tensor, "query candidate"], right: Bool[Tensor, "query candidate"]
) -> Int[Tensor, " query"]:
    """Return for each query the rank of its first right candidate: 1 where it leads.

    For queries that several candidates answer, such as pictures with the same name. The share
    of ranks up to `k` is the recall@k; where each query has one right candidate, that is
    `recall_at_k`. As there, a wrong candidate with the same score counts as better. What is by
    chance, `recall_by_chance` tells.

    Args:
        scores: how well each candidate fits each query, more is better.
        right: which candidates answer it; at least one a query.
    Raises:
        ValueError: if the shapes differ, `right` is not bool, a query has no right candidate, or
            a score is NaN.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> scores = torch.tensor([[0.9, 0.1, 0.3], [0.8, 0.5, 0.6]])
    >>> first_right(scores, torch.tensor([[False, True, True], [False, True, False]]))
    tensor([2, 3])
    """
    _check_right(right)
    if scores.shape != right.shape:
        raise ValueError(
            f"scores must be {list(right.shape)}, the shape of right, got {list(scores.shape)}"
        )
    if bool(scores.isnan().any()):
        raise ValueError(f"scores must not be NaN, got {int(scores.isnan().sum())} that are")
    best = scores.masked_fill(~right, -math.inf).amax(dim=1, keepdim=True)
    return 1 + ((scores >= best) & ~right).sum(dim=1)


def recall_by_chance(right: Bool[Tensor, "query candidate"], *, k: int) -> float:
    """Return the recall@k to expect of candidates in random order.

    Of n candidates r answer a query. None of them is among the first k with the probability
    ``C(n - r, k) / C(n, k)`` (hypergeometric); the rest, as a mean over the queries, is chance.
    With one right candidate each it is ``k / n``.

    Args:
        right: which candidates answer each query; at least one a query.
        k: how many of the best are looked at.
    Raises:
        ValueError: if `right` is not bool and [query, candidate], a query has no right
            candidate, or `k` is not from 1 to the number of candidates.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> right = torch.tensor([[True, False, False, False], [True, True, False, False]])
    >>> recall_by_chance(right, k=2)
    0.6666666666666667
    """
    _check_right(right)
    n = right.shape[1]
    if not 1 <= k <= n:
        raise ValueError(f"k must be from 1 to {n} (the candidates), got {k}")
    counts = right.sum(dim=1).tolist()
    return math.fsum(1 - math.comb(n - r, k) / math.comb(n, k) for r in counts) / len(counts)
