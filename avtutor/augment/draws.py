"""Random numbers from a generator that is passed in, on the device where they are needed."""

import torch
from torch import Tensor

Range = tuple[float, float]


def checked_range(name: str, span: Range) -> Range:
    """Return the two ends of a range, refused unless they are finite and in order.

    >>> checked_range("snr_db", (20.0, 0.0))
    Traceback (most recent call last):
    ValueError: snr_db must be (low, high) with low <= high, both finite, got (20.0, 0.0)
    """
    low, high = span
    if not (-float("inf") < low <= high < float("inf")):
        raise ValueError(f"{name} must be (low, high) with low <= high, both finite, got {span}")
    return low, high


def uniform(
    name: str, span: Range, shape: tuple[int, ...], like: Tensor, g: torch.Generator
) -> Tensor:
    """Return numbers drawn evenly from a range, with the dtype and on the device of `like`."""
    low, high = checked_range(name, span)
    drawn = torch.rand(shape, generator=g, dtype=torch.float64, device=g.device)
    return (low + (high - low) * drawn).to(dtype=like.dtype, device=like.device)


def whole_numbers(low: Tensor | int, high: Tensor, like: Tensor, g: torch.Generator) -> Tensor:
    """Return one whole number from `low` to `high`, both included, for each entry of `high`."""
    drawn = torch.rand(high.shape, generator=g, dtype=torch.float64, device=g.device)
    return (
        (low + (drawn.to(high.device) * (high - low + 1)).floor()).to(torch.int64).to(like.device)
    )


def check_batch(name: str, values: Tensor, axes: str) -> None:
    """Refuse what is no batch of real floats with the given axes, such as "batch time"."""
    if not isinstance(values, Tensor) or not values.is_floating_point():
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise TypeError(f"{name} must be a tensor of floats, got {kind}")
    if values.ndim != len(axes.split()) or values.numel() == 0:
        raise ValueError(
            f"{name} must have the shape [{', '.join(axes.split())}] and not be empty, "
            f"got {list(values.shape)}"
        )
