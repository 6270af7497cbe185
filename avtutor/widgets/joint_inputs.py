"""What a map of a joint space is made of: pairs that fit each other, and their vectors."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avtutor import spectral
from avtutor.models import BimodalAutoencoder, Towers
from avtutor.spectral import SpectrogramConfig, n_frames
from avtutor.waveform import Waveform
from avtutor.widgets.joined import SENSES, Space, space_of
from avtutor.widgets.senses import check_sound

MOST_PAIRS = 100


def paired(
    drawn: Mapping[str, Tensor], sounds: Mapping[str, Waveform], config: SpectrogramConfig
) -> dict[str, Waveform]:
    """Return the recordings in the order of the pictures.

    Raises:
        ValueError: unless both have the same names, and the recordings one rate and length.
    """
    if set(drawn) != set(sounds) or len(drawn) > MOST_PAIRS:
        lonely = ", ".join(sorted(set(drawn) ^ set(sounds))[:5])
        got = f"no partner for {lonely}" if lonely else f"{len(drawn)} pairs"
        raise ValueError(
            f"every picture must have a recording of its name, at most {MOST_PAIRS} pairs, "
            f"got {got}"
        )
    for name, sound in sounds.items():
        check_sound(name, sound, config)
    frames = sorted({n_frames(sound.n_samples, config) for sound in sounds.values()})
    if len(frames) > 1:
        raise ValueError(f"recordings must have one number of frames, got {frames}")
    return {name: sounds[name] for name in drawn}


def levels_of(
    entry: Mapping[str, Any], block: bytes, config: SpectrogramConfig, range_db: float
) -> Tensor:
    """Return the levels of one recording as the page has it, float64 [mel, frame]."""
    steps = np.frombuffer(block, "<i2", count=entry["n_samples"], offset=2 * entry["first"])
    samples = torch.from_numpy(steps.astype(np.float64) * entry["step"])
    return spectral.below_peak(spectral.log_mel(samples, config), range_db)


def check_nets(towers: Towers, autoencoder: BimodalAutoencoder) -> None:
    """Refuse what is no pair of such networks, or of other senses.

    Raises:
        TypeError: if one is of another class.
        ValueError: if the senses are not "audio" and "image".
    """
    for name, net, kind in (
        ("towers", towers, Towers),
        ("autoencoder", autoencoder, BimodalAutoencoder),
    ):
        if not isinstance(net, kind):
            raise TypeError(f"{name} must be a {kind.__name__}, got {type(net).__name__}")
        if set(net.senses) != set(SENSES):
            raise ValueError(
                f"the senses of {name} must be {' and '.join(SENSES)}, "
                f"got {' and '.join(net.senses)}"
            )


@torch.no_grad()
def spaces_of(
    towers: Towers, autoencoder: BimodalAutoencoder, inputs: Mapping[str, Tensor]
) -> dict[str, Space]:
    """Return both spaces, with the items in them.

    Raises:
        ValueError: if a network does not take the inputs, does not draw what is like them, or makes
            vectors that are not finite or of one number.
    """
    towers, autoencoder = copy.deepcopy(towers).eval(), copy.deepcopy(autoencoder).eval()
    shapes = ", ".join(f"{name} {list(x.shape[1:])}" for name, x in inputs.items())
    try:
        met = torch.stack([towers.embed(sense, inputs[sense]) for sense in SENSES])
        shared = torch.stack([autoencoder.embed({name: inputs[name]}) for name in SENSES])
        drawn = {sense: autoencoder.decoders[sense](shared[0]) for sense in SENSES}
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"towers and autoencoder must take {shapes}: {error}") from error
    for name, vectors in (("towers", met), ("autoencoder", shared)):
        if not bool(vectors.isfinite().all()):
            raise ValueError(f"the vectors of the {name} must be finite, got others")
    for sense, values in drawn.items():
        if values.shape != inputs[sense].shape:
            raise ValueError(
                f"the autoencoder must draw {shapes}, got {sense} {list(values.shape[1:])}"
            )
    if min(met.shape[2], shared.shape[2]) < 2:
        raise ValueError("vectors must have at least 2 numbers to make a map, got 1")
    return {"towers": space_of(met, unit=True), "autoencoder": space_of(shared, unit=False)}
