"""What a generator of pictures is trained for."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models.generator import ConditionalVAE, PictureVAE, Terms
from avtutor.models.generator_parts import divergence, drawn_like, misfit
from avtutor.models.reader import CreatureReader
from avtutor.models.taught import TaughtEar, imitation, seen_apart
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


@dataclass(frozen=True)
class DrawingSeen:
    """Draw the pictures of a batch so that an eye sees no difference either.

    The loss is that of `Drawing` for a `PictureVAE` or a `ConditionalVAE`, and on top `weight`
    times what the eye sees between the drawn and the real picture (`seen_apart`). Logged are
    "misfit", "told" and "seen".

    Args:
        eye: has learned before, and stays as it is. Measure what was drawn with another one.
        weight: nats for a difference of 1.
        image: the name of the pictures among the inputs.
        audio: the name of the spectrograms.
    Raises:
        ValueError: if `weight` is below 0.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.models import GeneratorConfig
    >>> eye = CreatureReader(32).eval().requires_grad_(False)
    >>> batch = Batch(
    ...     inputs={"image": torch.zeros(2, 3, 32, 32)}, labels=torch.arange(2), groups=("a", "b")
    ... )
    >>> loss, log = DrawingSeen(eye)(PictureVAE(GeneratorConfig()), batch)
    >>> sorted(log)
    ['misfit', 'seen', 'told']
    """

    eye: CreatureReader
    weight: float = 1000.0
    image: str = "image"
    audio: str = "audio"

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError(f"weight must be 0 or more, got {self.weight}")

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Log]:
        """Return the loss, and its parts."""
        net: PictureVAE | ConditionalVAE = getattr(model, "module", model)  # type: ignore[arg-type]
        real = batch.inputs[self.image]
        given = []
        if isinstance(net, ConditionalVAE):
            given.append(net.hear(batch.inputs[self.audio]))
        mean, log_variance = net.encoder(real, *given)
        drawn = net.decoder(torch.cat([drawn_like(mean, log_variance), *given], dim=1))
        off = misfit(drawn, real, deviation=net.config.deviation, edge_weight=net.edge_weight)
        parts = {
            "misfit": off.mean(),
            "told": divergence(mean, log_variance).mean(),
            "seen": seen_apart(self.eye, drawn, real).mean(),
        }
        loss = parts["misfit"] + parts["told"] + self.weight * parts["seen"]
        return loss, {name: value.detach() for name, value in parts.items()}


@dataclass(frozen=True)
class TaughtByEye:
    """Teach a `TaughtEar` to say of a sound what an eye says of the picture that belongs to it.

    Nobody names anything: the eye looks at each picture, the ear hears the sound, and the loss is
    how far apart they are (`imitation`).

    Args:
        eye: has learned before, and stays as it is.
        image: the name of the pictures among the inputs.
        audio: the name of the spectrograms.
    Source: Aytar, Vondrick and Torralba 2016, SoundNet.
    Lesson: 16_hear_a_roar_see_a_lion
    """

    eye: CreatureReader
    image: str = "image"
    audio: str = "audio"

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Log]:
        """Return the loss; nothing else is logged."""
        ear: TaughtEar = getattr(model, "module", model)  # type: ignore[arg-type]
        with torch.no_grad():
            goals = self.eye(batch.inputs[self.image])
        return imitation(*ear(batch.inputs[self.audio]), *goals), {}


def _asked(module: nn.Module) -> Mapping[str, inspect.Parameter]:
    """Return what the forward of a module asks for."""
    return inspect.signature(module.forward).parameters
