"""What came out of an experiment, and how a training went."""

from collections.abc import Mapping, Sequence

from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from avtutor.metrics import t_interval
from avtutor.plots.style import COLOURS
from avtutor.training import History


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


def voices(
    ax: Axes,
    results: Mapping[str, Sequence[float]],
    *,
    line: float,
    title: str | None = None,
) -> Axes:
    """Draw one value of each voice as a dot, and the mean with its t interval below the dots.

    Args:
        ax: where to draw.
        results: for each row its name, and a value of each voice, two or more.
        line: where a dashed line stands: what guessing reaches, or 0 for differences.
        title: what the figure shows.
    Raises:
        ValueError: if there are no rows, or a row has fewer than two values.
    Lesson: 06_the_same_cnn
    """
    if not results:
        raise ValueError("results must have at least one row, got none")
    for row, values in enumerate(results.values()):
        found = t_interval(values)
        ax.plot(values, [row - 0.1] * len(values), "o", ms=5, alpha=0.5, color=COLOURS[0])
        error = [[found.mean - found.low], [found.high - found.mean]]
        place = row + 0.2
        ax.errorbar(found.mean, place, xerr=error, fmt="D", ms=5, capsize=3, color=COLOURS[1])
    ax.axvline(line, color="grey", ls="--", lw=1)
    ax.set_yticks(range(len(results)), list(results))
    ax.set(ylim=(len(results) - 0.4, -0.6))
    ax.grid(visible=False, axis="y")
    if title:
        ax.set_title(title)
    return ax


def confusion(
    ax: Axes,
    counts: Int[Tensor, "label predicted"],
    *,
    names: Sequence[str],
    title: str | None = None,
) -> Axes:
    """Draw how often each class (row) was taken for each class (column), with the counts.

    Args:
        ax: where to draw.
        counts: what `metrics.confusion` returned.
        names: of the classes.
        title: what the figure shows.
    Raises:
        ValueError: if there is not one name for each row and column.
    Lesson: 06_the_same_cnn
    """
    if tuple(counts.shape) != (len(names), len(names)):
        raise ValueError(
            f"there must be a name for each row and column, got {len(names)} names "
            f"and {list(counts.shape)}"
        )
    ax.imshow(counts.numpy(), cmap="Blues")
    half = int(counts.max()) / 2  # above it the blue is too dark for black
    for row, column in counts.nonzero().tolist():
        n = int(counts[row, column])
        colour = "white" if n > half else "black"
        ax.text(column, row, str(n), ha="center", va="center", color=colour)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="answer", ylabel="right answer")
    ax.grid(visible=False)
    if title:
        ax.set_title(title)
    return ax
