"""Lesson 07: few voices to learn from; a shift by mel bands against a warp in Hz."""

import torch
from torch import Tensor

from avtutor.augment import shift
from avtutor.training import Step
from experiments.alterations import accuracy, by, load, pictures, trained, warp

DATA = ("espeak",)
SEEDS = tuple(range(6))
N_VOICES = 6
EPOCHS = 15


def by_bands(most: int) -> Step:
    """Return a step that moves each picture by up to `most` bands, up or down."""

    def moved(x: Tensor, generator: torch.Generator) -> Tensor:
        steps = torch.randint(-most, most + 1, (len(x),), generator=generator)
        return shift(x, steps, "height", fill=0.0)

    return pictures(moved)


def run() -> dict:
    """Return the accuracy on all other voices, one value a choice of voices to learn from."""
    every, _ = load("spoken")
    names = sorted(set(every.groups))
    steps: dict[str, Step | None] = {
        "none": None,
        "up to 2 bands": by_bands(2),
        "up to 4 bands": by_bands(4),
        "warp by 0.88 to 1.12": by(warp, 1.0, 0.88, 1.12).sometimes,
        "warp by 0.8 to 1.25": by(warp, 1.0, 0.8, 1.25).sometimes,
    }
    table: dict[str, list[float]] = {name: [] for name in steps}
    for seed in SEEDS:
        order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
        known = {names[place] for place in order[:N_VOICES].tolist()}
        rows = [row for row, group in enumerate(every.groups) if group in known]
        others = [row for row, group in enumerate(every.groups) if group not in known]
        train, test = every.select(rows), every.select(others)
        for name, step in steps.items():
            model = trained(train, step, seed=seed, epochs=EPOCHS)
            table[name].append(accuracy(model, test))
            print("few voices", seed, name, table[name][-1], flush=True)
    return {"seeds": list(SEEDS), "voices": N_VOICES, "epochs": EPOCHS, "table": table}
