"""Pictures out of a video file: each at its time stamp, scaled, turned and coloured right."""

import os
from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from avtutor.clip import SLACK
from avtutor.media.errors import MediaError, PathLike, reason_of
from avtutor.media.seeking import frames_from
from avtutor.media.streams import declared_end

_TAIL = 0.5  # seconds by which a header may state more than there is
_IN_FLIGHT = 256 * 2**20  # bytes of decoded pictures that the decoder's threads may hold
# FFmpeg's number of a colour space, and what PyAV calls it.
_COLOURS = {1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601,
            7: Colorspace.SMPTE240M, 9: Colorspace.BT2020, 10: Colorspace.BT2020}  # fmt: skip


class Pictures:
    """The pictures of an open file from `start` on, in order, each with its time in seconds."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        path: PathLike,
        *,
        start: float,
        max_height: int | None,
        partial: bool,
    ) -> None:
        self._container, self._stream, self._path = container, stream, path
        self._partial = partial
        self._base = stream.time_base or Fraction(1)
        # AVI has no times of presentation. A picture comes out of the decoder when those that are
        # shown before it are in: so the time at which it came is its own, and a constant delay.
        self._has_stamps = "avi" not in container.format.name
        self._delay: int | None = None
        self._first_dts = 0
        self._stamp_before: int | None = None
        self._make = _Maker(max_height)
        stream.thread_type = "AUTO" if self._has_stamps else "SLICE"
        context = stream.codec_context
        size = max(context.width * context.height * 3, 1)
        threads = min(os.cpu_count() or 1, 16, max(_IN_FLIGHT // size, 1))
        context.thread_count = threads
        self._times = self._checked(start)
        self._pending: tuple[float, VideoFrame] | None = None
        self.first: float | None = None  # the time of the first picture seen, before `start` too
        self.last: float | None = None
        self.ended = False

    def until(self, end: float) -> Iterator[tuple[float, np.ndarray]]:
        """Give what comes before `end`; the next call goes on from there."""
        while self.next_time(end) is not None and self._pending is not None:
            time, frame = self._pending
            self._pending = None
            yield time, self._make(frame)

    def next_time(self, end: float) -> float | None:
        """Return the time of the next picture, or None if there is none before `end`."""
        if self._pending is None and not self.ended:
            self._pending = next(self._times, None)
            self.ended = self._pending is None
        if self._pending is None or self._pending[0] >= end - SLACK:
            return None
        return self._pending[0]

    def _checked(self, start: float) -> Iterator[tuple[float, VideoFrame]]:
        """Give the frames from `start` on, and see to it that their times go forward."""
        reached = 0.0
        if not self._has_stamps and start > 1:
            head = self._decoded()
            next(head, None)  # learns the delay
            head.close()
        frames = frames_from(
            self._container, self._stream, self._decoded, self._time, self._path, start=start
        )
        for stamped in frames:
            time, frame = self._time(stamped), stamped[1]
            if self.last is not None and time <= self.last:
                if not self._partial:
                    raise MediaError(
                        self._path,
                        f"its time stamps jump backwards: a picture at {time:.6g} s comes behind "
                        f"one at {self.last:.6g} s; partial=True leaves such pictures out",
                    )
                continue
            if self.first is None:
                self.first = time
            self.last = time
            reached = time + float((frame.duration or 0) * self._base)
            if time >= start - SLACK:
                yield time, frame
        wanted = declared_end(self._container, self._stream)
        rate = self._stream.average_rate
        tail = _TAIL + (float(1 / rate) if rate else 0.0)
        if self.last is None or wanted is None or self._partial:
            return
        if reached < wanted - tail:
            raise MediaError(
                self._path,
                f"its pictures end at {reached:.3f} s where its header says {wanted:.3f}; "
                "partial=True reads what is there",
            )

    def _decoded(self) -> Generator[tuple[int, VideoFrame], None, None]:
        """Give the frames from where the file stands, in the order in which they are shown."""
        reached = 0.0
        self._stamp_before = None
        try:
            for packet in self._container.demux(self._stream):
                if packet.is_corrupt and not self._partial:
                    raise self._broken(reached, "a packet is cut short")
                if self._delay is None and packet.dts is not None:
                    self._first_dts = min(self._first_dts, packet.dts)
                if packet.dts is not None and not packet.size:
                    continue  # "the same picture once more": it stays as long as it does
                try:
                    frames = packet.decode()
                except av.FFmpegError as error:
                    if not self._partial:
                        raise self._broken(reached, reason_of(error)) from error
                    continue
                for frame in frames:
                    stamp = self._stamp(frame)
                    if stamp is None:  # the end of an AVI; from further in front it is known
                        return
                    if frame.is_corrupt:
                        if self._partial:
                            continue
                        raise self._broken(float(stamp * self._base), "a picture is damaged")
                    reached = float(stamp * self._base)
                    yield stamp, frame
        except (av.FFmpegError, OSError) as error:
            if not self._partial:
                raise self._broken(reached, reason_of(error)) from error

    def _time(self, stamped: tuple[int, VideoFrame]) -> float:
        return float(stamped[0] * self._base)

    def _stamp(self, frame: VideoFrame) -> int | None:
        stamp = frame.pts
        if not self._has_stamps:
            if self._delay is None:
                self._delay = (frame.dts or 0) - self._first_dts
            stamp = None if frame.dts is None else frame.dts - self._delay
        if stamp is None and self._stamp_before is not None:  # it follows the one before
            stamp = self._stamp_before + max(frame.duration or 0, 1)
        if stamp is None and self._has_stamps:
            stamp = frame.dts
        if stamp is None and self._has_stamps:
            raise MediaError(self._path, "its pictures have no time stamps")
        self._stamp_before = stamp
        return stamp

    def _broken(self, reached: float, reason: str) -> MediaError:
        return MediaError(
            self._path,
            f"its pictures are broken near {reached:.3f} s ({reason}); "
            "partial=True leaves out what cannot be read",
        )


class _Maker:
    """Turns decoded frames into arrays [height, width, 3], all of the size of the first."""

    def __init__(self, max_height: int | None) -> None:
        self._max_height = max_height
        self._reformatter = VideoReformatter()
        self._size: tuple[int, int] | None = None  # width and height before turning
        self._turn = np.eye(2, dtype=int)

    def __call__(self, frame: VideoFrame) -> np.ndarray:
        if self._size is None:
            self._turn = _turn_of(frame)
            self._size = self._scaled(frame.width, frame.height)
        width, height = self._size
        colours = _COLOURS.get(int(frame.colorspace))
        if colours is None:  # as players do where the file does not say
            colours = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
        full = int(frame.color_range) == ColorRange.JPEG or frame.format.name.startswith("yuvj")
        picture = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=colours,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        plane: Any = picture.planes[0]
        rows = np.frombuffer(plane, dtype=np.uint8)[: plane.line_size * height]
        pixels = rows.reshape(height, plane.line_size)[:, : 3 * width].reshape(height, width, 3)
        return _turned(pixels, self._turn)

    def _scaled(self, width: int, height: int) -> tuple[int, int]:
        """Return the size to scale to; pictures are made smaller, never larger."""
        on_its_side = self._turn[0, 0] == 0
        lines = width if on_its_side else height
        if self._max_height is None or lines <= self._max_height:
            return width, height
        share = self._max_height / lines
        return max(round(width * share), 1), max(round(height * share), 1)


def _turn_of(frame: VideoFrame) -> np.ndarray:
    """Return how the picture is to be turned: the part of the display matrix that is no shift.

    The matrix sends the pixel (x, y) to (a x + c y, b x + d y), with y downwards; only quarter
    turns and mirrors are known.
    """
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return np.eye(2, dtype=int)
    values = np.frombuffer(data, dtype=np.int32)[:9].reshape(3, 3)[:2, :2].T / 65536
    turn: np.ndarray = np.rint(values / max(np.abs(values).max(), 1e-9)).astype(int)
    return turn if abs(round(float(np.linalg.det(turn)))) == 1 else np.eye(2, dtype=int)


def _turned(pixels: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return the picture turned: a view.

    >>> _turned(np.arange(6).reshape(2, 3, 1), np.array([[0, -1], [1, 0]]))[..., 0]
    array([[3, 0],
           [4, 1],
           [5, 2]])
    """
    if turn[0, 0] == 0:
        pixels = pixels.swapaxes(0, 1)
    horizontal, vertical = turn[0].sum(), turn[1].sum()
    return pixels[:: 1 if vertical > 0 else -1, :: 1 if horizontal > 0 else -1]
