"""LeNet: the network that read cheques, for pictures of any size, those of sounds among them."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

Variant = Literal["modern", "historical"]


@dataclass(frozen=True)
class LeNetConfig:
    """The settings of a LeNet.

    Args:
        input_shape: (channel, height, width) of a picture; of a spectrogram, (1, mel, frame).
        n_classes: how many there are.
        variant: ``"historical"``: scaled tanh and average pooling; ``"modern"``: batch norm, ReLU
            and maximum pooling. Both have 5×5 filters.
        widths: channels after the first and the second convolution.
        hidden: sizes of the two dense layers before the last.
        padding: rows and columns of zeros around a picture before each convolution. 2 keeps its
            size; 0, on 32×32, is LeNet-5.
        dropout: the share of the last hidden values that are left out in training.
    Raises:
        ValueError: if a number is out of its range, or the picture too small.
    Lesson: 06_the_same_cnn

    >>> LeNetConfig(input_shape=(1, 8, 8), n_classes=10).features
    (16, 2, 2)
    """

    input_shape: tuple[int, int, int]
    n_classes: int
    variant: Variant = "modern"
    widths: tuple[int, int] = (6, 16)
    hidden: tuple[int, int] = (120, 84)
    padding: int = 2
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.variant not in get_args(Variant):
            raise ValueError(f"variant must be modern or historical, got {self.variant!r}")
        if len(self.input_shape) != 3 or min(self.input_shape) < 1:
            raise ValueError(
                f"input_shape must be (channel, height, width), each at least 1, "
                f"got {self.input_shape}"
            )
        if min(self.n_classes, *self.widths, *self.hidden) < 1 or self.padding < 0:
            raise ValueError(
                "n_classes, widths and hidden must be at least 1, and padding at least 0, got "
                f"{self.n_classes}, {self.widths}, {self.hidden} and {self.padding}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")
        if min(self.features) < 1:
            raise ValueError(
                f"input_shape {self.input_shape} is too small for two 5×5 convolutions with "
                f"padding {self.padding}, each halved after it"
            )

    @property
    def features(self) -> tuple[int, int, int]:
        """The (channel, height, width) that the dense layers see."""
        _, height, width = self.input_shape
        for _ in range(2):
            height = (height + 2 * self.padding - 4) // 2
            width = (width + 2 * self.padding - 4) // 2
        return self.widths[1], height, width


class ScaledTanh(nn.Module):
    """``1.7159 tanh(2x/3)``, which maps 1 to 1 and -1 to -1.

    Source: LeCun et al. 1998, appendix A.

    >>> round(ScaledTanh()(torch.tensor(1.0)).item(), 4)
    1.0
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the value for each element."""
        return 1.7159 * torch.tanh(x * 2 / 3)


class LeNet(nn.Module):
    """Two convolutions, each followed by pooling, and three dense layers.

    A picture is a picture to it: handwritten digits and spectrograms go through the same class,
    and nothing but ``input_shape`` differs. It has no mask: a clip that was padded to the width
    is judged with its padding.

    Left out of LeNet-5: weights inside the pooling, the table of which maps the second
    convolution sees (here, all), and the last layer's distance to drawn digits (here, a dense
    layer).

    Args:
        config: the settings.
    Source: LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document
        recognition, figure 2.
    Lesson: 06_the_same_cnn

    >>> LeNet(LeNetConfig(input_shape=(1, 8, 8), n_classes=10))(torch.zeros(3, 1, 8, 8)).shape
    torch.Size([3, 10])
    """

    def __init__(self, config: LeNetConfig) -> None:
        super().__init__()
        self.config = config
        modern = config.variant == "modern"
        layers: list[nn.Module] = []
        n_channels = config.input_shape[0]
        for width in config.widths:
            layers.append(nn.Conv2d(n_channels, width, 5, padding=config.padding))
            layers += [nn.BatchNorm2d(width), nn.ReLU()] if modern else [ScaledTanh()]
            layers.append(nn.MaxPool2d(2) if modern else nn.AvgPool2d(2))
            n_channels = width
        self.features = nn.Sequential(*layers)
        n_features, height, width = config.features
        layers = [nn.Flatten()]
        n_values = n_features * height * width
        for size in config.hidden:
            layers += [nn.Linear(n_values, size), nn.ReLU() if modern else ScaledTanh()]
            n_values = size
        layers += [nn.Dropout(config.dropout), nn.Linear(n_values, config.n_classes)]
        self.classifier = nn.Sequential(*layers)
        # On a processor, convolution and pooling of so few channels are faster in this order.
        self.to(memory_format=torch.channels_last)

    def forward(
        self, pictures: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch class"]:
        """Return the logits.

        Raises:
            ValueError: if the pictures do not have ``config.input_shape``.
        """
        if pictures.shape[1:] != self.config.input_shape:
            raise ValueError(
                f"pictures must have the shape [batch, *{list(self.config.input_shape)}], "
                f"got {list(pictures.shape)}"
            )
        logits: Tensor = self.classifier(self.features(pictures))
        return logits
