"""Networks: small modules, each with a frozen config, which are called with plain tensors."""

from avtutor.models.count import Cost, LayerCost, cost
from avtutor.models.lenet import LeNet, LeNetConfig
from avtutor.models.masking import MaskedBatchNorm, masked_mean
from avtutor.models.raw import (
    RawWaveformCNN,
    RawWaveformConfig,
    SincFilters,
    centre_frequencies,
)
from avtutor.models.spectrogram_cnn import SpectrogramCNN, SpectrogramCNNConfig

__all__ = [
    "Cost",
    "LayerCost",
    "LeNet",
    "LeNetConfig",
    "MaskedBatchNorm",
    "RawWaveformCNN",
    "RawWaveformConfig",
    "SincFilters",
    "SpectrogramCNN",
    "SpectrogramCNNConfig",
    "centre_frequencies",
    "cost",
    "masked_mean",
]
