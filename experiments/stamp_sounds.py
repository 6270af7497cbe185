"""The real sounds of lesson 16: decoded, treated with noise, channels and cuts, compared."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.augment import equalise, mix_at_snr, random_equaliser
from avtutor.models.sense_input import SenseConfig, sound_input
from avtutor.resample import resample
from avtutor.training import derived_seed
from avtutor.units import hz_to_mel, mel_to_hz
from avtutor.waveform import Waveform

HEARD = SenseConfig(spoken=False, most_seconds=8.0)
RATE = HEARD.spectrogram.sample_rate
N_VARIANTS = 24
"""How often each sound is cut and treated at random for training."""

SHORTEST, LONGEST = 0.4, 4.0
"""Seconds of a cut in training."""


def decoded(sound: Waveform) -> Tensor:
    """Return the samples at the rate of the front end, mono, cut after 8 s."""
    mono = sound.mono().samples[0]
    at_rate = resample(mono, from_rate=sound.sample_rate, to_rate=RATE)
    return at_rate[: int(HEARD.most_seconds * RATE)]


def levels_of(samples: Tensor) -> Float[Tensor, "mel frame"]:
    """Return the levels of a sound.

    Raises:
        ValueError: if it is silent, or too short.
    """
    return sound_input(Waveform.from_mono(samples, RATE), HEARD)


def levels_or_none(samples: Tensor) -> Tensor | None:
    """Return the levels of a sound, or None where the entry refuses it."""
    try:
        return levels_of(samples)
    except ValueError:
        return None


def noisy(samples: Tensor, snr_db: float, generator: torch.Generator) -> Tensor:
    """Return a sound in white noise."""
    noise = torch.randn(samples.shape, generator=generator)
    return mix_at_snr(samples[None], noise[None], snr_db=torch.tensor([snr_db]))[0]


def telephone(samples: Tensor) -> Tensor:
    """Return a sound as a telephone passes it: 300 to 3400 Hz, what lies beside 60 dB lower."""
    hertz = mel_to_hz(torch.linspace(0.0, float(hz_to_mel(torch.tensor(RATE / 2))), 64))
    gains = torch.where((hertz >= 300) & (hertz <= 3400), 0.0, -60.0)
    return equalise(samples[None], gains[None], sample_rate=RATE)[0]


def other_channel(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Return a sound through a channel of up to 12 dB up and down."""
    return random_equaliser(samples[None], sample_rate=RATE, max_db=12.0, generator=generator)[0]


TREATMENTS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "as it is": lambda x, g: x,
    "noise, 10 dB": lambda x, g: noisy(x, 10.0, g),
    "noise, 0 dB": lambda x, g: noisy(x, 0.0, g),
    "another channel": lambda x, g: other_channel(x, g),
    "telephone": lambda x, g: telephone(x),
    "first second": lambda x, g: x[:RATE],
    "first half second": lambda x, g: x[: RATE // 2],
    "all together": lambda x, g: telephone(noisy(x[:RATE], 10.0, g)),
}
"""What a sound goes through; the telephone is in no training. All: a second, noise 10 dB, it."""


def variants(samples: Sequence[Tensor], *, seed: int) -> list[list[Tensor]]:
    """Return the levels of each sound, cut and treated at random in `N_VARIANTS` ways."""
    g = torch.Generator().manual_seed(derived_seed(seed, 16))
    found = []
    for sound in samples:
        some: list[Tensor] = []
        while len(some) < N_VARIANTS:
            drawn = torch.rand(5, generator=g).tolist()
            most = min(len(sound) / RATE, LONGEST)
            size = int(RATE * min(most, SHORTEST * (LONGEST / SHORTEST) ** drawn[0]))
            start = int(drawn[1] * (len(sound) - size + 1))
            x = sound[start : start + size]
            if drawn[2] < 0.7:
                x = noisy(x, 30.0 * drawn[3], g)
            if drawn[4] < 0.7:
                x = other_channel(x, g)
            levels = levels_or_none(x)
            if levels is not None:  # a cut from a pause is drawn again
                some.append(levels)
        found.append(some)
    return found


def mean_spectrum(levels: Tensor) -> Tensor:
    """Return the mean level of each band, less their mean: loudness says nothing."""
    mean = levels.mean(dim=1)
    return mean - mean.mean()


def nearness(queries: Sequence[Tensor], known: Sequence[Tensor]) -> Tensor:
    """Return minus the distances of mean spectra, [query, known]."""
    first, second = (torch.stack([mean_spectrum(x) for x in some]) for some in (queries, known))
    return -torch.cdist(first, second)
