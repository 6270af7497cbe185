"""Lesson 10: the heads on English against Spanish, on roles never heard, three seeds.

All have the same convolutions, the same windows of 2.6 s and the same number of steps in training.
"""

import itertools
from dataclasses import replace
from functools import partial

from avtutor.models import LanguageCNN
from avtutor.models.temporal import HeadName
from experiments.language import DATA as FOLDERS
from experiments.language import every_voice, mean, right, small, train

DATA = FOLDERS
CLASSES = ("en", "es")
SEEDS = (0, 1, 2)
TESTED = (0, 2)
"""The folds that are tested: eight roles of Drascula each."""

KINDS: tuple[HeadName, ...] = ("mean", "statistics", "attention", "tdnn", "gru", "transformer")


def with_head(n_classes: int, kind: HeadName) -> LanguageCNN:
    """Return the network of lesson 09 with another head."""
    return LanguageCNN(replace(small(n_classes).config, head=kind))


def run() -> dict:
    """Return for each head the accuracy of each role over 3 and 10 s: the mean over the seeds.

    And for each seed those means, and the accuracy over 3 s on the voices that were trained on.
    """
    others = [v for v in every_voice() if v.language in CLASSES and v.speaker != "allison"]
    by_voice: dict[str, dict[str, list[float]]] = {}
    by_seed: dict[str, dict[str, list[float]]] = {}
    for kind in KINDS:
        found: dict[str, list[list[float]]] = {}
        known: list[list[float]] = [[] for _ in SEEDS]
        for seed, fold in itertools.product(SEEDS, TESTED):
            heard = [v for v in others if v.fold != fold]
            model = train(heard, CLASSES, seed, network=partial(with_head, kind=kind))
            known[seed] += [right(model, voice, CLASSES)[0] for voice in heard]
            for voice in (v for v in others if v.fold == fold and v.channel == "drascula"):
                key = f"{voice.language} {voice.speaker}"
                found.setdefault(key, []).append(right(model, voice, CLASSES))
        by_voice[kind] = {
            key: [round(mean(one[n] for one in some), 4) for n in (0, 1)]
            for key, some in found.items()
        }
        by_seed[kind] = {
            "trained on, 3 s": [round(mean(some), 4) for some in known],
            "never heard, 3 s": [
                round(mean(some[n][0] for some in found.values()), 4) for n in SEEDS
            ],
            "never heard, 10 s": [
                round(mean(some[n][1] for some in found.values()), 4) for n in SEEDS
            ],
        }
        print(kind, by_seed[kind], flush=True)
    return {"seeds": list(SEEDS), "seconds": [3, 10], "by voice": by_voice, "by seed": by_seed}
