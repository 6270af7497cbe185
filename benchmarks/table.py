"""What every benchmark returns, and the table that they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADER = ("what", "here", "beside", "ratio", "goal", "")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        name: what was measured, with sizes: ``log_mel, 64 x 10 s``.
        ours: the value of this project with its unit: ``81 ms``.
        other: what it is compared to, with name and unit: ``torchaudio 327 ms``; may be empty.
        ratio: other / ours, so that more is better; None where nothing is compared.
        goal: the goal in words: ``at least 4 x``; empty where there is none.
        met: whether the goal was met in this run; None where there is none.
    """

    name: str
    ours: str
    other: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.1f} x"
        met = {True: "met", False: "MISSED", None: ""}[self.met]
        return (self.name, self.ours, self.other, ratio, self.goal, met)


def faster(name: str, *, seconds: float, other: str, other_seconds: float, at_least: float) -> Row:
    """Return the row of a comparison of two times that were taken in the same run.

    >>> faster("stft", seconds=0.02, other="theirs", other_seconds=0.1, at_least=4).cells
    ('stft', '20 ms', 'theirs 100 ms', '5.0 x', 'at least 4 x', 'met')
    """
    ratio = other_seconds / seconds
    return Row(
        name=name,
        ours=duration(seconds),
        other=f"{other} {duration(other_seconds)}",
        ratio=ratio,
        goal=f"at least {at_least:g} x",
        met=ratio >= at_least,
    )


def at_most(name: str, value: float, limit: float, unit: str) -> Row:
    """Return the row of a value that has to stay under a limit.

    >>> at_most("lesson 01", 12.34, 60, "s").cells
    ('lesson 01', '12.3 s', '', '', 'at most 60 s', 'met')
    """
    return Row(
        name=name,
        ours=f"{value:.3g} {unit}",
        goal=f"at most {limit:g} {unit}",
        met=value <= limit,
    )


def duration(seconds: float) -> str:
    """Return a time with three digits and a unit that fits.

    >>> duration(0.0123), duration(1.5), duration(2.5e-5)
    ('12.3 ms', '1.5 s', '25 µs')
    """
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def render(rows: Sequence[Row]) -> str:
    """Return the rows as one aligned table in plain text.

    >>> print(render([at_most("import", 0.1, 0.2, "s")]))
    what    here   beside  ratio  goal
    import  0.1 s                 at most 0.2 s  met
    """
    lines = [HEADER, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
