"""Read video files with their sound, whole or by parts."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import av
import numpy as np
import torch

from avtutor.clip import SLACK, Clip
from avtutor.media.errors import MediaError, PathLike
from avtutor.media.pictures import Pictures
from avtutor.media.streams import opened, picture_stream, sound_stream
from avtutor.media.tracks import Track
from avtutor.waveform import Waveform

MAX_BYTES = 4 * 2**30
"""A clip that would take more memory than this, in bytes, is refused; `iter_clips` is for those."""


def read_clip(
    path: PathLike,
    *,
    start: float = 0.0,
    end: float | None = None,
    max_height: int | None = None,
    audio_track: int | None = None,
    with_sound: bool = True,
    partial: bool = False,
) -> Clip:
    """Return a video file, or a part of it, with its sound.

    Times are the presentation time stamps of the file, in seconds on its own clock: a part from
    60 to 62 s has frame times between 60 and 62, and is what ``read_clip(path).slice(60, 62)``
    would be, to the frame and to the sample (to a millisecond for Vorbis, whose packets are long
    and short). Sound may start before or after the first picture:
    ``waveform_start`` says when. Samples that a codec puts in front of the first sound, or edit
    lists take away, are left out as the file says; AVI cannot say so, and keeps them. What is
    missing within the sound becomes silence, so that the rest stays in its place.

    Pictures are turned as the file says (phones), with square or oblong pixels as stored. Where
    the file does not name its colours, 720 lines and more are taken for BT.709, less for BT.601.
    High dynamic range is not mapped to the screen. Neither rate nor channels of the sound change.

    Only the part asked for is kept, and pictures are scaled one by one, so that a part of a long
    film, or a small picture of a large one, takes no more memory than the result and the
    decoder. A part costs the way to it from the key frame before.

    Args:
        path: the file.
        start: where to begin, in seconds.
        end: where to stop, in seconds; None, or a time after the end, reads to the end.
        max_height: pictures with more lines than this are made smaller, in proportion.
        audio_track: which sound, counted from 0 (see `clip_info`); None is the one that the file
            marks as its default, or the first.
        with_sound: False leaves the sound out. A file without sound gives ``waveform=None``.
        partial: read what can be read of a file that is cut short or broken, instead of refusing
            it: broken pictures are left out, broken sound is silence.
    Raises:
        MediaError: if the file is missing, is no video file, has no pictures, or none in the part
            asked for; if it is cut short or broken, or its time stamps jump backwards (unless
            `partial`); if there is no such track; if the result would take more than 4 GiB.
        ValueError: unless ``0 <= start < end``, or if ``max_height`` is below 1.
    Lesson: 12_two_clocks

    >>> read_clip("no_such_file.mp4")
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.mp4: there is no such file
    """
    stop = _checked_stop(start, end)
    options = _Options(max_height, audio_track, with_sound, partial)
    with _Reader(path, start, stop, options) as reader:
        if reader.next_time() is None:
            raise reader.nothing()
        return reader.take(stop)


def iter_clips(
    path: PathLike,
    *,
    seconds: float,
    start: float = 0.0,
    end: float | None = None,
    max_height: int | None = None,
    audio_track: int | None = None,
    with_sound: bool = True,
    partial: bool = False,
) -> Iterator[Clip]:
    """Give a video file part by part: for films that do not fit into memory.

    The file is decoded once, from front to back. The parts follow each other without a gap and
    without overlap: put together, they are what `read_clip` returns. A part without a picture is
    joined to the one behind it, and sound that goes on after the last picture to the last part.

    Args:
        path: the file.
        seconds: the length of a part; the last one may be shorter.
        start, end, max_height, audio_track, with_sound, partial: as for `read_clip`.
    Raises:
        MediaError: as `read_clip`, when the part in question is reached.
        ValueError: if ``seconds`` is not above 0, or as `read_clip`.
    Lesson: 12_two_clocks

    >>> next(iter_clips("no_such_file.mp4", seconds=10.0))
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.mp4: there is no such file
    """
    if not 0 < seconds < math.inf:
        raise ValueError(f"seconds must be above 0, got {seconds}")
    stop = _checked_stop(start, end)
    options = _Options(max_height, audio_track, with_sound, partial)
    return _parts(path, seconds, start, stop, options)


@dataclass(frozen=True)
class _Options:
    """What `read_clip` and `iter_clips` are told, beyond the part."""

    max_height: int | None
    audio_track: int | None
    with_sound: bool
    partial: bool

    def __post_init__(self) -> None:
        if self.max_height is not None and self.max_height < 1:
            raise ValueError(f"max_height must be at least 1, got {self.max_height}")


def _checked_stop(start: float, end: float | None) -> float:
    """Return the end as a number."""
    stop = math.inf if end is None else end
    if not (math.isfinite(start) and 0 <= start < stop):
        raise ValueError(f"start and end must satisfy 0 <= start < end, got {start} and {end}")
    return stop


def _parts(
    path: PathLike, seconds: float, start: float, stop: float, options: _Options
) -> Iterator[Clip]:
    with _Reader(path, start, stop, options) as reader:
        if reader.next_time() is None:
            raise reader.nothing()
        n = 0
        while (time := reader.next_time()) is not None:
            n = max(n + 1, math.floor((time + SLACK - start) / seconds) + 1)
            yield reader.take(min(start + n * seconds, stop))


class _Reader:
    """An open file: its pictures and its sound, each read at its own pace."""

    def __init__(self, path: PathLike, start: float, stop: float, options: _Options) -> None:
        self._path, self._start, self._stop = path, start, stop
        self._open = ExitStack()
        self._track: Track | None = None
        with self._open:  # closed again if anything goes wrong here
            container = self._open.enter_context(opened(path))
            stream = picture_stream(container, path)
            self._pictures = Pictures(
                container, stream, path,
                start=start, max_height=options.max_height, partial=options.partial,
            )  # fmt: skip
            self._rate = float(stream.average_rate or 0)
            self._sound_bytes = 0.0  # a second
            duration = container.duration
            first = (container.start_time or 0) / av.time_base
            self._file_end = None if duration is None else first + duration / av.time_base
            # The sound is read through a second opening, so that each can be sought alone and a
            # file that keeps them far apart is not held in memory.
            if options.with_sound and sound_stream(container, path, options.audio_track):
                second = self._open.enter_context(opened(path))
                if sound := sound_stream(second, path, options.audio_track):
                    context = sound.codec_context
                    self._sound_bytes = 4.0 * context.sample_rate * context.channels
                    self._track = Track(second, sound, path, start=start, partial=options.partial)
            self._open = self._open.pop_all()

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def next_time(self) -> float | None:
        """Return the time of the next picture of the part, or None."""
        return self._pictures.next_time(self._stop)

    def nothing(self) -> MediaError:
        """Return what there is to say of a part without a picture."""
        first, last = self._pictures.first, self._pictures.last
        if first is None or last is None:
            return MediaError(self._path, "it holds no pictures")
        end = "its end" if self._stop == math.inf else f"{self._stop:g} s"
        where = f"it was read from {first:.6g} to {last:.6g} s"
        if self._pictures.ended:
            where = f"its last picture is at {last:.6g} s"
        return MediaError(
            self._path, f"from {self._start:g} s to {end} there is no picture; {where}"
        )

    def take(self, end: float) -> Clip:
        """Return what comes before `end`, and all that is left if no picture comes behind it."""
        begin = self._start
        stack = _Stack(self._path, self._expected(end), self._sound_bytes / max(self._rate, 1))
        times = []
        for time, pixels in self._pictures.until(end):
            times.append(time)
            stack.add(pixels)
        if self.next_time() is None:
            end = self._stop
        self._start = end
        waveform, waveform_start = None, 0.0
        if self._track is not None:
            found = self._track.until(begin, None if end == math.inf else end)
            if found is not None:
                samples, waveform_start = found
                if n_bad := int((~np.isfinite(samples)).sum()):
                    reason = f"its sound holds {n_bad} samples that are NaN or infinite"
                    raise MediaError(self._path, reason)
                waveform = Waveform(torch.from_numpy(samples), self._track.rate)
        frame_times = torch.tensor(times, dtype=torch.float64)
        return Clip(torch.from_numpy(stack.array()), frame_times, waveform, waveform_start)

    def _expected(self, end: float) -> int:
        """Return about how many pictures come before `end`, as far as the header tells."""
        if self._file_end is not None:
            end = min(end, self._file_end)
        return 0 if end == math.inf else max(math.ceil((end - self._start) * self._rate), 0)


class _Stack:
    """An array that pictures are put into, one behind the other."""

    def __init__(self, path: PathLike, expected: int, extra: float) -> None:
        self._path, self._extra = path, extra  # bytes of sound that come with one picture
        self._expected = expected
        self._n = 0
        self._array: np.ndarray | None = None

    def add(self, pixels: np.ndarray) -> None:
        """Put in one picture [height, width, 3]."""
        if self._array is None:
            self._array = np.empty((self._checked(self._expected + 1, pixels), *pixels.shape), "u1")
        if self._n == len(self._array):
            more = self._checked(self._n + self._n // 2 + 16, pixels)
            self._array.resize((more, *pixels.shape), refcheck=False)
        self._array[self._n] = pixels
        self._n += 1

    def array(self) -> np.ndarray:
        """Return all of them, [frame, height, width, 3]."""
        if self._array is None:
            return np.empty((0, 0, 0, 3), "u1")
        self._array.resize((self._n, *self._array.shape[1:]), refcheck=False)
        return self._array

    def _checked(self, n: int, pixels: np.ndarray) -> int:
        size = n * (pixels.nbytes + self._extra)
        if size > MAX_BYTES:
            raise MediaError(
                self._path,
                f"it would take {size / 1e9:.3g} GB of memory where at most {MAX_BYTES / 1e9:.3g} "
                "are allowed: read a part of it (start, end), smaller pictures (max_height), or "
                "one part after the other (iter_clips)",
            )
        return n
