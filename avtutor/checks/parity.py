"""The line in which a lesson says how torchaudio, an independent implementation, compares.

torchaudio need not be there for a lesson to run. Both lines of a lesson in order, ``same to …``
and ``not here, …``, are one line to the tests (``notebooks/sanitize.cfg``): the stored output
serves with and without torchaudio. Any other line does not match it, and the test fails.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from avtutor import _torchaudio
from avtutor.spectral import SpectrogramConfig
from avtutor.units import db_to_power

TOLERANCE = 1e-5


def beside_torchaudio(what: str, own: Tensor, theirs: Callable[[], Tensor]) -> None:
    """Print in one line whether torchaudio gives the same, to 1e-5 of the largest magnitude.

    Args:
        what: what is compared, for the line.
        own: the values of the lesson.
        theirs: computes torchaudio's values; only called where torchaudio can be imported.

    >>> import torch
    >>> beside_torchaudio("ones", torch.ones(2), lambda: torch.ones(2))  # doctest: +ELLIPSIS
    torchaudio, ones: ...
    """
    if _torchaudio.load() is None:
        print(f"torchaudio, {what}: not here, nothing compared")
        return
    other = theirs()
    print(f"torchaudio, {what}: {_verdict(own.detach().double(), other.detach().double())}")


def log_mel_beside_torchaudio(
    levels: Float[Tensor, "*batch mel frame"],
    samples: Float[Tensor, "*batch time"],
    config: SpectrogramConfig,
) -> None:
    """Compare a log-mel spectrogram with torchaudio's, in power, and print the line.

    Args:
        levels: in dB, as the lesson computed it.
        samples: the sound it was computed from.
        config: the settings it was computed with; the window is Hann.
    Raises:
        ValueError: if the window of `config` is another.
    Lesson: 04_mel_and_friends

    >>> import torch
    >>> from avtutor.spectral import log_mel
    >>> samples, config = torch.sin(torch.arange(4000.0)), SpectrogramConfig(sample_rate=16000)
    >>> log_mel_beside_torchaudio(log_mel(samples, config), samples, config)  # doctest: +ELLIPSIS
    torchaudio, log-mel: ...
    """
    if config.window != "hann":
        raise ValueError(f"the window must be 'hann' to be compared, got {config.window!r}")

    def theirs() -> Tensor:
        module = _torchaudio.log_mel_module(
            sample_rate=config.sample_rate,
            n_fft=config.n_fft,
            win_length=config.win_length,
            hop_length=config.hop_length,
            n_mels=config.n_mels,
            f_min=config.f_min,
            f_max=config.f_max,
        )
        there: Tensor = module(samples)
        return db_to_power(there)

    beside_torchaudio("log-mel", db_to_power(levels), theirs)


def _verdict(own: Tensor, other: Tensor) -> str:
    if own.shape != other.shape:
        return f"not the same: shape {list(other.shape)} there, {list(own.shape)} here"
    gap, largest = float((own - other).abs().max()), float(other.abs().max())
    if gap <= TOLERANCE * largest:  # False where either is NaN
        return "same to 1e-5 of the maximum"
    return f"not the same: {gap / largest if largest else gap:.1e} of the maximum apart"
