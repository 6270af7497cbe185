"""Two senses joined in MultiBench's way and in ours, on the same pairs, with the same budget.

MultiBench is that of Liang et al. 2021 (see `experiments.multibench`). The encoders are the same
on both sides, and so are the noisy pairs, the size and order of the batches, the optimiser and its
schedule, the passes, and the choice of the best weights, by the accuracy on the validation side.
They are those of lesson 14 (`experiments.training_two`). Each method has the learning rate, of
four, with which it was best on the validation side of the first seed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from avtutor.metrics import t_interval
from avtutor.models import FusionConfig, ensemble, fusion_net
from avtutor.training import (
    Minibatches,
    SensesClassification,
    TrainConfig,
    fit,
)
from experiments.multibench import Blended, Blending, LateFusion, joint_loss, judged
from experiments.training_two import (
    BATCH,
    EACH,
    EPOCHS,
    SENSES,
    Parts,
    Setting,
    alone,
    parts,
    train,
)

SETTING = Setting(snr_db={"audio": -9.0, "image": -5.0})
SEEDS = (0, 1, 2, 3, 4)
N_FRAMES = 41
RATES = (3e-3, 1e-2, 2e-2, 4e-2)
ONLINE = 4
"""Passes between two looks at the weights, in gradient blending online."""


# The methods: each is given the pairs, a learning rate and a seed, and returns a net.

Method = Callable[[Parts, float, int], nn.Module]


def _encoders(seed: int) -> nn.ModuleDict:
    torch.manual_seed(seed)
    return fusion_net(FusionConfig("concat", n_frames=N_FRAMES)).encoders


def multibench_late(data: Parts, rate: float, seed: int) -> nn.Module:
    """Train MultiBench's late fusion."""
    net = LateFusion(_encoders(seed))
    fit(
        net,
        Minibatches(data[0], batch_size=BATCH, shuffle_seed=seed),
        Minibatches(data[1], batch_size=300),
        TrainConfig(
            epochs=EPOCHS, learning_rate=rate, seed=seed, monitor="accuracy", higher_is_better=True
        ),
        objective=joint_loss,
    )
    return net


def multibench_blending(super_epoch: int) -> Method:
    """Return the method that trains with MultiBench's gradient blending."""

    def method(data: Parts, rate: float, seed: int) -> nn.Module:
        blending = Blending(data, rate=rate, seed=seed, super_epoch=super_epoch)
        net, used = blending(Blended(_encoders(seed)))
        shown = [{name: round(weight, 2) for name, weight in one.items()} for one in used]
        print(seed, "blending", shown, flush=True)
        return net

    return method


def one_sense(sense: str) -> Method:
    """Return the method that trains the net of one sense."""
    return lambda data, rate, seed: alone(sense, data, rate=rate, seed=seed).net


def joined(kind: str, *, heads: bool = False) -> Method:
    """Return the method that trains a fusion, with a loss for each sense too or without."""

    def method(data: Parts, rate: float, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        net = fusion_net(FusionConfig(kind, n_frames=N_FRAMES, sense_heads=heads))
        objective = SensesClassification(EACH) if heads else SensesClassification()
        return train(net, data, objective, rate=rate, seed=seed).net

    return method


SINGLE: dict[str, Method] = {sense: one_sense(sense) for sense in SENSES}
PEERS: dict[str, Method] = {
    "MultiBench, late fusion": multibench_late,
    "MultiBench, blending offline": multibench_blending(EPOCHS),
    "MultiBench, blending online": multibench_blending(ONLINE),
}
AVERAGED = "two nets averaged"
JOINED: dict[str, Method] = {
    "late": joined("late"),
    "late, heads": joined("late", heads=True),
    "concat, heads": joined("concat", heads=True),
    "gated, heads": joined("gated", heads=True),
}
OURS = (AVERAGED, *JOINED)
METHODS = {**SINGLE, **PEERS, **JOINED}


def tuned(data: Parts) -> dict[str, dict[str, Any]]:
    """Return for each method the validation accuracy at each rate, and the rate of the best."""
    found = {}
    for name, method in METHODS.items():
        tried = {rate: judged(method(data, rate, SEEDS[0]), data[1])[1] for rate in RATES}
        best = max(tried, key=lambda rate: tried[rate])
        shown = {str(rate): round(value, 4) for rate, value in tried.items()}
        found[name] = {"valid": shown, "rate": best}
        print("tuned", name, shown, flush=True)
    return found


def one_seed(data: Parts, rates: dict[str, float], seed: int) -> dict[str, tuple[float, float]]:
    """Return the accuracy of every method on the validation and on the test side."""
    nets = {name: method(data, rates[name], seed) for name, method in METHODS.items()}
    nets[AVERAGED] = ensemble({sense: nets[sense] for sense in SENSES})  # type: ignore[misc]
    return {
        name: (round(judged(net, data[1])[1], 4), round(judged(net, data[2])[1], 4))
        for name, net in nets.items()
    }


def ahead(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return by how much ours is more often right: mean of the pairs, and its t interval."""
    found = t_interval([one - other for one, other in zip(ours, theirs, strict=True)])
    return {name: round(getattr(found, name), 4) for name in ("mean", "low", "high")}


def run() -> dict[str, Any]:
    """Return every method for every seed, and the best of ours beside each of theirs.

    The best of ours is the one whose mean over the validation sides is highest.
    """
    torch.set_num_threads(1)
    chosen = tuned(parts(SETTING, SEEDS[0]))
    rates = {name: one["rate"] for name, one in chosen.items()}
    valid: dict[str, list[float]] = {}
    test: dict[str, list[float]] = {}
    for seed in SEEDS:
        found = one_seed(parts(SETTING, seed), rates, seed)
        print(seed, found, flush=True)
        for name, (on_valid, on_test) in found.items():
            valid.setdefault(name, []).append(on_valid)
            test.setdefault(name, []).append(on_test)
    best = max(OURS, key=lambda name: sum(valid[name]))
    return {
        "seeds": list(SEEDS),
        "tuned": chosen,
        "valid": valid,
        "test": test,
        "best of ours": best,
        "ahead": {name: {peer: ahead(test[name], test[peer]) for peer in PEERS} for name in OURS},
    }
