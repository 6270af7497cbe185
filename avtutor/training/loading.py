"""Where batches come from: what `fit` asks of a loader, and the two that the course uses."""

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Int
from torch import Tensor

from avtutor.batch import Batch

Step = Callable[[Batch, torch.Generator], Batch]
"""What is done to a batch on its way to the network; its random numbers come from the generator."""


def derived_seed(*numbers: int) -> int:
    """Return a seed that depends on all of the numbers and on their order.

    Seed 0 of pass 1 is another one than seed 1 of pass 0.

    >>> derived_seed(0, 1) == derived_seed(0, 1), derived_seed(0, 1) == derived_seed(1, 0)
    (True, False)
    """
    text = " ".join(map(str, numbers))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


@runtime_checkable
class Selectable(Protocol):
    """Items of which some can be had as a batch: a Batch itself, or `datasets.Sounds`."""

    def __len__(self) -> int:
        """Return the number of items."""
        ...

    def select(self, items: Int[Tensor, " item"], /) -> Batch:
        """Return the given items, in the given order."""
        ...


@runtime_checkable
class HasLengths(Protocol):
    """Items that can be had as a batch, and that tell their lengths, as `datasets.Sounds` do."""

    lengths: Int[Tensor, " item"]

    def __len__(self) -> int:
        """Return the number of items."""
        ...

    def select(self, items: Int[Tensor, " item"], /) -> Batch:
        """Return the given items, in the given order."""
        ...


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
    """Cuts data into small batches, in order or shuffled.

    Args:
        data: all items: one large Batch, or the `datasets.Sounds` of a data set.
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
        data: Selectable,
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
            source = torch.Generator().manual_seed(derived_seed(self.shuffle_seed, self._epoch))
            order = torch.randperm(len(self.data), generator=source)
        for number in range(len(self)):
            start = number * self.batch_size
            yield self.data.select(order[start : start + self.batch_size])


class SimilarLengths:
    """Cuts data into small batches of items that are about as long as each other.

    Where lengths differ much, half of a shuffled batch is padding. Here the items are shuffled,
    put in the order of their lengths, each times a random factor, and cut; the batches then come
    in random order. The last items of a pass that do not fill a batch are left out.

    Args:
        data: all items; it has ``lengths``, a tensor of one number an item.
        batch_size: items in a batch.
        seed: seed and epoch together say how.
        jitter: largest share by which a length is changed before sorting, so that neighbours
            are not the same in every pass.
    Raises:
        ValueError: if `batch_size` is not from 1 to the number of items, or `jitter` is not in
            [0, 1).
    Lesson: 06_the_same_cnn

    >>> from avtutor.datasets import load_sounds, spoken_digits
    >>> said = load_sounds(spoken_digits(language="it"), sample_rate=8000)
    >>> def padding(loader):
    ...     found = [batch.mask("sound") for batch in loader]
    ...     return 1 - sum(mask.sum() for mask in found) / sum(mask.numel() for mask in found)
    >>> shuffled = Minibatches(said, batch_size=7, shuffle_seed=0)
    >>> bool(padding(SimilarLengths(said, batch_size=7, seed=0)) < 0.5 * padding(shuffled))
    True
    """

    def __init__(
        self, data: HasLengths, *, batch_size: int, seed: int, jitter: float = 0.1
    ) -> None:
        if not 1 <= batch_size <= len(data):
            raise ValueError(f"batch_size must be from 1 to {len(data)}, got {batch_size}")
        if not 0 <= jitter < 1:
            raise ValueError(f"jitter must be in [0, 1), got {jitter}")
        self.data, self.batch_size, self.seed, self.jitter = data, batch_size, seed, jitter
        self._epoch = 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next; `fit` does."""
        self._epoch = number

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        return len(self.data) // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        source = torch.Generator().manual_seed(derived_seed(self.seed, self._epoch))
        order = torch.randperm(len(self.data), generator=source)[: len(self) * self.batch_size]
        factor = 1 + self.jitter * (2 * torch.rand(len(order), generator=source) - 1)
        order = order[(self.data.lengths[order] * factor).argsort()]
        for number in torch.randperm(len(self), generator=source).tolist():
            start = number * self.batch_size
            yield self.data.select(order[start : start + self.batch_size])


class Prepared:
    """Takes each batch of a loader through some steps, ahead of the network, in a thread.

    While the network works on one batch, the next ones are decoded, altered and turned into
    pictures. The generator that a step is given depends on the seed, the pass and the number of
    the batch alone: what is drawn does not depend on how fast anything ran, and a training that
    is taken up again draws the same.

    Args:
        loader: where the batches come from.
        steps: called in their order with the batch and a generator; each returns a Batch.
        seed: of what the steps draw.
        ahead: batches that are kept ready.
    Raises:
        ValueError: if `ahead` is below 1.
    Lesson: 05_real_recordings

    >>> from dataclasses import replace
    >>> def louder(batch, generator):
    ...     gain = 1 + torch.rand(len(batch), 1, generator=generator)
    ...     return replace(batch, inputs={"x": batch.inputs["x"] * gain})
    >>> data = Batch(inputs={"x": torch.ones(4, 1)}, labels=torch.arange(4), groups=("a",) * 4)
    >>> loader = Prepared(Minibatches(data, batch_size=2), louder, seed=0)
    >>> first, again = (torch.cat([b.inputs["x"] for b in loader]) for _ in range(2))
    >>> bool((first == again).all()), bool((first > 1).all())
    (True, True)
    """

    def __init__(self, loader: Loader, *steps: Step, seed: int = 0, ahead: int = 2) -> None:
        if ahead < 1:
            raise ValueError(f"ahead must be at least 1, got {ahead}")
        self.loader, self.steps, self.seed, self.ahead = loader, steps, seed, ahead
        self._epoch = 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next; `fit` does."""
        self._epoch = number
        if hasattr(self.loader, "set_epoch"):
            self.loader.set_epoch(number)

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        return len(self.loader)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass; an error in a step is raised here."""
        ready: queue.Queue[Batch | BaseException | None] = queue.Queue(self.ahead)
        stop = threading.Event()

        def hand_on(thing: Batch | BaseException | None) -> None:
            while not stop.is_set():
                try:
                    return ready.put(thing, timeout=0.1)
                except queue.Full:  # look again whether anybody still waits
                    pass

        def work() -> None:
            try:
                for batch in self._batches():
                    hand_on(batch)
                    if stop.is_set():
                        return
                hand_on(None)
            except BaseException as error:  # noqa: BLE001  (it is raised where the batch is awaited)
                hand_on(error)

        thread = threading.Thread(target=work, name="avtutor-prepared", daemon=True)
        thread.start()
        try:
            while (found := ready.get()) is not None:
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            stop.set()
            thread.join()

    def _batches(self) -> Iterator[Batch]:
        epoch = self._epoch
        with torch.no_grad():
            for number, batch in enumerate(self.loader):
                generator = torch.Generator().manual_seed(derived_seed(self.seed, epoch, number))
                for step in self.steps:
                    batch = step(batch, generator)
                yield batch
