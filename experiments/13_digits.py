"""Lesson 13: digits seen and heard by every fusion, in noise, with a sense missing, in conflict.

Voices and blocks of pictures in the test are not in training. Every net has as many steps, on
the same pairs, in the same order. Each kind, the nets of one sense among them, was given three
learning rates with the first seed, judged by the loss on the validation pairs, in noise; what was
best is used for every seed.

All are trained on noise of a range in both senses. Some are trained again on clean pairs only,
and tested in the noise that they were not trained for.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.augment import AddNoise, DropSenses, ToSpectrogram
from avtutor.batch import Batch
from avtutor.datasets import Pairs, seen_and_heard
from avtutor.models import KINDS, FusionConfig, FusionNet, ensemble, fusion_net, sense_net
from avtutor.training import (
    Minibatches,
    Prepared,
    SensesClassification,
    Step,
    TrainConfig,
    evaluate,
    fit,
    write_checkpoint,
)

DATA = ("espeak",)
WEIGHTS = Path(__file__).with_name("13_digits.safetensors")
SEEDS = (0, 1, 2)
SIZES = (1000, 300, 1000)
EPOCHS, BATCH = 12, 50
RATES = (5e-3, 1.2e-2, 3e-2)
TRAINED = (-12.0, 20.0)
"""The range of ratios in training, in dB, in each sense by itself."""
EAR, EYE = -10.0, -5.0
"""The noise of the table."""
SWEEP = (-20.0, -16.0, -12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 16.0)
FIXED = 0.0
"""The ratio in the picture, while that in the sound is swept."""
SENSES = ("audio", "image")
CLEAN_TOO = ("concat",)
SWEPT = ("early", "concat", "gated")

Ratio = float | tuple[float, float] | None


def noisy(audio: Ratio = None, image: Ratio = None) -> tuple[Step, ...]:
    """Return the steps from pairs to what the nets see, with noise of these ratios."""
    return AddNoise({"audio": audio, "image": image}), ToSpectrogram()


CONDITIONS: dict[str, tuple[Step, ...]] = {
    "clean": noisy(),
    "noise in the ear": noisy(EAR, None),
    "noise in the eye": noisy(None, EYE),
    "noise in both": noisy(EAR, EYE),
    "sound missing": (*noisy(), DropSenses({"audio": 1.0})),
    "picture missing": (*noisy(), DropSenses({"image": 1.0})),
}

BLIND = (DropSenses({"image": 1.0}),)
"""For a control: early fusion's network, which is another one, with the sound alone."""


def batches(pairs: Pairs, steps: tuple[Step, ...], seed: int) -> list[Batch]:
    """Return all pairs as batches to test on; the same noise for every net."""
    return list(Prepared(Minibatches(pairs, batch_size=250), *steps, seed=seed))


def trained(
    kind: str,
    train: Pairs,
    seed: int,
    *,
    rate: float,
    in_noise: bool = True,
    further: tuple[Step, ...] = (),
) -> FusionNet:
    """Return a net of one sense, or of a fusion, that has learned these pairs."""
    torch.manual_seed(seed)
    if kind in SENSES:
        net = sense_net(kind, FusionConfig("concat"))  # type: ignore[arg-type]  # one of SENSES
    else:
        net = fusion_net(FusionConfig(kind))
    noise = TRAINED if in_noise else None
    steps = (*noisy(noise, noise), *further)
    loader = Prepared(Minibatches(train, batch_size=BATCH, shuffle_seed=seed), *steps, seed=seed)
    config = TrainConfig(epochs=EPOCHS, learning_rate=rate, seed=seed)
    fit(net, loader, None, config, objective=SensesClassification(senses=net.senses))
    return net.eval()


def tuned(
    train: Pairs, valid: Pairs, seed: int
) -> tuple[dict[str, dict[str, float]], dict[str, FusionNet]]:
    """Return each kind's validation loss by learning rate, and its net with the lowest."""
    losses: dict[str, dict[str, float]] = {}
    best: dict[str, FusionNet] = {}
    judged = batches(valid, noisy(TRAINED, TRAINED), seed)
    for kind in (*SENSES, *KINDS):
        losses[kind] = {}
        for rate in RATES:
            net = trained(kind, train, seed, rate=rate)
            objective = SensesClassification(senses=net.senses)
            loss = round(evaluate(net, judged, objective=objective)["loss"], 4)
            if not losses[kind] or loss < min(losses[kind].values()):
                best[kind] = net
            losses[kind][str(rate)] = loss
        print("tuned", kind, losses[kind], flush=True)
    return losses, best


def answers(net: FusionNet, data: list[Batch]) -> Tensor | None:
    """Return the class that a net names in each item; None where it has no sense left."""
    found = []
    with torch.no_grad():
        for batch in data:
            there = {name: batch.inputs[name] for name in net.senses}
            present = {name: batch.present[name] for name in net.senses}
            if not bool(torch.stack(list(present.values())).any(dim=0).all()):
                return None
            found.append(net(there, present=present).argmax(dim=1))
    return torch.cat(found)


def share(hits: Tensor) -> float:
    """Return the share of True, as it is stored."""
    return round(float(hits.float().mean()), 4)


def row(net: FusionNet, test: Pairs, seed: int) -> dict[str, Any]:
    """Return one net's row of the table."""
    found: dict[str, Any] = {}
    for name, steps in CONDITIONS.items():
        named = answers(net, batches(test, steps, seed))
        found[name] = None if named is None else share(named == test.labels)
    apart = test.conflicting(seed)
    named = answers(net, batches(apart, noisy(), seed))
    if named is not None:
        sound, picture = (named == apart.labels_of(sense) for sense in SENSES)
        found["conflict"] = {
            "sound": share(sound), "picture": share(picture), "neither": share(~sound & ~picture)
        }  # fmt: skip
    return found


def swept(nets: dict[str, FusionNet], test: Pairs, seed: int) -> dict[str, dict[str, list[float]]]:
    """Return the accuracy over the ratio in the sound, and over that in the picture."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, fixed in (("sound", FIXED), ("picture", None)):
        found[name] = {kind: [] for kind in nets}
        for ratio in SWEEP:
            steps = noisy(ratio, fixed) if name == "sound" else noisy(fixed, ratio)
            data = batches(test, steps, seed)
            for kind, net in nets.items():
                named = answers(net, data)
                if named is not None:
                    found[name][kind].append(share(named == test.labels))
    return found


def one(
    seed: int,
    rates: dict[str, float],
    parts: tuple[Pairs, Pairs, Pairs],
    ready: dict[str, FusionNet] | None = None,
) -> dict[str, Any]:
    """Train every net with one seed, as far as it is not ready, and test it everywhere."""
    train, _, test = parts
    nets = dict(ready or {})
    for kind in (*SENSES, *KINDS):
        if kind not in nets:
            nets[kind] = trained(kind, train, seed, rate=rates[kind])
            print(seed, kind, flush=True)
    if seed == SEEDS[0]:
        keep(nets, seed)
    nets["ensemble"] = ensemble({sense: nets[sense] for sense in SENSES})
    found: dict[str, Any] = {kind: row(net, test, seed) for kind, net in nets.items()}
    for kind, values in found.items():
        print(seed, kind, values, flush=True)
    blind = trained("early", train, seed, rate=rates["early"], further=BLIND)
    found["early, no picture"] = {
        name: share(heard == test.labels)
        for name in ("clean", "noise in the ear")
        if (heard := answers(blind, batches(test, (*CONDITIONS[name], *BLIND), seed))) is not None
    }
    print(seed, "early, no picture", found["early, no picture"], flush=True)
    curves = swept({k: nets[k] for k in (*SENSES, "ensemble", *SWEPT)}, test, seed)
    print(seed, curves, flush=True)
    quiet = {
        kind: trained(kind, train, seed, rate=rates[kind], in_noise=False)
        for kind in (*SENSES, *CLEAN_TOO)
    }
    quiet["ensemble"] = ensemble({sense: quiet[sense] for sense in SENSES})
    clean = {kind: row(net, test, seed) for kind, net in quiet.items()}
    for kind, values in clean.items():
        print(seed, "clean only", kind, values, flush=True)
    return {"trained in noise": found, "trained on clean only": clean, "swept": curves}


def keep(nets: dict[str, FusionNet], seed: int) -> None:
    """Write the weights for the lesson; half precision is enough for what they answer."""
    tensors = {
        f"{kind}/{name}": values.half() if values.is_floating_point() else values
        for kind, net in nets.items()
        for name, values in net.state_dict().items()
    }
    write_checkpoint(WEIGHTS, tensors, {"kinds": list(nets), "seed": seed, "sizes": list(SIZES)})


def run() -> dict[str, Any]:
    """Return the tables of all seeds, the learning rates that were tried, and the settings."""
    torch.set_num_threads(1)
    parts = {seed: seen_and_heard(seed=seed, sizes=SIZES) for seed in SEEDS}
    losses, ready = tuned(*parts[SEEDS[0]][:2], seed=SEEDS[0])
    rates = {kind: float(min(some, key=lambda r: some[r])) for kind, some in losses.items()}
    return {
        "learning rates": {"validation loss": losses, "chosen": rates},
        "settings": {
            "trained range": list(TRAINED), "ear": EAR, "eye": EYE, "sweep": list(SWEEP),
            "fixed": FIXED, "sizes": list(SIZES), "epochs": EPOCHS,
        },
        "seeds": [
            one(seed, rates, parts[seed], ready if seed == SEEDS[0] else None) for seed in SEEDS
        ],
    }  # fmt: skip
