"""What can be measured of a voice without listening: level, noise floor, band, pitch, clipping."""

from pathlib import Path

import numpy as np
import soundfile
from manifest import read_csv

FRAME = 0.032
"""Length of a frame, in seconds."""


def frames_of(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return frames of 32 ms, one beside the other."""
    size = round(FRAME * rate)
    count = len(samples) // size
    return samples[: count * size].reshape(count, size)


def _decibels(power: np.ndarray | float) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, 1e-10))


def levels(samples: np.ndarray, rate: int) -> tuple[float, float]:
    """Return the level of the speech and of the pauses, in dB below full scale.

    The level is the mean power of the louder half of the frames; the floor is the power of the
    frame that is louder than one in twenty (digital silence is left out).
    """
    power = (frames_of(samples, rate) ** 2).mean(axis=1)
    power = np.sort(power[power > 1e-10])
    if not len(power):
        return -100.0, -100.0
    return float(_decibels(power[len(power) // 2 :].mean())), float(
        _decibels(power[len(power) // 20])
    )


def band(samples: np.ndarray, rate: int) -> float:
    """Return the highest frequency, in Hz, whose mean power is within 50 dB of the strongest."""
    frames = frames_of(samples, rate)
    window = np.hanning(frames.shape[1])
    power = (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).mean(axis=0)
    loud = np.flatnonzero(power > np.max(power) * 1e-5)
    return float(loud[-1] / frames.shape[1] * rate)


def pitch(samples: np.ndarray, rate: int) -> float:
    """Return the median pitch of the voiced frames, in Hz (0 where there are none).

    Autocorrelation over 64 ms: voiced where a peak between 65 and 400 Hz is above 0.5.
    """
    size, hop = round(0.064 * rate), round(0.032 * rate)
    low, high = round(rate / 400), round(rate / 65)
    found = []
    for start in range(0, len(samples) - size, hop):
        frame = samples[start : start + size]
        frame = frame - frame.mean()
        if (frame**2).mean() < 1e-5:
            continue
        spectrum = np.abs(np.fft.rfft(frame, 2 * size)) ** 2
        spectrum[int(1000 / rate * 2 * size) :] = 0  # the lower harmonics tell enough
        same = np.fft.irfft(spectrum)[:high]
        same = same * (size / (size - np.arange(high)))
        lag = low + int(np.argmax(same[low:high]))
        if same[lag] > 0.5 * same[0]:
            found.append(rate / lag)
    return float(np.median(found)) if found else 0.0


def describe(root: Path) -> list[dict[str, str]]:
    """Return one row of measurements for every voice and language in the indexes of voices."""
    rows = []
    for table in sorted(root.glob("*/voices.csv")):
        said = read_csv(table)
        for file in dict.fromkeys(row["file"] for row in said):
            clips = [row for row in said if row["file"] == file]
            reel, rate = soundfile.read(table.parent / file, dtype="float32")
            parts = [
                reel[round(float(row["start"]) * rate) : round(float(row["end"]) * rate)]
                for row in clips
            ]
            samples = np.concatenate(parts)
            level, floor = levels(samples, rate)
            rows.append(
                {
                    "language": clips[0]["language"],
                    "speaker": clips[0]["speaker"],
                    "channel": table.parent.name,
                    "clips": str(len(clips)),
                    "seconds": f"{len(samples) / rate:.0f}",
                    "pitch_hz": f"{pitch(samples[: 90 * rate], rate):.0f}",
                    "band_hz": f"{band(samples, rate):.0f}",
                    "level_db": f"{level:.0f}",
                    "floor_db": f"{floor:.0f}",
                    "peak": f"{np.abs(samples).max():.2f}",
                    "clipped_ppm": f"{(np.abs(samples) > 0.985).mean() * 1e6:.0f}",
                }
            )
    return rows
