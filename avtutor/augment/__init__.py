"""Changes that leave the label true: on a batch, drawn from a generator, the input untouched."""

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
    "equalise",
    "mix_at_snr",
    "mixup",
    "random_equaliser",
    "random_gain",
    "random_shift",
    "random_warp",
    "spec_augment",
    "warp_frequencies",
    "warped",
]
