"""How a network is trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Optimizer = Literal["adamw", "sgd"]
Schedule = Literal["one_cycle", "constant"]

WARM_UP = 0.3
"""The share of the steps in which the learning rate rises, where it goes in one cycle."""


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained.

    Args:
        epochs: passes through the training data.
        learning_rate: the highest that the schedule reaches.
        weight_decay: pull towards 0, on the weights of layers; not on biases, norms and filters
            given by a few numbers each.
        optimizer: ``"adamw"``, or ``"sgd"`` with momentum 0.9.
        schedule: ``"one_cycle"``: up for the first 30 % of the steps and down to almost 0, so
            that the last epochs settle; or ``"constant"``.
        clip_norm: the gradient's length is cut to this; None leaves it.
        monitor: what of the validation decides which epoch was the best: the name of a value in
            the objective's log, or ``"loss"``.
        higher_is_better: whether a larger value of `monitor` is a better one.
        patience: stop after so many epochs without a better one; None trains them all. A
            one-cycle schedule is at its best near its end: stopping earlier seldom pays there.
        seed: of everything random while training: dropout, and what the loaders draw.
        rates: factors on the learning rate for parts of the model, by how the names of their
            parameters begin: ``{"encoders.audio": 0.3}``. Where two fit, the longer one counts.
            0 leaves a part as it is.
        accelerator: ``"cpu"``, ``"gpu"``, ``"mps"``, or ``"auto"``, as Lightning Fabric has it.
    Raises:
        ValueError: if a number is out of its range, or a name unknown.
    Source: Loshchilov and Hutter 2019 (AdamW); Smith and Topin 2018 (one cycle).
    Lesson: 06_the_same_cnn, 14_training_two_senses

    >>> TrainConfig(epochs=5).learning_rate
    0.003
    """

    epochs: int = 20
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    optimizer: Optimizer = "adamw"
    schedule: Schedule = "one_cycle"
    clip_norm: float | None = None
    monitor: str = "loss"
    higher_is_better: bool = False
    patience: int | None = None
    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    accelerator: str = "cpu"

    def __post_init__(self) -> None:
        for name, value, least in (("epochs", self.epochs, 1), ("patience", self.patience, 1)):
            if value is not None and value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        for name, number in (("learning_rate", self.learning_rate), ("clip_norm", self.clip_norm)):
            if number is not None and not (number > 0 and math.isfinite(number)):
                raise ValueError(f"{name} must be above 0 and finite, got {number}")
        for name, factor in self.rates.items():
            if not 0 <= factor < math.inf:
                raise ValueError(f"rates must be 0 or more, got {factor} for {name!r}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be 0 or more, got {self.weight_decay}")
        for name, word, words in (
            ("optimizer", self.optimizer, get_args(Optimizer)),
            ("schedule", self.schedule, get_args(Schedule)),
        ):
            if word not in words:
                raise ValueError(f"{name} must be one of {', '.join(words)}, got {word!r}")


def learning_rate_at(step: int, total: int, config: TrainConfig) -> float:
    """Return the learning rate of one step, counted from 0, of `total`.

    One cycle: half a cosine from 1/25 of ``config.learning_rate`` up to it, then half a cosine
    down to 1/10000 of it, which the last step has.

    Source: Smith and Topin 2018, Super-convergence; the shares are those of PyTorch.
    Lesson: 06_the_same_cnn

    >>> config = TrainConfig(learning_rate=1.0)
    >>> [round(learning_rate_at(step, 11, config), 4) for step in (0, 3, 10)]
    [0.04, 1.0, 0.0001]
    """
    if config.schedule == "constant":
        return config.learning_rate
    last = max(total - 1, 1)
    top = WARM_UP * last
    if step < top:
        start, end, share = 1 / 25, 1.0, step / top
    else:
        start, end, share = 1.0, 1e-4, (step - top) / (last - top)
    return config.learning_rate * (end + (start - end) * (1 + math.cos(math.pi * share)) / 2)
