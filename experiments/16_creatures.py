"""Lesson 16: from the call of a creature never heard to its picture; three seeds.

A reader that was trained on real renders, and on nothing else, says what is in a picture: its own
error stands beside all that it finds in drawn ones. Generators learn from pairs of a call and a
picture, without being told a single attribute. Two kinds are trained on seed 0: a flow in the
latents of a VAE of pictures, and a conditional VAE that begins where the same VAE ended. The one
whose errors on creatures kept for choosing are smaller is kept, and trained on the other seeds
too; both are judged on creatures that no net has met.

That the conditional VAE begins from the other one is against it: its latents tell all of a picture
already, and the call has nothing to add. It is a comparison of two ways to go on from one VAE, and
says nothing of a conditional VAE that listens from the beginning.

The reader is that of 16_pictures and the VAE that of 16_edges, the same for all seeds: the spread
over seeds is that of creatures, calls, ear and flow.

Every creature is new, and every picture of it too: there is no training picture that a drawn one
could be a copy of, so that no distance to the nearest one is given. Whether drawn pictures look
like real ones is told by what the reader makes of both, see "looks".
"""

import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.batch import Batch
from avtutor.metrics import t_interval
from avtutor.models import CreatureReader, PictureVAE
from avtutor.models.reader import ONLY_SEEN, Reading
from avtutor.synth import Heard, Seen
from avtutor.synth.creatures import NAMES
from avtutor.training import write_checkpoint
from experiments import creatures
from experiments.creature_measures import (
    asked_otherwise,
    by_range,
    legs,
    looks,
    spreads,
    two_at_once,
)
from experiments.creatures import TEST, VALID, Generator, Pool, drawn, in_goals, judged, unseen

SEEDS = (0, 1, 2)
KINDS = ("flow", "conditional vae")
N_TRAIN, N_VALID, N_TEST, DRAWS = 12_288, 512, 1024, 8
GOALS = {"size": 0.10, "hue": 15.0, "limbs": 0.9}
PLACES = [len(NAMES) + [one.name for one in fields(Seen)].index(name) for name in ONLY_SEEN]
"""Where the labels of a creature hold what only a picture shows."""
WEIGHTS = Path(__file__).with_suffix(".safetensors")
PICTURES = Path(__file__).with_name("16_pictures.safetensors")
EDGES = Path(__file__).with_name("16_edges.safetensors")


def trained(kind: str, vae: PictureVAE, pool: Pool, seed: int) -> Generator:
    """Return a generator of one kind, rounded as it is kept."""
    make = creatures.flow if kind == "flow" else creatures.conditional_vae
    net: Generator = make(vae, pool, seed)
    creatures.rounded(net)
    return net


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


def one(
    seed: int, kinds: tuple[str, ...], vae: PictureVAE, reader: CreatureReader
) -> tuple[dict[str, Any], dict[str, Generator]]:
    """Return all rows of one seed, and the generators."""
    begun = time.process_time()
    pool = Pool.made(N_TRAIN, seed=seed)
    valid, test = unseen(N_VALID, seed, VALID), unseen(N_TEST, seed, TEST)
    rows: dict[str, Any] = {"seed": seed, "reader": of_reader(reader, test)}
    again = creatures.drawn_again(vae, test.inputs["image"])
    rows["drawn again"] = judged(reader.read(again), test.labels)
    rows |= {"valid": {}, "seconds": {"calls": round(time.process_time() - begun)}}
    nets = {}
    for kind in kinds:
        before = time.process_time()
        nets[kind] = trained(kind, vae, pool, seed)
        rows["seconds"][kind] = round(time.process_time() - before)
        reading, _ = by_draws(nets[kind], reader, valid, draws=4, seed=seed)
        found = judged(reading, valid.labels.repeat(4, 1))
        rows["valid"][kind] = {**found, "in goals": in_goals(found)}
        rows[kind] = of_generator(nets[kind], reader, test, seed)
        print(seed, kind, rows["valid"][kind], rows[kind]["drawn"], flush=True)
    rows["seconds"]["all"] = round(time.process_time() - begun)
    return rows, nets


def summary(rows: list[dict[str, Any]], kept: str) -> dict[str, dict[str, Any]]:
    """Return the mean of each measure over the seeds, its interval, and its goal if it has one."""
    found = {}
    for name in rows[0][kept]["drawn"]:
        interval = t_interval([row[kept]["drawn"][name] for row in rows])
        found[name] = {
            "mean": round(interval.mean, 4),
            "low": round(interval.low, 4),
            "high": round(interval.high, 4),
            "chance": _mean([row["reader"]["chance"][name] for row in rows]),
            "reader on real": _mean([row["reader"]["real"][name] for row in rows]),
            "drawn again": _mean([row["drawn again"][name] for row in rows]),
        }
        if name in GOALS:
            goal, mean = GOALS[name], interval.mean
            met = mean >= goal if name == "limbs" else mean <= goal
            found[name] |= {"goal": goal, "met": met}
    return found


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 4)


def run() -> dict[str, Any]:
    """Return the rows of each seed, and keep the reader and the better generator of the first."""
    torch.set_num_threads(1)
    vae, reader = creatures.kept_pictures(PICTURES, vae=EDGES)
    first, nets = one(SEEDS[0], KINDS, vae, reader)
    kept = min(nets, key=lambda kind: first["valid"][kind]["in goals"])
    facts = {
        "what": "reader and generator of experiments/16_creatures, seed 0, half precision",
        "generator": kept,
        "config": asdict(creatures.LED_CONFIG),
        "frames": creatures.N_FRAMES,
    }
    weights = creatures.halved(reader, "reader") | creatures.halved(nets[kept], "generator")
    write_checkpoint(WEIGHTS, weights, facts)
    rows = [first, *(one(seed, (kept,), vae, reader)[0] for seed in SEEDS[1:])]
    return {
        "goals": GOALS,
        "creatures": {"train": N_TRAIN, "valid": N_VALID, "test": N_TEST, "draws": DRAWS},
        "passes": {"flow": creatures.FLOW_PASSES, "conditional vae": creatures.CVAE_PASSES},
        "kept": kept,
        "summary": summary(rows, kept),
        "rows": rows,
    }
