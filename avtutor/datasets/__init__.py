"""Data sets: the bundled recordings first. Every item knows its group, which a split keeps whole."""

from avtutor.datasets.bundled import Credit, bundled_root, credit
from avtutor.datasets.examples import example, examples
from avtutor.datasets.stamps import Stamp, stamp, stamps
from avtutor.datasets.voices import Utterance, Window, speakers, stack, voices, windows

__all__ = [
    "Credit",
    "Stamp",
    "Utterance",
    "Window",
    "bundled_root",
    "credit",
    "example",
    "examples",
    "speakers",
    "stack",
    "stamp",
    "stamps",
    "voices",
    "windows",
]
