"""Lesson 06: handwritten digits, with a random split and with blocks (about writers) kept whole."""

from collections.abc import Sequence

import torch

from avtutor.batch import Batch
from avtutor.datasets import handwritten_digits
from avtutor.models import LeNet, LeNetConfig
from avtutor.training import Minibatches, TrainConfig, evaluate, fit

SEEDS = (0, 1, 2)
FOLDS = 5
CONFIG = TrainConfig(epochs=20, learning_rate=0.01)


def folds(groups: Sequence[str], kind: str, seed: int) -> list[list[int]]:
    """Return the test rows of each fold: single pictures, or whole blocks, dealt out by chance."""
    units = list(range(len(groups))) if kind == "random" else sorted(set(groups))
    draw = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(units), generator=draw).tolist()
    dealt = [{units[place] for place in order[fold::FOLDS]} for fold in range(FOLDS)]
    if kind == "random":
        return [sorted(fold) for fold in dealt]
    return [[row for row, group in enumerate(groups) if group in fold] for fold in dealt]


def run() -> dict:
    """Return the accuracy of every variant, kind of split and seed: the mean over folds."""
    said = handwritten_digits()
    data = Batch(
        inputs={"picture": torch.stack([one.load() for one in said])[:, None]},
        labels=torch.tensor([one.digit for one in said]),
        groups=[one.group for one in said],
    )
    table: dict[str, dict[str, list[float]]] = {}
    for variant in ("modern", "historical"):
        table[variant] = {}
        for kind in ("random", "blocks"):
            for seed in SEEDS:
                right = 0.0
                for test in folds(data.groups, kind, seed):
                    held_out = set(test)
                    train = [row for row in range(len(data)) if row not in held_out]
                    torch.manual_seed(seed)
                    config = LeNetConfig(input_shape=(1, 8, 8), n_classes=10, variant=variant)
                    model = LeNet(config)
                    loader = Minibatches(data.select(train), batch_size=64, shuffle_seed=seed)
                    fit(model, loader, None, CONFIG)
                    right += evaluate(model, [data.select(test)])["accuracy"] * len(test)
                table[variant].setdefault(kind, []).append(round(right / len(data), 4))
    return {"seeds": list(SEEDS), "folds": FOLDS, "table": table}
