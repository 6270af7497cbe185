"""Video files for the tests, written by PyAV: each picture carries its number, a click is heard."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from torch import Tensor

from avtutor.clip import Clip

BARS = 8


def numbered(number: int, width: int = 64, height: int = 48) -> np.ndarray:
    """Return a picture [height, width, 3] of eight bars that spell `number` in binary.

    >>> read_number(torch.from_numpy(numbered(5)))
    5
    """
    bits = [(number >> k) & 1 for k in range(BARS)]
    line = np.repeat(np.array(bits, np.uint8) * 200 + 30, -(-width // BARS))[:width]
    return np.broadcast_to(line[None, :, None], (height, width, 3)).copy()


def read_number(picture: Tensor) -> int:
    """Return the number that a picture [height, width, 3] carries."""
    width = -(-picture.shape[1] // BARS)
    centres = [min(k * width + width // 2, picture.shape[1] - 1) for k in range(BARS)]
    levels = picture.float().mean(dim=(0, 2))[centres]
    return sum(int(level > 130) << k for k, level in enumerate(levels))


def numbers(clip: Clip) -> list[int]:
    """Return the number of each picture of a clip."""
    return [read_number(frame) for frame in clip.frames]


def clicks(times: list[float], *, seconds: float, rate: int) -> np.ndarray:
    """Return silence [1, time] with a click at the sample nearest to each time."""
    samples = np.zeros((1, round(seconds * rate)), np.float32)
    for time in times:
        samples[0, round(time * rate)] = 0.9
    return samples


def heard(clip: Clip, *, above: float = 0.2) -> list[int]:
    """Return at which samples of the first channel there is a click."""
    samples = clip.waveform.samples[0].abs()
    peak = torch.nn.functional.max_pool1d(samples[None], 801, 1, 400)[0]
    return ((samples == peak) & (samples > above)).nonzero()[:, 0].tolist()


def write_video(
    path: Path,
    codec: str = "libx264",
    *,
    stamps: list[int] | None = None,
    time_base: Fraction = Fraction(1, 30),
    size: tuple[int, int] = (64, 48),
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    pictures: list[np.ndarray] | None = None,
    sound: np.ndarray | None = None,
    sound_codec: str = "aac",
    sound_rate: int = 48000,
    sound_start: int = 0,
    drop_sound: range = range(0),
    colours: tuple[int, int] | None = None,
    muxer: dict[str, str] | None = None,
) -> Path:
    """Write numbered pictures at `stamps`, and a sound that starts at the sample `sound_start`.

    `drop_sound` are the numbers of packets of sound that are left out; `colours` are FFmpeg's
    numbers of colour space and range; `pictures` are arrays in the format `pixels`.
    """
    stamps = list(range(60)) if stamps is None else stamps
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = time_base
        if colours:
            stream.codec_context.colorspace, stream.codec_context.color_range = colours
        track = None
        if sound is not None:
            layout = "mono" if len(sound) == 1 else "stereo"
            track = container.add_stream(sound_codec, rate=sound_rate, layout=layout)
        for number, stamp in enumerate(stamps):
            if pictures is None:
                frame = av.VideoFrame.from_ndarray(numbered(number, *size), format="rgb24")
            else:
                frame = av.VideoFrame.from_ndarray(pictures[number], format=pixels)
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None and track is not None:
            frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
            frame.sample_rate, frame.time_base = sound_rate, Fraction(1, sound_rate)
            frame.pts = sound_start
            context = track.codec_context
            cutter = av.AudioResampler(
                format=context.format, layout=layout, rate=sound_rate,
                frame_size=context.frame_size or 1024,
            )  # fmt: skip
            packets = [p for part in cutter.resample(frame) for p in track.encode(part)]
            packets += [p for part in cutter.resample(None) for p in track.encode(part)]
            packets += track.encode(None)
            container.mux([p for k, p in enumerate(packets) if k not in drop_sound])
    return path
