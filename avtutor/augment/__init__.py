"""Changes of a batch, the input untouched: most leave the label true, image habits may not."""

from avtutor.augment.alterations import (
    colour,
    flip,
    luminance,
    permute,
    rotate,
    shift,
    squeeze,
)
from avtutor.augment.margins import random_margins
from avtutor.augment.pictures import (
    mixup,
    random_warp,
    spec_augment,
    warp_frequencies,
    warped,
)
from avtutor.augment.recipe import SpeechRecipe
from avtutor.augment.senses import (
    FRONT,
    AddNoise,
    DropSenses,
    ToSpectrogram,
    mix_pictures_at_snr,
)
from avtutor.augment.sounds import (
    add_noise,
    equalise,
    mix_at_snr,
    random_equaliser,
    random_gain,
    random_shift,
)
from avtutor.augment.warps import bend_rows, bent, random_bend, random_stretch, stretch

__all__ = [
    "AddNoise",
    "DropSenses",
    "FRONT",
    "SpeechRecipe",
    "ToSpectrogram",
    "add_noise",
    "bend_rows",
    "bent",
    "colour",
    "equalise",
    "flip",
    "luminance",
    "mix_at_snr",
    "mix_pictures_at_snr",
    "mixup",
    "permute",
    "random_bend",
    "random_equaliser",
    "random_gain",
    "random_margins",
    "random_shift",
    "random_stretch",
    "random_warp",
    "rotate",
    "shift",
    "spec_augment",
    "squeeze",
    "stretch",
    "warp_frequencies",
    "warped",
]
