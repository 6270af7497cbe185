"""Put the sound of a video file right, without decoding anything."""

import hashlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from avtutor.media.errors import MediaError, PathLike, reason_of
from avtutor.media.streams import opened, picture_stream, sound_stream
from avtutor.media.writing import whole_file

if TYPE_CHECKING:
    AnyPacket = Packet[Any]
else:
    AnyPacket = Packet

SUFFIXES = (".m4v", ".mkv", ".mov", ".mp4", ".webm")
"""Files whose time stamps can say when each sense begins."""

_EDITED = (".m4v", ".mov", ".mp4")  # those that can leave out a beginning
_COPIED = ("video", "audio", "subtitle")


@dataclass
class _Span:
    """When one of the senses begins and ends, in seconds, as far as it has been copied."""

    first: float = math.inf
    last: float = -math.inf

    def hold(self, packet: AnyPacket) -> None:
        start = float((packet.pts or 0) * packet.time_base)
        self.first = min(self.first, start)
        self.last = max(self.last, start + float((packet.duration or 0) * packet.time_base))


@dataclass
class _Copied:
    """What went through: the spans of both senses, and the bytes of the pictures."""

    video: _Span = field(default_factory=_Span)
    audio: _Span = field(default_factory=_Span)
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def shared(self) -> float:
        """The time that both senses have in common, in seconds."""
        return min(self.video.last, self.audio.last) - max(self.video.first, self.audio.first)


def move_sound(path: PathLike, out: PathLike, *, seconds: float) -> None:
    """Write a copy of a video file whose sound is `seconds` later; a negative number is earlier.

    Every packet is copied as it is: no picture and no sound is decoded or encoded again. Only time
    stamps change. What begins later than 0 is moved to the front as far as it goes, and the other
    sense to the back for the rest: a sound that has to become earlier than the beginning of the
    file makes the pictures later instead, which is the same to the eye and the ear, and nothing is
    cut. All sounds are moved alike; subtitles stay with the pictures.

    An edit list that leaves out a beginning is kept in .mp4 and .mov, where pictures cannot be put
    off then: if the sound has to be earlier, what would come before the first picture is left out.

    Time stamps are rounded as the format has it: to a sample of the sound in .mp4 and .mov, to a
    millisecond in .mkv and .webm. Sound in AAC that no longer begins at 0 in .mp4 and .mov starts
    with the codec's lead-in, about 20 ms of near silence.

    Args:
        path: the file.
        out: where to write; the suffix chooses the format, which must take the streams as they
            are. An existing file is replaced, once all went well.
        seconds: how much later.
    Raises:
        MediaError: if `path` cannot be read, is AVI, has no sound or no pictures, or has edits
            that cannot be kept; if `out` is `path`, its suffix is none of `SUFFIXES`, or the format
            does not take a stream; if the sound would share no moment with the pictures.
        ValueError: if `seconds` is not finite.
    Lesson: 17_in_sync

    >>> move_sound("no_such_file.mp4", "out.mp4", seconds=0.16)
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.mp4: there is no such file
    """
    if not math.isfinite(seconds):
        raise ValueError(f"seconds must be finite, got {seconds}")
    with opened(path) as container:
        _check_target(path, out)
        if "avi" in container.format.name:
            raise MediaError(path, "AVI does not say when a picture is shown: convert it first")
        picture = picture_stream(container, path)
        if sound_stream(container, path, None) is None:
            raise MediaError(path, "it has no sound in it that could be moved")
        moves = _moves(container, path, out, seconds)
        with whole_file(out) as temporary:
            try:
                copied = _copy(container, temporary, moves, picture, path)
            except MediaError:
                raise
            except (av.FFmpegError, ValueError) as error:
                reason = f"it could not be written ({reason_of(error)})"
                raise MediaError(out, reason) from error
            if not copied.shared > 0:
                reason = "its sound would share no moment with its pictures"
                raise MediaError(path, f"moved by {seconds:+.3f} s, {reason}")
            if _digest(temporary, out) != copied.digest.hexdigest():
                raise MediaError(out, "its pictures would not be those of the file; not written")


def _check_target(path: PathLike, out: PathLike) -> None:
    target = Path(out)
    if target.suffix.lower() not in SUFFIXES:
        raise MediaError(
            out, f"the suffix must be one of {' '.join(SUFFIXES)}, got {target.suffix!r}"
        )
    if target.exists() and os.path.samefile(path, target):
        raise MediaError(out, "this is the file itself, which is not written over")


def _moves(
    container: InputContainer, path: PathLike, out: PathLike, seconds: float
) -> dict[str, float]:
    """Return by how much each kind of stream is moved, in seconds."""
    begins: dict[str, float] = {}
    for stream in container.streams:
        if stream.start_time is not None and stream.time_base:
            start = float(stream.start_time * stream.time_base)
            begins[stream.type] = min(start, begins.get(stream.type, math.inf))
    late, other = ("audio", "video") if seconds < 0 else ("video", "audio")
    earlier = min(abs(seconds), max(begins.get(late, 0.0), 0.0))
    if _left_out(path):
        if Path(out).suffix.lower() not in _EDITED:
            known = " ".join(_EDITED)
            raise MediaError(
                path, f"an edit list leaves out its beginning, which only {known} can say"
            )
        if late == "audio":
            earlier = abs(seconds)
    moves = {late: -earlier, other: abs(seconds) - earlier}
    return {**moves, "subtitle": moves["video"]}


def _left_out(path: PathLike) -> bool:
    """Return whether the pictures begin with some that are not to be shown."""
    with opened(path) as container:
        stream = picture_stream(container, path)
        first = next((p for p in container.demux(stream) if p.size), None)
        return first is not None and first.is_discard


def _copy(
    source: InputContainer,
    temporary: str,
    moves: dict[str, float],
    picture: Stream,
    path: PathLike,
) -> _Copied:
    copied = _Copied()
    options = {"fflags": "+bitexact"}
    if Path(temporary).suffix.lower() in _EDITED:
        options["movie_timescale"] = str(_movie_timescale(source, picture))
    with av.open(temporary, "w", options=options) as target:
        streams = _streams(source, target)
        target.metadata.update(source.metadata)
        _chapters(source, target, moves["video"])
        for packet in _packets(source, list(streams), path):
            kind = packet.stream.type
            if packet.stream == picture:
                copied.digest.update(bytes(packet))
            ticks = round(moves[kind] / packet.time_base)
            packet.pts, packet.dts = (packet.pts or 0) + ticks, (packet.dts or 0) + ticks
            if kind != "subtitle":
                getattr(copied, kind).hold(packet)
            packet.stream = streams[packet.stream]
            target.mux(packet)
    return copied


def _movie_timescale(source: InputContainer, picture: Stream) -> int:
    """Return in what parts of a second the file says how much later one sense begins."""
    rate = source.streams.audio[0].codec_context.sample_rate
    base = picture.time_base
    both = math.lcm(rate, base.denominator if base else 1)
    return both if both < 10_000_000 else rate


def _streams(source: InputContainer, target: OutputContainer) -> dict[Stream, Stream]:
    """Add a stream to `target` for each that is copied, and return it by the one in `source`."""
    streams: dict[Stream, Stream] = {}
    for stream in source.streams:
        if stream.type not in _COPIED or stream.codec_context is None:
            continue
        made = target.add_stream_from_template(stream, opaque=True)
        made.metadata.update(stream.metadata)
        made.disposition = stream.disposition
        streams[stream] = made
    return streams


def _chapters(source: InputContainer, target: OutputContainer, seconds: float) -> None:
    chapters = source.chapters()
    for chapter in chapters:
        ticks = round(seconds / (chapter["time_base"] or 1))
        chapter["start"], chapter["end"] = chapter["start"] + ticks, chapter["end"] + ticks
    target.set_chapters(chapters)


def _packets(source: InputContainer, streams: list[Stream], path: PathLike) -> Iterator[AnyPacket]:
    """Give the packets that are to be copied, each with both of its time stamps.

    Matroska does not say when the first pictures are decoded: so much before the first of which it
    is known as there are before it. What an edit list leaves out behind the end is not copied.
    """
    waiting: dict[int, list[AnyPacket]] = {}
    behind: set[int] = set()
    for packet in source.demux(streams):
        number = packet.stream.index
        if not packet.size:
            continue  # the end of a stream
        if packet.pts is None:
            raise MediaError(path, "its time stamps are incomplete, it cannot be copied")
        if packet.is_discard and packet.pts >= 0:
            behind.add(number)
            continue
        if number in behind:
            raise MediaError(path, "an edit list leaves out a part in its middle")
        held = waiting.setdefault(number, [])
        held.append(packet)
        if packet.dts is None:
            continue
        step = packet.duration or 1
        for k, one in enumerate(held):
            one.dts = packet.dts - (len(held) - 1 - k) * step
            yield one
        held.clear()
    if any(waiting.values()):
        raise MediaError(path, "its time stamps are incomplete, it cannot be copied")


def _digest(file: str, out: PathLike) -> str:
    """Return a digest of the pictures' packets, as they can be read back."""
    digest = hashlib.sha256()
    with opened(file) as container:
        for packet in container.demux(picture_stream(container, out)):
            digest.update(bytes(packet))
    return digest.hexdigest()
