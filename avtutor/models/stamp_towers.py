"""Towers for sounds and small pictures: an ear that reads order, and an eye of whitened pixels."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.language import ConvBody
from avtutor.models.language_config import ConvSettings, LanguageCNNConfig
from avtutor.models.masking import MaskedBatchNorm, masked_mean, time_mask
from avtutor.models.towers import Towers

CONVS = (
    ConvSettings(16, kernel=5, stride=2, pool=1, pool_stride=1),
    ConvSettings(32, stride=2, pool=1, pool_stride=1),
    ConvSettings(48, pool=1, pool_stride=1),
)
"""A step of what they give stands for four frames."""


class SoundEncoder(nn.Module):
    """Convolutions, layers along time, and of these the mean and the greatest value.

    The greatest value tells that something was heard, however much else there was.

    Args:
        n_mels: rows of a spectrogram.
        width: channels of the layers along time.
        dilations: steps between the three taps of each of them; each adds to what came before.
        dropout: the share of what is kept that is left out in training.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> ear = SoundEncoder(24)
    >>> ear(torch.zeros(2, 24, 60), torch.tensor([60, 40])).shape
    torch.Size([2, 192])
    """

    def __init__(
        self,
        n_mels: int,
        *,
        width: int = 96,
        dilations: tuple[int, ...] = (1, 2),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.body = ConvBody(LanguageCNNConfig(n_mels, 1, convs=CONVS, projection=width))
        self.convs = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=d, padding=d, bias=False) for d in dilations
        )
        self.norms = nn.ModuleList(MaskedBatchNorm(width) for _ in dilations)
        self.dropout = nn.Dropout(dropout)
        self.n_features = 2 * width

    def forward(
        self,
        spectrograms: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return the features; padding changes nothing.

        Raises:
            ValueError: if there are not `n_mels` rows, or `lengths` do not fit.
        """
        x, steps = self.body(spectrograms, lengths)
        mask = time_mask(x, steps)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = x + torch.relu(norm(conv(x), mask))  # nothing is below 0, and padding is 0
        found: Tensor = self.dropout(torch.cat([masked_mean(x, mask), x.amax(dim=-1)], dim=1))
        return found


class PixelEncoder(nn.Module):
    """The pixels in coordinates in which known pictures have variance 1, then one layer.

    With a few hundred pictures there is little to learn an eye from. Their principal components
    are known at once, and tell them apart: colour and outline, coarse ones first.

    Args:
        pictures: those to find the components of, training pictures only.
        n_components: how many are kept; at most one less than there are pictures.
        width: of the layer.
        dropout: the share of components, and of features, that are left out in training.
    Raises:
        ValueError: if `n_components` is not from 1 to one less than there are pictures.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> eye = PixelEncoder(torch.rand(50, 3, 16, 16), n_components=20)
    >>> eye(torch.rand(2, 3, 16, 16)).shape
    torch.Size([2, 256])
    """

    mean: Tensor
    basis: Tensor

    def __init__(
        self,
        pictures: Float[Tensor, "picture channel height width"],
        *,
        n_components: int = 128,
        width: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not 1 <= n_components < len(pictures):
            raise ValueError(
                f"n_components must be from 1 to {len(pictures) - 1}, one less than there are "
                f"pictures, got {n_components}"
            )
        pixels = pictures.flatten(1).to(torch.float64)
        mean = pixels.mean(dim=0)
        _, spread, basis = torch.linalg.svd(pixels - mean, full_matrices=False)
        deviations = spread[:n_components] / (len(pixels) - 1) ** 0.5
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("basis", (basis[:n_components].T / deviations).to(torch.float32))
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(n_components, width), nn.ReLU(), nn.Dropout(dropout)
        )
        self.n_features = width

    def components(
        self, pictures: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch component"]:
        """Return the pictures in coordinates in which the known ones have variance 1.

        Raises:
            ValueError: if the pictures are not of the shape of the known ones.
        """
        pixels = pictures.flatten(1)
        if pixels.shape[1] != len(self.mean):
            raise ValueError(
                f"pictures must have {len(self.mean)} values each, as those that the components "
                f"are of, got the shape {list(pictures.shape)}"
            )
        found: Tensor = (pixels - self.mean) @ self.basis
        return found

    def forward(
        self, pictures: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch feature"]:
        """Return the features."""
        found: Tensor = self.layers(self.components(pictures))
        return found


def stamp_towers(
    pictures: Float[Tensor, "picture channel height width"],
    *,
    n_mels: int,
    size: int = 64,
    n_components: int = 128,
    dropout: float = 0.1,
) -> Towers:
    """Return untrained towers for sounds ("audio") and small pictures ("image").

    Args:
        pictures: the training pictures.
        n_mels: rows of a spectrogram.
        size: of an embedding.
        n_components: see `PixelEncoder`.
        dropout: in both encoders.
    Raises:
        ValueError: as `PixelEncoder`.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> towers = stamp_towers(torch.rand(50, 3, 16, 16), n_mels=24, n_components=20)
    >>> towers.embed("audio", torch.rand(2, 24, 60)).shape
    torch.Size([2, 64])
    """
    ear = SoundEncoder(n_mels, dropout=dropout)
    eye = PixelEncoder(pictures, n_components=n_components, dropout=dropout)
    return Towers(
        {"audio": ear, "image": eye},
        {"audio": ear.n_features, "image": eye.n_features},
        size=size,
        temperature=0.1,
    )
