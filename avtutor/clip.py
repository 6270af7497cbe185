"""Pictures and sound that belong together, each with its own clock."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float64, UInt8
from torch import Tensor

from avtutor.units import seconds_to_samples
from avtutor.waveform import Waveform

SLACK = 1e-6
"""Seconds by which a time may miss a limit and still count as on it: rounding, not time."""


@dataclass(frozen=True, eq=False, repr=False)
class Clip:
    """A video: pictures, the time of each, and the sound, or None where there is none.

    All times are seconds on one clock. Its zero is the maker's choice: `read_clip` keeps that of
    the file, so that the clip of a part says where in the file it was. Picture k is shown at
    ``frame_times[k]``, and not at ``k / frame_rate``: pictures need not be evenly spaced. Sample n
    is heard at ``waveform_start + n / waveform.sample_rate``.

    The sound keeps a start of its own, rather than silence in front of it or a piece cut off:
    silence that was added looks like silence that was recorded, what is cut is lost, and both
    would move the sound to the nearest sample. So `shift_sound` changes one number and no sample.

    Frozen: every method returns a new Clip.

    Args:
        frames: uint8, [frame, height, width, 3]: red, green, blue; at least one.
        frame_times: float64, [frame], in seconds, increasing.
        waveform: the sound, or None. Silence is a Waveform of zeros, which is something else.
        waveform_start: the time of the first sample, in seconds; 0 where there is no sound.
    Raises:
        TypeError: if a field has another type than stated.
        ValueError: if there is no picture, the shapes do not fit, or the times do not increase.
    Lesson: 12_two_clocks

    >>> times = torch.arange(90, dtype=torch.float64) / 30
    >>> sound = Waveform(torch.zeros(1, 48000), 16000)
    >>> Clip(torch.zeros(90, 48, 64, 3, dtype=torch.uint8), times, sound)
    Clip(90 frames of 64 x 48, 1 channel at 16000 Hz, 3.000 s)
    """

    frames: UInt8[Tensor, "frame height width 3"]
    frame_times: Float64[Tensor, " frame"]
    waveform: Waveform | None
    waveform_start: float = 0.0

    def __post_init__(self) -> None:
        for name, dtype in (("frames", torch.uint8), ("frame_times", torch.float64)):
            value = getattr(self, name)
            if not isinstance(value, Tensor) or value.dtype != dtype:
                got = value.dtype if isinstance(value, Tensor) else type(value).__name__
                kind = str(dtype).removeprefix("torch.")
                raise TypeError(f"{name} must be a {kind} tensor, got {got}")
        if not isinstance(self.waveform, Waveform | None):
            got = type(self.waveform).__name__
            raise TypeError(f"waveform must be a Waveform or None, got {got}")
        if self.frames.ndim != 4 or self.frames.shape[-1] != 3:
            raise ValueError(
                "frames must have the shape [frame, height, width, 3], "
                f"got {list(self.frames.shape)}"
            )
        if self.frames.numel() == 0:
            raise ValueError(f"frames must not be empty, got the shape {list(self.frames.shape)}")
        if self.frame_times.shape != (self.n_frames,):
            raise ValueError(
                f"frame_times must hold one time for each of the {self.n_frames} frames, "
                f"got the shape {list(self.frame_times.shape)}"
            )
        if not bool(torch.isfinite(self.frame_times).all()):
            raise ValueError("frame_times must be finite, got some that are NaN or infinite")
        steps = self.frame_times.diff()
        if bool((steps <= 0).any()):
            k = int((steps <= 0).nonzero()[0, 0])
            first, second = self.frame_times[k : k + 2].tolist()
            raise ValueError(
                f"frame_times must increase, got {first:.6f} s for frame {k} "
                f"and {second:.6f} s for frame {k + 1}"
            )
        if not math.isfinite(self.waveform_start):
            raise ValueError(f"waveform_start must be finite, got {self.waveform_start}")
        if self.waveform is None and self.waveform_start != 0:
            raise ValueError(f"waveform_start must be 0 without sound, got {self.waveform_start}")

    @property
    def n_frames(self) -> int:
        """The number of pictures."""
        return self.frames.shape[0]

    @property
    def height(self) -> int:
        """The number of lines of a picture."""
        return self.frames.shape[1]

    @property
    def width(self) -> int:
        """The number of pixels of a line."""
        return self.frames.shape[2]

    @property
    def waveform_end(self) -> float:
        """The time behind the last sample, in seconds; where there is no sound, its start."""
        return self.waveform_start + (self.waveform.duration if self.waveform else 0.0)

    @property
    def frame_ends(self) -> Float64[Tensor, " frame"]:
        """The time at which each picture gives way to the next, in seconds, [frame].

        The last one is given the median of the steps before it; an only one lasts as long as the
        sound.
        """
        steps = self.frame_times.diff()
        if len(steps):
            last = self.frame_times[-1:] + steps.median()
        else:
            last = self.frame_times.clamp(min=self.waveform_end)
        return torch.cat([self.frame_times[1:], last])

    @property
    def start(self) -> float:
        """The time at which the first of the two senses begins, in seconds."""
        first = float(self.frame_times[0])
        return first if self.waveform is None else min(first, self.waveform_start)

    @property
    def end(self) -> float:
        """The time at which the last of the two senses ends, in seconds (see `frame_ends`)."""
        last = float(self.frame_ends[-1])
        return last if self.waveform is None else max(last, self.waveform_end)

    @property
    def duration(self) -> float:
        """The length in seconds, from `start` to `end`."""
        return self.end - self.start

    @property
    def frame_rate(self) -> float:
        """How many pictures a second there are on average; NaN for a single one.

        Lesson: 12_two_clocks

        >>> times = torch.tensor([0.0, 0.5, 0.6], dtype=torch.float64)
        >>> round(Clip(torch.zeros(3, 1, 1, 3, dtype=torch.uint8), times, None).frame_rate, 3)
        3.333
        """
        if self.n_frames == 1:
            return math.nan
        return (self.n_frames - 1) / float(self.frame_times[-1] - self.frame_times[0])

    def slice(self, start: float, end: float | None = None) -> "Clip":
        """Return the part from `start` to `end`, of both senses by their times.

        A picture belongs to the part if its time does: ``start <= time < end``. The one that was
        shown already when the part begins is not in it. The sound is cut at the nearest sample,
        and is None where none of it lies in the part. Times stay what they were, so neighbouring
        parts fit together with nothing lost and nothing twice.

        Args:
            start: where the part begins, in seconds on the clip's clock.
            end: where it ends; None is the end of the clip.
        Raises:
            ValueError: unless ``start < end``, or if there is no picture in between.
        Lesson: 12_two_clocks

        >>> times = torch.arange(90, dtype=torch.float64) / 30
        >>> clip = Clip(torch.zeros(90, 2, 2, 3, dtype=torch.uint8), times, None)
        >>> clip.slice(1.0, 2.0).frame_times[[0, -1]]
        tensor([1.0000, 1.9667], dtype=torch.float64)
        """
        stop = math.inf if end is None else end
        if not start < stop:
            raise ValueError(f"start must be below end, got start {start} and end {end}")
        inside = (self.frame_times >= start - SLACK) & (self.frame_times < stop - SLACK)
        if not bool(inside.any()):
            first, last = self.frame_times[[0, -1]].tolist()
            raise ValueError(
                f"there is no frame from {start:g} to {stop:g} s; they run from {first:.6g} to "
                f"{last:.6g} s"
            )
        waveform, waveform_start = self._sound_between(start, stop)
        frames, times = self.frames[inside], self.frame_times[inside]
        return Clip(frames, times, waveform, waveform_start)

    def _sound_between(self, start: float, stop: float) -> tuple[Waveform | None, float]:
        if self.waveform is None:
            return None, 0.0
        rate, n_samples = self.waveform.sample_rate, self.waveform.n_samples
        first = max(seconds_to_samples(start - self.waveform_start, rate), 0)
        last = n_samples
        if math.isfinite(stop):
            last = min(seconds_to_samples(stop - self.waveform_start, rate), n_samples)
        if first >= last:
            return None, 0.0
        samples = self.waveform.samples[:, first:last].clone()
        return Waveform(samples, rate), self.waveform_start + first / rate

    def resample(self, sample_rate: int) -> "Clip":
        """Return the same clip with its sound at another sampling rate, in Hz.

        The pictures and all times stay. A clip without sound stays as it is.

        Lesson: 12_two_clocks

        >>> picture, time = torch.zeros(1, 2, 2, 3, dtype=torch.uint8), torch.zeros(1).double()
        >>> Clip(picture, time, Waveform(torch.zeros(1, 44100), 44100)).resample(16000)
        Clip(1 frame of 2 x 2, 1 channel at 16000 Hz, 1.000 s)
        """
        if self.waveform is None:
            return self
        return replace(self, waveform=self.waveform.resample(sample_rate))

    def shift_sound(self, seconds: float) -> "Clip":
        """Return the clip with its sound `seconds` later; a negative number makes it earlier.

        Nothing is cut and nothing added: only `waveform_start` changes.

        Raises:
            ValueError: if the clip has no sound.
        Lesson: 12_two_clocks

        >>> picture, time = torch.zeros(1, 2, 2, 3, dtype=torch.uint8), torch.zeros(1).double()
        >>> clip = Clip(picture, time, Waveform(torch.zeros(1, 16000), 16000))
        >>> clip.shift_sound(-0.125).waveform_start
        -0.125
        """
        if self.waveform is None:
            raise ValueError("the clip must have sound to shift, got None")
        return replace(self, waveform_start=self.waveform_start + seconds)

    def __repr__(self) -> str:
        """Name the sizes, the rate and the length: never the values."""
        frames = "1 frame" if self.n_frames == 1 else f"{self.n_frames} frames"
        sound = "no sound"
        if self.waveform is not None:
            n = self.waveform.n_channels
            channels = "1 channel" if n == 1 else f"{n} channels"
            sound = f"{channels} at {self.waveform.sample_rate} Hz"
        return f"Clip({frames} of {self.width} x {self.height}, {sound}, {self.duration:.3f} s)"
