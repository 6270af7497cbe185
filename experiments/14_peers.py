"""Lesson 14: our ways to join and train two senses beside MultiBench's, five seeds."""

from typing import Any

from experiments import peers

DATA = ("espeak",)


def run() -> dict[str, Any]:
    """Return every method for every seed, and the best of ours beside each of theirs."""
    return peers.run()
