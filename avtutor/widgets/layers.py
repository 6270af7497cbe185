"""Layers of torch.nn on their way to the page."""

from typing import Any

import torch
from torch import Tensor, nn

from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.models.joint import Rescaled
from avtutor.models.lenet import ScaledTanh
from avtutor.models.masking import MaskedBatchNorm

Packed = dict[str, Any]
"""What the page is told; a tensor is {"first": place in the block, "count": how many}."""

PLAIN: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    ScaledTanh: "scaled_tanh",
    nn.Flatten: "flatten",
}
NOTHING = (nn.Identity, nn.Dropout)
"""What does nothing when it is used."""


class Block:
    """Tensors one after another, as little-endian float32; the same one again is not added.

    Args:
        what: whose they are, for the errors.

    >>> block = Block("net")
    >>> block.add(torch.ones(2, 3)), block.add(torch.zeros(1)), len(block.joined())
    ({'first': 0, 'count': 6}, {'first': 6, 'count': 1}, 28)
    """

    def __init__(self, what: str = "a network") -> None:
        self.what = what
        self._places: dict[bytes, int] = {}
        self._count = 0

    def add(self, values: Tensor) -> dict[str, int]:
        """Put a tensor at the end and return where it is.

        Raises:
            ValueError: if a value is not finite.
        """
        flat = values.detach().cpu().to(torch.float32).contiguous()
        if not bool(flat.isfinite().all()):
            raise ValueError(f"the weights of {self.what} must be finite, got others")
        return {
            "first": self.add_bytes(flat.numpy().astype("<f4").tobytes()),
            "count": flat.numel(),
        }

    def add_bytes(self, values: bytes) -> int:
        """Put numbers at the end, float32, and return the place of the first."""
        if values not in self._places:
            self._places[values] = self._count
            self._count += len(values) // 4
        return self._places[values]

    def joined(self) -> bytes:
        """Return all of them."""
        return b"".join(self._places)


def pack_layers(module: nn.Module, block: Block) -> list[Packed]:
    """Return what the page needs to know of layers that follow each other.

    Raises:
        ValueError: if the page does not know a layer, or not with its settings.

    >>> [layer["kind"] for layer in pack_layers(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), Block())]
    ['linear', 'relu']
    """
    if isinstance(module, NOTHING):
        return []
    if isinstance(module, nn.Sequential):
        return [packed for layer in module for packed in pack_layers(layer, block)]
    if isinstance(module, ImageEncoder):
        parts = (module.lenet.features, module.lenet.classifier, module.dense)
        return [packed for part in parts for packed in pack_layers(part, block)]
    kind = PLAIN.get(type(module))
    if kind is not None:
        return [{"kind": kind}]
    for known, pack in _PACKERS:
        if type(module) is known:
            packed = pack(module, block)
            if packed is not None:
                return [packed]
    raise ValueError(f"{block.what} must have layers that the page knows, got {module}")


def _linear(module: nn.Linear, block: Block) -> Packed:
    bias = torch.zeros(module.out_features) if module.bias is None else module.bias
    return {"kind": "linear", "weight": block.add(module.weight), "bias": block.add(bias)}


def _conv(module: nn.Conv2d, block: Block) -> Packed | None:
    size, padding = module.kernel_size, module.padding
    plain = (module.stride, module.dilation, module.groups) == ((1, 1), (1, 1), 1)
    square = size[0] == size[1] and not isinstance(padding, str) and padding[0] == padding[1]
    if not plain or not square or module.padding_mode != "zeros":
        return None
    bias = torch.zeros(module.out_channels) if module.bias is None else module.bias
    return {
        "kind": "conv", "size": size[0], "padding": padding[0],
        "weight": block.add(module.weight), "bias": block.add(bias),
    }  # fmt: skip


def _max_pool(module: nn.MaxPool2d, block: Block) -> Packed | None:
    plain = (module.padding, module.dilation, module.ceil_mode) == (0, 1, False)
    return {"kind": "max_pool"} if plain and module.kernel_size == module.stride == 2 else None


def _mean_pool(module: nn.AvgPool2d, block: Block) -> Packed | None:
    plain = (module.padding, module.ceil_mode, module.divisor_override) == (0, False, None)
    return {"kind": "mean_pool"} if plain and module.kernel_size == module.stride == 2 else None


def _batch_norm(module: nn.BatchNorm1d | nn.BatchNorm2d, block: Block) -> Packed | None:
    """With its running statistics it is a factor and a summand for each channel."""
    if module.running_mean is None or module.running_var is None or not module.affine:
        return None
    weight, bias = module.weight.double(), module.bias.double()
    scale = weight / (module.running_var.double() + module.eps).sqrt()
    shift = bias - module.running_mean.double() * scale
    return {"kind": "batch_norm", "scale": block.add(scale), "shift": block.add(shift)}


def _layer_norm(module: nn.LayerNorm, block: Block) -> Packed | None:
    if len(module.normalized_shape) != 1 or module.weight is None or module.bias is None:
        return None
    return {
        "kind": "layer_norm", "epsilon": module.eps,
        "weight": block.add(module.weight), "bias": block.add(module.bias),
    }  # fmt: skip


def _unflatten(module: nn.Unflatten, block: Block) -> Packed | None:
    """Only of the first axis of an item, and into sizes that are given."""
    sizes = list(module.unflattened_size)
    if module.dim != 1 or not all(isinstance(size, int) and size > 0 for size in sizes):
        return None
    return {"kind": "unflatten", "sizes": sizes}


def _rescaled(module: Rescaled, block: Block) -> Packed:
    """A factor and a summand for all values; the page keeps them in one row."""
    scale, shift = torch.tensor([module.spread]), torch.tensor([module.centre])
    return {"kind": "batch_norm", "scale": block.add(scale), "shift": block.add(shift)}


_PACKERS: list[tuple[type[nn.Module], Any]] = [
    (nn.Linear, _linear),
    (nn.Conv2d, _conv),
    (nn.MaxPool2d, _max_pool),
    (nn.AvgPool2d, _mean_pool),
    (nn.BatchNorm1d, _batch_norm),
    (nn.BatchNorm2d, _batch_norm),
    (MaskedBatchNorm, _batch_norm),
    (nn.LayerNorm, _layer_norm),
    (nn.Unflatten, _unflatten),
    (Rescaled, _rescaled),
]
