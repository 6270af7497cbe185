"""What a network is trained for: a function of the model and a batch that returns a loss."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from avtutor.batch import Batch

Log = Mapping[str, float | Tensor]


@runtime_checkable
class Objective(Protocol):
    """Anything that is called with a model and a batch, and returns a loss and what to log.

    The loss is a mean over the items of the batch, and so are the logged values: `fit` weighs
    them with the number of items.

    Where it also has a method ``after_backward(model)``, `fit` calls that in training between the
    backward pass and the step, with the bare model: it may change the gradients, and what it
    returns is logged beside the rest.
    """

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the loss, one number with its gradient, and values to log by their names."""
        ...


@dataclass(frozen=True)
class Classification:
    """Cross-entropy of one input's class; logs the accuracy.

    The model is called with the input, and with its ``lengths`` where its ``forward`` has an
    argument of that name. It returns logits [batch, class]. Labels are class numbers, or shares
    of the classes [batch, class], as after a mixup; the largest share then counts as the right
    answer.

    Args:
        input: the name of the input; None where the batch has only one.
        label_smoothing: this share of each label is spread over all classes, while the model is
            in training mode only, so that the loss on validation data keeps its meaning.
    Raises:
        ValueError: if the input is not in the batch, or is not named and there are several.
    Source: Szegedy et al. 2016, section 7 (label smoothing).
    Lesson: 06_the_same_cnn

    >>> batch = Batch(
    ...     inputs={"x": torch.tensor([[9.0, 0.0], [9.0, 0.0]])},
    ...     labels=torch.tensor([0, 1]),
    ...     groups=("a", "b"),
    ... )
    >>> loss, log = Classification()(nn.Identity(), batch)
    >>> round(float(loss), 3), float(log["accuracy"])
    (4.5, 0.5)
    """

    input: str | None = None
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"label_smoothing must be in [0, 1), got {self.label_smoothing}")

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the mean loss of the batch, and ``{"accuracy": …}``."""
        logits = self.logits(model, batch)
        smoothing = self.label_smoothing if model.training else 0.0
        loss = nn.functional.cross_entropy(logits, batch.labels, label_smoothing=smoothing)
        hard = batch.labels if batch.labels.ndim == 1 else batch.labels.argmax(dim=1)
        return loss, {"accuracy": (logits.detach().argmax(dim=1) == hard).float().mean()}

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """Return the model's logits for the batch."""
        name = self.input
        if name is None:
            if len(batch.inputs) > 1:
                raise ValueError(f"say which input: the batch has {sorted(batch.inputs)}")
            name = next(iter(batch.inputs))
        if name not in batch.inputs:
            raise ValueError(f"the batch has no input {name!r}, it has {sorted(batch.inputs)}")
        inner = getattr(model, "module", model)  # `fit` calls the objective with a wrapped model
        lengths = {}
        if "lengths" in inspect.signature(inner.forward).parameters:
            lengths = {"lengths": batch.lengths[name]}
        logits = model(batch.inputs[name], **lengths)
        if not isinstance(logits, torch.Tensor) or logits.ndim != 2:
            got = list(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise ValueError(f"the model must return logits [batch, class], got {got}")
        return logits
