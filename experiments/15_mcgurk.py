"""Lesson 15: one syllable heard, another one seen, three seeds.

Three classes, trained on pairs that agree and on nothing else. In one world a sense shows a place
on a line, and da lies between ba and ga; in the other they are the corners of a triangle, and
nothing lies between two of them. All nine pairs are answered by a net that joins both senses, by
a bimodal autoencoder with a linear classifier on what it shares, and by two nets of one sense
each whose probabilities are multiplied; the best that can be done is the product of the true ones.
"""

import math
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models import BimodalAutoencoder, FusionNet, latent_net
from avtutor.training import (
    Minibatches,
    Reconstruction,
    SensesClassification,
    TrainConfig,
    fit,
    unexplained,
)

SEEDS = (0, 1, 2)
CLASSES = ("ba", "da", "ga")
SENSES = ("audio", "image")
N_TRAIN, N_CELL, WIDTH = 3000, 2000, 12
NOISE = {"between": 0.45, "corners": 0.6}
HEIGHT = math.sqrt(3) / 2
PLACES = {
    "between": torch.tensor([[-1.0], [0.0], [1.0]]),
    "corners": torch.tensor([[-HEIGHT, -0.5], [0.0, 1.0], [HEIGHT, -0.5]]),
}
CONFIG = TrainConfig(epochs=20, learning_rate=1e-2)


def observed(places: Tensor, sense: str) -> Tensor:
    """Return what a sense shows of places: 12 values, each a smooth function of them."""
    generator = torch.Generator().manual_seed(SENSES.index(sense) + 77)
    mix = torch.randn(places.shape[1], WIDTH, generator=generator)
    shift = torch.randn(WIDTH, generator=generator)
    return torch.tanh(places @ mix + shift)


def drawn(world: str, labels: dict[str, Tensor], seed: int) -> tuple[Batch, dict[str, Tensor]]:
    """Return items whose senses show the given classes, and the noisy places behind them."""
    generator = torch.Generator().manual_seed(seed)
    places = {}
    for sense in SENSES:
        centres = PLACES[world][labels[sense]]
        noise = torch.randn(centres.shape, generator=generator)
        places[sense] = centres + NOISE[world] * noise
    batch = Batch(
        inputs={sense: observed(places[sense], sense) for sense in SENSES},
        labels=labels["audio"],
        groups=("made",) * len(labels["audio"]),
    )
    return batch, places


def true_shares(world: str, place: Tensor) -> Tensor:
    """Return the logarithms of the true probabilities, given what one sense shows."""
    distances = (place[:, None] - PLACES[world]).square().sum(dim=2)
    return (-distances / (2 * NOISE[world] ** 2)).log_softmax(dim=1)


def classifier(senses: tuple[str, ...], train: Batch, seed: int) -> FusionNet:
    """Return a net of these senses, trained."""
    torch.manual_seed(seed)
    net = latent_net("concat", dict.fromkeys(senses, WIDTH), n_classes=3)
    loader = Minibatches(train, batch_size=200, shuffle_seed=seed)
    fit(net, loader, None, CONFIG, objective=SensesClassification(senses=senses))
    return net


def autoencoder(train: Batch, seed: int) -> BimodalAutoencoder:
    """Return an autoencoder of both senses, trained."""
    torch.manual_seed(seed)

    def dense(before: int, after: int) -> nn.Module:
        return nn.Sequential(nn.Linear(before, 32), nn.ReLU(), nn.Linear(32, after))

    net = BimodalAutoencoder(
        {sense: dense(WIDTH, 16) for sense in SENSES},
        dict.fromkeys(SENSES, 16),
        dense(32, 8),
        {sense: dense(8, WIDTH) for sense in SENSES},
    )
    loader = Minibatches(train, batch_size=200, shuffle_seed=seed)
    fit(net, loader, None, CONFIG, objective=Reconstruction())
    return net


def shares(logits: Tensor) -> list[float]:
    """Return how often each class is the answer."""
    counts = torch.bincount(logits.argmax(dim=1), minlength=3) / len(logits)
    return [round(float(value), 4) for value in counts]


@torch.no_grad()
def one(world: str, seed: int) -> dict[str, Any]:
    """Return the answers to all nine pairs."""
    labels = torch.arange(N_TRAIN) % 3
    train, _ = drawn(world, dict.fromkeys(SENSES, labels), 1000 + seed)
    with torch.enable_grad():
        joint = classifier(SENSES, train, seed)
        alone = {sense: classifier((sense,), train, seed) for sense in SENSES}
        auto = autoencoder(train, seed)
    linear = LogisticRegression(max_iter=2000).fit(auto.embed(train.inputs), labels)
    tables: dict[str, dict[str, list[float]]] = {}
    for heard, first in enumerate(CLASSES):
        for seen, second in enumerate(CLASSES):
            says = {
                "audio": torch.full((N_CELL,), heard),
                "image": torch.full((N_CELL,), seen),
            }
            batch, places = drawn(world, says, 5000 + 100 * seed + 10 * heard + seen)
            x = batch.inputs
            apart = {s: alone[s]({s: x[s]}).log_softmax(dim=1) for s in SENSES}  # type: ignore[union-attr]
            best = sum((true_shares(world, places[s]) for s in SENSES), torch.zeros(()))
            answers = {
                "audio alone": apart["audio"],
                "image alone": apart["image"],
                "product": apart["audio"] + apart["image"],
                "joint net": joint(x),
                "autoencoder": torch.tensor(linear.predict_log_proba(auto.embed(x))),
                "best possible": best,
            }
            for name, logits in answers.items():
                tables.setdefault(name, {})[f"{first}, {second}"] = shares(logits)
    error = {s: round(float(unexplained(auto(x).reconstructions[s], x[s])), 3) for s in SENSES}
    found = {"seed": seed, "answers": tables, "reconstruction errors": error}
    for name, table in tables.items():
        agree = sum(table[f"{c}, {c}"][n] for n, c in enumerate(CLASSES)) / 3
        print(world, seed, name, round(agree, 3), table["ba, ga"], table["ga, ba"], flush=True)
    return found


def run() -> dict[str, Any]:
    """Return for each world and seed how often each class was the answer to each pair."""
    torch.set_num_threads(1)
    return {
        "classes": CLASSES,
        "noise": NOISE,
        "pairs are": "heard, seen",
        "worlds": {world: [one(world, seed) for seed in SEEDS] for world in PLACES},
    }
