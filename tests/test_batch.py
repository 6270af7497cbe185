"""Batch: what it fills in, what it refuses, and that nothing given to it is changed."""

import dataclasses
from typing import Any

import pytest
import torch

from avtutor.batch import Batch, mask_of


def two_senses(**changes: Any) -> Batch:
    parts: dict[str, Any] = {
        "inputs": {"sound": torch.arange(12.0).reshape(3, 4), "picture": torch.zeros(3, 1, 2, 2)},
        "lengths": {"sound": torch.tensor([4, 1, 2])},
        "present": {"picture": torch.tensor([True, False, True])},
        "labels": torch.tensor([5, 6, 7]),
        "groups": ["a", "b", "a"],
    }
    return Batch(**(parts | changes))


def test_what_is_not_given_is_filled_in() -> None:
    batch = two_senses()
    assert len(batch) == 3
    assert batch.lengths["sound"].tolist() == [4, 1, 2]
    assert batch.lengths["picture"].tolist() == [2, 2, 2]
    assert batch.present["sound"].tolist() == [True, True, True]
    assert batch.present["picture"].tolist() == [True, False, True]
    assert batch.groups == ("a", "b", "a")
    assert repr(batch) == "Batch(3 items, sound [3, 4], picture [3, 1, 2, 2])"


def test_mask_is_true_where_there_is_no_padding() -> None:
    expected = [[True, True, True, True], [True, False, False, False], [True, True, False, False]]
    assert two_senses().mask("sound").tolist() == expected
    assert mask_of(torch.tensor([0, 2]), 2).tolist() == [[False, False], [True, True]]


def test_select_keeps_every_part_of_an_item_together() -> None:
    chosen = two_senses().select([2, 1])
    assert chosen.inputs["sound"].tolist() == [[8, 9, 10, 11], [4, 5, 6, 7]]
    assert chosen.lengths["sound"].tolist() == [2, 1]
    assert chosen.present["picture"].tolist() == [True, False]
    assert chosen.labels.tolist() == [7, 6]
    assert chosen.groups == ("a", "b")


def test_to_moves_every_tensor() -> None:
    moved = two_senses().to("meta")
    tensors = [*moved.inputs.values(), *moved.lengths.values(), *moved.present.values()]
    assert len(tensors) == 6
    assert all(tensor.device.type == "meta" for tensor in [*tensors, moved.labels])


def test_it_is_frozen_and_holds_copies_of_the_mappings() -> None:
    inputs = {"x": torch.zeros(1, 2)}
    batch = Batch(inputs=inputs, labels=torch.zeros(1), groups=("a",))
    inputs["late"] = torch.zeros(1, 2)
    assert list(batch.inputs) == ["x"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        batch.labels = torch.zeros(1)  # type: ignore[misc]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"inputs": {}}, ValueError, "at least one tensor"),
        ({"inputs": torch.zeros(3, 2)}, TypeError, "map names to tensors, got Tensor"),
        ({"inputs": {"sound": [1.0]}}, TypeError, "'sound' must be a tensor, got list"),
        ({"inputs": {"sound": torch.zeros(3)}}, ValueError, r"got \[3\]"),
        ({"inputs": {"sound": torch.zeros(0, 3)}}, ValueError, r"got \[0, 3\]"),
        ({"labels": [5, 6, 7]}, TypeError, "labels must be a tensor, got list"),
        ({"labels": torch.zeros(2)}, ValueError, r"labels must have 3 items, got the shape \[2\]"),
        ({"labels": torch.tensor(3)}, ValueError, r"labels must have 3 items, got the shape \[\]"),
        ({"groups": ("a",)}, ValueError, "groups must have 3 items, got 1"),
        ({"groups": "abc"}, TypeError, "got one string"),
        ({"lengths": {"noise": torch.ones(3)}}, ValueError, r"lengths names \['noise'\]"),
        ({"lengths": {"sound": torch.tensor([4, 0, 2])}}, ValueError, "1 to 4, got 0 to 4"),
        ({"lengths": {"sound": torch.tensor([5, 1, 2])}}, ValueError, "1 to 4, got 1 to 5"),
        ({"lengths": {"sound": torch.tensor([4, 1])}}, ValueError, r"int64 and \[3\]"),
        ({"lengths": {"sound": torch.ones(3)}}, ValueError, "got torch.float32"),
        ({"present": {"sound": torch.ones(3)}}, ValueError, r"bool and \[3\], got torch.float32"),
        ({"present": {"taste": torch.ones(3) > 0}}, ValueError, r"present names \['taste'\]"),
    ],
)
def test_bad_input(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    if "inputs" in changes:
        changes = {"lengths": {}, "present": {}} | changes
    with pytest.raises(error, match=message):
        two_senses(**changes)


@pytest.mark.bad_input
def test_two_inputs_with_different_numbers_of_items() -> None:
    inputs = {"a": torch.zeros(3, 2), "b": torch.zeros(2, 2)}
    with pytest.raises(ValueError, match=r"b must have 3 items, got the shape \[2, 2\]"):
        Batch(inputs=inputs, labels=torch.zeros(3), groups=("a", "b", "c"))
