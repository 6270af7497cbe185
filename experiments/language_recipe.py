"""What a window of speech goes through in the experiments of lesson 09, in training and in test."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from avtutor.augment import random_warp
from avtutor.models.language_input import LANGUAGE_CONFIG, level_bands
from avtutor.spectral import mel_frequencies


@dataclass(frozen=True)
class Recipe:
    """What a training window goes through; None or 0 leaves it out.

    Args:
        frames: of a window.
        alpha: vocal-tract factors.
        factor: of the speed.
        snr_db: band peak to steady noise.
        codec_db: frame to the noise that follows it, as in a coarse codec.
        decay: longest reverberation: the share of a frame that remains in the next.
        gamma: factors of the levels: a compressor, or its opposite.
        bins, stripes: widest hidden stripes, in bands and in frames.
        normalise: whether levels are taken below the peak of each band; else of the window.
        shuffled: whether frames are put in random order.
    """

    frames: int = 160
    alpha: tuple[float, float] | None = (0.8, 1.25)
    factor: tuple[float, float] | None = (0.8, 1.25)
    snr_db: tuple[float, float] | None = (8.0, 45.0)
    codec_db: tuple[float, float] | None = (12.0, 40.0)
    decay: float = 0.75
    gamma: tuple[float, float] | None = (0.75, 1.3)
    bins: int = 6
    stripes: int = 20
    normalise: bool = True
    shuffled: bool = False

    def drawn(self, powers: Tensor, g: torch.Generator) -> Tensor:
        """Return windows [batch, mel, frame] of powers as another room, throat and line give."""
        n = len(powers)

        def between(span: tuple[float, float], *shape: int) -> Tensor:
            return span[0] + (span[1] - span[0]) * torch.rand((n, *shape), generator=g)

        powers = powers.clamp(min=1e-10)
        if self.alpha is not None:
            levels = random_warp(
                powers.log(),
                frequencies=mel_frequencies(LANGUAGE_CONFIG),
                sample_rate=LANGUAGE_CONFIG.sample_rate,
                alpha=self.alpha,
                generator=g,
            )
            powers = levels.exp()
        if self.decay:
            share = torch.rand(n, generator=g) * self.decay * (torch.rand(n, generator=g) < 0.5)
            taps = share[:, None] ** torch.arange(12)
            taps = taps * torch.where(torch.arange(12) > 0, between((0.1, 1.0), 1), 1.0)
            padded = F.pad(powers, (11, 0)).transpose(0, 1)
            powers = F.conv1d(padded, taps.flip(1)[:, None], groups=n).transpose(0, 1)
        if self.codec_db is not None:
            depth = 10 ** (-between(self.codec_db, 1, 1) / 10)
            on = (torch.rand(n, 1, 1, generator=g) < 0.5).float()
            grain = torch.rand(powers.shape, generator=g) * 2
            powers = powers + on * depth * grain * powers.mean(dim=1, keepdim=True)
        if self.snr_db is not None:
            peaks = powers.quantile(0.95, dim=2, keepdim=True)
            tilt = F.interpolate(between((-8.0, 8.0), 1, 5), powers.shape[1], mode="linear")
            ratio = between(self.snr_db, 1, 1) + tilt.transpose(1, 2)
            flat = peaks.mean(dim=1, keepdim=True)
            grain = -torch.rand(powers.shape, generator=g).clamp(min=1e-6).log()
            level = torch.where(torch.rand(n, 1, 1, generator=g) < 0.5, peaks, flat)
            powers = powers + level * 10 ** (-ratio / 10) * grain
        return powers

    def features(self, powers: Tensor, g: torch.Generator | None = None) -> Tensor:
        """Return what the network is given; with a generator, altered on the way."""
        if g is not None:
            powers = self.drawn(powers, g)
        if self.normalise:
            levels = level_bands(powers)
        else:
            peaks = powers.mean(dim=1, keepdim=True).quantile(0.95, dim=2, keepdim=True)
            levels = (powers / peaks.clamp(min=1e-10) + 1e-5).log10() + 2
        if self.shuffled:
            source = g or torch.Generator().manual_seed(0)
            order = torch.rand(len(levels), levels.shape[2], generator=source).argsort(dim=1)
            levels = levels.gather(2, order[:, None].expand_as(levels))
        if g is None:
            return levels
        if self.gamma is not None:
            low, high = self.gamma
            levels = levels * (low + (high - low) * torch.rand(len(levels), 1, 1, generator=g))
        for axis, widest in ((1, self.bins), (2, self.stripes)):
            for _ in range(2 if widest else 0):
                size = levels.shape[axis]
                first = torch.randint(size, (len(levels), 1), generator=g)
                width = torch.randint(widest + 1, (len(levels), 1), generator=g)
                steps = torch.arange(size)[None]
                hidden = (steps >= first) & (steps < first + width)
                levels = levels.masked_fill(hidden[:, :, None] if axis == 1 else hidden[:, None], 0)
        return levels
