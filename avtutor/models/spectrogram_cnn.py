"""A compact network for spectrograms of any length."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.masking import MaskedBatchNorm, masked_mean, time_mask

Pooling = Literal["mean", "mean_max"]


@dataclass(frozen=True)
class SpectrogramCNNConfig:
    """The settings of a SpectrogramCNN.

    Args:
        n_mels: rows of a spectrogram, at least 8.
        n_classes: how many there are.
        widths: channels after each of the four convolutions.
        dropout: the share of the pooled values that are left out in training.
        pooling: what is kept of the time: ``"mean"``, or ``"mean_max"``: the mean and, after it,
            the greatest value. A mean is diluted by a pause before or after the word; a greatest
            value is not.
    Raises:
        ValueError: if a number is out of its range, or `pooling` is unknown.
    Lesson: 06_the_same_cnn
    """

    n_mels: int
    n_classes: int
    widths: tuple[int, int, int, int] = (16, 32, 48, 64)
    dropout: float = 0.2
    pooling: Pooling = "mean"

    def __post_init__(self) -> None:
        if self.n_mels < 8:
            raise ValueError(
                f"n_mels must be at least 8, which three halvings need, got {self.n_mels}"
            )
        if len(self.widths) != 4 or min(self.n_classes, *self.widths) < 1:
            raise ValueError(
                f"n_classes and four widths must be at least 1, got {self.n_classes}, {self.widths}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")
        if self.pooling not in get_args(Pooling):
            raise ValueError(f"pooling must be mean or mean_max, got {self.pooling!r}")


class SpectrogramCNN(nn.Module):
    """Four 3×3 convolutions with batch norm and pooling, a mean over time, and a dense layer.

    The input is normalised band by band with statistics from the training data, so that dB can
    be given as they are, and the zeros that a convolution adds at the edges are an average level
    (0 dB itself would be loud). Padding is set to 0 before each convolution, which is what a clip
    alone finds beyond its end: padding changes no logit. The rows are kept apart up to the dense
    layer, since high and low are not the same.

    Args:
        config: the settings.
    Lesson: 06_the_same_cnn

    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=64, n_classes=10))
    >>> model(torch.zeros(2, 64, 101), torch.tensor([101, 40])).shape
    torch.Size([2, 10])
    """

    def __init__(self, config: SpectrogramCNNConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = MaskedBatchNorm(config.n_mels)
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        n_channels = 1
        for width in config.widths:
            self.convs.append(nn.Conv2d(n_channels, width, 3, padding=1, bias=False))
            self.norms.append(MaskedBatchNorm(width))
            n_channels = width
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.dropout = nn.Dropout(config.dropout)
        n_rows = -(-config.n_mels // 8)
        n_values = n_channels * n_rows * (2 if config.pooling == "mean_max" else 1)
        self.classifier = nn.Linear(n_values, config.n_classes)
        # On a processor the convolutions of so few channels take half the time in this order.
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        spectrograms: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch class"]:
        """Return the logits.

        Args:
            spectrograms: levels in dB.
            lengths: the frames that are not padding; None where there is no padding.
        Raises:
            ValueError: if there are not ``config.n_mels`` rows, or `lengths` do not fit.
        """
        logits: Tensor = self.classifier(self.dropout(self.embed(spectrograms, lengths)))
        return logits

    def embed(
        self,
        spectrograms: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return what the dense layer sees: one vector a clip."""
        if spectrograms.ndim != 3 or spectrograms.shape[1] != self.config.n_mels:
            raise ValueError(
                f"spectrograms must have the shape [batch, {self.config.n_mels}, frame], "
                f"got {list(spectrograms.shape)}"
            )
        if lengths is None:
            lengths = torch.full((len(spectrograms),), spectrograms.shape[-1]).to(
                spectrograms.device
            )
        x = self.normalise(spectrograms, time_mask(spectrograms, lengths))[:, None]
        for number, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            mask = time_mask(x, lengths)
            x = torch.relu(norm(conv(x), mask))  # [batch, channel, row, frame], padding 0
            if number < 3:
                x = self.pool(x)  # nothing is below 0, so that the padding never wins
                lengths = (lengths + 1) // 2
        mean = masked_mean(x, time_mask(x, lengths)).flatten(1)
        if self.config.pooling == "mean":
            return mean
        return torch.cat([mean, x.amax(dim=-1).flatten(1)], dim=1)  # padding is 0: never greatest
