"""Lesson 06: real people's digits (FSDD), voices known and voices never heard, three seeds.

Needs the recordings: the variable AVTUTOR_FSDD names their folder.
"""

from experiments import fsdd


def run() -> dict:
    """Return accuracies: official split, careless, careful, and the best setting."""
    train_rows, test_rows = fsdd.official()
    known, seconds = [], []
    for seed in fsdd.SEEDS:
        model, taken = fsdd.train(train_rows, fsdd.OFFICIAL, seed)
        known.append(fsdd.right(fsdd.shares(model, test_rows, fsdd.OFFICIAL), test_rows))
        seconds.append(round(taken, 1))
    return {
        "seeds": list(fsdd.SEEDS),
        "official": {"right": known, "seconds": seconds},
        "careless": fsdd.leave_one_out(fsdd.CARELESS)["heard once"],
        "best": fsdd.leave_one_out(fsdd.BEST),
    }
