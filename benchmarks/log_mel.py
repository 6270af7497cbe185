"""The front end beside torchaudio's and librosa's: the same numbers, side by side in one run.

Each contestant is called in blocks. The first call of a block is dropped, since the first after
another library's is slow for everybody; the median of the others counts, and the best of three
blocks. Turning power into dB is included on all sides.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from avtutor import _torchaudio
from avtutor.spectral import SpectrogramConfig, log_mel
from benchmarks.table import Row, faster

CONFIG = SpectrogramConfig(sample_rate=16000)
THREADS = 2


def seconds_of_each(contestants: list[Callable[[], object]], calls: int) -> list[float]:
    """Return the seconds that one call of each contestant takes."""
    best = [float("inf")] * len(contestants)
    for _ in range(3):
        for number, call in enumerate(contestants):
            taken = []
            for _ in range(calls + 1):
                start = time.perf_counter()
                call()
                taken.append(time.perf_counter() - start)
            best[number] = min(best[number], statistics.median(taken[1:]))
    return best


def check_equal(name: str, ours: torch.Tensor, theirs: torch.Tensor) -> None:
    """Refuse to compare times of things that are not the same: 1e-5 of the maximum, in power."""
    power, other = torch.pow(10.0, ours / 10), torch.pow(10.0, theirs / 10)
    error = float((power - other).abs().max() / other.max())
    if error > 1e-5:
        raise RuntimeError(f"{name} differs from ours by {error:.1e} of its maximum")


def main() -> list[Row]:
    """Measure the large batch and the single clip."""
    try:
        import librosa
    except ImportError as error:
        raise RuntimeError("librosa is missing: pip install -e '.[bench]'") from error
    if _torchaudio.load() is None:
        raise RuntimeError(f"there is nothing to compare with: {_torchaudio.why_missing()}")
    torch.set_num_threads(THREADS)
    theirs = _torchaudio.log_mel_module(
        sample_rate=16000,
        n_fft=512,
        win_length=512,
        hop_length=160,
        n_mels=64,
        f_min=0.0,
        f_max=8000.0,
    )

    def of_librosa(samples: np.ndarray) -> np.ndarray:
        power = librosa.feature.melspectrogram(
            y=samples, sr=16000, n_fft=512, hop_length=160, n_mels=64, htk=True, norm=None,
            pad_mode="reflect",
        )  # fmt: skip
        return librosa.power_to_db(power, top_db=None)

    rows = []
    for name, shape, calls, goals in (
        ("log_mel, 64 clips of 10 s", (64, 160000), 7, (4, 3)),
        ("log_mel, one clip of 3 s", (1, 48000), 100, (2, 2)),
    ):
        samples = 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
        array = samples.numpy()
        check_equal("torchaudio", log_mel(samples, CONFIG), theirs(samples))
        check_equal("librosa", log_mel(samples, CONFIG), torch.from_numpy(of_librosa(array)))
        ours, audio, libr = seconds_of_each(
            [
                partial(log_mel, samples, CONFIG),
                partial(theirs, samples),
                partial(of_librosa, array),
            ],
            calls,
        )
        for other, seconds, goal in (("torchaudio", audio, goals[0]), ("librosa", libr, goals[1])):
            rows.append(
                faster(name, seconds=ours, other=other, other_seconds=seconds, at_least=goal)
            )
    return rows
