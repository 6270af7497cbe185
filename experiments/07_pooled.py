"""Lesson 07: a network with a mean over time: words moved, and orders without neighbours."""

import torch
from torch import Tensor

from avtutor.augment import permute, shift
from avtutor.batch import Batch
from avtutor.datasets import group_split
from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.training import Minibatches, Prepared, TrainConfig, fit
from experiments.alterations import SEEDS, Change, accuracy, load

DATA = ("espeak",)
EPOCHS = 8
LATEST = 15  # frames
ORDERS = {"none": None, "rows": "height", "columns": "width", "all cells": "both"}


class InDecibels(torch.nn.Module):
    """A SpectrogramCNN for pictures [batch, 1, mel, frame] from 0, the floor, to 1, the peak."""

    def __init__(self) -> None:
        super().__init__()
        settings = SpectrogramCNNConfig(n_mels=40, n_classes=10, widths=(8, 16, 24, 32))
        self.network = SpectrogramCNN(settings)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.network(60 * (pictures[:, 0] - 1))
        return logits


def network(train: Batch, change: Change, *, seed: int, latest: int) -> InDecibels:
    """Return a network trained with words that begin up to `latest` frames later."""

    def step(batch: Batch, generator: torch.Generator) -> Batch:
        steps = torch.randint(0, latest + 1, (len(batch),), generator=generator)
        moved = shift(batch.inputs["picture"], steps, "width", fill=0.0)
        made = {"picture": change(moved, generator)}
        return Batch(inputs=made, labels=batch.labels, groups=batch.groups)

    torch.manual_seed(seed)
    model = InDecibels()
    loader = Prepared(Minibatches(train, batch_size=32, shuffle_seed=seed), step, seed=seed)
    fit(model, loader, None, TrainConfig(epochs=EPOCHS, learning_rate=0.01, seed=seed))
    return model


def run() -> dict:
    """Return accuracies, one a seed: moved at test only, and permuted in train and test."""
    every, takes = load("spoken")
    moved: dict[str, list[float]] = {}
    ordered: dict[str, list[float]] = {name: [] for name in ORDERS}
    for seed in SEEDS:
        split = group_split(every.groups, seed=seed)
        train = every.select([row for row in split.train if takes[row] == 0])
        test = every.select(split.test)
        for name, axis in ORDERS.items():

            def change(x: Tensor, generator: torch.Generator, axis: str | None = axis) -> Tensor:
                return x if axis is None else permute(x, axis, seed=7)

            model = network(train, change, seed=seed, latest=LATEST)
            x = change(test.inputs["picture"], torch.Generator())
            asked = Batch(inputs={"picture": x}, labels=test.labels, groups=test.groups)
            ordered[name].append(accuracy(model, asked))
            if axis is not None:
                continue
            for what, steps, along in (("100 ms later", 10, "width"), ("4 bands up", 4, "height")):
                x = shift(test.inputs["picture"], steps, along, fill=0.0)
                asked = Batch(inputs={"picture": x}, labels=test.labels, groups=test.groups)
                moved.setdefault(what, []).append(accuracy(model, asked))
        print(seed, ordered, moved, flush=True)
    return {"seeds": list(SEEDS), "epochs": EPOCHS, "permuted": ordered, "moved": moved}
