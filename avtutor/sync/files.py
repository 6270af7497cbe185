"""The offset of a video file, however long: read part by part, and only its curves are kept."""

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.clip import Clip
from avtutor.media import MediaError, iter_clips
from avtutor.media.errors import PathLike
from avtutor.spectral import SpectrogramConfig, log_mel
from avtutor.sync.curves import Curve, motion_change, onset_config, rises
from avtutor.sync.estimate import OffsetEstimate, offset_between
from avtutor.waveform import Waveform

HEIGHT = 64
"""Lines to which the pictures are made smaller."""

_PART = 5.0  # seconds that are in memory at a time


def measure_file(
    path: PathLike, *, max_offset: float = 0.6, start: float = 0.0, end: float | None = None
) -> OffsetEstimate:
    """Return by how much the sound of a video file is late: `measure_offset` for a file.

    Args:
        path: the file.
        max_offset: the largest offset that is looked for, in seconds.
        start, end: the part that is looked at, in seconds; None is the end of the file.
    Raises:
        MediaError: if it cannot be read, or has no pictures or no sound.
        ValueError: if the part is too short for `max_offset`.

    >>> from avtutor.datasets import videos
    >>> estimate = measure_file(videos()["talking_head"].path)
    >>> round(estimate.seconds, 1)
    -0.0
    """
    picture, sound = read_curves(path, start=start, end=end)
    return offset_between(picture, sound, max_offset=max_offset)


def read_curves(
    path: PathLike, *, start: float = 0.0, end: float | None = None, max_height: int = HEIGHT
) -> tuple[Curve, Curve]:
    """Return `motion_change` and `onset_strength` of a video file, on its own clock.

    They are those of the whole clip, and yet no more than some seconds of it are in memory.

    Args:
        path: the file.
        start, end: the part, in seconds; None is the end of the file.
        max_height: pictures with more lines are made smaller.
    Raises:
        MediaError: if it cannot be read, has no sound, or fewer than three pictures in the part.
        ValueError: if its sound is shorter than a window.
    """
    moving: list[Curve] = []
    onsets: _Onsets | None = None
    before: Clip | None = None
    for part in iter_clips(path, seconds=_PART, start=start, end=end, max_height=max_height):
        if part.waveform is not None:
            onsets = _Onsets(part.waveform_start, part.waveform) if onsets is None else onsets
            onsets.add(part.waveform_start, part.waveform)
        before = _joined(before, part)
        if before.n_frames >= 3:
            moving.append(motion_change(before))
            before = Clip(before.frames[-2:], before.frame_times[-2:], None)
    if onsets is None:
        raise MediaError(path, "it has no sound that its pictures could be compared with")
    if not moving:
        raise MediaError(path, "it must have at least 3 pictures for a motion")
    times = torch.cat([curve.times for curve in moving])
    return Curve(times, torch.cat([curve.values for curve in moving])), onsets.curve()


def _joined(before: Clip | None, part: Clip) -> Clip:
    """Return the pictures of a part behind those that were left over."""
    if before is None:
        return Clip(part.frames, part.frame_times, None)
    frames = torch.cat([before.frames, part.frames])
    return Clip(frames, torch.cat([before.frame_times, part.frame_times]), None)


class _Onsets:
    """A spectrogram that grows at its end: the columns are those of the whole sound."""

    def __init__(self, start: float, waveform: Waveform) -> None:
        self.start = start
        self.config: SpectrogramConfig = onset_config(waveform.sample_rate)
        self._samples = torch.zeros(0)
        self._base = 0  # the number of the first of them, a multiple of the hop
        self._column = 0  # the next that is to be made
        self._levels: list[Float[Tensor, "mel frame"]] = []

    def add(self, start: float, waveform: Waveform) -> None:
        """Take the sound that comes next; what is missing in between is silence."""
        rate = self.config.sample_rate
        reached = self._base + len(self._samples)
        gap = max(round((start - self.start) * rate) - reached, 0)
        mono = waveform.mono().samples[0]
        self._samples = torch.cat([self._samples, torch.zeros(gap), mono])
        # So far, columns do not look beyond what is there.
        reached = self._base + len(self._samples)
        if len(self._samples) >= self.config.n_fft:
            self._make((reached - self.config.n_fft // 2) // self.config.hop_length + 1)

    def curve(self) -> Curve:
        """Return the `onset_strength` of all that was added."""
        end = self._base + len(self._samples)
        self._make(end // self.config.hop_length + 1)
        return rises(torch.cat(self._levels, dim=1), self.config).moved(self.start)

    def _make(self, stop: int) -> None:
        """Make the columns up to `stop`, and forget the samples that the next do not need."""
        if stop <= self._column:
            return
        hop, n_fft = self.config.hop_length, self.config.n_fft
        first = self._base // hop
        levels = log_mel(self._samples, self.config)
        self._levels.append(levels[:, self._column - first : stop - first])
        self._column = stop
        base = max(stop * hop - 2 * n_fft, 0) // hop * hop
        self._samples = self._samples[base - self._base :].clone()
        self._base = base
