"""Spoken digits of real people (FSDD), three seeds: the official split, and voices never heard.

In the official split every voice is on both sides, and what counts is how soon it is learnt. Where
a voice is left out, the interval is over the six voices, each the mean of its seeds.
"""

from __future__ import annotations

import os

import torch

from avtutor.datasets.fsdd import VARIABLE
from avtutor.metrics import accuracy, t_interval
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
    """Train three times on the official split, and three times without each voice."""
    if VARIABLE not in os.environ:
        raise RuntimeError(f"FSDD is not at hand: set {VARIABLE} to its folder")
    from experiments import fsdd  # it reads the recordings where the variable says

    setup, rows = fsdd.OFFICIAL, []
    known, seconds = [], []
    train_rows, test_rows = fsdd.official()
    labels = fsdd.recordings()[1].labels[torch.tensor(test_rows)]
    for seed in fsdd.SEEDS:
        model, taken = fsdd.train(train_rows, setup, seed)
        known.append(accuracy(fsdd.predicted(model, test_rows, setup), labels))
        seconds.append(taken)
    shown = " ".join(f"{share:.4f}" for share in known)
    rows.append(at_least("FSDD, official split, mean of 3 seeds", sum(known) / 3, SHARE, shown))
    rows.append(at_most("FSDD, official split, longest training", max(seconds), SECONDS, "s"))
    left_out = [fsdd.leave_one_out(fsdd.Setup(), seed) for seed in fsdd.SEEDS]
    means = {voice: sum(one[voice] for one in left_out) / 3 for voice in left_out[0]}
    interval = t_interval(list(means.values()))
    shown = f"{interval.low:.3f} to {interval.high:.3f} over 6 voices"
    rows.append(at_least("FSDD, a voice never heard, mean", interval.mean, MEAN, shown))
    worst = min(means, key=lambda voice: means[voice])
    seeds = " ".join(f"{one[worst]:.3f}" for one in left_out)
    rows.append(at_least(f"FSDD, a voice never heard, worst ({worst})", means[worst], WORST, seeds))
    return rows
