"""What a generator of pictures is trained for."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models.generator import Terms
from avtutor.training.objectives import Log


@dataclass(frozen=True)
class Drawing:
    """Draw the pictures of a batch, from its sounds where the model hears them.

    For a `PictureVAE` and a `ConditionalVAE` the loss is the negative bound on the likelihood, in
    nats a picture and up to a constant: "misfit" and "told", which are logged apart. For a
    `LatentFlow` it is the squared error of the way.

    Args:
        image: the name of the pictures among the inputs.
        audio: the name of the spectrograms.
    Raises:
        ValueError: when called, if an input is not in the batch.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> import torch
    >>> from avtutor.models import GeneratorConfig, PictureVAE
    >>> batch = Batch(
    ...     inputs={"image": torch.zeros(2, 3, 32, 32)}, labels=torch.arange(2), groups=("a", "b")
    ... )
    >>> loss, log = Drawing()(PictureVAE(GeneratorConfig()), batch)
    >>> sorted(log)
    ['misfit', 'told']
    """

    image: str = "image"
    audio: str = "audio"

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Log]:
        """Return the loss, and its parts where it has some."""
        inner: Any = getattr(
            model, "module", model
        )  # `fit` calls the objective with a wrapped model
        hears = "sounds" in _asked(inner)
        for name in (self.image, self.audio) if hears else (self.image,):
            if name not in batch.inputs:
                raise ValueError(f"the batch has no input {name!r}, it has {sorted(batch.inputs)}")
        pictures = batch.inputs[self.image]
        if not hears:
            found = model(pictures)
        elif "lengths" in _asked(inner.sound):
            found = model(batch.inputs[self.audio], pictures, batch.lengths[self.audio])
        else:
            found = model(batch.inputs[self.audio], pictures)
        if not isinstance(found, Terms):
            return found.mean(), {}
        misfit, told = found.misfit.mean(), found.told.mean()
        return misfit + told, {"misfit": misfit.detach(), "told": told.detach()}


def _asked(module: nn.Module) -> Mapping[str, inspect.Parameter]:
    """Return what the forward of a module asks for."""
    return inspect.signature(module.forward).parameters
