"""Drawn digits: what the experiment's own parts compute, and that its kept nets draw its table."""

import time

import pytest
import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.checks import stored
from avtutor.models import LeNet, LeNetConfig
from avtutor.training import read_checkpoint
from experiments.drawn import CONFIG, Illustrated, Kept, ear, parts, plain, untrained_flow
from experiments.drawn_measures import (
    agreement,
    draws,
    labels_of,
    likeness,
    nearest,
    probabilities,
    quantiles,
    told_apart,
    variety,
)
from experiments.fingerprint import ROOT

WEIGHTS = ROOT / "experiments/16_digits.safetensors"


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbered() -> Batch:
    """Return pictures that tell their digit and their own number: 3 of a 0, 4 of a 1, and so on."""
    labels = torch.cat([torch.full((digit + 3,), digit) for digit in range(10)])
    labels = labels[torch.randperm(len(labels), generator=source(0))]
    pictures = torch.zeros(len(labels), 1, 8, 8)
    pictures[:, 0, 0, 0], pictures[:, 0, 0, 1] = labels.float(), torch.arange(len(labels)).float()
    return Batch(inputs={"image": pictures}, labels=labels, groups=("a",) * len(labels))


def test_a_sound_gets_a_picture_of_its_digit_and_each_one_in_time() -> None:
    labels = torch.arange(10).repeat(200)
    batch = Batch(inputs={"sound": torch.zeros(2000, 1)}, labels=labels, groups=("a",) * 2000)
    made = Illustrated(numbered())(batch, source(1)).inputs["image"]
    assert torch.equal(made[:, 0, 0, 0].long(), labels)
    counts = made[:, 0, 0, 1].long().bincount(minlength=75)
    assert int(counts.min()) > 0
    # Of one digit, each picture as often as another: 200 draws of 3 to 12 pictures.
    for digit in range(10):
        rows = (numbered().labels == digit).nonzero()[:, 0]
        expected = 200 / len(rows)
        chi_square = ((counts[rows] - expected) ** 2 / expected).sum()
        assert float(chi_square) < 35  # at most 11 degrees of freedom: 1 in 4000


def test_shuffled_pairs_tell_nothing() -> None:
    labels = torch.arange(10).repeat(500)
    batch = Batch(inputs={"sound": torch.zeros(5000, 1)}, labels=labels, groups=("a",) * 5000)
    made = Illustrated(numbered(), shuffled=True)(batch, source(1)).inputs["image"]
    right = (made[:, 0, 0, 0].long() == labels).float().mean()
    assert float(right) == pytest.approx(0.1, abs=0.02)


def test_kept_passes_come_in_turn() -> None:
    one, other = (
        Batch(inputs={"x": torch.full((1, 1), v)}, labels=torch.zeros(1).long(), groups=("a",))
        for v in (1.0, 2.0)
    )
    loader = Kept([[one], [other]])
    seen = []
    for number in range(3):
        loader.set_epoch(number)
        seen += [float(batch.inputs["x"]) for batch in loader]
    assert seen == [1.0, 2.0, 1.0]


def test_draws_agree_as_often_as_counted_by_hand() -> None:
    read = torch.tensor([[3, 1], [3, 2], [8, 3], [3, 4]])  # [draw, sound]
    assert agreement(read).tolist() == [0.75, 0.25]


def test_the_nearest_picture_is_another_one_where_the_sets_are_the_same() -> None:
    line = torch.tensor([0.0, 1.0, 5.0])[:, None, None, None].expand(3, 1, 2, 2) / 2
    assert nearest(line, line).tolist() == [0.0, 0.0, 0.0]
    assert nearest(line, line, same=True).tolist() == [1.0, 1.0, 4.0]
    assert quantiles(torch.arange(101.0)) == {"5 %": 5.0, "50 %": 50.0, "95 %": 95.0}


def test_variety_is_that_of_known_noise() -> None:
    scale = torch.tensor([0.1, 2.0])[:, None, None, None]
    pictures = 5 + scale * torch.randn(4000, 2, 1, 8, 8, generator=source(0))
    assert torch.allclose(variety(pictures), torch.tensor([0.01, 4.0]), rtol=0.02)


def test_pictures_of_one_kind_are_not_told_apart_and_others_are() -> None:
    ones, others = torch.rand(2, 300, 1, 8, 8, generator=source(0))
    assert told_apart(ones, others) == pytest.approx(0.5, abs=0.08)
    assert told_apart(ones, others + 0.5) > 0.97


def test_a_copier_is_seen() -> None:
    """A generator that hands out its training pictures: at no distance, and as varied as these."""
    labels = torch.arange(10).repeat(30)
    train, new = (
        Batch(
            inputs={"image": labels[:, None, None, None] / 10 + grain},
            labels=labels,
            groups=("a",) * 300,
        )
        for grain in torch.rand(2, 300, 1, 8, 8, generator=source(1))
    )
    copies = Illustrated(train).drawn(labels.repeat(10), source(0)).view(10, 300, 1, 8, 8)
    found = likeness(copies, labels, train, new)
    assert max(found["drawn to training"].values()) < 0.02  # rounding: distances by products
    assert found["drawn nearer than 5 % of training"] == 1.0
    assert found["unseen to training"]["5 %"] > 1
    assert found["variance, drawn to real"] == pytest.approx(1, abs=0.1)


def loaded() -> dict[str, torch.nn.Module]:
    tensors, _ = read_checkpoint(WEIGHTS)
    nets: dict[str, torch.nn.Module] = {
        "flow": untrained_flow(),
        "recogniser": ear(10),
        "reader": LeNet(LeNetConfig((1, 8, 8), 10, dropout=0.3)),
    }
    for name, net in nets.items():
        state: dict[str, Tensor] = {
            key.removeprefix(f"{name}/"): values.float() if values.is_floating_point() else values
            for key, values in tensors.items()
            if key.startswith(f"{name}/")
        }
        net.load_state_dict(state)
        net.eval()
    return nets


@torch.no_grad()
def test_the_kept_nets_draw_and_hear_what_the_table_says() -> None:
    nets = loaded()
    batches = plain(parts(0)[2].sounds)
    labels = labels_of(batches)
    kept = stored("16_digits").result["seeds"][0]["voices"]["synthetic voices"]
    pictures = draws(nets["flow"], batches, 3, seed=7)  # type: ignore[arg-type]
    read = nets["reader"](pictures.flatten(0, 1)).argmax(dim=1).view(3, -1)
    assert float((read == labels).float().mean()) == pytest.approx(
        kept["drawn"]["accuracy"], abs=0.02
    )
    named = probabilities(nets["recogniser"], batches).argmax(dim=1)
    assert float((named == labels).float().mean()) == pytest.approx(
        kept["recogniser"]["accuracy"], abs=0.006
    )


@torch.no_grad()
def test_a_picture_is_drawn_within_a_second() -> None:
    net = untrained_flow().eval()
    start = time.process_time()
    made = net.draw(torch.zeros(1, CONFIG.n_mels, 60), generator=source(0))
    assert made.shape == (1, 1, 8, 8)
    assert time.process_time() - start < 1


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 1.5e6
