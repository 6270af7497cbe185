"""What creatures sound like: a source, the filter of a throat, notes, and a room around them."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.synth.creature_senses import Heard
from avtutor.synth.creatures import (
    FASTEST,
    GLIDE,
    LONGEST_ROOM,
    PITCH,
    ROUGH,
    SLOWEST,
    SOUND,
    TILT,
    TILT_SWING,
    TRACT,
    Creature,
    Creatures,
    part_of,
)
from avtutor.synth.numbered import normals
from avtutor.units import db_to_amplitude, db_to_power, seconds_to_samples
from avtutor.waveform import Waveform

SECONDS = 1.6
"""Length of a sound: long enough for the latest onset, the slowest call and its echoes."""
LASTS = 1.0
"""From the first note to what would be the next one after the last, in seconds, at tempo 1."""
FILLED = 0.7
"""The share of the time from note to note that a note fills."""
RELEASE = 0.03
"""How long a note takes to end, in seconds."""
BANDWIDTH = 80.0
"""Of a formant, in Hz; the higher ones are wider by a part of their frequency."""
DEEPEST = 90.0
"""In Hz: below it the source's spectrum is flat, and from half of it on down little is radiated."""
_WIDER = 0.03
_ECHO, _NOISE = 3, 4  # streams of random numbers
_AT_ONCE = 8  # sounds made together: what a processor's cache holds


def calls(
    some: Creatures, heard: Heard, *, sample_rate: int = 16000, seconds: float = SECONDS
) -> Float[Tensor, "item time"]:
    """Return the calls of creatures.

    A train of pulses without aliases is the source. Its spectrum is tilted and shaped by the
    resonances of the throat, then its level by the notes and the roughness; then come echoes,
    the level, and noise.

    Args:
        some: what they are.
        heard: what else is to be heard.
        sample_rate: in Hz, at least 8000.
        seconds: length of a sound.
    Raises:
        ValueError: if `sample_rate` is below 8000, `seconds` gives no sample, or there are not as
            many of both.
    Source: Fant 1960 (source and filter); Moorer 1976, The synthesis of complex audio spectra by
        means of discrete summation formulas.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> one = Creatures.of(Creature(1.0, 0.0, 0.0, 0.0, 4))
    >>> calls(one, Heard.plain(1), sample_rate=8000).shape
    torch.Size([1, 12800])
    """
    if not sample_rate >= 8000:
        raise ValueError(f"sample_rate must be at least 8000 Hz, got {sample_rate}")
    if len(some) != len(heard):
        raise ValueError(f"some and heard must be equally many, got {len(some)} and {len(heard)}")
    n = seconds_to_samples(seconds, sample_rate)
    if n < 1:
        raise ValueError(f"seconds must give at least one sample, got {seconds}")
    samples = torch.empty(len(some), n)
    for first in range(0, len(some), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        samples[part] = _called(part_of(some, part), part_of(heard, part), sample_rate, n)
    return samples


def call(one: Creature, *, seed: int, sample_rate: int = 16000) -> Waveform:
    """Return the call of a creature, in a room and with a noise of this seed.

    Args:
        one: the creature.
        seed: of everything that the picture does not tell.
        sample_rate: in Hz, at least 8000.
    Raises:
        ValueError: if `sample_rate` is below 8000.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> call(Creature(1.0, 0.0, 0.0, 0.0, 4), seed=0)
    Waveform(1 channel, 1.600 s at 16000 Hz)
    """
    heard = Heard.drawn(torch.tensor([0]), seed=seed)
    return Waveform.from_mono(
        calls(Creatures.of(one), heard, sample_rate=sample_rate)[0], sample_rate
    )


def _called(some: Creatures, heard: Heard, sample_rate: int, n: int) -> Tensor:
    since = torch.arange(n) / sample_rate - heard.onset[:, None]
    apart = (LASTS * heard.tempo / some.limbs)[:, None]  # from note to note
    number = (since / apart).floor()
    within = since - number * apart
    there = (number >= 0) & (number < some.limbs[:, None])
    lasts = FILLED * apart
    size = _fast_length(n + round(LONGEST_ROOM * sample_rate))
    voice = _filtered(_pulses(some, within, lasts, sample_rate), some, sample_rate, size)
    voice = voice * there * _swell(some, within, lasts)
    turns = ROUGH * within + heard.flutter[:, None]
    voice *= 1 + some.texture[:, None] * torch.sin(2 * math.pi * turns)
    heard_voice = _echoed(voice, heard, sample_rate, size)
    level = db_to_amplitude(heard.level_db) / heard_voice.abs().amax(dim=1).clamp(min=1e-9)
    heard_voice *= level[:, None]
    noise = normals(heard.items, n, seed=heard.seed, stream=_NOISE)
    power = heard_voice.square().mean(dim=1)
    loud = (power / db_to_power(heard.snr_db)).sqrt()
    samples = heard_voice + loud[:, None] * noise
    return samples / samples.abs().amax(dim=1, keepdim=True).clamp(min=1.0)


def _pulses(some: Creatures, within: Tensor, lasts: Tensor, sample_rate: int) -> Tensor:
    """Return ``cos(p) + cos(2p) + … + cos(Np)`` of the phase p: pulses with all harmonics alike.

    The pitch glides evenly on a scale of semitones, and is the law's in the middle of a note.
    """
    rise = GLIDE / 12 * torch.sin(some.hue * math.pi / 180)[:, None]  # octaves within a note
    rise = torch.where(rise.abs() < 1e-3, 1e-3, rise)
    pitch = (PITCH / some.size)[:, None]
    highest = pitch * 2 ** (rise.abs() / 2)  # at one end of the note
    n_harmonics = (0.96 * sample_rate / 2 / highest).floor()
    octave = math.log(2) * rise
    turns = (
        torch.expm1(octave * (within / lasts).clamp(max=1))
        / octave
        * lasts
        * pitch
        * 2 ** (-rise / 2)
    )
    phase = 2 * math.pi * (turns - turns.round())
    half = torch.sin(phase / 2)
    near = half.abs() < 1e-4
    pulses = torch.sin((n_harmonics + 0.5) * phase) / torch.where(near, 1.0, 2 * half) - 0.5
    return torch.where(near, n_harmonics, pulses)


def _filtered(pulses: Tensor, some: Creatures, sample_rate: int, size: int) -> Tensor:
    """Return the source through its tilt and the resonances of the throat."""
    frequencies = torch.arange(size // 2 + 1) * (sample_rate / size)
    slope = TILT - TILT_SWING * torch.cos(some.hue * math.pi / 180)  # dB an octave
    octaves = (frequencies.clamp(min=DEEPEST) / DEEPEST).log2()
    radiated = frequencies.square() / (frequencies.square() + DEEPEST**2 / 4)
    weights = (db_to_amplitude(slope[:, None] * octaves) * radiated).to(torch.complex64)
    weights *= throat(some, frequencies, below=sample_rate / 2)
    n = pulses.shape[-1]
    voice: Tensor = torch.fft.irfft(torch.fft.rfft(pulses, size) * weights, size)[:, :n]
    return voice


def throat(some: Creatures, frequencies: Float[Tensor, " freq"], *, below: float) -> Tensor:
    """Return by what a throat multiplies each frequency: one resonance a formant, complex.

    Each resonance lets frequencies far below it pass as they are.

    Args:
        some: the creatures; see `Creature.formants`.
        frequencies: in Hz.
        below: formants from here on are left out.
    Source: Fant 1960, equation 1.3-4b: a pair of poles a formant.
    """
    lowest = SOUND / (4 * TRACT * some.size)[:, None]  # [item, 1]
    total = torch.ones(len(some), len(frequencies), dtype=torch.complex64)
    most = int((below / float(lowest.min()) + 1) / 2)
    squares = frequencies.square()
    for number in range(1, most + 1):
        formant = (2 * number - 1) * lowest
        half_width = (BANDWIDTH + _WIDER * formant) / 2
        strength = formant.square() + half_width.square()  # at 0 Hz it is 1
        strength = torch.where(formant < below, strength, torch.inf)
        total *= torch.complex(1 - squares / strength, frequencies * (2 * half_width / strength))
    return total.reciprocal_()


def _swell(some: Creatures, within: Tensor, lasts: Tensor) -> Tensor:
    """Return the level over a note: it rises, falls a little, and ends softly."""
    attack = (SLOWEST * (FASTEST / SLOWEST) ** some.shape)[:, None]
    up = (within / attack).clamp(0, 1)
    down = ((lasts - within) / RELEASE).clamp(0, 1)
    fall = torch.exp2(-(within - attack).clamp(min=0) / lasts)
    return (0.5 - 0.5 * torch.cos(math.pi * up)) * (0.5 - 0.5 * torch.cos(math.pi * down)) * fall


def _echoed(voice: Tensor, heard: Heard, sample_rate: int, size: int) -> Tensor:
    """Return the voice in its room: noise that dies away follows each sound."""
    if not bool((heard.echo > 0).any()):
        return voice
    n = size - voice.shape[-1]
    time = torch.arange(n) / sample_rate
    dying = torch.exp(-math.log(1000) * time / heard.room[:, None])
    room = normals(heard.items, n, seed=heard.seed, stream=_ECHO) * dying
    room *= (heard.echo / room.square().sum(dim=1).clamp(min=1e-9)).sqrt()[:, None]
    spectra = torch.fft.rfft(voice, size) * (1 + torch.fft.rfft(room, size))
    found: Tensor = torch.fft.irfft(spectra, size)[:, : voice.shape[-1]]
    return found


def _fast_length(n: int) -> int:
    """Return the next length from n on that is a power of 2 times 1, 3 or 5: fast to transform."""
    return min(int(m * 2.0 ** math.ceil(math.log2(n / m))) for m in (1, 3, 5))
