"""A picture and a sound with noise, and what networks of two senses say: the page's twin."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64

from avtutor import spectral
from avtutor.models import FusionNet
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets.noisy import NO_NOISE, draw_noise, with_noise

SENSES = ("audio", "image")


@dataclass(frozen=True)
class Sensed:
    """What the networks are given, and what they answer to it.

    Args:
        picture: with its noise.
        samples: the sound with its noise.
        levels: its log-mel spectrogram in dB below the loudest.
        logits: of each network, by name; None where all of its senses are missing.
    """

    picture: Float64[np.ndarray, "height width"]
    samples: Float64[np.ndarray, " time"]
    levels: Float64[np.ndarray, "mel frame"]
    logits: dict[str, Float32[np.ndarray, " class"] | None]

    def shares(self, name: str) -> Float64[np.ndarray, " class"] | None:
        """The softmax of the logits of one network, or None."""
        logits = self.logits[name]
        if logits is None:
            return None
        raised = np.exp(logits.astype(np.float64) - logits.max())
        shares: np.ndarray = raised / raised.sum()
        return shares

    def says(self, name: str) -> int | None:
        """The number of the class that one network says, or None."""
        logits = self.logits[name]
        return None if logits is None else int(logits.argmax())


def compute(
    picture: Float[np.ndarray, "height width"],
    samples: Float[np.ndarray, " time"],
    nets: Mapping[str, FusionNet],
    config: SpectrogramConfig,
    *,
    image_snr: int = NO_NOISE,
    audio_snr: int = NO_NOISE,
    image_present: bool = True,
    audio_present: bool = True,
    seed: int = 0,
    range_db: float = 60.0,
) -> Sensed:
    """Return a picture and a sound with noise, and what each network answers to the two.

    Noise is added to the grey values and to the samples, before the spectrogram. The page has the
    same function in JavaScript, and a test holds the two equal.

    Args:
        picture: grey values, 0 paper to 1 ink.
        samples: sound in [-1, 1].
        nets: called as when they are used: running statistics, no dropout. They are left as they
            were.
        config: front end settings.
        image_snr: power of the grey values about their mean to that of the noise, in dB; 30 is
            none.
        audio_snr: power of the samples to that of the noise, in dB; 30 is none.
        image_present: whether the picture is there.
        audio_present: whether the sound is there.
        seed: of the noise.
        range_db: where levels below the loudest are cut.
    Raises:
        ValueError: if `samples` is shorter than one window, or a network cannot take the inputs.
    """
    seen = with_noise(
        picture,
        draw_noise(picture.size, seed=seed, sense="image").reshape(picture.shape),
        image_snr,
        about_mean=True,
    )
    heard = with_noise(samples, draw_noise(samples.size, seed=seed, sense="audio"), audio_snr)
    levels = spectral.below_peak(spectral.log_mel(torch.from_numpy(heard), config), range_db)
    inputs = {
        "audio": levels.to(torch.float32)[None],
        "image": torch.from_numpy(seen).to(torch.float32)[None, None],
    }
    there = {"audio": audio_present, "image": image_present}
    logits = {name: answer(net, inputs, there) for name, net in nets.items()}
    return Sensed(seen, heard, levels.numpy(), logits)


def answer(
    net: FusionNet, inputs: Mapping[str, torch.Tensor], there: Mapping[str, bool]
) -> np.ndarray | None:
    """Return the logits, or None where nothing is there for this network."""
    if not any(there[sense] for sense in net.senses):
        return None
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            logits = net(
                {sense: inputs[sense] for sense in net.senses},
                present={sense: torch.tensor([there[sense]]) for sense in net.senses},
            )
    finally:
        net.train(was_training)
    answer: np.ndarray = logits[0].numpy()
    return answer
