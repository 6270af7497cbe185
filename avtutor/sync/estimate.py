"""By how much is the sound of a clip late?"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch

from avtutor.clip import Clip
from avtutor.sync.confidence import confidence_of, height_and_rival, signs_of
from avtutor.sync.correlation import cross_correlation, peak_of
from avtutor.sync.curves import Curve, motion_change, onset_strength
from avtutor.sync.towers import (
    SyncModel,
    shipped,
    still_or_silent,
    tower_confidence,
    tower_curve,
)

Method = Literal["correlation", "towers"]


@dataclass(frozen=True, eq=False)
class OffsetEstimate:
    """How late the sound of a clip is, and how far that is to be trusted.

    Args:
        seconds: the offset: +0.160 means that the sound is heard 160 ms after what is seen, and
            ``clip.shift_sound(-0.160)`` puts it right.
        confidence: from 0 to 1: of many clips with this confidence, that share is right to a frame
            (40 ms). It was fitted to rendered clips (`avtutor.synth`) with noise and distractors,
            a third of them with a sound that is not theirs, and says less of what is unlike them.
            Below 0.8 take it for "not known"; 0 means that there is nothing to go by: a still
            picture, silence, or a peak at the end of what was tried.
        curve: how well sound and picture agree at each offset that was tried.
    """

    seconds: float
    confidence: float
    curve: Curve

    def __str__(self) -> str:
        """Write it in ms with its sign.

        >>> curve = Curve(torch.zeros(1).double(), torch.zeros(1))
        >>> print(OffsetEstimate(0.16, 0.934, curve))
        +160 ms  confidence 0.93
        """
        return f"{round(self.seconds * 1000):+d} ms  confidence {self.confidence:.2f}"


def measure_offset(
    clip: Clip, *, max_offset: float = 0.6, method: Method = "correlation"
) -> OffsetEstimate:
    """Return by how much the sound of a clip is late: negative where it is early.

    "correlation" compares `motion_change` with `onset_strength`. It finds what begins to move, or
    changes its way, when a sound begins. It cannot work on sound that goes on evenly, and with
    events at even distances every one of them fits the next.

    "towers" asks two networks that come with the package and have learned from balls and plucked
    strings which sound belongs to what is seen. On such things they need less time and mind
    distractors less; on others their confidence is low, or ought to be. See the card beside their
    weights. Clips of some minutes at most: they are compared in memory.

    What is measured is the file, not the scene: sound takes 2.9 ms a metre to the microphone.

    Args:
        clip: with sound and at least three pictures.
        max_offset: the largest offset that is looked for, in seconds.
        method: how.
    Raises:
        ValueError: if the clip has no sound or too few pictures, there is no such method, or the
            clip is too short for `max_offset` (see `cross_correlation`).
    Lesson: 12_two_clocks

    >>> from avtutor.synth import click
    >>> times = torch.arange(60).double() / 30
    >>> frames = torch.zeros(60, 4, 4, 3, dtype=torch.uint8)
    >>> frames[30:] = 255  # it becomes bright between 0.967 and 1.000 s
    >>> sound = click(at=1.1, seconds=2.0, sample_rate=16000)
    >>> round(measure_offset(Clip(frames, times, sound)).seconds, 1)
    0.1
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(get_args(Method))}, got {method!r}")
    if clip.waveform is None:
        raise ValueError("the clip must have sound to measure its offset, got None")
    if method == "towers":
        return by_towers(clip, shipped(), max_offset=max_offset)
    return offset_between(motion_change(clip), onset_strength(clip), max_offset=max_offset)


def by_towers(clip: Clip, model: SyncModel, *, max_offset: float = 0.6) -> OffsetEstimate:
    """Return by how much the sound of a clip is late, by a model of one's own.

    Args:
        clip: with sound.
        model: towers, and what their confidence takes.
        max_offset: the largest offset that is looked for, in seconds.
    Raises:
        ValueError: as `tower_curve`.
    Lesson: 17_in_sync
    """
    curve, n_windows = tower_curve(clip, model.towers, max_offset=max_offset)
    if still_or_silent(clip):
        return OffsetEstimate(0.0, 0.0, Curve(curve.times, torch.zeros_like(curve.values)))
    confidence = tower_confidence(height_and_rival(curve), n_windows, model.weights)
    return OffsetEstimate(peak_of(curve)[0], confidence, curve)


def offset_between(
    picture: Curve, sound: Curve, *, max_offset: float = 0.6, step: float = 0.01
) -> OffsetEstimate:
    """Return by how much one curve is later than the other: `measure_offset` for curves.

    Args:
        picture: what is seen, such as `motion_change`.
        sound: what is heard.
        max_offset: the largest offset that is looked for, in seconds.
        step: of the offsets that are tried; the result lies between them.
    Raises:
        ValueError: as `cross_correlation`.
    """
    curve = cross_correlation(picture, sound, max_offset=max_offset, step=step)
    confidence = confidence_of(signs_of(picture, sound, curve))
    seconds = peak_of(curve)[0] if float(curve.values.max()) > 0 else 0.0
    return OffsetEstimate(seconds, confidence, curve)
