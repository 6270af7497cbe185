"""Data sets, the bundled recordings first. Every item knows its group, which a split keeps."""

from avtutor.datasets.bundled import Credit, bundled_root, credit
from avtutor.datasets.calls import Call, calls
from avtutor.datasets.digits import SpokenDigit, spoken_digits
from avtutor.datasets.examples import example, examples
from avtutor.datasets.names import SpokenName, names
from avtutor.datasets.phones import Phone, phones
from avtutor.datasets.stamps import Stamp, stamp, stamps
from avtutor.datasets.videos import videos
from avtutor.datasets.voices import Utterance, Window, speakers, stack, voices, windows

__all__ = [
    "Call",
    "Credit",
    "Phone",
    "SpokenDigit",
    "SpokenName",
    "Stamp",
    "Utterance",
    "Window",
    "bundled_root",
    "calls",
    "credit",
    "example",
    "examples",
    "names",
    "phones",
    "speakers",
    "spoken_digits",
    "stack",
    "stamp",
    "stamps",
    "videos",
    "voices",
    "windows",
]
