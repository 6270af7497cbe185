"""Lesson 09: the gate that asks whether anybody speaks: fitted on three sources, tested on others.

For each sign of `avtutor.speech`, its limits cut off the same small share of the fitted clips at
the end where there is no speech: so small that 95 of 100 clips pass all of them. The gate is
tested on the six sources that it was not fitted on, and on the sounds of things.
"""

import math
from collections import Counter
from dataclasses import astuple, fields

import torch
from torch import Tensor

from avtutor.datasets import stamps, voices, windows
from avtutor.speech import SpeechSigns, speech_signs
from experiments.language import DATA as FOLDERS

DATA = (*FOLDERS, "gcompris", "ovos", "tuxpaint")
FITTED = ("asterisk", "drascula", "fillets")
"""The sources of speech that it is fitted on."""

A_VOICE = 12  # clips, of 3 s
PASSED = 0.95
NAMES = tuple(one.name for one in fields(SpeechSigns))
SIGNS = ("voiced", "depth", "change", "switches")
"""Those whose limits are fitted."""

NO_BEEP = {"pitch_range": (1.0, math.inf)}
"""In semitones, not fitted: nobody speaks within one, and beeps do. More would not help: calm
speakers and cats have the same range."""

BOTH_ENDS = ("voiced",)
"""Too much is a sign against speech as well: a flute is voiced all the time."""


def spoken() -> list[tuple[str, str, Tensor]]:
    """Return (source, voice, signs) of clips of speech."""
    found, count = [], Counter[str]()
    for window in windows(voices(), seconds=3.0):
        key = f"{window.language} {window.speaker}"
        count[key] += 1
        if count[key] <= A_VOICE:
            signs = speech_signs(window.samples(), 16000)
            source = next(v.channel for v in voices(speaker=window.speaker))
            found.append((source, key, torch.tensor(astuple(signs))))
    return found


def things() -> list[Tensor]:
    """Return the signs of the sounds of animals, things and instruments, up to 5 s of each."""
    found = []
    for sound in (one.load().mono() for one in stamps(with_sound=True)):
        if sound.duration >= 1:
            some = sound.slice(0, min(sound.duration, 5.0)).samples[0]
            found.append(torch.tensor(astuple(speech_signs(some, sound.sample_rate))))
    return found


def steady() -> list[Tensor]:
    """Return the signs of white and brown noise, and of tones."""
    g = torch.Generator().manual_seed(0)
    found = []
    for n in range(30):
        sound = 0.1 * torch.randn(48000, generator=g)
        if n % 3 == 1:
            sound = sound.cumsum(0) / sound.cumsum(0).abs().max()
        if n % 3 == 2:
            sound = 0.3 * torch.sin(2 * math.pi * (100 + 20 * n) * torch.arange(48000) / 16000)
        found.append(torch.tensor(astuple(speech_signs(sound, 16000))))
    return found


def limits(rows: Tensor, share: float) -> dict[str, tuple[float, float]]:
    """Return the limits that cut off this share of the rows for each sign."""
    found = dict(NO_BEEP)
    for name in SIGNS:
        values = rows[:, NAMES.index(name)]
        top = float(values.quantile(1 - share)) if name in BOTH_ENDS else math.inf
        found[name] = (round(float(values.quantile(share)), 3), round(top, 3))
    return found


def passed(some: list[Tensor], rule: dict[str, tuple[float, float]]) -> float:
    """Return the share of these that lie within the limits."""
    rows = torch.stack(some)
    inside = torch.ones(len(rows), dtype=torch.bool)
    for name, (low, high) in rule.items():
        values = rows[:, NAMES.index(name)]
        inside &= (values >= low) & (values <= high)
    return round(float(inside.float().mean()), 4)


def run() -> dict:
    """Return the limits, and how much of each kind they let pass."""
    speech = spoken()
    fitted = [signs for source, _, signs in speech if source in FITTED]
    rows = torch.stack(fitted)
    shares = [n / 1000 for n in range(40, 0, -1)]
    rule = next(r for r in (limits(rows, share) for share in shares) if passed(fitted, r) >= PASSED)
    sources = sorted({source for source, *_ in speech})
    result = {
        "limits": {
            name: [low, None if high == math.inf else high] for name, (low, high) in rule.items()
        },
        "fitted on": list(FITTED),
        "clips": {"fitted": len(fitted), "tested": len(speech) - len(fitted)},
        "speech": {
            source: passed([signs for name, _, signs in speech if name == source], rule)
            for source in sources
        },
        "speech fitted": passed(fitted, rule),
        "speech tested": passed([signs for name, _, signs in speech if name not in FITTED], rule),
        "things": passed(things(), rule),
        "noise and tones": passed(steady(), rule),
    }
    print(result, flush=True)
    return result
