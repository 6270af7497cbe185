"""Splits: groups stay whole, the share is met as nearly as whole groups allow, leaks are named."""

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avtutor.datasets import (
    audit_labels,
    audit_split,
    group_split,
    leave_one_group_out,
    number_labels,
)

VOICES = ["ann", "bob", "ann", "cyd", "bob", "ann", "dan", "eve", "eve", "eve"]


def groups_of(split_side: tuple[int, ...], groups: list[str]) -> list[str]:
    return [groups[place] for place in split_side]


@given(
    groups=st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=30).filter(
        lambda names: len(set(names)) > 1
    ),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 5),
)
def test_groups_stay_whole_and_no_choice_of_groups_comes_nearer(
    groups: list[str], share: float, seed: int
) -> None:
    split = group_split(groups, test_share=share, seed=seed)
    assert sorted(split.train + split.test) == list(range(len(groups)))
    audit_split(groups_of(split.train, groups), groups_of(split.test, groups))
    assert set(groups_of(split.test, groups)) == set(split.held_out)
    names = sorted(set(groups))
    every_sum = {
        sum(groups.count(name) for name in chosen)
        for n in range(1, len(names))
        for chosen in combinations(names, n)
    }
    nearest = min(abs(s - share * len(groups)) for s in every_sum)
    assert abs(len(split.test) - share * len(groups)) == pytest.approx(nearest)


def test_the_same_seed_gives_the_same_split_and_others_give_others() -> None:
    groups = [f"voice {n % 20}" for n in range(200)]
    splits = [group_split(groups, test_share=0.2, seed=seed) for seed in range(8)]
    assert splits[3] == group_split(groups, test_share=0.2, seed=3)
    assert all(len(split.test) == 40 for split in splits)
    assert len({split.held_out for split in splits}) >= 6
    assert len({name for split in splits for name in split.held_out}) >= 15


def test_the_order_of_the_items_does_not_choose_the_groups() -> None:
    forward = group_split(VOICES, test_share=0.4, seed=2)
    backward = group_split(VOICES[::-1], test_share=0.4, seed=2)
    assert forward.held_out == backward.held_out


def test_a_split_of_very_many_groups() -> None:
    groups = [f"file {n}" for n in range(20_000)]
    split = group_split(groups, test_share=0.3, seed=0)
    assert len(split.test) == 6000
    assert max(split.test) > 19_000 and min(split.test) < 1000


def test_each_group_is_left_out_once() -> None:
    splits = leave_one_group_out(VOICES)
    assert [split.held_out for split in splits] == [
        (n,) for n in ("ann", "bob", "cyd", "dan", "eve")
    ]
    assert splits[0].test == (0, 2, 5)
    assert splits[0].train == (1, 3, 4, 6, 7, 8, 9)
    assert sorted(place for split in splits for place in split.test) == list(range(len(VOICES)))


@pytest.mark.parametrize(
    ("groups", "options", "message"),
    [
        ([], {}, "at least 2 groups, got no items"),
        (["ann", "ann"], {}, "at least 2 groups, got only 'ann'"),
        (VOICES, {"test_share": 0.0}, "test_share must be above 0 and below 1, got 0.0"),
        (VOICES, {"test_share": 1.0}, "got 1.0"),
        (VOICES, {"test_share": float("nan")}, "got nan"),
    ],
)
def test_what_cannot_be_split_is_refused(
    groups: list[str], options: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        group_split(groups, **options)


def test_one_group_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="got only 'ann'"):
        leave_one_group_out(["ann"])


@pytest.mark.bad_input
def test_one_string_is_no_sequence_of_groups() -> None:
    with pytest.raises(TypeError, match="got one string"):
        group_split("ann")
    with pytest.raises(TypeError, match="test_groups must be a sequence"):
        audit_split(["bob"], "ann")


def test_groups_on_both_sides_are_all_named() -> None:
    with pytest.raises(ValueError) as caught:
        audit_split(["bob", "ann", "cyd", "ann"], ["ann", "bob", "dan"])
    assert str(caught.value) == (
        "2 of 3 test groups are in training too: 'ann', 'bob' (3 training and 2 test items)"
    )


def test_of_very_many_groups_on_both_sides_some_are_named() -> None:
    names = [f"v{n:02d}" for n in range(30)]
    with pytest.raises(ValueError, match="'v07' and 22 more"):
        audit_split(names, names)


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(ValueError, match="the test side is empty"):
        audit_split(["ann"], [])
    with pytest.raises(ValueError, match="the train side is empty"):
        audit_split([], ["ann"])


def test_labels_that_cannot_be_learnt_are_named() -> None:
    with pytest.raises(ValueError, match="only the test side has the labels 'emu', 'gnu'"):
        audit_labels(["cat", "cat"], ["gnu", "cat", "emu"])
    with pytest.raises(ValueError, match="at least 2 training items: 'dog' has 1$"):
        audit_labels(["cat", "cat", "dog"], ["cat"])
    with pytest.raises(ValueError, match="at least 3 training items: 'cat' has 2, 'dog' has 1$"):
        audit_labels(["cat", "cat", "dog"], ["cat"], at_least=3)
    audit_labels(["cat", "cat", "dog", "dog"], ["cat"])


def test_labels_become_numbers_in_the_order_of_the_classes() -> None:
    numbers = number_labels(["b", "a", "c", "a"], classes=["c", "a", "b"])
    assert numbers.tolist() == [2, 1, 0, 1] and numbers.dtype == torch.int64
    with pytest.raises(ValueError, match="among the 2 classes, got 'x', 'y'"):
        number_labels(["a", "y", "x"], classes=["a", "b"])
    with pytest.raises(ValueError, match="got twice: 'a'"):
        number_labels(["a"], classes=["a", "b", "a"])
