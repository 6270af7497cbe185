"""Tones and noises: the simplest sounds, each with a spectrum that is known beforehand.

Amplitudes are peak values for tones and standard deviations for noise. Times are in seconds,
frequencies in Hz, and every function returns a one-channel `Waveform`.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from avtutor.units import seconds_to_samples
from avtutor.waveform import Waveform


def _times(seconds: float, sample_rate: int) -> Tensor:
    n = seconds_to_samples(seconds, sample_rate)
    if n < 1:
        raise ValueError(
            f"seconds must give at least one sample, got {seconds} at {sample_rate} Hz"
        )
    return torch.arange(n, dtype=torch.float64) / sample_rate


def _wave(samples: Tensor, sample_rate: int) -> Waveform:
    return Waveform.from_mono(samples.to(torch.float32), sample_rate)


def _checked_frequency(name: str, frequency: float, sample_rate: int) -> float:
    if not 0 <= frequency <= sample_rate / 2:
        raise ValueError(
            f"{name} must be from 0 to {sample_rate / 2:g} Hz "
            f"(half of sample_rate {sample_rate}), got {frequency:g}"
        )
    return frequency


def sine(
    frequency: float,
    *,
    seconds: float,
    sample_rate: int,
    amplitude: float = 0.5,
    phase: float = 0.0,
) -> Waveform:
    """Return ``amplitude * sin(2π frequency t + phase)``: the pure tone.

    Args:
        frequency: in Hz. Above half of `sample_rate` the samples are those of its alias: that is
            allowed here, since it is how aliasing is shown.
        seconds: length.
        sample_rate: in Hz.
        amplitude: peak value.
        phase: in radians.
    Raises:
        ValueError: if `seconds` gives no sample.
    Lesson: 01_what_is_sound

    >>> sine(440.0, seconds=0.5, sample_rate=16000)
    Waveform(1 channel, 0.500 s at 16000 Hz)
    """
    t = _times(seconds, sample_rate)
    return _wave(amplitude * torch.sin(2 * math.pi * frequency * t + phase), sample_rate)


def chirp(
    f_start: float, f_end: float, *, seconds: float, sample_rate: int, amplitude: float = 0.5
) -> Waveform:
    """Return a tone that glides evenly from `f_start` to `f_end`, both in Hz.

    Raises:
        ValueError: if `seconds` gives no sample.
    Lesson: 03_spectrogram

    >>> chirp(100.0, 4000.0, seconds=1.0, sample_rate=16000).n_samples
    16000
    """
    t = _times(seconds, sample_rate)
    turns = f_start * t + (f_end - f_start) * t.square() / (2 * seconds)
    return _wave(amplitude * torch.sin(2 * math.pi * turns), sample_rate)


def harmonics(
    frequency: float,
    amplitudes: Sequence[float],
    *,
    seconds: float,
    sample_rate: int,
) -> Waveform:
    """Return a sum of sines at 1, 2, 3, … times `frequency`, with these peak values.

    Harmonics above half of `sample_rate` are left out, so that nothing is folded back.

    Raises:
        ValueError: if `frequency` is not between 0 and half of `sample_rate`.
    Lesson: 02_time_to_frequency

    >>> harmonics(220.0, [0.4, 0.2, 0.1], seconds=1.0, sample_rate=16000).n_channels
    1
    """
    _checked_frequency("frequency", frequency, sample_rate)
    t = _times(seconds, sample_rate)
    total = torch.zeros_like(t)
    for number, amplitude in enumerate(amplitudes, start=1):
        if number * frequency < sample_rate / 2:
            total += amplitude * torch.sin(2 * math.pi * number * frequency * t)
    return _wave(total, sample_rate)


def square(
    frequency: float, *, seconds: float, sample_rate: int, amplitude: float = 0.5
) -> Waveform:
    """Return a square wave built from its odd harmonics below half of `sample_rate`.

    Cutting the series short leaves ripples at the edges (Gibbs), and no aliases.

    Raises:
        ValueError: if `frequency` is not between 0 and half of `sample_rate`.
    Source: Fourier series of the square wave, 4/π Σ sin(2π k f t) / k for odd k.
    Lesson: 02_time_to_frequency

    >>> square(100.0, seconds=0.1, sample_rate=8000).n_samples
    800
    """
    count = _count_harmonics(frequency, sample_rate)
    weights = [amplitude * 4 / math.pi / k if k % 2 else 0.0 for k in range(1, count + 1)]
    return harmonics(frequency, weights, seconds=seconds, sample_rate=sample_rate)


def sawtooth(
    frequency: float, *, seconds: float, sample_rate: int, amplitude: float = 0.5
) -> Waveform:
    """Return a sawtooth, rising and then falling at once, from its harmonics below half the rate.

    Raises:
        ValueError: if `frequency` is not between 0 and half of `sample_rate`.
    Source: Fourier series of the sawtooth, 2/π Σ (-1)^(k+1) sin(2π k f t) / k.
    Lesson: 02_time_to_frequency

    >>> sawtooth(100.0, seconds=0.1, sample_rate=8000).n_samples
    800
    """
    count = _count_harmonics(frequency, sample_rate)
    weights = [amplitude * 2 / math.pi * (-1) ** (k + 1) / k for k in range(1, count + 1)]
    return harmonics(frequency, weights, seconds=seconds, sample_rate=sample_rate)


def _count_harmonics(frequency: float, sample_rate: int) -> int:
    _checked_frequency("frequency", frequency, sample_rate)
    if frequency == 0:
        raise ValueError("frequency must be above 0 Hz, got 0")
    return math.ceil(sample_rate / 2 / frequency) - 1


def click(*, at: float, seconds: float, sample_rate: int, amplitude: float = 0.9) -> Waveform:
    """Return silence with a single sample of `amplitude` at the time `at`: all frequencies alike.

    Raises:
        ValueError: if `at` lies outside the sound.
    Lesson: 03_spectrogram

    >>> int(click(at=0.5, seconds=1.0, sample_rate=8000).samples.argmax())
    4000
    """
    samples = torch.zeros_like(_times(seconds, sample_rate))
    position = seconds_to_samples(at, sample_rate)
    if not 0 <= position < len(samples):
        raise ValueError(f"at must be from 0 to below {seconds:g} s, got {at:g}")
    samples[position] = amplitude
    return _wave(samples, sample_rate)


def silence(*, seconds: float, sample_rate: int) -> Waveform:
    """Return samples that are all zero.

    Lesson: 03_spectrogram

    >>> silence(seconds=0.25, sample_rate=8000).n_samples
    2000
    """
    return _wave(torch.zeros_like(_times(seconds, sample_rate)), sample_rate)


def white_noise(*, seconds: float, sample_rate: int, amplitude: float = 0.1, seed: int) -> Waveform:
    """Return Gaussian noise with equal power at every frequency.

    Args:
        seconds: length.
        sample_rate: in Hz.
        amplitude: standard deviation.
        seed: the same seed gives the same noise.
    Raises:
        ValueError: if `seconds` gives no sample.
    Lesson: 02_time_to_frequency

    >>> white_noise(seconds=1.0, sample_rate=8000, seed=0).n_samples
    8000
    """
    generator = torch.Generator().manual_seed(seed)
    n = len(_times(seconds, sample_rate))
    return _wave(amplitude * torch.randn(n, generator=generator, dtype=torch.float64), sample_rate)


def pink_noise(*, seconds: float, sample_rate: int, amplitude: float = 0.1, seed: int) -> Waveform:
    """Return noise whose power falls by 3.01 dB an octave (power over frequency is 1 / f).

    Args:
        seconds: length.
        sample_rate: in Hz.
        amplitude: standard deviation.
        seed: the same seed gives the same noise.
    Raises:
        ValueError: if `seconds` gives fewer than two samples.
    Source: Timmer and König 1995: white noise, weighted by frequency ** -0.5.
    Lesson: 02_time_to_frequency

    >>> pink_noise(seconds=1.0, sample_rate=8000, seed=0).n_samples
    8000
    """
    generator = torch.Generator().manual_seed(seed)
    n = len(_times(seconds, sample_rate))
    if n < 2:
        raise ValueError(f"seconds must give at least two samples, got {seconds}")
    spectrum = torch.fft.rfft(torch.randn(n, generator=generator, dtype=torch.float64))
    bins = torch.arange(len(spectrum), dtype=torch.float64)
    weights = bins.clamp(min=1).rsqrt()
    weights[0] = 0.0  # no constant part
    samples = torch.fft.irfft(spectrum * weights, n=n)
    return _wave(amplitude * samples / samples.square().mean().sqrt(), sample_rate)
