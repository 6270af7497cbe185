"""Changes of sounds: noise, gain, place in time, and the channel that they came through."""

import math

import torch
from jaxtyping import Float, Int
from scipy.fft import next_fast_len
from torch import Tensor

from avtutor.augment.draws import (
    Range,
    check_batch,
    uniform,
    whole_numbers,
)
from avtutor.batch import mask_of
from avtutor.units import hz_to_mel


def _mean_power(samples: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the mean power of each row, [batch, 1], over what is not padding."""
    squares = samples.square().to(torch.float64)
    if lengths is None:
        return squares.mean(dim=1, keepdim=True)
    mask = mask_of(lengths, samples.shape[1])
    return (squares * mask).sum(dim=1, keepdim=True) / lengths[:, None]


def mix_at_snr(
    samples: Float[Tensor, "batch time"],
    noise: Float[Tensor, "batch time"],
    *,
    snr_db: Float[Tensor, " batch"],
    lengths: Int[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch time"]:
    """Return the sounds with noise added, scaled so that the signal-to-noise ratio is `snr_db`.

    The ratio is that of the mean powers over the whole item, pauses included, and without the
    padding: 0 dB means equally strong. A silent item has no such ratio and stays silent.

    Args:
        samples: one sound a row.
        noise: one noise a row, at any level.
        snr_db: the ratio wanted for each row, in dB.
        lengths: samples of each row that are not padding; padding gets no noise. Default: all.
    Raises:
        TypeError: if `samples` or `noise` holds no floats.
        ValueError: if the shapes differ, a ratio is not finite, or a noise is silent.
    Lesson: 05_real_recordings

    >>> tone, noise = torch.tensor([[1.0, -1.0, 1.0, -1.0]]), torch.tensor([[2.0, 2.0, -2.0, 2.0]])
    >>> mix_at_snr(tone, noise, snr_db=torch.tensor([20.0]))
    tensor([[ 1.1000, -0.9000,  0.9000, -0.9000]])
    """
    check_batch("samples", samples, "batch time")
    check_batch("noise", noise, "batch time")
    if noise.shape != samples.shape:
        raise ValueError(
            f"noise must have the shape of samples {list(samples.shape)}, got {list(noise.shape)}"
        )
    if snr_db.shape != samples.shape[:1] or not bool(snr_db.isfinite().all()):
        raise ValueError(f"snr_db must be finite and [{len(samples)}], got {snr_db.tolist()}")
    level = _mean_power(noise, lengths)
    if bool((level == 0).any()):
        raise ValueError("noise must not be silent: no gain gives it a level")
    ratio = torch.pow(10.0, snr_db.to(torch.float64) / 10.0)[:, None]
    scale = (_mean_power(samples, lengths) / (level * ratio)).sqrt().to(samples.dtype)
    added = scale * noise
    return samples + (added if lengths is None else added * mask_of(lengths, samples.shape[1]))


def add_noise(
    samples: Float[Tensor, "batch time"],
    *,
    snr_db: Range,
    generator: torch.Generator,
    bank: Float[Tensor, " noise_time"] | None = None,
    lengths: Int[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch time"]:
    """Return the sounds with noise, at a signal-to-noise ratio drawn for each (see `mix_at_snr`).

    Args:
        samples: one sound a row.
        snr_db: lowest and highest ratio, in dB; drawn evenly between.
        generator: where the random numbers come from.
        bank: a long recording of noise at the same rate; each item gets a stretch of it that
            begins at random. Default: white noise.
        lengths: samples of each row that are not padding. Default: all.
    Raises:
        TypeError: if `samples` holds no floats.
        ValueError: if the range is not in order, or the bank is shorter than the items or silent
            where it was drawn.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(0)
    >>> add_noise(torch.ones(2, 8000), snr_db=(0.0, 20.0), generator=g).shape
    torch.Size([2, 8000])
    """
    check_batch("samples", samples, "batch time")
    n, size = samples.shape
    ratios = uniform("snr_db", snr_db, (n,), samples, generator)
    if bank is None:
        drawn = torch.randn(n, size, generator=generator, device=generator.device)
        noise = drawn.to(dtype=samples.dtype, device=samples.device)
    else:
        check_batch("bank", bank, "time")
        last = len(bank) - size
        if last < 0:
            raise ValueError(f"bank must hold at least {size} samples, got {len(bank)}")
        starts = whole_numbers(0, torch.full((n,), last), bank, generator)
        noise = bank[starts[:, None] + torch.arange(size, device=bank.device)].to(samples)
    return mix_at_snr(samples, noise, snr_db=ratios, lengths=lengths)


def random_gain(
    samples: Float[Tensor, "batch time"], *, db: Range, generator: torch.Generator
) -> Float[Tensor, "batch time"]:
    """Return each sound louder or softer by a number of dB drawn from a range.

    Args:
        samples: one sound a row.
        db: lowest and highest gain; 6.02 dB doubles the amplitude. Nothing is cut off at 1.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `samples` holds no floats.
        ValueError: if the range is not in order.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(0)
    >>> random_gain(torch.ones(1, 3), db=(-20.0, -20.0), generator=g)
    tensor([[0.1000, 0.1000, 0.1000]])
    """
    check_batch("samples", samples, "batch time")
    gains = uniform("db", db, (len(samples), 1), samples, generator)
    return samples * torch.pow(10.0, gains / 20.0)


def random_shift(
    samples: Float[Tensor, "batch time"], *, max_samples: int, generator: torch.Generator
) -> Float[Tensor, "batch time"]:
    """Return each sound earlier or later by up to `max_samples`; zeros fill the place it left.

    What is pushed over an end is lost, and does not come back at the other one.

    Args:
        samples: one sound a row.
        max_samples: greatest shift either way, below the number of samples.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `samples` holds no floats.
        ValueError: if `max_samples` is not from 0 to the number of samples less one.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(3)
    >>> random_shift(torch.tensor([[1.0, 2.0, 3.0]] * 3), max_samples=1, generator=g)
    tensor([[2., 3., 0.],
            [2., 3., 0.],
            [0., 1., 2.]])
    """
    check_batch("samples", samples, "batch time")
    n, size = samples.shape
    if not 0 <= max_samples < size:
        raise ValueError(f"max_samples must be from 0 to {size - 1}, got {max_samples}")
    later = whole_numbers(-max_samples, torch.full((n,), max_samples), samples, generator)
    source = torch.arange(size, device=samples.device) - later[:, None]
    inside = (source >= 0) & (source < size)
    return samples.gather(1, source.clamp(0, size - 1)) * inside


def equalise(
    samples: Float[Tensor, "batch time"],
    gains_db: Float[Tensor, "batch point"],
    *,
    sample_rate: int,
) -> Float[Tensor, "batch time"]:
    """Return each sound through a filter with the given gains: another microphone or room.

    The points lie at equal steps in mel from 0 Hz to half of `sample_rate`; between them the
    gain in dB runs straight in mel. The filter has no phase: nothing is delayed.

    Args:
        samples: one sound a row.
        gains_db: for each row the gain at each point, in dB; two points or more.
        sample_rate: in Hz.
    Raises:
        TypeError: if `samples` or `gains_db` holds no floats.
        ValueError: if the rows do not match, or there are fewer than two points.
    Lesson: 05_real_recordings

    >>> equalise(torch.tensor([[0.0, 1.0, 0.0]]), torch.full((1, 2), 20.0), sample_rate=8000)[0, 1]
    tensor(10.)
    """
    check_batch("samples", samples, "batch time")
    check_batch("gains_db", gains_db, "batch point")
    if len(gains_db) != len(samples) or gains_db.shape[1] < 2:
        raise ValueError(
            f"gains_db must be [{len(samples)}, point] with 2 points or more, "
            f"got {list(gains_db.shape)}"
        )
    size = samples.shape[1]
    # The filter rings into the second half instead of round to the start. A length with large
    # prime factors would take several times as long.
    n_fft = 2 * next_fast_len(size, real=True)
    half = sample_rate / 2
    bins = torch.linspace(0.0, half, n_fft // 2 + 1, dtype=torch.float64, device=samples.device)
    place = hz_to_mel(bins) / hz_to_mel(half) * (gains_db.shape[1] - 1)
    points = torch.arange(gains_db.shape[1], device=samples.device)
    tents = (1 - (place - points[:, None]).abs()).clamp(min=0.0)  # [point, bin], straight between
    curve = gains_db @ tents.to(gains_db.dtype)
    response = torch.pow(10.0, curve / 20.0).to(samples.dtype)
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(samples, n=n_fft) * response, n=n_fft)
    return filtered[:, :size]


def random_equaliser(
    samples: Float[Tensor, "batch time"],
    *,
    sample_rate: int,
    max_db: float,
    n_points: int = 8,
    generator: torch.Generator,
) -> Float[Tensor, "batch time"]:
    """Return each sound through a channel of its own: gains of up to ±`max_db`, drawn evenly.

    Recordings of one voice share a microphone and a room; a network finds that easier to hear
    than the voice. See `equalise`.

    Args:
        samples: one sound a row.
        sample_rate: in Hz.
        max_db: greatest gain and loss.
        n_points: points in frequency with a gain of their own. More make a rougher channel.
        generator: where the random numbers come from.
    Raises:
        TypeError: if `samples` holds no floats.
        ValueError: if `max_db` is negative or `n_points` below 2.
    Lesson: 05_real_recordings

    >>> g = torch.Generator().manual_seed(0)
    >>> random_equaliser(torch.ones(2, 800), sample_rate=8000, max_db=6.0, generator=g).shape
    torch.Size([2, 800])
    """
    check_batch("samples", samples, "batch time")
    if n_points < 2:
        raise ValueError(f"n_points must be at least 2, got {n_points}")
    if not (math.isfinite(max_db) and max_db >= 0):
        raise ValueError(f"max_db must be at least 0 and finite, got {max_db}")
    gains = uniform("max_db", (-max_db, max_db), (len(samples), n_points), samples, generator)
    return equalise(samples, gains, sample_rate=sample_rate)
