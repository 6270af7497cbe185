"""One pass through the data: the batches, and the means over their items."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training.loading import Loader
from avtutor.training.objectives import Classification, Objective


def evaluate(
    model: nn.Module,
    loader: Loader,
    *,
    objective: Objective = Classification(),  # noqa: B008  (frozen)
) -> dict[str, float]:
    """Return the means over the items of the loss and of what the objective logs.

    The model stays as it is: it is put into eval mode, and back.

    Lesson: 06_the_same_cnn

    >>> batch = Batch(inputs={"x": torch.eye(2)}, labels=torch.tensor([0, 1]), groups=("a", "b"))
    >>> evaluate(nn.Identity(), [batch])["accuracy"]
    1.0
    """
    was_training = model.training
    parameter = next(model.parameters(), None)
    means = Means()
    model.eval()
    try:
        with torch.no_grad():
            for batch in batches_of(loader, "loader"):
                batch = batch if parameter is None else batch.to(parameter.device)
                loss, log = objective(model, batch)
                means.add(loss, log, len(batch))
    finally:
        model.train(was_training)
    return means.values()


class Means:
    """Means of a loss and of logged values, weighed with the items of each batch."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._n = 0

    def add(self, loss: Tensor, log: Mapping[str, float | Tensor], n: int) -> None:
        """Take in the means of a batch of `n` items."""
        for name, value in {"loss": loss, **log}.items():
            number = float(value.detach() if isinstance(value, Tensor) else value)
            self._sums[name] = self._sums.get(name, 0.0) + n * number
        self._n += n

    def values(self) -> dict[str, float]:
        """Return the means over all items so far."""
        return {name: total / self._n for name, total in self._sums.items()}


def batches_of(loader: Loader, name: str) -> Iterator[Batch]:
    """Yield the batches of one pass, and refuse a loader that does not keep its word."""
    n = 0
    for batch in loader:
        if not isinstance(batch, Batch):
            raise TypeError(f"{name} must give objects of type Batch, got {type(batch).__name__}")
        n += 1
        if n <= len(loader):
            yield batch
    if n != len(loader):
        raise ValueError(f"{name} said it had {len(loader)} batches in each pass, and gave {n}")
