"""The weights of a network on their way to the page."""

from typing import Any

import torch

from avtutor.models import SpectrogramCNN

POOLINGS = ("mean", "mean_max")
_NORM = ("weight", "bias", "running_mean", "running_var")


def _expected(model: SpectrogramCNN, *, encoder: bool = False) -> dict[str, list[int]]:
    """Return the shape of every tensor that the page knows what to do with, by its name."""
    config = model.config
    shapes = {f"normalise.{part}": [config.n_mels] for part in _NORM}
    n_channels = 1
    for number, width in enumerate(config.widths):
        shapes[f"convs.{number}.weight"] = [width, n_channels, 3, 3]
        shapes |= {f"norms.{number}.{part}": [width] for part in _NORM}
        n_channels = width
    if encoder:
        return shapes
    n_rows = -(-config.n_mels // 2 ** (len(config.widths) - 1))
    n_values = n_channels * n_rows * (2 if config.pooling == "mean_max" else 1)
    shapes["classifier.weight"] = [config.n_classes, n_values]
    shapes["classifier.bias"] = [config.n_classes]
    return shapes


def pack_network(model: SpectrogramCNN, *, encoder: bool = False) -> tuple[dict[str, Any], bytes]:
    """Return what the page needs to know of a network, and its weights as little-endian float32.

    Args:
        model: the network.
        encoder: it has no last layer, and is used for what it embeds.
    Raises:
        TypeError: if `model` is not a SpectrogramCNN.
        ValueError: if it has other tensors than the page knows, or a weight is not finite.

    >>> from avtutor.models import SpectrogramCNNConfig
    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=8, n_classes=2, widths=(1, 1, 1, 1)))
    >>> description, weights = pack_network(model)
    >>> description["tensors"][0], len(weights)
    ({'name': 'normalise.weight', 'shape': [8], 'first': 0}, 352)
    """
    if not isinstance(model, SpectrogramCNN):
        raise TypeError(f"model must be a SpectrogramCNN, got {type(model).__name__}")
    if model.config.pooling not in POOLINGS:
        raise ValueError(
            f"model must pool by {' or '.join(POOLINGS)} to run in a page, "
            f"got {model.config.pooling}"
        )
    shapes = _expected(model, encoder=encoder)
    given = {
        name: values.detach().cpu().to(torch.float32)
        for name, values in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    if {name: list(values.shape) for name, values in given.items()} != shapes:
        strange = sorted(set(given) ^ set(shapes)) or [
            name for name, values in given.items() if list(values.shape) != shapes[name]
        ]
        raise ValueError(
            "model must have the tensors of a SpectrogramCNN as avtutor.widgets.weights knows it, "
            f"got another {', '.join(strange)}"
        )
    tensors, blocks, first = [], [], 0
    for name, shape in shapes.items():
        values = given[name]
        if not bool(values.isfinite().all()):
            raise ValueError(f"the weights of model must be finite, got others in {name}")
        tensors.append({"name": name, "shape": shape, "first": first})
        blocks.append(values.numpy().astype("<f4").tobytes())
        first += values.numel()
    description = {
        "n_mels": model.config.n_mels,
        "n_classes": model.config.n_classes,
        "widths": list(model.config.widths),
        "pooling": model.config.pooling,
        "epsilon": model.normalise.eps,
        "tensors": tensors,
    }
    return description, b"".join(blocks)
