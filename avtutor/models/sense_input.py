"""What towers are given of any sound and any picture; what they cannot use is refused in words."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from avtutor.models.language_input import level_bands, without_pauses
from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig, below_peak, mel
from avtutor.units import POWER_FLOOR, power_to_db
from avtutor.waveform import Waveform

LEAST_SECONDS: Final = 0.1
"""The shortest sound that is taken: less than any name or call."""

SILENCE: Final = 1e-4
"""A sound that nowhere moves further than this from its mean is silent: -80 dB of full scale."""

LEAST_PIXELS: Final = 4
"""The shortest side of a picture that is taken."""

DEEP: Final = ("I", "I;16", "I;16B", "I;16L", "F")
"""Modes of pictures with more than 8 bits, whose white is not known."""


@dataclass(frozen=True)
class SenseConfig:
    """The settings of `sound_input` and `picture_input`.

    Args:
        spectrogram: the front end of the sound.
        range_db: how far down a level is told from silence, in dB.
        spoken: True for speech: pauses are left out, and each band is levelled by itself, so that
            no channel leaves a trace (see `level_bands`). False for any sound: levels are in tens
            of dB below the loudest cell, and the spectrum stays.
        most_seconds: what is longer is cut there.
        size: height and width of a picture, in pixels.
        ground: the grey that a picture is laid on, 0 black to 255 white. (On white, a white
            lightning cannot be seen.)
    Raises:
        ValueError: if a number is out of its range.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> SenseConfig(spoken=False).n_frames
    626
    """

    spectrogram: SpectrogramConfig = SpectrogramConfig(
        sample_rate=16000,
        n_fft=512,
        win_length=400,
        hop_length=256,
        n_mels=24,
        f_min=80.0,
        f_max=6000.0,
    )
    range_db: float = 45.0
    spoken: bool = True
    most_seconds: float = 10.0
    size: int = 16
    ground: int = 200

    def __post_init__(self) -> None:
        if not 0 < self.range_db < float("inf"):
            raise ValueError(f"range_db must be above 0 and finite, got {self.range_db}")
        if not LEAST_SECONDS <= self.most_seconds < float("inf"):
            raise ValueError(
                f"most_seconds must be at least {LEAST_SECONDS:g}, got {self.most_seconds}"
            )
        if self.size < LEAST_PIXELS:
            raise ValueError(f"size must be at least {LEAST_PIXELS}, got {self.size}")
        if not 0 <= self.ground <= 255:
            raise ValueError(f"ground must be in 0 to 255, got {self.ground}")

    @property
    def n_frames(self) -> int:
        """The most frames that a sound has."""
        front = self.spectrogram
        return 1 + int(self.most_seconds * front.sample_rate) // front.hop_length


def sound_input(sound: Waveform, config: SenseConfig) -> Float[Tensor, "mel frame"]:
    """Return a sound as towers hear it: mel levels, 1 is 10 dB.

    Two animals at once are one sound to it, and to whatever comes behind: nothing here counts
    voices or tells them apart.

    Args:
        sound: at any rate; channels are mixed, unless they cancel each other: then the loudest
            is taken.
        config: the settings.
    Raises:
        ValueError: if the sound is shorter than 0.1 s, or silent.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> sound_input(Waveform.from_mono(torch.randn(8000), 8000), SenseConfig(spoken=False)).shape
    torch.Size([24, 63])
    >>> sound_input(Waveform.from_mono(torch.randn(160), 8000), SenseConfig())
    Traceback (most recent call last):
    ValueError: the sound must last at least 0.1 s, got 0.02 s
    """
    if sound.duration < LEAST_SECONDS:
        raise ValueError(
            f"the sound must last at least {LEAST_SECONDS:g} s, got {sound.duration:.3g} s"
        )
    samples = _one_channel(sound.samples)
    samples = samples - samples.mean()
    if (most := float(samples.abs().max())) < SILENCE:
        raise ValueError(
            f"the sound is silent: a sample of it must reach {SILENCE:g}, the largest is {most:.2g}"
        )
    front = config.spectrogram
    at_rate = resample(samples, from_rate=sound.sample_rate, to_rate=front.sample_rate)
    at_rate = at_rate[: int(config.most_seconds * front.sample_rate)]
    if len(at_rate) < front.win_length:
        at_rate = F.pad(at_rate, (0, front.win_length - len(at_rate)))
    powers = mel(at_rate, front)
    if config.spoken:
        return level_bands(without_pauses(powers), range_db=config.range_db)
    return below_peak(power_to_db(powers.clamp(min=POWER_FLOOR)), config.range_db) / 10 + (
        config.range_db / 10
    )


def _one_channel(samples: Float[Tensor, "channel time"]) -> Float[Tensor, " time"]:
    """Return the mean of the channels; where they cancel each other, the loudest of them."""
    mixed = samples.mean(dim=0)
    powers = samples.square().mean(dim=1)
    if mixed.square().mean() >= 0.01 * powers.max():
        return mixed
    return samples[int(powers.argmax())]


def picture_input(
    picture: Image.Image | UInt8[Tensor, "height width *channel"], config: SenseConfig
) -> Float[Tensor, "channel size size"]:
    """Return a picture as towers see it: red, green and blue from 0 to 1, small and square.

    Where it is transparent the ground shows; a side that is shorter is filled up with ground on
    both ends, so that nothing is stretched.

    Args:
        picture: of any size: an image of Pillow in any mode of 8 bits (grey, with transparency,
            of a palette, …), or whole numbers 0 to 255, [height, width] for grey, or with an axis
            of 1 (grey), 2 (grey, alpha), 3 (colours) or 4 (colours, alpha) channels.
        config: the settings.
    Raises:
        TypeError: if it is neither.
        ValueError: if it has another number of channels or of bits, a side is shorter than 4
            pixels, or all of it has one colour: there is nothing to see.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> grey = torch.arange(200, dtype=torch.uint8).reshape(10, 20)
    >>> picture_input(grey, SenseConfig()).shape
    torch.Size([3, 16, 16])
    """
    rgba = _rgba(picture)
    height, width = rgba.shape[:2]
    if min(height, width) < LEAST_PIXELS:
        raise ValueError(
            f"each side of a picture must be at least {LEAST_PIXELS} pixels, got {height} × {width}"
        )
    values = rgba.permute(2, 0, 1).to(torch.float32) / 255
    alpha, ground = values[3:], config.ground / 255
    laid = alpha * values[:3] + (1 - alpha) * ground
    if float((laid.amax(dim=(1, 2)) - laid.amin(dim=(1, 2))).max()) < 1 / 255:
        raise ValueError("the picture has one colour everywhere: there is nothing to see")
    side = max(height, width)
    square = torch.full((3, side, side), ground)
    top, left = (side - height) // 2, (side - width) // 2
    square[:, top : top + height, left : left + width] = laid
    size = (config.size, config.size)
    small = F.interpolate(square[None], size=size, mode="bilinear", antialias=True)[0]
    return small.clamp(0.0, 1.0)


def _rgba(picture: object) -> Tensor:
    """Return any picture as red, green, blue and alpha, [height, width, 4]."""
    if isinstance(picture, Image.Image):
        if picture.mode in DEEP:
            raise ValueError(
                f"the picture has the mode {picture.mode}, whose white is not known: bring it to "
                "8 bits first"
            )
        if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):  # such as CMYK
            picture = picture.convert("RGB")
        return torch.from_numpy(np.array(picture.convert("RGBA")))
    if not isinstance(picture, Tensor):
        raise TypeError(
            f"a picture must be an image of Pillow or a tensor, got {type(picture).__name__}"
        )
    if picture.dtype != torch.uint8:
        raise ValueError(f"a picture must hold whole numbers 0 to 255 (uint8), got {picture.dtype}")
    shaped = picture[..., None] if picture.ndim == 2 else picture
    if shaped.ndim != 3 or shaped.shape[2] not in (1, 2, 3, 4) or shaped.numel() == 0:
        raise ValueError(
            "a picture must be [height, width] or [height, width, 1 to 4 channels], "
            f"got {list(picture.shape)}"
        )
    n = shaped.shape[2]
    colours = shaped[..., :1].expand(-1, -1, 3) if n < 3 else shaped[..., :3]
    full = torch.full_like(shaped[..., :1], 255)
    alpha = shaped[..., -1:] if n in (2, 4) else full
    return torch.cat([colours, alpha], dim=2)
