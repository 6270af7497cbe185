"""Sounds, clips and networks that answer at once: they run in the page, without a kernel."""

from avtutor.widgets.clip_player import ClipPlayer
from avtutor.widgets.fusion import FusionExplorer
from avtutor.widgets.hear_and_see import HearAndSee
from avtutor.widgets.joint_map import JointMap
from avtutor.widgets.sampling import SamplingExplorer
from avtutor.widgets.spectrogram import SpectrogramExplorer
from avtutor.widgets.verdict import VerdictExplorer

__all__ = [
    "ClipPlayer",
    "FusionExplorer",
    "HearAndSee",
    "JointMap",
    "SamplingExplorer",
    "SpectrogramExplorer",
    "VerdictExplorer",
]
