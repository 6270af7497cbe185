"""Parts of a generator: a picture to a few numbers and back, and a call to a few numbers."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class GeneratorConfig:
    """The settings of a generator of pictures.

    Args:
        picture_shape: (channel, height, width) of a picture; height and width can be halved as
            often as there are widths, less one.
        n_mels: rows of a spectrogram, at least 8.
        n_latents: numbers that stand for a picture.
        n_features: numbers that stand for a sound.
        widths: channels of the decoder, from the coarsest grid to the finest.
        hidden: width of the layers that say where a latent flows.
        deviation: of a pixel about the decoder's picture, in the units of a pixel: how exact a
            reconstruction has to be, against how much may be told of the picture.
    Raises:
        ValueError: if a number is out of its range, or the picture cannot be halved so often.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> GeneratorConfig().grid
    (4, 4)
    """

    picture_shape: tuple[int, int, int] = (3, 32, 32)
    n_mels: int = 40
    n_latents: int = 24
    n_features: int = 64
    widths: tuple[int, ...] = (96, 64, 48, 24)
    hidden: int = 160
    deviation: float = 0.05

    def __post_init__(self) -> None:
        if len(self.picture_shape) != 3 or min(self.picture_shape) < 1:
            raise ValueError(
                f"picture_shape must be (channel, height, width), got {self.picture_shape}"
            )
        if self.n_mels < 8:
            raise ValueError(f"n_mels must be at least 8, got {self.n_mels}")
        if len(self.widths) < 2 or min(*self.widths, self.n_latents, self.n_features) < 1:
            raise ValueError(
                "widths must be two or more, and they, n_latents and n_features at least 1, got "
                f"{self.widths}, {self.n_latents} and {self.n_features}"
            )
        if self.hidden < 1 or not 0 < self.deviation < math.inf:
            raise ValueError(
                f"hidden must be at least 1 and deviation above 0, got {self.hidden} and "
                f"{self.deviation}"
            )
        part = 2 ** (len(self.widths) - 1)
        if any(side % part for side in self.picture_shape[1:]):
            raise ValueError(
                f"height and width must be multiples of {part}, to be halved "
                f"{len(self.widths) - 1} times, got {self.picture_shape}"
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the coarsest grid."""
        part = 2 ** (len(self.widths) - 1)
        return self.picture_shape[1] // part, self.picture_shape[2] // part


class PictureEncoder(nn.Module):
    """What is told of a picture: a mean and a variance for each latent.

    Args:
        config: the settings.
        n_given: numbers that are known of the picture beforehand.

    >>> mean, log_variance = PictureEncoder(GeneratorConfig())(torch.zeros(2, 3, 32, 32))
    >>> mean.shape, log_variance.shape
    (torch.Size([2, 24]), torch.Size([2, 24]))
    """

    def __init__(self, config: GeneratorConfig, *, n_given: int = 0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = config.picture_shape[0]
        for number, width in enumerate(config.widths[:0:-1]):
            layers += _conv(before, width, 5 if number == 0 else 3, stride=2)
            before = width
        self.convs = nn.Sequential(*layers, nn.Flatten())
        height, width = config.grid
        self.dense = nn.Linear(before * height * width + n_given, 2 * config.n_latents)
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        pictures: Float[Tensor, "batch channel height width"],
        given: Float[Tensor, "batch feature"] | None = None,
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """Return the mean and the logarithm of the variance."""
        x = self.convs(_in_order(pictures))
        if given is not None:
            x = torch.cat([x, given], dim=1)
        mean, log_variance = self.dense(x).chunk(2, dim=1)
        return mean, log_variance.clamp(-12.0, 4.0)


class PictureDecoder(nn.Module):
    """A picture from a few numbers: grids that get finer, each with a convolution.

    Args:
        config: the settings.
        n_values: how many numbers there are.

    >>> PictureDecoder(GeneratorConfig(), 24)(torch.zeros(2, 24)).shape
    torch.Size([2, 3, 32, 32])
    """

    def __init__(self, config: GeneratorConfig, n_values: int) -> None:
        super().__init__()
        self.shape = (config.widths[0], *config.grid)
        self.dense = nn.Linear(n_values, math.prod(self.shape))
        layers: list[nn.Module] = []
        before = config.widths[0]
        for width in config.widths[1:]:
            # Each place becomes two by two: four times the channels, laid out as a finer grid.
            layers += [*_conv(before, 4 * width, 1), nn.PixelShuffle(2)]
            before = width
            if width != config.widths[-1]:
                layers += _conv(width, width, 3)
        layers.append(nn.Conv2d(before, config.picture_shape[0], 3, padding=1))
        self.layers = nn.Sequential(*layers)
        self.to(memory_format=torch.channels_last)

    def forward(
        self, values: Float[Tensor, "batch value"]
    ) -> Float[Tensor, "batch channel height width"]:
        """Return pictures with pixels from 0 to 1."""
        x = torch.relu(self.dense(values)).reshape(-1, *self.shape)
        found: Tensor = self.layers(_in_order(x)).sigmoid()
        return found.contiguous()


class CallEncoder(nn.Module):
    """What is heard in a sound of fixed length: rows are joined first, then the time.

    The place in time is kept up to the last layer, so that notes can be counted.

    Args:
        config: the settings.
        n_frames: columns of a spectrogram.

    >>> CallEncoder(GeneratorConfig(), n_frames=161)(torch.zeros(2, 40, 161)).shape
    torch.Size([2, 64])
    """

    def __init__(self, config: GeneratorConfig, *, n_frames: int) -> None:
        super().__init__()
        if n_frames < 16:
            raise ValueError(f"n_frames must be at least 16, got {n_frames}")
        self.config, self.n_frames = config, n_frames
        self.normalise = nn.BatchNorm1d(config.n_mels)
        self.convs = nn.Sequential(
            *_conv(1, 16, 5, stride=2),
            *_conv(16, 24, 3, stride=2),
            *_conv(24, 32, 3, stride=(2, 1)),
            nn.Flatten(1, 2),
        )
        rows, steps = _halved(config.n_mels, 3), _halved(n_frames, 2)
        self.over_time = nn.Sequential(
            nn.Conv1d(32 * rows, 48, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm1d(48),
            nn.ReLU(),
            nn.Conv1d(48, 48, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm1d(48),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(48 * _halved(steps, 2), 96),
            nn.ReLU(),
            nn.Linear(96, config.n_features),
        )
        self.to(memory_format=torch.channels_last)

    def forward(
        self, spectrograms: Float[Tensor, "batch mel frame"]
    ) -> Float[Tensor, "batch feature"]:
        """Return what is heard.

        Raises:
            ValueError: if there are not ``config.n_mels`` rows and ``n_frames`` columns.
        """
        if spectrograms.shape[1:] != (self.config.n_mels, self.n_frames):
            raise ValueError(
                f"spectrograms must be [batch, {self.config.n_mels}, {self.n_frames}], "
                f"got {list(spectrograms.shape)}"
            )
        x = self.convs(_in_order(self.normalise(spectrograms)[:, None]))
        found: Tensor = self.over_time(x)
        return found


class Velocity(nn.Module):
    """Which way a latent moves on its way from noise to a picture, given what was heard.

    Args:
        config: the settings.

    >>> Velocity(GeneratorConfig())(torch.zeros(2, 24), torch.zeros(2), torch.zeros(2, 64)).shape
    torch.Size([2, 24])
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        n = config.hidden
        self.first = nn.Linear(config.n_latents + config.n_features + 2 * N_WAVES, n)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(n), nn.Linear(n, n), nn.SiLU(), nn.Linear(n, n))
            for _ in range(3)
        )
        self.last = nn.Linear(n, config.n_latents)

    def forward(
        self,
        latents: Float[Tensor, "batch latent"],
        times: Float[Tensor, " batch"],
        heard: Float[Tensor, "batch feature"],
    ) -> Float[Tensor, "batch latent"]:
        """Return the change of each latent in a unit of time.

        Args:
            latents: where they are.
            times: from 0, noise, to 1, a picture.
            heard: what the call encoder says.
        """
        angles = math.pi * times[:, None] * 2.0 ** torch.arange(N_WAVES, device=times.device) / 2
        x = self.first(torch.cat([latents, heard, angles.sin(), angles.cos()], dim=1))
        for block in self.blocks:
            x = x + block(x)
        found: Tensor = self.last(x)
        return found


N_WAVES = 4
"""Sines, and cosines, by which the time is told."""


def _conv(
    before: int, after: int, kernel: int, *, stride: int | tuple[int, int] = 1
) -> list[nn.Module]:
    conv = nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False)
    return [conv, nn.BatchNorm2d(after), nn.ReLU()]


def _halved(n: int, times: int) -> int:
    for _ in range(times):
        n = (n + 1) // 2
    return n


def _in_order(x: Tensor) -> Tensor:
    """Return the values in the order in which so few channels are fast."""
    return x.contiguous(memory_format=torch.channels_last)


def divergence(
    mean: Float[Tensor, "batch latent"], log_variance: Float[Tensor, "batch latent"]
) -> Float[Tensor, " batch"]:
    """Return the Kullback-Leibler divergence from a standard normal distribution, in nats.

    Source: Kingma and Welling 2014, Auto-encoding variational Bayes, appendix B.

    >>> divergence(torch.zeros(1, 2), torch.zeros(1, 2))
    tensor([0.])
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def drawn_like(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return latents drawn with this mean and variance, from PyTorch's global generator."""
    return mean + torch.randn_like(mean) * (log_variance / 2).exp()


def edges(pictures: Float[Tensor, "batch channel height width"]) -> Tensor:
    """Return what of a picture is not in the mean of its neighbourhood of 3 by 3: its edges."""
    smooth = nn.functional.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
    return pictures - smooth


def misfit(
    drawn: Float[Tensor, "batch channel height width"],
    real: Float[Tensor, "batch channel height width"],
    *,
    deviation: float,
    edge_weight: float,
) -> Float[Tensor, " batch"]:
    """Return how unlikely pictures are, given those that were drawn, in nats up to a constant.

    Args:
        drawn, real: pictures.
        deviation: of a pixel about what was drawn.
        edge_weight: the squared misfit of the edges counts so often on top: thin legs are few
            pixels.
    """
    squares = (drawn - real).square().flatten(1).sum(dim=1)
    if edge_weight:
        squares = squares + edge_weight * edges(drawn - real).square().flatten(1).sum(dim=1)
    return squares / (2 * deviation**2)
