"""Networks of two senses that were never trained, with statistics as if they had been."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from avtutor.models import (
    KINDS,
    FusionConfig,
    FusionNet,
    ensemble,
    fusion_net,
    sense_net,
)
from torch import nn

SENSES: tuple[Literal["audio"], Literal["image"]] = ("audio", "image")
NAMES = {
    "audio": "sound alone", "image": "picture alone", "ensemble": "two nets averaged",
    "early": "early", "concat": "concatenated", "late": "late", "mix": "learned mix",
    "gated": "gated", "bottleneck": "bottleneck", "low_rank": "low rank",
}  # fmt: skip


def randomised(net: FusionNet, seed: int) -> FusionNet:
    """Return the net with every number drawn: no factor is 1, no mean is 0."""
    g = torch.Generator().manual_seed(seed)
    for name, values in net.state_dict().items():
        part = name.split(".")[-1]
        drawing = torch.randn(values.shape, generator=g)
        if part == "running_var":
            values.copy_(0.05 + drawing.abs())
        elif part in ("running_mean", "bias"):
            values.copy_(drawing * 0.3)
        elif part in ("scores", "shared"):
            values.copy_(drawing)
        elif part == "weight" and values.ndim == 1:
            values.copy_(1 + 0.3 * drawing)
        elif part == "weight":
            values.copy_(drawing * (2 / values[0].numel()) ** 0.5)
    for name, values in net.state_dict().items():
        if name.endswith(("cnn.normalise.running_mean", "encoders.audio.norm.running_mean")):
            values.sub_(35.0)  # levels in dB
        elif name.endswith(("cnn.normalise.running_var", "encoders.audio.norm.running_var")):
            values.mul_(200.0)
    return net.eval()


def drawn(net: FusionNet, seed: int) -> FusionNet:
    """Return the net with numbers that are drawn, and answers that differ."""
    return spread(randomised(net, seed))


def spread(net: FusionNet) -> FusionNet:
    """Scale the last layers so that answers differ, and do not all favour the same class."""
    g = torch.Generator().manual_seed(1)
    n = 40
    levels = -60 * torch.rand(n, 1, 1, generator=g) * torch.rand(n, 40, 81, generator=g)
    every = {"audio": levels, "image": torch.rand(n, 1, 8, 8, generator=g) ** 2}
    inputs = {sense: every[sense] for sense in net.senses}
    lasts = [module for name, module in net.named_modules() if name.startswith(("head", "sense_"))]
    for last in reversed([m for m in lasts if isinstance(m, nn.Linear) and m.out_features == 10]):
        caught: list[torch.Tensor] = []
        hook = last.register_forward_hook(lambda _, __, out, into=caught: into.append(out))
        with torch.no_grad():
            net(inputs)
            hook.remove()
            if caught:
                scale = 3 / (caught[0] - caught[0].mean(dim=0)).std()
                last.weight.mul_(scale)
                last.bias.copy_(scale * (last.bias - caught[0].mean(dim=0)))
    return net


def nets(
    kinds: Sequence[str] = ("audio", "image", "ensemble", *KINDS), **settings: Any
) -> dict[str, FusionNet]:
    """Return nets by their names on the screen."""
    found = {}
    for number, kind in enumerate(kinds):
        config = FusionConfig(kind if kind in KINDS else "concat", **settings)
        alone = [drawn(sense_net(sense, config), n) for n, sense in enumerate(SENSES)]
        if kind in SENSES:
            net = alone[SENSES.index(kind)]
        elif kind == "ensemble":
            net = ensemble(dict(zip(SENSES, alone, strict=True)))
        else:
            net = drawn(fusion_net(config), number)
        found[NAMES[kind]] = net
    return found
