"""Nets with two senses that differ in nothing but their fusion, and the same with one sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import nn

from avtutor.models.bottleneck import BottleneckFusion
from avtutor.models.fusing import (
    AverageLogits,
    CommonGrid,
    Concatenate,
    GatedFusion,
    LearnedMix,
    LowRankFusion,
)
from avtutor.models.fusion import FusionNet
from avtutor.models.fusion_encoders import (
    AudioEncoder,
    DenseEncoder,
    ImageEncoder,
    Normalised,
)
from avtutor.models.lenet import LeNet, LeNetConfig
from avtutor.models.spectrogram_cnn import SpectrogramCNNConfig

KINDS = ("early", "concat", "late", "mix", "gated", "bottleneck", "low_rank")
SENSES = ("audio", "image")


@dataclass(frozen=True)
class FusionConfig:
    """The settings of a net that hears and sees digits.

    Args:
        kind: the fusion: ``"early"`` (`CommonGrid`), ``"concat"`` (`Concatenate`), ``"late"``
            (`AverageLogits`), ``"mix"`` (`LearnedMix`), ``"gated"`` (`GatedFusion`),
            ``"bottleneck"`` (`BottleneckFusion`) or ``"low_rank"`` (`LowRankFusion`).
        n_classes: how many there are.
        n_mels: rows of a spectrogram.
        n_frames: its columns; needed by ``"early"``, whose grid is the same for all.
        picture_shape: (channel, height, width).
        audio_widths: channels of the four convolutions of the `SpectrogramCNN`.
        image_widths: channels of the two convolutions of the `LeNet`.
        image_hidden: its dense layers.
        width: of what the fusion returns; of the layer after ``"concat"``.
        depth: where ``"concat"`` joins. 0: after the convolutions of both; 1: after the dense
            layers of the LeNet, where only the last layer of both nets is left; 2: after one more
            dense layer of `width` each. At 0 and 1 that layer follows the join, for both.
        grid: (height, width) of the grid of ``"early"``.
        dropout: share left out before each last layer, in training.
        sense_heads: whether each sense also gets a head of its own; ``"late"`` and ``"mix"``
            always have them.
    Raises:
        ValueError: if a name is unknown, a number out of its range, or heads of the senses are
            asked of ``"early"``, which has no encoder to put them on.
    Lesson: 13_fusion

    >>> FusionConfig("gated").width
    64
    """

    kind: str
    n_classes: int = 10
    n_mels: int = 40
    n_frames: int = 81
    picture_shape: tuple[int, int, int] = (1, 8, 8)
    audio_widths: tuple[int, int, int, int] = (8, 12, 16, 24)
    image_widths: tuple[int, int] = (6, 16)
    image_hidden: tuple[int, int] = (120, 84)
    width: int = 64
    depth: int = 1
    grid: tuple[int, int] = (32, 32)
    dropout: float = 0.2
    sense_heads: bool = False

    def __post_init__(self) -> None:
        _check(self.kind, self.depth, self.dropout)
        if min(self.n_classes, self.n_frames, self.width, *self.grid) < 1:
            raise ValueError(
                "n_classes, n_frames, width and grid must be at least 1, got "
                f"{self.n_classes}, {self.n_frames}, {self.width} and {self.grid}"
            )
        if self.kind == "early" and self.sense_heads:
            raise ValueError("the kind 'early' has no encoders that sense_heads could stand on")


def _check(kind: str, depth: int, dropout: float) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if depth not in (0, 1, 2):
        raise ValueError(f"depth must be 0, 1 or 2, got {depth}")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be in [0, 1), got {dropout}")


def _last(n_features: int, n_classes: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(n_features, n_classes))


def _joint(n_features: int, widths: tuple[int, ...], n_classes: int, dropout: float) -> nn.Module:
    """Return dense layers for the features of all senses, dropout before the last."""
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(n_features, width), nn.ReLU()]
        n_features = width
    return nn.Sequential(*layers, *_last(n_features, n_classes, dropout))


def _encoder(sense: str, config: FusionConfig) -> AudioEncoder | ImageEncoder:
    depth = config.depth if config.kind == "concat" else 1
    width = config.width if depth == 2 else None
    if sense == "audio":
        audio = SpectrogramCNNConfig(
            config.n_mels, config.n_classes, widths=config.audio_widths, dropout=0.0
        )
        return AudioEncoder(audio, width=width)
    image = LeNetConfig(
        config.picture_shape,
        config.n_classes,
        widths=config.image_widths,
        hidden=config.image_hidden,
    )
    return ImageEncoder(image, convolutions_only=depth == 0, width=width)


def _net(
    kind: str,
    encoders: Mapping[str, nn.Module],
    *,
    width: int,
    joint: tuple[int, ...],
    n_classes: int,
    dropout: float,
    sense_heads: bool,
) -> FusionNet:
    """Return a net of a kind that joins features or logits; its encoders say ``n_features``."""
    sizes = {sense: int(encoder.n_features) for sense, encoder in encoders.items()}  # type: ignore[arg-type]
    fusion: nn.Module
    head: nn.Module
    if kind == "late":
        fusion, head = AverageLogits(), nn.Identity()
    elif kind == "mix":
        fusion, head = LearnedMix(tuple(sizes), n_classes), nn.Identity()
    elif kind == "concat":
        fusion = Concatenate(sizes)
        head = _joint(fusion.n_features, joint, n_classes, dropout)
    else:
        fusion = {
            "gated": GatedFusion, "bottleneck": BottleneckFusion, "low_rank": LowRankFusion
        }[kind](sizes, width=width)  # fmt: skip
        head = _last(width, n_classes, dropout)
    heads = {
        sense: _last(size, n_classes, dropout)
        for sense, size in sizes.items()
        if sense_heads or kind in ("late", "mix")
    }
    return FusionNet(encoders, fusion, head, sense_heads=heads)


def fusion_net(config: FusionConfig) -> FusionNet:
    """Return a net that hears and sees: senses "audio" and "image".

    The encoders are the same for all kinds but ``"early"``, whose head is a LeNet that sees both
    inputs on one grid. Weights come from PyTorch's global generator.

    Args:
        config: the settings.
    Lesson: 13_fusion

    >>> import torch
    >>> net = fusion_net(FusionConfig("late"))
    >>> net({"audio": torch.zeros(2, 40, 81), "image": torch.zeros(2, 1, 8, 8)}).shape
    torch.Size([2, 10])
    """
    if config.kind == "early":
        sizes = {"audio": (config.n_mels, config.n_frames), "image": config.picture_shape}
        grid = CommonGrid(sizes, grid=config.grid)
        lenet = LeNetConfig(
            (grid.n_channels, *config.grid),
            config.n_classes,
            widths=config.image_widths,
            hidden=config.image_hidden,
            dropout=config.dropout,
        )
        encoders = {sense: Normalised(size[0]) for sense, size in sizes.items()}
        return FusionNet(encoders, grid, LeNet(lenet))
    return _net(
        config.kind,
        {sense: _encoder(sense, config) for sense in SENSES},
        width=config.width,
        joint=() if config.depth == 2 else (config.width,),
        n_classes=config.n_classes,
        dropout=config.dropout,
        sense_heads=config.sense_heads,
    )


def sense_net(sense: Literal["audio", "image"], config: FusionConfig) -> FusionNet:
    """Return the net of one sense: the encoder that it has in `fusion_net`, and a last layer.

    For ``"audio"`` that is a `SpectrogramCNN`, for ``"image"`` a `LeNet`, as long as ``"concat"``
    does not join at another depth than 1. For ``"early"``, which has no encoders, it is the same.

    Args:
        sense: which.
        config: the settings.
    Raises:
        ValueError: if there is no such sense.
    Lesson: 13_fusion

    >>> import torch
    >>> sense_net("image", FusionConfig("late"))({"image": torch.zeros(2, 1, 8, 8)}).shape
    torch.Size([2, 10])
    """
    if sense not in SENSES:
        raise ValueError(f"sense must be one of {', '.join(SENSES)}, got {sense!r}")
    encoder = _encoder(sense, config)
    head = _last(encoder.n_features, config.n_classes, config.dropout)
    return FusionNet({sense: encoder}, Concatenate({sense: encoder.n_features}), head)


def latent_net(
    kind: str,
    sizes: Mapping[str, int],
    *,
    n_classes: int,
    hidden: int = 32,
    width: int = 32,
    depth: int = 1,
    dropout: float = 0.0,
    sense_heads: bool = False,
) -> FusionNet:
    """Return a net for senses that are vectors: the same fusions on small dense encoders.

    ``"early"`` puts the vectors themselves side by side, zeros where one is missing. With one
    sense, ``"concat"`` is the net of that sense alone, with as many layers.

    Args:
        kind: one of `KINDS`.
        sizes: by sense: how long its vectors are.
        n_classes: how many there are.
        hidden: size of each layer of an encoder.
        width: of what the fusion returns; of each layer after ``"concat"`` and ``"early"``.
        depth: where ``"concat"`` joins: so many of two hidden layers are a sense's own, the rest
            are for all. The encoders of the others have one layer.
        dropout: share left out before each last layer, in training.
        sense_heads: as in `FusionConfig`.
    Raises:
        ValueError: if a name is unknown or a number out of its range.
    Lesson: 13_fusion

    >>> import torch
    >>> net = latent_net("gated", {"audio": 12, "image": 600}, n_classes=4)
    >>> net({"audio": torch.ones(2, 12)}).shape
    torch.Size([2, 4])
    """
    _check(kind, depth, dropout)
    if not sizes or min(*sizes.values(), n_classes, hidden, width) < 1:
        raise ValueError(
            f"sizes must hold a sense, and each number be at least 1, got {dict(sizes)}, "
            f"{n_classes}, {hidden} and {width}"
        )
    if kind == "early" and sense_heads:
        raise ValueError("the kind 'early' has no encoders that sense_heads could stand on")
    own = {"early": 0, "concat": depth}.get(kind, 1)
    return _net(
        "concat" if kind == "early" else kind,
        {sense: DenseEncoder(n, hidden=hidden, depth=own) for sense, n in sizes.items()},
        width=width,
        joint=(width,) * (2 - own),
        n_classes=n_classes,
        dropout=dropout,
        sense_heads=sense_heads,
    )
