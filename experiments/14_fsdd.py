"""Lesson 14: ways to train a net that sees and hears digits; real speakers (FSDD), three seeds.

Needs the recordings: the variable AVTUTOR_FSDD names their folder. Six speakers: each seed has
another two or so to test.
"""

from typing import Any

from avtutor.datasets import fsdd
from experiments.training_two import Setting
from experiments.training_two import run as run_setting

SEEDS = (0, 1, 2)
WAYS = (
    "heads", "blending", "OGM-GE, alpha 0.5", "modality dropout", "pre-trained, fine-tuned",
    "image slower",
)  # fmt: skip


def run() -> dict[str, Any]:
    """Return every way of training, for every seed."""
    setting = Setting(snr_db={"audio": 0.0, "image": -4.0}, sounds=fsdd(), ways=WAYS)
    return run_setting(setting, SEEDS)
