"""The look of every figure of the course."""

import seaborn

COLOURS: tuple[str, ...] = tuple(seaborn.color_palette("colorblind").as_hex())
"""Ten colours that can be told apart without red and green."""


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
