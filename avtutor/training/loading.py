"""Where batches come from: what `fit` asks of a loader, and the plain one for data in memory."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch

from avtutor.batch import Batch


@runtime_checkable
class Loader(Protocol):
    """Anything that can be iterated over again and again, and knows how many batches it gives.

    Where it has a method ``set_epoch(number)``, `fit` calls that before each pass, with 0, 1,
    2, …: a loader whose order, crops and noise depend on nothing but its seed and that number
    gives the same batches when a training is taken up again. What it draws from PyTorch's
    global generator is the same again, too.
    """

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        ...

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        ...


class Minibatches:
    """Cuts data that lie in memory as one large Batch into small ones.

    Args:
        data: all items.
        batch_size: items in a batch; the last one may have fewer.
        shuffle_seed: None keeps the order; a seed shuffles, anew in each epoch: seed and epoch
            together say how.
        drop_last: leave a smaller last batch out. Batch norm cannot train on a single item.
    Raises:
        ValueError: if `batch_size` is below 1, or no batch would be left.
    Lesson: 06_the_same_cnn

    >>> data = Batch(
    ...     inputs={"x": torch.zeros(5, 2)}, labels=torch.arange(5), groups=("a",) * 5
    ... )
    >>> [batch.labels.tolist() for batch in Minibatches(data, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        data: Batch,
        *,
        batch_size: int,
        shuffle_seed: int | None = None,
        drop_last: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if drop_last and len(data) < batch_size:
            raise ValueError(
                f"batch_size must be at most {len(data)}, the number of items, where the last "
                f"smaller batch is dropped, got {batch_size}"
            )
        self.data = data
        self.batch_size = batch_size
        self.shuffle_seed = shuffle_seed
        self.drop_last = drop_last
        self._epoch = 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next; `fit` does."""
        self._epoch = number

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        full, rest = divmod(len(self.data), self.batch_size)
        return full if self.drop_last else full + (rest > 0)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        order = torch.arange(len(self.data))
        if self.shuffle_seed is not None:
            # A seed for this pass, drawn so that seed 0, epoch 1 is not seed 1, epoch 0.
            source = torch.Generator().manual_seed(self.shuffle_seed)
            seeds = torch.randint(2**62, (self._epoch + 1,), generator=source)
            order = torch.randperm(
                len(self.data), generator=torch.Generator().manual_seed(int(seeds[-1]))
            )
        for number in range(len(self)):
            start = number * self.batch_size
            yield self.data.select(order[start : start + self.batch_size])
