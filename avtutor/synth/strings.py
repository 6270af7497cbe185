"""Plucked strings: the pitch by the length, and a blur that narrows as the sound dies away."""

import math

import torch
from jaxtyping import Float64
from torch import Tensor

from avtutor.synth.drawing import backdrop, disc, over, smear
from avtutor.synth.modal import Modes
from avtutor.synth.world import LEAD, SceneConfig, Stage

SHORTEST, LONGEST = 0.35, 0.85
"""Length, in widths of the picture."""
LOWEST = 180.0
"""The pitch of the longest string in Hz; half the length is an octave higher."""
DECAY = 5.0
"""How fast the lowest mode dies away, heard and seen, in 1 / s."""
N_MODES = 10
WIDTH = 2.0
"""Of a string, in pixels."""
_STRING, _PEG = (0.97, 0.93, 0.75), (0.55, 0.40, 0.25)
_LOUD = 0.15
_STILL = 0.5  # how far a string at rest seems to swing, in pixels: the blur of the lens


def strings(config: SceneConfig, generator: torch.Generator) -> Stage:
    """Return strings that lie across the picture and are plucked now and then.

    They swing far faster than pictures follow each other, so what is seen is where they are how
    often: wide after the pluck, then narrower, as the sound gets softer. The waits between plucks
    are drawn anew each time, so that they have no period.

    Source: the string of fixed ends, f = c / 2L, and its modes when plucked at a share p of its
        length, whose velocities are as sin(k π p) / k (Fletcher and Rossing, ch. 2).
    """
    n = config.n_objects + config.n_silent
    lane = config.size / n
    lanes = torch.randperm(n, generator=generator)
    draws = torch.rand(n, 3, generator=generator, dtype=torch.float64)
    lengths = config.size * (SHORTEST + (LONGEST - SHORTEST) * draws[:, 0])
    rows = lane * (lanes + 0.5) - 0.5 + (draws[:, 1] - 0.5) * 0.2 * lane
    free = config.size - 1 - lengths - 4
    columns = lengths / 2 + 2 + free * draws[:, 2]
    most = math.ceil((config.seconds + 2 * LEAD) / 0.3) + 1
    waits = 0.3 + 0.6 * torch.rand(n, most, generator=generator, dtype=torch.float64)
    when = -LEAD - 0.9 + waits.cumsum(dim=1)
    objects, number = (when < config.seconds + LEAD).nonzero(as_tuple=True)
    times = when[objects, number]
    force = 0.5 + 0.5 * torch.rand(len(times), generator=generator, dtype=torch.float64)
    pitches = LOWEST * LONGEST * config.size / lengths
    modes = plucked(pitches[objects], force, generator=generator)
    at = torch.arange(round(config.seconds * config.frame_rate)).double() / config.frame_rate
    swings = force * min(0.3 * lane, 0.12 * config.size)
    wall = backdrop(config.size, generator=generator)
    wall = _with_pegs(wall, rows, columns, lengths)

    def paint(part: slice, shown: Tensor) -> Tensor:
        frames = wall.expand(len(at[part]), *wall.shape)
        places = torch.arange(config.size, dtype=torch.float64)
        for k in range(n):
            own = (objects == k) & shown
            since = at[part, None] - times[own]
            left = torch.exp(-DECAY * since.clamp(min=0)) * (since >= 0) * swings[own]
            swing = left.square().sum(dim=1).sqrt()  # the powers of several plucks add up
            along = (places - columns[k]) / lengths[k]
            shape = torch.cos(math.pi * along.clamp(-0.5, 0.5))
            wide = (swing[:, None] * shape).square().add(_STILL**2).sqrt().float()
            covered = smear((places - rows[k]).float(), swing=wide, width=WIDTH)
            inside = ((lengths[k] / 2 + 0.5) - (places - columns[k]).abs()).clamp(0, 1).float()
            covered = (covered * inside[:, None]).transpose(1, 2)  # [frame, height, width]
            frames = over(frames, torch.tensor(_STRING), covered)
        return frames

    def stray(n_events: int, generator: torch.Generator) -> Modes:
        draws = torch.rand(n_events, 2, generator=generator, dtype=torch.float64)
        pitches = LOWEST * (LONGEST / SHORTEST) ** draws[:, 0]
        return plucked(pitches, 0.5 + 0.5 * draws[:, 1], generator=generator)

    place = torch.stack([rows, columns], dim=-1).float()
    return Stage(
        times=times,
        objects=objects,
        modes=modes,
        positions=place.expand(len(at), n, 2).clone(),
        sizes=lengths.float(),
        kinds=tuple(f"string of {pitch:.0f} Hz" for pitch in pitches.tolist()),
        paint=paint,
        stray=stray,
    )


def plucked(
    pitches: Float64[Tensor, " event"],
    force: Float64[Tensor, " event"],
    *,
    generator: torch.Generator,
) -> Modes:
    """Return how strings sound that are plucked, each at a place of its own.

    Args:
        pitches: of the lowest mode, in Hz.
        force: of the pluck, 0 to 1.
        generator: of the place, from 0.1 to 0.4 of the length.
    """
    number = torch.arange(1, N_MODES + 1, dtype=torch.float64)
    place = 0.1 + 0.3 * torch.rand(len(pitches), 1, generator=generator, dtype=torch.float64)
    frequencies = pitches[:, None] * number
    decays = (DECAY + 0.5 * (number.square() - 1)).expand_as(frequencies)
    weights = _LOUD * force[:, None] * (math.pi * place * number).sin().abs() / number
    return Modes(frequencies, decays, weights)


def _with_pegs(wall: Tensor, rows: Tensor, columns: Tensor, lengths: Tensor) -> Tensor:
    """Return the wall with what holds the ends of the strings."""
    for side in (-0.5, 0.5):
        for row, column in zip(rows, columns + side * lengths, strict=True):
            covered = disc(row.expand(1), column.expand(1), radius=2.0, size=len(wall))
            wall = over(wall[None], torch.tensor(_PEG), covered)[0]
    return wall
