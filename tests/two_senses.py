"""A small net of two senses, and data for it, that the tests of training share."""

import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.models.fusing import Concatenate
from avtutor.models.fusion import FusionNet


def encoder(n: int) -> nn.Module:
    return nn.Sequential(nn.Linear(n, 8), nn.BatchNorm1d(8), nn.ReLU())


def small_net(seed: int = 0, senses: tuple[str, ...] = ("audio", "image")) -> FusionNet:
    """Return a net with batch norm in its encoders, dropout in its head, and a head a sense."""
    torch.manual_seed(seed)
    sizes = {"audio": 4, "image": 6}
    encoders = {name: encoder(sizes[name]) for name in senses}
    head = nn.Sequential(nn.Dropout(0.2), nn.Linear(8 * len(senses), 3))
    return FusionNet(
        encoders,
        Concatenate(dict.fromkeys(senses, 8)),
        head,
        sense_heads={name: nn.Linear(8, 3) for name in senses},
    )


def small_data(n: int, seed: int = 0, **noise: float) -> Batch:
    """Return items of three classes; each sense shows the class under noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 3
    spread = {"audio": 0.5, "image": 1.0, **noise}
    centres = {"audio": torch.eye(3, 4) * 2, "image": torch.eye(3, 6) * 2}
    inputs = {
        name: centres[name][labels]
        + spread[name] * torch.randn(n, centres[name].shape[1], generator=generator)
        for name in centres
    }
    return Batch(inputs=inputs, labels=labels, groups=("made",) * n)
