"""Lesson 14: few items, a strong small sense and a weak wide one; what the remedies repair.

The world of two senses whose optimum is known: 12 values that tell much, 600 that tell little.
The same nets and ways of training with 150 items and with 3000, the same seeds, paired. Every row
has a learning rate of its own: the best of three by the validation accuracy of seed 0; the weights
kept are those of the best validation accuracy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.models import FusionNet, ensemble, latent_net
from avtutor.synth import LatentSense, LatentWorld, optimum
from avtutor.training import (
    FrozenSenses,
    GradientModulation,
    Learned,
    Minibatches,
    ModalityDropout,
    Objective,
    SensesClassification,
    TrainConfig,
    blending_weights,
    evaluate,
    fit,
)

SEEDS = {150: tuple(range(6)), 3000: (0, 1, 2)}
WORLD = LatentWorld(
    senses={
        "audio": LatentSense(width=12, noise=0.36),
        "image": LatentSense(width=600, noise=0.48),
    },
    n_classes=4,
)
SIZES = {"audio": 12, "image": 600}
RATES = (1e-3, 3e-3, 1e-2)
N_TEST = 4000
STEPS = 300
"""Of each training at least, in batches of 25; with many items it has 8 passes."""

Parts = tuple[Batch, Batch, Batch]


def drawn(n_items: int, seed: int) -> Parts:
    """Return items to train, as many to choose, and those to test."""
    found = [
        WORLD.draw(n, generator=torch.Generator().manual_seed(10 * seed + part)).batch
        for part, n in enumerate((n_items, n_items, N_TEST))
    ]
    return found[0], found[1], found[2]


def net_of(senses: tuple[str, ...], seed: int, *, heads: bool = False) -> FusionNet:
    """Return a net for one sense or for both."""
    torch.manual_seed(seed)
    sizes = {sense: SIZES[sense] for sense in senses}
    return latent_net("concat", sizes, n_classes=4, dropout=0.2, sense_heads=heads)


@dataclass(frozen=True)
class Trained:
    """A net after training, its validation accuracy, and what its loss taught it."""

    net: FusionNet
    valid: float
    learned: Learned


def trained(
    net: FusionNet,
    data: Parts,
    objective: Objective,
    *,
    rate: float,
    seed: int,
    rates: Mapping[str, float] | None = None,
) -> Trained:
    """Train a net."""
    judge = objective
    while hasattr(judge, "objective"):
        judge = judge.objective
    whole = [Minibatches(data[part], batch_size=3000) for part in (0, 1)]
    before = [evaluate(net, one, objective=judge)["joint/loss"] for one in whole]
    config = TrainConfig(
        epochs=max(STEPS // (len(data[0]) // 25), 8),
        learning_rate=rate,
        seed=seed,
        monitor="accuracy",
        higher_is_better=True,
        rates=rates or {},
    )
    train = Minibatches(data[0], batch_size=25, shuffle_seed=seed)
    fit(net, train, whole[1], config, objective=objective)
    after = [evaluate(net, one, objective=judge) for one in whole]
    learned = Learned.between(
        (before[0], before[1]), (after[0]["joint/loss"], after[1]["joint/loss"])
    )
    return Trained(net, after[1]["accuracy"], learned)


WAYS = (
    "heads", "blending", "OGM-GE, alpha 0.1", "OGM-GE, alpha 0.5", "modality dropout",
    "pre-trained, frozen", "pre-trained, fine-tuned", "image slower", "audio slower",
)  # fmt: skip
BOTH = tuple(SIZES)


def in_a_way(
    way: str, data: Parts, rate: float, seed: int, before: Mapping[str, Trained]
) -> Trained:
    """Train a net of one sense, or of both in one of the ways."""
    common: dict[str, Any] = {"rate": rate, "seed": seed}
    if way in SIZES:
        return trained(net_of((way,), seed), data, SensesClassification(senses=(way,)), **common)
    plain = SensesClassification()
    objective: Objective = plain
    if way == "heads":
        objective = SensesClassification({"joint": 1.0, "audio": 1.0, "image": 1.0})
    elif way == "blending":
        learned = {name: before[name].learned for name in BOTH}
        objective = SensesClassification(
            blending_weights({"joint": before["naive"].learned, **learned})
        )
    elif way.startswith("OGM-GE"):
        objective = GradientModulation(plain, alpha=float(way.split()[-1]))
    elif way == "modality dropout":
        objective = ModalityDropout(plain, {"audio": 0.3, "image": 0.3})
    elif way == "pre-trained, frozen":
        objective = FrozenSenses(plain, BOTH)
    net = net_of(BOTH, seed, heads=way in ("heads", "blending"))
    if way.startswith("pre-trained"):
        net.load_encoders({sense: before[sense].net for sense in BOTH})
    slow = {
        "pre-trained, fine-tuned": {"encoders": 0.1},
        "image slower": {"encoders.image": 0.1},
        "audio slower": {"encoders.audio": 0.1},
    }
    return trained(net, data, objective, rates=slow.get(way), **common)


@torch.no_grad()
def log_shares(net: FusionNet, batch: Batch) -> Tensor:
    """Return the log shares of the classes."""
    found: Tensor = net({sense: batch.inputs[sense] for sense in net.senses})
    return found.log_softmax(dim=1)


def right(shares: Tensor, batch: Batch) -> float:
    """Return the share of right answers."""
    return round((shares.argmax(dim=1) == batch.labels).double().mean().item(), 4)


def tuned(data: Parts) -> dict[str, float]:
    """Return the learning rate of each row: the best of three on the validation side."""
    taken: dict[str, Trained] = {}
    chosen = {}
    for way in (*BOTH, "naive", *WAYS):
        found = {rate: in_a_way(way, data, rate, 0, taken) for rate in RATES}
        chosen[way] = max(found, key=lambda rate: found[rate].valid)
        taken[way] = found[chosen[way]]
    print(len(data[0]), chosen, flush=True)
    return chosen


def one_seed(data: Parts, chosen: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train all rows with one seed, and test them."""
    test, before = data[2], {}
    found: dict[str, float] = {}
    for sense in BOTH:
        before[sense] = in_a_way(sense, data, chosen[sense], seed, {})
        again = in_a_way(sense, data, chosen[sense], seed + 1000, {})
        found[sense] = right(log_shares(before[sense].net, test), test)
        shares = log_shares(before[sense].net, test) + log_shares(again.net, test)
        found[f"{sense} twice"] = right(shares, test)
    late = ensemble({sense: before[sense].net for sense in BOTH})
    found["two nets averaged"] = right(log_shares(late, test), test)
    for way in ("naive", *WAYS):
        before[way] = in_a_way(way, data, chosen[way], seed, before)
        found[way] = right(log_shares(before[way].net, test), test)
    print(len(data[0]), seed, found, flush=True)
    return found


def run() -> dict[str, Any]:
    """Return the optimum, and every row for every seed, with few items and with many."""
    torch.set_num_threads(1)
    best = {
        "audio": optimum(WORLD, senses=("audio",)).accuracy,
        "image": optimum(WORLD, senses=("image",)).accuracy,
        "both": optimum(WORLD).accuracy,
    }
    rows: dict[str, dict[str, list[float]]] = {}
    rates = {}
    for n_items, seeds in SEEDS.items():
        kept = rows.setdefault(str(n_items), {})
        rates[str(n_items)] = tuned(drawn(n_items, 0))
        for seed in seeds:
            for name, value in one_seed(drawn(n_items, seed), rates[str(n_items)], seed).items():
                kept.setdefault(name, []).append(value)
    return {
        "optimum": {name: round(value, 4) for name, value in best.items()},
        "rates": rates,
        "rows": rows,
    }
