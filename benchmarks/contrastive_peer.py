"""Towers of lesson 15 trained with our InfoNCE and with pytorch-metric-learning's NTXentLoss.

Same encoders, weights to begin with, pairs, batches and steps; unseen voices and hands, galleries
of the numbers 00 to 99. First the two losses on one batch: they are one formula, and have to agree.
Then what each trains: theirs at its default temperature, which stays, ours with a learned one.
"""

import math

import torch
from pytorch_metric_learning.losses import NTXentLoss
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.metrics import t_interval
from avtutor.models import Towers, info_nce
from avtutor.training import Contrastive, Minibatches, TrainConfig, fit
from avtutor.training.objectives import Log
from benchmarks.table import Row
from experiments.joint import both_ways, digits, gallery, mean_of, towers, training_numbers

SEEDS = (0, 1, 2, 3, 4)
N_TRAIN, N_GALLERIES = 4000, 5
CONFIG = TrainConfig(epochs=5, learning_rate=5e-3)
TEMPERATURE = 0.07  # NTXentLoss's default


def theirs(first: Tensor, second: Tensor, labels: Tensor) -> Tensor:
    """Return NTXentLoss both ways; others of the same label are neither right nor wrong."""
    loss = NTXentLoss(temperature=TEMPERATURE)
    own = torch.arange(len(labels))
    anchors, others = (labels[:, None] != labels[None]).nonzero(as_tuple=True)
    pairs = (own, own, anchors, others)
    one: Tensor = loss(first, indices_tuple=pairs, ref_emb=second)
    other: Tensor = loss(second, indices_tuple=pairs, ref_emb=first)
    return (one + other) / 2


def their_objective(model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
    """Return their loss of a batch, as an objective for `fit`."""
    inner = getattr(model, "module", model)
    found = model({name: batch.inputs[name] for name in inner.senses})
    first, second = (found[name] for name in inner.senses)
    return theirs(first, second, batch.labels), {}


def recalled(net: Towers, galleries: list[Batch]) -> float:
    """Return recall@1 of 100, a mean over both ways and several galleries."""
    net.eval()
    with torch.no_grad():
        found = [net(one.inputs) for one in galleries]
    table = mean_of([both_ways(one["audio"] @ one["image"].T) for one in found])
    return sum(way["1"] for way in table.values()) / len(table)


def main() -> list[Row]:
    """Compare one batch's loss, and what five trainings reach with each."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    a, b = (nn.functional.normalize(torch.randn(80, 32).double(), dim=1) for _ in range(2))
    labels = torch.randint(60, (80,))
    same = labels[:, None] == labels[None]
    ours = float(info_nce(a, b, scale=1 / TEMPERATURE, same=same))
    other = float(theirs(a, b, labels))
    rows = [
        Row(
            "InfoNCE of 80 pairs, some of one name",
            f"{ours:.6f}",
            f"NTXentLoss {other:.6f}",
            goal="equal to 1e-6",
            met=math.isclose(ours, other, abs_tol=1e-6),
        )
    ]
    found: dict[str, list[float]] = {"ours": [], "theirs": []}
    for seed in SEEDS:
        train, _, test = digits(seed)
        numbers = training_numbers(train, N_TRAIN, seed=100 + seed)
        galleries = [gallery(test, seed=10 * seed + n) for n in range(N_GALLERIES)]
        for name, objective in (("ours", Contrastive()), ("theirs", their_objective)):
            net = towers(seed, n_parts=2)
            loader = Minibatches(numbers, batch_size=80, shuffle_seed=seed, drop_last=True)
            fit(net, loader, None, CONFIG, objective=objective)
            found[name].append(recalled(net, galleries))
    gain = [o - t for o, t in zip(found["ours"], found["theirs"], strict=True)]
    means = {name: sum(values) / len(values) for name, values in found.items()}
    spread = t_interval(gain)
    rows.append(
        Row(
            f"towers, recall@1 of 100, {len(SEEDS)} seeds",
            f"{means['ours']:.3f}",
            f"NTXentLoss {means['theirs']:.3f}, ours less theirs {spread.mean:+.3f} "
            f"[{spread.low:+.3f}, {spread.high:+.3f}]",
            goal="no less, within the interval",
            met=spread.high >= 0,
        )
    )
    return rows
