"""How spoken words become pictures for a network, so that it holds for voices never heard."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from avtutor.augment.draws import Range, checked_range, uniform
from avtutor.augment.margins import random_margins
from avtutor.augment.pictures import random_warp, spec_augment
from avtutor.augment.sounds import mix_at_snr, random_equaliser
from avtutor.augment.warps import random_bend, random_stretch
from avtutor.batch import Batch, mask_of
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel_batch, mel_frequencies
from avtutor.units import seconds_to_samples

SILENCE_DB = -100.0
"""The level of padding where pictures are not cut below their peak."""


@dataclass(frozen=True, kw_only=True)
class SpeechRecipe:
    """From sounds to log-mel pictures, with a remedy for each way in which strangers differ.

    A step for `training.Prepared`: called with a batch ``{"sound": [batch, time]}`` and a
    generator, it returns ``{"sound": [batch, mel, frame]}`` in dB, with lengths in frames. Each
    remedy is a field of its own, and None or 0 leaves it out. What is tested goes through
    `plain`: the front end and the level, and nothing drawn.

    Args:
        config: front end settings.
        range_db: levels are given below each item's peak, and cut at this range; None leaves
            them as recorded. (How near was the microphone, and how loud the room?)
        margin_seconds: longest silence put at either end. (Who cut the recordings, and how?)
        max_cut: largest share of an item cut off at either end; see `random_margins`.
        equaliser_db: greatest gain of a random channel. (Which microphone?)
        snr_db: lowest and highest ratio to noise that is added, its colour drawn with a channel
            of up to `noise_colour_db`; None adds none. (Which room?)
        noise_colour_db: greatest gain of the noise's channel; 0 is white.
        alpha: smallest and largest factor of a vocal-tract warp. (How long is the throat?)
        bend: strength of a smooth bend of the mel axis, see `random_bend`. (Which mouth?)
        factor: smallest and largest stretch in time. (How fast is it said?)
        time_bend: how uneven the stretch is, see `random_stretch`.
        max_bins: widest stripe hidden in frequency, in mel bands.
        max_frames: widest stripe hidden in time, in frames.
    Raises:
        ValueError: if a range is not in order, or a strength out of its range.
    Source: the parts are those of Park et al. 2019 (stripes), Jaitly and Hinton 2013 (vocal
        tract), Ko et al. 2015 (speed); ranges chosen on the Free Spoken Digit Dataset, see
        ``experiments/fsdd.py``.
    Lesson: 05_real_recordings

    >>> recipe = SpeechRecipe(config=SpectrogramConfig(sample_rate=8000, n_fft=256, n_mels=32))
    >>> sounds = Batch(
    ...     inputs={"sound": torch.randn(2, 4000)}, labels=torch.arange(2), groups=("a", "b")
    ... )
    >>> recipe(sounds, torch.Generator().manual_seed(0)).inputs["sound"].shape[:2]
    torch.Size([2, 32])
    """

    config: SpectrogramConfig
    range_db: float | None = 50.0
    margin_seconds: float = 0.25
    max_cut: float = 0.1
    equaliser_db: float = 10.0
    snr_db: Range | None = (0.0, 50.0)
    noise_colour_db: float = 12.0
    alpha: Range | None = (0.8, 1.25)
    bend: float = 0.2
    factor: Range | None = (0.75, 1.3)
    time_bend: float = 0.2
    max_bins: int = 5
    max_frames: int = 8

    def __post_init__(self) -> None:
        for name in ("snr_db", "alpha", "factor"):
            if getattr(self, name) is not None:
                checked_range(name, getattr(self, name))
        if self.range_db is not None and not self.range_db > 0:
            raise ValueError(f"range_db must be above 0, got {self.range_db}")
        if not 0 <= self.margin_seconds < float("inf"):
            raise ValueError(f"margin_seconds must be at least 0, got {self.margin_seconds}")
        if not 0 <= self.max_bins <= self.config.n_mels:
            raise ValueError(
                f"max_bins must be from 0 to {self.config.n_mels}, got {self.max_bins}"
            )

    def plain(self) -> "SpeechRecipe":
        """Return the recipe without anything drawn: what the test side goes through.

        >>> recipe = SpeechRecipe(config=SpectrogramConfig(sample_rate=8000))
        >>> recipe.plain().plain() == recipe.plain(), recipe.plain().range_db
        (True, 50.0)
        """
        return replace(
            self,
            margin_seconds=0.0,
            max_cut=0.0,
            equaliser_db=0.0,
            snr_db=None,
            alpha=None,
            bend=0.0,
            factor=None,
            time_bend=0.0,
            max_bins=0,
            max_frames=0,
        )

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with its sounds as pictures.

        Raises:
            ValueError: if the batch has no input "sound" [batch, time], or one is shorter than a
                window.
        """
        return self._pictures(log_mel_batch(self._sounds(batch, generator), self.config), generator)

    def _sounds(self, batch: Batch, g: torch.Generator) -> Batch:
        """Change what a microphone, a room and a pair of scissors change: the samples."""
        if "sound" not in batch.inputs:
            raise ValueError(f"the batch has no input 'sound', it has {sorted(batch.inputs)}")
        samples, lengths = batch.inputs["sound"], batch.lengths["sound"]
        rate = self.config.sample_rate
        if self.margin_seconds or self.max_cut:
            samples, lengths = random_margins(
                samples,
                max_samples=seconds_to_samples(self.margin_seconds, rate),
                max_cut=self.max_cut,
                lengths=lengths,
                generator=g,
            )
        if self.equaliser_db:
            samples = random_equaliser(
                samples, sample_rate=rate, max_db=self.equaliser_db, generator=g
            )
        if self.snr_db is not None:
            samples = self._noisy(samples, lengths, self.snr_db, g)
        return replace(batch, inputs={"sound": samples}, lengths={"sound": lengths})

    def _noisy(self, samples: Tensor, lengths: Tensor, snr_db: Range, g: torch.Generator) -> Tensor:
        """Return the sounds in noise of a level and a colour drawn for each."""
        white = torch.randn(samples.shape, generator=g, device=g.device).to(samples)
        noise = random_equaliser(
            white, sample_rate=self.config.sample_rate, max_db=self.noise_colour_db, generator=g
        )
        ratios = uniform("snr_db", snr_db, (len(samples),), samples, g)
        return mix_at_snr(samples, noise, snr_db=ratios, lengths=lengths)

    def _pictures(self, batch: Batch, g: torch.Generator) -> Batch:
        """Change what a throat, a mouth and a hurry change: the pictures."""
        levels, lengths = batch.inputs["sound"], batch.lengths["sound"]
        silence = SILENCE_DB
        if self.range_db is not None:
            levels, silence = below_peak(levels, self.range_db), -self.range_db
        if self.alpha is not None:
            levels = random_warp(
                levels,
                frequencies=mel_frequencies(self.config),
                sample_rate=self.config.sample_rate,
                alpha=self.alpha,
                generator=g,
            )
        if self.bend:
            levels = random_bend(levels, bend=self.bend, generator=g)
        if self.factor is not None or self.time_bend:
            levels, lengths = random_stretch(
                levels,
                factor=self.factor or (1.0, 1.0),
                bend=self.time_bend,
                lengths=lengths,
                fill=silence,
                generator=g,
            )
        if self.max_bins or self.max_frames:
            levels = spec_augment(
                levels,
                max_bins=self.max_bins,
                max_frames=min(self.max_frames, levels.shape[-1]),
                generator=g,
            )
        padding = ~mask_of(lengths, levels.shape[-1])
        levels = levels.masked_fill(padding[:, None], silence)
        return replace(batch, inputs={"sound": levels}, lengths={"sound": lengths})
