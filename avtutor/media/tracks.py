"""The sound of a video file, laid on the clock of its pictures to the sample."""

from collections.abc import Generator, Iterable, Iterator
from fractions import Fraction
from itertools import chain, islice

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from avtutor.media.errors import MediaError, PathLike, reason_of
from avtutor.media.seeking import frames_from
from avtutor.media.streams import declared_end
from avtutor.units import seconds_to_samples

_TAIL = 0.5  # seconds by which a header may state more than there is
_ROUNDED = 1e-3  # seconds by which a time stamp may have been rounded
_HEAD = 4  # packets; the first ones may be cut, or have a gap behind them
_WARM_UP = 0.5  # seconds decoded in front of a part: a codec needs some packets to be in swing

Piece = tuple[int, np.ndarray]
"""The place of its first sample, counted from the first of the track, and [channel, time]."""


class Track:
    """One sound of an open file, from `start` on, in order.

    A place is a number of samples from the first one of the track; that one is heard at `origin`
    seconds. Inside of the track samples are counted, and the time stamps, which many containers
    round to a millisecond, only tell where something is missing: that becomes silence.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: AudioStream,
        path: PathLike,
        *,
        start: float,
        partial: bool,
    ) -> None:
        self._container, self._stream, self._path = container, stream, path
        self._partial = partial
        self._base = stream.time_base or Fraction(1)
        self._to_float = av.AudioResampler(format="fltp")
        self.rate = 0
        self.n_channels = 0
        self.origin = 0.0
        self._grid = (0, 1)  # the place of a packet, and the length of those behind it
        self._reached = 0  # the place behind the last sample that was given
        self._rest: np.ndarray | None = None  # samples up to `_reached` that are not taken yet
        self._pieces = self._located(start)

    def until(self, start: float, end: float | None) -> tuple[np.ndarray, float] | None:
        """Return the samples from `start` to `end`, and the time of the first; None if none.

        Gaps are filled with zeros. The next call must start where this one ended, or later.
        """
        parts = []
        first: int | None = None
        for place, samples in self._between(start, end):
            if first is None:
                first = behind = place
            if place > behind:
                parts.append(np.zeros((samples.shape[0], place - behind), np.float32))
            parts.append(samples)
            behind = place + samples.shape[1]
        if first is None:
            return None
        return np.concatenate(parts, axis=1), self.origin + first / self.rate

    def _between(self, start: float, end: float | None) -> Iterator[Piece]:
        while True:
            if self._rest is None:
                piece = next(self._pieces, None)
                if piece is None:
                    return
                place, samples = piece
                self._reached = place + samples.shape[1]
            else:
                samples, self._rest = self._rest, None
                place = self._reached - samples.shape[1]
            # The rate is known only once something was decoded.
            begin = max(seconds_to_samples(start - self.origin, self.rate) - place, 0)
            stop = samples.shape[1]
            if end is not None:
                stop = min(seconds_to_samples(end - self.origin, self.rate) - place, stop)
            if stop < samples.shape[1]:
                self._rest = samples[:, max(stop, 0) :]
            if begin < stop:
                yield place + begin, samples[:, begin:stop]
            if self._rest is not None:
                return

    def _located(self, start: float) -> Iterator[Piece]:
        """Give the pieces from shortly before `start` on, each at its place."""
        frames = self._decoded()
        head = list(islice(frames, _HEAD))
        if not head:
            return
        self.rate = head[0].sample_rate
        self.n_channels = head[0].layout.nb_channels
        self.origin = self._stamp(head[0])
        self._grid = self._found_grid(head)
        if start - _WARM_UP > self.origin + 1:
            frames.close()
            sought = frames_from(
                self._container, self._stream, self._decoded, self._stamp, self._path,
                start=start - _WARM_UP,
            )  # fmt: skip
            yield from self._placed(sought, None)
        else:
            yield from self._placed(chain(head, frames), 0)

    def _found_grid(self, head: list[AudioFrame]) -> tuple[int, int]:
        """Return where the last of some packets begins, and how long it is."""
        place = expected = 0
        for frame in head:
            self._grid = (expected, frame.samples)
            place = max(self._place(frame, expected), expected)
            expected = place + frame.samples
        return place, head[-1].samples

    def _stamp(self, frame: AudioFrame) -> float:
        return float((frame.pts or 0) * self._base)

    def _placed(self, frames: Iterable[AudioFrame], expected: int | None) -> Iterator[Piece]:
        """Give the samples of each frame with their place; `expected` is that of the first."""
        waiting: Piece | None = None
        for frame in frames:
            samples = self._samples(frame)
            place = self._place(frame, expected)
            if expected is not None and place < expected:
                if not self._partial:
                    time = self._time(expected)
                    raise MediaError(
                        self._path,
                        f"the time stamps of its sound jump backwards near {time:.3f} s; "
                        "partial=True leaves out what is there twice",
                    )
                samples = samples[:, expected - place :]
                place = expected
            if samples.shape[1] == 0:
                continue
            if waiting is not None:
                yield waiting
            waiting = place, samples
            expected = place + samples.shape[1]
        if waiting is not None:
            yield self._last(*waiting)

    def _place(self, frame: AudioFrame, expected: int | None) -> int:
        if frame.pts is None:
            if expected is None:
                raise MediaError(self._path, "its sound has no time stamps")
            return expected
        tick = float(self._base) * self.rate  # in samples
        exact = (self._stamp(frame) - self.origin) * self.rate
        first, step = self._grid
        if expected is not None and abs(exact - expected) <= max(step / 2, 2 * tick):
            return expected
        # Packets of one length lie on a grid, which is finer than time stamps that are rounded to
        # milliseconds, or were once, in a file that this one was made from.
        on_grid = first + round((exact - first) / step) * step
        return on_grid if abs(on_grid - exact) <= max(tick, _ROUNDED * self.rate) else round(exact)

    def _last(self, place: int, samples: np.ndarray) -> Piece:
        """Cut what fills up the last packet, and see to it that nothing is missing."""
        wanted = declared_end(self._container, self._stream)
        if wanted is None:
            return place, samples
        reached = place + samples.shape[1]
        if self._time(reached) < wanted - _TAIL and not self._partial:
            raise MediaError(
                self._path,
                f"its sound ends at {self._time(reached):.3f} s where its header says "
                f"{wanted:.3f}; partial=True reads what is there",
            )
        excess = reached - seconds_to_samples(wanted - self.origin, self.rate)
        if self._base * self.rate <= 1 and 0 < excess < samples.shape[1]:
            samples = samples[:, :-excess]
        return place, samples

    def _time(self, place: int) -> float:
        return self.origin + place / self.rate

    def _samples(self, frame: AudioFrame) -> np.ndarray:
        try:
            parts = [part.to_ndarray() for part in self._to_float.resample(frame)]
        except ValueError as error:
            reason = "its sound changes its rate or its channels on the way"
            raise MediaError(self._path, reason) from error
        whole: np.ndarray = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
        return whole.astype(np.float32, copy=False)

    def _decoded(self) -> Generator[AudioFrame, None, None]:
        reached = 0.0
        try:
            for packet in self._container.demux(self._stream):
                if packet.is_corrupt and not self._partial:
                    raise self._broken(reached, "a packet is cut short")
                if packet.dts is not None and not packet.size:
                    continue
                try:
                    frames = packet.decode()
                except av.FFmpegError as error:
                    if not self._partial:
                        raise self._broken(reached, reason_of(error)) from error
                    continue
                for frame in frames:
                    if frame.is_corrupt and not self._partial:
                        raise self._broken(reached, "a packet is damaged")
                    reached = self._stamp(frame)
                    if frame.samples and not frame.is_corrupt:
                        yield frame
        except (av.FFmpegError, OSError) as error:
            if not self._partial:
                raise self._broken(reached, reason_of(error)) from error

    def _broken(self, reached: float, reason: str) -> MediaError:
        return MediaError(
            self._path,
            f"its sound is broken near {reached:.3f} s ({reason}); "
            "partial=True leaves out what cannot be read",
        )
