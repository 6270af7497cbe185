"""Balls that bounce on a floor, and what they sound like by size and material."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int
from torch import Tensor

from avtutor.synth.drawing import backdrop, disc, over
from avtutor.synth.modal import Modes
from avtutor.synth.world import LEAD, SceneConfig, Stage


@dataclass(frozen=True)
class Material:
    """What a ball is of.

    Args:
        name: in words.
        colour: red, green and blue, 0 to 1.
        pitch: frequency of the lowest mode of a ball of middle size, in Hz.
        friction: tangent of the angle of internal friction: a mode of f Hz dies away as
            ``exp(-π f friction t)``, whatever the shape.
        restitution: speed after a bounce to that before.
    """

    name: str
    colour: tuple[float, float, float]
    pitch: float
    friction: float
    restitution: float


MATERIALS = (
    Material("wood", (0.82, 0.56, 0.24), 700.0, 0.03, 0.65),
    Material("glass", (0.45, 0.85, 0.95), 2000.0, 0.006, 0.7),
    Material("metal", (0.80, 0.80, 0.82), 1200.0, 0.002, 0.75),
    Material("rubber", (0.90, 0.25, 0.35), 220.0, 0.12, 0.85),
)
RATIOS = (1.0, 2.757, 5.404, 8.933)
"""Frequencies of the bending modes of a free bar, to the lowest of them."""
GRAVITY = 9.0
"""In heights of the picture a second squared."""
FLOOR = 0.9
"""Where the floor is, in heights of the picture from the top."""
SMALLEST, LARGEST = 0.055, 0.11
"""Radius, in heights of the picture."""
LOUD = 0.3
FADE = 0.1
"""A ball whose impact is not to be seen fades away within these seconds, about the highest point
of its flight."""
_MIDDLE = (SMALLEST * LARGEST) ** 0.5
_SIZES = ("small", "middle", "large")
_KICK = 0.3  # the chance that a bounce gets new energy


def balls(config: SceneConfig, generator: torch.Generator) -> Stage:
    """Return balls that fly as stones do, each above its own part of the floor.

    A bounce keeps a part of the speed. Now and then, and when little is left, the floor kicks the
    ball up to a random height, so that the bounces go on and have no period.

    Source: for the sounds, Wildes and Richards 1988 and Klatzky, Pai and Krotkov 2000 (internal
        friction tells the material); the lower pitch of the larger ball is that of scaled shapes.
    """
    n = config.n_objects + config.n_silent
    lane = config.size / n
    lanes = torch.randperm(n, generator=generator).tolist()
    materials, radii = _drawn(n, generator)
    radii = (radii * config.size).clamp(max=0.4 * lane)
    flights = [
        _flights(config, MATERIALS[int(material)], float(radius), lane * place, lane, generator)
        for material, radius, place in zip(materials, radii, lanes, strict=True)
    ]
    times = torch.cat([flight.times[1:] for flight in flights])
    objects = torch.cat([torch.full((len(f.times) - 1,), k) for k, f in enumerate(flights)])
    speeds = torch.cat([f.speeds[:-1] for f in flights]) / (2 * GRAVITY) ** 0.5 / config.size
    modes = struck(materials[objects], radii[objects] / config.size, speeds, generator=generator)
    at = torch.arange(round(config.seconds * config.frame_rate)).double() / config.frame_rate
    floor = FLOOR * config.size
    places = [f.at(at, GRAVITY * config.size) for f in flights]
    rows = torch.stack([floor - r - up for r, (up, _) in zip(radii.tolist(), places, strict=True)])
    columns = torch.stack([across for _, across in places])
    wall = backdrop(config.size, generator=generator)
    wall[math.ceil(floor - 0.5) :] *= 0.5

    def paint(part: slice, shown: Tensor) -> Tensor:
        frames = wall.expand(len(at[part]), *wall.shape)
        for k, flight in enumerate(flights):
            covered = disc(
                rows[k, part], columns[k, part], radius=float(radii[k]), size=config.size
            )
            visible = flight.visible(at[part], shown[objects == k])
            colour = torch.tensor(MATERIALS[int(materials[k])].colour)
            frames = over(frames, colour, covered * visible[:, None, None])
        return frames

    def stray(n_events: int, generator: torch.Generator) -> Modes:
        kinds, sizes = _drawn(n_events, generator)
        heights = 0.2 + 0.4 * torch.rand(n_events, generator=generator, dtype=torch.float64)
        return struck(kinds, sizes, heights.sqrt(), generator=generator)

    return Stage(
        times=times,
        objects=objects,
        modes=modes,
        positions=torch.stack([rows, columns], dim=-1).transpose(0, 1).float(),
        sizes=radii.float(),
        kinds=tuple(
            f"{_SIZES[_third(radius / config.size)]} {MATERIALS[int(material)].name}"
            for material, radius in zip(materials, radii.tolist(), strict=True)
        ),
        paint=paint,
        stray=stray,
    )


def struck(
    materials: Int[Tensor, " event"],
    sizes: Float64[Tensor, " event"],
    speeds: Float64[Tensor, " event"],
    *,
    generator: torch.Generator,
) -> Modes:
    """Return how balls sound that hit the floor.

    Args:
        materials: number of each in `MATERIALS`.
        sizes: radius, in heights of the picture: twice the size is an octave lower.
        speeds: of the impact, where 1 is a fall through the height of the picture.
        generator: of how strongly each mode is struck, which differs from impact to impact.
    """
    pitch = torch.tensor([one.pitch for one in MATERIALS], dtype=torch.float64)[materials]
    friction = torch.tensor([one.friction for one in MATERIALS], dtype=torch.float64)[materials]
    ratios = torch.tensor(RATIOS, dtype=torch.float64)
    frequencies = (pitch * _MIDDLE / sizes)[:, None] * ratios
    struck = 0.7 + 0.6 * torch.rand(frequencies.shape, generator=generator, dtype=torch.float64)
    weights = LOUD * speeds[:, None] * struck / ratios.sqrt()
    return Modes(frequencies, math.pi * friction[:, None] * frequencies, weights)


def _drawn(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the material of n balls, and the radius in heights of the picture."""
    materials = torch.randint(len(MATERIALS), (n,), generator=generator)
    share = torch.rand(n, generator=generator, dtype=torch.float64)
    return materials, SMALLEST * (LARGEST / SMALLEST) ** share


def _third(size: float) -> int:
    share = math.log(size / SMALLEST) / math.log(LARGEST / SMALLEST)
    return min(max(int(3 * share), 0), 2)


@dataclass(frozen=True, eq=False)
class _Flights:
    """A ball from one bounce to the next, all float64.

    Args:
        times: of the bounces, one more than flights.
        speeds: upwards behind each bounce, in pixels a second.
        columns: where each bounce is.
    """

    times: Tensor
    speeds: Tensor
    columns: Tensor

    def at(self, times: Tensor, gravity: float) -> tuple[Tensor, Tensor]:
        """Return the height above the rest on the floor, and the column, in pixels."""
        k = torch.searchsorted(self.times, times, right=True) - 1
        since = times - self.times[k]
        share = since / (self.times[k + 1] - self.times[k])
        across = torch.lerp(self.columns[k], self.columns[k + 1], share)
        return self.speeds[k] * since - gravity / 2 * since.square(), across

    def visible(self, times: Tensor, shown: Tensor) -> Tensor:
        """Return how visible the ball is, given which bounces (but the first) are to be seen."""
        shown = torch.cat([shown[:1], shown]).float()
        k = torch.searchsorted(self.times, times, right=True) - 1
        highest = (self.times[k] + self.times[k + 1]) / 2
        share = ((times - highest) / FADE + 0.5).clamp(0, 1).float()
        return torch.lerp(shown[k], shown[k + 1], share)


def _flights(
    config: SceneConfig,
    material: Material,
    radius: float,
    left: float,
    lane: float,
    generator: torch.Generator,
) -> _Flights:
    gravity = GRAVITY * config.size
    room = FLOOR * config.size - 2 * radius - 1  # the highest flight, in pixels
    lowest = 0.1 * room
    shortest = 2 * (2 * lowest / gravity) ** 0.5
    most = math.ceil((config.seconds + 2 * LEAD + 1) / shortest) + 2
    draws = torch.rand(most, 4, generator=generator, dtype=torch.float64).tolist()
    sides = left + radius, left + lane - 1 - radius
    first = draws[0]
    times, columns = [-LEAD - first[0]], [sides[0] + first[1] * (sides[1] - sides[0])]
    speeds: list[float] = []
    height = 0.0
    for kick, high, bounce, aside in draws[1:]:
        height *= (material.restitution * (0.9 + 0.2 * bounce)) ** 2
        if height < lowest or kick < _KICK:
            height = room * (0.3 + 0.7 * high)
        speeds.append((2 * gravity * height) ** 0.5)
        lasts = 2 * speeds[-1] / gravity
        times.append(times[-1] + lasts)
        step = (aside - 0.5) * 0.6 * config.size * lasts
        columns.append(min(max(columns[-1] + step, sides[0]), sides[1]))
        if times[-1] > config.seconds + LEAD:
            break
    return _Flights(
        torch.tensor(times, dtype=torch.float64),
        torch.tensor([*speeds, 0.0], dtype=torch.float64),
        torch.tensor(columns, dtype=torch.float64),
    )
