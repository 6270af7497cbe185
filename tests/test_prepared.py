"""Prepared: the steps, what they draw, the thread behind it."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.training import (
    Classification,
    Minibatches,
    Prepared,
    SimilarLengths,
    TrainConfig,
    fit,
)

DATA = Batch(
    inputs={"x": torch.arange(12.0)[:, None]}, labels=torch.arange(12) % 2, groups=("a",) * 12
)


def noisy(batch: Batch, generator: torch.Generator) -> Batch:
    drawn = torch.rand(batch.inputs["x"].shape, generator=generator)
    return replace(batch, inputs={"x": batch.inputs["x"] + drawn})


def doubled(batch: Batch, generator: torch.Generator) -> Batch:
    return replace(batch, inputs={"x": 2 * batch.inputs["x"]})


def passes(loader: Prepared, *epochs: int) -> list[torch.Tensor]:
    found = []
    for epoch in epochs:
        loader.set_epoch(epoch)
        found.append(torch.cat([batch.inputs["x"] for batch in loader]))
    return found


def test_steps_are_taken_in_their_order() -> None:
    loader = Prepared(Minibatches(DATA, batch_size=5), noisy, doubled)
    (values,) = passes(loader, 0)
    drawn = values / 2 - DATA.inputs["x"]
    assert len(loader) == 3 and bool(((0 <= drawn) & (drawn < 1)).all())


def test_what_is_drawn_depends_on_seed_pass_and_batch_alone() -> None:
    def loader(seed: int, ahead: int = 2) -> Prepared:
        return Prepared(Minibatches(DATA, batch_size=3), noisy, seed=seed, ahead=ahead)

    first, second, first_again = passes(loader(0), 0, 1, 0)
    assert torch.equal(first, first_again)
    assert torch.equal(first, passes(loader(0, ahead=7), 0)[0])
    others = [second, passes(loader(1), 0)[0], passes(loader(1), 1)[0]]
    everything = [first, *others]
    for i, one in enumerate(everything):
        assert all(not torch.equal(one, other) for other in everything[i + 1 :])
    drawn = first - DATA.inputs["x"]
    assert not torch.equal(drawn[:3], drawn[3:6])  # each batch its own numbers


def test_the_pass_is_handed_on_to_the_loader() -> None:
    inner = Minibatches(DATA, batch_size=12, shuffle_seed=0)
    orders = passes(Prepared(inner), 0, 1, 0)
    assert torch.equal(orders[0], orders[2]) and not torch.equal(orders[0], orders[1])


def test_an_error_in_a_step_is_raised_where_the_batch_is_awaited() -> None:
    def broken(batch: Batch, generator: torch.Generator) -> Batch:
        if 6.0 in batch.inputs["x"]:
            raise ValueError("six")
        return batch

    seen = []
    with pytest.raises(ValueError, match="six"):
        for batch in Prepared(Minibatches(DATA, batch_size=3), broken):
            seen.append(len(batch))
    assert seen == [3, 3]


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "avtutor-prepared"]


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    iterator: Iterator[Batch] = iter(Prepared(Minibatches(DATA, batch_size=1), noisy))
    next(iterator)
    assert threads() == ["avtutor-prepared"]
    iterator.close()  # type: ignore[attr-defined]
    assert threads() == []


def test_the_next_batches_are_made_while_one_is_in_use() -> None:
    made = threading.Semaphore(0)

    def counted(batch: Batch, generator: torch.Generator) -> Batch:
        made.release()
        return batch

    iterator = iter(Prepared(Minibatches(DATA, batch_size=2), counted, ahead=2))
    next(iterator)
    for _ in range(3):  # the one in use, and two that are ready
        assert made.acquire(timeout=10)
    for _ in range(3):
        next(iterator)
    assert len(list(iterator)) == 2


def test_fit_takes_it_and_no_gradient_is_kept() -> None:
    def checked(batch: Batch, generator: torch.Generator) -> Batch:
        assert not torch.is_grad_enabled()
        return noisy(batch, generator)

    loader = Prepared(Minibatches(DATA, batch_size=4, shuffle_seed=0), checked)
    history = fit(torch.nn.Linear(1, 2), loader, loader, TrainConfig(epochs=2),
                  objective=Classification())  # fmt: skip
    assert len(history.epochs) == 2


@pytest.mark.bad_input
def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="ahead must be at least 1, got 0"):
        Prepared([DATA], ahead=0)


class Lengths:
    """Items that are nothing but their number and their length."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = torch.tensor(lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def select(self, items: Tensor) -> Batch:
        longest = int(self.lengths[items].max())
        return Batch(
            inputs={"sound": items[:, None].expand(-1, longest).float()},
            lengths={"sound": self.lengths[items]},
            labels=items,
            groups=[str(item) for item in items.tolist()],
        )


def test_batches_of_similar_lengths() -> None:
    data = Lengths([10 + 7 * (n % 50) for n in range(103)])
    loader = SimilarLengths(data, batch_size=10, seed=3, jitter=0.05)
    batches = list(loader)
    assert len(batches) == len(loader) == 10
    seen = torch.cat([batch.labels for batch in batches])
    assert len(seen.unique()) == 100  # each at most once; three do not fill a batch
    # Two items in a row are at most 7 apart, each moved by at most a twentieth.
    for batch in batches:
        lengths = batch.lengths["sound"].float()
        assert lengths.max() <= (lengths.min() + 10 * 7) * 1.05 / 0.95
    firsts = [int(batch.lengths["sound"].min()) for batch in batches]
    assert firsts != sorted(firsts)  # long ones do not always come last


def test_each_pass_groups_anew_and_again_the_same() -> None:
    data = Lengths([10 + n % 5 for n in range(40)])
    loader = SimilarLengths(data, batch_size=8, seed=0)
    passes = []
    for epoch in (0, 1, 0):
        loader.set_epoch(epoch)
        passes.append([batch.labels.tolist() for batch in loader])
    assert passes[0] == passes[2] != passes[1]
    other = SimilarLengths(data, batch_size=8, seed=1)
    assert [batch.labels.tolist() for batch in other] != passes[0]


@pytest.mark.bad_input
def test_similar_lengths_refuse_what_gives_no_batch() -> None:
    with pytest.raises(ValueError, match="batch_size must be from 1 to 3, got 4"):
        SimilarLengths(Lengths([1, 2, 3]), batch_size=4, seed=0)
    with pytest.raises(ValueError, match=r"jitter must be in \[0, 1\), got 1"):
        SimilarLengths(Lengths([1, 2, 3]), batch_size=2, seed=0, jitter=1)
