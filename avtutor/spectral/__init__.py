"""The front end: from samples to spectrograms, and back."""

from avtutor.spectral.bands import LogMel, dct_matrix, log_mel, mel, mel_filterbank, mfcc
from avtutor.spectral.batches import below_peak, log_mel_batch
from avtutor.spectral.columns import Columns, columns_at, columns_of
from avtutor.spectral.config import (
    WINDOWS,
    SpectrogramConfig,
    frame_times,
    frequencies,
    mel_edges,
    mel_frequencies,
    n_frames,
    window,
)
from avtutor.spectral.fourier import griffin_lim, istft, power, spectral_convergence, stft

__all__ = [
    "WINDOWS",
    "Columns",
    "LogMel",
    "SpectrogramConfig",
    "below_peak",
    "columns_at",
    "columns_of",
    "dct_matrix",
    "frame_times",
    "frequencies",
    "griffin_lim",
    "istft",
    "log_mel",
    "log_mel_batch",
    "mel",
    "mel_edges",
    "mel_filterbank",
    "mel_frequencies",
    "mfcc",
    "n_frames",
    "power",
    "spectral_convergence",
    "stft",
    "window",
]
