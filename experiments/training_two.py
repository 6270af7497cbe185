"""Ways to train a net with two senses, beside nets of one sense: shared by the tables of lesson 14.

Digits are seen and heard, in noise that is drawn once: every row trains on the same noisy pairs.
No voice and no block of pictures is in two parts. All nets have the encoders of `FusionConfig`,
and as many passes; the weights kept are those of the best validation accuracy. Where senses join,
it is `Concatenate` and one dense layer for both. Every row, those of one sense too, has a learning
rate of its own: the best of three by the validation accuracy of seed 0.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from avtutor.augment import AddNoise, DropSenses, ToSpectrogram
from avtutor.batch import Batch
from avtutor.datasets import seen_and_heard
from avtutor.datasets.recordings import Item
from avtutor.models import FusionConfig, FusionNet, ensemble, fusion_net, sense_net
from avtutor.spectral import SpectrogramConfig
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
    linear_probe,
    sense_features,
)

SENSES = ("audio", "image")
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=40)
"""That of lesson 13 with every second frame: half the time of training."""
EPOCHS, BATCH = 12, 50
SIZES = (500, 300, 1000)
STRENGTH = 30.0
"""Of the ridge of the probes."""
DROPPED = {"audio": 0.3, "image": 0.3}
EACH = {"joint": 1.0, "audio": 1.0, "image": 1.0}

WAYS = (
    "heads", "blending", "OGM-GE, alpha 0.1", "OGM-GE, alpha 0.5", "modality dropout",
    "pre-trained, frozen", "pre-trained, fine-tuned", "image slower", "audio slower",
)  # fmt: skip

Parts = tuple[Batch, Batch, Batch]


@dataclass(frozen=True)
class Setting:
    """What is trained on, and how fast.

    Args:
        snr_db: the signal-to-noise ratio in each sense.
        sounds: spoken digits; None: eSpeak's English voices.
        rates: learning rates that are tried with seed 0.
        ways: which ways of training a joint net are tried, besides the naive one.
    """

    snr_db: Mapping[str, float]
    sounds: Sequence[Item] | None = None
    rates: tuple[float, ...] = (3e-3, 1e-2, 2e-2)
    ways: tuple[str, ...] = WAYS


@dataclass
class Trained:
    """A net after training.

    Args:
        net: with its best weights.
        seconds: of one core: what the training took, and that of nets it was made from.
        valid: its validation accuracy.
        learned: what its loss taught it, from before training to its best epoch.
        epoch: the best epoch.
    """

    net: FusionNet
    seconds: float
    valid: float
    learned: Learned = Learned(0.0, 0.0)
    epoch: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def parts(setting: Setting, seed: int) -> Parts:
    """Return the pairs to train, to choose and to test, with their noise, as spectrograms."""
    found = []
    drawn = seen_and_heard(seed=seed, sounds=setting.sounds, sizes=SIZES)
    for number, pairs in enumerate(drawn):
        batch, generator = pairs.batch(), torch.Generator().manual_seed(100 * seed + number)
        for step in (AddNoise(dict(setting.snr_db)), ToSpectrogram(FRONT)):
            batch = step(batch, generator)
        found.append(batch)
    return found[0], found[1], found[2]


def train(
    net: FusionNet,
    data: Parts,
    objective: Objective,
    *,
    rate: float,
    seed: int,
    rates: Mapping[str, float] | None = None,
) -> Trained:
    """Train a net, and say what it took and what it learned."""
    judge = objective
    while hasattr(judge, "objective"):
        judge = judge.objective
    whole = [Minibatches(data[part], batch_size=300) for part in (0, 1)]
    before = [evaluate(net, loader, objective=judge)["joint/loss"] for loader in whole]
    start = time.process_time()  # others compute beside it
    history = fit(
        net,
        Minibatches(data[0], batch_size=BATCH, shuffle_seed=seed),
        whole[1],
        TrainConfig(
            epochs=EPOCHS,
            learning_rate=rate,
            seed=seed,
            monitor="accuracy",
            higher_is_better=True,
            rates=rates or {},
        ),
        objective=objective,
    )
    seconds = time.process_time() - start
    after = [evaluate(net, loader, objective=judge) for loader in whole]
    learned = Learned.between(
        (before[0], before[1]), (after[0]["joint/loss"], after[1]["joint/loss"])
    )
    course = {"train": "accuracy", "valid": "accuracy"}
    facts: dict[str, Any] = {
        f"{part}/{name}": [round(value, 4) for value in history.values(part, name)]  # type: ignore[arg-type]
        for part, name in course.items()
    }
    for sense in net.senses:
        norms = history.values("train", f"{sense}/gradient")
        facts[f"{sense}/gradient"] = [round(value, 5) for value in norms]
    return Trained(net, seconds, after[1]["accuracy"], learned, history.best, facts)


def alone(sense: str, data: Parts, *, rate: float, seed: int, again: bool = False) -> Trained:
    """Train the net of one sense; `again` has other weights to begin with, and another order."""
    seed = seed + 1000 if again else seed
    torch.manual_seed(seed)
    net = sense_net(sense, FusionConfig("concat", n_frames=41))  # type: ignore[arg-type]
    return train(net, data, SensesClassification(senses=(sense,)), rate=rate, seed=seed)


def joint(
    data: Parts,
    objective: Objective,
    *,
    rate: float,
    seed: int,
    heads: bool = False,
    rates: Mapping[str, float] | None = None,
    encoders: Mapping[str, Trained] | None = None,
) -> Trained:
    """Train a net of both senses, perhaps from encoders that were trained alone."""
    torch.manual_seed(seed)
    net = fusion_net(FusionConfig("concat", n_frames=41, sense_heads=heads))
    if encoders is not None:
        net.load_encoders({sense: one.net for sense, one in encoders.items()})
    found = train(net, data, objective, rate=rate, seed=seed, rates=rates)
    found.seconds += sum(one.seconds for one in (encoders or {}).values())
    return found


@torch.no_grad()
def log_shares(net: FusionNet, batch: Batch) -> Tensor:
    """Return the log shares of the classes; the net is given the senses that it has."""
    given = {sense: batch.inputs[sense] for sense in net.senses}
    here = {sense: batch.present[sense] for sense in net.senses}
    found: Tensor = net(given, present=here)
    return found.log_softmax(dim=1)


def right(shares: Tensor, batch: Batch) -> float:
    """Return the share of right answers."""
    return round((shares.argmax(dim=1) == batch.labels).double().mean().item(), 4)


def missing(net: FusionNet, test: Batch, sense: str) -> list[float]:
    """Return the accuracy where a sense is missing in more and more of the items.

    In eval mode an item's answer does not depend on the others: so each is asked with the sense
    and without it, and the shares are mixed from that.
    """
    gone = DropSenses({sense: 1.0})(test, torch.Generator())
    complete, deaf = (
        log_shares(net, batch).argmax(dim=1) == batch.labels for batch in (test, gone)
    )
    drawn = torch.rand(len(test), generator=torch.Generator().manual_seed(7))
    mixed = [torch.where(drawn < share, deaf, complete) for share in SHARES]
    return [round(found.double().mean().item(), 4) for found in mixed]


def probes(net: FusionNet, data: Parts) -> dict[str, float]:
    """Return what a linear classifier reads from each encoder, on the test side."""
    return {
        sense: round(
            linear_probe(
                sense_features(net, sense, [data[0]]),
                sense_features(net, sense, [data[2]]),
                n_classes=10,
                strength=STRENGTH,
            ),
            4,
        )
        for sense in net.senses
    }


def row(one: Trained, data: Parts) -> dict[str, Any]:
    """Return what is kept of a net: accuracy, probes, missing senses, and its cost."""
    found: dict[str, Any] = {
        "accuracy": right(log_shares(one.net, data[2]), data[2]),
        "seconds": round(one.seconds, 2),
        "valid": round(one.valid, 4),
        "epoch": one.epoch,
        "probes": probes(one.net, data),
        **one.facts,
    }
    if len(one.net.senses) > 1:
        for sense in SENSES:
            found[f"{sense} missing"] = missing(one.net, data[2], sense)
    return found


def trained_joint(
    way: str, data: Parts, rate: float, seed: int, before: Mapping[str, Trained]
) -> Trained:
    """Train a joint net in one of the ways.

    Args:
        way: one of `WAYS`, or "naive".
        data: the pairs.
        rate: of learning.
        seed: of the weights and the order.
        before: what was trained before: the nets of one sense, and the naive one.
    """
    single = {sense: before[sense] for sense in SENSES}
    common: dict[str, Any] = {"rate": rate, "seed": seed}
    plain = SensesClassification()
    if way == "heads":
        return joint(data, SensesClassification(EACH), heads=True, **common)
    if way == "blending":
        learned = {"joint": before["naive"].learned}
        weights = blending_weights(learned | {name: one.learned for name, one in single.items()})
        found = joint(data, SensesClassification(weights), heads=True, **common)
        found.seconds += sum(before[name].seconds for name in (*SENSES, "naive"))
        found.facts["weights"] = {name: round(weight, 4) for name, weight in weights.items()}
        return found
    if way.startswith("OGM-GE"):
        return joint(data, GradientModulation(plain, alpha=float(way.split()[-1])), **common)
    if way == "modality dropout":
        return joint(data, ModalityDropout(plain, DROPPED), **common)
    if way == "pre-trained, frozen":
        return joint(data, FrozenSenses(plain, SENSES), encoders=single, **common)
    if way == "pre-trained, fine-tuned":
        return joint(data, plain, encoders=single, rates={"encoders": 0.1}, **common)
    slow = {"image slower": {"encoders.image": 0.1}, "audio slower": {"encoders.audio": 0.1}}
    return joint(data, plain, rates=slow.get(way), **common)


def tuned(setting: Setting, data: Parts) -> tuple[dict[str, dict[str, Any]], dict[str, Trained]]:
    """Return what was tried with seed 0 and what was taken, and the nets that were taken.

    What is made from other nets is made from those that were taken.
    """
    tried: dict[str, dict[str, Any]] = {}
    taken: dict[str, Trained] = {}
    for name in (*SENSES, "naive", *setting.ways):
        found = {}
        for rate in setting.rates:
            if name in SENSES:
                found[rate] = alone(name, data, rate=rate, seed=0)
            else:
                found[rate] = trained_joint(name, data, rate, 0, taken)
        best = max(found, key=lambda rate: found[rate].valid)
        taken[name] = found[best]
        valid = {str(rate): round(one.valid, 4) for rate, one in found.items()}
        tried[name] = {"tried": valid, "rate": best}
        print(name, tried[name], flush=True)
    return tried, taken


def one_seed(
    setting: Setting,
    data: Parts,
    rates: Mapping[str, float],
    seed: int,
    taken: Mapping[str, Trained],
) -> dict[str, dict[str, Any]]:
    """Train all rows with one seed: the same pairs, the same weights to begin with."""
    before, table = dict(taken), {}
    for sense in SENSES:
        if sense not in before:
            before[sense] = alone(sense, data, rate=rates[sense], seed=seed)
        again = alone(sense, data, rate=rates[sense], seed=seed, again=True)
        table[sense] = row(before[sense], data)
        both = log_shares(before[sense].net, data[2]) + log_shares(again.net, data[2])
        table[f"{sense} twice"] = {
            "accuracy": right(both, data[2]),
            "seconds": round(before[sense].seconds + again.seconds, 2),
        }
    late = ensemble({sense: before[sense].net for sense in SENSES})
    cost = sum(before[sense].seconds for sense in SENSES)
    table["two nets averaged"] = row(Trained(late, cost, 0.0), data)
    for way in ("naive", *setting.ways):
        if way not in before:
            before[way] = trained_joint(way, data, rates[way], seed, before)
        table[way] = row(before[way], data)
    print(seed, {name: found["accuracy"] for name, found in table.items()}, flush=True)
    return table


def run(setting: Setting, seeds: Sequence[int]) -> dict[str, Any]:
    """Return the learning rates that were taken, and every row for every seed; 0 is the first."""
    torch.set_num_threads(1)
    data = parts(setting, 0)
    chosen, taken = tuned(setting, data)
    rates = {name: found["rate"] for name, found in chosen.items()}
    rows: dict[str, list[dict[str, Any]]] = {}
    for seed in seeds:
        data = parts(setting, seed)
        for name, found in one_seed(setting, data, rates, seed, taken if seed == 0 else {}).items():
            rows.setdefault(name, []).append(found)
    return {
        "seeds": list(seeds),
        "snr in dB": dict(setting.snr_db),
        "sizes": list(SIZES),
        "epochs": EPOCHS,
        "shares": list(SHARES),
        "tuned": chosen,
        "rows": rows,
    }
