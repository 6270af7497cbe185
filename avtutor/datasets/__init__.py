"""Data sets, the bundled recordings first. A recording knows its group, which a split keeps."""

from avtutor.datasets.bestiary import Bestiary, FreshBatches
from avtutor.datasets.bundled import Credit, bundled_root, credit
from avtutor.datasets.calls import Call, calls
from avtutor.datasets.clips import ClipFolder
from avtutor.datasets.common_voice import common_voice
from avtutor.datasets.contest_2015 import contest_2015
from avtutor.datasets.digits import SpokenDigit, spoken_digits
from avtutor.datasets.esc50 import esc50
from avtutor.datasets.examples import example, examples
from avtutor.datasets.folder import AudioFolder
from avtutor.datasets.fsdd import fsdd
from avtutor.datasets.handwritten import HandwrittenDigit, handwritten_digits
from avtutor.datasets.mouths import mouths
from avtutor.datasets.names import SpokenName, names
from avtutor.datasets.pairs import Pairs, audit_pairs, pair
from avtutor.datasets.phones import Phone, phones
from avtutor.datasets.recordings import Item, Recording, VideoFile
from avtutor.datasets.seen_heard import pictures_of, seen_and_heard
from avtutor.datasets.sounds import Sounds, load_sounds
from avtutor.datasets.speech_commands import speech_commands
from avtutor.datasets.splits import (
    Split,
    audit_labels,
    audit_split,
    group_split,
    leave_one_group_out,
    number_labels,
)
from avtutor.datasets.stamps import Stamp, stamp, stamps
from avtutor.datasets.synthetic import SyntheticDigit, synthetic_digits
from avtutor.datasets.videos import videos
from avtutor.datasets.voices import Utterance, Window, speakers, stack, voices, windows
from avtutor.datasets.voxlingua107 import voxlingua107

__all__ = [
    "AudioFolder",
    "Bestiary",
    "Call",
    "ClipFolder",
    "Credit",
    "FreshBatches",
    "HandwrittenDigit",
    "Item",
    "Pairs",
    "Phone",
    "Recording",
    "Split",
    "Sounds",
    "SpokenDigit",
    "SpokenName",
    "Stamp",
    "SyntheticDigit",
    "Utterance",
    "VideoFile",
    "Window",
    "audit_labels",
    "audit_pairs",
    "audit_split",
    "bundled_root",
    "calls",
    "common_voice",
    "contest_2015",
    "credit",
    "esc50",
    "example",
    "examples",
    "fsdd",
    "group_split",
    "handwritten_digits",
    "leave_one_group_out",
    "load_sounds",
    "mouths",
    "names",
    "number_labels",
    "pair",
    "phones",
    "pictures_of",
    "seen_and_heard",
    "speakers",
    "speech_commands",
    "spoken_digits",
    "stack",
    "stamp",
    "stamps",
    "synthetic_digits",
    "videos",
    "voices",
    "voxlingua107",
    "windows",
]
