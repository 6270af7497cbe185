"""Sounds whose truth is known, since they were made by a formula."""

from avtutor.synth.events import scene, scenes
from avtutor.synth.mouth import mouth_scene
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
from avtutor.synth.world import Scene, SceneConfig, Truth

__all__ = [
    "OrderTask",
    "Scene",
    "SceneConfig",
    "TokenClips",
    "Truth",
    "chirp",
    "click",
    "harmonics",
    "mouth_scene",
    "pink_noise",
    "sawtooth",
    "scene",
    "scenes",
    "silence",
    "sine",
    "square",
    "white_noise",
]
