"""Metrics against values computed by hand and printed tables."""

import itertools
import math

import pytest
import torch

from avtutor.metrics import (
    accuracy,
    accuracy_by_group,
    confusion,
    first_right,
    recall_at_k,
    recall_by_chance,
    t_interval,
)

PREDICTED = torch.tensor([2, 0, 1, 1, 0, 2, 2])
LABELS = torch.tensor([2, 0, 1, 0, 0, 1, 2])


def test_accuracy_counts() -> None:
    assert accuracy(PREDICTED, LABELS) == 5 / 7
    assert accuracy(LABELS, LABELS) == 1.0
    assert accuracy((LABELS + 1) % 3, LABELS) == 0.0


def test_accuracy_within_groups_and_not_over_items() -> None:
    groups = ["bob", "ann", "bob", "bob", "ann", "bob", "bob"]
    found = accuracy_by_group(PREDICTED, LABELS, groups)
    assert found == {"ann": 1.0, "bob": 3 / 5}
    assert list(found) == ["ann", "bob"]
    assert sum(found.values()) / 2 != accuracy(PREDICTED, LABELS)


def test_confusion_has_the_right_class_in_rows() -> None:
    table = confusion(PREDICTED, LABELS, n_classes=4)
    assert table.tolist() == [[2, 1, 0, 0], [0, 1, 1, 0], [0, 0, 2, 0], [0, 0, 0, 0]]
    assert int(table.diagonal().sum()) / int(table.sum()) == accuracy(PREDICTED, LABELS)


# Printed tables of the t distribution: degrees of freedom, confidence, quantile.
TABLE = [
    (1, 0.95, 12.706),
    (2, 0.95, 4.303),
    (3, 0.95, 3.182),
    (5, 0.95, 2.571),
    (9, 0.95, 2.262),
    (30, 0.95, 2.042),
    (4, 0.90, 2.132),
    (4, 0.99, 4.604),
]


@pytest.mark.parametrize(("freedom", "confidence", "quantile"), TABLE)
def test_the_half_width_is_that_of_the_tables(
    freedom: int, confidence: float, quantile: float
) -> None:
    n = freedom + 1
    values = [1.0] + [0.0] * freedom  # mean 1/n, variance of the sample 1/n
    found = t_interval(values, confidence=confidence)
    assert found.mean == pytest.approx(1 / n)
    assert found.high - found.mean == pytest.approx(quantile / n, rel=2e-4)
    assert found.mean - found.low == pytest.approx(quantile / n, rel=2e-4)
    assert found.n == n


def test_an_interval_by_hand() -> None:
    # mean 0.88, squared differences 0.0064 + 0.0004 + 0.0004 + 0.0064 = 0.0136, 3.182 * s / 2
    half = 3.18245 * math.sqrt(0.0136 / 3) / 2
    found = t_interval([0.80, 0.86, 0.90, 0.96])
    assert (found.low, found.high) == pytest.approx((0.88 - half, 0.88 + half), abs=1e-6)
    assert str(found) == "0.880 [0.773, 0.987], n = 4"


def test_at_four_voices_it_covers_what_it_says_and_the_bootstrap_does_not() -> None:
    generator = torch.Generator().manual_seed(0)
    voices = torch.randn(2000, 4, generator=generator, dtype=torch.float64)
    held = [found.low <= 0 <= found.high for found in map(t_interval, voices.tolist())]
    assert sum(held) / 2000 == pytest.approx(0.95, abs=0.015)
    again = torch.randint(4, (2000, 500, 4), generator=generator)
    means = voices[:, None].expand(-1, 500, -1).gather(2, again).mean(dim=2)
    low, high = means.quantile(0.025, dim=1), means.quantile(0.975, dim=1)
    assert ((low <= 0) & (high >= 0)).double().mean() < 0.85


SCORES = torch.tensor(
    [[0.9, 0.2, 0.1, 0.4], [0.9, 0.8, 0.1, 0.7], [0.3, 0.6, 0.1, 0.2], [0.1, 0.2, 0.3, 0.4]]
)


def test_recall_by_hand() -> None:
    right = torch.arange(4)  # their ranks: 1, 2, 4, 1
    assert [recall_at_k(SCORES, right, k=k) for k in (1, 2, 3, 4)] == [0.5, 0.75, 0.75, 1.0]
    assert recall_at_k(SCORES[:2], torch.tensor([3, 2]), k=2) == 0.5  # ranks 2, 4


def test_equal_scores_find_nothing() -> None:
    assert recall_at_k(torch.zeros(5, 5), torch.arange(5), k=4) == 0.0
    assert recall_at_k(torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([0]), k=1) == 0.0
    assert recall_at_k(torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([0]), k=2) == 1.0


def test_the_first_right_candidate_by_hand() -> None:
    scores = torch.tensor([[0.9, 0.8, 0.7, 0.6]] * 4 + [[0.5, 0.5, 0.5, 0.5]])
    right = torch.tensor(
        [
            [True, False, False, False],
            [False, False, True, True],
            [False, False, False, True],
            [True, True, True, True],
            [True, True, False, False],  # the two wrong ones count as better, right ones never
        ]
    )
    assert first_right(scores, right).tolist() == [1, 3, 4, 1, 3]


def test_with_one_right_candidate_it_is_recall_at_k() -> None:
    scores = torch.rand(50, 12, generator=torch.Generator().manual_seed(3)).round(decimals=1)
    targets = torch.randint(12, (50,), generator=torch.Generator().manual_seed(4))
    ranks = first_right(scores, torch.nn.functional.one_hot(targets, 12).bool())
    for k in (1, 5, 12):
        assert float((ranks <= k).double().mean()) == recall_at_k(scores, targets, k=k)


def test_chance_is_that_of_a_random_order() -> None:
    one = torch.eye(7, dtype=torch.bool)
    assert recall_by_chance(one, k=3) == pytest.approx(3 / 7, abs=1e-12)
    assert recall_by_chance(torch.ones(2, 5, dtype=torch.bool), k=1) == 1.0
    # Counted over all orders of six candidates: none of the first two is one of the three right.
    orders = list(itertools.permutations(range(6)))
    hits = sum(min(order[:2]) < 3 for order in orders) / len(orders)
    right = torch.tensor([[True, True, True, False, False, False]])
    assert recall_by_chance(right, k=2) == pytest.approx(hits, abs=1e-12)
    assert recall_by_chance(right, k=4) == 1.0  # only three are wrong
    g = torch.Generator().manual_seed(5)
    several = torch.rand(4000, 30, generator=g) < 0.1
    several[:, 0] = True
    ranks = first_right(torch.rand(4000, 30, generator=g), several)
    assert recall_by_chance(several, k=5) == pytest.approx(
        float((ranks <= 5).double().mean()), abs=0.03
    )


def test_random_scores_are_at_chance() -> None:
    scores = torch.rand(4000, 10, generator=torch.Generator().manual_seed(1))
    targets = torch.randint(10, (4000,), generator=torch.Generator().manual_seed(2))
    assert recall_at_k(scores, targets, k=3) == pytest.approx(0.3, abs=0.03)


@pytest.mark.bad_input
@pytest.mark.parametrize("function", [accuracy, lambda p, y: confusion(p, y, n_classes=3)])
def test_bad_pairs_are_refused(function) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match="predicted must hold numbers of classes.*float32"):
        function(torch.zeros(3, 3), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"both be \[item\], got \[2\] and \[3\]"):
        function(torch.tensor([0, 1]), torch.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match="at least one item"):
        function(torch.tensor([], dtype=torch.int64), torch.tensor([], dtype=torch.int64))


@pytest.mark.bad_input
def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="predicted must be from 0 to 1, got 0 to 2"):
        confusion(PREDICTED, LABELS, n_classes=2)
    with pytest.raises(ValueError, match="groups must have 7 items, got 2"):
        accuracy_by_group(PREDICTED, LABELS, ["ann", "bob"])
    with pytest.raises(ValueError, match="at least 2 values, got 1"):
        t_interval([0.9])
    with pytest.raises(ValueError, match="finite"):
        t_interval([0.9, math.nan])
    with pytest.raises(ValueError, match="confidence must be above 0 and below 1, got 95"):
        t_interval([0.9, 0.8], confidence=95)
    with pytest.raises(ValueError, match=r"k must be from 1 to 4 \(the candidates\), got 5"):
        recall_at_k(SCORES, torch.arange(4), k=5)
    with pytest.raises(ValueError, match="targets must be from 0 to 3, got 1 to 4"):
        recall_at_k(SCORES, torch.arange(1, 5), k=1)
    with pytest.raises(ValueError, match=r"targets must be \[4\], got \[3\]"):
        recall_at_k(SCORES, torch.arange(3), k=1)
    with pytest.raises(ValueError, match="must not be NaN, got 1"):
        recall_at_k(torch.tensor([[math.nan, 1.0]]), torch.tensor([0]), k=1)


@pytest.mark.bad_input
def test_a_mask_of_right_ones_is_checked() -> None:
    right = torch.eye(3, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"right must be bool and \[query, candidate\], got"):
        first_right(torch.rand(3, 3), right.long())
    with pytest.raises(ValueError, match=r"scores must be \[3, 3\], the shape of right"):
        first_right(torch.rand(3, 4), right)
    with pytest.raises(ValueError, match="must not be NaN, got 1"):
        first_right(torch.tensor([[math.nan, 1.0]]), torch.tensor([[True, False]]))
    lacking = torch.tensor([[True, False], [False, False]])
    with pytest.raises(ValueError, match="each query must have a right candidate, got 1 without"):
        first_right(torch.rand(2, 2), lacking)
    with pytest.raises(ValueError, match="each query must have a right candidate, got 1 without"):
        recall_by_chance(lacking, k=1)
    with pytest.raises(ValueError, match=r"k must be from 1 to 3 \(the candidates\), got 4"):
        recall_by_chance(right, k=4)
    with pytest.raises(ValueError, match="k must be from 1 to 3"):
        recall_by_chance(right, k=0)
