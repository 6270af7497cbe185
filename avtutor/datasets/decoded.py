"""Speech decoded once a machine: 16-bit samples in the user's cache folder, read by mapping.

Measured in one run, 430 windows of 3 s out of 4 files of 300 to 400 s: 5 to 9 s by seeking in the
Opus files, 3 s by decoding each file once, 0.2 s from this cache. So it pays in every lesson that
trains on speech. All the speech there is takes 410 MB.
"""

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import platformdirs
import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.media import read_audio
from avtutor.waveform import Waveform

RATE = 16_000
"""Sampling rate of the bundled speech, in Hz."""

FULL_SCALE = 32_768
"""A sample of 1.0 as a 16-bit number."""


def cache_folder() -> Path:
    """Return the folder of the decoded files; it may be deleted at any time.

    ``AVTUTOR_CACHE`` names it; else it is in the place that the system has for such files.
    """
    named = os.environ.get("AVTUTOR_CACHE", "")
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("avtutor"))


@lru_cache(maxsize=64)
def _decoded(path: Path, folder: Path) -> np.ndarray:
    """Return all samples of a mono file as int16, mapped from the cache where that is possible."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    kept = folder / f"{path.stem}-{digest}.npy"
    try:
        return np.asarray(np.load(kept, mmap_mode="r"))
    except (OSError, ValueError):  # not there yet, or cut short
        pass
    samples = read_audio(path).samples[0] * FULL_SCALE
    whole = samples.round().clamp(-FULL_SCALE, FULL_SCALE - 1).to(torch.int16).numpy()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(suffix=".partial", dir=folder)
        with os.fdopen(handle, "wb") as file:
            np.save(file, whole)
        os.replace(partial, kept)  # whole or not at all, also when two programs do it at once
    except OSError:  # a cache that cannot be written is no reason to stop
        return whole
    return np.asarray(np.load(kept, mmap_mode="r"))


def read_decoded(path: Path, first: int, last: int) -> Float[Tensor, " time"]:
    """Return the samples from `first` up to `last` (not included) of a mono sound file.

    The values are rounded to 16 bits. However much of the file is asked for, the samples are
    the same; seeking in an Opus file changes the first ones a little.

    Raises:
        ValueError: if the file does not hold these samples.
        MediaError: if the file cannot be read.

    >>> from avtutor.datasets import bundled_root
    >>> read_decoded(bundled_root() / "asterisk" / "en_allison.opus", 0, 16000).shape
    torch.Size([16000])
    """
    if not path.is_file():
        read_audio(path)  # says why
    whole = _decoded(path, cache_folder())
    if not 0 <= first < last <= len(whole):
        raise ValueError(
            f"{path}: first and last must satisfy 0 <= first < last <= {len(whole)}, "
            f"got {first} and {last}"
        )
    return torch.from_numpy(whole[first:last].astype(np.float32) / FULL_SCALE)


def load_part(path: Path, start: float, end: float) -> Waveform:
    """Return a part of a bundled file of speech, mono at 16 kHz; times in seconds.

    Raises:
        MediaError: if the file cannot be read.
    """
    return Waveform.from_mono(read_decoded(path, round(start * RATE), round(end * RATE)), RATE)
