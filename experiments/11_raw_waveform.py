"""A network on samples beside one on log-mel pictures: same clips, same passes, same optimiser.

English digits by eSpeak NG; the test side has voices that training has not: other variants of
eSpeak NG, Pico's two English voices, and three people. The front ends of two networks are frozen
as they began: what then is missing is what learning the filters was worth.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.augment import random_gain
from avtutor.batch import Batch
from avtutor.datasets import Item, Sounds, group_split, load_sounds, spoken_digits, synthetic_digits
from avtutor.models import (
    RawWaveformCNN,
    RawWaveformConfig,
    SpectrogramCNN,
    SpectrogramCNNConfig,
    centre_frequencies,
)
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel_batch
from avtutor.training import Minibatches, Prepared, Step, TrainConfig, evaluate, fit

DATA = ("espeak", "pico", "asterisk", "tuxpaint")
RATE, SECONDS, EPOCHS, SEEDS = 8000, 0.6, 8, (0, 1, 2)
CONFIG = SpectrogramConfig(sample_rate=RATE, n_fft=256, hop_length=128, n_mels=40)
LOUDNESS = 0.1
"""The root mean square to which every clip is brought for the networks on samples."""


def pictures(batch: Batch, generator: torch.Generator) -> Batch:
    """Return log-mel pictures below each clip's peak."""
    batch = log_mel_batch(batch, CONFIG)
    return replace(batch, inputs={"sound": below_peak(batch.inputs["sound"])})


def loud_alike(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the samples of each clip at one loudness."""
    samples, n = batch.inputs["sound"], batch.lengths["sound"][:, None]
    level = (samples.square().sum(dim=1, keepdim=True) / n).sqrt().clamp(min=1e-4)
    return replace(batch, inputs={"sound": LOUDNESS / level * samples})


def model_of(kind: str, seed: int) -> nn.Module:
    """Return a network as it begins."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if kind == "log-mel":
            return SpectrogramCNN(
                SpectrogramCNNConfig(n_mels=40, n_classes=10, widths=(8, 16, 24, 32))
            )
        front_end, _, frozen = kind.partition(", ")
        model = RawWaveformCNN(
            RawWaveformConfig(
                sample_rate=RATE,
                n_classes=10,
                front_end="sinc" if front_end == "sinc" else "learned",
                n_filters=32,
                widths=(32, 48, 64),
            )
        )
    for weights in model.front_end.parameters():
        weights.requires_grad_(not frozen)
    return model


def sides() -> dict[str, Sounds]:
    """Return the training side, and those that test."""
    said = synthetic_digits(language="en")
    split = group_split([one.group for one in said], test_share=0.2, seed=0)
    people = [one for one in spoken_digits() if one.language in ("en", "en_GB")]
    parts: dict[str, Sequence[Item]] = {
        "train": [said[place] for place in split.train],
        "unseen voices": [said[place] for place in split.test],
        "other engine": synthetic_digits(engine="pico", language="en"),
        "people": people,
    }
    return {
        name: load_sounds(items, sample_rate=RATE, seconds=SECONDS) for name, items in parts.items()
    }


def tested(model: nn.Module, sounds: Sounds, *steps: Step) -> float:
    """Return the accuracy on one side."""
    return evaluate(model, Prepared(Minibatches(sounds, batch_size=64), *steps))["accuracy"]


def softer(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the clips 20 dB down."""
    sound = random_gain(batch.inputs["sound"], db=(-20.0, -20.0), generator=generator)
    return replace(batch, inputs={"sound": sound})


def upside_down(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the clips with every sample's sign changed."""
    return replace(batch, inputs={"sound": -batch.inputs["sound"]})


def centres(model: nn.Module) -> list[float]:
    """Return the centre frequencies of a front end in Hz, ascending."""
    if not isinstance(model, RawWaveformCNN):
        return []
    found: Tensor = centre_frequencies(model.filters(), RATE).sort().values
    return [round(float(f), 1) for f in found]


def one(kind: str, seed: int, data: dict[str, Sounds]) -> dict[str, Any]:
    """Train one network and test it everywhere."""
    model = model_of(kind, seed)
    step = pictures if kind == "log-mel" else loud_alike
    before = centres(model)
    train = Prepared(Minibatches(data["train"], batch_size=32, shuffle_seed=seed), step, seed=seed)
    start = time.process_time()
    fit(model, train, None, TrainConfig(epochs=EPOCHS, learning_rate=5e-3, seed=seed))
    seconds = time.process_time() - start
    row: dict[str, Any] = {"seed": seed, "processor seconds": round(seconds, 1)}
    row |= {name: tested(model, side, step) for name, side in data.items() if name != "train"}
    plain = () if kind == "log-mel" else (step,)
    last = (pictures,) if kind == "log-mel" else ()
    unseen = data["unseen voices"]
    row["20 dB softer"] = tested(model, unseen, softer, *last)
    row["sign changed"] = tested(model, unseen, *plain, upside_down, *last)
    return row | {"centres before": before, "centres": centres(model)}


def run() -> dict[str, Any]:
    """Return a row for each network and seed."""
    torch.set_num_threads(1)
    data = sides()
    kinds = ("log-mel", "sinc", "learned", "sinc, frozen", "learned, frozen")
    return {kind: [one(kind, seed, data) for seed in SEEDS] for kind in kinds}
