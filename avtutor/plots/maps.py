"""What a network looked at: maps over spectrograms, curves, and filters."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from torch import Tensor

from avtutor.explain import Curve
from avtutor.plots.sounds import spectrogram
from avtutor.plots.style import COLOURS
from avtutor.spectral import SpectrogramConfig

_FOR, _AGAINST = COLOURS[1], COLOURS[0]


def attribution(
    ax: Axes,
    levels: Float[Tensor, "row frame"],
    map: Float[Tensor, "row frame"] | Bool[Tensor, "row frame"],
    config: SpectrogramConfig,
    *,
    scale: str = "mel",
    db_range: float = 60.0,
    title: str | None = None,
) -> Axes:
    """Draw a map over its spectrogram: grey is the sound, colour what the map says.

    Orange is above 0 (for the class) and blue below 0 (against it), the stronger the further:
    the cell that is furthest from 0 has the full colour. A mask is orange where it is True.

    Args:
        ax: where to draw.
        levels: in dB, as in `spectrogram`.
        map: any finite numbers, or a mask; as many rows and frames as `levels`.
        config: the settings that `levels` was made with.
        scale: what the rows are, ``"mel"`` or ``"linear"``.
        db_range: how many dB below the loudest cell black lies.
        title: what the figure shows.
    Raises:
        ValueError: if the map has another shape than `levels` or is not finite, or the rows of
            `levels` are not those of `config`.
    Lesson: 08_what_it_heard
    """
    if map.shape != levels.shape:
        raise ValueError(
            f"map must have the shape of levels, {list(levels.shape)}, got {list(map.shape)}"
        )
    if not bool(map.isfinite().all()):
        raise ValueError("map must be finite, got NaN or infinity in it")
    spectrogram(
        ax,
        levels,
        config,
        scale=scale,
        db_range=db_range / 0.7,
        top=float(levels.max())
        + db_range * 3 / 7,  # the loudest is a light grey: colour shows on it
        cmap="gray",
        title=title,
        colorbar=False,
    )
    values = map.double().numpy()
    furthest = np.abs(values).max()
    strength = np.abs(values) / furthest if furthest > 0 else np.zeros_like(values)
    colour = np.where(values[..., None] > 0, to_rgb(_FOR), to_rgb(_AGAINST))
    ax.imshow(
        np.concatenate([colour, 0.85 * strength[..., None]], axis=-1),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=ax.images[-1].get_extent(),
    )
    return ax


def curves(
    ax: Axes,
    curves: Mapping[str, Curve],
    *,
    change: str = "deleted",
    title: str | None = None,
) -> Axes:
    """Draw deletion or insertion curves, each with the area under it in the legend.

    Args:
        ax: where to draw.
        curves: by the name of their map.
        change: ``"deleted"`` or ``"inserted"``: what the shares of the cells are.
        title: what the figure shows.
    Raises:
        ValueError: if there are no curves, or more than there are colours, or `change` is
            neither word.
    Lesson: 08_what_it_heard
    """
    if change not in ("deleted", "inserted"):
        raise ValueError(f"change must be 'deleted' or 'inserted', got {change!r}")
    if not 1 <= len(curves) <= len(COLOURS):
        raise ValueError(f"there must be from 1 to {len(COLOURS)} curves, got {len(curves)}")
    styles = ("-", "--", "-.", ":")
    for number, (name, curve) in enumerate(curves.items()):
        ax.plot(
            curve.shares,
            curve.probabilities,
            color=COLOURS[number],
            ls=styles[number % len(styles)],
            label=f"{name} (area {curve.area:.2f})",
        )
    ax.set(
        xlabel=f"share of the cells that are {change}",
        ylabel="probability of the class",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    ax.legend(loc="upper right" if change == "deleted" else "lower right", fontsize="x-small")
    if title:
        ax.set_title(title)
    return ax


def filters(
    ax: Axes,
    weights: Float[Tensor, "filter row column"],
    *,
    per_row: int = 8,
    title: str | None = None,
) -> Axes:
    """Draw filters side by side: orange above 0, purple below, white 0, all on one scale.

    The first row of a filter is at the bottom, where a spectrogram has its low frequencies.

    Args:
        ax: where to draw.
        weights: such as `explain.first_filters` returns them.
        per_row: filters side by side.
        title: what the figure shows.
    Raises:
        ValueError: if there are no filters, or `per_row` is below 1.
    Lesson: 08_what_it_heard
    """
    if weights.ndim != 3 or weights.numel() == 0:
        raise ValueError(
            f"weights must be [filter, row, column] and not empty, got {list(weights.shape)}"
        )
    if per_row < 1:
        raise ValueError(f"per_row must be at least 1, got {per_row}")
    n, n_rows, n_columns = weights.shape
    lines = -(-n // per_row)
    tiles = torch.full((lines * per_row, n_rows + 1, n_columns + 1), torch.nan)
    tiles[:n, :-1, :-1] = weights.flip(1)  # drawn from the top
    sheet = tiles.reshape(lines, per_row, n_rows + 1, n_columns + 1).transpose(1, 2).flatten(2)
    top = float(weights.abs().max())
    ax.imshow(
        sheet.flatten(0, 1)[:-1, :-1].numpy(),
        cmap="PuOr_r",
        vmin=-top,
        vmax=top,
        interpolation="nearest",
    )
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return ax
