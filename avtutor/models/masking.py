"""Layers that leave padding out, so that a clip means the same alone and beside longer ones."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from avtutor.batch import mask_of


def time_mask(x: Float[Tensor, "batch *axis time"], lengths: Int[Tensor, " batch"]) -> Tensor:
    """Return which steps of the last axis are not padding, shaped [batch, 1, ..., time].

    Raises:
        ValueError: if `lengths` is not one number an item, from 1 to the size of the last axis.
    """
    if lengths.shape != (len(x),):
        raise ValueError(f"lengths must have the shape [{len(x)}], got {list(lengths.shape)}")
    low, high = int(lengths.min()), int(lengths.max())
    if low < 1 or high > x.shape[-1]:
        raise ValueError(f"lengths must be from 1 to {x.shape[-1]}, got {low} to {high}")
    mask: Tensor = mask_of(lengths, x.shape[-1])
    return mask.reshape(len(x), *(1,) * (x.ndim - 2), x.shape[-1])


class MaskedBatchNorm(nn.BatchNorm1d):
    """Batch norm whose statistics leave padding out; what it returns there is 0.

    The plain kind, in training, takes the padding into mean and variance: a clip then depends on
    how long its neighbours are. Running statistics come from the training data only, so that a
    layer of this kind in front normalises the input without a look at the test data.

    Args:
        n_channels: the size of axis 1.
    Source: Ioffe and Szegedy 2015.
    Lesson: 06_the_same_cnn

    >>> x = torch.tensor([[[1.0, 3.0]], [[2.0, 99.0]]])
    >>> mask = torch.tensor([[[True, True]], [[True, False]]])
    >>> MaskedBatchNorm(1)(x, mask).detach().flatten().round(decimals=2)
    tensor([-1.2200,  1.2200,  0.0000,  0.0000])
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__(n_channels)

    def forward(  # type: ignore[override]
        self, x: Float[Tensor, "batch channel *axis time"], mask: Bool[Tensor, "batch *one time"]
    ) -> Float[Tensor, "batch channel *axis time"]:
        """Return `x` normalised; `mask`, [batch, 1, ..., time], is False where there is padding.

        Raises:
            ValueError: in training, if there is only one value a channel.
        """
        if not self.training or bool(mask.all()):
            flat = super().forward(x.flatten(2))
            return flat.reshape(x.shape).masked_fill(~mask, 0.0)
        axes = [0, *range(2, x.ndim)]
        weights = mask.to(x.dtype)
        n = weights.sum() * x[0, 0, ..., 0].numel()
        if n <= 1:
            raise ValueError("batch norm needs more than one value a channel to train, got one")
        mean = (x * weights).sum(axes, keepdim=True) / n
        centred = (x - mean) * weights
        var = centred.square().sum(axes, keepdim=True) / n
        self._remember(mean.detach().flatten(), var.detach().flatten(), n)
        shape = mean.shape
        scale = self.weight.reshape(shape) * torch.rsqrt(var + self.eps)
        return (centred * scale + self.bias.reshape(shape)).masked_fill(~mask, 0.0)

    def _remember(self, mean: Tensor, var: Tensor, n: Tensor) -> None:
        """Move the running statistics, as the plain kind does: with the unbiased variance."""
        running = (self.running_mean, self.running_var, self.num_batches_tracked)
        if any(values is None for values in running) or self.momentum is None:
            return
        self.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        self.running_mean.lerp_(mean, self.momentum)  # type: ignore[union-attr]
        self.running_var.lerp_(var * n / (n - 1), self.momentum)  # type: ignore[union-attr]


def masked_mean(
    x: Float[Tensor, "batch ... time"], mask: Bool[Tensor, "batch ... time"]
) -> Float[Tensor, "batch ..."]:
    """Return the mean over the steps that are not padding.

    Lesson: 06_the_same_cnn

    >>> mask = torch.tensor([[[True, True, False]]])
    >>> masked_mean(torch.tensor([[[1.0, 3.0, 99.0]]]), mask)
    tensor([[2.]])
    """
    return x.masked_fill(~mask, 0.0).sum(dim=-1) / mask.sum(dim=-1)
