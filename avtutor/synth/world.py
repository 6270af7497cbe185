"""What a scene of the world with known truth is asked for, and what it comes with."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from avtutor.clip import Clip
from avtutor.synth.modal import Modes

SceneKind = Literal["balls", "strings", "metronome"]
Sense = Literal["sound", "picture"]

REACH = 2.0
"""The most that offset and drift together may move the sound, in seconds."""
LEAD = 4.0
"""How long the world goes on before a clip and behind it, in seconds: what is heard of it there is
moved into the clip by an offset, so that no silence at the edge gives the offset away."""
ROOM = 16
"""The pixels that an object needs to itself."""


@dataclass(frozen=True)
class SceneConfig:
    """A scene of the world with known truth: what happens in it, and what is done to its senses.

    Args:
        kind: "balls" bounce on a floor, "strings" are plucked, a "metronome" is a lamp that
            flashes at an even beat. The first two are aperiodic, so that one offset alone fits;
            the last one fits at every beat.
        seconds: length of the clip.
        frame_rate: pictures a second.
        size: height and width of the picture in pixels.
        sample_rate: of the sound, in Hz.
        offset: seconds by which the sound is late (+) or early (-).
        drift: parts per million by which the clock of the sound runs slow (+: the sound gets later
            and later). What happens at t is heard at ``t * (1 + drift / 1e6) + offset``.
        snr_sound_db: power of the clean sound over the clip to that of white noise added to it, in
            dB; None adds none.
        snr_picture_db: the same for the pictures. Their signal is the moving part: how far each
            pixel is from its own mean over the clip. The noise is white, and cut with the picture
            to what a pixel holds: at -6 dB about 0.6 dB of it is lost.
        n_objects: objects that sound.
        n_silent: objects that move as the others do, and are not heard.
        n_unseen: events in the time of the clip that are heard, and belong to nothing in view.
        missing: "sound" is all zeros, or "picture" is a still grey; no noise is added to it.
        share_seen: share of the events whose seen part is there.
        share_heard: share of the events of sounding objects whose sound is there.
        first_sounding: number of the first object that sounds; the next ones follow, around the
            end. With one that sounds and one silent, 1 in place of 0 gives the same pictures with
            the sound of the other.
    Raises:
        ValueError: if one is out of its range, there is no object or no room for them, or the
            sound would be moved by more than 2 s or by the whole clip.
    Lesson: 12_two_clocks

    >>> SceneConfig("balls", offset=0.16).offset
    0.16
    """

    kind: SceneKind
    seconds: float = 3.0
    frame_rate: float = 25.0
    size: int = 64
    sample_rate: int = 16000
    offset: float = 0.0
    drift: float = 0.0
    snr_sound_db: float | None = None
    snr_picture_db: float | None = None
    n_objects: int = 1
    n_silent: int = 0
    n_unseen: int = 0
    missing: Sense | None = None
    share_seen: float = 1.0
    share_heard: float = 1.0
    first_sounding: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(SceneKind):
            raise ValueError(f"kind must be one of {get_args(SceneKind)}, got {self.kind!r}")
        check_senses(
            seconds=self.seconds,
            frame_rate=self.frame_rate,
            size=self.size,
            offset=self.offset,
            drift=self.drift,
            snr_sound_db=self.snr_sound_db,
            snr_picture_db=self.snr_picture_db,
            missing=self.missing,
        )
        if not self.sample_rate >= 4000:
            raise ValueError(f"sample_rate must be at least 4000 Hz, got {self.sample_rate}")
        for name in ("n_objects", "n_silent", "n_unseen"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")
        most = self.size // ROOM
        if not 1 <= self.n_objects + self.n_silent <= most:
            raise ValueError(
                f"n_objects and n_silent must be from 1 to {most} together in {self.size} pixels, "
                f"got {self.n_objects} and {self.n_silent}"
            )
        n = self.n_objects + self.n_silent
        if not 0 <= self.first_sounding < n:
            raise ValueError(f"first_sounding must be from 0 to {n - 1}, got {self.first_sounding}")
        for name in ("share_seen", "share_heard"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)}")


def check_senses(
    *,
    seconds: float,
    frame_rate: float,
    size: int,
    offset: float,
    drift: float,
    snr_sound_db: float | None,
    snr_picture_db: float | None,
    missing: str | None,
) -> None:
    """Raise a ValueError if what all scenes have in common is out of its range."""
    for name, value in (("seconds", seconds), ("frame_rate", frame_rate)):
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be above 0, got {value}")
    if not round(seconds * frame_rate) >= 1:
        raise ValueError(f"seconds must hold at least one picture, got {seconds} at {frame_rate}")
    if size < ROOM:
        raise ValueError(f"size must be at least {ROOM} pixels, got {size}")
    moved = max(abs(offset), abs(offset + drift * 1e-6 * seconds))
    if not (moved <= REACH and moved < seconds):
        raise ValueError(
            f"offset and drift must move the sound by at most {REACH:g} s and by less than the "
            f"{seconds:g} s of the clip, got an offset of {offset:g} s and {drift:g} ppm"
        )
    for name, level in (("snr_sound_db", snr_sound_db), ("snr_picture_db", snr_picture_db)):
        if level is not None and not math.isfinite(level):
            raise ValueError(f"{name} must be finite, or None for no noise, got {level}")
    if missing not in (None, *get_args(Sense)):
        raise ValueError(f"missing must be None or one of {get_args(Sense)}, got {missing!r}")


@dataclass(frozen=True, eq=False)
class Truth:
    """What happens in a scene: the events whose place in time lies in the picture or the sound.

    A place in a picture is (row, column) in pixels; the middle of the first pixel is (0, 0).

    Args:
        event_times: when each event happens, in seconds on the clock of the picture, in order.
            Offset and drift are not in it: see `heard_times`.
        event_objects: which object it is of; -1 for what belongs to nothing in view.
        seen: whether its seen part is there, at a time from the first picture to the last.
        heard: whether it begins to sound within the clip.
        positions: where the middle of each object is in each picture.
        sounding: whether an object is one of those that sound.
        sizes: of each object, in pixels: radius of a ball or a lamp, length of a string, half the
            width of a mouth at rest.
        kinds: what each object is, such as "small glass".
        offset: seconds by which the sound is late.
        drift: parts per million by which the clock of the sound runs slow.
    Lesson: 12_two_clocks
    """

    event_times: Float64[Tensor, " event"]
    event_objects: Int[Tensor, " event"]
    seen: Bool[Tensor, " event"]
    heard: Bool[Tensor, " event"]
    positions: Float[Tensor, "frame object 2"]
    sounding: Bool[Tensor, " object"]
    sizes: Float[Tensor, " object"]
    kinds: tuple[str, ...]
    offset: float
    drift: float

    @property
    def heard_times(self) -> Float64[Tensor, " event"]:
        """When each event sounds, or would, in seconds on the clip's clock."""
        return self.event_times * (1 + self.drift * 1e-6) + self.offset


@dataclass(frozen=True, eq=False)
class Scene:
    """A clip and what happens in it.

    Args:
        clip: pictures at ``k / frame_rate``, and one channel of sound from 0 on, as long.
        truth: what is known of it.
    """

    clip: Clip
    truth: Truth


@dataclass(frozen=True, eq=False)
class Stage:
    """What one kind of scene is made of, over its time and `LEAD` seconds around it.

    Args:
        times: when each event happens, in seconds.
        objects: which object each is of.
        modes: how each sounds.
        positions, sizes, kinds: as in `Truth`.
        paint: returns the pictures at some of the frames' numbers, as red, green and blue from 0
            to 1, given which events are to be seen.
        stray: draws how so many events sound that belong to nothing in view.
    """

    times: Float64[Tensor, " event"]
    objects: Int[Tensor, " event"]
    modes: Modes
    positions: Float[Tensor, "frame object 2"]
    sizes: Float[Tensor, " object"]
    kinds: tuple[str, ...]
    paint: Callable[[slice, Tensor], Tensor]
    stray: Callable[[int, torch.Generator], Modes]
