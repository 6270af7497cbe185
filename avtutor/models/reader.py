"""Reads what is in a picture of a creature: the five numbers, and what only a picture knows."""

import math
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.synth import Seen
from avtutor.synth.creatures import FEWEST, MOST

N_LIMBS = MOST - FEWEST + 1
ONLY_SEEN = ("row", "column", "facing", "lean", "light", "side", "horizon")
"""What is read of `Seen`: what a picture shows plainly."""
_VALUES = ("size", "cos", "sin", "shape", "texture")
N_VALUES = len(_VALUES) + len(ONLY_SEEN)
"""Numbers that a reader gives beside the logits of the legs."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What is read in pictures of creatures.

    Args:
        size: length of the body in metres.
        shape, texture: as in `Creature`.
        hue: in degrees.
        limbs: the most likely number of legs.
        only_seen: the numbers of `ONLY_SEEN`, in that order.
    Lesson: 16_hear_a_roar_see_a_lion
    """

    size: Float[Tensor, " item"]
    shape: Float[Tensor, " item"]
    hue: Float[Tensor, " item"]
    texture: Float[Tensor, " item"]
    limbs: Int[Tensor, " item"]
    only_seen: Float[Tensor, "item number"]


class CreatureReader(nn.Module):
    """Convolutions and a dense layer that read a picture; trained on real renders, and on nothing
    that a generator has drawn.

    Args:
        size: height and width of a picture, a multiple of 8.
    Raises:
        ValueError: if `size` is not a multiple of 8, at least 16.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> CreatureReader(32).read(torch.zeros(2, 3, 32, 32)).limbs.shape
    torch.Size([2])
    """

    def __init__(self, size: int = 32) -> None:
        super().__init__()
        if size < 16 or size % 8:
            raise ValueError(f"size must be a multiple of 8, at least 16, got {size}")
        self.size = size
        layers: list[nn.Module] = []
        for before, after, kernel, stride in (
            (3, 24, 5, 2),
            (24, 32, 3, 1),
            (32, 48, 3, 2),
            (48, 48, 3, 1),
            (48, 64, 3, 2),
        ):
            layers += [
                nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(64 * (size // 8) ** 2, 128), nn.ReLU()
        )
        self.values = nn.Linear(128, N_VALUES)
        self.limbs = nn.Linear(128, N_LIMBS)
        self.to(memory_format=torch.channels_last)

    def forward(
        self, pictures: Float[Tensor, "batch 3 height width"]
    ) -> tuple[Float[Tensor, "batch value"], Float[Tensor, "batch class"]]:
        """Return values (see `goals_of`) and the logits of the numbers of legs.

        Raises:
            ValueError: if the pictures are of another size.
        """
        if pictures.shape[1:] != (3, self.size, self.size):
            raise ValueError(
                f"pictures must be [batch, 3, {self.size}, {self.size}], got {list(pictures.shape)}"
            )
        x = self.body(pictures.contiguous(memory_format=torch.channels_last))
        return self.values(x), self.limbs(x)

    @torch.no_grad()
    def read(self, pictures: Float[Tensor, "batch 3 height width"]) -> Reading:
        """Return what is read, with the network as it stands: call ``eval()`` before."""
        return reading_of(*self(pictures))


def reading_of(values: Float[Tensor, "item value"], logits: Float[Tensor, "item class"]) -> Reading:
    """Return what the answers of a reader say, in their units.

    Args:
        values: see `goals_of`.
        logits: of the numbers of legs.
    """
    size, cos, sin, shape, texture = values[:, : len(_VALUES)].unbind(dim=1)
    return Reading(
        size=size.exp(),
        shape=shape,
        hue=torch.atan2(sin, cos).mul(180 / math.pi) % 360,
        texture=texture,
        limbs=logits.argmax(dim=1) + FEWEST,
        only_seen=_evened(values[:, len(_VALUES) :], back=True),
    )


def goals_of(
    labels: Float[Tensor, "item number"],
) -> tuple[Float[Tensor, "item value"], Int[Tensor, " item"]]:
    """Return what a reader should answer: values, each over about ±1, and the class of the legs.

    Args:
        labels: the five numbers, and after them those of `Seen`, as a `datasets.Bestiary` gives
            them `with_seen`.
    Raises:
        ValueError: if there are fewer or more numbers.
    """
    names = [one.name for one in fields(Seen)]
    if labels.shape[1] != 5 + len(names):
        raise ValueError(
            f"labels must hold 5 numbers and the {len(names)} of Seen, got {labels.shape[1]}"
        )
    size, shape, hue, texture, limbs = labels[:, :5].unbind(dim=1)
    angle = hue * math.pi / 180
    known = torch.stack([size.log(), angle.cos(), angle.sin(), shape, texture], dim=1)
    others = _evened(labels[:, [5 + names.index(name) for name in ONLY_SEEN]])
    return torch.cat([known, others], dim=1), limbs.long() - FEWEST


def _evened(numbers: Tensor, *, back: bool = False) -> Tensor:
    """Return the numbers of `ONLY_SEEN`, each over about ±1; or back in their units."""
    middle = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.66]).to(numbers)
    spread = torch.tensor([0.06, 0.12, 1.0, 0.14, 0.25, 1.0, 0.1]).to(numbers)
    return numbers * spread + middle if back else (numbers - middle) / spread


def reading_loss(
    values: Float[Tensor, "item value"],
    logits: Float[Tensor, "item class"],
    labels: Float[Tensor, "item number"],
) -> Float[Tensor, ""]:
    """Return the squared error of the values and the cross-entropy of the legs, added.

    Args:
        values, logits: what the reader says.
        labels: see `goals_of`.
    """
    goals, limbs = goals_of(labels)
    errors = (values - goals).square().mean(dim=0)
    loss: Tensor = errors.sum() + 0.5 * nn.functional.cross_entropy(logits, limbs)
    return loss
