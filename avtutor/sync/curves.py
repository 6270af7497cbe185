"""Two curves to compare: how much the picture moves, and how strongly sounds begin."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from avtutor.clip import Clip
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.waveform import Waveform

RANGE_DB = 40.0
"""How far below its loudest cell a sound is looked at, in dB: what lies deeper counts as equal."""

_BLOCK = 64  # pictures compared at a time, so that their differences take little memory


@dataclass(frozen=True, eq=False)
class Curve:
    """Values at times of their own, which need not be evenly spaced.

    Args:
        times: float64, [step], increasing, in seconds.
        values: [step].
    Raises:
        ValueError: if there are none, the shapes differ, one is NaN or infinite, or the times do
            not increase.

    >>> Curve(torch.tensor([0.0, 0.5]).double(), torch.tensor([1.0, 3.0])).moved(0.1).times
    tensor([0.1000, 0.6000], dtype=torch.float64)
    """

    times: Float64[Tensor, " step"]
    values: Float[Tensor, " step"]

    def __post_init__(self) -> None:
        if self.times.ndim != 1 or self.times.shape != self.values.shape or not len(self.times):
            raise ValueError(
                "times and values must be as many, and at least one, "
                f"got the shapes {list(self.times.shape)} and {list(self.values.shape)}"
            )
        if not bool(torch.isfinite(self.times).all() and torch.isfinite(self.values).all()):
            raise ValueError("times and values must be finite, got some that are NaN or infinite")
        if bool((self.times.diff() <= 0).any()):
            raise ValueError("times must increase, got some that do not")

    @property
    def start(self) -> float:
        """The first time."""
        return float(self.times[0])

    @property
    def end(self) -> float:
        """The last time."""
        return float(self.times[-1])

    def moved(self, seconds: float) -> "Curve":
        """Return the curve with all times `seconds` later."""
        return Curve(self.times + seconds, self.values)

    def between(self, start: float, end: float) -> "Curve":
        """Return the part with ``start <= time < end``.

        Raises:
            ValueError: if there is nothing in it.
        """
        inside = (self.times >= start) & (self.times < end)
        if not bool(inside.any()):
            raise ValueError(
                f"the curve runs from {self.start:.6g} to {self.end:.6g} s, "
                f"there is nothing from {start:.6g} to {end:.6g} s"
            )
        return Curve(self.times[inside], self.values[inside])

    def means(self, edges: Float64[Tensor, " edge"]) -> Float64[Tensor, " step"]:
        """Return the mean between each two neighbouring edges, with straight lines between values.

        A mean, and not the value in the middle: a peak that is shorter than the distance of the
        edges counts as much as it is worth, instead of being hit or missed.

        Args:
            edges: increasing, in seconds; beyond its ends the curve goes on level.

        >>> Curve(torch.tensor([0.0, 1.0]).double(), torch.tensor([0.0, 2.0])).means(
        ...     torch.tensor([0.0, 0.5, 1.0]).double())
        tensor([0.5000, 1.5000], dtype=torch.float64)
        """
        times, values = self.times.numpy(), self.values.double().numpy()
        at = edges.numpy()
        if len(times) == 1:
            return torch.full((len(at) - 1,), float(values[0]), dtype=torch.float64)
        steps = np.diff(times)
        areas = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * steps)])
        k = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(steps) - 1)
        inside = np.clip(at, times[0], times[-1])
        into = inside - times[k]
        slopes = np.diff(values)[k] / steps[k]
        area = areas[k] + values[k] * into + slopes / 2 * into**2
        area += (at - inside) * np.where(at < times[0], values[0], values[-1])
        return torch.from_numpy(np.diff(area) / np.diff(at))


def motion_energy(clip: Clip) -> Curve:
    """Return how much each picture differs from the one before, from 0 to 1.

    The mean absolute difference over all pixels and colours, at the time of the later picture:
    there it is seen. What moved did so at some moment since the earlier one, on average half a
    frame before: see `change_times`.

    Args:
        clip: at least two pictures.
    Raises:
        ValueError: if there is a single picture.
    Lesson: 12_two_clocks

    >>> frames = torch.zeros(3, 2, 2, 3, dtype=torch.uint8)
    >>> frames[1:] = 255
    >>> curve = motion_energy(Clip(frames, torch.tensor([0.0, 0.1, 0.3]).double(), None))
    >>> curve.times, curve.values
    (tensor([0.1000, 0.3000], dtype=torch.float64), tensor([1., 0.]))
    """
    _at_least(clip, 2)
    return Curve(clip.frame_times[1:], _differences(clip.frames, 1))


def change_times(clip: Clip) -> Float64[Tensor, " step"]:
    """Return when the changes that `motion_energy` shows happened: halfway between two pictures.

    >>> times = torch.tensor([0.0, 0.1, 0.3]).double()
    >>> change_times(Clip(torch.zeros(3, 2, 2, 3, dtype=torch.uint8), times, None))
    tensor([0.0500, 0.2000], dtype=torch.float64)
    """
    return (clip.frame_times[1:] + clip.frame_times[:-1]) / 2


def motion_change(clip: Clip) -> Curve:
    """Return how suddenly the motion changes at each picture but the first and the last.

    What falls is in motion long before it hits the ground, and after: its `motion_energy` says
    little of the moment. So we take by how much the energy m differs before and after picture k,
    and how much of the motion is undone, that is, leads back to what was there:
    ``|m[k+1] - m[k]| + m[k] + m[k+1] - d[k]``, where d is the difference of the pictures k - 1 and
    k + 1. What moves on evenly, from one picture to the next by less than half its size, gives 0;
    what starts, stops or turns back does not.

    Args:
        clip: at least three pictures. The result is at the times of the pictures, and a change
            between two of them shows at both: no half frame is to be taken off.
    Raises:
        ValueError: if there are fewer.

    >>> frames = torch.zeros(6, 1, 8, 3, dtype=torch.uint8)
    >>> for k, place in enumerate([0, 1, 2, 3, 2, 1]):
    ...     frames[k, :, place : place + 3] = 255
    >>> motion_change(Clip(frames, torch.arange(6).double() / 10, None)).values
    tensor([0.0000, 0.0000, 0.5000, 0.0000])
    """
    _at_least(clip, 3)
    energy, double = _differences(clip.frames, 1), _differences(clip.frames, 2)
    before, after = energy[:-1], energy[1:]
    undone = (before + after - double).clamp(min=0.0)  # below 0 by rounding only
    return Curve(clip.frame_times[1:-1], (after - before).abs() + undone)


def _at_least(clip: Clip, n: int) -> None:
    if clip.n_frames < n:
        raise ValueError(
            f"the clip must have at least {n} frames for a motion, got {clip.n_frames}"
        )


def _differences(frames: UInt8[Tensor, "frame height width 3"], apart: int) -> Tensor:
    """Return the mean absolute difference of pictures so many frames apart, from 0 to 1."""
    parts = []
    for first in range(0, len(frames) - apart, _BLOCK):
        some = frames[first : first + _BLOCK + apart].to(torch.int16)
        parts.append((some[apart:] - some[:-apart]).abs().float().mean(dim=(1, 2, 3)) / 255)
    return torch.cat(parts)


def onset_config(sample_rate: int) -> SpectrogramConfig:
    """Return the spectrogram that onsets are found in: windows of 16 ms or a little more, 5 ms hop.

    Raises:
        ValueError: if the rate is below 2000 Hz.

    >>> config = onset_config(48000)
    >>> config.n_fft, config.win_length, config.hop_length
    (1024, 768, 240)
    """
    if sample_rate < 2000:
        raise ValueError(f"sample_rate must be at least 2000 Hz to find onsets, got {sample_rate}")
    win_length = round(0.016 * sample_rate)
    return SpectrogramConfig(
        sample_rate=sample_rate,
        n_fft=2 ** (win_length - 1).bit_length(),
        win_length=win_length,
        hop_length=round(0.005 * sample_rate),
        n_mels=40,
        f_max=min(sample_rate / 2, 8000.0),
    )


def onset_strength(sound: Waveform | Clip, *, config: SpectrogramConfig | None = None) -> Curve:
    """Return how much louder each column of the spectrogram is than the one before, in dB.

    The mean over the bands of what has risen; what has fallen counts as 0, so that the beginning
    of a sound shows and its end does not. Levels are taken `RANGE_DB` deep below the loudest. A
    window hears what is coming before its centre does: with the usual settings a click rises some
    3 ms early, and a sound that takes 10 ms to swell about 2 ms late.

    Args:
        sound: its channels are mixed. The times are those of the columns: on the clock of a clip,
            or from the first sample of a waveform.
        config: None takes that of `onset_config`.
    Raises:
        ValueError: if the clip has no sound, the sound is shorter than a window, or the rate is
            not that of `config`.
    Source: half-wave rectified spectral flux, as in Dixon 2006, Onset detection revisited; here of
        levels in dB on mel bands.
    Lesson: 12_two_clocks

    >>> from avtutor.synth import click
    >>> curve = onset_strength(click(at=0.5, seconds=1.0, sample_rate=16000))
    >>> round(float(curve.times[curve.values.argmax()]), 3)
    0.495
    """
    start = 0.0
    if isinstance(sound, Clip):
        if sound.waveform is None:
            raise ValueError("the clip must have sound, got None")
        start, sound = sound.waveform_start, sound.waveform
    config = onset_config(sound.sample_rate) if config is None else config
    if config.sample_rate != sound.sample_rate:
        raise ValueError(
            f"the sound must be at the {config.sample_rate} Hz of config, "
            f"got {sound.sample_rate} Hz"
        )
    return rises(log_mel(sound.mono().samples[0], config), config).moved(start)


def rises(levels: Float[Tensor, "mel frame"], config: SpectrogramConfig) -> Curve:
    """Return the `onset_strength` of a spectrogram, whose first column is at 0 s.

    The first column has none before it, and rises by 0.

    Args:
        levels: in dB, such as those of `spectral.log_mel`.
        config: what they were made with.

    >>> levels = torch.tensor([[-90.0, 0.0, -20.0, -10.0]])
    >>> rises(levels, SpectrogramConfig(sample_rate=16000)).values
    tensor([ 0., 40.,  0., 10.])
    """
    rise = below_peak(levels, RANGE_DB).diff(dim=1).clamp(min=0.0).mean(dim=0)
    seconds = config.hop_length / config.sample_rate
    times = torch.arange(levels.shape[1], dtype=torch.float64) * seconds
    return Curve(times, torch.cat([rise.new_zeros(1), rise]))
