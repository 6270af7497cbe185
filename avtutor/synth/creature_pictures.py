"""What creatures look like: pictures from formulas, many at a time, with smooth edges."""

import math
from itertools import pairwise

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from avtutor.synth.creature_senses import Seen
from avtutor.synth.creatures import MOST, SPAN, Creature, Creatures, part_of

HEIGHT = 0.62
"""Half the height of a body, in half lengths."""
SPIKES = 5
"""On the back of a creature that has them."""
_SPIKE = 0.65  # how far they stand out, in radii
_AT_ONCE = 32  # pictures painted together: what a processor's cache holds
_SHARP = 4.0  # of the edges of stripes


def pictures(
    some: Creatures, seen: Seen, *, size: int = 64
) -> Float[Tensor, "item 3 height width"]:
    """Return pictures of creatures as red, green and blue from 0 to 1.

    Edges are as smooth as the distance to them says: a pixel half covered has half the colour.

    Args:
        some: what they are.
        seen: what else is to be seen.
        size: height and width in pixels.
    Raises:
        ValueError: if `size` is below 16, or there are not as many of both.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> one = Creatures.of(Creature(1.0, 0.0, 0.0, 0.0, 4))
    >>> pictures(one, Seen.plain(1), size=32).shape
    torch.Size([1, 3, 32, 32])
    """
    if size < 16:
        raise ValueError(f"size must be at least 16 pixels, got {size}")
    if len(some) != len(seen):
        raise ValueError(f"some and seen must be equally many, got {len(some)} and {len(seen)}")
    painted = torch.empty(len(some), 3, size, size)
    for first in range(0, len(some), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        painted[part] = _Painter(part_of(some, part), part_of(seen, part), size).painted()
    return painted


def draw(one: Creature, *, seed: int, size: int = 64) -> UInt8[Tensor, "height width 3"]:
    """Return a picture of a creature, in a place and a light of this seed.

    Args:
        one: the creature.
        seed: of everything that the call does not tell.
        size: height and width in pixels.
    Raises:
        ValueError: if `size` is below 16.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> draw(Creature(1.0, 0.0, 0.0, 0.0, 4), seed=0).shape
    torch.Size([64, 64, 3])
    """
    seen = Seen.drawn(torch.tensor([0]), seed=seed)
    found = pictures(Creatures.of(one), seen, size=size)[0]
    return found.mul(255).add(0.5).clamp(0, 255).to(torch.uint8).permute(1, 2, 0)


def coloured(
    hue: Float[Tensor, "*shape"], saturation: float, value: float
) -> Float[Tensor, "*shape 3"]:
    """Return red, green and blue, 0 to 1, of a hue in turns.

    Source: the hexcone of Smith 1978, Color gamut transform pairs, written without cases.

    >>> coloured(torch.tensor([0.0, 1 / 3]), 1.0, 1.0).round(decimals=4) + 0
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    place = (hue[..., None] * 6 + torch.tensor([5.0, 3.0, 1.0])) % 6
    return value * (1 - saturation * torch.minimum(place, 4 - place).clamp(0, 1))


class _Painter:
    """Paints a few pictures: shapes by their distances, laid over each other.

    Lengths are in heights of the picture, in the creature's own frame: x forward, y down, from the
    middle of its body.
    """

    def __init__(self, some: Creatures, seen: Seen, size: int) -> None:
        self.some, self.seen, self.size = some, seen, size
        self.half = _wide(some.size / SPAN / 2)
        places = (torch.arange(size, dtype=torch.float32) + 0.5) / size - 0.5
        down = places[:, None] - _wide(seen.row)
        across = (places[None, :] - _wide(seen.column)) * _wide(seen.facing)
        cos, sin = _wide(seen.lean.cos()), _wide(seen.lean.sin())
        self.x = cos * across + sin * down
        self.y = cos * down - sin * across

    def painted(self) -> Tensor:
        """Return the pictures, [item, 3, height, width]."""
        half, x, y = self.half, self.x, self.y
        light = self._light()
        skin = coloured(self.some.hue / 360, 0.72, 0.95)
        frames = self._world()
        frames = _over(frames, _wide3(0.5 * skin) * light, self._covered(self._legs()))
        body, inside = self._body()
        rest = torch.minimum(self._head(), self._tail())
        coat = _wide3(skin) * (light * self._stripes(inside)[:, None])
        frames = _over(frames, _wide3(0.8 * skin) * light, self._covered(rest))
        frames = _over(frames, coat, self._covered(body))
        frames = _over(frames, _wide3(0.95 * skin) * light, self._covered(self._face()))
        at_eye = (x - 1.06 * half, y + 0.5 * half)
        white, black = torch.ones(len(half), 3), torch.full((len(half), 3), 0.08)
        frames = _over(frames, _wide3(white), self._covered(_disc(*at_eye, 0.13 * half)))
        pupil = _disc(at_eye[0] - 0.03 * half, at_eye[1], 0.075 * half)
        return _over(frames, _wide3(black), self._covered(pupil)).clamp_(0, 1)

    def _covered(self, distance: Tensor) -> Tensor:
        """Return the share of each pixel that is inside, given the distance to the edge."""
        return (0.5 - distance * self.size).clamp_(0, 1)[:, None]

    def _light(self) -> Tensor:
        """Return the brightness on the creature: from above, and from one side."""
        seen = self.seen
        round_about = 0.22 * self.x * _wide(seen.side * seen.facing) - 0.3 * self.y
        return (_wide(seen.light) * (0.9 + round_about / self.half * 0.5)).clamp(0.3, 1.05)[:, None]

    def _world(self) -> Tensor:
        """Return sky, ground, and the shadow of the creature."""
        seen, size = self.seen, self.size
        rows = ((torch.arange(size, dtype=torch.float32) + 0.5) / size)[None, :, None]
        columns = ((torch.arange(size, dtype=torch.float32) + 0.5) / size)[None, None, :]
        light = (0.55 + 0.45 * _wide(seen.light))[:, None]
        sky = _wide3(coloured(seen.sky, 0.18, 0.82)) * (1.08 - 0.25 * rows) * light
        ground = _wide3(coloured(seen.ground, 0.25, 0.58)) * (1.25 - 0.4 * rows) * light
        hill = _wide(seen.horizon) + 0.02 * torch.sin(
            2 * math.pi * (columns + _wide(seen.sky + seen.ground))
        )
        frames = _over(
            sky.expand(-1, 3, size, size), ground, ((rows - hill) * size + 0.5).clamp(0, 1)[:, None]
        )
        flat = (
            (self.x / (1.5 * self.half)).square() + ((self.y / self.half - 1.24) / 0.17) ** 2
        ) ** 2
        return frames * (1 - 0.35 * torch.exp(-flat)[:, None])

    def _body(self) -> tuple[Tensor, Tensor]:
        """Return the distance to the edge of the body, and how far out a place is: 1 at the edge
        of the ellipse under the spikes."""
        x, y = self.x / self.half, self.y / (HEIGHT * self.half)
        out = (x.square() + y.square()).sqrt().clamp_(min=1e-3)
        slope = (x.square() + (y / HEIGHT).square()).sqrt() / out / self.half  # of `out`
        turn = torch.atan2(-y, -x) / math.pi  # 0 behind, 1 in front, over the back
        place = (turn - 0.12) / 0.62 * SPIKES
        on_back = (place > 0) & (place < SPIKES)
        tooth = torch.where(on_back, 1 - (2 * (place % 1) - 1).abs(), 0.0)
        high = _SPIKE * _wide(self.some.shape)
        reach = 1 + high * tooth
        # Along a tooth the edge is steep: the distance to it is shorter than along the radius.
        steep = high * on_back * (2 * SPIKES / 0.62 / math.pi) / reach
        distance = (out / reach - 1) / (slope / reach * (1 + steep.square()).sqrt())
        return distance, out

    def _stripes(self, out: Tensor) -> Tensor:
        """Return the brightness of the coat: dark stripes by the texture, a lighter belly."""
        bend = self.y / self.half
        wave = torch.sin(
            2
            * math.pi
            * (self.x / (0.5 * self.half) + 0.35 * bend.square() + _wide(self.seen.stripes))
        )
        dark = 0.5 + 0.5 * torch.tanh(_SHARP * wave)
        return 1 - 0.72 * _wide(self.some.texture) * dark * (1.15 - out).mul(4).clamp(0, 1)

    def _head(self) -> Tensor:
        """Return the distance to the ears and neck."""
        half, x, y = self.half, self.x, self.y
        ears = torch.minimum(
            _segment(x, y, (0.88, -0.72), (0.76, -1.02), half, 0.11),
            _segment(x, y, (1.12, -0.74), (1.16, -1.04), half, 0.11),
        )
        return torch.minimum(ears, _segment(x, y, (0.6, -0.1), (1.0, -0.42), half, 0.3))

    def _face(self) -> Tensor:
        """Return the distance to the head and the muzzle."""
        half = self.half
        head = _disc(self.x - half, self.y + 0.45 * half, 0.38 * half)
        return torch.minimum(
            head, _segment(self.x, self.y, (1.1, -0.34), (1.36, -0.27), half, 0.17)
        )

    def _tail(self) -> Tensor:
        half = self.half
        first = _segment(self.x, self.y, (-0.85, -0.1), (-1.2, -0.3), half, 0.1)
        return torch.minimum(
            first, _segment(self.x, self.y, (-1.2, -0.3), (-1.32, -0.72), half, 0.08)
        )

    def _legs(self) -> Tensor:
        """Return the distance to the legs: they spread, so that they can be counted."""
        half, n = self.half, self.some.limbs
        nearest = torch.full_like(self.x, torch.inf)
        for number in range(MOST):
            place = 2 * number / (n - 1) - 1  # -1 the hindmost, 1 the foremost
            place = torch.where(number < n, place, 100.0)  # out of sight
            swing = 0.05 * torch.sin(2 * math.pi * (self.seen.stride + 0.37 * number))
            hip, foot = _wide(0.7 * place), _wide(1.2 * place + swing)
            knee = (hip + foot) / 2 + 0.03
            points = ((hip, 0.3), (knee, 0.82), (foot, 1.2), (foot + 0.08, 1.2))
            for start, end in pairwise(points):
                away = _square_from_line(self.x, self.y, start, end, half)
                nearest = torch.minimum(nearest, away, out=nearest)
        return nearest.sqrt_().sub_(0.12 * half)


def _wide(values: Tensor) -> Tensor:
    """Return one value an item, over height and width."""
    return values[:, None, None]


def _wide3(values: Tensor) -> Tensor:
    """Return one colour an item, over height and width."""
    return values[:, :, None, None]


def _over(frames: Tensor, colour: Tensor, covered: Tensor) -> Tensor:
    """Return the pictures with a colour laid over them where it covers."""
    return torch.lerp(frames, colour.expand_as(frames), covered)


def _disc(x: Tensor, y: Tensor, radius: Tensor) -> Tensor:
    return (x.square() + y.square()).sqrt_() - radius


Point = tuple[Tensor | float, Tensor | float]


def _segment(x: Tensor, y: Tensor, start: Point, end: Point, half: Tensor, thick: float) -> Tensor:
    """Return the distance to a thick line with round ends; its points in half lengths."""
    return _square_from_line(x, y, start, end, half).sqrt_().sub_(thick * half)


def _square_from_line(x: Tensor, y: Tensor, start: Point, end: Point, half: Tensor) -> Tensor:
    """Return the square of the distance to a line between two points, given in half lengths."""
    across, down = half * (end[0] - start[0]), half * (end[1] - start[1])
    x, y = x - half * start[0], y - half * start[1]
    length = across.square() + down.square()
    share = (x * (across / length)).addcmul_(y, down / length).clamp_(0, 1)
    x.addcmul_(share, across, value=-1)
    y.addcmul_(share, down, value=-1)
    return x.square_().addcmul_(y, y)
