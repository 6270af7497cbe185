"""Decode every kind of source file, and write many short clips into one file a speaker."""

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import soundfile
import torch

from avtutor.resample import resample

RATE = 16_000
"""Sampling rate of the speech in the folder, in Hz."""

GAP = 0.1
"""Digital silence after each clip of a reel, in seconds: no clip leaks into the next."""

GRID = 320
"""Clips begin at multiples of this many samples: 20 ms, one Opus frame."""


BLOCK = 65_536
"""Samples handed to the encoder at once."""


def _by_ffmpeg(path: Path, container: str) -> tuple[np.ndarray, int]:
    """Decode a raw telephone format (no header, so its name must be given)."""
    with av.open(str(path), format=container) as file:
        parts = [frame.to_ndarray() for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    samples = np.concatenate(parts, axis=1)
    if samples.dtype != np.int16:
        raise ValueError(f"{path}: expected 16-bit samples, got {samples.dtype}")
    return samples[0].astype(np.float32) / 32768, rate


def decode(path: Path) -> tuple[np.ndarray, int]:
    """Return the samples of a source file, mono float32 in [-1, 1], and its sampling rate."""
    kind = path.suffix.lower()
    if kind in (".g722", ".gsm"):
        return _by_ffmpeg(path, kind[1:])
    if kind == ".als":  # 64 bytes of header, then unsigned 8-bit samples at 11025 Hz
        raw = np.frombuffer(path.read_bytes(), dtype=np.uint8)[64:]
        return (raw.astype(np.float32) - 128) / 128, 11_025
    if kind == ".raw":  # 16-bit little-endian at 16 kHz
        return np.frombuffer(path.read_bytes(), dtype="<i2").astype(np.float32) / 32768, 16_000
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def at_rate(samples: np.ndarray, rate: int, to_rate: int = RATE) -> np.ndarray:
    """Return the samples at another sampling rate."""
    if rate == to_rate:
        return samples
    return resample(torch.from_numpy(samples), from_rate=rate, to_rate=to_rate).numpy()


def write_opus(path: Path, samples: np.ndarray, *, kbit: float, rate: int = RATE) -> None:
    """Write mono Opus in Ogg at about ``kbit`` thousand bits a second, by libopus through PyAV.

    "bitexact" leaves out the encoder's name and fixes the stream's serial number, which is
    random otherwise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with av.open(
        str(partial), "w", format="ogg", container_options={"fflags": "+bitexact"}
    ) as file:
        stream = file.add_stream("libopus", rate=rate, layout="mono")
        stream.bit_rate = round(kbit * 1000)
        stream.codec_context.format = "flt"
        stream.codec_context.options = {"application": "audio", "compression_level": "10"}
        for start in range(0, len(samples), BLOCK):
            block = np.ascontiguousarray(samples[None, start : start + BLOCK])
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    partial.replace(path)


@dataclass
class Reel:
    """Clips on their way into one file, and the rows that say where each of them lies."""

    path: Path
    kbit: float = 24.0
    parts: list[np.ndarray] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)
    length: int = 0

    def add(self, path: Path, **row: str) -> None:
        """Append one source file, with what the index says of it."""
        self.add_samples(at_rate(*decode(path)), **row)
        self.sources.append(path)

    def add_samples(self, samples: np.ndarray, **row: str) -> None:
        """Append one clip that is already decoded, with what the index says of it."""
        start, end = self.length, self.length + len(samples)
        gap = -end % GRID + round(GAP * RATE)
        gap += -(end + gap) % GRID
        self.parts += [samples, np.zeros(gap, np.float32)]
        self.length = end + gap
        span = {"start": f"{start / RATE:.7g}", "end": f"{end / RATE:.7f}".rstrip("0").rstrip(".")}
        self.rows.append({"file": self.path.name, **span, **row})

    @property
    def gain(self) -> float:
        """The factor by which all of the reel is turned down (1 unless it would clip)."""
        return min(1.0, 0.99 / max(float(np.abs(part).max()) for part in self.parts))

    def write(self) -> None:
        """Write the file."""
        write_opus(self.path, np.concatenate(self.parts) * np.float32(self.gain), kbit=self.kbit)
