"""Is anybody speaking? A few signs that speech has, and what a rule makes of them."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from avtutor.resample import resample

RATE = 8000
HOP = 80  # samples: 10 ms
LEVEL_SIZE, PITCH_SIZE = 400, 512  # samples of a frame: 50 ms and 64 ms
LOWEST, HIGHEST = 80.0, 400.0  # Hz, of a voice
LEAST_SECONDS = 0.5


@dataclass(frozen=True)
class SpeechSigns:
    """What is measured of a sound, over its loud frames: those at most 30 dB below the loudest.

    Args:
        voiced: the share of them with a pitch from 80 to 400 Hz.
        pitch_range: from the lowest to the highest tenth of those pitches, in semitones.
        depth: how much the level goes up and down (standard deviation, 40 dB at most), in dB.
        change: how much the spectrum changes within 100 ms, in dB.
        switches: how often in a second a pitch begins or ends.
    """

    voiced: float
    pitch_range: float
    depth: float
    change: float
    switches: float


LIMITS = {
    "pitch_range": (1.0, math.inf),
    "voiced": (0.277, 0.985),
    "depth": (5.969, math.inf),
    "change": (5.166, math.inf),
    "switches": (1.97, math.inf),
}
"""Between which values a sign lies in speech, as `experiments/09_gate.json` found on three sources:
so wide that 95 of 100 clips of them pass. That of the pitch keeps beeps out, and no more: the
range of a calm speaker is a cat's."""


def speech_signs(samples: Float[Tensor, " time"], sample_rate: int) -> SpeechSigns:
    """Measure the signs of speech in a sound.

    A voice has a pitch for part of the time, which moves, and which stops for consonants, some
    times a second; syllables make the level go up and down, and the spectrum changes from one
    sound to the next. A tone does not change, noise has no pitch, and few animals do all of it.

    Args:
        samples: mono sound, some seconds.
        sample_rate: in Hz.
    Raises:
        ValueError: if the sound is shorter than half a second.
    Lesson: 09_which_language

    >>> steady = torch.sin(2 * math.pi * 200 * torch.arange(16000) / 8000)
    >>> signs = speech_signs(steady, 8000)
    >>> signs.voiced > 0.9, signs.switches < 1
    (True, True)
    """
    if len(samples) < LEAST_SECONDS * sample_rate:
        raise ValueError(
            f"samples must be at least {LEAST_SECONDS} s at {sample_rate} Hz, got {len(samples)}"
        )
    low = resample(samples, from_rate=sample_rate, to_rate=RATE)
    low = low - low.mean()  # a constant offset is not heard, and would fill every pause
    frames = F.pad(low, (LEVEL_SIZE // 2, LEVEL_SIZE // 2)).unfold(0, LEVEL_SIZE, HOP)
    levels = 10 * (frames.square().mean(dim=1) + 1e-10).log10()
    strength, pitch = pitches(low)
    n = min(len(levels), len(pitch))
    levels, strength, pitch = levels[:n], strength[:n], pitch[:n]
    top = float(levels.quantile(0.95))
    loud = levels > top - 30
    voiced = (strength > 0.5) & loud
    n_loud = float(loud.sum().clamp(min=1))
    spread = 0.0
    if voiced.sum() > 5:
        edges = (12 * pitch[voiced].log2()).quantile(torch.tensor([0.1, 0.9]))
        spread = float(edges[1] - edges[0])
    switched = (voiced[1:] != voiced[:-1])[loud[1:]]
    return SpeechSigns(
        voiced=float(voiced.sum()) / n_loud,
        pitch_range=spread,
        depth=float(levels.clamp(min=top - 40).std()),
        change=_change(frames[:n], loud),
        switches=float(switched.sum()) / (n_loud * HOP / RATE),
    )


def pitches(
    samples: Float[Tensor, " time"], *, hop_length: int = HOP
) -> tuple[Float[Tensor, " frame"], Float[Tensor, " frame"]]:
    """Return for each frame of 64 ms how periodic it is, and the pitch of its period.

    Args:
        samples: mono sound at 8000 Hz.
        hop_length: samples from one frame to the next; the first is centred on sample 0.
    Returns:
        How like itself the frame is one period later, 1 for a tone, near 0 for noise; and the
        pitch in Hz, from 80 to 400, of the shortest period that is nearly as good as the best.
    Source: autocorrelation divided by that of its window, as in Boersma 1993.

    >>> time = torch.arange(8000) / RATE
    >>> strength, pitch = pitches(torch.sin(2 * math.pi * 200 * time))
    >>> bool(strength[50] > 0.99), float(pitch[50])
    (True, 200.0)
    """
    half = PITCH_SIZE // 2
    window = torch.hann_window(PITCH_SIZE)
    frames = F.pad(samples, (half, half)).unfold(0, PITCH_SIZE, hop_length)
    frames = (frames - frames.mean(dim=1, keepdim=True)) * window

    def alike(some: Tensor) -> Tensor:
        """Return the autocorrelation over lags, divided by that at lag 0."""
        power = torch.fft.rfft(some, 2 * PITCH_SIZE).abs().square()
        same: Tensor = torch.fft.irfft(power)[..., :PITCH_SIZE]
        return same / same[..., :1].clamp(min=1e-8)

    first, last = round(RATE / HIGHEST), round(RATE / LOWEST)
    # The window itself falls off with the lag; divided out, a period counts whole.
    found = alike(frames)[:, first : last + 1] / alike(window)[first : last + 1]
    strength = found.max(dim=1).values
    # Two periods later a sound is as much like itself: the first peak that is as high counts.
    edged = F.pad(found, (1, 1), value=-1.0)
    peak = (found >= edged[:, :-2]) & (found >= edged[:, 2:]) & (found >= 0.9 * strength[:, None])
    return strength, RATE / (peak.to(found.dtype).argmax(dim=1) + first)


def _change(frames: Tensor, loud: Tensor) -> float:
    """Return the mean distance between spectra 100 ms apart, in dB; their level taken out."""
    size = LEVEL_SIZE
    power = torch.fft.rfft(frames * torch.hann_window(size)).abs().square()[:, 10:170]
    levels = F.avg_pool1d(10 * (power + 1e-7).log10()[None], 8)[0]  # 20 bands from 200 to 3400 Hz
    levels = levels - levels.mean(dim=1, keepdim=True)
    lag = RATE // 10 // HOP
    both = loud[lag:] & loud[:-lag]
    if both.sum() <= 3:
        return 0.0
    return float((levels[lag:] - levels[:-lag]).square().mean(dim=1).sqrt()[both].mean())


def is_speech(samples: Float[Tensor, " time"], sample_rate: int) -> bool:
    """Return whether a sound has all signs of speech within `LIMITS`.

    Of 3 s clips of voices from other sources than those that it was fitted on, 95 in 100 pass;
    of the sounds of things, animals and instruments 32 in 100 (cats, crows, rabbits and a
    harmonica among them); of noise, tones and silence none. A singer, or a crowd, may pass or not.

    Args:
        samples: mono sound, some seconds.
        sample_rate: in Hz.
    Raises:
        ValueError: if the sound is shorter than half a second.
    Lesson: 09_which_language

    >>> is_speech(torch.zeros(16000), 8000)
    False
    """
    signs = speech_signs(samples, sample_rate)
    return all(low <= getattr(signs, name) <= high for name, (low, high) in LIMITS.items())
