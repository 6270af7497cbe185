"""Creatures as data: batches by number, nothing twice, a split by number."""

import pytest
import torch

from avtutor.datasets import Bestiary, FreshBatches
from avtutor.spectral import SpectrogramConfig
from avtutor.synth import Heard, Seen, calls, drawn_creatures, pictures

ROWS = torch.tensor([3, 0, 9])


def test_a_batch_holds_what_the_numbers_say() -> None:
    batch = Bestiary(10, seed=4, size=32, front=None).select(ROWS)
    some = drawn_creatures(ROWS, seed=4)
    assert torch.equal(batch.labels, some.table())
    shown = pictures(some, Seen.drawn(ROWS, seed=4), size=32)
    assert torch.allclose(batch.inputs["image"], shown, atol=1e-5)
    samples = calls(some, Heard.drawn(ROWS, seed=4), sample_rate=8000)
    assert torch.allclose(batch.inputs["audio"], samples, atol=1e-4)
    assert batch.groups == ("creature 3", "creature 0", "creature 9")


def test_first_moves_the_numbers() -> None:
    some = Bestiary(5, seed=0, first=7, size=None).select(torch.tensor([2]))
    other = Bestiary(20, seed=0, size=None).select(torch.tensor([9]))
    assert some.groups == other.groups == ("creature 9",)
    assert torch.allclose(some.inputs["audio"], other.inputs["audio"], atol=0.05)
    assert not torch.equal(some.labels, Bestiary(5, seed=1).select(torch.tensor([2])).labels)


def test_levels_are_below_the_peak() -> None:
    levels = Bestiary(5, seed=0, size=None).select(torch.arange(5)).inputs["audio"]
    assert (levels.amax(dim=(1, 2)) == 0).all() and levels.min() >= -60


def test_a_front_end_of_another_rate_gets_calls_of_that_rate() -> None:
    front = SpectrogramConfig(sample_rate=16000, n_fft=512, hop_length=160, n_mels=64)
    found = Bestiary(2, seed=0, size=None, front=front).select(torch.arange(2))
    assert found.inputs["audio"].shape == (2, 64, 161)


def test_one_sense_can_be_left_out() -> None:
    assert set(Bestiary(2, seed=0, size=16, heard=False).select(torch.arange(1)).inputs) == {
        "image"
    }


def test_fresh_batches_never_come_back() -> None:
    loader = FreshBatches(Bestiary(6, seed=0, first=10, size=16, heard=False), batch_size=3)
    seen = []
    for epoch in range(3):
        loader.set_epoch(epoch)
        batches = list(loader)
        assert len(batches) == len(loader) == 2
        seen += [group for batch in batches for group in batch.groups]
    assert seen == [f"creature {k}" for k in range(10, 28)]


@pytest.mark.bad_input
def test_what_cannot_be_is_refused() -> None:
    some = Bestiary(3, seed=0, size=16, heard=False)
    for make, phrase in (
        (lambda: Bestiary(0, seed=0), "n must be at least 1, got 0"),
        (lambda: Bestiary(1, seed=0, first=-1), "first must be at least 0"),
        (lambda: Bestiary(1, seed=0, size=None, heard=False), "nothing would be left"),
        (lambda: some.select(torch.tensor([3])), "from 0 to 2"),
        (lambda: some.select(torch.tensor([], dtype=torch.int64)), "from 0 to 2"),
        (lambda: FreshBatches(some, batch_size=4), "from 1 to 3"),
    ):
        with pytest.raises(ValueError, match=phrase):
            make()
