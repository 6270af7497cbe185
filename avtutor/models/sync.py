"""Two towers that learn which sound belongs to which picture, and so when, and where."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from avtutor.models.sync_input import SyncConfig, SyncInput

__all__ = [
    "SyncConfig",
    "SyncTowers",
    "balanced_loss",
    "candidate_loss",
    "candidate_scores",
    "over_context",
]


class PictureTower(nn.Module):
    """Differences of a few pictures in, one embedding for each place out.

    Fully convolutional: what is seen at a place does not depend on where it is.

    Args:
        config: the settings.

    >>> PictureTower(SyncConfig())(torch.zeros(2, 4, 32, 32)).shape
    torch.Size([2, 64, 8, 8])
    """

    def __init__(self, config: SyncConfig) -> None:
        super().__init__()
        n = config.width
        self.layers = nn.Sequential(
            _conv(config.n_frames - 1, n, 5, stride=2),
            _conv(n, 2 * n, 3, stride=2),
            _conv(2 * n, 4 * n, 3),
            nn.Conv2d(4 * n, config.n_features, 1),
        )

    def forward(
        self, windows: Float[Tensor, "batch step height width"]
    ) -> Float[Tensor, "batch feature row column"]:
        """Return embeddings of length 1, one a place."""
        found: Tensor = F.normalize(self.layers(windows * 4), dim=1)
        return found


class SoundTower(nn.Module):
    """Log-mel columns in, one embedding for each window that begins at a column out.

    Args:
        config: the settings.

    >>> SoundTower(SyncConfig())(torch.zeros(2, 40, 101)).shape
    torch.Size([2, 64, 82])
    """

    def __init__(self, config: SyncConfig) -> None:
        super().__init__()
        n = config.n_features
        self.layers = nn.Sequential(
            nn.Conv1d(config.n_mels, n, 5, bias=False),
            nn.BatchNorm1d(n),
            nn.ReLU(),
            nn.Conv1d(n, n, 5, bias=False),
            nn.BatchNorm1d(n),
            nn.ReLU(),
            nn.Conv1d(n, n, config.n_columns - 8),  # all of the window
        )

    def forward(
        self, levels: Float[Tensor, "batch mel column"]
    ) -> Float[Tensor, "batch feature window"]:
        """Return embeddings of length 1."""
        found: Tensor = F.normalize(self.layers(levels), dim=1)
        return found


def _conv(before: int, after: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.ReLU())


class SyncTowers(nn.Module):
    """A picture tower and a sound tower whose embeddings are alike when both belong together.

    The similarity of a window of pictures and one of sound is the greatest over the places of the
    picture: so the network is free to say where. `scale` and `shift` turn a similarity into a
    logit.

    Args:
        config: the settings.
    Source: Chung and Zisserman 2016, Out of time (windows of 5 frames and 0.2 s, offsets to 15
        frames); Arandjelović and Zisserman 2018, Objects that sound (the maximum over places).
    Lesson: 17_in_sync

    >>> towers = SyncTowers(SyncConfig())
    >>> towers(torch.zeros(2, 30, 32, 32), torch.zeros(2, 40, 200), torch.arange(3)).shape
    torch.Size([2, 3, 181])
    """

    def __init__(self, config: SyncConfig) -> None:
        super().__init__()
        self.config = config
        self.picture = PictureTower(config)
        self.sound = SoundTower(config)
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))  # its logarithm
        self.shift = nn.Parameter(torch.tensor(0.0))

    def forward(
        self,
        pictures: Float[Tensor, "batch step height width"],
        levels: Float[Tensor, "batch mel column"],
        starts: Int[Tensor, " window"],
    ) -> Float[Tensor, "batch window start"]:
        """Return the similarity of each window of pictures with the sound from each column on.

        Args:
            pictures: differences of successive pictures (see `sync_input`).
            levels: columns.
            starts: the picture that each window begins with.
        Returns:
            Similarities from -1 to 1, [batch, window, column].
        """
        return self.heat(pictures, levels, starts).amax(dim=-1)

    def heat(
        self,
        pictures: Float[Tensor, "batch step height width"],
        levels: Float[Tensor, "batch mel column"],
        starts: Int[Tensor, " window"],
    ) -> Float[Tensor, "batch window start place"]:
        """Return the similarities for each place, row by row."""
        maps = self.maps(pictures, starts).flatten(3)  # [batch, window, feature, place]
        heard = self.sound(levels)  # [batch, feature, column]
        return torch.einsum("bwfp,bfc->bwcp", maps, heard)

    def maps(
        self, pictures: Float[Tensor, "batch step height width"], starts: Int[Tensor, " window"]
    ) -> Float[Tensor, "batch window feature row column"]:
        """Return what the picture tower makes of each window, for each place."""
        steps = torch.arange(self.config.n_frames - 1)
        windows = pictures[:, starts[:, None] + steps]
        found: Tensor = self.picture(windows.flatten(0, 1))
        return found.reshape(*windows.shape[:2], *found.shape[1:])


def candidate_scores(
    towers: SyncTowers,
    pictures: Float[Tensor, "batch step height width"],
    levels: Float[Tensor, "batch mel column"],
    first: Int[Tensor, "batch frame"],
    starts: Int[Tensor, " window"],
    offsets: Int[Tensor, " candidate"],
) -> Float[Tensor, "batch window candidate"]:
    """Return the similarity of each window with the sound at each offset, in columns.

    Args:
        towers: the network.
        pictures, levels: of clips of one length.
        first: the column that belongs to each picture.
        starts: the picture that each window begins with.
        offsets: in columns; + is later sound.
    Raises:
        ValueError: if a window would lie outside of the sound.
    Lesson: 17_in_sync
    """
    columns = first[:, starts][..., None] + offsets  # [batch, window, candidate]
    most = levels.shape[-1] - towers.config.n_columns
    low, high = int(columns.min()), int(columns.max())
    if low < 0 or high > most:
        raise ValueError(
            f"windows must begin at columns from 0 to {most}, got {low} to {high}: the sound ends "
            "before the largest offset does"
        )
    similarity: Tensor = towers(pictures, levels, starts)
    return similarity.gather(2, columns)


def over_context(
    scores: Float[Tensor, "batch window candidate"], n_windows: int
) -> Float[Tensor, "batch context candidate"]:
    """Return the mean over each `n_windows` windows that follow each other.

    Lesson: 17_in_sync

    >>> over_context(torch.tensor([[[1.0], [3.0], [5.0]]]), 2)[0, :, 0]
    tensor([2., 4.])
    """
    return scores.unfold(1, n_windows, 1).mean(dim=-1)


def candidate_loss(
    logits: Float[Tensor, "batch candidate"], right: int | Int[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """Return the cross-entropy of the right candidate among all: InfoNCE.

    A network that knows nothing gives ``log(n)`` with n candidates: 3.434 with 31. A loss that
    stays there has learned nothing.

    Args:
        logits: similarities times a scale.
        right: the number of the right candidate.
    Source: van den Oord, Li and Vinyals 2018, Contrastive predictive coding, equation 4.
    Lesson: 17_in_sync

    >>> candidate_loss(torch.zeros(4, 31), 15)
    tensor(3.4340)
    """
    targets = torch.full((len(logits),), right) if isinstance(right, int) else right
    return F.cross_entropy(logits, targets)


def balanced_loss(
    positive: Float[Tensor, " pair"], negative: Float[Tensor, " pair"]
) -> Float[Tensor, ""]:
    """Return the binary cross-entropy of as many pairs that belong together as of others.

    A network that knows nothing gives ``log(2)``, 0.693, if the pairs are balanced, as here.

    Args:
        positive, negative: logits.
    Lesson: 17_in_sync

    >>> balanced_loss(torch.zeros(4), torch.zeros(4))
    tensor(0.6931)
    """
    return (F.softplus(-positive).mean() + F.softplus(negative).mean()) / 2


def stacked(inputs: list[SyncInput]) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures, levels and first columns of clips of one length, [batch, ...].

    Raises:
        ValueError: if they differ in shape.
    """
    shapes = {(tuple(one.pictures.shape), tuple(one.levels.shape)) for one in inputs}
    if len(shapes) != 1:
        raise ValueError(f"the clips must have one length, got {sorted(shapes)}")
    return (
        torch.stack([one.pictures for one in inputs]),
        torch.stack([one.levels for one in inputs]),
        torch.stack([one.first for one in inputs]),
    )
