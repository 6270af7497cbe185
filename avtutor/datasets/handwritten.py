"""Handwritten digits that come with scikit-learn: small pictures, by real hands."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

BLOCK_STARTS = (0, 130, 256, 386, 516, 646, 776, 915, 1029, 1157, 1287, 1415, 1545, 1667, 1797)
"""Where each block of pictures begins that is taken for one writer's, and where the last ends."""

WHITE = 16.0
"""The greatest grey value in the data."""


@dataclass(frozen=True)
class HandwrittenDigit:
    """One picture of a digit.

    Args:
        digit: 0 to 9.
        block: 0 to 13, the stretch of neighbours that it lies in.
        row: its place in scikit-learn's table.
    """

    digit: int
    block: int
    row: int

    @property
    def label(self) -> str:
        """The digit as text."""
        return str(self.digit)

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the block, for want of the writer."""
        return f"block {self.block:02d}"

    def load(self) -> Float[Tensor, "height width"]:
        """Return the picture, 8 by 8, from 0 (paper) to 1 (ink)."""
        return _pictures()[0][self.row].clone()


@cache
def _pictures() -> tuple[Tensor, tuple[int, ...]]:
    from sklearn.datasets import load_digits  # slow to import

    table = load_digits()
    pictures = torch.from_numpy(table.images / WHITE).to(torch.float32)
    if len(pictures) != BLOCK_STARTS[-1]:
        raise ValueError(
            f"scikit-learn's digits must be {BLOCK_STARTS[-1]} for the blocks to fit, "
            f"got {len(pictures)}"
        )
    return pictures, tuple(int(digit) for digit in table.target)


def handwritten_digits() -> tuple[HandwrittenDigit, ...]:
    """Return scikit-learn's 1797 handwritten digits, in its order.

    The table does not name the writers, but it lies in their order. The fourteen contiguous
    blocks are writers by approximation (its source speaks of thirteen people), and a split by
    `HandwrittenDigit.group` is an approximate split by writer.

    Source: Alpaydin and Kaynak 1998, Optical recognition of handwritten digits (the test side:
        1797 digits by 13 people), in the UCI repository and in scikit-learn.
    Lesson: 06_the_same_cnn

    >>> first = handwritten_digits()[0]
    >>> first, first.load().shape
    (HandwrittenDigit(digit=0, block=0, row=0), torch.Size([8, 8]))
    """
    return tuple(
        HandwrittenDigit(digit, bisect_right(BLOCK_STARTS, row) - 1, row)
        for row, digit in enumerate(_pictures()[1])
    )
