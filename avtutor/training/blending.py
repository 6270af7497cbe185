"""Gradient blending: weights of the losses from how much each one overfits while it learns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from avtutor.training.history import History

Part = Literal["train", "valid"]


@dataclass(frozen=True)
class Learned:
    """What a net learned between two moments, and how much of it was of the training data only.

    Args:
        generalisation: by how much the loss on data not trained on fell, in nats.
        overfitting: by how much the gap between it and the loss on the training data grew.
    """

    generalisation: float
    overfitting: float

    @classmethod
    def between(cls, start: tuple[float, float], end: tuple[float, float]) -> "Learned":
        """Return it from (training loss, validation loss) at the start and at the end.

        >>> Learned.between((2.0, 2.0), (0.5, 1.5))
        Learned(generalisation=0.5, overfitting=1.0)
        """
        before, after = start[1] - start[0], end[1] - end[0]
        return cls(start[1] - end[1], after - before)

    @property
    def ratio(self) -> float:
        """The overfitting-to-generalisation ratio; infinite where nothing was learned."""
        if self.generalisation <= 0:
            return float("inf")
        return self.overfitting / self.generalisation


def learned(
    history: History,
    *,
    start: int = 1,
    end: int | None = None,
    train: tuple[Part, str] = ("train", "loss"),
    valid: tuple[Part, str] = ("valid", "loss"),
) -> Learned:
    """Return what was learned between two epochs of a training.

    The loss that `fit` logs of the training data is taken while the weights change, with dropout.
    Where that matters, have it measured after each epoch, by the ``watch`` of `fit`, and name it.

    Args:
        history: what `fit` returned.
        start: the first epoch, from 1.
        end: the last epoch; None is the one whose weights were kept.
        train: part and name of the training loss.
        valid: part and name of the validation loss.
    Raises:
        ValueError: if `start` and `end` are not two epochs of the history in their order, or a
            name is not in it.
    Source: Wang, Tran and Feiszli 2020, equation 3.
    Lesson: 14_training_two_senses
    """
    end = history.best if end is None else end
    if not 1 <= start < end <= len(history.epochs):
        raise ValueError(
            f"start and end must be two epochs of 1 to {len(history.epochs)}, the later one last, "
            f"got {start} and {end}"
        )
    seen, unseen = history.values(*train), history.values(*valid)
    return Learned.between((seen[start - 1], unseen[start - 1]), (seen[end - 1], unseen[end - 1]))


def blending_weights(found: Mapping[str, Learned], *, least: float = 0.01) -> dict[str, float]:
    """Return the weights of the losses: generalisation by overfitting squared, summing to 1.

    A loss that taught nothing (its validation loss did not fall) has weight 0.

    Args:
        found: for ``"joint"`` and for each sense, what was learned by that loss alone.
        least: overfitting, in nats, below which it is taken for this: nothing measured is exact,
            and a division by almost 0 would give one loss all the weight.
    Raises:
        ValueError: if `least` is not above 0, or no loss taught anything.
    Source: Wang, Tran and Feiszli 2020, proposition 1 and algorithm 2: ``w = G / O² / Z``.
    Lesson: 14_training_two_senses

    >>> blending_weights({"audio": Learned(1.0, 0.5), "image": Learned(1.0, 1.0)})
    {'audio': 0.8, 'image': 0.2}
    """
    if not least > 0:
        raise ValueError(f"least must be above 0, got {least}")
    raw = {
        name: max(one.generalisation, 0.0) / max(abs(one.overfitting), least) ** 2
        for name, one in found.items()
    }
    total = sum(raw.values())
    if not total > 0:
        raise ValueError(f"one loss at least must have taught something, got {dict(found)}")
    return {name: value / total for name, value in raw.items()}
