"""What the layers hold and what they make of a picture."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from avtutor.explain.calls import at_rest, check_picture


def first_filters(model: nn.Module) -> Float[Tensor, "filter *axis tap"]:
    """Return a copy of the filters that meet the input first.

    For pictures [filter, row, column], or [filter, channel, row, column] where the input has
    several channels; for samples [filter, tap]. A front end that computes its filters, such as
    `SincFilters`, is asked for them. First is the layer that was entered first into the model.

    Raises:
        ValueError: if the model has no convolution.
    Lesson: 08_what_it_heard

    >>> from avtutor.models import LeNet, LeNetConfig
    >>> first_filters(LeNet(LeNetConfig(input_shape=(1, 40, 64), n_classes=10))).shape
    torch.Size([6, 5, 5])
    """
    for module in model.modules():
        computed = getattr(module, "filters", None)
        if callable(computed):
            with torch.no_grad():
                found: Tensor = computed()
            return found.detach().clone()
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            weight = module.weight.detach().clone()
            return weight[:, 0] if weight.shape[1] == 1 else weight
    raise ValueError(f"{type(model).__name__} has no convolution, so no filters to look at")


def layer_called(model: nn.Module, name: str) -> nn.Module:
    """Return the layer of a model that has this path.

    Raises:
        TypeError: if the model is no ``nn.Module``.
        ValueError: if there is no such layer; the message names those there are.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be an nn.Module to have layers, got {type(model).__name__}")
    layers: dict[str, nn.Module] = {path: module for path, module in model.named_modules() if path}
    if name not in layers:
        raise ValueError(f"there is no layer {name!r}, there are {', '.join(layers)}")
    return layers[name]


def run_with(model: nn.Module, pictures: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    """Return the logits, and what one layer gave on the way, [batch, channel, row, column].

    Raises:
        ValueError: if the layer does not exist, ran another number of times than once, or gives
            no maps.
    """
    kept: list[object] = []

    def keep(module: nn.Module, inputs: object, output: object) -> object:
        kept.append(output)
        # A later layer may change what it is given in place; it gets a copy.
        return output.clone() if isinstance(output, Tensor) else output

    hook = layer_called(model, layer).register_forward_hook(keep)
    try:
        logits = model(pictures)
    finally:
        hook.remove()
    if len(kept) != 1:
        raise ValueError(
            f"layer {layer!r} must run once for its output to be looked at, it ran {len(kept)} "
            f"times"
        )
    output = kept[0]
    if not isinstance(output, Tensor) or output.ndim != 4:
        got = list(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"layer {layer!r} must give maps [batch, channel, row, column], got {got}")
    return logits, output


def activations(
    model: nn.Module, picture: Float[Tensor, "*channel row column"], *, layer: str
) -> Float[Tensor, "filter height width"]:
    """Return what a layer makes of one picture: a map for each of its filters.

    Args:
        model: the network; it stays as it is.
        picture: what it is shown.
        layer: the path of the layer, such as ``"convs.0"``.
    Raises:
        TypeError: if the model is no ``nn.Module``, or the picture no tensor of floats.
        ValueError: if there is no such layer (the message names those there are), it ran several
            times, or gives no maps.
    Lesson: 08_what_it_heard

    >>> from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10))
    >>> activations(model, torch.zeros(40, 60), layer="convs.1").shape
    torch.Size([32, 20, 30])
    """
    check_picture(picture)
    with at_rest(model), torch.no_grad():
        return run_with(model, picture[None], layer)[1][0].clone()
