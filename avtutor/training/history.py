"""What came of a training, epoch by epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Ending = Literal["finished", "stopped early"]


@dataclass(frozen=True)
class Epoch:
    """What one pass through the data gave.

    Args:
        number: counted from 1.
        learning_rate: of its last step.
        train: means over the items of the loss and of what the objective logged, taken while
            the weights changed.
        valid: the same on the validation data, after the pass; empty without such data.
        seconds: what it took, validation included.
    """

    number: int
    learning_rate: float
    train: Mapping[str, float]
    valid: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class History:
    """The epochs of a training, and the one whose weights the model now has.

    Args:
        epochs: in their order.
        best: the number, from 1, of the epoch whose weights were kept: the best on the validation
            data, or the last one where there are none; 0 before the first.
        ending: ``"finished"`` or ``"stopped early"``.
    Lesson: 06_the_same_cnn

    >>> epoch = Epoch(1, 0.1, {"loss": 0.5}, {"loss": 0.6}, seconds=2.0)
    >>> History((epoch,), best=1).values("valid", "loss")
    [0.6]
    """

    epochs: Sequence[Epoch] = ()
    best: int = 0
    ending: Ending = "finished"

    def values(self, part: Literal["train", "valid"], name: str) -> list[float]:
        """Return one value of every epoch.

        Raises:
            ValueError: if `part` is unknown, or does not have `name`.
        """
        if part not in ("train", "valid"):
            raise ValueError(f"part must be 'train' or 'valid', got {part!r}")
        for epoch in self.epochs:
            if name not in (had := getattr(epoch, part)):
                raise ValueError(f"{part} has no {name!r}, it has {sorted(had)}")
        return [float(getattr(epoch, part)[name]) for epoch in self.epochs]

    @property
    def seconds(self) -> float:
        """What all epochs took together."""
        return sum(epoch.seconds for epoch in self.epochs)

    def __repr__(self) -> str:
        """Name the end and the best epoch: no seconds, which differ from run to run."""
        n = len(self.epochs)
        return f"History({n} epoch{'' if n == 1 else 's'}, {self.ending}, best {self.best})"


class NonFiniteLossError(ValueError):
    """The loss became infinite or no number; `history` holds the epochs before that."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history
