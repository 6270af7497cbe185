"""Lesson 06: LeNet and SpectrogramCNN on the ladder, and the full recipe without each remedy."""

from dataclasses import replace

from experiments.ladder import DIGITS, FULL, Row, run_rows

DATA = DIGITS
ROWS = {
    "CNN, full recipe": Row(),
    "LeNet, below peak": Row(FULL.plain(), "LeNet"),
    "LeNet, careless": Row(replace(FULL.plain(), range_db=None), "LeNet"),
    "LeNet, full recipe": Row(FULL, "LeNet"),
    "CNN, below peak": Row(FULL.plain()),
    "without below peak": Row(replace(FULL, range_db=None)),
    "without channel": Row(replace(FULL, equaliser_db=0.0, snr_db=None)),
    "without margins": Row(replace(FULL, margin_seconds=0.0, max_cut=0.0)),
    "without stretch": Row(replace(FULL, factor=None, time_bend=0.0)),
    "without mel warp": Row(replace(FULL, alpha=None, bend=0.0)),
}


def run() -> dict:
    """Return the table of `run_rows`."""
    return run_rows(ROWS)
