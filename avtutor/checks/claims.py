"""Claims: what a lesson says and has just computed."""

import re

import numpy as np
from torch import Tensor


def claim(
    number: str,
    statement: str,
    holds: bool | np.bool_ | Tensor,
    *,
    miss: str | None = None,
) -> None:
    """Print whether a statement holds, in one line that is the same on every run.

    Args:
        number: lesson and count, such as ``"01.2"``.
        statement: what is claimed, in one line, with no number in it that may change.
        holds: one truth value, computed in the lesson.
        miss: why the statement is known not to hold; it is then kept as a declared miss.
    Raises:
        ValueError: if ``number`` is not of that form, or a text is empty or has several lines.
        TypeError: if ``holds`` is not one truth value.

    >>> claim("01.2", "one bit costs 6.02 dB", abs(6.021 - 6.02) < 0.05)
    claim 01.2 · one bit costs 6.02 dB · holds
    >>> claim("13.4", "two senses beat one", 0.71 > 0.74, miss="the sound alone is enough here")
    claim 13.4 · two senses beat one · does not hold: the sound alone is enough here
    """
    if not re.fullmatch(r"\d\d\.\d+", number):
        raise ValueError(f'a claim\'s number must look like "01.2", got {number!r}')
    for name, text in (("statement", statement), ("miss", miss)):
        if text is not None and (not text.strip() or "\n" in text or " · " in text):
            raise ValueError(f"{name} must be one line of text without ' · ', got {text!r}")
    print(f"claim {number} · {statement} · {_verdict(_truth(holds), miss)}")


def _truth(holds: bool | np.bool_ | Tensor) -> bool:
    if isinstance(holds, Tensor) and holds.numel() == 1 and not holds.dtype.is_floating_point:
        return bool(holds.item())
    if isinstance(holds, bool | np.bool_):
        return bool(holds)
    raise TypeError(
        f"holds must be one truth value (True or False), got {type(holds).__name__}: {holds!r}"
    )


def _verdict(holds: bool, miss: str | None) -> str:
    if holds:
        return "holds" if miss is None else "holds (declared a miss)"
    return "does not hold" if miss is None else f"does not hold: {miss}"
