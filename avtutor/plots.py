"""Figures of sounds. The only room that knows matplotlib and seaborn.

Every function draws on the `ax` that it is given, and returns it.
"""

from collections.abc import Sequence

import numpy as np
import seaborn
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, MaxNLocator
from torch import Tensor

from avtutor.spectral import SpectrogramConfig, mel_frequencies
from avtutor.training import History
from avtutor.waveform import Waveform

COLOURS: tuple[str, ...] = tuple(seaborn.color_palette("colorblind").as_hex())
"""Ten colours that can be told apart without red and green."""

_MEL_TICKS = (100, 200, 500, 1000, 2000, 4000, 8000, 16000)


def use_style() -> None:
    """Set the look of every figure of the course: light grid, colours for all eyes.

    >>> use_style()
    """
    seaborn.set_theme(
        style="whitegrid",
        palette="colorblind",
        rc={
            "axes.titlesize": "medium",
            "axes.titleweight": "bold",
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.dpi": 80,
            "grid.alpha": 0.4,
        },
    )


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
        cmap="magma",
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


def accuracies(
    ax: Axes,
    names: Sequence[str],
    values: Sequence[float],
    *,
    chance: float,
    title: str | None = None,
) -> Axes:
    """Draw accuracies as bars from 0 to 1, with the line that guessing reaches.

    Args:
        ax: where to draw.
        names: one a bar.
        values: shares of right answers, 0 to 1.
        chance: what guessing reaches.
        title: what the figure shows.
    Raises:
        ValueError: if there are not as many names as values.
    Lesson: 00_start_here
    """
    if len(names) != len(values):
        raise ValueError(f"there must be a name for each value, got {len(names)} and {len(values)}")
    bars = ax.barh(range(len(names)), values, color=COLOURS[0], height=0.6)
    clear = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # no line through numbers
    ax.bar_label(bars, fmt="%.2f", padding=4, zorder=3, bbox=clear)
    ax.axvline(chance, color=COLOURS[1], ls="--", lw=1.5)
    ax.text(chance, -0.75, f" chance {chance:.2f}", color=COLOURS[1], va="center")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlim=(0, 1.1), ylim=(len(names) - 0.5, -1.1), xlabel="share of right answers")
    ax.grid(visible=False, axis="y")
    if title:
        ax.set_title(title)
    return ax


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


def history(ax: Axes, trained: History, *, name: str = "loss", title: str | None = None) -> Axes:
    """Draw one value of a training over its epochs, and mark the epoch whose weights were kept.

    What the training data gave was taken while the weights changed, the validation after it.

    Args:
        ax: where to draw.
        trained: what `fit` returned.
        name: which value, ``"loss"`` or one that the objective logged.
        title: what the figure shows.
    Raises:
        ValueError: if there are no epochs, or they do not have `name`.
    Lesson: 06_the_same_cnn
    """
    if not trained.epochs:
        raise ValueError("trained must have at least one epoch, got none")
    numbers = [epoch.number for epoch in trained.epochs]
    ax.plot(numbers, trained.values("train", name), color=COLOURS[0], marker=".", label="train")
    if trained.epochs[0].valid:
        valid = trained.values("valid", name)
        ax.plot(numbers, valid, color=COLOURS[1], marker=".", label="validation")
        ax.plot(trained.best, valid[trained.best - 1], "o", color=COLOURS[1], label="kept")
    ax.set(xlabel="epoch", ylabel=name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.legend()
    if title:
        ax.set_title(title)
    return ax
