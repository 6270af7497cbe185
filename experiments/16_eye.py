"""Lesson 16: the VAE of 16_edges learns on, and an eye looks on: what it sees has to be right too.

The eye has learned from real renders, as the reader that measures has, but from others, and from
other first weights: it is not the one that measures. "edges alone" is the control: as many passes
more over pictures from the same numbers on, without an eye.

"before", "edges alone" and "an eye too": what the reader of 16_pictures makes of real pictures that
no net has met, told by the VAE in a few numbers and drawn from them.
"""

import time
from pathlib import Path
from typing import Any

import torch

from avtutor.models import PictureVAE, seen_apart
from avtutor.models.generator_parts import edges
from avtutor.training import write_checkpoint
from experiments.creature_nets import EYE_WEIGHT, longer, taught_by
from experiments.creatures import (
    EDGE_PASSES,
    VALID,
    drawn_again,
    halved,
    judged,
    kept_pictures,
    rounded,
    unseen,
)

N_VALID = 1024
SEED = 0
PICTURES = Path(__file__).with_name("16_pictures.safetensors")
EDGES = Path(__file__).with_name("16_edges.safetensors")
WEIGHTS = Path(__file__).with_suffix(".safetensors")


def run() -> dict[str, Any]:
    """Return what the reader makes of pictures drawn again, before and after."""
    torch.set_num_threads(1)
    begun = time.process_time()
    eye = taught_by()
    rounded(eye)
    learned = time.process_time()
    batch = unseen(N_VALID, SEED, VALID, heard=False)
    real, rows, seconds = batch.inputs["image"], {}, {"eye": round(learned - begun)}
    nets: dict[str, PictureVAE] = {}
    for name in ("before", "edges alone", "an eye too"):
        since = time.process_time()
        nets[name], reader = kept_pictures(PICTURES, vae=EDGES)
        if name != "before":
            longer(nets[name], SEED, eye if name == "an eye too" else None)
        rounded(nets[name])
        seconds[name] = round(time.process_time() - since)
        with torch.no_grad():
            drawn = drawn_again(nets[name], real)
            off = drawn - real
            rows[name] = {
                **judged(reader.read(drawn), batch.labels),
                "deviation of a pixel": round(float(off.square().mean().sqrt()), 4),
                "deviation of edges": round(float(edges(off).square().mean().sqrt()), 4),
                "seen by the eye": round(float(seen_apart(eye, drawn, real).mean()), 4),
            }
        print(name, rows[name], flush=True)
    weights = halved(nets["an eye too"], "vae") | halved(eye, "eye")
    write_checkpoint(WEIGHTS, weights, {"what": "VAE and eye of experiments/16_eye"})
    return {
        "passes": EDGE_PASSES,
        "pictures in a pass": 4096,
        "eye weight": EYE_WEIGHT,
        "pictures": N_VALID,
        "real": judged(reader.read(real), batch.labels),
        "real, by the eye": judged(eye.read(real), batch.labels),
        **rows,
        "seconds": seconds,
    }
