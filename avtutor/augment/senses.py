"""Steps for batches of two senses: noise in an ear or an eye, a sense missing, the front end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.augment.draws import Range, check_batch, checked_range, uniform
from avtutor.augment.sounds import mix_at_snr
from avtutor.batch import Batch
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel

FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
"""The front end of the digits: 0.8 s of sound become 40 mel bands by 81 frames."""


def mix_pictures_at_snr(
    pictures: Float[Tensor, "batch channel height width"],
    noise: Float[Tensor, "batch channel height width"],
    *,
    snr_db: Float[Tensor, " batch"],
) -> Float[Tensor, "batch channel height width"]:
    """Return the pictures with noise added, scaled so that the signal-to-noise ratio is `snr_db`.

    The signal is what varies: the mean square of a picture's values about their mean, since
    paper that is a little greyer shows nothing. The noise counts by its mean square. Nothing is
    cut off at 0 and 1, so that the ratio is what it says. A picture of one value has no such
    ratio and stays as it is.

    Args:
        pictures: one a row.
        noise: one noise a row, at any level.
        snr_db: the ratio wanted for each row, in dB.
    Raises:
        TypeError: if `pictures` or `noise` holds no floats.
        ValueError: if the shapes differ, a ratio is not finite, or a noise is 0 everywhere.
    Lesson: 13_fusion

    >>> bars = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    >>> grain = torch.tensor([[[[3.0, 3.0], [-3.0, -3.0]]]])
    >>> mix_pictures_at_snr(bars, grain, snr_db=torch.tensor([20.0]))
    tensor([[[[ 1.0500,  0.0500],
              [ 0.9500, -0.0500]]]])
    """
    check_batch("pictures", pictures, "batch channel height width")
    check_batch("noise", noise, "batch channel height width")
    if noise.shape != pictures.shape:
        raise ValueError(
            f"noise must have the shape of pictures {list(pictures.shape)}, got {list(noise.shape)}"
        )
    flat = pictures.flatten(1)
    mixed = mix_at_snr(flat - flat.mean(dim=1, keepdim=True), noise.flatten(1), snr_db=snr_db)
    return (mixed + flat.mean(dim=1, keepdim=True)).view_as(pictures)


@dataclass(frozen=True)
class AddNoise:
    """White noise in an ear, an eye or both: a step for `training.Prepared`.

    For samples [batch, time] the signal-to-noise ratio is that of `mix_at_snr`: mean powers over
    the whole clip, its silence included; so it comes before `ToSpectrogram`. For pictures
    [batch, channel, height, width] it is that of `mix_pictures_at_snr`: mean squares of the
    values about their mean.

    Args:
        snr_db: for each sense the ratio in dB, or the lowest and highest of ratios drawn evenly
            for each item, or None: no noise.
    Raises:
        ValueError: if a ratio is not finite, or a range not in order; when called, if a sense is
            not in the batch, or neither sound nor picture.
    Lesson: 13_fusion

    >>> batch = Batch(
    ...     inputs={"audio": torch.ones(2, 800), "image": torch.zeros(2, 1, 8, 8)},
    ...     labels=torch.arange(2), groups=("a", "b"),
    ... )
    >>> noisy = AddNoise({"audio": (0.0, 20.0), "image": None})(batch, torch.Generator())
    >>> [bool((noisy.inputs[name] == batch.inputs[name]).all()) for name in ("audio", "image")]
    [False, True]
    """

    snr_db: Mapping[str, float | Range | None]

    def __post_init__(self) -> None:
        for sense, span in self.snr_db.items():
            if span is not None:
                checked_range(f"snr_db of {sense!r}", _span(span))

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with noise; each sense draws its own."""
        inputs = dict(batch.inputs)
        for sense, span in self.snr_db.items():
            if sense not in inputs:
                raise ValueError(f"the batch has no input {sense!r}, it has {sorted(inputs)}")
            if span is None:
                continue
            clean = inputs[sense]
            if clean.ndim not in (2, 4):
                raise ValueError(
                    f"{sense!r} must be [batch, time] or [batch, channel, height, width], "
                    f"got {list(clean.shape)}"
                )
            ratios = uniform("snr_db", _span(span), (len(clean),), clean, generator)
            drawn = torch.randn(clean.shape, generator=generator, device=generator.device)
            mix = mix_at_snr if clean.ndim == 2 else mix_pictures_at_snr
            inputs[sense] = mix(clean, drawn.to(clean), snr_db=ratios)
        return replace(batch, inputs=inputs)


def _span(span: float | Range) -> Range:
    return span if isinstance(span, tuple) else (span, span)


@dataclass(frozen=True)
class DropSenses:
    """Senses that are missing, in some items: a step for `training.Prepared`.

    What is missing is marked in ``present``, and its values become 0. No item loses all.

    Args:
        share: for each sense the share of the items that lack it; at most 1 together, as one item
            lacks one sense at most. 1 takes a sense away from all.
    Raises:
        ValueError: if a share is not from 0 to 1, or their sum is above 1; when called, if a
            sense is not in the batch, or it is the only one of an item.
    Lesson: 13_fusion

    >>> batch = Batch(
    ...     inputs={"audio": torch.ones(4, 8), "image": torch.ones(4, 1, 8, 8)},
    ...     labels=torch.arange(4), groups=("a",) * 4,
    ... )
    >>> deaf = DropSenses({"audio": 1.0})(batch, torch.Generator())
    >>> deaf.present["audio"].tolist(), deaf.present["image"].tolist()
    ([False, False, False, False], [True, True, True, True])
    """

    share: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sense, share in self.share.items():
            if not 0 <= share <= 1:
                raise ValueError(f"share of {sense!r} must be from 0 to 1, got {share}")
        if sum(self.share.values()) > 1 + 1e-9:
            raise ValueError(
                f"shares must add up to at most 1, so that no item loses all, got "
                f"{dict(self.share)}"
            )

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with some senses marked as missing."""
        inputs, present = dict(batch.inputs), dict(batch.present)
        drawn = torch.rand(len(batch), generator=generator, dtype=torch.float64)
        below = 0.0
        for sense, share in self.share.items():
            if sense not in inputs:
                raise ValueError(f"the batch has no input {sense!r}, it has {sorted(inputs)}")
            missing = ((drawn >= below) & (drawn < below + share)).to(present[sense].device)
            below += share
            present[sense] = present[sense] & ~missing
            shape = (-1,) + (1,) * (inputs[sense].ndim - 1)
            inputs[sense] = inputs[sense].masked_fill(~present[sense].view(shape), 0.0)
        nothing = ~torch.stack(list(present.values())).any(dim=0)
        if bool(nothing.any()):
            raise ValueError(
                f"an item must keep one sense, and {int(nothing.sum())} would lose their only one"
            )
        return replace(batch, inputs=inputs, present=present)


@dataclass(frozen=True)
class ToSpectrogram:
    """The samples of one sense as levels in dB: a step for `training.Prepared`.

    Levels are log-mel, below each clip's own peak, cut at `range_db` (see `below_peak`).

    Args:
        config: front end settings.
        range_db: the range below the peak.
        sense: whose samples.
    Raises:
        ValueError: when called, if the sense is not in the batch, or not [batch, time].
    Lesson: 13_fusion

    >>> batch = Batch(inputs={"audio": torch.ones(1, 6400)}, labels=torch.arange(1), groups=("a",))
    >>> ToSpectrogram()(batch, torch.Generator())
    Batch(1 item, audio [1, 40, 81])
    """

    config: SpectrogramConfig = FRONT
    range_db: float = 60.0
    sense: str = "audio"

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with the sense's samples [batch, time] as levels [batch, mel, frame]."""
        samples = batch.inputs.get(self.sense)
        if samples is None or samples.ndim != 2:
            got = "no such input" if samples is None else f"the shape {list(samples.shape)}"
            raise ValueError(f"{self.sense!r} must be samples [batch, time], got {got}")
        levels = below_peak(log_mel(samples, self.config), self.range_db)
        lengths = {name: n for name, n in batch.lengths.items() if name != self.sense}
        return replace(batch, inputs={**batch.inputs, self.sense: levels}, lengths=lengths)
