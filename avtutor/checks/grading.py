"""What graders are written with: compare a result, and name the slip that explains it.

    @exercise("01.quantise")
    def quantise(answer: Answer) -> str | None:
        samples = torch.linspace(-1, 1, 9)
        return compare(
            answer(samples, bits=3),
            torch.round(samples * 4) / 4,
            slips={"your steps look twice too wide: …": torch.round(samples * 2) / 2},
        )
"""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from avtutor.checks.runner import Answer, Slip, exercise

__all__ = ["Answer", "Slip", "as_tensor", "compare", "exercise"]

Value: TypeAlias = (
    Tensor | np.ndarray | np.generic | bool | int | float | complex | list[Any] | tuple[Any, ...]
)

# The factors that a single number may be off by and still be explained by them.
_USUAL = (2.0, 3.0, 4.0, 8.0, 10.0, 16.0, 60.0, 100.0, 1000.0, math.pi, math.tau, math.sqrt(2))


def compare(
    got: Any,
    expected: Value,
    *,
    what: str = "the result",
    slips: Mapping[str, Value] | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    same_dtype: bool = False,
) -> str | None:
    """Return None if ``got`` is what is expected, else the likeliest slip in one line.

    Type, shape and NaN are looked at first, then the slips of this exercise, then the slips that
    happen everywhere: a factor, a sign, a square, dB of the other kind, a reversed order.

    Args:
        got: what the learner's function returned.
        expected: the right value: a number, or what can become a tensor.
        what: how the diagnosis names the value.
        slips: a diagnosis, and the value to which that slip leads.
        rtol: relative tolerance.
        atol: absolute tolerance, times the largest expected magnitude (or 1, if all are 0).
        same_dtype: whether a tensor must have the dtype of ``expected``.

    >>> compare(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 2.0]))
    'the result is 2 times too large'
    """
    right = as_tensor(expected)
    if isinstance(got, dict | set | str | bytes) or callable(got):
        return f"{what} must be {_kind(right)}, got {type(got).__name__}"
    if right.dtype is torch.bool and isinstance(got, bool | np.bool_):
        return None if bool(got) == bool(right) else f"{what} must be {bool(right)}, got {got}"
    try:
        left = as_tensor(got)
    except (TypeError, ValueError, RuntimeError):
        return f"{what} must be {_kind(right)}, got {type(got).__name__}"
    if isinstance(expected, Tensor) and not isinstance(got, Tensor) and right.ndim:
        return f"{what} must be a torch.Tensor, got {type(got).__name__}"
    if same_dtype and isinstance(got, Tensor) and left.dtype != right.dtype:
        return f"{what} must have dtype {right.dtype}, got {left.dtype}"
    if left.is_complex() and not right.is_complex():
        return f"{what} must be real, got complex numbers: is a magnitude (abs) missing?"
    left, right = _wide(left), _wide(right)
    if left.shape == right.shape and _close(left, right, rtol, atol):
        return None
    for diagnosis, value in (slips or {}).items():
        wrong = _wide(as_tensor(value))
        if left.shape == wrong.shape and _close(left, wrong, rtol, atol):
            return diagnosis
    return _shape_slip(left, right, what) or _value_slip(left, right, what, rtol, atol)


def as_tensor(value: Any) -> Tensor:
    """Return a number, a list, an array or a tensor as a detached tensor."""
    if isinstance(value, Tensor):
        return value.detach().cpu()
    if isinstance(value, list | tuple) and any(isinstance(item, Tensor) for item in value):
        return torch.stack([as_tensor(item) for item in value])
    return torch.as_tensor(np.asarray(value))


def _kind(right: Tensor) -> str:
    return "one number" if right.ndim == 0 else f"a tensor of shape {list(right.shape)}"


def _wide(value: Tensor) -> Tensor:
    return value.to(torch.complex128 if value.is_complex() else torch.float64)


def _close(left: Tensor, right: Tensor, rtol: float, atol: float) -> bool:
    if left.is_complex() != right.is_complex():
        left, right = left.to(torch.complex128), right.to(torch.complex128)
    finite = right[torch.isfinite(right)]
    scale = float(finite.abs().max()) if finite.numel() else 0.0
    return torch.allclose(left, right, rtol=rtol, atol=atol * (scale or 1.0), equal_nan=True)


def _shape_slip(left: Tensor, right: Tensor, what: str) -> str | None:
    if left.shape == right.shape:
        return None
    wanted, got = list(right.shape), list(left.shape)
    if left.ndim >= 2 and list(left.transpose(-1, -2).shape) == wanted:
        return f"{what} has its last two axes swapped: shape {wanted} is asked for, got {got}"
    if left.squeeze().shape == right.squeeze().shape:
        return f"{what} has an axis of length 1 too many or too few: {wanted} wanted, got {got}"
    if len(got) == len(wanted) and all(abs(a - b) <= 1 for a, b in zip(got, wanted, strict=True)):
        return f"{what} is one off in length: shape {wanted} is asked for, got {got}"
    return f"{what} must have shape {wanted}, got {got}"


def _value_slip(left: Tensor, right: Tensor, what: str, rtol: float, atol: float) -> str:
    if torch.isnan(left.abs()).any() and not torch.isnan(right.abs()).any():
        return f"{what} holds NaN: is there a 0/0, or the log or root of a negative number?"
    if torch.isinf(left.abs()).any() and not torch.isinf(right.abs()).any():
        return f"{what} holds infinity: is there a division by 0, or log(0)?"

    def near(value: Tensor) -> bool:
        return _close(left, value, rtol, atol)

    if near(-right):
        return f"{what} has the wrong sign"
    if (factor := _factor(left, right)) and near(right * factor):
        if factor > 0:
            return f"{what} is {_times(factor)}"
        return f"{what} has the wrong sign, and is {_times(-factor)}"
    if near(right.abs() ** 2):
        return f"{what} is squared: a power where an amplitude is asked for?"
    if not right.is_complex() and bool((right >= 0).all()) and near(right.sqrt()):
        return f"{what} is the square root of what is asked for: an amplitude, not a power?"
    if right.is_complex() and near(right.conj()):
        return f"{what} is the complex conjugate: has the exponent the wrong sign?"
    if right.ndim >= 1 and right.shape[-1] > 1 and near(right.flip(-1)):
        return f"{what} runs backwards along its last axis"
    if right.ndim >= 2 and right.shape[-1] == right.shape[-2] and near(right.transpose(-1, -2)):
        return f"{what} has its last two axes swapped"
    offset = (left - right).mean()
    if right.numel() > 1 and near(right + offset) and not right.is_complex():
        return f"{what} is off by {float(offset):+.4g} everywhere"
    return _worst(left, right, what)


def _factor(left: Tensor, right: Tensor) -> float:
    """Return the one real factor that would explain ``left``, or 0."""
    power = float((right.abs() ** 2).sum())
    if power == 0 or not bool(torch.isfinite(left.abs()).all()):
        return 0.0
    factor = float((left * right.conj()).sum().real) / power
    if right.numel() == 1 and not any(
        math.isclose(max(abs(factor), 1 / abs(factor)), usual, rel_tol=1e-3)
        for usual in _USUAL
        if factor
    ):
        return 0.0
    return factor


def _times(factor: float) -> str:
    if factor >= 1:
        return f"{factor:.4g} times too large"
    return f"{1 / factor:.4g} times too small"


def _worst(left: Tensor, right: Tensor, what: str) -> str:
    if right.ndim == 0 or right.numel() == 1:
        return f"{what} must be {_show(right)}, got {_show(left)}"
    gap = (left - right).abs()
    gap = torch.where(torch.isfinite(gap), gap, torch.full_like(gap, torch.inf))
    place = int(gap.argmax())
    index = [int(i) for i in np.unravel_index(place, tuple(right.shape))]
    asked, given = _show(right.flatten()[place]), _show(left.flatten()[place])
    return f"{what} differs most at {index}: {asked} is right, got {given}"


def _show(value: Tensor) -> str:
    number = value.flatten()[0].item()
    return f"{number:.4g}"
