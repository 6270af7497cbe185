"""The signs of speech: each on a sound whose value is known, then real voices and real things."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from avtutor.datasets import stack, stamps, voices, windows
from avtutor.resample import resample
from avtutor.speech import LIMITS, is_speech, pitches, speech_signs

RATE = 8000


def tone(frequency: Tensor | float, seconds: float = 3.0) -> Tensor:
    n = int(seconds * RATE)
    steps = torch.as_tensor(frequency).expand(n) / RATE
    return 0.3 * torch.sin(2 * math.pi * steps.cumsum(0))


def test_a_steady_tone_is_voiced_and_nothing_moves() -> None:
    signs = speech_signs(tone(200.0), RATE)
    assert signs.voiced > 0.95
    assert signs.pitch_range < 0.1
    assert signs.depth < 0.5
    assert signs.switches < 1


def test_the_pitch_range_of_a_glide() -> None:
    """One octave, evenly in semitones: from its lowest to its highest tenth, 9.6 of them."""
    glide = 150 * 2 ** torch.linspace(0, 1, 3 * RATE, dtype=torch.float64)
    signs = speech_signs(tone(glide.float()), RATE)
    assert signs.pitch_range == pytest.approx(0.8 * 12, abs=0.5)


@pytest.mark.parametrize("pitch", [90.0, 150.0, 220.0, 330.0])
def test_the_pitch_of_a_sound_with_overtones(pitch: float) -> None:
    """Not an octave below, where it repeats as well; to a sample of its period."""
    buzz = sum((tone(pitch * n) / n for n in range(1, 6)), torch.zeros(3 * RATE))
    strength, found = pitches(buzz)
    assert strength[20:-20].min() > 0.9
    periods = RATE / found[20:-20]
    assert (periods - RATE / pitch).abs().max() <= 1


def test_a_tone_that_stops_four_times_a_second() -> None:
    on = (torch.arange(3 * RATE) * 4 // RATE * 2 + (torch.arange(3 * RATE) % 2000 < 1000)) % 2
    signs = speech_signs(tone(200.0) * on + 1e-4 * torch.randn(3 * RATE), RATE)
    # On for half of the time and down by 40 dB in the other half: a standard deviation of 20 dB.
    assert signs.depth == pytest.approx(20, abs=3)
    assert not is_speech(tone(200.0) * on, RATE)  # its pitch does not move


def test_neither_rate_nor_loudness_nor_offset_makes_a_difference() -> None:
    said = stack(windows(voices(language="it", speaker="carlo"), seconds=3.0)[:1])[0]
    found = speech_signs(said, 16000)
    low = resample(said, from_rate=16000, to_rate=RATE)
    for other in (
        speech_signs(low, RATE),
        speech_signs(0.1 * said, 16000),
        speech_signs(said + 0.1, 16000),
    ):
        assert other.voiced == pytest.approx(found.voiced, abs=0.02)
        assert other.pitch_range == pytest.approx(found.pitch_range, abs=0.3)
        assert other.depth == pytest.approx(found.depth, abs=0.5)


def test_noise_and_silence_are_no_speech() -> None:
    g = torch.Generator().manual_seed(0)
    for _ in range(10):
        white = 0.1 * torch.randn(3 * RATE, generator=g)
        assert not is_speech(white, RATE)
        assert not is_speech(white.cumsum(0) / white.cumsum(0).abs().max(), RATE)
    assert not is_speech(torch.zeros(3 * RATE), RATE)


def test_voices_pass_and_most_things_do_not() -> None:
    """Wider than what was found: 0.95 of the voices, 0.32 of the things."""
    by_voice: dict[str, list[Tensor]] = {}
    for window in windows(voices(), seconds=3.0):
        some = by_voice.setdefault(f"{window.language} {window.speaker}", [])
        if not some:
            some.append(window.samples())
    passed = [is_speech(one, 16000) for some in by_voice.values() for one in some]
    assert len(by_voice) > 40 and sum(passed) / len(passed) > 0.85
    heard = [one.load().mono() for one in stamps(with_sound=True)[::2]]
    long = [one.slice(0.0, min(one.duration, 5.0)) for one in heard if one.duration >= 1]
    things = [is_speech(one.samples[0], one.sample_rate) for one in long]
    assert len(things) > 25 and sum(things) / len(things) < 0.45


@pytest.mark.bad_input
def test_too_short() -> None:
    with pytest.raises(ValueError, match=r"at least 0.5 s at 8000 Hz, got 3999"):
        speech_signs(torch.zeros(3999), 8000)


def test_the_limits_are_those_that_were_fitted() -> None:
    stored = json.loads((Path(__file__).parents[1] / "experiments/09_gate.json").read_text())
    found = stored["result"]["limits"]
    assert {k: (low, high or math.inf) for k, (low, high) in found.items()} == LIMITS
