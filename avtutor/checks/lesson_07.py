"""The graders of lesson 07."""

import math

import torch

from avtutor.checks.grading import Answer, compare, exercise
from avtutor.units import hz_to_mel, mel_to_hz


@exercise("07.flipped_frequency")
def flipped_frequency(answer: Answer) -> str | None:
    for f, f_min, f_max in ((440.0, 0.0, 4000.0), (300.0, 100.0, 3800.0)):
        low, high, mel = hz_to_mel(f_min), hz_to_mel(f_max), hz_to_mel(f)
        forgotten = (
            "the lowest band is not at 0 Hz: what f_min was must become f_max, and the other way"
        )
        found = compare(
            answer(f, f_min, f_max),
            mel_to_hz(low + high - mel),
            what=f"the frequency of {f:g} Hz, bands from {f_min:g} to {f_max:g} Hz",
            slips={
                "you mirror in Hz; the rows are even in mel: mirror there, and go back to Hz": (
                    f_min + f_max - f
                ),
                "that is in mel: go back to Hz with mel_to_hz": low + high - mel,
                "you mirror about the middle by a ratio, as on an axis in octaves; the rows are "
                "even in mel": f_min * f_max / f,
                forgotten: mel_to_hz(high - mel),
                "that is where the tone was: subtract its mel from the sum of both ends": f,
            },
        )
        if found:
            return found
    return None


@exercise("07.later_by")
def later_by(answer: Answer) -> str | None:
    levels = torch.arange(-12.0, 0.0).reshape(2, 6) - 20.0
    for frames in (2, 0, 6):
        moved = torch.full_like(levels, -60.0)
        moved[:, frames:] = levels[:, : 6 - frames]
        zeros = torch.where(moved == -60.0, 0.0, moved)
        earlier = torch.full_like(levels, -60.0)
        earlier[:, : 6 - frames] = levels[:, frames:]
        repeated = moved.clone()
        repeated[:, :frames] = levels[:, :1]
        wider = torch.cat([torch.full((2, frames), -60.0), levels], dim=1)
        up = torch.full_like(levels, -60.0)
        up[frames:] = levels[: max(0, 2 - frames)]
        got = answer(levels, frames, -60.0)
        found = None
        if frames == 2 and isinstance(got, torch.Tensor) and got.shape == wider.shape:
            found = "the picture grows: what leaves on the right is lost, the width stays"
        if found is None:
            found = compare(
                got,
                moved,
                what=f"the picture {frames} frames later",
                slips={
                    "what leaves on the right comes round on the left: torch.roll does that; "
                    "fill the gap": torch.roll(levels, frames, 1),
                    "the gap is filled with 0, which is the loudest level here: fill it with "
                    "floor": zeros,
                    "that is earlier, not later: time runs to the right": earlier,
                    "the gap repeats the first column: a sound that begins late is not there "
                    "before": repeated,
                    "you move along the mel axis: frames are the last one": up,
                    "with 0 frames nothing moves: a slice [:-0] is empty": torch.full_like(
                        levels, -60.0
                    ),
                },
            )
        if found:
            return found
    return None


@exercise("07.band_factor")
def band_factor(answer: Answer) -> str | None:
    for f, bands, n_mels, f_max in ((200.0, 4, 40, 4000.0), (2000.0, -3, 64, 8000.0)):
        top, mel = hz_to_mel(f_max), hz_to_mel(f)

        def moved_by(step: float, mel: float = mel, bands: int = bands) -> float:
            return mel_to_hz(mel + bands * step)

        right = moved_by(top / (n_mels + 1))
        found = compare(
            answer(f, bands, n_mels, f_max),
            right / f,
            what=f"the factor of {bands} of {n_mels} bands at {f:g} Hz",
            slips={
                "n_mels + 2 corners have n_mels + 1 steps between them: divide by that": (
                    moved_by(top / n_mels) / f
                ),
                "the two outer corners count too, but as corners: n_mels + 2 of them have "
                "n_mels + 1 steps between them": moved_by(top / (n_mels + 2)) / f,
                "that is the new frequency: divide it by the old one": right,
                "that is the difference in Hz: a factor is a quotient": right - f,
                "the other way round: the new frequency over the old one": f / right,
                "that is the ratio in mel: go back to Hz before you divide": (
                    (mel + bands * top / (n_mels + 1)) / mel
                ),
                "you step evenly in Hz; the bands are even in mel": (
                    (f + bands * f_max / (n_mels + 1)) / f
                ),
                "you step evenly in octaves, from 1 Hz on; the bands are even in mel": (
                    math.pow(f_max, bands / (n_mels + 1))
                ),
            },
            rtol=1e-3,
        )
        if found:
            return found
    return None


_SAFE = {
    "handwritten digits": {"shift right", "shift up", "stretch the height", "brighter"},
    "spoken words": {"shift right", "stretch the height", "brighter"},
    "bird calls": {"shift right", "brighter"},
}
_ALL = {"flip left-right", "flip up-down"} | _SAFE["handwritten digits"]
# Why an alteration is not safe for a task, or why it is.
_UNSAFE = {
    ("handwritten digits", "flip left-right"): "a mirrored 2 is no 2",
    ("handwritten digits", "flip up-down"): "a 6 upside down looks like a 9, and no 2 is upright",
    ("spoken words", "flip left-right"): "the word would be spoken backwards",
    ("spoken words", "flip up-down"): "no voice has its low tones on top",
    ("spoken words", "shift up"): (
        "in mel it moves low tones by another factor than high ones, which no mouth does"
    ),
    ("bird calls", "flip left-right"): "a call that rises at its end would fall at its beginning",
    ("bird calls", "flip up-down"): "a call that rises would fall",
    ("bird calls", "shift up"): "one species differs from the other by 3 % in frequency",
    ("bird calls", "stretch the height"): (
        "one species differs from the other by 3 % in frequency, and this moves it by 5 %"
    ),
}
_KEPT = {
    "shift right": "the same thing a little to the right is the same thing, early or late",
    "brighter": "more ink, or a gain, changes no digit, word or species",
    "shift up": "a digit a little higher on the paper is the same digit",
    "stretch the height": "a digit a little taller, or a voice a little higher, says the same",
}


@exercise("07.safe")
def safe(answer: Answer) -> str | None:
    for task, right in _SAFE.items():
        got = answer(task)
        if not isinstance(got, set | frozenset):
            return f"a set of names is asked for, such as {{'brighter'}}; got {type(got).__name__}"
        if unknown := sorted(str(name) for name in got - _ALL):
            return f"there is no alteration called {unknown[0]!r}"
        if wrong := sorted(got - right):
            return f"{task}: {wrong[0]!r} is not safe: {_UNSAFE[task, wrong[0]]}"
        if missing := sorted(right - got):
            return f"{task}: {missing[0]!r} is safe: {_KEPT[missing[0]]}"
    return None
