"""Lesson 06: the full recipe with fewer voices to learn from, and as many steps of training."""

from experiments.ladder import DIGITS, Row, run_rows

DATA = DIGITS
ROWS = {f"{n} voices": Row(voices=n) for n in (24, 12, 6)}


def run() -> dict:
    """Return the table of `run_rows`."""
    return run_rows(ROWS)
