"""A bestiary with known truth: creatures whose look and call follow from the same five numbers.

The laws, each of them tested on what is drawn and what is heard:

- **size**: the length of the body, in metres. A picture shows `SPAN` metres. The pitch in the
  middle of a note is ``PITCH / size`` Hz, and the vocal tract is ``TRACT * size`` long: a tube open
  at the mouth, with formants at odd multiples of ``SOUND / (4 * TRACT * size)``. Large is low, as
  in animals, where the formants follow the body more closely than the pitch does.
- **shape**: 0 is round, 1 has spikes on its back. A note rises to its full level within
  ``SLOWEST * (FASTEST / SLOWEST) ** shape`` seconds: spikes sound abrupt.
- **hue**: the colour of the body, in degrees around the circle. Its cosine is the slope of the
  source's spectrum, ``TILT - TILT_SWING * cos(hue)`` dB an octave: red is dull and cyan bright. Its
  sine is how far the pitch rises in a note, ``GLIDE * sin(hue)`` semitones.
- **texture**: 0 is plain, 1 has dark stripes. The level goes up and down `ROUGH` times a second
  with this depth: stripes are heard as a growl.
- **limbs**: the number of legs. A call has as many notes, at equal distances.

What one sense knows and the other does not is in `Seen` and `Heard` (`creature_senses`).

Source: Fant 1960, Acoustic theory of speech production (source and filter); Fitch 1997 (formants
and body size in monkeys); Arnal et al. 2015 (roughness of screams); Köhler 1929 and Ramachandran
and Hubbard 2001 (round and spiky sounds). The law of the hue is made up.
"""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from avtutor.synth.numbered import uniforms

SPAN = 2.0
"""What a picture shows from top to bottom, and from side to side, in metres."""
SMALLEST, LARGEST = 0.6, 1.3
"""Lengths of a body, in metres."""
FEWEST, MOST = 2, 6
"""Legs, and notes."""
PITCH = 150.0
"""Pitch of a creature of one metre, in Hz."""
TRACT = 0.16
"""Length of the vocal tract in lengths of the body."""
SOUND = 350.0
"""Speed of sound in warm moist air, in metres a second."""
SLOWEST, FASTEST = 0.06, 0.004
"""Seconds in which a note of a round creature rises to its full level, and one of a spiky one."""
TILT, TILT_SWING = -9.0, 5.0
"""Slope of the source's spectrum, in dB an octave: its middle, and how far the hue moves it."""
GLIDE = 5.0
"""Semitones from the beginning of a note to its end, at most."""
ROUGH = 40.0
"""How often a second the level of a rough call goes up and down."""
LONGEST_ROOM = 0.4
"""The longest time in which echoes fall by 60 dB, in seconds."""

NAMES = ("size", "shape", "hue", "texture", "limbs")
"""The five numbers in the order in which a tensor holds them."""

_TRUTH = 0  # a stream of random numbers


@dataclass(frozen=True)
class Creature:
    """One creature: what both senses can tell.

    Args:
        size: length of the body in metres, from 0.6 to 1.3.
        shape: from 0, round, to 1, with spikes.
        hue: of the body, in degrees, from 0 to below 360.
        texture: from 0, plain, to 1, striped.
        limbs: legs, from 2 to 6.
    Raises:
        ValueError: if a number is out of its range.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> Creature(size=1.1, shape=0.2, hue=40.0, texture=0.3, limbs=4).pitch
    136.36363636363635
    """

    size: float
    shape: float
    hue: float
    texture: float
    limbs: int

    def __post_init__(self) -> None:
        for name, low, high in (
            ("size", SMALLEST, LARGEST),
            ("shape", 0, 1),
            ("texture", 0, 1),
            ("limbs", FEWEST, MOST),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must be from {low} to {high}, got {value}")
        if not 0 <= self.hue < 360:
            raise ValueError(f"hue must be from 0 to below 360 degrees, got {self.hue}")
        if self.limbs != int(self.limbs):
            raise ValueError(f"limbs must be a whole number, got {self.limbs}")

    @property
    def pitch(self) -> float:
        """The pitch in the middle of a note, in Hz."""
        return PITCH / self.size

    @property
    def formants(self) -> tuple[float, ...]:
        """The lowest three formants, in Hz.

        Lesson: 16_hear_a_roar_see_a_lion
        """
        lowest = SOUND / (4 * TRACT * self.size)
        return lowest, 3 * lowest, 5 * lowest

    @property
    def attack(self) -> float:
        """How long a note takes to rise to its full level, in seconds."""
        return float(SLOWEST * (FASTEST / SLOWEST) ** self.shape)


@dataclass(frozen=True, eq=False)
class Many:
    """Numbers of many items, a tensor each."""

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(getattr(self, fields(self)[0].name))


_Kind = TypeVar("_Kind", bound=Many)


def part_of(many: _Kind, some: slice) -> _Kind:
    """Return some of the items, as creatures or what is seen or heard of them."""
    tensors = {name: values[some] for name, values in vars(many).items() if name != "seed"}
    return replace(many, **tensors)


@dataclass(frozen=True, eq=False)
class Creatures(Many):
    """Many creatures: each number as a tensor, see `Creature`.

    Lesson: 16_hear_a_roar_see_a_lion

    >>> two = Creatures.of(Creature(1.0, 0.0, 0.0, 0.0, 4), Creature(0.75, 1.0, 90.0, 0.5, 2))
    >>> len(two), two[1]
    (2, Creature(size=0.75, shape=1.0, hue=90.0, texture=0.5, limbs=2))
    """

    size: Float[Tensor, " item"]
    shape: Float[Tensor, " item"]
    hue: Float[Tensor, " item"]
    texture: Float[Tensor, " item"]
    limbs: Int[Tensor, " item"]

    @classmethod
    def of(cls, *some: Creature) -> "Creatures":
        """Return single creatures as many."""
        table = torch.tensor([[getattr(one, name) for name in NAMES] for one in some])
        return cls.from_table(table.to(torch.float32))

    @classmethod
    def from_table(cls, table: Float[Tensor, "item number"]) -> "Creatures":
        """Return the creatures whose numbers are these, in the order of `NAMES`."""
        if table.ndim != 2 or table.shape[1] != len(NAMES):
            raise ValueError(
                f"table must be [item, {len(NAMES)}]: {', '.join(NAMES)}, got {list(table.shape)}"
            )
        size, shape, hue, texture, limbs = table.unbind(dim=1)
        return cls(size, shape, hue, texture, limbs.round().long())

    def table(self) -> Float[Tensor, "item number"]:
        """Return the numbers in the order of `NAMES`."""
        return torch.stack([getattr(self, name).to(torch.float32) for name in NAMES], dim=1)

    def __getitem__(self, place: int) -> Creature:
        """Return one of them; what float32 cannot hold is rounded away."""
        *numbers, limbs = (getattr(self, name)[place].item() for name in NAMES)
        size, shape, hue, texture = (round(number, 6) for number in numbers)
        return Creature(size, shape, hue % 360, texture, limbs)


def drawn_creatures(items: Int[Tensor, " item"], *, seed: int) -> Creatures:
    """Return the creatures that have these numbers; item 7 of a seed is always the same one.

    All five are independent: the size evenly on a scale of ratios, the others evenly.

    Args:
        items: their numbers, from 0 on; there is no last one.
        seed: of all; another one makes others.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> drawn_creatures(torch.tensor([7]), seed=0)[0] == drawn_creatures(torch.arange(9), seed=0)[7]
    True
    """
    size, shape, hue, texture, limbs = uniforms(items, 5, seed=seed, stream=_TRUTH).unbind(dim=1)
    return Creatures(
        size=SMALLEST * (LARGEST / SMALLEST) ** size,
        shape=shape,
        hue=360 * hue,
        texture=texture,
        limbs=FEWEST + ((MOST - FEWEST + 1) * limbs).long(),
    )


def creature(seed: int) -> Creature:
    """Return a creature by chance.

    Args:
        seed: the same gives the same creature.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> creature(3) == creature(3), creature(3) == creature(4)
    (True, False)
    """
    return drawn_creatures(torch.tensor([0]), seed=seed)[0]
