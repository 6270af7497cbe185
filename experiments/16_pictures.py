"""Lesson 16, before anything is heard: a VAE of creatures' pictures, and a reader of them.

Both learn from real renders alone, and no picture comes twice. The VAE is what the flow of
16_creatures draws with; the reader says how large, of what colour and on how many legs a creature
in a picture is. "real": what the reader makes of real pictures that neither net has met; "drawn
again": of the same pictures, told by the VAE in a few numbers and drawn from them. What is lost
here no sound can bring back.

There is one of each, not one a seed: the seeds of 16_creatures differ in creatures, ear and flow.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from avtutor.training import write_checkpoint
from experiments.creatures import (
    CONFIG,
    READ_PASSES,
    VAE_PASSES,
    VALID,
    halved,
    judged,
    picture_vae,
    reader_of_pictures,
    rounded,
    unseen,
)

N_VALID = 1024
SEED = 0
WEIGHTS = Path(__file__).with_suffix(".safetensors")


@torch.no_grad()
def run() -> dict[str, Any]:
    """Return what the reader makes of real pictures and of those that the VAE draws again."""
    torch.set_num_threads(1)
    begun = time.process_time()
    with torch.enable_grad():
        vae = picture_vae(SEED)
    middle = time.process_time()
    with torch.enable_grad():
        reader = reader_of_pictures(SEED)
    end = time.process_time()
    for net in (vae, reader):
        rounded(net)
    facts = {"what": "nets of experiments/16_pictures, half precision", "config": asdict(CONFIG)}
    write_checkpoint(WEIGHTS, halved(vae, "vae") | halved(reader, "reader"), facts)
    batch = unseen(N_VALID, SEED, VALID, heard=False)
    real = batch.inputs["image"]
    mean, log_variance = vae.encoder(real)
    again = vae.decoder(mean)
    told = vae(real).told.mean()
    return {
        "passes": {"vae": VAE_PASSES, "reader": READ_PASSES, "pictures in a pass": 4096},
        "pictures": N_VALID,
        "real": judged(reader.read(real), batch.labels),
        "drawn again": judged(reader.read(again), batch.labels),
        "deviation of a pixel": round(float((again - real).square().mean().sqrt()), 4),
        "nats told": round(float(told), 1),
        "latents in use": int((log_variance.exp().mean(dim=0) < 0.5).sum()),
        "seconds": {"vae": round(middle - begun), "reader": round(end - middle)},
    }
