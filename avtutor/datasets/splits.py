"""Fair splits: what belongs together stays on one side, and the split that leaks is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor


@dataclass(frozen=True)
class Split:
    """Which items train and which test, as positions in the sequence that was split.

    Args:
        train: positions of the training items, ascending.
        test: positions of the test items, ascending.
        held_out: the groups of the test side, in alphabetical order.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    held_out: tuple[str, ...]


def _counted(groups: Sequence[str]) -> Counter[str]:
    if isinstance(groups, str):
        raise TypeError("groups must be a sequence of names, one an item, got one string")
    sizes = Counter(groups)
    if len(sizes) < 2:
        got = f"only {next(iter(sizes))!r}" if sizes else "no items"
        raise ValueError(f"a split needs at least 2 groups, got {got}")
    return sizes


def _parted(groups: Sequence[str], held_out: set[str]) -> Split:
    places: tuple[list[int], list[int]] = ([], [])
    for place, group in enumerate(groups):
        places[group in held_out].append(place)
    return Split(tuple(places[0]), tuple(places[1]), tuple(sorted(held_out)))


def _with_sum_near(sizes: Sequence[int], target: float) -> list[int]:
    """Return positions in `sizes` whose sum comes as near to `target` as any choice can.

    Neither none nor all are chosen. Of several choices it prefers early positions.
    """
    total = sum(sizes)
    wanted = sorted(range(1, total), key=lambda s: (abs(s - target), s))
    reached, reached_by = 1, {0: -1}  # bit s of `reached`: some of the sizes so far add up to s
    for place, size in enumerate(sizes):
        new = (reached << size) & ~reached
        reached |= new
        while new:
            lowest = new & -new
            reached_by[lowest.bit_length() - 1] = place
            new ^= lowest
        if reached >> wanted[0] & 1:
            break
    left = next(s for s in wanted if s in reached_by)
    chosen = []
    while left:  # what remains was reached before, by sizes that come earlier
        chosen.append(reached_by[left])
        left -= sizes[reached_by[left]]
    return chosen


def group_split(groups: Sequence[str], *, test_share: float = 0.25, seed: int = 0) -> Split:
    """Split items so that every group is whole on one side.

    The test side comes as near to its share of the *items* as whole groups allow: with two
    voices of equal size that is one half, whatever was asked for. Which groups are taken, where
    several choices are equally near, is drawn from `seed`.

    Args:
        groups: for each item what must not be torn apart: its voice, recording or writer.
        test_share: the share of the items that test, between 0 and 1.
        seed: another one gives another choice of groups.
    Raises:
        TypeError: if `groups` is one string.
        ValueError: if there are fewer than 2 groups, or the share is not between 0 and 1.
    Lesson: 05_real_recordings

    >>> group_split(["ann", "ann", "bob", "cyd", "cyd", "ann"], test_share=0.4)
    Split(train=(0, 1, 2, 5), test=(3, 4), held_out=('cyd',))
    """
    sizes = _counted(groups)
    if not 0 < test_share < 1:
        raise ValueError(f"test_share must be above 0 and below 1, got {test_share}")
    names = sorted(sizes)
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed)).tolist()
    drawn = [names[place] for place in order]
    chosen = _with_sum_near([sizes[name] for name in drawn], test_share * len(groups))
    return _parted(groups, {drawn[place] for place in chosen})


def leave_one_group_out(groups: Sequence[str]) -> tuple[Split, ...]:
    """Return one split for each group, in alphabetical order: it tests, all others train.

    Raises:
        TypeError: if `groups` is one string.
        ValueError: if there are fewer than 2 groups.
    Lesson: 05_real_recordings

    >>> [split.test for split in leave_one_group_out(["bob", "ann", "bob"])]
    [(1,), (0, 2)]
    """
    return tuple(_parted(groups, {name}) for name in sorted(_counted(groups)))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def audit_split(train_groups: Sequence[str], test_groups: Sequence[str]) -> None:
    """Refuse a split in which a group is on both sides.

    Args:
        train_groups: the group of each training item.
        test_groups: the group of each test item.
    Raises:
        TypeError: if either is one string.
        ValueError: if a side is empty, or a group is on both; the message names those groups.
    Lesson: 05_real_recordings

    >>> audit_split(["ann", "bob"], ["cyd"])
    >>> audit_split(["ann", "bob", "ann"], ["ann", "cyd"])
    Traceback (most recent call last):
    ValueError: 1 of 2 test groups is in training too: 'ann' (2 training and 1 test items)
    """
    train, test = Counter(train_groups), Counter(test_groups)
    for side, given in (("train", train_groups), ("test", test_groups)):
        if isinstance(given, str):
            raise TypeError(f"{side}_groups must be a sequence of names, got one string")
        if not given:
            raise ValueError(f"the {side} side is empty")
    both = sorted(train.keys() & test.keys())
    if both:
        n_train, n_test = sum(train[name] for name in both), sum(test[name] for name in both)
        raise ValueError(
            f"{len(both)} of {len(test)} test groups {'is' if len(both) == 1 else 'are'} in "
            f"training too: {_listed(both)} ({n_train} training and {n_test} test items)"
        )


def audit_labels(
    train_labels: Sequence[str], test_labels: Sequence[str], *, at_least: int = 2
) -> None:
    """Refuse a split in which a class cannot be learnt.

    A class that is trained but not tested is let through: its accuracy is unknown, not wrong.

    Args:
        train_labels: the label of each training item.
        test_labels: the label of each test item.
        at_least: training items that every class must have.
    Raises:
        ValueError: if only the test side has a label, or a class has fewer training items than
            `at_least`; the message names the labels.
    Lesson: 05_real_recordings

    >>> audit_labels(["cat", "cat", "dog", "dog"], ["cat", "dog"])
    >>> audit_labels(["cat", "cat"], ["cat", "dog"])
    Traceback (most recent call last):
    ValueError: only the test side has the label 'dog': nothing to learn it from
    """
    train = Counter(train_labels)
    unknown = sorted(set(test_labels) - train.keys())
    if unknown:
        what = f"label{'' if len(unknown) == 1 else 's'} {_listed(unknown)}"
        raise ValueError(f"only the test side has the {what}: nothing to learn it from")
    rare = sorted(label for label, n in train.items() if n < at_least)
    if rare:
        counts = ", ".join(f"{label!r} has {train[label]}" for label in rare[:8])
        more = f" and {len(rare) - 8} more have too few" if len(rare) > 8 else ""
        raise ValueError(f"every class needs at least {at_least} training items: {counts}{more}")


def number_labels(labels: Sequence[str], *, classes: Sequence[str]) -> Int[Tensor, " item"]:
    """Return the labels as numbers: the place of each in `classes`, int64.

    Take `classes` from the training side, ``sorted(set(train_labels))``, for both sides.

    Raises:
        ValueError: if a class is named twice, or a label is not among them.
    Lesson: 05_real_recordings

    >>> number_labels(["dog", "cat", "dog"], classes=["cat", "dog"])
    tensor([1, 0, 1])
    """
    numbers = {name: number for number, name in enumerate(classes)}
    if len(numbers) != len(classes):
        twice = sorted(name for name, n in Counter(classes).items() if n > 1)
        raise ValueError(f"classes must differ, got twice: {_listed(twice)}")
    unknown = sorted(set(labels) - numbers.keys())
    if unknown:
        raise ValueError(f"labels must be among the {len(numbers)} classes, got {_listed(unknown)}")
    return torch.tensor([numbers[label] for label in labels], dtype=torch.int64)
