"""Where drawing digits fails: noise, two digits at once, and sounds that are no digit."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from avtutor.augment import mix_at_snr
from avtutor.batch import Batch
from avtutor.datasets import Sounds, SpokenName, names
from avtutor.waveform import Waveform
from experiments.drawn import FRONT, RECIPE, Part, heard, plain
from experiments.drawn_measures import (
    N_DRAWS,
    Draws,
    Readers,
    agreement,
    draws,
    labels_of,
    probabilities,
    share,
)

RATIOS = (-10.0, -5.0, 0.0, 5.0, 10.0, 20.0)
N_WORDS = 200
WORDS = "names of things, real people"
LONGEST = 1.2
"""Seconds of a word that is no digit: as long as the longest digit."""


@dataclass(frozen=True)
class Nets:
    """What one seed has trained, as far as it is used here."""

    generator: Draws
    recogniser: nn.Module
    readers: Readers


@dataclass(frozen=True)
class Word:
    """A spoken name with a label that says nothing, so that it loads as the digits do."""

    name: SpokenName
    label: str = "0"

    @property
    def group(self) -> str:
        """Whose voice it is."""
        return self.name.group

    def load(self) -> Waveform:
        """Return the sound."""
        return self.name.load()


def in_noise(batch: Batch, ratio: float, seed: int) -> Batch:
    """Return spectrograms of sounds in white noise."""
    samples, lengths = batch.inputs["sound"], batch.lengths["sound"]
    noise = torch.randn(samples.shape, generator=torch.Generator().manual_seed(seed))
    ratios = torch.full((len(samples),), ratio)
    mixed = mix_at_snr(samples, noise, snr_db=ratios, lengths=lengths)
    return pictured(mixed, lengths, batch.labels, batch.groups)


def pictured(samples: Tensor, lengths: Tensor, labels: Tensor, groups: Sequence[str]) -> Batch:
    """Return samples as spectrograms, as they are in a test."""
    batch = Batch(
        inputs={"sound": samples}, lengths={"sound": lengths}, labels=labels, groups=groups
    )
    return RECIPE.plain()(batch, torch.Generator())


def answers(nets: Nets, batches: Sequence[Batch], seed: int) -> dict[str, Any]:
    """Return what is read in pictures of some sounds, and how sure everybody is."""
    read, sure = nets.readers.read(draws(nets.generator, batches, N_DRAWS, seed=seed))
    held, named = probabilities(nets.recogniser, batches).max(dim=1)
    return {"read": read, "sure": sure, "agree": agreement(read), "held": held, "named": named}


def confidence(found: dict[str, Any]) -> dict[str, float]:
    """Return the means of how sure everybody is."""
    means = {"reader": "sure", "draws agree": "agree", "recogniser": "held"}
    return {name: round(float(found[key].mean()), 4) for name, key in means.items()}


def noise(nets: Nets, test: Part, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy over the signal-to-noise ratio."""
    rows = []
    for ratio in RATIOS:
        batches = [in_noise(test.sounds.batch(), ratio, seed)]
        labels, found = labels_of(batches), answers(nets, batches, seed)
        rows.append(
            {
                "snr_db": ratio,
                "drawn": share(found["read"] == labels),
                "recogniser": share(found["named"] == labels),
                **{f"sure: {name}": value for name, value in confidence(found).items()},
            }
        )
    return rows


def two_at_once(nets: Nets, test: Part, seed: int) -> dict[str, Any]:
    """Return what is drawn when two different digits are said at once, equally strong."""
    batch = test.sounds.batch()
    samples = batch.inputs["sound"]
    energy = samples.square().sum(dim=1, keepdim=True).sqrt()
    order = torch.randperm(len(batch), generator=torch.Generator().manual_seed(seed))
    first = (batch.labels != batch.labels[order]).nonzero()[:, 0]
    second = order[first]
    mixed = (samples / energy)[first] + (samples / energy)[second]
    lengths = torch.maximum(batch.lengths["sound"][first], batch.lengths["sound"][second])
    groups = ("two voices",) * len(first)
    found = answers(nets, [pictured(mixed, lengths, batch.labels[first], groups)], seed)
    a, b = (found["read"] == batch.labels[rows] for rows in (first, second))
    return {
        "pairs": len(first),
        "one of the two": share(a | b),
        "neither": share(~(a | b)),
        "both among the draws": share(a.any(dim=0) & b.any(dim=0)),
        "recogniser: one of the two": share(
            (found["named"] == batch.labels[first]) | (found["named"] == batch.labels[second])
        ),
        "sure": confidence(found),
    }


def words(seed: int) -> Sounds:
    """Return names of things by real people, in other languages: no English digit."""
    short = [one for one in names() if 0.3 <= one.duration <= LONGEST]
    return heard([Word(one) for one in random.Random(seed).sample(short, N_WORDS)])


def no_digit(nets: Nets, digits: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return what is drawn for words that are no digit, and whether anybody notices."""
    every = {WORDS: plain(words(seed))}
    rows: dict[str, Any] = {}
    n = FRONT.sample_rate // 2
    white = torch.randn(100, n, generator=torch.Generator().manual_seed(seed)) * 0.1
    for name, samples in (("white noise", white), ("silence", torch.zeros(100, n))):
        nothing = torch.zeros(100, dtype=torch.int64)
        every[name] = [pictured(samples, torch.full((100,), n), nothing, ("made",) * 100)]
    for name, batches in every.items():
        found = answers(nets, batches, seed)
        counts = found["read"].flatten().bincount(minlength=10).double()
        rows[name] = {
            "sounds": len(found["named"]),
            "drawn": [round(value, 4) for value in (counts / counts.sum()).tolist()],
            "sure": confidence(found),
        }
        if name == WORDS:
            truth = [1] * len(digits["held"]) + [0] * len(found["held"])
            rows[name]["told from real digits (area under the curve)"] = {
                what: round(
                    float(roc_auc_score(truth, torch.cat([digits[key], found[key]]).numpy())), 4
                )
                for what, key in (("recogniser", "held"), ("draws agree", "agree"))
            }
    return rows
