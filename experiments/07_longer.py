"""Lesson 07: three augmentations of spoken digits, with four times as many rounds of training."""

from avtutor.datasets import group_split
from experiments.alterations import SEEDS, accuracy, alterations, load, trained

DATA = ("espeak",)
EPOCHS = 20
NAMES = ("none", "shift right", "flip left-right", "flip up-down")


def run() -> dict:
    """Return the accuracy by augmentation, one value a seed; nothing is altered at test."""
    every, takes = load("spoken")
    table: dict[str, list[float]] = {name: [] for name in NAMES}
    for seed in SEEDS:
        split = group_split(every.groups, seed=seed)
        train = every.select([row for row in split.train if takes[row] == 0])
        test = every.select(split.test)
        for name in NAMES:
            step = None if name == "none" else alterations("spoken")[name].sometimes
            model = trained(train, step, seed=seed, epochs=EPOCHS)
            table[name].append(accuracy(model, test))
            print(seed, name, table[name][-1], flush=True)
    return {"seeds": list(SEEDS), "epochs": EPOCHS, "table": table}
