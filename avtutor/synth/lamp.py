"""A metronome with a lamp: the same thing at an even beat, for which many offsets fit alike."""

import torch
from torch import Tensor

from avtutor.synth.drawing import backdrop, disc, over
from avtutor.synth.modal import Modes
from avtutor.synth.world import LEAD, SceneConfig, Stage

FASTEST, SLOWEST = 0.35, 0.65
"""Seconds from one beat to the next."""
GLOW = 0.06
"""The flash is at once at its brightest, and falls to 37 % in these seconds."""
RATIOS = (1.0, 2.757, 5.404)
_DARK, _BRIGHT = (0.25, 0.05, 0.05), (1.0, 0.92, 0.6)


def metronome(config: SceneConfig, generator: torch.Generator) -> Stage:
    """Return lamps that flash and tick, each at its own even beat.

    A clip of them tells the offset but for a whole number of beats.
    """
    n = config.n_objects + config.n_silent
    lane = config.size / n
    lanes = torch.randperm(n, generator=generator)
    draws = torch.rand(n, 4, generator=generator, dtype=torch.float64)
    beats = FASTEST + (SLOWEST - FASTEST) * draws[:, 0]
    radii = (config.size * (0.08 + 0.1 * draws[:, 1])).clamp(max=0.4 * lane)
    columns = lane * (lanes + 0.5) - 0.5
    rows = config.size * (0.35 + 0.3 * draws[:, 2])
    counts = ((config.seconds + 2 * LEAD) / beats).long()
    firsts = -LEAD + beats * draws[:, 3]
    times = torch.cat(
        [
            first + beat * torch.arange(count)
            for first, beat, count in zip(firsts, beats, counts.tolist(), strict=True)
        ]
    )
    objects = torch.arange(n).repeat_interleave(counts)
    pitches = 1000 * 2 ** torch.rand(n, generator=generator, dtype=torch.float64)
    at = torch.arange(round(config.seconds * config.frame_rate)).double() / config.frame_rate
    wall = backdrop(config.size, generator=generator)

    def paint(part: slice, shown: Tensor) -> Tensor:
        frames = wall.expand(len(at[part]), *wall.shape)
        for k in range(n):
            flashes = times[(objects == k) & shown]
            since = at[part, None] - flashes
            light = torch.where(since >= 0, torch.exp(-since / GLOW), 0.0).sum(dim=1).clamp(max=1)
            colour = torch.lerp(torch.tensor(_DARK), torch.tensor(_BRIGHT), light[:, None].float())
            row, column = rows[k].expand(1), columns[k].expand(1)
            covered = disc(row, column, radius=float(radii[k]), size=config.size)
            frames = over(frames, colour[:, None, None], covered.expand(frames.shape[:-1]))
        return frames

    def stray(n_events: int, generator: torch.Generator) -> Modes:
        draws = torch.rand(n_events, generator=generator, dtype=torch.float64)
        return _ticks(1000 * 2**draws)

    place = torch.stack([rows, columns], dim=-1).float()
    return Stage(
        times=times,
        objects=objects,
        modes=_ticks(pitches[objects]),
        positions=place.expand(len(at), n, 2).clone(),
        sizes=radii.float(),
        kinds=tuple(f"lamp at {60 / beat:.0f} beats a minute" for beat in beats.tolist()),
        paint=paint,
        stray=stray,
    )


def _ticks(pitches: Tensor) -> Modes:
    """Return how ticks sound: a small block of wood of this pitch."""
    ratios = torch.tensor(RATIOS, dtype=torch.float64)
    frequencies = pitches[:, None] * ratios
    return Modes(frequencies, 0.08 * frequencies, (0.3 / ratios).expand_as(frequencies))
