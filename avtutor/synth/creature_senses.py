"""What one sense knows of a creature and the other does not: place and light, room and noise."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from avtutor.synth.creatures import LONGEST_ROOM, Many
from avtutor.synth.numbered import uniforms

_SEEN, _HEARD = 1, 2  # streams of random numbers


@dataclass(frozen=True, eq=False)
class Seen(Many):
    """What is only in the picture: the call knows nothing of it.

    Args:
        row, column: where the middle of the body is, in heights of the picture from its middle.
        facing: 1 to the right, -1 to the left.
        lean: how far the creature is turned, in radians.
        light: brightness of the light, about 1.
        side: from where it comes: -1 left, 1 right.
        horizon: where the ground ends, in heights of the picture from the top.
        ground, sky: their hues, in turns.
        stride: where the legs are in their step, in turns.
        stripes: where the stripes are, in turns.
    Lesson: 16_hear_a_roar_see_a_lion
    """

    row: Float[Tensor, " item"]
    column: Float[Tensor, " item"]
    facing: Float[Tensor, " item"]
    lean: Float[Tensor, " item"]
    light: Float[Tensor, " item"]
    side: Float[Tensor, " item"]
    horizon: Float[Tensor, " item"]
    ground: Float[Tensor, " item"]
    sky: Float[Tensor, " item"]
    stride: Float[Tensor, " item"]
    stripes: Float[Tensor, " item"]

    @classmethod
    def drawn(cls, items: Int[Tensor, " item"], *, seed: int) -> "Seen":
        """Return what these items look like by chance."""
        return cls._from(uniforms(items, 11, seed=seed, stream=_SEEN))

    @classmethod
    def plain(cls, n: int) -> "Seen":
        """Return the middle of every range: facing right, in the middle, under an even light."""
        return cls._from(torch.full((n, 11), 0.5))

    @classmethod
    def _from(cls, drawn: Tensor) -> "Seen":
        (row, column, facing, lean, light, side, horizon, ground, sky, stride, stripes) = (
            drawn.unbind(dim=1)
        )
        return cls(
            row=0.08 * (row - 0.5),
            column=0.14 * (column - 0.5),
            facing=torch.where(facing >= 0.5, 1.0, -1.0),
            lean=0.16 * (lean - 0.5),
            light=0.75 + 0.5 * light,
            side=2 * side - 1,
            horizon=0.56 + 0.2 * horizon,
            ground=ground,
            sky=sky,
            stride=stride,
            stripes=0.2 * (stripes - 0.5),
        )


@dataclass(frozen=True, eq=False)
class Heard(Many):
    """What is only in the sound: the picture knows nothing of it.

    Args:
        items: their numbers: what noise and echoes are made of.
        seed: of all.
        onset: silence before the first note, in seconds.
        tempo: factor on the time from note to note.
        level_db: level of the loudest sample.
        room: time in which the echoes fall by 60 dB, in seconds.
        echo: power of the echoes in shares of that of the call itself.
        snr_db: power of the call to that of the noise; infinite without noise.
        flutter: where the level of a rough call is when a note begins, in turns.
    Lesson: 16_hear_a_roar_see_a_lion
    """

    items: Int[Tensor, " item"]
    seed: int
    onset: Float[Tensor, " item"]
    tempo: Float[Tensor, " item"]
    level_db: Float[Tensor, " item"]
    room: Float[Tensor, " item"]
    echo: Float[Tensor, " item"]
    snr_db: Float[Tensor, " item"]
    flutter: Float[Tensor, " item"]

    @classmethod
    def drawn(cls, items: Int[Tensor, " item"], *, seed: int) -> "Heard":
        """Return how these items sound by chance."""
        drawn = uniforms(items, 7, seed=seed, stream=_HEARD)
        onset, tempo, level, room, echo, snr, flutter = drawn.unbind(dim=1)
        return cls(
            items=items,
            seed=seed,
            onset=0.02 + 0.16 * onset,
            tempo=0.85 * (1.15 / 0.85) ** tempo,
            level_db=-1 - 19 * level,
            room=LONGEST_ROOM * 0.2 ** (1 - room),
            echo=0.3 * echo,
            snr_db=15 + 25 * snr,
            flutter=flutter,
        )

    @classmethod
    def plain(cls, n: int) -> "Heard":
        """Return the call itself: no echo, no noise, an even tempo, the level of -1 dB."""
        one = torch.ones(n)
        return cls(
            items=torch.arange(n),
            seed=0,
            onset=0.1 * one,
            tempo=one,
            level_db=-one,
            room=0.2 * one,
            echo=0 * one,
            snr_db=torch.inf * one,
            flutter=0 * one,
        )
