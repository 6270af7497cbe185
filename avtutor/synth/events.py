"""The world with known truth: pictures and sound of things that happen at known times."""

from collections.abc import Callable, Iterator
from typing import Final

import torch
from jaxtyping import Bool, Float, Float64, UInt8
from torch import Tensor

from avtutor.clip import Clip
from avtutor.synth.balls import balls
from avtutor.synth.lamp import metronome
from avtutor.synth.modal import Modes, loudest, rung
from avtutor.synth.senses import (
    GREY,
    PEAK,
    generators,
    kept,
    noisy_pictures,
    noisy_sound,
    painted,
)
from avtutor.synth.strings import strings
from avtutor.synth.world import LEAD, Scene, SceneConfig, SceneKind, Stage, Truth
from avtutor.units import seconds_to_samples
from avtutor.waveform import Waveform

_STAGES: Final[dict[SceneKind, Callable[[SceneConfig, torch.Generator], Stage]]] = {
    "balls": balls,
    "strings": strings,
    "metronome": metronome,
}


def scene(config: SceneConfig, *, seed: int) -> Scene:
    """Return a scene and its truth.

    Times are exact: what moves is computed at the times of the pictures, and a sound begins at its
    own time, between two samples too. What happens at t is heard at
    ``t * (1 + drift / 1e6) + offset``. The world goes on before the clip and behind it, so that
    what an offset moves out of the clip at one end is followed at the other by other sound, and by
    no silence that would tell the offset.

    A dial moves nothing but what it is for: the same seed with another offset, noise or share shows
    and sounds the same events. Where so much sounds at once that it might go beyond ±0.99, all of
    the sound is made softer.

    There are about two impacts of a ball, or 1.6 plucks of a string, a second and object, with at
    most 0.9 s in between.

    Args:
        config: what to make.
        seed: the same gives the same scene, byte for byte; another one another scene.
    Lesson: 12_two_clocks

    >>> one = scene(SceneConfig("balls"), seed=0)
    >>> one.clip
    Clip(75 frames of 64 x 64, 1 channel at 16000 Hz, 3.000 s)
    >>> one.truth.kinds
    ('middle metal',)
    """
    world, strays, seeing, hearing, sound_noise, picture_noise = generators(seed, 6)
    stage = _STAGES[config.kind](config, world)
    n_frames = round(config.seconds * config.frame_rate)
    frame_times = torch.arange(n_frames, dtype=torch.float64) / config.frame_rate
    in_picture = (stage.times >= 0) & (stage.times <= frame_times[-1])
    number = torch.arange(len(stage.kinds))
    sounding = (number - config.first_sounding) % len(number) < config.n_objects
    sounds = sounding[stage.objects]
    shown = kept(in_picture, share=config.share_seen, generator=seeing)
    heard = kept(in_picture & sounds, share=config.share_heard, generator=hearing) & sounds

    stray_times = _stray_times(config, strays)
    modes = stage.modes.joined(stage.stray(len(stray_times), strays))
    modes = modes.below(config.sample_rate / 2)
    times = torch.cat([stage.times, stray_times])
    heard = torch.cat([heard, torch.ones(len(stray_times), dtype=torch.bool)])
    samples = _sound(config, times[heard], modes[heard], sound_noise)
    frames = _pictures(config, stage, shown, picture_noise)

    nothing = torch.zeros(len(stray_times), dtype=torch.bool)
    heard_at = times * (1 + config.drift * 1e-6) + config.offset
    in_sound = (heard_at >= 0) & (heard_at < config.seconds)
    in_picture = torch.cat([in_picture, nothing])
    seen = torch.cat([shown, nothing]) & in_picture & (config.missing != "picture")
    listed = in_picture | (in_sound & torch.cat([sounds, ~nothing]))
    order = times.argsort()
    order = order[listed[order]]
    truth = Truth(
        event_times=times[order],
        event_objects=torch.cat([stage.objects, torch.full((len(stray_times),), -1)])[order],
        seen=seen[order],
        heard=(heard & in_sound & (config.missing != "sound"))[order],
        positions=stage.positions,
        sounding=sounding,
        sizes=stage.sizes,
        kinds=stage.kinds,
        offset=float(config.offset),
        drift=float(config.drift),
    )
    waveform = Waveform.from_mono(samples, config.sample_rate)
    return Scene(Clip(frames, frame_times, waveform), truth)


def scenes(config: SceneConfig, *, n: int, seed: int) -> Iterator[Scene]:
    """Yield `n` scenes of one kind, made when they are asked for.

    Args:
        config: what to make.
        n: how many.
        seed: of all of them; the first ones are the same whatever `n` is.
    Raises:
        ValueError: if `n` is below 1.
    Lesson: 17_in_sync

    >>> [len(one.truth.kinds) for one in scenes(SceneConfig("strings", n_silent=1), n=3, seed=0)]
    [2, 2, 2]
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    root = torch.Generator().manual_seed(seed)
    seeds = (int(torch.randint(2**62, (), generator=root)) for _ in range(n))
    return (scene(config, seed=one) for one in seeds)


def _stray_times(config: SceneConfig, generator: torch.Generator) -> Float64[Tensor, " event"]:
    """Return when the events in view of nothing happen: as many a second around the clip as in."""
    around = round(config.n_unseen * LEAD / config.seconds)
    spans = [
        (-LEAD, LEAD, around),
        (0.0, config.seconds, config.n_unseen),
        (config.seconds, LEAD, around),
    ]
    return torch.cat(
        [
            start + long * torch.rand(count, generator=generator, dtype=torch.float64)
            for start, long, count in spans
        ]
    )


def _sound(
    config: SceneConfig,
    times: Float64[Tensor, " event"],
    modes: Modes,
    generator: torch.Generator,
) -> Float[Tensor, " time"]:
    n_samples = seconds_to_samples(config.seconds, config.sample_rate)
    if config.missing == "sound":
        return torch.zeros(n_samples)
    pace = 1 + config.drift * 1e-6
    clean = rung(
        times,
        modes,
        start=-config.offset / pace,
        step=1 / config.sample_rate / pace,
        n_samples=n_samples,
    )
    # One gain for all that happens, in the clip or not: the offset does not change it.
    clean *= min(1.0, PEAK / max(loudest(times, modes), PEAK))
    return noisy_sound(clean, snr_db=config.snr_sound_db, generator=generator)


def _pictures(
    config: SceneConfig, stage: Stage, shown: Bool[Tensor, " event"], generator: torch.Generator
) -> UInt8[Tensor, "frame height width 3"]:
    n_frames = round(config.seconds * config.frame_rate)
    if config.missing == "picture":
        return torch.full((n_frames, config.size, config.size, 3), GREY, dtype=torch.uint8)
    clean = painted(lambda part: stage.paint(part, shown), n_frames=n_frames, size=config.size)
    return noisy_pictures(clean, snr_db=config.snr_picture_db, generator=generator)
