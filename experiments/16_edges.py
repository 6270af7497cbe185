"""Lesson 16: the VAE of 16_pictures learns on, and edges count more: legs are thin.

"before" and "after": what the reader of 16_pictures makes of real pictures that no net has met,
told by the VAE in a few numbers and drawn from them. The pictures to learn from are new again.
"""

import time
from pathlib import Path
from typing import Any

import torch

from avtutor.models.generator_parts import edges
from avtutor.training import write_checkpoint
from experiments.creatures import (
    EDGE_PASSES,
    EDGE_WEIGHT,
    VALID,
    drawn_again,
    halved,
    judged,
    kept_pictures,
    rounded,
    sharpened,
    unseen,
)

N_VALID = 1024
SEED = 0
PICTURES = Path(__file__).with_name("16_pictures.safetensors")
WEIGHTS = Path(__file__).with_suffix(".safetensors")


def run() -> dict[str, Any]:
    """Return what the reader makes of pictures drawn again, before and after."""
    torch.set_num_threads(1)
    vae, reader = kept_pictures(PICTURES)
    batch = unseen(N_VALID, SEED, VALID, heard=False)
    real, rows = batch.inputs["image"], {}
    begun = time.process_time()
    for name in ("before", "after"):
        if name == "after":
            sharpened(vae, SEED)
            rounded(vae)
        off = drawn_again(vae, real) - real
        rows[name] = {
            **judged(reader.read(real + off), batch.labels),
            "deviation of a pixel": round(float(off.square().mean().sqrt()), 4),
            "deviation of edges": round(float(edges(off).square().mean().sqrt()), 4),
        }
    write_checkpoint(WEIGHTS, halved(vae, "vae"), {"what": "VAE of experiments/16_edges"})
    return {
        "passes": EDGE_PASSES,
        "pictures in a pass": 4096,
        "edge weight": {"before": 2.0, "after": EDGE_WEIGHT},
        "pictures": N_VALID,
        "real": judged(reader.read(real), batch.labels),
        **rows,
        "seconds": round(time.process_time() - begun),
    }
