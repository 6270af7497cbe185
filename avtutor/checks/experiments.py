"""Tables of what took longer than a lesson: made by an experiment, kept beside its code."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "experiments"


@dataclass(frozen=True, repr=False)
class Experiment:
    """A stored table, and what made it.

    Args:
        name: of the experiment, ``experiments/NN_topic.py``.
        command: what makes it again.
        seconds: what that took.
        result: the table itself.
    """

    name: str
    command: str
    seconds: int
    result: dict[str, Any]

    def __repr__(self) -> str:
        """Say where the numbers come from."""
        minutes = max(1, round(self.seconds / 60))
        unit = "minute" if minutes == 1 else "minutes"
        return f"experiments/{self.name}.json, made by `{self.command}` in {minutes} {unit}"


def stored(name: str) -> Experiment:
    """Return the table of an experiment; it lies in ``experiments/`` of the checkout.

    Raises:
        ValueError: if there is no such table.
    Lesson: 06_the_same_cnn

    >>> stored("99_nothing")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: no table 99_nothing.json in ...experiments
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise ValueError(f"no table {path.name} in {FOLDER}")
    table = json.loads(path.read_text(encoding="utf-8"))
    return Experiment(name, table["command"], table["seconds"], table["result"])
