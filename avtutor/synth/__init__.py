"""Sounds, pictures and scenes whose truth is known, since they were made by a formula."""

from avtutor.synth.creature_calls import call, calls
from avtutor.synth.creature_pictures import draw, pictures
from avtutor.synth.creature_senses import Heard, Seen
from avtutor.synth.creatures import Creature, Creatures, creature, drawn_creatures
from avtutor.synth.events import scene, scenes
from avtutor.synth.latent import (
    LatentDraw,
    LatentSense,
    LatentWorld,
    Optimum,
    observed,
    optimum,
)
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
    "Creature",
    "Creatures",
    "Heard",
    "LatentDraw",
    "LatentSense",
    "LatentWorld",
    "Optimum",
    "OrderTask",
    "Scene",
    "SceneConfig",
    "Seen",
    "TokenClips",
    "Truth",
    "call",
    "calls",
    "chirp",
    "click",
    "creature",
    "draw",
    "drawn_creatures",
    "harmonics",
    "mouth_scene",
    "observed",
    "optimum",
    "pictures",
    "pink_noise",
    "sawtooth",
    "scene",
    "scenes",
    "silence",
    "sine",
    "square",
    "white_noise",
]
