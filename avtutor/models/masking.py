"""Layers that leave padding out, so that a clip means the same alone and beside longer ones."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

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
        inside = mask.to(x.dtype)
        if self.training:
            n = float(inside.sum()) * x[0, 0, ..., 0].numel()
            if n <= 1:
                raise ValueError("batch norm needs more than one value a channel to train, got one")
            args = (x, inside, n, self.weight, self.bias, self.eps)
            normalised: Tensor
            normalised, mean, var = _MaskedNorm.apply(*args)
            self._remember(mean, var, n)
            return normalised
        scale = self.weight * torch.rsqrt(_there(self.running_var) + self.eps)
        shift = self.bias - _there(self.running_mean) * scale
        shape = _channel_shape(x)
        return (x * scale.reshape(shape) + shift.reshape(shape)).masked_fill(~mask, 0.0)

    def _remember(self, mean: Tensor, var: Tensor, n: float) -> None:
        """Move the running statistics, as the plain kind does: with the unbiased variance."""
        _there(self.num_batches_tracked).add_(1)
        momentum = 0.1 if self.momentum is None else self.momentum
        _there(self.running_mean).lerp_(mean, momentum)
        _there(self.running_var).lerp_(var * n / (n - 1), momentum)


def _there(values: Tensor | None) -> Tensor:
    """Return what a batch norm that keeps running statistics always has."""
    if values is None:
        raise ValueError("a masked batch norm keeps running statistics, and they were removed")
    return values


def _channel_shape(x: Tensor) -> tuple[int, ...]:
    """Return the shape in which one number a channel meets `x`."""
    return (1, -1, *(1,) * (x.ndim - 2))


class _MaskedNorm(torch.autograd.Function):
    """Normalise over what is not padding, with the gradient by hand.

    Autograd's own way through the same formulas walks over the large tensors twice as often:
    on two cores, a training step of a `SpectrogramCNN` takes a third longer with it.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, inside: Tensor, n: float, weight: Tensor, bias: Tensor, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        axes, shape = [0, *range(2, x.ndim)], _channel_shape(x)
        mean = (x * inside).sum(axes) / n
        centred = (x - mean.reshape(shape)).mul_(inside)
        var = centred.square().sum(axes) / n
        rstd = torch.rsqrt(var + eps)
        normalised = torch.addcmul(
            bias.reshape(shape), centred, (weight * rstd).reshape(shape)
        ).mul_(inside)
        ctx.save_for_backward(centred, inside, rstd, weight)
        ctx.n = n
        ctx.mark_non_differentiable(mean, var)
        return normalised, mean, var

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad: Tensor, *_: Tensor
    ) -> tuple[Tensor, None, None, Tensor, Tensor, None]:
        centred, inside, rstd, weight = ctx.saved_tensors
        axes, shape = [0, *range(2, centred.ndim)], _channel_shape(centred)
        grad = grad * inside
        of_bias = grad.sum(axes)
        of_weight = (grad * centred).sum(axes) * rstd
        # rstd * weight * (grad - mean of grad - normalised * mean of grad * normalised)
        scale = weight * rstd
        along = (-scale * rstd * of_weight / ctx.n).reshape(shape)
        offset = (-scale * of_bias / ctx.n).reshape(shape)
        of_x = grad.mul_(scale.reshape(shape)).addcmul_(centred, along).addcmul_(inside, offset)
        return of_x, None, None, of_weight, of_bias, None


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
