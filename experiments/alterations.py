"""Lesson 07: what habits of work with images do to spoken and to handwritten digits.

Shared by the experiments of that lesson. One LeNet a training. Every alteration three ways: at
test only; in training and test; and as augmentation, for a random half of the training items, or
by a random amount, and not at test.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from matplotlib import colormaps
from torch import Tensor

from avtutor.augment import (
    colour,
    flip,
    luminance,
    mixup,
    permute,
    rotate,
    shift,
    spec_augment,
    squeeze,
    warp_frequencies,
)
from avtutor.batch import Batch
from avtutor.datasets import (
    group_split,
    handwritten_digits,
    load_sounds,
    synthetic_digits,
)
from avtutor.models import LeNet, LeNetConfig
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel_batch, mel_frequencies
from avtutor.training import Classification, Minibatches, Prepared, Step, TrainConfig, fit

SEEDS = (0, 1, 2)
DIGITS = [str(digit) for digit in range(10)]
CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
ROWS = mel_frequencies(CONFIG)

Change = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Alteration:
    """What is done at test, or in train and test; and what is done as augmentation."""

    always: Step
    sometimes: Step


def pictures(change: Change) -> Step:
    """Return a step that changes the pictures of a batch."""

    def step(batch: Batch, generator: torch.Generator) -> Batch:
        made = change(batch.inputs["picture"], generator)
        return replace(batch, inputs={**batch.inputs, "picture": made}, lengths={})

    return step


def half(step: Step) -> Step:
    """Return a step that is done to a random half of the items."""

    def some(batch: Batch, generator: torch.Generator) -> Batch:
        altered = step(batch, generator).inputs["picture"]
        chosen = torch.rand(len(batch), generator=generator) < 0.5
        kept = torch.where(chosen[:, None, None, None], altered, batch.inputs["picture"])
        return replace(batch, inputs={**batch.inputs, "picture": kept}, lengths={})

    return some


def one_or_the_other(step: Step) -> Alteration:
    return Alteration(step, half(step))


def by(
    amount: Callable[[Tensor, Tensor], Tensor], fixed: float, low: float, high: float
) -> Alteration:
    """Return an alteration by an amount: a fixed one, or one drawn evenly for each item."""

    def drawn(x: Tensor, generator: torch.Generator) -> Tensor:
        return amount(x, low + (high - low) * torch.rand(len(x), generator=generator))

    return Alteration(
        pictures(lambda x, generator: amount(x, torch.full((len(x),), fixed))), pictures(drawn)
    )


def warp(x: Tensor, alpha: Tensor) -> Tensor:
    made = warp_frequencies(x[:, 0], alpha, frequencies=ROWS, sample_rate=CONFIG.sample_rate)
    return made[:, None]


def levels_of(sounds: Batch) -> Tensor:
    """Return the pictures of sounds, [batch, 1, mel, frame], 0 (the floor) to 1 (the peak)."""
    return 1 + below_peak(log_mel_batch(sounds, CONFIG).inputs["sound"])[:, None] / 60


def partners(batch: Batch, generator: torch.Generator) -> Tensor:
    return torch.randperm(len(batch), generator=generator)


def two_words(batch: Batch, generator: torch.Generator) -> Batch:
    """Another word of the batch at half the amplitude sounds at the same time."""
    other = partners(batch, generator)
    sound, lengths = batch.inputs["sound"], batch.lengths["sound"]
    both = Batch(
        inputs={"sound": sound + 0.5 * sound[other]},
        lengths={"sound": torch.maximum(lengths, lengths[other])},
        labels=batch.labels,
        groups=batch.groups,
    )
    return replace(batch, inputs={**batch.inputs, "picture": levels_of(both)}, lengths={})


def two_digits(batch: Batch, generator: torch.Generator) -> Batch:
    """Another digit of the batch shows through at half the ink; the darker ink covers."""
    x = batch.inputs["picture"]
    both = torch.maximum(x, 0.5 * x[partners(batch, generator)])
    return replace(batch, inputs={**batch.inputs, "picture": both}, lengths={})


def blended(batch: Batch, generator: torch.Generator) -> Batch:
    """The mean of two pictures, two thirds of the one with the label."""
    x = batch.inputs["picture"]
    both = (2 * x + x[partners(batch, generator)]) / 3
    return replace(batch, inputs={**batch.inputs, "picture": both}, lengths={})


def mixed(batch: Batch, generator: torch.Generator) -> Batch:
    x, shares = mixup(
        batch.inputs["picture"], batch.labels, n_classes=10, alpha=0.4, generator=generator
    )
    return replace(batch, inputs={**batch.inputs, "picture": x}, lengths={}, labels=shares)


def table_of(name: str) -> Tensor:
    """Return a colour map of matplotlib as bytes, [256, 3]."""
    return torch.from_numpy(np.round(255 * colormaps[name](np.arange(256))[:, :3]).astype("uint8"))


def read_as_grey(name: str) -> Alteration:
    table = table_of(name)
    return one_or_the_other(pictures(lambda x, generator: luminance(colour(x, table))))


def masks(rows: int, columns: int) -> Alteration:
    def hidden(x: Tensor, generator: torch.Generator) -> Tensor:
        made = spec_augment(
            x[:, 0], max_bins=rows, max_frames=columns, fill=0.0, generator=generator
        )
        return made[:, None]

    step = pictures(hidden)
    return Alteration(step, step)


def alterations(sense: str) -> dict[str, Alteration]:
    """Return all of them by name, with amounts that are the same shares of both pictures."""
    spoken = sense == "spoken"
    rows, columns = (4, 10) if spoken else (-1, 1)  # a tenth of the height, an eighth of the width
    anchor = 0.0 if spoken else 0.5  # words begin at the left edge, digits stand in the middle

    def moved(axis: str) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda x, steps: shift(x, steps.round().to(torch.int64), axis, fill=0.0)

    def taller(x: Tensor, factors: Tensor) -> Tensor:
        return squeeze(x, factors, "height", fill=0.0)

    def narrower(x: Tensor, factors: Tensor) -> Tensor:
        return squeeze(x, factors, "width", fill=0.0, anchor=anchor)

    found = {
        "flip left-right": one_or_the_other(pictures(lambda x, g: flip(x, "width"))),
        "flip up-down": one_or_the_other(pictures(lambda x, g: flip(x, "height"))),
        "shift right": by(moved("width"), columns, -abs(columns), abs(columns)),
        "shift up": by(moved("height"), rows, -abs(rows), abs(rows)),
        "warp": by(warp if spoken else taller, 1.1, 0.88, 1.12),
        "squeeze the width": by(narrower, 0.8, 0.75, 1.25),
        "rotate": by(lambda x, angles: rotate(x, angles, fill=0.0), 10.0, -10.0, 10.0),
        "hide rows": masks(10 if spoken else 2, 0),
        "hide columns": masks(0, 20 if spoken else 2),
        "8-bit grey": read_as_grey("grey"),
        "magma, read as grey": read_as_grey("magma"),
        "jet, read as grey": read_as_grey("jet"),
        "two at once": one_or_the_other(two_words if spoken else two_digits),
        "mean of two pictures": Alteration(blended, mixed),
        "permute rows": one_or_the_other(pictures(lambda x, g: permute(x, "height", seed=7))),
        "permute columns": one_or_the_other(pictures(lambda x, g: permute(x, "width", seed=7))),
        "permute all cells": one_or_the_other(pictures(lambda x, g: permute(x, "both", seed=7))),
    }
    return found


def load(sense: str) -> tuple[Batch, list[int]]:
    """Return all items, with `picture`, and `sound` where there is one; and their takes."""
    if sense == "spoken":
        items = synthetic_digits()
        said = load_sounds(
            items, sample_rate=CONFIG.sample_rate, classes=DIGITS, seconds=0.8
        ).batch()
        inputs = {"picture": levels_of(said), "sound": said.inputs["sound"]}
        lengths = {"sound": said.lengths["sound"]}
        return replace(said, inputs=inputs, lengths=lengths, present={}), [i.take for i in items]
    drawn = handwritten_digits()
    pictures_of = Batch(
        inputs={"picture": torch.stack([one.load() for one in drawn])[:, None]},
        labels=torch.tensor([one.digit for one in drawn]),
        groups=[one.group for one in drawn],
    )
    return pictures_of, [0] * len(drawn)


def rgb(name: str) -> Step:
    table = table_of(name)
    return pictures(lambda x, generator: colour(x, table).to(torch.float32) / 255)


def trained(train: Batch, step: Step | None, *, seed: int, epochs: int, channels: int = 1) -> LeNet:
    """Return a LeNet trained on a side, each batch taken through a step."""
    torch.manual_seed(seed)
    _, height, width = train.inputs["picture"].shape[1:]
    model = LeNet(LeNetConfig(input_shape=(channels, height, width), n_classes=10))
    batches = Minibatches(train, batch_size=32, shuffle_seed=seed)
    loader = batches if step is None else Prepared(batches, step, seed=seed)
    fit(
        model,
        loader,
        None,
        TrainConfig(epochs=epochs, seed=seed),
        objective=Classification(input="picture"),
    )
    return model


def accuracy(model: LeNet, test: Batch, step: Step | None = None) -> float:
    """Return the share of right answers, each item taken through a step."""
    if step is not None:
        test = step(test, torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = torch.cat([model(x) for x in test.inputs["picture"].split(256)])
    return round(float((logits.argmax(dim=1) == test.labels).float().mean()), 4)


def one_sense(sense: str, *, epochs: int) -> dict[str, dict[str, list[float]]]:
    """Return the accuracies of one sense, one a seed, by alteration and way.

    Each seed draws other test voices, or test blocks. One take of each training voice is trained
    on, and both are tested.
    """
    every, takes = load(sense)
    table: dict[str, dict[str, list[float]]] = {"none": {"test only": []}}
    for seed in SEEDS:
        split = group_split(every.groups, seed=seed)
        train = every.select([row for row in split.train if takes[row] == 0])
        test = every.select(split.test)
        plain = trained(train, None, seed=seed, epochs=epochs)
        table["none"]["test only"].append(accuracy(plain, test))
        for name, alteration in alterations(sense).items():
            ways = table.setdefault(
                name, {"test only": [], "train and test": [], "augmentation": []}
            )
            used = helped = trained(train, alteration.always, seed=seed, epochs=epochs)
            if alteration.sometimes is not alteration.always:
                helped = trained(train, alteration.sometimes, seed=seed, epochs=epochs)
            ways["test only"].append(accuracy(plain, test, alteration.always))
            ways["train and test"].append(accuracy(used, test, alteration.always))
            ways["augmentation"].append(accuracy(helped, test))
            print(sense, seed, name, {way: values[-1] for way, values in ways.items()}, flush=True)
        for name in ("magma", "jet"):
            ways = table.setdefault(f"{name}, 3 channels", {"train and test": []})
            used = trained(train, rgb(name), seed=seed, epochs=epochs, channels=3)
            ways["train and test"].append(accuracy(used, test, rgb(name)))
    return table
