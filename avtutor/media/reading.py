"""Read sound files, whole or by parts."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import soundfile
import torch
from av.audio.stream import AudioStream
from av.container import InputContainer

from avtutor.media.errors import MediaError, PathLike, existing_file
from avtutor.units import seconds_to_samples
from avtutor.waveform import Waveform

_TAIL = 0.5  # seconds by which the duration in a container may be longer than its last sample


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a sound file says, without decoding it.

    Args:
        sample_rate: in Hz.
        n_channels: number of channels.
        duration: in seconds, as the header states it; NaN where it states none.
        encoding: name of the sample format or codec.
    """

    sample_rate: int
    n_channels: int
    duration: float
    encoding: str


def audio_info(path: PathLike) -> AudioInfo:
    """Return rate, channels, duration and encoding of a sound file.

    Raises:
        MediaError: if the file is missing, is no sound file, or is broken.
    Lesson: 01_what_is_sound

    >>> audio_info("no_such_file.wav")
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.wav: there is no such file
    """
    file = existing_file(path)
    try:
        with soundfile.SoundFile(file) as sound:
            duration = sound.frames / sound.samplerate
            return AudioInfo(sound.samplerate, sound.channels, duration, sound.subtype)
    except soundfile.LibsndfileError:
        pass  # not a format of libsndfile; FFmpeg knows many more
    with _open_stream(file) as (_, stream):
        seconds = float("nan") if stream.duration is None else _stream_seconds(stream)
        context = stream.codec_context
        return AudioInfo(context.sample_rate, context.channels, seconds, context.name)


def read_audio(
    path: PathLike, *, start: float = 0.0, end: float | None = None, partial: bool = False
) -> Waveform:
    """Return a sound file, or a part of it, at its own rate and with all its channels.

    WAV, FLAC, MP3, Ogg and more are read by libsndfile; M4A, WebM, G.722 and the sound of video
    files by FFmpeg. Whole numbers are scaled to [-1, 1). Only the part asked for is decoded, so
    that a slice of a file of two hours takes no more memory than the slice.

    Args:
        path: the file.
        start: where to begin, in seconds.
        end: where to stop, in seconds; None, or a time after the end, reads to the end.
        partial: read what is there of a file that was cut short, instead of refusing it.
    Raises:
        MediaError: if the file is missing, is no sound file, is broken, holds no samples, holds
            NaN or infinite samples, holds fewer samples than its header says (unless `partial`),
            or if the part asked for is empty or lies outside of it.
    Lesson: 01_what_is_sound

    >>> read_audio("no_such_file.wav")
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: no_such_file.wav: there is no such file
    """
    file = existing_file(path)
    if not (start >= 0 and (end is None or end > start)):
        raise MediaError(path, f"start and end must satisfy 0 <= start < end, got {start}, {end}")
    try:
        samples, sample_rate = _read_soundfile(file, start, end, partial)
    except soundfile.LibsndfileError as error:
        try:
            samples, sample_rate = _read_ffmpeg(file, start, end, partial)
        except MediaError as second:
            # Where libsndfile knew the format, its reason is the better one.
            known = "not recognised" not in str(error) and not isinstance(second, _PartMissing)
            raise MediaError(path, error.error_string if known else second.reason) from error
    if samples.size == 0:
        raise MediaError(path, "it holds no samples")
    n_bad = int((~np.isfinite(samples)).sum())
    if n_bad:
        raise MediaError(path, f"it holds {n_bad} samples that are NaN or infinite")
    return Waveform(torch.from_numpy(samples), sample_rate)


class _PartMissing(MediaError):
    """The file can be read, but not the part that was asked for."""


def _declared_loss(log: str) -> str | None:
    """Return what libsndfile noticed of a file that is shorter than its header says, or None."""
    data = re.search(r"data : (\d+) \(should be (\d+)\)", log)
    # A program that writes into a pipe cannot know the length, and declares the greatest one.
    if data and int(data[2]) < int(data[1]) < 0x7FFFFFFF:
        return f"it holds {data[2]} bytes of samples where its header says {data[1]}"
    count = re.search(
        r"Frame count read from 'COMM' chunk \((\d+)\) not equal.*?\((\d+)\)", log, re.S
    )
    if count and int(count[2]) < int(count[1]):
        return f"it holds {count[2]} samples where its header says {count[1]}"
    return None


def _ogg_loss(file: str) -> str | None:
    """Return that an Ogg file lacks its end, or None: the last page of a whole one is marked."""
    size = os.path.getsize(file)
    with open(file, "rb") as handle:
        handle.seek(max(size - 2 * 65307, 0))  # no page is longer than 65307 bytes
        tail = handle.read()
    at = tail.rfind(b"OggS")
    page = tail[at:] if at >= 0 else b""
    if len(page) >= 27 and page[5] & 4:
        n_segments = page[26]
        if len(page) >= 27 + n_segments + sum(page[27 : 27 + n_segments]):
            return None
    return "it ends before the end of its stream"


def _read_soundfile(
    file: str, start: float, end: float | None, partial: bool
) -> tuple[np.ndarray, int]:
    with soundfile.SoundFile(file) as sound:
        rate, total = sound.samplerate, sound.frames
        loss = _ogg_loss(file) if sound.format == "OGG" else _declared_loss(sound.extra_info)
        if loss and not partial:
            raise _PartMissing(file, f"{loss}; partial=True reads what is there")
        first, last = _bounds(file, start, end, rate, total)
        sound.seek(first)
        samples = sound.read(last - first, dtype="float32", always_2d=True)
    if len(samples) < last - first and not partial:
        raise _PartMissing(
            file,
            f"it holds {first + len(samples)} samples where its header says {total}; "
            "partial=True reads what is there",
        )
    return np.ascontiguousarray(samples.T), rate


def _bounds(file: str, start: float, end: float | None, rate: int, total: int) -> tuple[int, int]:
    """Return the first sample and the one behind the last of the part asked for."""
    first = seconds_to_samples(start, rate)
    last = total if end is None else min(seconds_to_samples(end, rate), total)
    if total and first >= total:
        raise _PartMissing(file, f"start must be below its {total / rate:.6g} s, got {start:g}")
    if total and first >= last:
        raise _PartMissing(file, f"from {start:g} to {end:g} s there is not one sample")
    return first, last


def _stream_seconds(stream: AudioStream) -> float:
    return float((stream.duration or 0) * (stream.time_base or Fraction(0)))


@contextmanager
def _open_stream(file: str) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Give a file that FFmpeg can open, and its first audio stream."""
    try:
        container = av.open(file)
    except (av.FFmpegError, ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaError(file, f"it is not a sound file that can be read ({reason})") from error
    with container:
        if not container.streams.audio:
            raise MediaError(file, "it has no sound in it")
        yield container, container.streams.audio[0]


def _read_ffmpeg(
    file: str, start: float, end: float | None, partial: bool
) -> tuple[np.ndarray, int]:
    with _open_stream(file) as (container, stream):
        rate = stream.codec_context.sample_rate
        first = seconds_to_samples(start, rate)
        last = None if end is None else seconds_to_samples(end, rate)
        if last is not None and first >= last:
            raise _PartMissing(file, f"from {start:g} to {end:g} s there is not one sample")
        pieces: list[np.ndarray] = []
        reached = 0
        try:
            for position, samples in _decoded(container, stream, start):
                reached = position + samples.shape[1]
                begin = max(first - position, 0)
                stop = samples.shape[1] if last is None else min(last - position, samples.shape[1])
                if begin < stop:
                    pieces.append(samples[:, begin:stop])
                if last is not None and reached >= last:
                    break
        except (av.FFmpegError, ValueError) as error:
            if not partial:
                reason = getattr(error, "strerror", None) or str(error)
                raise MediaError(
                    file, f"it is broken after {reached / rate:.3f} s ({reason})"
                ) from error
        wanted = _stream_seconds(stream) if end is None else min(end, _stream_seconds(stream))
        if reached / rate < wanted - _TAIL and not partial:
            raise _PartMissing(
                file,
                f"it holds {reached / rate:.3f} s of sound where its header says "
                f"{_stream_seconds(stream):.3f}; partial=True reads what is there",
            )
    if not pieces:
        if reached:
            raise _PartMissing(
                file, f"start must be below its {reached / rate:.6g} s, got {start:g}"
            )
        return np.zeros((1, 0), dtype=np.float32), rate
    return np.ascontiguousarray(np.concatenate(pieces, axis=1)), rate


def _decoded(
    container: InputContainer, stream: AudioStream, start: float
) -> Iterator[tuple[int, np.ndarray]]:
    """Give each decoded piece as (position of its first sample, samples [channel, time])."""
    rate = stream.codec_context.sample_rate
    origin = Fraction(stream.start_time or 0) * (stream.time_base or 1)
    if start > 1:  # land a little early: a codec needs some packets before it is in swing
        offset = int((origin + Fraction(start - 0.5)) / (stream.time_base or 1))
        container.seek(max(offset, 0), stream=stream)
    to_float = av.AudioResampler(format="fltp")
    position: int | None = None
    for frame in container.decode(stream):
        if position is None:
            time = Fraction(frame.pts or 0) * (frame.time_base or 1) - origin
            position = round(time * rate)
        for part in to_float.resample(frame):
            samples = part.to_ndarray().astype(np.float32, copy=False)
            yield position, samples
            position += samples.shape[1]
