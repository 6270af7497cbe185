"""Conversions between the units that sound comes in: Hz and mel, amplitude, power and dB, time.

Every function takes a number or a tensor, and returns the same kind.
"""

import math
from typing import TypeVar

import torch
from torch import Tensor

Number = TypeVar("Number", float, Tensor)

POWER_FLOOR = 1e-10
"""The smallest power that is turned into dB: -100 dB, far below the noise of any recording."""


def _checked_rate(sample_rate: int) -> int:
    if not sample_rate > 0:
        raise ValueError(f"sample_rate must be above 0 Hz, got {sample_rate}")
    return sample_rate


def hz_to_mel(frequency: Number) -> Number:
    """Return `frequency`, in Hz, on the mel scale of HTK.

    Equal steps in mel are, roughly, steps that sound equally large; 1000 Hz is 1000 mel.

    Source: O'Shaughnessy 1987, 2595 log10(1 + f / 700), as in HTK.
    Lesson: 04_mel_and_friends

    >>> round(hz_to_mel(1000.0), 1)
    1000.0
    """
    if isinstance(frequency, Tensor):
        return 2595.0 * torch.log10(1.0 + frequency / 700.0)
    return 2595.0 * math.log10(1.0 + frequency / 700.0)


def mel_to_hz(mel: Number) -> Number:
    """Return the frequency in Hz of a point on the mel scale of HTK: the inverse of `hz_to_mel`.

    Source: O'Shaughnessy 1987, solved for f.
    Lesson: 04_mel_and_friends

    >>> round(mel_to_hz(hz_to_mel(440.0)), 6)
    440.0
    """
    if isinstance(mel, Tensor):
        return 700.0 * (torch.pow(10.0, mel / 2595.0) - 1.0)
    return 700.0 * (math.pow(10.0, mel / 2595.0) - 1.0)


def power_to_db(power: Number) -> Number:
    """Return ``10 log10(power)`` in dB, with powers below ``1e-10`` taken as ``1e-10``.

    0 dB is a power of 1: in a picture of a spectrogram that is *loud*, not silent.

    Lesson: 04_mel_and_friends

    >>> power_to_db(0.5), power_to_db(0.0)
    (-3.010299956639812, -100.0)
    """
    if isinstance(power, Tensor):
        return 10.0 * torch.log10(power.clamp(min=POWER_FLOOR))
    return 10.0 * math.log10(max(power, POWER_FLOOR))


def db_to_power(level: Number) -> Number:
    """Return the power of a level in dB: the inverse of `power_to_db` above its floor.

    Lesson: 04_mel_and_friends

    >>> db_to_power(-20.0)
    0.01
    """
    if isinstance(level, Tensor):
        return torch.pow(10.0, level / 10.0)
    return math.pow(10.0, level / 10.0)


def amplitude_to_db(amplitude: Number) -> Number:
    """Return ``20 log10(|amplitude|)`` in dB, with the floor of `power_to_db` (-100 dB).

    An amplitude counts twice what a power counts, since power is amplitude squared.

    Lesson: 01_what_is_sound

    >>> amplitude_to_db(0.1)
    -20.0
    """
    return power_to_db(amplitude * amplitude)


def db_to_amplitude(level: Number) -> Number:
    """Return the amplitude of a level in dB: the inverse of `amplitude_to_db` above its floor.

    Lesson: 01_what_is_sound

    >>> db_to_amplitude(-20.0)
    0.1
    """
    return db_to_power(level / 2.0)


def seconds_to_samples(seconds: float, sample_rate: int) -> int:
    """Return the number of samples nearest to `seconds` at `sample_rate` Hz.

    Raises:
        ValueError: if `sample_rate` is not above 0.
    Lesson: 01_what_is_sound

    >>> seconds_to_samples(0.25, 16000)
    4000
    """
    return round(seconds * _checked_rate(sample_rate))


def samples_to_seconds(n_samples: int, sample_rate: int) -> float:
    """Return how long `n_samples` last at `sample_rate` Hz, in seconds.

    Raises:
        ValueError: if `sample_rate` is not above 0.
    Lesson: 01_what_is_sound

    >>> samples_to_seconds(4000, 16000)
    0.25
    """
    return n_samples / _checked_rate(sample_rate)
