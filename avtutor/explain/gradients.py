"""Maps from gradients: one pass through the network and back."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from avtutor.explain.calls import Model, at_rest, check_picture, checked_logits, filling
from avtutor.explain.filters import layer_called, run_with


@contextmanager
def _differentiable(picture: Tensor) -> Iterator[Tensor]:
    """Yield a copy of the picture that gradients reach, as a batch of one."""
    with torch.inference_mode(False), torch.enable_grad():
        yield picture.detach().clone()[None].requires_grad_()


def input_gradient(
    model: Model,
    picture: Float[Tensor, "*channel row column"],
    *,
    target: int,
    fill: float | Tensor | None = None,
) -> Float[Tensor, "row column"]:
    """Return how steeply the class's logit changes with each cell, or what its change would cost.

    Without a fill: the size of the gradient, of channels the largest. It says which cells could
    change the answer if they moved a little, not which ones made it. With a fill: the gradient
    times ``picture - fill``, of channels the sum, which is a first guess, along straight lines, at
    what `occlusion` of each cell alone would take from the logit.

    Args:
        model: called with a batch of pictures; it stays as it is.
        picture: what is explained.
        target: the class.
        fill: what a cell would be changed to (see `occlusion`).
    Raises:
        TypeError: if the picture is no tensor of floats.
        ValueError: if the model's output is not [batch, class], does not depend on the picture,
            or has no class `target`, or if the fill does not spread over the picture.
    Source: Simonyan, Vedaldi and Zisserman 2014, Deep inside convolutional networks, section 3;
        with a fill, Shrikumar et al. 2016, Not just a black box (gradient × input).
    Lesson: 08_what_it_heard

    >>> weights = torch.tensor([[[1.0, -2.0], [0.0, 3.0]]])
    >>> def model(pictures):
    ...     return (pictures[:, None] * weights).sum((2, 3))
    >>> input_gradient(model, torch.ones(2, 2), target=0)
    tensor([[1., 2.],
            [0., 3.]])
    >>> input_gradient(model, torch.ones(2, 2), target=0, fill=-1.0)
    tensor([[ 2., -4.],
            [ 0.,  6.]])
    """
    check_picture(picture)
    with at_rest(model), _differentiable(picture) as pictures:
        logits = checked_logits(model(pictures), 1, target)
        gradient = _gradient(logits[0, target], pictures, "the picture")
    by_channel = gradient.reshape(-1, *picture.shape[-2:])
    if fill is None:
        return by_channel.abs().amax(dim=0)
    change = (picture - filling(fill, picture)).reshape(by_channel.shape)
    return (by_channel * change).sum(dim=0)


def grad_cam(
    model: nn.Module,
    picture: Float[Tensor, "*channel row column"],
    *,
    target: int,
    layer: str,
    pooled: bool = True,
) -> Float[Tensor, "row column"]:
    """Return where the filters of one layer speak for a class: Grad-CAM, at the picture's size.

    ``relu(Σ_k a_k A_k)``: A_k is the map of filter k, and its weight a_k the mean over that map
    of the gradient of the class's logit. The sum has the size of the layer's maps, and is
    brought to the picture's by straight interpolation: after three halvings a cell of it covers
    8 by 8 cells of the picture, and cannot be finer.

    The mean supposes that a filter says the same wherever it fires. In a photograph that is fair;
    in a spectrogram, high and low are not the same. With ``pooled=False`` the gradient of each
    cell stays its weight (HiResCAM). Where what follows the layer is linear, those products add up
    to the class's logit, without the bias.

    Args:
        model: the network; modes, parameters and gradients stay as they are.
        picture: what is explained.
        target: the class.
        layer: the path of a layer with maps, such as ``"norms.3"`` of a `SpectrogramCNN` or
            ``"features.6"`` of a `LeNet`.
        pooled: weigh a filter by its mean gradient, as Grad-CAM does.
    Raises:
        TypeError: if the model is no ``nn.Module``, or the picture no tensor of floats.
        ValueError: if there is no such layer (the message names those there are), it ran several
            times or gives no maps, or there is no class `target`.
    Source: Selvaraju et al. 2017, Grad-CAM, equations 1 and 2; Draelos and Carin 2020, HiResCAM.
    Lesson: 08_what_it_heard

    >>> from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10))
    >>> grad_cam(model, torch.zeros(40, 60), target=3, layer="norms.3").shape
    torch.Size([40, 60])
    """
    check_picture(picture)
    layer_called(model, layer)
    with at_rest(model), _differentiable(picture) as pictures:
        logits, maps = run_with(model, pictures, layer)
        logits = checked_logits(logits, 1, target)
        gradient = _gradient(logits[0, target], maps, f"the output of layer {layer!r}")
    weights = gradient.mean(dim=(2, 3), keepdim=True) if pooled else gradient
    coarse = torch.relu((weights * maps.detach()).sum(dim=1, keepdim=True))
    size = (picture.shape[-2], picture.shape[-1])
    fine = nn.functional.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
    return fine[0, 0]


def _gradient(value: Tensor, source: Tensor, what: str) -> Tensor:
    """Return a gradient without leaving one in any parameter."""
    if not value.requires_grad:
        raise ValueError(f"the model's output must depend on {what} in a way that has a gradient")
    try:
        return torch.autograd.grad(value, source)[0]
    except RuntimeError as error:
        raise ValueError(
            f"the model's output must depend on {what} in a way that has a gradient: {error}"
        ) from error
