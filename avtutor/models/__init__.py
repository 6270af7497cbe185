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
from avtutor.models.sync import (
    SyncTowers,
    balanced_loss,
    candidate_loss,
    candidate_scores,
    over_context,
)
from avtutor.models.sync_input import SyncConfig
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
    "SyncConfig",
    "SyncTowers",
    "TDNN",
    "TransformerHead",
    "balanced_loss",
    "candidate_loss",
    "candidate_scores",
    "centre_frequencies",
    "cost",
    "head",
    "masked_mean",
    "over_context",
    "sines",
]
