"""Creatures as data for a network: picture, call and truth of as many as are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int
from torch import Tensor

from avtutor.batch import Batch
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.synth import Heard, Seen, calls, drawn_creatures, pictures

FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
"""How a network hears them."""
RANGE_DB = 60.0
"""Levels are in dB below the peak, down to this."""


@dataclass(frozen=True)
class Bestiary:
    """Creatures by number, each with its picture and its call; made when they are asked for.

    Creature 7 is always the same one, with whatever others it is taken, so that numbers are all
    that a split needs: what was trained on ends where the test begins.

    Args:
        n: how many there are.
        seed: of all; another one makes others.
        first: the number of the first one.
        size: height and width of a picture in pixels; None makes no pictures.
        front: how the calls become spectrograms; its rate is that of the calls. None leaves them
            as samples at 8000 Hz.
        heard: whether there are calls.
        with_seen: whether the labels go on with the numbers of `Seen`, in its order.
    Raises:
        ValueError: if `n` is below 1, `first` below 0, or there is neither picture nor call.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> some = Bestiary(1000, seed=0, size=32)
    >>> batch = some.select(torch.tensor([3, 998]))
    >>> batch
    Batch(2 items, audio [2, 40, 161], image [2, 3, 32, 32])
    >>> batch.labels.shape  # size, shape, hue, texture, limbs
    torch.Size([2, 5])
    """

    n: int
    seed: int
    first: int = 0
    size: int | None = 32
    front: SpectrogramConfig | None = FRONT
    heard: bool = True
    with_seen: bool = False

    def __post_init__(self) -> None:
        for name, value, least in (("n", self.n, 1), ("first", self.first, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if self.size is None and not self.heard:
            raise ValueError("size must be given where there are no calls: nothing would be left")

    def __len__(self) -> int:
        """Return how many there are."""
        return self.n

    def select(self, items: Int[Tensor, " item"]) -> Batch:
        """Return some of them: "audio" and "image", and the five numbers of each as labels.

        Raises:
            ValueError: if none is asked for, or one is not there.
        """
        if items.numel() == 0 or not 0 <= int(items.min()) <= int(items.max()) < self.n:
            raise ValueError(f"items must be some from 0 to {self.n - 1}, got {items.tolist()}")
        numbers = items.long() + self.first
        some = drawn_creatures(numbers, seed=self.seed)
        inputs = {}
        if self.heard:
            rate = FRONT.sample_rate if self.front is None else self.front.sample_rate
            sounds = calls(some, Heard.drawn(numbers, seed=self.seed), sample_rate=rate)
            inputs["audio"] = sounds
            if self.front is not None:
                inputs["audio"] = below_peak(log_mel(sounds, self.front), RANGE_DB)
        seen, labels = Seen.drawn(numbers, seed=self.seed), some.table()
        if self.size is not None:
            inputs["image"] = pictures(some, seen, size=self.size)
        if self.with_seen:
            labels = torch.cat([labels, torch.stack(list(vars(seen).values()), dim=1)], dim=1)
        groups = [f"creature {number}" for number in numbers.tolist()]
        return Batch(inputs=inputs, labels=labels, groups=groups)


@dataclass
class FreshBatches:
    """A loader that never gives the same creature twice: each pass has new ones.

    Args:
        data: the first pass; the next one has the numbers that follow.
        batch_size: items in a batch; all batches are of this size.
    Raises:
        ValueError: if `batch_size` is not from 1 to the number of creatures in a pass.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> loader = FreshBatches(Bestiary(4, seed=0, size=None), batch_size=2)
    >>> loader.set_epoch(1)
    >>> [batch.groups for batch in loader]
    [('creature 4', 'creature 5'), ('creature 6', 'creature 7')]
    """

    data: Bestiary
    batch_size: int

    def __post_init__(self) -> None:
        if not 1 <= self.batch_size <= self.data.n:
            raise ValueError(
                f"batch_size must be from 1 to {self.data.n}, the creatures of a pass, "
                f"got {self.batch_size}"
            )
        self._epoch = 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next; `fit` does."""
        self._epoch = number

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        return self.data.n // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        one = self.data
        first = one.first + self._epoch * one.n
        now = replace(one, first=first)
        for number in range(len(self)):
            yield now.select(torch.arange(number * self.batch_size, (number + 1) * self.batch_size))
