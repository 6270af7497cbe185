"""Sounds whose truth is known, since they were made by a formula."""

from avtutor.synth.tokens import OrderTask, TokenClips
from avtutor.synth.tones import (
    chirp,
    click,
    harmonics,
    pink_noise,
    sawtooth,
    silence,
    sine,
    square,
    white_noise,
)

__all__ = [
    "OrderTask",
    "TokenClips",
    "chirp",
    "click",
    "harmonics",
    "pink_noise",
    "sawtooth",
    "silence",
    "sine",
    "square",
    "white_noise",
]
