"""What a network costs: the numbers that it stores, and the multiplications of one item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.LayerNorm)


@dataclass(frozen=True)
class LayerCost:
    """What one layer costs.

    Args:
        name: its path in the model.
        kind: its class.
        output_shape: of one item.
        parameters: numbers that it has learned, or will.
        multiplies: for one item.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    multiplies: int


@dataclass(frozen=True)
class Cost:
    """What a network costs; printed, a table of its layers.

    Args:
        layers: in the order in which they ran.
        parameters: of the whole network, those of layers that did not run included.
        multiplies: for one item.
    Lesson: 06_the_same_cnn
    """

    layers: Sequence[LayerCost]
    parameters: int
    multiplies: int

    def __str__(self) -> str:
        """Return the table."""
        rows = [("layer", "kind", "output", "parameters", "multiplies")]
        for layer in self.layers:
            shape = "×".join(str(size) for size in layer.output_shape)
            numbers = (f"{layer.parameters:,}", f"{layer.multiplies:,}")
            rows.append((layer.name, layer.kind, shape, *numbers))
        rows.append(("total", "", "", f"{self.parameters:,}", f"{self.multiplies:,}"))
        sizes = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = []
        for row in rows:
            words = [cell.ljust(size) for cell, size in zip(row[:3], sizes[:3], strict=True)]
            words += [cell.rjust(size) for cell, size in zip(row[3:], sizes[3:], strict=True)]
            lines.append("  ".join(words))
        return "\n".join(lines)


def cost(model: nn.Module, *inputs: Tensor) -> Cost:
    """Run `model` once, and count what each of its layers stores and multiplies.

    Counted are the products of convolutions and dense layers. Those of norms, activations and
    pooling are few and left out; one multiplication goes with one addition.

    Args:
        model: the network; it stays as it is.
        inputs: what it is called with, for any number of items.
    Raises:
        ValueError: if there are no inputs, or a layer with weights has no rule; a layer of your
            own has a method ``multiplies(output)`` that returns the number for all items.
    Lesson: 06_the_same_cnn

    >>> print(cost(nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU()), torch.zeros(2, 1, 10)))
    layer  kind    output  parameters  multiplies
    0      Conv1d  4×8             16          96
    1      ReLU    4×8              0           0
    total                          16          96
    """
    if not inputs:
        raise ValueError("say what the model is called with: a tensor with one item will do")
    n_items = len(inputs[0])
    shapes: dict[str, tuple[int, ...]] = {}
    multiplies: dict[str, int] = {}
    modules = {name: module for name, module in model.named_modules() if _is_layer(module)}

    def note(name: str, module: nn.Module, output: Any) -> None:
        if isinstance(output, tuple):  # a recurrent layer returns its state as well
            output = output[0]
        if isinstance(output, Tensor):
            shapes[name] = tuple(output.shape[1:])
            multiplies[name] = multiplies.get(name, 0) + _multiplies(name, module, output)

    hooks = [
        module.register_forward_hook(
            lambda module, inputs, output, name=name: note(name, module, output)
        )
        for name, module in modules.items()
    ]
    was_training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in was_training.items():
            module.training = mode
    layers = tuple(
        LayerCost(
            name or type(model).__name__,
            type(modules[name]).__name__,
            shape,
            sum(p.numel() for p in modules[name].parameters(recurse=False)),
            multiplies[name] // n_items,
        )
        for name, shape in shapes.items()
    )
    return Cost(
        layers,
        sum(p.numel() for p in model.parameters()),
        sum(layer.multiplies for layer in layers),
    )


def _is_layer(module: nn.Module) -> bool:
    has_children = next(module.children(), None) is not None
    return not has_children or next(module.parameters(recurse=False), None) is not None


def _multiplies(name: str, module: nn.Module, output: Tensor) -> int:
    """Return the multiplications of one layer, for all items."""
    own = getattr(module, "multiplies", None)
    if callable(own):
        return int(own(output))
    if isinstance(module, _CONVOLUTIONS):
        return output.numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return output.numel() * module.in_features
    if isinstance(module, _NORMS) or next(module.parameters(recurse=False), None) is None:
        return 0
    kind = type(module).__name__
    where = f"{kind} {name!r}" if name else kind
    raise ValueError(f"there is no rule to count the multiplications of {where}")
