"""What the pictures and the sounds of a widget of two senses must be."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from avtutor.spectral import WINDOWS, SpectrogramConfig, n_frames
from avtutor.waveform import Waveform
from avtutor.widgets.base import one_of

MOST_FRAMES = 120
"""The longest sound: all networks answer within a frame of the screen up to about 100."""
MOST_CLASSES = 20
MOST_PIXELS = 4096
N_FFT = tuple(1 << k for k in range(6, 12))


def checked_classes(classes: Sequence[str]) -> list[str]:
    """Return the names of the classes.

    Raises:
        ValueError: unless they are 2 to 20 different names.

    >>> checked_classes(("lion", "sea"))
    ['lion', 'sea']
    """
    names = list(classes)
    strings = all(isinstance(name, str) and name for name in names)
    if not strings or len(set(names)) != len(names) or not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(f"classes must be 2 to {MOST_CLASSES} different names, got {names}")
    return names


def check_config(config: SpectrogramConfig) -> None:
    """Refuse a front end that the page does not have.

    Raises:
        ValueError: if `n_fft` or `window` is another.
    """
    one_of("n_fft", config.n_fft, N_FFT)
    one_of("window", config.window, WINDOWS)


def checked_pictures(pictures: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the pictures as the page has them, float32 [height, width].

    Raises:
        TypeError: if one is not a tensor.
        ValueError: if one has another shape, too many pixels, or a value that is not finite.
    """
    if not pictures:
        raise ValueError("pictures must be a dict of grey values by name, got an empty one")
    shapes = set()
    for name, grey in pictures.items():
        if not isinstance(grey, Tensor):
            raise TypeError(f"a picture must be a tensor, got {type(grey).__name__} under {name!r}")
        if grey.ndim != 2 or not 1 <= grey.numel() <= MOST_PIXELS:
            raise ValueError(
                f"a picture must be [height, width] of at most {MOST_PIXELS} pixels, "
                f"got {list(grey.shape)} under {name!r}"
            )
        if not bool(torch.isfinite(grey).all()):
            raise ValueError(f"grey values must be finite, got others under {name!r}")
        shapes.add(tuple(grey.shape))
    if len(shapes) > 1:
        raise ValueError(f"pictures must be of one size, got {sorted(shapes)}")
    return {name: grey.detach().cpu().to(torch.float32) for name, grey in pictures.items()}


def check_sound(name: str, sound: Waveform, config: SpectrogramConfig) -> None:
    """Refuse a recording at another rate than the front end, too short or too long.

    Raises:
        ValueError: if it is.
    """
    if sound.sample_rate != config.sample_rate:
        raise ValueError(
            f"recordings must be at {config.sample_rate} Hz, the rate of config, "
            f"got {sound.sample_rate} Hz under {name!r}; Waveform.resample changes it"
        )
    least = max(config.win_length, config.n_fft // 2 + 1)
    frames = n_frames(sound.n_samples, config)
    if sound.n_samples < least or frames > MOST_FRAMES:
        raise ValueError(
            f"a recording must hold at least {least} samples and at most {MOST_FRAMES} frames, "
            f"got {sound.n_samples} samples, {frames} frames under {name!r}"
        )


def label_of(name: str, classes: Sequence[str], what: str) -> int:
    """Return the number of the class that a name begins with; of several, the longest.

    Raises:
        ValueError: if it begins with none.

    >>> label_of("sea lion again", ["lion", "sea", "sea lion"], "pictures")
    2
    """
    fits = [c for c in classes if name == c or name.startswith(f"{c} ")]
    if not fits:
        raise ValueError(
            f"the names of {what} must be classes, or begin with one and a space "
            f"({', '.join(classes)}), got {name!r}"
        )
    return list(classes).index(max(fits, key=len))
