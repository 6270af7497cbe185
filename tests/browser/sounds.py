"""A sound with everything in it that can go wrong in a picture of it."""

import numpy as np
import torch
from avtutor.waveform import Waveform

SEED = 5


def medley(seconds: float, sample_rate: int) -> Waveform:
    """Return a gliding harmonic sound, noise, a click at full scale and digital silence."""
    rng = np.random.default_rng(SEED)
    n = round(seconds * sample_rate)
    t = np.arange(n) / sample_rate
    turn = 2 * np.pi * np.cumsum(140 + 60 * np.sin(2 * np.pi * 0.8 * t)) / sample_rate
    voice = sum(np.sin(k * turn) / k for k in range(1, 20))
    samples = 0.2 * voice * (np.sin(2 * np.pi * 1.5 * t) > -0.4) + 0.002 * rng.standard_normal(n)
    samples[n // 2] = 1.0
    samples[3 * n // 4 :] = 0.0
    return Waveform.from_mono(torch.from_numpy(samples).float().clamp(-1, 1), sample_rate)
