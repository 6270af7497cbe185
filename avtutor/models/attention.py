"""Self-attention as a head over time, told positions or not; see `avtutor.models.temporal`."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.masking import masked_mean, time_mask


class _Mix(nn.Module):
    """What self-attention does once query, key and value are there: compare, weigh, add."""

    def forward(self, q: Tensor, k: Tensor, v: Tensor, inside: Tensor) -> Tensor:
        """Mix the values [batch, head, step, value]; `inside` is [batch, step]."""
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        shares = scores.masked_fill(~inside[:, None, None], -torch.inf).softmax(dim=-1)
        mixed: Tensor = shares @ v
        return mixed

    def multiplies(self, output: Tensor) -> int:
        """Return those of all items: each step with each, once for the score, once for the sum."""
        return 2 * output.numel() * output.shape[-2]


class _Block(nn.Module):
    """Self-attention and two dense layers, each added to what came in (pre-norm)."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mix = _Mix()
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """Return [batch, step, width]."""
        batch, n_steps, width = x.shape
        parts = self.qkv(self.first(x)).reshape(batch, n_steps, 3, self.n_heads, -1)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        mixed = self.mix(q, k, v, inside).transpose(1, 2).reshape(batch, n_steps, width)
        x = x + self.out(mixed)
        changed: Tensor = x + self.dense(self.second(x))
        return changed


class TransformerHead(nn.Module):
    """Self-attention over the steps, then their mean; with positions, or without.

    Without them every step sees a *set* of others: any permutation of the steps gives the same
    mean. Positions are added as sines, for any length.

    Args:
        n_channels: channels of what comes in.
        width: numbers a step, a multiple of `n_heads` and of 2.
        n_heads: how many comparisons stand side by side.
        depth: number of blocks.
        positions: whether a step is told where it stands.
    Raises:
        ValueError: if `width` is no such multiple, or a number is below 1.
    Source: Vaswani et al. 2017; pre-norm as in Xiong et al. 2020.
    Lesson: 10_order_matters
    """

    def __init__(
        self,
        n_channels: int,
        *,
        width: int = 64,
        n_heads: int = 4,
        depth: int = 2,
        positions: bool = True,
    ) -> None:
        super().__init__()
        if min(width, n_heads, depth) < 1 or width % n_heads or width % 2:
            raise ValueError(
                f"width must be a multiple of 2 and of n_heads, got width {width}, "
                f"n_heads {n_heads}, depth {depth}"
            )
        self.n_features = width
        self.positions = positions
        self.embed = nn.Linear(n_channels, width)
        self.blocks = nn.ModuleList(_Block(width, n_heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the mean of the steps after the last block."""
        mask = time_mask(x, lengths)
        steps = self.embed(x.transpose(1, 2))
        if self.positions:
            steps = steps + sines(steps.shape[1], steps.shape[2]).to(steps)
        for block in self.blocks:
            steps = block(steps, mask[:, 0])
        return masked_mean(self.norm(steps).transpose(1, 2), mask)


def sines(n_steps: int, width: int) -> Float[Tensor, "step width"]:
    """Return the positions 0 to ``n_steps - 1`` as sines and cosines of falling frequency.

    Source: Vaswani et al. 2017, section 3.5.
    Lesson: 10_order_matters

    >>> sines(2, 4).round(decimals=2)
    tensor([[0.0000, 1.0000, 0.0000, 1.0000],
            [0.8400, 0.5400, 0.0100, 1.0000]])
    """
    rates = 10000.0 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(n_steps)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
