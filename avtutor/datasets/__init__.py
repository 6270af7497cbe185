"""Data sets, the bundled recordings first. Every item knows its group, which a split keeps."""

from avtutor.datasets.bundled import Credit, bundled_root, credit
from avtutor.datasets.calls import Call, calls
from avtutor.datasets.digits import SpokenDigit, spoken_digits
from avtutor.datasets.examples import example, examples
from avtutor.datasets.names import SpokenName, names
from avtutor.datasets.phones import Phone, phones
from avtutor.datasets.splits import (
    Split,
    audit_labels,
    audit_split,
    group_split,
    leave_one_group_out,
    number_labels,
)
from avtutor.datasets.stamps import Stamp, stamp, stamps
from avtutor.datasets.videos import videos
from avtutor.datasets.voices import Utterance, Window, speakers, stack, voices, windows

__all__ = [
    "Call",
    "Credit",
    "Phone",
    "SpokenDigit",
    "SpokenName",
    "Split",
    "Stamp",
    "Utterance",
    "Window",
    "audit_labels",
    "audit_split",
    "bundled_root",
    "calls",
    "credit",
    "example",
    "examples",
    "group_split",
    "leave_one_group_out",
    "names",
    "number_labels",
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
