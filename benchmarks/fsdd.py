"""Spoken digits of real people (FSDD), three seeds: the official split, and voices never heard.

In the official split every voice is on both sides, and what counts is how soon it is learnt. Where
a voice is left out, the interval is over the six voices, each the mean of its seeds.
"""

from __future__ import annotations

import importlib
import os

from avtutor.datasets.fsdd import VARIABLE
from avtutor.metrics import t_interval
from benchmarks.table import Row, at_most

SHARE, SECONDS, MEAN, WORST = 0.995, 20.0, 0.95, 0.90  # the goals


def at_least(name: str, value: float, limit: float, beside: str = "") -> Row:
    """Return the row of a share that has to reach a limit."""
    return Row(
        name=name,
        ours=f"{value:.4f}",
        other=beside,
        goal=f"at least {limit:g}",
        met=value >= limit,
    )


def main() -> list[Row]:
    """Train as `experiments/06_fsdd.py` does: about an hour."""
    if VARIABLE not in os.environ:
        raise RuntimeError(f"FSDD is not at hand: set {VARIABLE} to its folder")
    # It reads the recordings where the variable says.
    run = importlib.import_module("experiments.06_fsdd").run

    table, rows = run(), []
    known = table["official"]["right"]
    shown = " ".join(f"{share:.4f}" for share in known)
    rows.append(at_least("FSDD, official split, mean of 3 seeds", sum(known) / 3, SHARE, shown))
    longest = max(table["official"]["seconds"])
    rows.append(at_most("FSDD, official split, longest training", longest, SECONDS, "s"))
    left_out = table["best"]["averaged"]
    means = {voice: sum(seeds) / len(seeds) for voice, seeds in left_out.items()}
    interval = t_interval(list(means.values()))
    shown = f"{interval.low:.3f} to {interval.high:.3f} over 6 voices"
    rows.append(at_least("FSDD, a voice never heard, mean", interval.mean, MEAN, shown))
    worst = min(means, key=lambda voice: means[voice])
    shown = " ".join(f"{share:.3f}" for share in left_out[worst])
    rows.append(at_least(f"FSDD, a voice never heard, worst ({worst})", means[worst], WORST, shown))
    return rows
