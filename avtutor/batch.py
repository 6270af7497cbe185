"""The one type in which data reach a network: several items, padded to one length, with labels."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def mask_of(lengths: Int[Tensor, " batch"], size: int) -> Bool[Tensor, "batch time"]:
    """Return which of `size` steps belong to each item, and are not padding.

    Args:
        lengths: the steps that each item really has.
        size: the steps that all items were padded to.
    Lesson: 05_real_recordings

    >>> mask_of(torch.tensor([1, 3]), 3)
    tensor([[ True, False, False],
            [ True,  True,  True]])
    """
    return torch.arange(size, device=lengths.device) < lengths[:, None]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Batch:
    """Items that go through a network together.

    A sense that an item lacks is marked in `present`, and its row of `inputs` is filled with
    anything finite. Frozen: every method returns a new Batch.

    Args:
        inputs: one tensor a sense, by its name: ``{"sound": [batch, mel, frame]}``. The first
            axis is the item; where items differ in length, the last axis is the time.
        lengths: for each sense, how many steps of the last axis each item really has, int64
            [batch]. A sense that is not named here fills its last axis.
        present: for each sense, which items have it, bool [batch]. A sense that is not named
            here is there in all items.
        labels: what is to be found, [batch, ...]: numbers of classes in int64, or whatever the
            objective asks for (shares of two classes after a mixup, a value, a time).
        groups: for each item, what a split must not tear apart: its voice, recording or writer.
            Networks never see it.
    Raises:
        TypeError: if `inputs` is not a mapping of tensors, or `labels` not a tensor.
        ValueError: if there are no inputs or no items, the parts differ in their number of
            items, a length is not from 1 to the size of the last axis, or `lengths` or
            `present` names an input that is not there.
    Lesson: 05_real_recordings

    >>> batch = Batch(
    ...     inputs={"sound": torch.zeros(2, 64, 101)},
    ...     lengths={"sound": torch.tensor([101, 80])},
    ...     labels=torch.tensor([3, 7]),
    ...     groups=("jackson", "nicolas"),
    ... )
    >>> batch
    Batch(2 items, sound [2, 64, 101])
    >>> int(batch.mask("sound").sum())
    181
    """

    inputs: Mapping[str, Tensor]
    lengths: Mapping[str, Tensor] = field(default_factory=dict)
    present: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Tensor
    groups: Sequence[str]

    def __post_init__(self) -> None:
        _check_inputs(self.inputs)
        n = len(next(iter(self.inputs.values())))
        if not isinstance(self.labels, Tensor):
            raise TypeError(f"labels must be a tensor, got {type(self.labels).__name__}")
        if isinstance(self.groups, str):
            raise TypeError("groups must be a sequence of names, one an item, got one string")
        for what, values in (*self.inputs.items(), ("labels", self.labels)):
            if values.ndim == 0 or len(values) != n:
                raise ValueError(f"{what} must have {n} items, got the shape {list(values.shape)}")
        if len(self.groups) != n:
            raise ValueError(f"groups must have {n} items, got {len(self.groups)}")
        for what, given in (("lengths", self.lengths), ("present", self.present)):
            if unknown := sorted(set(given) - set(self.inputs)):
                raise ValueError(f"{what} names {unknown}, inputs has {sorted(self.inputs)}")
        lengths, present = {}, {}
        for name, values in self.inputs.items():
            lengths[name] = _lengths(name, values, self.lengths.get(name))
            present[name] = _present(name, values, self.present.get(name))
        # A frozen dataclass is filled in this way; the mappings are copies of those given.
        for what, filled in (
            ("inputs", dict(self.inputs)),
            ("lengths", lengths),
            ("present", present),
            ("groups", tuple(self.groups)),
        ):
            object.__setattr__(self, what, filled)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.labels)

    def mask(self, name: str) -> Bool[Tensor, "batch time"]:
        """Return which steps of the last axis of the input `name` are not padding."""
        return mask_of(self.lengths[name], self.inputs[name].shape[-1])

    def to(self, device: torch.device | str) -> "Batch":
        """Return the batch with all tensors on `device`."""
        return self._mapped(lambda values: values.to(device), self.groups)

    def select(self, items: Int[Tensor, " item"] | Sequence[int]) -> "Batch":
        """Return the given items, in the given order, with their padding as it was.

        >>> batch = Batch(
        ...     inputs={"x": torch.zeros(3, 2)}, labels=torch.arange(3), groups=("a", "b", "c")
        ... )
        >>> batch.select([2, 0]).groups
        ('c', 'a')
        """
        rows = torch.as_tensor(items)
        return self._mapped(lambda values: values[rows], [self.groups[int(row)] for row in rows])

    def _mapped(self, change: Callable[[Tensor], Tensor], groups: Sequence[str]) -> "Batch":
        """Return the batch with every tensor changed; what was checked is not checked again."""
        mapped = copy.copy(self)
        for what in ("inputs", "lengths", "present"):
            tensors = {name: change(values) for name, values in getattr(self, what).items()}
            object.__setattr__(mapped, what, tensors)
        object.__setattr__(mapped, "labels", change(self.labels))
        object.__setattr__(mapped, "groups", tuple(groups))
        return mapped

    def __repr__(self) -> str:
        """Name the items and the shapes: never the values."""
        shapes = ", ".join(f"{name} {list(x.shape)}" for name, x in self.inputs.items())
        return f"Batch({len(self)} item{'' if len(self) == 1 else 's'}, {shapes})"


def _check_inputs(inputs: Mapping[str, Tensor]) -> None:
    if not isinstance(inputs, Mapping):
        raise TypeError(f"inputs must map names to tensors, got {type(inputs).__name__}")
    if not inputs:
        raise ValueError("inputs must hold at least one tensor, got none")
    for name, values in inputs.items():
        if not isinstance(values, Tensor):
            raise TypeError(f"input {name!r} must be a tensor, got {type(values).__name__}")
        if values.ndim < 2 or values.numel() == 0:
            raise ValueError(
                f"input {name!r} must have the shape [batch, ..., time] and not be empty, "
                f"got {list(values.shape)}"
            )


def _lengths(name: str, values: Tensor, given: Tensor | None) -> Tensor:
    """Return the lengths of one input, checked; all of the last axis where none are given."""
    n, size = len(values), values.shape[-1]
    if given is None:
        return torch.full((n,), size, device=values.device)
    if given.dtype != torch.int64 or given.shape != (n,):
        raise ValueError(
            f"lengths of {name!r} must be int64 and [{n}], got {given.dtype} {list(given.shape)}"
        )
    low, high = int(given.min()), int(given.max())
    if low < 1 or high > size:
        raise ValueError(f"lengths of {name!r} must be from 1 to {size}, got {low} to {high}")
    return given


def _present(name: str, values: Tensor, given: Tensor | None) -> Tensor:
    """Return which items have one input, checked; all of them where nothing is given."""
    n = len(values)
    if given is None:
        return torch.ones(n, dtype=torch.bool, device=values.device)
    if given.dtype != torch.bool or given.shape != (n,):
        raise ValueError(
            f"present of {name!r} must be bool and [{n}], got {given.dtype} {list(given.shape)}"
        )
    return given
