"""Lesson 16: from the call of a creature never heard to its picture; three seeds.

A reader that was trained on real renders, and on nothing else, says what is in a picture: its own
error stands beside all that it finds in drawn ones. Another reader, the eye of 16_eye, teaches an
ear: it looks at the picture, and the ear learns to say of the call what the eye says. No net that
hears is told an attribute by anybody else; the eye was told those of the creatures it learned from.

Two generators hear by that ear, and learn from pairs of a call and a picture: a flow in the latents
of a VAE of pictures, and a conditional VAE. Both are trained on seed 0. The one whose errors on
creatures kept for choosing are smaller is kept, and trained on the other seeds too; both are judged
on creatures that no net has met. The conditional VAE learns to draw while it learns to listen, in
less time than the pen of the flow had: it is a comparison of two ways to spend minutes, not of all
that either could do.

The reader is that of 16_pictures, the eye and the VAE are those of 16_eye, the same for all seeds:
the spread over seeds is that of creatures, calls, ear and flow. "heard": what the ear itself says,
nothing being drawn. "another ear": a flow as on seed 0, that had to teach its ear itself.

Every creature is new, and every picture of it too: there is no training picture that a drawn one
could be a copy of, so that no distance to the nearest one is given. Whether drawn pictures look
like real ones is told by what the reader makes of both, see "looks".
"""

import multiprocessing
import time
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.metrics import t_interval
from avtutor.models import CreatureReader, PictureVAE, TaughtEar
from avtutor.models.reader import ONLY_SEEN, Reading, goals_of
from avtutor.synth import Heard, Seen
from avtutor.synth.creatures import NAMES
from avtutor.training import write_checkpoint
from experiments import creature_nets as nets
from experiments import creatures
from experiments.creature_measures import (
    asked_otherwise,
    by_range,
    legs,
    looks,
    spreads,
    two_at_once,
)
from experiments.creatures import (
    TEST,
    VALID,
    Generator,
    Pool,
    correlation,
    drawn,
    in_goals,
    judged,
    unseen,
)

SEEDS = (0, 1, 2)
KINDS = ("flow", "conditional vae")
OWN_EAR = "flow, its own ear"
N_TRAIN, N_VALID, N_TEST, DRAWS = 12_288, 512, 1024, 8
GOALS = {"size": 0.10, "hue": 15.0, "limbs": 0.9}
PLACES = [len(NAMES) + [one.name for one in fields(Seen)].index(name) for name in ONLY_SEEN]
"""Where the labels of a creature hold what only a picture shows."""
VALUES = ("size", "cosine of the hue", "sine of the hue", "shape", "texture", *ONLY_SEEN)
"""The numbers that an eye gives, in their order."""
WEIGHTS = Path(__file__).with_suffix(".safetensors")
PICTURES = Path(__file__).with_name("16_pictures.safetensors")
EYE = Path(__file__).with_name("16_eye.safetensors")


@cache
def given() -> tuple[PictureVAE, CreatureReader, CreatureReader]:
    """Return the nets that are there before: the VAE, the reader that measures, and the eye."""
    vae, reader = creatures.kept_pictures(PICTURES, vae=EYE)
    eye = creatures.loaded(CreatureReader(32), EYE, "eye")
    return vae, reader, eye.requires_grad_(False)


def trained(kind: str, pool: Pool, seed: int) -> tuple[Generator, TaughtEar | None]:
    """Return a generator of one kind, rounded as it is kept, and the ear that it was given."""
    vae, _, eye = given()
    net: Generator
    ear = None
    if kind == OWN_EAR:
        net = nets.flow_alone(vae, pool, seed)
    else:
        ear = nets.taught_ear(eye, pool, seed)
        creatures.rounded(ear)
        if kind == "flow":
            net = nets.flow(vae, ear, pool, seed)
        else:
            net = nets.conditional_vae(eye, ear, pool, seed)
    creatures.rounded(net)
    return net, ear


def by_draws(
    net: Generator, reader: CreatureReader, batch: Batch, *, draws: int, seed: int
) -> tuple[Reading, Tensor]:
    """Return what is read in several pictures of each call, and the pictures."""
    pictures = drawn(net, batch.inputs["audio"], draws=draws, seed=seed)
    return reader.read(pictures.flatten(0, 1)), pictures


def of_reader(reader: CreatureReader, batch: Batch) -> dict[str, Any]:
    """Return the reader's own errors on real pictures, and what another creature's would give.

    "same size for all": the error of the size where it is the median one for all.
    """
    reading, truth = reader.read(batch.inputs["image"]), batch.labels
    constant = truth[:, 0].median() / truth[:, 0] - 1
    return {
        "real": judged(reading, truth),
        "chance": judged(reading, truth.roll(1, 0)),
        "same size for all": round(float(constant.abs().median()), 4),
    }


def of_generator(net: Generator, reader: CreatureReader, test: Batch, seed: int) -> dict[str, Any]:
    """Return all measures of a generator on creatures never met."""
    truth, heard = test.labels, Heard.drawn(torch.arange(N_TEST) + TEST, seed=seed)
    reading, pictures = by_draws(net, reader, test, draws=DRAWS, seed=seed)
    real, many = reader.read(test.inputs["image"]), truth.repeat(DRAWS, 1)
    others = unseen(N_TEST, seed, TEST + N_TEST, heard=False).inputs["image"]
    return {
        "drawn": judged(reading, many),
        "of another call": judged(reading, many.roll(1, 0)),
        "spread": spreads(reading, real, truth, truth[:, PLACES], draws=DRAWS),
        "legs": legs(reading, many),
        "by range": by_range(reading, many, heard.snr_db.repeat(DRAWS)),
        "looks": looks(reader, pictures[0], test.inputs["image"], others),
        "asked otherwise": asked_otherwise(net, reader, n=N_TEST // 2, seed=seed),
        "two at once": two_at_once(net, reader, n=N_TEST // 2, seed=seed),
    }


@torch.no_grad()
def heard_by(ear: TaughtEar, test: Batch) -> dict[str, Any]:
    """Return what an ear itself says of calls, and how far each number goes with the truth."""
    reading = ear.read(test.inputs["audio"])
    values = ear(test.inputs["audio"])[0]
    goals = goals_of(test.labels)[0]
    pairs = zip(VALUES, values.unbind(dim=1), goals.unbind(dim=1), strict=True)
    return {
        **judged(reading, test.labels),
        "correlations": {name: round(correlation(a, b), 3) for name, a, b in pairs},
    }


def one(job: tuple[int, str]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return all rows of one kind of generator on one seed, and the weights."""
    torch.set_num_threads(1)
    seed, kind = job
    vae, reader, _ = given()
    begun = time.process_time()
    pool = Pool.made(N_TRAIN, seed=seed)
    valid, test = unseen(N_VALID, seed, VALID), unseen(N_TEST, seed, TEST)
    rows: dict[str, Any] = {"seed": seed, "reader": of_reader(reader, test)}
    again = creatures.drawn_again(vae, test.inputs["image"])
    rows["drawn again"] = judged(reader.read(again), test.labels)
    before = time.process_time()
    net, ear = trained(kind, pool, seed)
    rows["seconds"] = {"calls": round(before - begun), kind: round(time.process_time() - before)}
    reading, _ = by_draws(net, reader, valid, draws=4, seed=seed)
    found = judged(reading, valid.labels.repeat(4, 1))
    rows["valid"] = {**found, "in goals": in_goals(found)}
    weights = creatures.halved(net, "generator")
    if ear is not None:
        rows["heard"] = heard_by(ear.eval(), test)
        weights |= creatures.halved(ear.values, "heard.values")
        weights |= creatures.halved(ear.limbs, "heard.limbs")
    rows |= of_generator(net, reader, test, seed)
    rows["seconds"]["all"] = round(time.process_time() - begun)
    print(seed, kind, rows["valid"], rows["drawn"], flush=True)
    return rows, weights


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the mean of each measure over the seeds, its interval, and its goal if it has one."""
    found = {}
    for name in rows[0]["drawn"]:
        interval = t_interval([row["drawn"][name] for row in rows])
        found[name] = {
            "mean": round(interval.mean, 4),
            "low": round(interval.low, 4),
            "high": round(interval.high, 4),
            "chance": _mean([row["reader"]["chance"][name] for row in rows]),
            "reader on real": _mean([row["reader"]["real"][name] for row in rows]),
            "drawn again": _mean([row["drawn again"][name] for row in rows]),
            "heard": _mean([row["heard"][name] for row in rows]),
        }
        if name in GOALS:
            goal, mean = GOALS[name], interval.mean
            met = mean >= goal if name == "limbs" else mean <= goal
            found[name] |= {"goal": goal, "met": met}
    return found


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 4)


def run() -> dict[str, Any]:
    """Return the rows of each seed, and keep reader, eye's words and the better generator of the
    first. Two processes, of one thread each."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool:
        first = dict(zip(KINDS, pool.map(one, [(SEEDS[0], kind) for kind in KINDS]), strict=True))
        kept = min(first, key=lambda kind: first[kind][0]["valid"]["in goals"])
        others = [(seed, kept) for seed in SEEDS[1:]] + [(SEEDS[0], OWN_EAR)]
        more = [rows for rows, _ in pool.imap(one, others)]
    facts = {
        "what": "reader, ear and generator of experiments/16_creatures, seed 0, half precision",
        "generator": kept,
        "config": asdict(creatures.LED_CONFIG),
        "frames": creatures.N_FRAMES,
    }
    weights = creatures.halved(given()[1], "reader") | first[kept][1]
    write_checkpoint(WEIGHTS, weights, facts)
    rows = [first[kept][0], *more[: len(SEEDS) - 1]]
    passes = {"ear": nets.EAR_PASSES, "flow": nets.FLOW_PASSES}
    return {
        "goals": GOALS,
        "creatures": {"train": N_TRAIN, "valid": N_VALID, "test": N_TEST, "draws": DRAWS},
        "passes": passes | {OWN_EAR: nets.ALONE_PASSES, "conditional vae": nets.CVAE_PASSES},
        "kept": kept,
        "summary": summary(rows),
        "rows": rows,
        "others": {kind: first[kind][0] for kind in KINDS if kind != kept} | {OWN_EAR: more[-1]},
    }
