"""Networks: small modules, each with a frozen config, which are called with plain tensors."""

from avtutor.models.attention import TransformerHead, sines
from avtutor.models.count import Cost, LayerCost, cost
from avtutor.models.language import ConvBody, LanguageCNN
from avtutor.models.language_config import ConvSettings, LanguageCNNConfig
from avtutor.models.lenet import LeNet, LeNetConfig
from avtutor.models.masking import MaskedBatchNorm, masked_mean
from avtutor.models.raw import (
    RawWaveformCNN,
    RawWaveformConfig,
    SincFilters,
    centre_frequencies,
)
from avtutor.models.spectrogram_cnn import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.models.temporal import (
    TDNN,
    AttentionPool,
    GRUHead,
    MeanPool,
    StatisticsPool,
    head,
)

__all__ = [
    "AttentionPool",
    "ConvBody",
    "ConvSettings",
    "Cost",
    "GRUHead",
    "LanguageCNN",
    "LanguageCNNConfig",
    "LayerCost",
    "LeNet",
    "LeNetConfig",
    "MaskedBatchNorm",
    "MeanPool",
    "RawWaveformCNN",
    "RawWaveformConfig",
    "SincFilters",
    "SpectrogramCNN",
    "SpectrogramCNNConfig",
    "StatisticsPool",
    "TDNN",
    "TransformerHead",
    "centre_frequencies",
    "cost",
    "head",
    "masked_mean",
    "sines",
]
