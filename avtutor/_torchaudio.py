"""The one place that imports torchaudio.

The package computes everything itself; torchaudio is the independent implementation that it is
compared with. Without torchaudio, or with one that does not fit the installed torch, every lesson
runs, and the cells that compare say that there was nothing to compare with.
"""

from functools import lru_cache
from types import ModuleType

import torch
from jaxtyping import Float
from torch import Tensor


@lru_cache(maxsize=1)
def _import() -> tuple[ModuleType | None, str | None]:
    try:
        import torchaudio
        import torchaudio.functional
        import torchaudio.transforms
    except ModuleNotFoundError as error:
        return None, f"torchaudio is not installed ({error})"
    except OSError as error:  # a shared library that the installed torch does not bring
        reason = error.__cause__ or error  # torch keeps the library's name in the cause
        return None, f"torchaudio does not fit this torch {torch.__version__} ({reason})"
    except (ImportError, RuntimeError, AttributeError) as error:
        return None, f"torchaudio cannot be imported beside torch {torch.__version__} ({error})"
    return torchaudio, None


def load() -> ModuleType | None:
    """Return the torchaudio module, or None where it cannot be imported.

    >>> load() is None or load().__name__ == "torchaudio"
    True
    """
    return _import()[0]


def why_missing() -> str | None:
    """Return the reason why torchaudio cannot be imported, or None if it can.

    >>> (why_missing() is None) == (load() is not None)
    True
    """
    return _import()[1]


def _require() -> ModuleType:
    module, reason = _import()
    if module is None:
        raise RuntimeError(reason)
    return module


def log_mel_module(
    *,
    sample_rate: int,
    n_fft: int,
    win_length: int,
    hop_length: int,
    n_mels: int,
    f_min: float,
    f_max: float,
) -> torch.nn.Module:
    """Return torchaudio's ``MelSpectrogram`` and ``AmplitudeToDB`` in a row.

    They are set as the front end of this package is: periodic Hann window, power, HTK mel
    without area norm, no limit below the maximum.

    Raises:
        RuntimeError: if torchaudio cannot be imported.
    Lesson: 04_mel_and_friends
    """
    transforms = _require().transforms
    return torch.nn.Sequential(
        transforms.MelSpectrogram(
            sample_rate=sample_rate,
            n_fft=n_fft,
            win_length=win_length,
            hop_length=hop_length,
            f_min=f_min,
            f_max=f_max,
            n_mels=n_mels,
            power=2.0,
            norm=None,
            mel_scale="htk",
        ),
        transforms.AmplitudeToDB(stype="power", top_db=None),
    )


def mel_filterbank(
    *, sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float
) -> Float[Tensor, "mel freq"]:
    """Return torchaudio's HTK filterbank, turned to the axes [mel, freq] of this package.

    Raises:
        RuntimeError: if torchaudio cannot be imported.
    """
    bank: Tensor = _require().functional.melscale_fbanks(
        n_fft // 2 + 1, f_min, f_max, n_mels, sample_rate, norm=None, mel_scale="htk"
    )
    return bank.T


def resample(
    samples: Float[Tensor, "*batch time"],
    *,
    from_rate: int,
    to_rate: int,
    zeros: int,
    rolloff: float,
) -> Float[Tensor, "*batch new_time"]:
    """Return torchaudio's resampling, with a Hann window over `zeros` zero crossings a side.

    Raises:
        RuntimeError: if torchaudio cannot be imported.
    """
    result: Tensor = _require().functional.resample(
        samples, from_rate, to_rate, lowpass_filter_width=zeros, rolloff=rolloff
    )
    return result
