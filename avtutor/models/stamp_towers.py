"""Towers for sounds and small pictures: an ear that reads order, and an eye of whitened pixels."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.masking import MaskedBatchNorm, masked_mean, time_mask
from avtutor.models.towers import Towers

CONVS = ((12, 5, 2), (24, 3, 2), (48, 3, 1))
"""Channels, kernel and stride in time of each convolution; in frequency all strides are 2."""


class SoundEncoder(nn.Module):
    """Convolutions, layers along time, and of these the mean and the greatest value.

    The greatest value tells that something was heard, however much else there was.

    Args:
        n_mels: rows of a spectrogram, at least 8.
        width: channels of the layers along time; a step of theirs stands for four frames.
        dilations: steps between the three taps of each of them; each adds to what came before.
        dropout: the share of what is kept that is left out in training.
    Raises:
        ValueError: if `n_mels` is below 8.
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
        if n_mels < 8:
            raise ValueError(f"n_mels must be at least 8, which three halvings need, got {n_mels}")
        self.n_mels = n_mels
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        before, rows = 1, n_mels
        for channels, kernel, stride in CONVS:
            self.convs.append(
                nn.Conv2d(before, channels, kernel, (2, stride), kernel // 2, bias=False)
            )
            self.norms.append(MaskedBatchNorm(channels))
            before, rows = channels, -(-rows // 2)
        self.project = nn.Conv1d(before * rows, width, 1)
        self.delays = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=d, padding=d, bias=False) for d in dilations
        )
        self.delay_norms = nn.ModuleList(MaskedBatchNorm(width) for _ in dilations)
        self.dropout = nn.Dropout(dropout)
        self.n_features = 2 * width
        # On a processor the convolutions of so few channels take less time in this order.
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        spectrograms: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return the features; padding changes nothing.

        Raises:
            ValueError: if there are not `n_mels` rows, or `lengths` do not fit.
        """
        if spectrograms.ndim != 3 or spectrograms.shape[1] != self.n_mels:
            raise ValueError(
                f"spectrograms must have the shape [batch, {self.n_mels}, frame], "
                f"got {list(spectrograms.shape)}"
            )
        if lengths is None:
            lengths = torch.full((len(spectrograms),), spectrograms.shape[-1])
        steps = lengths.to(spectrograms.device)
        x = spectrograms.masked_fill(~time_mask(spectrograms, steps), 0.0)[:, None]
        for (_, _, stride), conv, norm in zip(CONVS, self.convs, self.norms, strict=True):
            x, steps = conv(x), (steps + stride - 1) // stride
            x = torch.relu(norm(x, time_mask(x, steps)))
        x = x.flatten(1, 2)  # the rows stay apart: high and low are not the same
        mask = time_mask(x, steps)
        x = torch.relu(self.project(x)).masked_fill(~mask, 0.0)
        for conv, norm in zip(self.delays, self.delay_norms, strict=True):
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
    torch.Size([2, 192])
    """

    mean: Tensor
    basis: Tensor

    def __init__(
        self,
        pictures: Float[Tensor, "picture channel height width"],
        *,
        n_components: int = 96,
        width: int = 192,
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
    n_components: int = 96,
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
