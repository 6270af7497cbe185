"""Heads: from a row of vectors, one a step of time, to one vector a clip.

A head is called with ``x [batch, channel, step]`` and ``lengths [batch]``, returns
``[batch, feature]``, and says in ``n_features`` how many there are. Padding changes nothing.
Those that pool over all of the time cannot tell an order: whatever is permuted among the steps,
they return the same. `TDNN`, `GRUHead`, and `TransformerHead` with positions can.
"""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from avtutor.models.attention import TransformerHead
from avtutor.models.masking import MaskedBatchNorm, masked_mean, time_mask

HeadName = Literal[
    "mean", "statistics", "attention", "tdnn", "gru", "transformer", "transformer_unordered"
]


class MeanPool(nn.Module):
    """The mean over time.

    Args:
        n_channels: channels of what comes in.
    Lesson: 10_order_matters

    >>> x = torch.tensor([[[1.0, 3.0, 99.0]]])
    >>> MeanPool(1)(x, torch.tensor([2]))
    tensor([[2.]])
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.n_features = n_channels

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the mean of the steps that are not padding."""
        return masked_mean(x, time_mask(x, lengths))


class StatisticsPool(nn.Module):
    """The mean over time, and after it the standard deviation.

    Args:
        n_channels: channels of what comes in.
    Source: Snyder et al. 2018, x-vectors.
    Lesson: 10_order_matters

    >>> x = torch.tensor([[[1.0, 3.0, 99.0]]])
    >>> StatisticsPool(1)(x, torch.tensor([2])).round(decimals=3)
    tensor([[2., 1.]])
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.n_features = 2 * n_channels

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return mean and standard deviation of the steps that are not padding."""
        mask = time_mask(x, lengths)
        mean = masked_mean(x, mask)
        variance = masked_mean((x - mean[..., None]).square(), mask)
        return torch.cat([mean, torch.sqrt(variance + 1e-8)], dim=1)  # the root has a slope at 0


class AttentionPool(nn.Module):
    """A mean over time whose weights the network chooses: a step is scored by its own content.

    The softmax over the steps tells which of them count, not where they stand: attention alone
    reads no order.

    Args:
        n_channels: channels of what comes in.
        width: of the hidden layer that scores a step.
    Source: Okabe et al. 2018 (the mean of their attentive statistics).
    Lesson: 10_order_matters
    """

    def __init__(self, n_channels: int, *, width: int = 32) -> None:
        super().__init__()
        self.n_features = n_channels
        self.score = nn.Sequential(
            nn.Conv1d(n_channels, width, 1), nn.Tanh(), nn.Conv1d(width, 1, 1)
        )

    def weights(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch step"]:
        """Return the share of each step; those of a clip add up to 1, padding has 0."""
        scores: Tensor = self.score(x).masked_fill(~time_mask(x, lengths), -torch.inf)
        return scores[:, 0].softmax(dim=-1)

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the weighted mean of the steps."""
        inside = x.masked_fill(~time_mask(x, lengths), 0.0)
        return (inside * self.weights(x, lengths)[:, None]).sum(dim=-1)


class TDNN(nn.Module):
    """A time-delay network: convolutions along time whose taps stand further and further apart.

    Each output looks at `receptive_field` steps, at what stands before and after what; the
    outputs are then averaged over time. So an order is found wherever it occurs.

    Args:
        n_channels: channels of what comes in.
        width: channels of each layer.
        kernel: taps of each layer, an odd number.
        dilations: steps between the taps, one number a layer.
    Raises:
        ValueError: if `kernel` is even, or a number is below 1.
    Source: Waibel et al. 1989; dilated as in Peddinti et al. 2015.
    Lesson: 10_order_matters

    >>> TDNN(8, kernel=5, dilations=(1, 2, 3)).receptive_field
    25
    """

    def __init__(
        self,
        n_channels: int,
        *,
        width: int = 64,
        kernel: int = 5,
        dilations: tuple[int, ...] = (1, 2, 3),
    ) -> None:
        super().__init__()
        if kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"kernel must be an odd number from 1, got {kernel}")
        if not dilations or min(width, *dilations) < 1:
            raise ValueError(f"width and dilations must be at least 1, got {width}, {dilations}")
        self.n_features = width
        self.receptive_field = 1 + (kernel - 1) * sum(dilations)
        sizes = [n_channels, *[width] * len(dilations)]
        self.convs = nn.ModuleList(
            nn.Conv1d(before, width, kernel, dilation=d, padding=d * (kernel // 2), bias=False)
            for before, d in zip(sizes, dilations, strict=False)
        )
        self.norms = nn.ModuleList(MaskedBatchNorm(width) for _ in dilations)

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the mean over time of the last layer."""
        mask = time_mask(x, lengths)
        x = x.masked_fill(~mask, 0.0)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = torch.relu(norm(conv(x), mask))
        return masked_mean(x, mask)


class _GRU(nn.GRU):
    """nn.GRU on packed clips, with a rule for `cost`."""

    def forward(self, steps: PackedSequence) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Return the states after each step of all clips, [step, width], and the last ones."""
        found, last = super().forward(steps)
        return found.data, last

    def multiplies(self, output: Tensor) -> int:
        """Return those of all items: three gates, each fed by the input and by the state."""
        n_steps = output.numel() // self.hidden_size
        return n_steps * 3 * self.hidden_size * (self.input_size + self.hidden_size)


class GRUHead(nn.Module):
    """A gated recurrent unit reads the steps one after another; what it holds at the end counts.

    Args:
        n_channels: channels of what comes in.
        width: numbers of its state.
    Source: Cho et al. 2014.
    Lesson: 10_order_matters
    """

    def __init__(self, n_channels: int, *, width: int = 64) -> None:
        super().__init__()
        self.n_features = width
        self.gru = _GRU(n_channels, width, batch_first=True)

    def forward(
        self, x: Float[Tensor, "batch channel step"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the state after the last step that is not padding."""
        time_mask(x, lengths)  # refuses lengths that do not fit
        steps = pack_padded_sequence(
            x.transpose(1, 2), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, state = self.gru(steps)
        last: Tensor = state[-1]
        return last


def head(name: HeadName, n_channels: int) -> nn.Module:
    """Return a new head by its name, with its usual settings.

    Raises:
        ValueError: if there is no such head.
    Lesson: 10_order_matters

    >>> head("statistics", 16).n_features
    32
    """
    if name not in get_args(HeadName):
        raise ValueError(f"head must be one of {', '.join(get_args(HeadName))}, got {name!r}")
    if name == "transformer_unordered":
        return TransformerHead(n_channels, positions=False)
    kinds: dict[str, Callable[[int], nn.Module]] = {
        "mean": MeanPool,
        "statistics": StatisticsPool,
        "attention": AttentionPool,
        "tdnn": TDNN,
        "gru": GRUHead,
        "transformer": TransformerHead,
    }
    return kinds[name](n_channels)
