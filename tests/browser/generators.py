"""Generators that were never trained, with statistics as if they had been."""

from typing import Any

import torch
from avtutor.models import (
    CallEncoder,
    ConditionalVAE,
    GeneratorConfig,
    LatentFlow,
    LeNetConfig,
    PictureVAE,
    SpectrogramCNN,
    SpectrogramCNNConfig,
)
from avtutor.models.fusion_encoders import AudioEncoder, ImageEncoder
from avtutor.spectral import SpectrogramConfig
from torch import nn

CALLS = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
WORDS = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=20)
CREATURES = GeneratorConfig()
DIGITS = GeneratorConfig(
    picture_shape=(1, 8, 8), n_mels=20, n_latents=6, n_features=12, widths=(24, 12), hidden=32
)


def randomised(model: nn.Module, seed: int) -> Any:
    """Return the model with every number drawn: no factor is 1, no mean is 0."""
    g = torch.Generator().manual_seed(seed)
    for name, values in model.state_dict().items():
        part = name.split(".")[-1]
        drawn = torch.randn(values.shape, generator=g)
        if part == "running_var":
            values.copy_(0.3 + drawn.abs())
        elif part in ("running_mean", "bias"):
            values.copy_(drawn * 0.3)
        elif part == "weight" and values.ndim == 1:
            values.copy_(1 + 0.3 * drawn)
        elif part == "weight":
            values.copy_(drawn * (2 / values[0].numel()) ** 0.5)
    for name, values in model.state_dict().items():
        if name.endswith("normalise.running_mean"):
            values.sub_(35.0)  # levels in dB
        elif name.endswith("normalise.running_var"):
            values.mul_(200.0)
    return model.eval()


def ear(kind: str, config: GeneratorConfig) -> nn.Module:
    """Return what hears: a "call", a "lenet", a "cnn", or "any" length."""
    if kind == "call":
        return CallEncoder(config, n_frames=161)
    if kind == "lenet":
        shape = LeNetConfig((1, config.n_mels, 41), 10, padding=0)
        seen = ImageEncoder(shape)
        last = nn.Linear(seen.n_features, config.n_features)
        level = nn.BatchNorm2d(1)
        return nn.Sequential(nn.Unflatten(1, (1, config.n_mels)), level, seen, last)
    sizes: Any = {"n_mels": config.n_mels, "widths": (4, 6, 8, 8), "pooling": "mean_max"}
    if kind == "any":
        return SpectrogramCNN(SpectrogramCNNConfig(n_classes=config.n_features, **sizes))
    cnn = SpectrogramCNNConfig(n_classes=10, **sizes)
    return AudioEncoder(cnn, width=config.n_features)


def flow(config: GeneratorConfig = CREATURES, *, kind: str = "call", seed: int = 1) -> LatentFlow:
    """Return a flow that was not trained."""
    found: LatentFlow = randomised(LatentFlow(PictureVAE(config), ear(kind, config)), seed)
    return found


def vae(
    config: GeneratorConfig = CREATURES, *, kind: str = "call", seed: int = 2
) -> ConditionalVAE:
    """Return a conditional VAE that was not trained."""
    found: ConditionalVAE = randomised(ConditionalVAE(config, ear(kind, config)), seed)
    return found
