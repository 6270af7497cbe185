"""Sounds over time, over frequency, and over both."""

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter
from torch import Tensor

from avtutor.plots.style import COLOURS
from avtutor.spectral import SpectrogramConfig, mel_frequencies
from avtutor.waveform import Waveform

_MEL_TICKS = (100, 200, 500, 1000, 2000, 4000, 8000, 16000)


def waveform(
    ax: Axes,
    sound: Waveform,
    *,
    channel: int = 0,
    start: float = 0.0,
    title: str | None = None,
    label: str | None = None,
    color: str = COLOURS[0],
    points: bool = False,
) -> Axes:
    """Draw the samples of one channel over time, in seconds.

    Long sounds are drawn as the band between the lowest and the highest of neighbouring samples,
    so that no peak is lost and the figure stays small.

    Args:
        ax: where to draw.
        sound: what to draw.
        channel: which channel.
        start: the time of the first sample, in seconds, for a sound cut out of a longer one.
        title: what the figure shows.
        label: name in a legend.
        color: of the line.
        points: mark every sample.
    Lesson: 01_what_is_sound
    """
    samples = sound.samples[channel]
    times = start + torch.arange(len(samples), dtype=torch.float64) / sound.sample_rate
    n_bins = 2000
    if len(samples) <= 2 * n_bins:
        ax.plot(times, samples, color=color, label=label, lw=1, marker="." if points else None)
    else:
        size = -(-len(samples) // n_bins)
        kept = samples[: len(samples) // size * size].reshape(-1, size)
        ax.fill_between(
            times[: kept.numel() : size].numpy(),
            kept.amin(dim=1).numpy(),
            kept.amax(dim=1).numpy(),
            color=color,
            label=label,
            lw=0.5,
        )
    ax.set(xlabel="time (s)", ylabel="sample value", xlim=(float(times[0]), float(times[-1])))
    if title:
        ax.set_title(title)
    return ax


def spectrum(
    ax: Axes,
    frequencies: Float[Tensor, " freq"],
    levels: Float[Tensor, " freq"],
    *,
    title: str | None = None,
    label: str | None = None,
    color: str | None = None,
) -> Axes:
    """Draw levels in dB over frequency in Hz.

    Args:
        ax: where to draw.
        frequencies: in Hz.
        levels: in dB.
        title: what the figure shows.
        label: name in a legend.
        color: of the line.
    Lesson: 02_time_to_frequency
    """
    ax.plot(frequencies, levels, lw=1, label=label, color=color)
    ax.set(xlabel="frequency (Hz)", ylabel="level (dB)")
    ax.set_xlim(float(frequencies[0]), float(frequencies[-1]))
    if title:
        ax.set_title(title)
    return ax


def spectrogram(
    ax: Axes,
    levels: Float[Tensor, "row frame"],
    config: SpectrogramConfig,
    *,
    scale: str = "linear",
    db_range: float = 80.0,
    top: float | None = None,
    cmap: str = "magma",
    title: str | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw a spectrogram in dB: time to the right, frequency upwards, level as colour.

    Args:
        ax: where to draw.
        levels: in dB, [freq, frame] for the scale ``"linear"``, [mel, frame] for ``"mel"``.
        config: the settings it was made with; the axes come from there.
        scale: ``"linear"`` or ``"mel"``.
        db_range: how many dB below `top` the darkest colour lies.
        top: the level of the brightest colour; default: the highest of `levels`.
        cmap: matplotlib's name of the colours; the lightness of them must rise with the level.
        title: what the figure shows.
        colorbar: draw the colour scale beside it.
    Raises:
        ValueError: if `scale` is unknown, or the rows of `levels` are not those of `config`.
    Lesson: 03_spectrogram
    """
    rows = {"linear": config.n_freqs, "mel": config.n_mels}
    if scale not in rows:
        raise ValueError(f"scale must be 'linear' or 'mel', got {scale!r}")
    if levels.shape[0] != rows[scale]:
        raise ValueError(
            f"levels must have {rows[scale]} rows for the scale {scale!r}, got {levels.shape[0]}"
        )
    top = float(levels.max()) if top is None else top
    half_frame = 0.5 * config.hop_length / config.sample_rate
    end = (levels.shape[1] - 1) * config.hop_length / config.sample_rate + half_frame
    half_bin = 0.5 * config.sample_rate / config.n_fft
    linear = scale == "linear"
    low, high = (
        (-half_bin, config.sample_rate / 2 + half_bin) if linear else (-0.5, rows[scale] - 0.5)
    )
    image = ax.imshow(
        levels.numpy(),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=cmap,
        vmin=top - db_range,
        vmax=top,
        extent=(-half_frame, end, low, high),
    )
    ax.grid(visible=False)
    ax.set_xlabel("time (s)")
    if linear:
        ax.set_ylim(0, config.sample_rate / 2)
        ax.set_ylabel("frequency (Hz)")
    else:
        _mel_ticks(ax, config)
    if title:
        ax.set_title(title)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)", pad=0.02)
    return ax


def _mel_ticks(ax: Axes, config: SpectrogramConfig) -> None:
    """Label the rows of a mel spectrogram with the frequencies in Hz at their centres."""
    centres = mel_frequencies(config).numpy()
    ticks: list[int] = []
    rows: list[float] = []
    for f in reversed(_MEL_TICKS):
        row = float(np.interp(f, centres, np.arange(len(centres))))
        apart = 0.06 * len(centres)  # closer, the labels would overlap
        if centres[0] <= f <= centres[-1] and (not rows or rows[-1] - row > apart):
            ticks.append(f)
            rows.append(row)
    ax.set_yticks(rows, [f"{f}" for f in ticks])
    ax.set_ylabel("frequency (Hz, mel scale)")


def log_frequency_axis(ax: Axes, low: float, high: float) -> Axes:
    """Make the horizontal axis logarithmic from `low` to `high` Hz, with plain labels.

    Lesson: 04_mel_and_friends
    """
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = [f for f in (20, 50, *_MEL_TICKS) if low <= f <= high]
    ax.set_xticks(ticks, [EngFormatter(sep="")(f) for f in ticks])
    ax.minorticks_off()
    ax.set_xlabel("frequency (Hz)")
    return ax
