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
from avtutor.augment.pictures import (
    mixup,
    random_warp,
    spec_augment,
    warp_frequencies,
    warped,
)
from avtutor.augment.sounds import (
    add_noise,
    equalise,
    mix_at_snr,
    random_equaliser,
    random_gain,
    random_shift,
)

__all__ = [
    "add_noise",
    "colour",
    "equalise",
    "flip",
    "luminance",
    "mix_at_snr",
    "mixup",
    "permute",
    "random_equaliser",
    "random_gain",
    "random_shift",
    "random_warp",
    "rotate",
    "shift",
    "spec_augment",
    "squeeze",
    "warp_frequencies",
    "warped",
]
