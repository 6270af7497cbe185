"""Lesson 15: learn from one sense, be tested on the other; three seeds.

Single digits. A linear classifier is fitted to what a net makes of sounds alone (or of pictures
alone), and tested on what it makes of sounds or pictures that are new. The nets: towers, a
bimodal autoencoder trained with senses left out, the same trained with both always there, and two
classifiers of one sense each, which never met.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models import BimodalAutoencoder, Towers
from avtutor.training import (
    Classification,
    Contrastive,
    Minibatches,
    Reconstruction,
    TrainConfig,
    fit,
    linear_probe,
    unexplained,
    write_checkpoint,
)
from experiments.joint import autoencoder, digits, encoders, towers

SEEDS = (0, 1, 2)
SENSES = ("audio", "image")
EPOCHS = {"towers": 12, "autoencoder": 20, "both always there": 20, "apart": 10}
WEIGHTS = Path(__file__).with_suffix(".safetensors")


class Apart(nn.Module):
    """A classifier of each sense; nothing joins them but the number of their features.

    Args:
        seed: of the weights.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        nets, sizes = encoders()
        self.nets = nn.ModuleDict(
            {
                name: nn.Sequential(net, nn.Linear(sizes[name], 32), nn.ReLU(), nn.Linear(32, 10))
                for name, net in nets.items()
            }
        )


def trained(name: str, train: Batch, seed: int) -> nn.Module:
    """Return one of the nets, trained."""
    config = TrainConfig(epochs=EPOCHS[name], learning_rate=5e-3, seed=seed)
    loader = Minibatches(train, batch_size=80, shuffle_seed=seed, drop_last=True)
    if name == "apart":
        both = Apart(seed)
        for sense in SENSES:
            net = both.nets[sense]
            fit(net, loader, None, config, objective=Classification(sense))
        return both
    if name == "towers":
        net = towers(seed)
        fit(net, loader, None, config, objective=Contrastive())
        return net
    net = autoencoder(seed)
    share = {} if name == "both always there" else {"audio": 1 / 3, "image": 1 / 3}
    fit(net, loader, None, config, objective=Reconstruction(share))
    return net


@torch.no_grad()
def represented(net: nn.Module, sense: str, batch: Batch) -> Tensor:
    """Return what a net makes of one sense alone."""
    net.eval()
    x = batch.inputs[sense]
    if isinstance(net, Towers):
        return net.embed(sense, x)
    if isinstance(net, BimodalAutoencoder):
        return net.embed({sense: x})
    if not isinstance(net, Apart):
        raise TypeError(f"this net has no representation of one sense: {type(net).__name__}")
    features: Tensor = net.nets[sense][:3](x)  # type: ignore[index, operator]
    return features


def crossed(net: nn.Module, train: Batch, test: Batch) -> dict[str, float]:
    """Return the accuracy of a linear classifier for each sense learned from and tested on.

    "centred": the mean of each sense's own training items is taken away first.
    """
    found = {}
    for first in SENSES:
        for second in SENSES:
            learned, new = represented(net, first, train), represented(net, second, test)
            name = f"{first} to {second}"
            a, b = (learned, train.labels), (new, test.labels)
            found[name] = round(linear_probe(a, b, n_classes=10), 4)
            moved = new - represented(net, second, train).mean(dim=0)
            a, b = (learned - learned.mean(dim=0), train.labels), (moved, test.labels)
            found[f"{name}, centred"] = round(linear_probe(a, b, n_classes=10), 4)
    return found


@torch.no_grad()
def drawn(net: BimodalAutoencoder, batch: Batch) -> dict[str, float]:
    """Return the share that is not explained of each sense, drawn from each and from both."""
    found = {}
    for given in (("audio",), ("image",), SENSES):
        made = net.eval()({name: batch.inputs[name] for name in given}).reconstructions
        for name in SENSES:
            value = unexplained(made[name], batch.inputs[name])
            found[f"{' and '.join(given)} to {name}"] = round(float(value), 4)
    return found


def one(seed: int, weights: dict[str, Tensor]) -> dict[str, Any]:
    """Return the rows of one seed."""
    train, _, test = digits(seed)
    rows: dict[str, Any] = {}
    for name in EPOCHS:
        net = trained(name, train, seed)
        rows[name] = {"probe": crossed(net, train, test)}
        if isinstance(net, BimodalAutoencoder):
            rows[name]["not explained"] = drawn(net, test)
        if seed == 0 and name in ("towers", "autoencoder"):
            weights.update({f"{name}.{k}": v for k, v in net.state_dict().items()})
        print(seed, name, rows[name], flush=True)
    return rows


def run() -> dict[str, Any]:
    """Return the rows of each seed, and keep two nets of the first one."""
    torch.set_num_threads(1)
    weights: dict[str, Tensor] = {}
    rows = [one(seed, weights) for seed in SEEDS]
    write_checkpoint(WEIGHTS, weights, {"what": "nets of single digits of experiments/15_shared"})
    return {"chance": 0.1, "rows": rows}
