"""A sound and the rate at which it was sampled, kept together."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32
from torch import Tensor

from avtutor.resample import resample
from avtutor.units import samples_to_seconds, seconds_to_samples


@dataclass(frozen=True, eq=False, repr=False)
class Waveform:
    """A recording: samples in [-1, 1], one row a channel, and the sampling rate in Hz.

    Frozen: every method returns a new Waveform. Samples beyond [-1, 1] are kept as they are,
    since sums of sounds pass through there; a file that cannot hold them refuses them.

    Args:
        samples: float32, [channel, time].
        sample_rate: samples a second and channel, in Hz.
    Raises:
        TypeError: if `samples` is not a float32 tensor, or `sample_rate` not an int.
        ValueError: if there are no samples, one is NaN or infinite, or the shape is not
            [channel, time].
    Lesson: 01_what_is_sound

    >>> Waveform(torch.zeros(2, 24000), 16000)
    Waveform(2 channels, 1.500 s at 16000 Hz)
    """

    samples: Float32[Tensor, "channel time"]
    sample_rate: int

    def __post_init__(self) -> None:
        if not isinstance(self.samples, Tensor) or self.samples.dtype != torch.float32:
            is_tensor = isinstance(self.samples, Tensor)
            kind = self.samples.dtype if is_tensor else type(self.samples).__name__
            raise TypeError(f"samples must be a float32 tensor, got {kind}")
        if isinstance(self.sample_rate, bool) or not isinstance(self.sample_rate, int):
            raise TypeError(f"sample_rate must be an int, got {self.sample_rate!r}")
        if self.sample_rate <= 0:
            raise ValueError(f"sample_rate must be above 0 Hz, got {self.sample_rate}")
        if self.samples.ndim != 2:
            raise ValueError(
                f"samples must have the shape [channel, time], got {list(self.samples.shape)}; "
                "Waveform.from_mono takes a single row"
            )
        if self.samples.numel() == 0:
            raise ValueError(f"samples must not be empty, got the shape {list(self.samples.shape)}")
        n_bad = int((~torch.isfinite(self.samples)).sum())
        if n_bad:
            raise ValueError(f"samples must be finite, got {n_bad} that are NaN or infinite")

    @classmethod
    def from_mono(cls, samples: Float[Tensor, " time"], sample_rate: int) -> "Waveform":
        """Return the one-channel Waveform of a single row of samples.

        >>> Waveform.from_mono(torch.zeros(800), 8000)
        Waveform(1 channel, 0.100 s at 8000 Hz)
        """
        if samples.ndim != 1:
            raise ValueError(f"samples must have the shape [time], got {list(samples.shape)}")
        return cls(samples[None].to(torch.float32), sample_rate)

    @property
    def n_channels(self) -> int:
        """The number of channels."""
        return self.samples.shape[0]

    @property
    def n_samples(self) -> int:
        """The number of samples in each channel."""
        return self.samples.shape[1]

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return samples_to_seconds(self.n_samples, self.sample_rate)

    def mono(self) -> "Waveform":
        """Return the mean of the channels as one channel.

        >>> Waveform(torch.tensor([[1.0], [0.0]]), 8000).mono().samples
        tensor([[0.5000]])
        """
        return Waveform(self.samples.mean(dim=0, keepdim=True), self.sample_rate)

    def slice(self, start: float = 0.0, end: float | None = None) -> "Waveform":
        """Return the part from `start` to `end`, both in seconds and rounded to a sample.

        Args:
            start: where the part begins.
            end: where it ends (that sample is not in it); None is the end of the sound.
        Raises:
            ValueError: unless 0 <= start < end <= duration, to the nearest sample.

        >>> Waveform(torch.zeros(1, 16000), 16000).slice(0.25, 0.75)
        Waveform(1 channel, 0.500 s at 16000 Hz)
        """
        first = seconds_to_samples(start, self.sample_rate)
        last = self.n_samples if end is None else seconds_to_samples(end, self.sample_rate)
        if not 0 <= first < last <= self.n_samples:
            raise ValueError(
                f"start and end must satisfy 0 <= start < end <= {self.duration:.6g} s, "
                f"got start {start} and end {end}"
            )
        return Waveform(self.samples[:, first:last].clone(), self.sample_rate)

    def resample(self, sample_rate: int) -> "Waveform":
        """Return the same sound at another sampling rate, in Hz (see `avtutor.resample`).

        >>> Waveform(torch.zeros(1, 44100), 44100).resample(16000)
        Waveform(1 channel, 1.000 s at 16000 Hz)
        """
        samples = resample(self.samples, from_rate=self.sample_rate, to_rate=sample_rate)
        return Waveform(samples, sample_rate)

    def __repr__(self) -> str:
        """Name the channels, the length and the rate: never the samples."""
        channels = "1 channel" if self.n_channels == 1 else f"{self.n_channels} channels"
        return f"Waveform({channels}, {self.duration:.3f} s at {self.sample_rate} Hz)"
