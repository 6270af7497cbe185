"""Lesson 13: the fusions in the latent world, beside the best that is possible.

Three parts.

- levels: noise swept in one sense, for nets trained over a range of noise and for nets trained
  on one low level, beside the ideal observer of each sense and of both.
- few items: a strong narrow sense and a weak wide one, learned from few items and from many.
  Each net was given four settings with the first seed and each number of items, judged by the
  loss on as many other items as the smallest training set has; each keeps its best epoch there.
- same or different: a class that neither sense shows alone.

In each part all nets have the same items, in the same order, and as many steps.
"""

from typing import Any

import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.models import KINDS, FusionNet, ensemble, latent_net
from avtutor.synth import LatentDraw, LatentSense, LatentWorld, optimum
from avtutor.training import Minibatches, SensesClassification, TrainConfig, fit

SENSES = ("audio", "image")
SEEDS = (0, 1, 2)

LEVELS = LatentWorld(
    senses={"audio": LatentSense(width=20, noise=0.35), "image": LatentSense(width=20, noise=0.35)},
    bend=1.0,
)
N_TRAIN, N_TEST = 6000, 3000
RANGE = (0.1, 1.2)
LOW = 0.2
SWEEP = (0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.2)
FIXED = 0.35
"""The noise of the picture, while that of the sound is swept."""

FEW = LatentWorld(
    senses={
        "audio": LatentSense(width=12, noise=0.36),
        "image": LatentSense(width=600, noise=0.42),
    },
    n_classes=4,
    bend=1.0,
)
COUNTS = {150: 40, 500: 30, 2000: 20, 8000: 15}
"""Items to learn from, and passes through them."""
FEW_SEEDS = tuple(range(6))
FEW_KINDS = ("concat", "late", "gated")
SETTINGS = ((1e-3, 0.01), (3e-3, 0.01), (1e-2, 0.01), (3e-3, 1.0))
"""Learning rate and weight decay that are tried."""

PAIR = LatentWorld(
    senses={"audio": LatentSense(width=8, noise=0.2), "image": LatentSense(width=8, noise=0.2)},
    n_classes=4,
    bend=1.0,
)


def seeded(seed: int) -> torch.Generator:
    """Return a generator with this seed."""
    return torch.Generator().manual_seed(seed)


def trained(
    kind: str,
    data: Batch,
    seed: int,
    *,
    n_classes: int,
    epochs: int,
    rate: float = 3e-3,
    decay: float = 0.01,
    valid: Batch | None = None,
    heads: bool = False,
    init: int = 0,
) -> FusionNet:
    """Return a net of one sense, or of a fusion, that has learned these items."""
    torch.manual_seed(1000 * init + seed)
    sizes = {name: x.shape[1] for name, x in data.inputs.items()}
    if kind in SENSES:
        sizes, kind = {kind: sizes[kind]}, "concat"
    net = latent_net(kind, sizes, n_classes=n_classes, sense_heads=heads)
    weights = {"joint": 1.0, **({"audio": 1.0, "image": 1.0} if heads else {})}
    loader = Minibatches(data, batch_size=30 if len(data) < 1000 else 100, shuffle_seed=seed)
    judged = None if valid is None else Minibatches(valid, batch_size=500)
    config = TrainConfig(
        epochs=epochs, learning_rate=rate, weight_decay=decay, seed=seed, monitor="joint/loss"
    )
    fit(net, loader, judged, config, objective=SensesClassification(weights, senses=net.senses))
    return net.eval()


def right(net: FusionNet, batch: Batch, inputs: dict[str, Tensor] | None = None) -> float:
    """Return the share of right answers."""
    given = inputs or {name: batch.inputs[name] for name in net.senses}
    with torch.no_grad():
        hits = net(given).argmax(dim=1) == batch.labels
    return round(float(hits.float().mean()), 4)


def all_nets(data: Batch, seed: int, *, n_classes: int, epochs: int) -> dict[str, FusionNet]:
    """Return the nets of each sense, of each fusion, and the two senses' nets averaged."""
    nets = {
        kind: trained(kind, data, seed, n_classes=n_classes, epochs=epochs)
        for kind in (*SENSES, *KINDS)
    }
    return {**nets, "ensemble": ensemble({sense: nets[sense] for sense in SENSES})}


def levels() -> dict[str, Any]:
    """Return the accuracies over the noise of the sound, that of the picture fixed."""
    best: dict[str, list[float]] = {"audio": [], "image": [], "both": []}
    for noise in SWEEP:
        told = {"audio": noise, "image": FIXED}
        for name, senses in (("audio", ("audio",)), ("image", ("image",)), ("both", SENSES)):
            best[name].append(round(optimum(LEVELS, senses=senses, noise=told).accuracy, 4))
    found: dict[str, Any] = {"sweep": list(SWEEP), "fixed": FIXED, "optimum": best}
    learned_on: dict[str, float | tuple[float, float]] = {"range": RANGE, "low": LOW}
    for name, span in learned_on.items():
        found[name] = []
        for seed in SEEDS:
            spans = {sense: span for sense in SENSES}
            data = LEVELS.draw(N_TRAIN, generator=seeded(seed), noise=spans).batch
            nets = all_nets(data, seed, n_classes=LEVELS.n_classes, epochs=20)
            scores: dict[str, list[float]] = {kind: [] for kind in nets}
            for place, level in enumerate(SWEEP):
                drawn = LEVELS.draw(
                    N_TEST,
                    generator=seeded(100 + 10 * seed + place),
                    noise={"audio": level, "image": FIXED},
                )
                for kind, net in nets.items():
                    scores[kind].append(right(net, drawn.batch))
            found[name].append(scores)
            print(name, seed, scores, flush=True)
    return found


def settings(kind: str, heads: bool, n: int, epochs: int) -> tuple[float, float]:
    """Return the learning rate and the decay with which a net does best on validation items."""
    data, valid = drawn(n, 0), drawn(min(COUNTS), 500)

    def loss(choice: tuple[float, float]) -> float:
        net = trained(
            kind, data, 0, n_classes=FEW.n_classes, epochs=epochs, rate=choice[0], decay=choice[1],
            valid=valid, heads=heads,
        )  # fmt: skip
        with torch.no_grad():
            logits = net({name: valid.inputs[name] for name in net.senses})
        return float(torch.nn.functional.cross_entropy(logits, valid.labels))

    return min(SETTINGS, key=loss)


def drawn(n: int, seed: int) -> Batch:
    """Return items of the world with a strong narrow and a weak wide sense."""
    return FEW.draw(n, generator=seeded(seed)).batch


def few() -> dict[str, Any]:
    """Return, for each number of items, the accuracies of the nets, seed by seed."""
    best = {
        "audio": optimum(FEW, senses=("audio",)).accuracy,
        "image": optimum(FEW, senses=("image",)).accuracy,
        "both": optimum(FEW).accuracy,
    }
    found: dict[str, Any] = {"optimum": {name: round(one, 4) for name, one in best.items()}}
    rows = {**{kind: (kind, False) for kind in (*SENSES, *FEW_KINDS)}, "heads": ("concat", True)}
    for n, epochs in COUNTS.items():
        chosen = {name: settings(*row, n, epochs) for name, row in rows.items()}
        scores: dict[str, list[float]] = {name: [] for name in (*rows, "ensemble", "two audio")}
        for seed in FEW_SEEDS:
            data, test = drawn(n, seed), drawn(N_TEST, 100 + seed)
            valid = drawn(min(COUNTS), 500 + seed)
            nets = {
                name: learned(*row, data, valid, seed, epochs, chosen[name])
                for name, row in rows.items()
            }
            again = learned("audio", False, data, valid, seed, epochs, chosen["audio"], init=1)
            nets["ensemble"] = ensemble({sense: nets[sense] for sense in SENSES})
            for name, net in nets.items():
                scores[name].append(right(net, test))
            twice = ensemble({"audio": nets["audio"], "again": again})
            sound = test.inputs["audio"]
            scores["two audio"].append(right(twice, test, {"audio": sound, "again": sound}))
        found[str(n)] = {"scores": scores, "settings": chosen}
        print(n, found[str(n)], flush=True)
    return found


def learned(
    kind: str,
    heads: bool,
    data: Batch,
    valid: Batch,
    seed: int,
    epochs: int,
    choice: tuple[float, float],
    *,
    init: int = 0,
) -> FusionNet:
    """Return a net of the part with few items, trained with the settings that were chosen."""
    return trained(
        kind, data, seed, n_classes=FEW.n_classes, epochs=epochs, rate=choice[0], decay=choice[1],
        valid=valid, heads=heads, init=init,
    )  # fmt: skip


def compared(n: int, seed: int) -> LatentDraw:
    """Return items of which half show two classes, half one."""
    return PAIR.draw(n, generator=seeded(seed), conflict=0.5)


def questions(items: LatentDraw) -> Batch:
    """Return the items with another label: 1 where the senses show different classes."""
    differ = (items.classes["audio"] != items.classes["image"]).long()
    return Batch(inputs=items.batch.inputs, labels=differ, groups=items.batch.groups)


def best_comparison(items: LatentDraw) -> float:
    """Return the accuracy of the ideal observer of "same or different"."""
    heard, seen = (PAIR.scores({name: items.latents[name]}, items.noise).exp() for name in SENSES)
    same = (heard * seen).sum(dim=1)
    other = (heard.sum(dim=1) * seen.sum(dim=1) - same) / (PAIR.n_classes - 1)
    return round(float(((other > same).long() == questions(items).labels).float().mean()), 4)


def comparison() -> dict[str, Any]:
    """Return the accuracies on "same or different", where alone each sense says nothing."""
    found: dict[str, Any] = {"seeds": [], "optimum": best_comparison(compared(50_000, 99))}
    for seed in SEEDS:
        nets = all_nets(questions(compared(N_TRAIN, seed)), seed, n_classes=2, epochs=20)
        test = questions(compared(N_TEST, 100 + seed))
        found["seeds"].append({kind: right(net, test) for kind, net in nets.items()})
        print(seed, found["seeds"][-1], flush=True)
    return found


def run() -> dict[str, Any]:
    """Return the three parts."""
    torch.set_num_threads(1)
    return {"levels": levels(), "few items": few(), "same or different": comparison()}
