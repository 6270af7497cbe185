"""Attention that joins the senses through a few tokens; see `avtutor.models.fusing`."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from avtutor.models.attention import _Mix
from avtutor.models.fusing import Features, Present, checked_sizes, masked


class AttentionBlock(nn.Module):
    """Self-attention of one head and two dense layers with ReLU, each added to what came in.

    Args:
        width: numbers a token.
    Source: Vaswani et al. 2017; the norms in front, as in Xiong et al. 2020.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mix = _Mix()
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        """Return the tokens; each has looked at all."""
        q, k, v = (part[:, None] for part in self.qkv(self.first(x)).chunk(3, dim=-1))
        every = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        x = x + self.out(self.mix(q, k, v, every)[:, 0])
        changed: Tensor = x + self.dense(self.second(x))
        return changed


class BottleneckFusion(nn.Module):
    """Each sense is a few tokens, and the senses speak to each other through a few shared ones.

    In each layer a sense's tokens attend to themselves and to the shared tokens, with weights of
    their own; the shared tokens that come out of each sense are then averaged over the senses
    that an item has. So a sense hears of the other from the second layer on, and no more than
    the shared tokens hold. What comes out is the mean of all the tokens of a sense, averaged over
    the senses; the source takes one token of each, and averages the logits.

    Costs, with t tokens of each sense, b shared and ``n = t + b``: ``t * width`` multiplications
    a feature; in each layer and sense ``8 * n * width**2`` for the dense layers, and
    ``2 * n**2 * width`` for the attention itself. The dearest of all.

    Args:
        sizes: by sense: how many features it has.
        width: numbers a token, and how many values come out.
        n_tokens: tokens of each sense.
        n_shared: shared tokens.
        depth: layers, at least 2.
    Raises:
        ValueError: if there is no sense, or a number is below its least.
    Source: Nagrani et al. 2021, Attention bottlenecks for multimodal fusion.
    Lesson: 13_fusion

    >>> join = BottleneckFusion({"audio": 3, "image": 2}, width=4)
    >>> there = torch.tensor([True, False])
    >>> x = {"audio": torch.ones(2, 3), "image": torch.ones(2, 2)}
    >>> join(x, {"audio": there, "image": ~there}).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        *,
        width: int,
        n_tokens: int = 4,
        n_shared: int = 2,
        depth: int = 2,
    ) -> None:
        super().__init__()
        self.sizes = checked_sizes(sizes, width=width, n_tokens=n_tokens, n_shared=n_shared)
        if depth < 2:
            raise ValueError(
                f"depth must be at least 2, as the senses meet in the second layer, got {depth}"
            )
        self.n_features, self.n_tokens = width, n_tokens
        self.tokens = nn.ModuleDict(
            {sense: nn.Linear(n, n_tokens * width) for sense, n in sizes.items()}
        )
        self.shared = nn.Parameter(0.02 * torch.randn(n_shared, width))
        self.layers = nn.ModuleList(
            nn.ModuleDict({sense: AttentionBlock(width) for sense in sizes}) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, features: Features, present: Present) -> Float[Tensor, "batch fused"]:
        """Return the mean token."""
        n = self.n_tokens
        tokens = {
            sense: self.tokens[sense](values).unflatten(1, (n, self.n_features))
            for sense, values in masked(features, present).items()
        }
        shared = self.shared.expand(len(next(iter(tokens.values()))), -1, -1)
        for layer in self.layers:
            heard = {}
            for sense in self.sizes:
                both = layer[sense](torch.cat([tokens[sense], shared], dim=1))  # type: ignore[index]
                tokens[sense], heard[sense] = both[:, :n], both[:, n:]
            shared = _mean(heard, present)
        pooled = {sense: self.norm(values).mean(dim=1) for sense, values in tokens.items()}
        return _mean(pooled, present)


def _mean(values: Mapping[str, Tensor], present: Present) -> Tensor:
    """Return the mean over the senses that an item has."""
    total = torch.stack(list(masked(values, present).values())).sum(dim=0)
    n = torch.stack([present[sense] for sense in values]).sum(dim=0)
    return total / n.reshape(-1, *(1,) * (total.ndim - 1))
