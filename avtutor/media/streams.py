"""Open a video file, and say what is in it without decoding it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from avtutor.media.errors import MediaError, PathLike, existing_file, reason_of


@dataclass(frozen=True)
class AudioTrack:
    """One of the sounds in a video file, as its header describes it.

    Args:
        number: what `read_clip` takes as ``audio_track``: 0 is the first.
        language: three letters, such as "fra", or "" where the file doesn't say.
        title: such as "commentary", or "".
        is_default: whether the file marks it as the one to be played.
        sample_rate: in Hz.
        n_channels: number of channels.
        encoding: name of the codec.
    """

    number: int
    language: str
    title: str
    is_default: bool
    sample_rate: int
    n_channels: int
    encoding: str


@dataclass(frozen=True)
class ClipInfo:
    """What the header of a video file says, without decoding it.

    Args:
        width: pixels of a line, as stored: a phone's file may turn the picture when shown.
        height: lines, as stored.
        frame_rate: frames a second, as the header states it; NaN where it states none. It is for
            show: times come from the time stamps.
        duration: in seconds, as the header states it; NaN where it states none.
        encoding: name of the codec of the pictures.
        audio_tracks: the sounds, in order.
    """

    width: int
    height: int
    frame_rate: float
    duration: float
    encoding: str
    audio_tracks: tuple[AudioTrack, ...]


def clip_info(path: PathLike) -> ClipInfo:
    """Return size, rate, length and encoding of a video file, and what sounds are in it.

    Raises:
        MediaError: if the file is missing, is no video file, or is broken.
    Lesson: 12_two_clocks

    >>> clip_info("no_such_file.mp4")
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.mp4: there is no such file
    """
    with opened(path) as container:
        stream = picture_stream(container, path)
        rate = stream.average_rate
        duration = container.duration
        tracks = []
        for number, track in enumerate(container.streams.audio):
            context = track.codec_context
            tracks.append(
                AudioTrack(
                    number,
                    "" if track.language in (None, "und") else track.language,
                    track.metadata.get("title", ""),
                    bool(track.disposition & Disposition.default),
                    context.sample_rate if context else 0,
                    context.channels if context else 0,
                    context.name if context else "unknown",
                )
            )
        return ClipInfo(
            stream.codec_context.width,
            stream.codec_context.height,
            float(rate) if rate else float("nan"),
            float("nan") if duration is None else duration / av.time_base,
            stream.codec_context.name,
            tuple(tracks),
        )


@contextmanager
def opened(path: PathLike) -> Iterator[InputContainer]:
    """Give a file that FFmpeg can open, and close it behind."""
    file = existing_file(path)
    try:
        container = av.open(file)
    except (av.FFmpegError, ValueError, OSError) as error:
        reason = f"it is not a video file that can be read ({reason_of(error)})"
        raise MediaError(path, reason) from error
    with container:
        yield container


def picture_stream(container: InputContainer, path: PathLike) -> VideoStream:
    """Return the pictures of a file: the stream marked as default, or its first.

    The cover of a piece of music is stored as a video of one picture, and is none.
    """
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)
    ]
    if not moving:
        raise MediaError(path, "it has no pictures in it (no video stream)")
    chosen = next((s for s in moving if s.disposition & Disposition.default), moving[0])
    if chosen.codec_context is None:
        raise MediaError(path, "its pictures are in an encoding that cannot be read")
    return chosen


def sound_stream(
    container: InputContainer, path: PathLike, track: int | None
) -> AudioStream | None:
    """Return a sound of a file by number; None is the one marked as default, or its first.

    Returns None if there is no sound at all and none was asked for.
    """
    streams = container.streams.audio
    if track is not None and not 0 <= track < len(streams):
        count = {0: "it has no sound"}.get(len(streams), f"it has {len(streams)}")
        raise MediaError(
            path, f"audio_track must be the number of a track, from 0; {count}, got {track}"
        )
    if not streams:
        return None
    if track is not None:
        chosen = streams[track]
    else:
        chosen = next((s for s in streams if s.disposition & Disposition.default), streams[0])
    if chosen.codec_context is None:
        raise MediaError(
            path, "its sound is in an encoding that cannot be read; with_sound=False leaves it out"
        )
    return chosen


def declared_end(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    """Return the time at which a stream ends, as the header says, or None."""
    begin = Fraction(stream.start_time or 0) * (stream.time_base or 0)
    if stream.duration:
        return float(begin + stream.duration * (stream.time_base or 0))
    if text := stream.metadata.get("DURATION"):  # Matroska: 00:01:02.345000000
        try:
            hours, minutes, seconds = text.split(":")
            return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        except ValueError:
            return None
    if container.duration is not None and len(container.streams) == 1:
        return float(begin) + container.duration / av.time_base
    return None
