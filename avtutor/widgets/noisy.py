"""Noise that a page and Python draw alike, at a signal-to-noise ratio: the page's twin."""

import numpy as np
from jaxtyping import Float, Float64

NO_NOISE = 30
"""Where a fader stands that adds none, in dB: one above the highest ratio."""
STREAMS = {"image": 0, "audio": 1}

_STEP = 0x9E3779B9
_WORD = 0xFFFFFFFF


def _mixed(bits: np.ndarray) -> np.ndarray:
    """Turn 32 bits into 32 others, each of which depends on all."""
    x = bits ^ (bits >> np.uint32(16))
    x = x * np.uint32(0x21F0AAAD)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x735A2D97)
    mixed: np.ndarray = x ^ (x >> np.uint32(15))
    return mixed


def draw_noise(count: int, *, seed: int, sense: str) -> Float64[np.ndarray, " count"]:
    """Return normal deviates, mean 0 and variance 1, the same ones on every machine.

    Fewer are the first of more; another seed or another sense has others.

    Args:
        count: how many.
        seed: a whole number from 0 to 4294967295.
        sense: "image" or "audio".
    Source: Wellons 2018, Prospecting for hash functions (the constants); Box and Muller 1958.

    >>> draw_noise(3, seed=0, sense="image").round(4)
    array([ 0.7061, -1.2957, -0.5194])
    """
    key = np.array([seed + _STEP & _WORD], dtype=np.uint32)
    key = _mixed(_mixed(key) + np.uint32(STREAMS[sense]))
    pairs = -(-count // 2)
    words = _mixed(key + np.arange(2 * pairs, dtype=np.uint32) * np.uint32(_STEP))
    shares = (words.astype(np.float64) + 0.5) / 2.0**32
    radius, angle = np.sqrt(-2 * np.log(shares[::2])), 2 * np.pi * shares[1::2]
    noise = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    drawn: np.ndarray = noise.ravel()[:count]
    return drawn


def with_noise(
    values: Float[np.ndarray, "*size"],
    noise: Float[np.ndarray, "*size"],
    snr_db: int,
    *,
    about_mean: bool = False,
) -> Float64[np.ndarray, "*size"]:
    """Return the values with noise, scaled to a signal-to-noise ratio as it is measured.

    A signal without power has no such ratio and stays as it is.

    Args:
        values: the signal.
        noise: at any level.
        snr_db: the ratio of the mean powers, in dB; 30 or more adds no noise at all.
        about_mean: the power of the signal is that about its mean, as of a picture, whose paper
            is no signal; otherwise that about 0, as of a sound.

    >>> with_noise(np.array([1.0, -1.0]), np.array([3.0, 3.0]), 20)
    array([ 1.1, -0.9])
    >>> with_noise(np.array([5.0, 7.0]), np.array([3.0, 3.0]), 20, about_mean=True)
    array([5.1, 7.1])
    """
    if snr_db >= NO_NOISE:
        return values.astype(np.float64)
    centre = values.mean() if about_mean else 0.0
    power, level = np.square(values - centre).mean(), np.square(noise).mean()
    noisy: np.ndarray = values + np.sqrt(power / (level * 10 ** (snr_db / 10))) * noise
    return noisy
