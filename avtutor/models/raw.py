"""A network that is given the samples themselves, with filters that are learned."""

import itertools
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.masking import MaskedBatchNorm, masked_mean, time_mask
from avtutor.units import hz_to_mel, mel_to_hz

FrontEnd = Literal["learned", "sinc"]

LOWEST = 30.0
"""Where the lowest band of a sinc front end begins, in Hz."""

NARROWEST = 0.005
"""The narrowest band of a sinc front end, as a share of the mel scale up to half the rate."""


@dataclass(frozen=True)
class RawWaveformConfig:
    """The settings of a RawWaveformCNN.

    Args:
        sample_rate: of the sounds, in Hz.
        n_classes: how many there are.
        front_end: ``"learned"``: every value of a filter is free; ``"sinc"``: a filter is a
            band-pass given by two numbers, where its band begins and how wide it is.
        n_filters: filters in the front end.
        filter_length: their samples, an odd number; 81 are 10 ms at 8000 Hz.
        widths: channels after each of the three convolutions that follow.
        dropout: the share of the pooled values that are left out in training.
    Raises:
        ValueError: if a number is out of its range, or the front end unknown.
    Lesson: 11_raw_waveform
    """

    sample_rate: int
    n_classes: int
    front_end: FrontEnd = "learned"
    n_filters: int = 64
    filter_length: int = 81
    widths: tuple[int, int, int] = (64, 96, 128)
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.front_end not in get_args(FrontEnd):
            raise ValueError(f"front_end must be learned or sinc, got {self.front_end!r}")
        if self.sample_rate <= 2 * LOWEST:
            raise ValueError(f"sample_rate must be above 60 Hz, got {self.sample_rate}")
        if self.filter_length < 3 or self.filter_length % 2 == 0:
            raise ValueError(
                f"filter_length must be odd and at least 3, so that a filter has a middle, "
                f"got {self.filter_length}"
            )
        if len(self.widths) != 3 or min(self.n_classes, self.n_filters, *self.widths) < 1:
            raise ValueError(
                "n_classes, n_filters and three widths must be at least 1, got "
                f"{self.n_classes}, {self.n_filters} and {self.widths}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")


class SincFilters(nn.Module):
    """Band-pass filters given by two numbers each: where the band begins and how wide it is.

    They start out side by side on the mel scale, and are learned as shares of that scale: a
    step of training moves a band by as many mel wherever it lies.

    Args:
        n_filters: how many.
        filter_length: their samples, an odd number.
        sample_rate: in Hz.
        stride: samples from one output to the next.
    Source: Ravanelli and Bengio 2018, Speaker recognition from raw waveform with SincNet.
    Lesson: 11_raw_waveform

    >>> SincFilters(4, 81, sample_rate=8000)(torch.zeros(2, 1, 400)).shape
    torch.Size([2, 4, 400])
    """

    def __init__(
        self, n_filters: int, filter_length: int, *, sample_rate: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.filter_length, self.sample_rate, self.stride = filter_length, sample_rate, stride
        self._top = hz_to_mel(sample_rate / 2)
        edges = torch.linspace(hz_to_mel(LOWEST) / self._top, 1.0, n_filters + 1)
        self.low = nn.Parameter(edges[:-1].clone())
        self.width = nn.Parameter(edges.diff())

    def bands(self) -> Float[Tensor, "filter 2"]:
        """Return where each band begins and ends, in Hz."""
        low = self.low.clamp(0.0, 1.0 - NARROWEST)
        high = (low + self.width.clamp(min=NARROWEST)).clamp(max=1.0)
        return mel_to_hz(torch.stack([low, high], dim=1) * self._top)

    def filters(self) -> Float[Tensor, "filter tap"]:
        """Return the filters: the difference of two low-passes, under a Hamming window."""
        half = self.filter_length // 2
        taps = torch.arange(-half, half + 1, device=self.low.device, dtype=self.low.dtype)
        window = 0.54 + 0.46 * torch.cos(torch.pi * taps / half)
        edges = self.bands()[:, :, None] * 2 / self.sample_rate  # as shares of half the rate
        low_passes = edges * torch.sinc(edges * taps)
        return (low_passes[:, 1] - low_passes[:, 0]) * window

    def forward(self, samples: Float[Tensor, "batch 1 time"]) -> Float[Tensor, "batch filter step"]:
        """Return the output of each filter, with zeros before and after the sound."""
        return nn.functional.conv1d(
            samples, self.filters()[:, None], stride=self.stride, padding=self.filter_length // 2
        )

    def multiplies(self, output: Tensor) -> int:
        """Return the multiplications behind an output; making the filters is left out."""
        return output.numel() * self.filter_length


class RawWaveformCNN(nn.Module):
    """A filterbank that is learned, and three convolutions, on samples.

    Each output of the filterbank is 4 samples after the one before, and four poolings of 4
    follow; the mean over time of what is left goes to a dense layer. Padding is set to 0 before
    each convolution, so that it changes no logit.

    Args:
        config: the settings.
    Source: Dai et al. 2017, Very deep convolutional neural networks for raw waveforms: its M5,
        narrower, with dropout, an odd number of taps, and the padding left out.
    Lesson: 11_raw_waveform

    >>> model = RawWaveformCNN(RawWaveformConfig(sample_rate=8000, n_classes=10))
    >>> model(torch.zeros(2, 8000), torch.tensor([8000, 3000])).shape
    torch.Size([2, 10])
    """

    def __init__(self, config: RawWaveformConfig) -> None:
        super().__init__()
        self.config = config
        self.front_end: nn.Conv1d | SincFilters
        if config.front_end == "sinc":
            self.front_end = SincFilters(
                config.n_filters, config.filter_length, sample_rate=config.sample_rate, stride=4
            )
        else:
            self.front_end = nn.Conv1d(
                1,
                config.n_filters,
                config.filter_length,
                stride=4,
                padding=config.filter_length // 2,
                bias=False,
            )
        sizes = (config.n_filters, *config.widths)
        self.convs = nn.ModuleList(
            nn.Conv1d(before, after, 3, padding=1, bias=False)
            for before, after in itertools.pairwise(sizes)
        )
        self.norms = nn.ModuleList(MaskedBatchNorm(size) for size in sizes)
        self.pool = nn.MaxPool1d(4, ceil_mode=True)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(sizes[-1], config.n_classes)

    def filters(self) -> Float[Tensor, "filter tap"]:
        """Return the filters of the front end."""
        if isinstance(self.front_end, SincFilters):
            return self.front_end.filters()
        return self.front_end.weight[:, 0]

    def forward(
        self,
        samples: Float[Tensor, "batch time"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch class"]:
        """Return the logits.

        Args:
            samples: sound in [-1, 1] at ``config.sample_rate`` Hz.
            lengths: the samples that are not padding; None where there is no padding.
        Raises:
            ValueError: if `samples` is not [batch, time], or `lengths` do not fit.
        """
        logits: Tensor = self.classifier(self.dropout(self.embed(samples, lengths)))
        return logits

    def embed(
        self,
        samples: Float[Tensor, "batch time"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return what the dense layer sees: one vector a clip."""
        if samples.ndim != 2:
            raise ValueError(
                f"samples must have the shape [batch, time], got {list(samples.shape)}"
            )
        if lengths is None:
            lengths = torch.full((len(samples),), samples.shape[-1], device=samples.device)
        x = samples[:, None]
        x = x.masked_fill(~time_mask(x, lengths), 0.0)
        for number, norm in enumerate(self.norms):
            x = self.front_end(x) if number == 0 else self.convs[number - 1](x)
            if number == 0:
                lengths = (lengths + 3) // 4  # the stride
            x = torch.relu(norm(x, time_mask(x, lengths)))  # [batch, channel, step], padding 0
            x = self.pool(x)
            lengths = (lengths + 3) // 4
        return masked_mean(x, time_mask(x, lengths))


def centre_frequencies(
    filters: Float[Tensor, "filter tap"], sample_rate: int
) -> Float[Tensor, " filter"]:
    """Return the frequency in Hz that each filter lets through best.

    The responses are looked at on a grid of at least 2048 steps a rate, 4 Hz at 8000 Hz.

    Lesson: 11_raw_waveform

    >>> wave = torch.sin(2 * torch.pi * 1000 / 8000 * torch.arange(81)) * torch.hann_window(81)
    >>> centre_frequencies(wave[None], 8000).tolist()
    [1000.0]
    """
    if sample_rate <= 0:
        raise ValueError(f"sample_rate must be above 0 Hz, got {sample_rate}")
    n = max(2048, 4 * filters.shape[-1])
    response = torch.fft.rfft(filters.detach(), n=n).abs()
    peaks: Tensor = response.argmax(dim=-1).to(filters.dtype)
    return peaks * sample_rate / n
