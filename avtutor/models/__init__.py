"""Networks and their parts, called with plain tensors."""

from avtutor.models.attention import TransformerHead, sines
from avtutor.models.bottleneck import BottleneckFusion
from avtutor.models.cca import CCA
from avtutor.models.count import Cost, LayerCost, cost
from avtutor.models.fusing import (
    AverageLogits,
    CommonGrid,
    Concatenate,
    GatedFusion,
    LearnedMix,
    LowRankFusion,
)
from avtutor.models.fusion import FusionNet, ensemble
from avtutor.models.fusion_nets import (
    KINDS,
    FusionConfig,
    fusion_net,
    latent_net,
    sense_net,
)
from avtutor.models.generator import ConditionalVAE, LatentFlow, PictureVAE, Terms
from avtutor.models.generator_parts import CallEncoder, GeneratorConfig
from avtutor.models.joint import BimodalAutoencoder, Joint, PartByPart, Rescaled
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
from avtutor.models.reader import CreatureReader, Reading, reading_loss
from avtutor.models.sense_input import SenseConfig, picture_input, sound_input
from avtutor.models.spectrogram_cnn import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.models.stamp_towers import PixelEncoder, SoundEncoder, stamp_towers
from avtutor.models.sync import (
    SyncTowers,
    balanced_loss,
    candidate_loss,
    candidate_scores,
    over_context,
)
from avtutor.models.sync_input import SyncConfig
from avtutor.models.taught import TaughtEar, imitation, seen_apart
from avtutor.models.temporal import (
    TDNN,
    AttentionPool,
    GRUHead,
    MeanPool,
    StatisticsPool,
    head,
)
from avtutor.models.towers import PairHead, PairNet, Towers, info_nce

__all__ = [
    "AttentionPool",
    "AverageLogits",
    "BimodalAutoencoder",
    "BottleneckFusion",
    "CCA",
    "CallEncoder",
    "CommonGrid",
    "Concatenate",
    "ConditionalVAE",
    "ConvBody",
    "ConvSettings",
    "Cost",
    "CreatureReader",
    "FusionConfig",
    "FusionNet",
    "GRUHead",
    "GatedFusion",
    "GeneratorConfig",
    "Joint",
    "KINDS",
    "LanguageCNN",
    "LanguageCNNConfig",
    "LatentFlow",
    "LayerCost",
    "LeNet",
    "LeNetConfig",
    "LearnedMix",
    "LowRankFusion",
    "MaskedBatchNorm",
    "MeanPool",
    "PairHead",
    "PairNet",
    "PartByPart",
    "PictureVAE",
    "PixelEncoder",
    "RawWaveformCNN",
    "RawWaveformConfig",
    "Reading",
    "Rescaled",
    "SenseConfig",
    "SincFilters",
    "SoundEncoder",
    "SpectrogramCNN",
    "SpectrogramCNNConfig",
    "StatisticsPool",
    "SyncConfig",
    "SyncTowers",
    "TDNN",
    "TaughtEar",
    "Terms",
    "Towers",
    "TransformerHead",
    "balanced_loss",
    "candidate_loss",
    "candidate_scores",
    "centre_frequencies",
    "cost",
    "ensemble",
    "fusion_net",
    "head",
    "imitation",
    "info_nce",
    "latent_net",
    "masked_mean",
    "over_context",
    "picture_input",
    "reading_loss",
    "seen_apart",
    "sense_net",
    "sines",
    "sound_input",
    "stamp_towers",
]
