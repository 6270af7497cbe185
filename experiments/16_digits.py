"""Lesson 16: hear a digit, draw it in handwriting; three seeds.

Generators learn from synthetic voices and real handwriting and draw for voices never heard: other
synthetic ones, another synthesiser, and real people. What they draw is read by classifiers that
have seen the training handwriting only. The kind of generator is chosen with the first seed, by
what is drawn for the validation voices: read right most often, of those whose pictures of one
sound vary at least half as much as real pictures of one digit.

Needs the recordings of FSDD: the variable AVTUTOR_FSDD names their folder.
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.datasets import Sounds, fsdd, spoken_digits, synthetic_digits
from avtutor.metrics import t_interval
from avtutor.training import write_checkpoint
from experiments.drawn import (
    Illustrated,
    Kept,
    Part,
    conditional_vae,
    flow,
    heard,
    parts,
    picture_vae,
    plain,
    prepared,
    reader,
    recogniser,
)
from experiments.drawn_failures import Nets, answers, no_digit, noise, two_at_once
from experiments.drawn_measures import (
    N_DRAWS,
    Draws,
    Readers,
    by_voice,
    draws,
    groups_of,
    labels_of,
    likeness,
    probabilities,
    row,
    second_reader,
    share,
    stated,
    variety,
)

DATA = ("espeak", "pico", "asterisk", "tuxpaint")
SEEDS = (0, 1, 2)
WEIGHTS = Path(__file__).with_suffix(".safetensors")
DEVIATIONS = (0.2, 0.3, 0.4)


def chosen(passes: Kept, train: Part, valid: Part, readers: Readers) -> tuple[str, Any, Any]:
    """Return the name of the best kind, the rows of all, and the trained flow."""
    batches, seed = plain(valid.sounds), SEEDS[0]
    made: dict[str, Draws] = {
        f"conditional VAE, deviation {deviation}": conditional_vae(
            passes, train.pictures, seed, deviation=deviation
        )
        for deviation in DEVIATIONS
    }
    made["flow"] = flow(passes, picture_vae(train.pictures, seed), train.pictures, seed)
    real = valid.pictures
    between = torch.stack(
        [variety(real.inputs["image"][real.labels == digit]) for digit in range(10)]
    ).mean()
    rows = {}
    for name, net in made.items():
        pictures = draws(net, batches, N_DRAWS, seed=seed)
        rows[name] = {
            "read right": share(readers.read(pictures)[0] == labels_of(batches)),
            "variance, drawn to real": round(float(variety(pictures).mean() / between), 4),
        }
        print("validation", name, rows[name], flush=True)
    varied = [name for name, one in rows.items() if one["variance, drawn to real"] >= 0.5]
    return max(varied, key=lambda name: rows[name]["read right"]), rows, made["flow"]


def voices(test: Part) -> dict[str, Sounds]:
    """Return the sounds of voices never heard, by what they are."""
    return {
        "synthetic voices": test.sounds,
        "another synthesiser": heard(synthetic_digits(engine="pico", language="en")),
        "real people, bundled": heard(
            [one for one in spoken_digits() if one.language.split("_")[0] == "en"]
        ),
        "real people, FSDD": heard(fsdd()[::5]),  # ten of each voice and digit
    }


def handwriting(readers: Readers, train: Part, test: Part) -> dict[str, Any]:
    """Return how the readers do on real handwriting of blocks never seen."""
    images, labels = test.pictures.inputs["image"], test.pictures.labels
    first = by_voice(readers.read(images)[0], labels, test.pictures.groups)
    first["by block"] = first.pop("by voice")
    return {
        **first,
        "second reader": share(readers.read_again(images) == labels),
        "training pictures": len(train.pictures),
        "unseen pictures": len(test.pictures),
    }


def one(seed: int, settled: dict[str, Any], weights: dict[str, Tensor]) -> dict[str, Any]:
    """Return everything of one seed."""
    train, valid, test = parts(seed)
    readers = Readers(reader(train.pictures, seed), second_reader(train.pictures))
    passes = prepared(train.sounds, seed)
    net: Any
    if seed == SEEDS[0]:
        settled["chosen"], settled["validation"], net = chosen(passes, train, valid, readers)
        if settled["chosen"] != "flow":
            raise ValueError(f"what follows is written for a flow, got {settled['chosen']}")
    else:
        net = flow(passes, picture_vae(train.pictures, seed), train.pictures, seed)
    nets = Nets(net, recogniser(passes, seed), readers)
    apart = flow(passes, net.pictures, train.pictures, seed, shuffled=True)
    found: dict[str, Any] = {"handwriting": handwriting(readers, train, test), "voices": {}}
    source = torch.Generator().manual_seed(seed)
    for name, sounds in voices(test).items():
        batches = plain(sounds)
        pictures = draws(net, batches, N_DRAWS, seed=seed)
        held = probabilities(nets.recogniser, batches)
        named = held.argmax(dim=1).repeat(N_DRAWS)
        real = {
            part: Illustrated(some.pictures).drawn(named, source).view_as(pictures)
            for part, some in (("of training", train), ("unseen", test))
        }
        found["voices"][name] = row(pictures, held, real, readers, batches)
        print(seed, name, _short(found["voices"][name]), flush=True)
        if name == "synthetic voices":
            found["likeness"] = likeness(
                pictures, labels_of(batches), train.pictures, test.pictures
            )
            print(seed, found["likeness"], flush=True)
            wrong = readers.read(draws(apart, batches, N_DRAWS, seed=seed))[0]
            found["shuffled pairs"] = by_voice(wrong, labels_of(batches), groups_of(batches))
        if name == "real people, FSDD":
            digits = answers(nets, batches, seed)
    found["noise"] = noise(nets, test, seed)
    found["two at once"] = two_at_once(nets, test, seed)
    found["no digit"] = no_digit(nets, digits, seed)
    for name in ("handwriting", "shuffled pairs", "noise", "two at once", "no digit"):
        print(seed, name, json.dumps(found[name]), flush=True)
    if seed == SEEDS[0]:
        kept = {"flow": net, "recogniser": nets.recogniser, "reader": readers.first}
        for name, model in kept.items():
            for key, values in model.state_dict().items():
                half = values.half() if values.is_floating_point() else values
                weights[f"{name}/{key}"] = half
    return found


def _short(found: dict[str, Any]) -> dict[str, float]:
    return {
        "drawn": found["drawn"]["accuracy"],
        "recogniser": found["recogniser"]["accuracy"],
        "second reader": found["drawn, second reader"],
        **found["recogniser and a real picture"],
    }


def over_seeds(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return each set of voices with its interval over voices, each the mean over the seeds.

    The synthetic voices of the seeds differ: each counts with the seeds that have it.
    """
    found: dict[str, Any] = {}
    for name in rows[0]["voices"]:
        found[name] = {}
        for who in ("drawn", "recogniser"):
            values: dict[str, list[float]] = {}
            for one_seed in rows:
                for voice, value in one_seed["voices"][name][who]["by voice"].items():
                    values.setdefault(voice, []).append(value)
            means = {voice: sum(some) / len(some) for voice, some in values.items()}
            found[name][who] = stated(t_interval(list(means.values())))
    return found


def run() -> dict[str, Any]:
    """Return the rows of each seed, and keep the nets of the first one."""
    torch.set_num_threads(1)
    fsdd()  # where it is nowhere, say so before the training
    weights: dict[str, Tensor] = {}
    settled: dict[str, Any] = {}
    rows = []
    for seed in SEEDS:
        rows.append(one(seed, settled, weights))
        if seed == SEEDS[0]:
            facts = {"what": "nets of experiments/16_digits", "seed": seed}
            write_checkpoint(WEIGHTS, weights, facts)
    return {"chance": 0.1, **settled, "over seeds": over_seeds(rows), "seeds": rows}
