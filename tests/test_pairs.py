"""Pairs of two senses: how they are drawn, what is refused, and that they cannot come apart."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from avtutor.augment import AddNoise, ToSpectrogram
from avtutor.batch import Batch
from avtutor.datasets import (
    Pairs,
    Sounds,
    SpokenDigit,
    audit_pairs,
    fsdd,
    pair,
    pictures_of,
    seen_and_heard,
    spoken_digits,
)
from avtutor.datasets.handwritten import handwritten_digits
from avtutor.training import Minibatches, TrainConfig, fit


def items(labels: list[int], groups: str | None = None, offset: float = 0.0) -> Batch:
    """Return items that can be told apart: item k has the values k + offset."""
    values = torch.arange(len(labels), dtype=torch.float32)[:, None] + offset
    names = groups or "g" * len(labels)
    return Batch(inputs={"x": values}, labels=torch.tensor(labels), groups=tuple(names))


EYE = items([0, 1, 0, 1, 2, 2], "aabbcc")
EAR = items([2, 1, 0], "xyz", offset=100.0)
TWO_INPUTS = Batch(
    inputs={"a": EYE.inputs["x"], "b": EYE.inputs["x"]}, labels=EYE.labels, groups=EYE.groups
)


def test_a_row_is_one_item_of_each_sense_and_they_share_the_class() -> None:
    pairs = pair({"audio": EAR, "image": EYE}, n=30, seed=4)
    batch = pairs.batch()
    heard = (batch.inputs["audio"][:, 0] - 100).long()
    seen = batch.inputs["image"][:, 0].long()
    assert torch.equal(EAR.labels[heard], batch.labels)
    assert torch.equal(EYE.labels[seen], batch.labels)
    assert batch.labels.bincount().tolist() == [10, 10, 10]
    assert [f"{EAR.groups[a]} + {EYE.groups[b]}" for a, b in zip(heard, seen, strict=True)] == list(
        batch.groups
    )
    assert pairs.groups_of("image") == tuple(EYE.groups[b] for b in seen)


def test_every_item_is_drawn_once_before_one_is_drawn_again() -> None:
    seen = pair({"image": EYE}, n=30, seed=0).batch().inputs["image"][:, 0].long().bincount()
    assert seen.tolist() == [5] * 6
    odd = pair({"image": EYE}, n=27, seed=0).batch().inputs["image"][:, 0].long().bincount()
    assert sorted(odd.tolist()) == [4, 4, 4, 5, 5, 5]


def test_the_senses_are_drawn_independently() -> None:
    """Of two items a class and sense, all four combinations come, about equally often."""
    both = items([0, 0, 1, 1])
    batch = pair({"audio": both, "image": both}, n=4000, seed=0).batch()
    cells = (2 * batch.inputs["audio"][:, 0] % 4 + batch.inputs["image"][:, 0] % 2).long()
    counts = cells.bincount().double()
    # Each of the four is binomial around 1000 with a deviation below 28.
    assert len(counts) == 3 + 1 and (counts - 1000).abs().max() < 120


def test_the_seed_says_which_pairs() -> None:
    def drawn(seed: int) -> torch.Tensor:
        batch = pair({"audio": EAR, "image": EYE}, n=60, seed=seed).batch()
        return torch.cat(list(batch.inputs.values()), dim=1)

    assert torch.equal(drawn(1), drawn(1)) and not torch.equal(drawn(1), drawn(2))


def test_select_takes_rows_in_the_order_asked_for() -> None:
    pairs = pair({"audio": EAR, "image": EYE}, n=9, seed=0)
    whole, some = pairs.batch(), pairs.select(torch.tensor([4, 0]))
    for sense in pairs.senses:
        assert torch.equal(some.inputs[sense], whole.inputs[sense][[4, 0]])
    assert some.labels.tolist() == whole.labels[[4, 0]].tolist()
    assert some.groups == (whole.groups[4], whole.groups[0])


def test_shuffled_by_one_moves_one_sense_and_leaves_the_other() -> None:
    pairs = pair({"audio": EAR, "image": EYE}, n=30, seed=0)
    before, after = pairs.batch(), pairs.shuffled_by(1).batch()
    assert torch.equal(after.inputs["audio"], before.inputs["audio"])
    assert torch.equal(after.labels, before.labels)
    assert torch.equal(after.inputs["image"], before.inputs["image"].roll(1, 0))
    moved = pairs.shuffled_by(2, sense="audio")
    assert torch.equal(moved.batch().inputs["audio"], before.inputs["audio"].roll(2, 0))
    assert torch.equal(moved.labels, before.labels.roll(2))
    assert torch.equal(pairs.batch().inputs["image"], before.inputs["image"])


def test_in_a_conflict_no_row_agrees_and_nothing_is_lost() -> None:
    pairs = pair({"audio": items(list(range(10)) * 3), "image": items([*range(10)])}, n=300, seed=0)
    for seed in range(3):
        apart = pairs.conflicting(seed)
        heard, seen = apart.labels_of("audio"), apart.labels_of("image")
        assert not (heard == seen).any()
        assert torch.equal(apart.labels, heard) and torch.equal(heard, pairs.labels)
        assert torch.equal(seen.bincount(), pairs.labels_of("image").bincount())
        assert len(set(zip(heard.tolist(), seen.tolist(), strict=True))) > 80  # of 90 kinds
    assert not torch.equal(pairs.conflicting(0).labels_of("image"), seen)


@pytest.mark.parametrize("labels", [[0, 1], [0, 0, 1, 1], [0, 0, 0, 1, 1, 2]])
def test_a_conflict_of_few_rows(labels: list[int]) -> None:
    both = items(labels)
    rows = torch.arange(len(labels))
    for seed in range(20):
        apart = Pairs({"audio": both, "image": both}, {"audio": rows, "image": rows}).conflicting(
            seed
        )
        assert not (apart.labels_of("audio") == apart.labels_of("image")).any()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: pair({}, n=3, seed=0), "at least one"),
        (lambda: pair({"audio": EAR, "image": EYE}, n=2, seed=0), "n must be at least 3"),
        (
            lambda: pair({"audio": items([0, 1, 3]), "image": EYE}, n=9, seed=0),
            r"'audio' and 'image' differ in \[2, 3\]",
        ),
        (lambda: Pairs({"audio": EAR}, {"image": torch.tensor([0])}), "the same senses"),
        (
            lambda: Pairs(
                {"audio": EAR, "image": EYE},
                {"audio": torch.tensor([0]), "image": torch.tensor([4, 5])},
            ),
            "equally many rows",
        ),
        (lambda: Pairs({"image": EYE}, {"image": torch.tensor([6])}), "from 0 to 5, got 6"),
        (
            lambda: Pairs(
                {"audio": EAR, "image": EYE},
                {"audio": torch.tensor([0, 1]), "image": torch.tensor([4, 2])},
            ),
            r"in row 1 they are 1 \(audio\) and 0 \(image\), in 1 of 2",
        ),
        (lambda: pair({"image": EYE}, n=9, seed=0).conflicting(0), "needs two senses"),
        (
            lambda: Pairs(
                {"a": items([0, 0, 1]), "b": items([0, 0, 1])},
                {"a": torch.arange(3), "b": torch.arange(3)},
            ).conflicting(0),
            "at most half of the 3 rows, got 2",
        ),
        (lambda: pair({"image": EYE}, n=9, seed=0).shuffled_by(9), "multiple of the 9 rows"),
        (lambda: pair({"image": EYE}, n=9, seed=0).labels_of("smell"), "one of image"),
        (lambda: pair({"image": EYE}, n=9, seed=0).select([]), "at least one row"),
        (lambda: pair({"image": TWO_INPUTS}, n=9, seed=0), "must have one input"),
        (lambda: seen_and_heard(seed=0, sounds=fewer_voices()), "at least 3 groups"),
    ],
)  # fmt: skip
def test_what_is_refused(make: Callable[[], object], phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        make()


def fewer_voices() -> list[SpokenDigit]:
    return [one for one in spoken_digits() if one.group in ("allison", "june")]


def sounds_of(labels: list[str], classes: list[str], seconds: float | None) -> Sounds:
    n = len(labels)
    return Sounds(
        np.ones(n * 100, dtype=np.int16),
        [100] * n,
        sample_rate=1000,
        classes=classes,
        labels=labels,
        groups=["v"] * n,
        seconds=seconds,
    )


@pytest.mark.bad_input
def test_sounds_must_be_equally_long_and_numbered_alike() -> None:
    with pytest.raises(ValueError, match="load them with seconds"):
        pair({"audio": sounds_of(["a", "b"], ["a", "b"], None)}, n=2, seed=0)
    with pytest.raises(ValueError, match="number their classes alike"):
        pair(
            {
                "one": sounds_of(["a", "b"], ["a", "b"], 0.1),
                "two": sounds_of(["a", "b"], ["b", "a"], 0.1),
            },
            n=2,
            seed=0,
        )


def test_each_sense_is_audited_by_itself() -> None:
    one = pair({"audio": EAR, "image": EYE}, n=9, seed=0)
    other = items([0, 1, 2], "uvw", offset=100.0)
    with pytest.raises(ValueError, match=r"^image: 3 of 3 test groups are in training too: 'a'"):
        audit_pairs(one, pair({"audio": other, "image": EYE}, n=9, seed=0))
    with pytest.raises(ValueError, match=r"^audio: 3 of 3 test groups"):
        audit_pairs(one, pair({"audio": EAR, "image": items([0, 1, 2, 2], "defg")}, n=9, seed=0))
    with pytest.raises(ValueError, match="the same senses"):
        audit_pairs(one, pair({"image": EYE}, n=9, seed=0))
    audit_pairs(one, pair({"audio": other, "image": items([0, 1, 2], "def")}, n=9, seed=0))


def test_digits_seen_and_heard_keep_voices_and_blocks_apart() -> None:
    """The same split that audit_pairs passes, counted here in another way."""
    parts = seen_and_heard(seed=1, sizes=(200, 50, 100))
    assert [len(part) for part in parts] == [200, 50, 100]
    for sense in ("audio", "image"):
        sets = [set(part.groups_of(sense)) for part in parts]
        assert sum(map(len, sets)) == len(set.union(*sets))
        assert min(map(len, sets)) >= 2
    batch = parts[2].select(range(100))
    assert batch.labels.bincount().tolist() == [10] * 10
    assert batch.inputs["image"].amin() == 0 and batch.inputs["image"].amax() == 1
    other = seen_and_heard(seed=2, sizes=(200, 50, 100))[2]
    assert set(other.groups_of("audio")) != set(parts[2].groups_of("audio"))
    again = seen_and_heard(seed=1, sizes=(200, 50, 100))[2].select(range(100))
    assert torch.equal(again.inputs["audio"], batch.inputs["audio"])


def test_pictures_are_those_of_the_table() -> None:
    from sklearn.datasets import load_digits

    table = load_digits()
    batch = pictures_of(handwritten_digits()[500:520])
    assert np.allclose(batch.inputs["image"][:, 0].numpy() * 16, table.images[500:520])
    assert batch.labels.tolist() == table.target[500:520].tolist()


class Joint(nn.Module):
    """Both senses coarsely, side by side, and one dense layer: the smallest joint network."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(20 * 11 + 64)
        self.head = nn.Linear(20 * 11 + 64, 10)

    def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        coarse = {
            "image": inputs["image"].flatten(1),
            "audio": inputs["audio"][:, ::2, ::8].flatten(1),
        }
        logits: torch.Tensor = self.head(self.norm(torch.cat(list(coarse.values()), dim=1)))
        return logits


def objective(model: nn.Module, batch: Batch) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    logits = model(batch.inputs)
    right = (logits.argmax(dim=1) == batch.labels).float().mean()
    return nn.functional.cross_entropy(logits, batch.labels), {"accuracy": right}


def test_pairs_that_have_come_apart_are_seen_by_the_joint_accuracy() -> None:
    """A control that must fail: moved on by one row, the picture is of another digit.

    Both senses are noisy, so that they are needed both.
    """
    rows = torch.Generator()
    noise = AddNoise({"audio": 0.0, "image": 0.0})
    ready = {}
    for name, pairs in zip(("train", "valid", "test"), seen_and_heard(seed=0), strict=True):
        for moved in (0, 1):
            part = pairs.shuffled_by(moved, sense="image") if moved else pairs
            noisy = noise(part.batch(), rows.manual_seed(len(name)))
            ready[name, moved] = ToSpectrogram()(noisy, rows)

    def trained(moved: int) -> Joint:
        torch.manual_seed(0)
        model = Joint()
        loader = Minibatches(ready["train", moved], batch_size=60, shuffle_seed=0)
        fit(model, loader, None, TrainConfig(epochs=8, learning_rate=0.01), objective=objective)
        return model.eval()

    def right(model: Joint, moved: int) -> float:
        with torch.no_grad():
            return float(objective(model, ready["test", moved])[1]["accuracy"])

    model = trained(0)
    together = right(model, 0)
    assert together > 0.92  # the control: rows that belong together
    assert right(model, 1) < 0.7  # learned together, met apart
    assert right(trained(1), 1) < together - 0.03  # learned apart: the picture says nothing


@pytest.mark.skipif("AVTUTOR_FSDD" not in __import__("os").environ, reason="FSDD is not here")
def test_real_voices_can_be_paired_too() -> None:
    train, _, test = seen_and_heard(seed=0, sounds=fsdd(), sizes=(100, 50, 50))
    assert not set(train.groups_of("audio")) & set(test.groups_of("audio"))
    noisy = AddNoise({"audio": 0.0})(test.select([0, 1]), torch.Generator().manual_seed(0))
    assert noisy.inputs["audio"].shape == (2, 6400)
