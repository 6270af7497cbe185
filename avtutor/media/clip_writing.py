"""Write video files with their sound, whole or not at all."""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import torch
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from avtutor.clip import Clip
from avtutor.media.errors import MediaError, PathLike, reason_of
from avtutor.media.writing import whole_file

_BT709 = 1  # FFmpeg's number for matrix, primaries and transfer of BT.709
# Time bases that hold the usual rates exactly: 24, 25, 30, 60 and 29.97; 23.976.
_TIME_BASES = (90000, 24000)
_FINE = 1_000_000
_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


@dataclass(frozen=True)
class _Format:
    """What a suffix stands for."""

    pictures: str
    pixels: str
    picture_options: dict[str, str]
    sound: str
    rates: tuple[int, ...]  # () is any
    kilobits: int  # a second and channel, for the sound; 0 where nothing is left out
    channels: int  # at most


_H264 = {"crf": "18", "preset": "veryfast"}
_VP9 = {"crf": "24", "b:v": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "0"}
_FORMATS = {
    ".mp4": _Format("libx264", "yuv420p", _H264, "aac", _AAC_RATES, 128, 8),
    ".mov": _Format("libx264", "yuv420p", _H264, "aac", _AAC_RATES, 128, 8),
    ".webm": _Format("libvpx-vp9", "yuv420p", _VP9, "libopus", _OPUS_RATES, 96, 2),
    ".mkv": _Format("ffv1", "bgr0", {"level": "3"}, "pcm_f32le", (), 0, 8),
}


def write_clip(clip: Clip, path: PathLike) -> None:
    """Write a Clip to a file; the suffix chooses the format.

    .mp4 and .mov hold H.264 and AAC, .webm VP9 and Opus: small, and played by every browser, but
    not what was put in, bit for bit. .mkv holds FFV1 and floats, which are, and few players. The
    time stamps are exact to a microsecond in .mp4 and .mov, to a millisecond in .mkv and .webm.
    Opus always comes back at 48 kHz; AAC that starts after the pictures with its lead-in, a few
    hundredths of a second of near silence, in front.

    The file begins with the clip: its zero is ``clip.start``, since a player would wait through a
    gap. So a clip whose zero is its start is read back with the same times. A file appears whole
    or not at all.

    Args:
        clip: what to write. Pictures of an odd width or height are kept at their size; H.264 then
            stores colours at full resolution, which some players do not show.
        path: where to; an existing file is replaced.
    Raises:
        MediaError: if the suffix is unknown, the folder is missing, the format does not have this
            rate or number of channels, or samples beyond [-1, 1] would be clipped by it.
    Lesson: 12_two_clocks

    >>> picture, time = torch.zeros(1, 2, 2, 3, dtype=torch.uint8), torch.zeros(1).double()
    >>> write_clip(Clip(picture, time, None), "clip.xyz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: clip.xyz: the suffix must be one of .mkv .mov .mp4 .webm, ...
    """
    target = Path(path)
    kind = _FORMATS.get(target.suffix.lower())
    if kind is None:
        known = " ".join(sorted(_FORMATS))
        raise MediaError(path, f"the suffix must be one of {known}, got {target.suffix!r}")
    _check_sound(clip, kind, path)
    with whole_file(path) as temporary:
        try:
            options = {"fflags": "+bitexact"}  # no numbers by chance, no date
            if target.suffix.lower() in (".mp4", ".mov"):
                options["movie_timescale"] = str(_movie_timescale(clip))
            with av.open(temporary, "w", options=options) as container:
                _encode(clip, kind, container)
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(path, f"it could not be written ({reason_of(error)})") from error


def _check_sound(clip: Clip, kind: _Format, path: PathLike) -> None:
    if clip.waveform is None:
        return
    rate, peak = clip.waveform.sample_rate, float(clip.waveform.samples.abs().max())
    if kind.rates and rate not in kind.rates:
        known = ", ".join(map(str, kind.rates))
        raise MediaError(path, f"sample_rate must be one of {known}, got {rate}")
    if kind.sound != "pcm_f32le" and peak > 1:
        raise MediaError(path, f"samples must lie in [-1, 1] for this format, got {peak:.4g}")
    if clip.waveform.n_channels > kind.channels:
        reason = f"at most {kind.channels} channels, got {clip.waveform.n_channels}"
        raise MediaError(path, f"this format takes {reason}")


def _encode(clip: Clip, kind: _Format, container: OutputContainer) -> None:
    stamps, time_base = _stamps(clip)
    mean = 30.0 if clip.n_frames == 1 else clip.frame_rate
    stream = cast(
        VideoStream,
        container.add_stream(
            kind.pictures,
            rate=Fraction(mean).limit_denominator(1001),
            options=kind.picture_options,
        ),
    )
    pictures: VideoCodecContext = stream.codec_context
    pictures.width, pictures.height = clip.width, clip.height
    odd = clip.width % 2 or clip.height % 2
    pictures.pix_fmt = "yuv444p" if odd and kind.pictures == "libx264" else kind.pixels
    pictures.time_base = time_base
    pictures.thread_count = 1  # the same bytes on every machine
    if kind.pixels == "yuv420p":
        pictures.colorspace = pictures.color_primaries = pictures.color_trc = _BT709
        pictures.color_range = ColorRange.MPEG
    track = None
    if clip.waveform is not None:
        layout = _LAYOUTS[clip.waveform.n_channels - 1]
        rate = clip.waveform.sample_rate
        options = {"b": f"{kind.kilobits * clip.waveform.n_channels}k"} if kind.kilobits else {}
        added = container.add_stream(kind.sound, rate=rate, layout=layout, options=options)
        track = cast(AudioStream, added)
    for frame, stamp in zip(clip.frames, stamps, strict=True):
        picture = av.VideoFrame.from_ndarray(frame.contiguous().numpy(), format="rgb24")
        if kind.pixels == "yuv420p":
            picture = picture.reformat(
                format=pictures.pix_fmt,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
        else:
            picture = picture.reformat(format=kind.pixels)
        picture.pts, picture.time_base = stamp, time_base
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))
    if track is not None:
        for part in _sound_frames(clip, track.codec_context):
            container.mux(track.encode(part))
        container.mux(track.encode(None))


def _stamps(clip: Clip) -> tuple[list[int], Fraction]:
    """Return whole time stamps, increasing, and what they count."""
    times = clip.frame_times - clip.start
    for per_second in (*_TIME_BASES, _FINE):
        scaled = times * per_second
        if per_second == _FINE or bool(((scaled - scaled.round()).abs() < 1e-3).all()):
            break
    stamps = scaled.round().to(torch.int64).tolist()
    for k in range(1, len(stamps)):
        stamps[k] = max(stamps[k], stamps[k - 1] + 1)
    return stamps, Fraction(1, per_second)


def _movie_timescale(clip: Clip) -> int:
    """Return in what parts of a second the file says how much later one sense begins."""
    _, time_base = _stamps(clip)
    if clip.waveform is None:
        return time_base.denominator
    both = math.lcm(time_base.denominator, clip.waveform.sample_rate)
    return both if both < 10_000_000 else clip.waveform.sample_rate


def _sound_frames(clip: Clip, context: AudioCodecContext) -> list[av.AudioFrame]:
    """Return the sound cut into the frames that the encoder takes, with their time stamps."""
    waveform = clip.waveform
    if waveform is None:
        return []
    rate, layout = waveform.sample_rate, context.layout.name
    whole = av.AudioFrame.from_ndarray(
        waveform.samples.contiguous().numpy(), format="fltp", layout=layout
    )
    whole.sample_rate = rate
    whole.time_base = Fraction(1, rate)
    whole.pts = round((clip.waveform_start - clip.start) * rate)
    cutter = av.AudioResampler(
        format=context.format, layout=layout, rate=rate, frame_size=context.frame_size or 1024
    )
    return [*cutter.resample(whole), *cutter.resample(None)]
