"""How a network is asked: pictures in, logits out, and nothing of it changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

Model = Callable[[Tensor], Tensor]
"""Called with pictures [batch, *channel, row, column], returns logits [batch, class].

A `SpectrogramCNN` is one, for pictures [mel, frame]; a `LeNet` is one, for pictures
[channel, height, width]; anything else is wrapped in a lambda.
"""


@contextmanager
def at_rest(model: Model) -> Iterator[None]:
    """Hold a network in eval mode, and give each part its mode back, whatever happens.

    Something that is called but is no ``nn.Module`` is left alone: the caller has to see to it
    that the same picture gets the same answer twice.
    """
    parts = list(model.modules()) if isinstance(model, nn.Module) else []
    modes = [part.training for part in parts]
    try:
        for part in parts:
            part.training = False
        yield
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode


def checked_logits(logits: object, n_pictures: int, target: int | None = None) -> Tensor:
    """Return what a model gave back, refused unless it is [batch, class] and has the target."""
    if not isinstance(logits, Tensor):
        raise TypeError(f"the model must return a tensor of logits, got {type(logits).__name__}")
    if logits.ndim != 2 or len(logits) != n_pictures:
        raise ValueError(
            f"the model must return logits [batch, class], for {n_pictures} pictures "
            f"[{n_pictures}, class], got {list(logits.shape)}"
        )
    if bool(logits.isnan().any()):
        raise ValueError("the model returned NaN")
    if target is not None and (isinstance(target, bool) or not 0 <= target < logits.shape[1]):
        raise ValueError(f"target must be a class from 0 to {logits.shape[1] - 1}, got {target!r}")
    return logits


def logits_of(
    model: Model,
    pictures: Float[Tensor, "batch *channel row column"],
    *,
    target: int | None = None,
    batch_size: int = 256,
) -> Float[Tensor, "batch class"]:
    """Return the logits of many pictures of one size, `batch_size` at a time, without gradients.

    Args:
        model: called with a batch of pictures; put into eval mode meanwhile.
        pictures: what it is asked about.
        target: a class that there must be.
        batch_size: pictures in one call; the answer does not depend on it.
    Raises:
        TypeError: if the model returns no tensor.
        ValueError: if it returns NaN or something else than [batch, class], or has no `target`.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    with at_rest(model), torch.no_grad():
        parts = [
            checked_logits(model(part), len(part), target)
            for part in torch.split(pictures, batch_size)
        ]
    return torch.cat(parts)


def check_picture(picture: Tensor) -> None:
    """Refuse what is no picture: floats [*channel, row, column], all of them finite."""
    if not isinstance(picture, Tensor) or not picture.is_floating_point():
        kind = picture.dtype if isinstance(picture, Tensor) else type(picture).__name__
        raise TypeError(f"picture must be a tensor of floats, got {kind}")
    if picture.ndim < 2 or picture.numel() == 0:
        raise ValueError(
            f"picture must have the shape [*channel, row, column] and not be empty, "
            f"got {list(picture.shape)}"
        )
    if not bool(picture.isfinite().all()):
        raise ValueError("picture must be finite, got NaN or infinity in it")


def check_map(map: Tensor, shape: tuple[int, ...] | None = None) -> None:
    """Refuse what is no map [row, column], is not finite, or does not lie over its picture."""
    if not isinstance(map, Tensor) or not map.is_floating_point():
        kind = map.dtype if isinstance(map, Tensor) else type(map).__name__
        raise TypeError(f"map must be a tensor of floats, got {kind}")
    if map.ndim != 2 or map.numel() == 0:
        raise ValueError(
            f"map must have the shape [row, column] and not be empty, got {list(map.shape)}"
        )
    if shape is not None and map.shape != shape:
        raise ValueError(
            f"map must have the rows and columns of the picture, {list(shape)}, "
            f"got {list(map.shape)}"
        )
    if not bool(map.isfinite().all()):
        raise ValueError("map must be finite, got NaN or infinity in it")


def filling(fill: float | Tensor, picture: Tensor) -> Tensor:
    """Return the fill as a picture: a level for all cells, or one for each row or cell.

    Raises:
        ValueError: if it is not finite, or does not spread over the picture.
    """
    values = torch.as_tensor(fill, dtype=picture.dtype, device=picture.device)
    if not bool(values.isfinite().all()):
        raise ValueError("fill must be finite, got NaN or infinity")
    try:
        return values.expand(picture.shape)
    except RuntimeError as error:
        raise ValueError(
            f"fill must spread over the picture {list(picture.shape)} (a number, or "
            f"[row, 1] for a level a row), got {list(values.shape)}"
        ) from error
