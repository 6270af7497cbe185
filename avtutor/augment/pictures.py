"""Changes of spectrograms: another vocal tract, bands and moments hidden, two items mixed."""

import math

import torch
from jaxtyping import Float, Int
from scipy.special import betaincinv
from torch import Tensor

from avtutor.augment.draws import Range, check_batch, uniform, whole_numbers


def _knees(alpha: Tensor, half: float, knee: float) -> Tensor:
    """Return the frequency up to which the warp is a plain factor, for each `alpha`."""
    return knee * half * alpha.clamp(max=1.0) / alpha


def warped(
    frequency: Float[Tensor, " *shape"], alpha: float, *, sample_rate: int, knee: float = 0.85
) -> Float[Tensor, " *shape"]:
    """Return where a frequency lies after the warp: at ``alpha`` times itself, nearly everywhere.

    A vocal tract that is shorter by a factor moves all its resonances up by that factor. Near
    half the sampling rate a second straight piece bends the line, so that the highest frequency
    stays where it is and nothing falls over the edge.

    Args:
        frequency: in Hz, from 0 to half of `sample_rate`.
        alpha: the factor, above 0.
        sample_rate: in Hz.
        knee: where the second piece begins, as a share of half the rate: in the source for
            factors below 1, in the result for factors above.
    Raises:
        ValueError: if `alpha` is not above 0, or `knee` not between 0 and 1.
    Source: Jaitly and Hinton 2013, Vocal tract length perturbation (with a knee at 4800 Hz of
        8000); the idea of Lee and Rose 1996.
    Lesson: 07_not_a_photo

    >>> warped(torch.tensor([0.0, 1000.0, 8000.0]), 1.1, sample_rate=16000)
    tensor([   0., 1100., 8000.])
    """
    _check_warp(torch.tensor([alpha]), knee)
    half = sample_rate / 2
    factor = torch.tensor(alpha, dtype=torch.float64)
    corner = float(_knees(factor, half, knee))
    slope = (half - alpha * corner) / (half - corner)
    upper = half - slope * (half - frequency)
    return torch.where(frequency <= corner, alpha * frequency, upper)


def _check_warp(alpha: Tensor, knee: float) -> None:
    if not bool((alpha.isfinite() & (alpha > 0)).all()):
        raise ValueError(f"alpha must be above 0, got {alpha.tolist()}")
    if not 0 < knee < 1:
        raise ValueError(f"knee must be above 0 and below 1, got {knee}")


def warp_frequencies(
    values: Float[Tensor, "batch bin frame"],
    alpha: Float[Tensor, " batch"],
    *,
    frequencies: Float[Tensor, " bin"],
    sample_rate: int,
    knee: float = 0.85,
) -> Float[Tensor, "batch bin frame"]:
    """Return spectrograms in which what was at f Hz is at `warped` (f): about ``alpha * f``.

    Between two rows values are interpolated straight, in whatever unit they are in; below the
    first row and above the last the outer rows are continued. Moving all rows by the same number
    of *mel bands* is another thing: four bands of 40, at 8 kHz, are a factor of 1.9 at 200 Hz and
    1.3 at 2000.

    Args:
        values: spectrograms, power or dB.
        alpha: the factor for each item; 0.9 to 1.1 spans most adults.
        frequencies: of the rows in Hz, ascending: `spectral.mel_frequencies` for a mel
            spectrogram, `spectral.frequencies` for an `stft`.
        sample_rate: in Hz.
        knee: see `warped`.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if the rows do not match their frequencies, those are not ascending, or a
            factor is not above 0.
    Source: Jaitly and Hinton 2013.
    Lesson: 07_not_a_photo

    >>> rows = torch.tensor([0.0, 1000.0, 2000.0, 3000.0, 4000.0])
    >>> tone = torch.tensor([[0.0, 1.0, 0.0, 0.0, 0.0]])[..., None]
    >>> warp_frequencies(tone, torch.tensor([2.0]), frequencies=rows, sample_rate=8000).flatten()
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    check_batch("values", values, "batch bin frame")
    if frequencies.shape != values.shape[1:2]:
        raise ValueError(
            f"frequencies must be [{values.shape[1]}], one a row, got {list(frequencies.shape)}"
        )
    if len(frequencies) < 2 or not bool((frequencies.diff() > 0).all()):
        raise ValueError("frequencies must be ascending, two or more")
    if alpha.shape != values.shape[:1]:
        raise ValueError(f"alpha must be [{len(values)}], got {list(alpha.shape)}")
    _check_warp(alpha, knee)
    half = sample_rate / 2
    rows = frequencies.to(dtype=torch.float64, device=values.device)
    factor = alpha.to(torch.float64)[:, None]
    corner = _knees(factor, half, knee)
    slope = (half - factor * corner) / (half - corner)
    # The warp backwards: where that which arrives at each row comes from, [batch, bin].
    source = torch.where(rows <= factor * corner, rows / factor, half - (half - rows) / slope)
    source = source.clamp(float(rows[0]), float(rows[-1]))
    above = torch.searchsorted(rows, source).clamp(1, len(rows) - 1)
    share = ((source - rows[above - 1]) / (rows[above] - rows[above - 1])).to(values.dtype)
    items = torch.arange(len(values), device=values.device)[:, None]
    return torch.lerp(values[items, above - 1], values[items, above], share[..., None])


def random_warp(
    values: Float[Tensor, "batch bin frame"],
    *,
    frequencies: Float[Tensor, " bin"],
    sample_rate: int,
    alpha: Range = (0.9, 1.1),
    generator: torch.Generator,
) -> Float[Tensor, "batch bin frame"]:
    """Return each spectrogram with a vocal tract of another length (see `warp_frequencies`).

    Args:
        values: spectrograms, power or dB.
        frequencies: of the rows in Hz, ascending.
        sample_rate: in Hz.
        alpha: smallest and largest factor; drawn evenly between.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if the rows do not match their frequencies, or the range is not in order and
            above 0.
    Source: Jaitly and Hinton 2013.
    Lesson: 05_real_recordings

    >>> rows, g = torch.linspace(0.0, 4000.0, 65), torch.Generator().manual_seed(0)
    >>> random_warp(torch.rand(2, 65, 30), frequencies=rows, sample_rate=8000, generator=g).shape
    torch.Size([2, 65, 30])
    """
    check_batch("values", values, "batch bin frame")
    drawn = uniform("alpha", alpha, (len(values),), values, generator)
    return warp_frequencies(values, drawn, frequencies=frequencies, sample_rate=sample_rate)


def _hidden(
    n: int, size: int, n_masks: int, max_width: int, like: Tensor, g: torch.Generator
) -> Tensor:
    """Return which of `size` steps are hidden for each of `n` items, bool [n, size]."""
    widths = whole_numbers(0, torch.full((n, n_masks), max_width), like, g)
    starts = whole_numbers(0, size - widths, like, g)
    steps = torch.arange(size, device=like.device)
    inside = (steps >= starts[..., None]) & (steps < (starts + widths)[..., None])
    return inside.any(dim=1)


def spec_augment(
    values: Float[Tensor, "batch bin frame"],
    *,
    max_bins: int,
    max_frames: int,
    n_bin_masks: int = 1,
    n_frame_masks: int = 1,
    fill: float | None = None,
    generator: torch.Generator,
) -> Float[Tensor, "batch bin frame"]:
    """Return spectrograms with stripes hidden: some neighbouring bands, some neighbouring frames.

    Each stripe has a width of its own, from 0 to the greatest, and lies inside the picture.

    Args:
        values: spectrograms.
        max_bins: greatest width of a stripe in frequency, in rows.
        max_frames: greatest width of a stripe in time, in frames.
        n_bin_masks: stripes in frequency for each item; they may overlap.
        n_frame_masks: stripes in time for each item.
        fill: what the stripes are filled with. Default: the mean of each item. (In a picture in
            dB, 0 is not silence but very loud.)
        generator: where the random numbers come from.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if a width is not from 0 to the size of its axis, or a number of stripes is
            negative.
    Source: Park et al. 2019, SpecAugment (without its time warp).
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(1)
    >>> masked = spec_augment(
    ...     torch.ones(1, 4, 6), max_bins=1, max_frames=3, fill=0.0, generator=g
    ... )
    >>> masked.shape
    torch.Size([1, 4, 6])
    """
    check_batch("values", values, "batch bin frame")
    n, n_bins, n_frames = values.shape
    for name, width, size in (("max_bins", max_bins, n_bins), ("max_frames", max_frames, n_frames)):
        if not 0 <= width <= size:
            raise ValueError(f"{name} must be from 0 to {size}, got {width}")
    for name, count in (("n_bin_masks", n_bin_masks), ("n_frame_masks", n_frame_masks)):
        if count < 0:
            raise ValueError(f"{name} must be at least 0, got {count}")
    bins = _hidden(n, n_bins, n_bin_masks, max_bins, values, generator)[:, :, None]
    frames = _hidden(n, n_frames, n_frame_masks, max_frames, values, generator)[:, None, :]
    filling = values.mean(dim=(1, 2), keepdim=True) if fill is None else values.new_tensor(fill)
    return torch.where(bins | frames, filling, values)


def mixup(
    values: Float[Tensor, "batch ..."],
    labels: Int[Tensor, " batch"],
    *,
    n_classes: int,
    alpha: float,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "batch ..."], Float[Tensor, "batch class"]]:
    """Return each item mixed with another of the batch, and the labels mixed in the same shares.

    ``share * item + (1 - share) * other``, the share drawn for each item from Beta(alpha, alpha):
    for a small alpha nearly always close to 0 or 1. Cross-entropy takes the mixed labels as they
    are. Sounds add in the air, so a mixture of samples is a sound that could be; a mean of two
    pictures in dB is not.

    Args:
        values: items of any shape.
        labels: the class of each.
        n_classes: number of classes.
        alpha: above 0.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `values` holds no floats.
        ValueError: if `alpha` is not above 0 and finite, `labels` has not one number an item, or
            one that is no class.
    Source: Zhang et al. 2018, mixup: beyond empirical risk minimization.
    Lesson: 07_not_a_photo

    >>> g = torch.Generator().manual_seed(0)
    >>> x, shares = mixup(torch.eye(3), torch.arange(3), n_classes=3, alpha=0.4, generator=g)
    >>> bool((x == shares).all())
    True
    """
    if not values.is_floating_point():
        raise TypeError(f"values must be a tensor of floats, got {values.dtype}")
    if not (math.isfinite(alpha) and alpha > 0):
        raise ValueError(f"alpha must be above 0 and finite, got {alpha}")
    n = len(values)
    if n == 0 or labels.shape != (n,):
        raise ValueError(f"labels must be [{n}] and not empty, got {list(labels.shape)}")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= n_classes:
        raise ValueError(f"labels must be from 0 to {n_classes - 1}, got {low} to {high}")
    other = torch.randperm(n, generator=generator, device=generator.device).to(values.device)
    level = torch.rand(n, generator=generator, dtype=torch.float64, device=generator.device)
    drawn = torch.from_numpy(betaincinv(alpha, alpha, level.cpu().numpy()))
    share = drawn.to(dtype=values.dtype, device=values.device)
    rows = torch.nn.functional.one_hot(labels.to(torch.int64), n_classes).to(values.dtype)
    wide = share.reshape(n, *[1] * (values.ndim - 1))
    mixed = wide * values + (1 - wide) * values[other]
    return mixed, share[:, None] * rows + (1 - share[:, None]) * rows[other]
