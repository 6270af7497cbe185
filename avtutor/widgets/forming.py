"""From a sound to pictures that form step by step: the twin of what runs in the page."""

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from avtutor import spectral
from avtutor.models import ConditionalVAE, LatentFlow, SpectrogramCNN
from avtutor.models.fusion_encoders import AudioEncoder
from avtutor.models.sense_input import LEAST_SECONDS, SILENCE
from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets.noisy import draw_noise

Generator = LatentFlow | ConditionalVAE

MOST_DRAWS: Final = 8
ONSET_DB: Final = 25.0
"""A sound begins and ends where a hop of it is less than this below its loudest."""
LEAD: Final = 4
"""Hops that are kept before that, and after."""
_EQUAL: Final = 1e-6
"""Parts whose power differs by less than this share are equally loud."""


@dataclass(frozen=True)
class Formed:
    """What a network is given of a sound, and the pictures that it makes of it.

    Args:
        samples: the sound, or the part of it, that is heard.
        levels: its log-mel spectrogram in dB below the loudest.
        heard: what the ear says of it.
        places: the latents of each draw on their way, from the first step to the last.
        pictures: what the decoder draws at each place: pixels from 0 to 1.
    """

    samples: Float64[np.ndarray, " time"]
    levels: Float64[np.ndarray, "mel frame"]
    heard: Float64[np.ndarray, " feature"]
    places: Float64[np.ndarray, "step draw latent"]
    pictures: Float64[np.ndarray, "step draw channel height width"]

    def spread(self, step: int) -> Float64[np.ndarray, "height width"]:
        """Return how far the draws differ at a step: the standard deviation of each pixel.

        Of several colours it is the root of the mean square.
        """
        deviations = self.pictures[step].std(axis=0)
        found: np.ndarray = np.sqrt(np.square(deviations).mean(axis=0))
        return found


def takes_any_length(model: Generator) -> bool:
    """Whether what hears pools over time, so that a sound needs no silence behind it."""
    return isinstance(model.sound, SpectrogramCNN | AudioEncoder)


def exact(model: Generator) -> Generator:
    """Return a copy of a generator in float64, as it is used after training."""
    found: Generator = copy.deepcopy(model).double().eval()
    return found


def entered(
    samples: Float[np.ndarray, " time"],
    *,
    from_rate: int,
    config: SpectrogramConfig,
    n_samples: int,
    padded: bool = True,
    trimmed: bool = False,
) -> Float64[np.ndarray, " fitting"]:
    """Return any sound at the rate of the network, and no longer than it takes.

    Of a longer one the part of that length with the most power is sought, and then its beginning:
    the part that is taken starts there. A sound that fits stays as it is.

    Args:
        samples: sound in [-1, 1].
        from_rate: its samples a second.
        config: the front end, which names the rate of the network.
        n_samples: how many the network takes, at most.
        padded: it takes no fewer either: what is shorter is followed by silence. If not, the part
            that is taken of a longer sound also ends where the sound does.
        trimmed: the beginning is sought in a sound that would fit, too.
    Raises:
        ValueError: if the sound is shorter than 0.1 s, silent, or not finite.

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80)
    >>> late = np.concatenate([np.zeros(20000), np.ones(1000), np.zeros(5000)])
    >>> entered(late, from_rate=8000, config=config, n_samples=1600)[319:321]
    array([0., 1.])
    """
    seconds = samples.size / from_rate
    if seconds < LEAST_SECONDS:
        raise ValueError(f"the sound must last at least {LEAST_SECONDS:g} s, got {seconds:.3g} s")
    if not np.isfinite(samples).all():
        raise ValueError("samples must be finite, got others")
    most = float(np.abs(samples - samples.mean()).max())
    if most < SILENCE:
        raise ValueError(
            f"the sound is silent: a sample of it must reach {SILENCE:g}, the largest is {most:.2g}"
        )
    exactly = torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float64))
    at_rate = resample(exactly, from_rate=from_rate, to_rate=config.sample_rate).numpy()
    if trimmed or at_rate.size > n_samples:
        start, end = _loudest(at_rate, n_samples, config.hop_length)
        at_rate = at_rate[start : start + n_samples if padded else end]
    least = n_samples if padded else round(LEAST_SECONDS * config.sample_rate)
    fitting: np.ndarray = np.pad(at_rate, (0, max(0, least - at_rate.size)))
    return fitting


def _loudest(samples: np.ndarray, n_samples: int, hop: int) -> tuple[int, int]:
    """Return the samples at which the loudest part of a sound begins and ends."""
    n_hops = samples.size // hop
    powers = np.square(samples[: n_hops * hop]).reshape(n_hops, hop).sum(axis=1)
    width = min(max(1, n_samples // hop), n_hops)
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    parts = sums[width:] - sums[:-width]
    first = int(np.argmax(parts >= (1 - _EQUAL) * parts.max()))
    inside = powers[first : first + width]
    there = np.flatnonzero(inside >= inside.max() * 10 ** (-ONSET_DB / 10))
    start = max(0, first + int(there[0]) - LEAD) * hop
    return start, min(start + n_samples, (first + int(there[-1]) + 1 + LEAD) * hop)


def compute(
    samples: Float[np.ndarray, " time"],
    model: Generator,
    config: SpectrogramConfig,
    *,
    from_rate: int,
    n_samples: int,
    seed: int = 0,
    n_draws: int = 4,
    n_steps: int = 16,
    range_db: float = 60.0,
    padded: bool = True,
    trimmed: bool = False,
) -> Formed:
    """Return what a network hears in a sound, and the pictures that form from it.

    A `LatentFlow` moves noise to the latents of a picture. A `ConditionalVAE` has no such way;
    its pictures form from what it draws where all latents are 0, the sound alone, to what it draws
    with noise: the latents grow from nothing. The page has the same function in JavaScript, and
    a test holds the two equal.

    Args:
        samples: sound in [-1, 1], at any rate; see `entered`.
        model: as it is used after training; what it is asked is asked in its own precision.
        config: front end settings.
        from_rate: samples a second in `samples`.
        n_samples: how many the network takes, at most, at the rate of `config`.
        seed: of what the sound does not tell.
        n_draws: pictures of the same sound; fewer are the first of more.
        n_steps: into how many steps the way is cut.
        range_db: where levels below the loudest are cut.
        padded, trimmed: see `entered`.
    Raises:
        ValueError: if the sound is too short or silent.
    """
    heard_samples = entered(
        samples,
        from_rate=from_rate,
        config=config,
        n_samples=n_samples,
        padded=padded,
        trimmed=trimmed,
    )
    levels = spectral.below_peak(
        spectral.log_mel(torch.from_numpy(heard_samples), config), range_db
    )
    like = next(model.parameters())
    noise = draw_noise(n_draws * model.config.n_latents, seed=seed, sense="image")
    with torch.no_grad():
        heard = model.hear(levels.to(like)[None])
        start = torch.from_numpy(noise).to(like).view(n_draws, -1)
        places = way(model, heard.expand(n_draws, -1), start, n_steps=n_steps)
        pictures = torch.stack([drawn(model, place, heard) for place in places])
    return Formed(
        heard_samples,
        levels.numpy(),
        heard[0].double().numpy(),
        places.double().numpy(),
        pictures.double().numpy(),
    )


def way(
    model: Generator,
    heard: Float[Tensor, "draw feature"],
    noise: Float[Tensor, "draw latent"],
    *,
    n_steps: int,
) -> Float[Tensor, "step draw latent"]:
    """Return the latents from the first step to the last: `n_steps` and one of each draw."""
    step = 1 / n_steps
    if isinstance(model, ConditionalVAE):
        return torch.stack([number * step * noise for number in range(n_steps + 1)])
    places = [noise]
    for number in range(n_steps):
        at = places[-1]
        times = torch.full((len(noise),), number * step, dtype=noise.dtype)
        ahead = at + step / 2 * model.velocity(at, times, heard)
        places.append(at + step * model.velocity(ahead, times + step / 2, heard))
    return torch.stack(places)


def drawn(
    model: Generator, latents: Float[Tensor, "draw latent"], heard: Float[Tensor, "1 feature"]
) -> Float[Tensor, "draw channel height width"]:
    """Return the pictures at one step of the way."""
    if isinstance(model, ConditionalVAE):
        given = torch.cat([latents, heard.expand(len(latents), -1)], dim=1)
        found: Tensor = model.decoder(given)
        return found
    of_latents: Tensor = model.pictures.decoder(latents)
    return of_latents
