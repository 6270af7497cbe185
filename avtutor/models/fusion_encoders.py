"""What turns a sound, a picture or a vector into the features that a fusion joins.

Each says in ``n_features`` how many it returns.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.lenet import LeNet, LeNetConfig
from avtutor.models.masking import MaskedBatchNorm, time_mask
from avtutor.models.spectrogram_cnn import SpectrogramCNN, SpectrogramCNNConfig


class AudioEncoder(nn.Module):
    """A `SpectrogramCNN` without its last layer, and perhaps with another one.

    Args:
        config: of the net.
        width: of a dense layer after it; None adds none.
    """

    def __init__(self, config: SpectrogramCNNConfig, *, width: int | None = None) -> None:
        super().__init__()
        self.cnn = SpectrogramCNN(config)
        n_features = self.cnn.classifier.in_features
        del self.cnn.classifier  # what embeds does not call it
        self.dense = _dense(n_features, width)
        self.n_features = width or n_features

    def forward(
        self,
        spectrograms: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return the features; levels are in dB, padding changes nothing."""
        found: Tensor = self.dense(self.cnn.embed(spectrograms, lengths))
        return found


class ImageEncoder(nn.Module):
    """A `LeNet` up to its last hidden layer, or its convolutions only.

    Args:
        config: of the net.
        convolutions_only: leave its dense layers out too.
        width: of a dense layer after it; None adds none.
    """

    def __init__(
        self, config: LeNetConfig, *, convolutions_only: bool = False, width: int | None = None
    ) -> None:
        super().__init__()
        self.lenet = LeNet(config)
        # The classifier is Flatten, pairs of a dense layer and ReLU, dropout, the last layer.
        self.lenet.classifier = self.lenet.classifier[: 1 if convolutions_only else -2]
        n_maps, height, row = config.features
        n_features = n_maps * height * row if convolutions_only else config.hidden[-1]
        self.dense = _dense(n_features, width)
        self.n_features = width or n_features

    def forward(
        self, pictures: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the features."""
        found: Tensor = self.dense(self.lenet(pictures))
        return found


class Normalised(nn.Module):
    """The input itself, with mean 0 and variance 1 a row: what stands for an encoder in early
    fusion, so that the zeros of a missing sense are an average.

    Args:
        n_channels: the size of axis 1.
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.norm = MaskedBatchNorm(n_channels)

    def forward(
        self, x: Float[Tensor, "batch channel *axes"], lengths: Int[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch channel *axes"]:
        """Return it; 0 where there is padding."""
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[-1], device=x.device)
        found: Tensor = self.norm(x, time_mask(x, lengths))
        return found


class DenseEncoder(nn.Module):
    """Dense layers with ReLU, for vectors; none of them leaves the vector as it is.

    Args:
        size: of the vector.
        hidden: size of each layer.
        depth: how many layers.
    """

    def __init__(self, size: int, *, hidden: int, depth: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for number in range(depth):
            layers += [nn.Linear(hidden if number else size, hidden), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.n_features = hidden if depth else size

    def forward(self, x: Float[Tensor, "batch value"]) -> Float[Tensor, "batch feature"]:
        """Return the features."""
        found: Tensor = self.layers(x)
        return found


def _dense(n_features: int, width: int | None) -> nn.Module:
    if width is None:
        return nn.Identity()
    return nn.Sequential(nn.Linear(n_features, width), nn.ReLU())
