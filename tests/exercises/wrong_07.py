"""Wrong answers to the exercises of lesson 07: the function, and a phrase of its diagnosis."""

import torch

from avtutor.units import hz_to_mel, mel_to_hz


def _filled(levels, frames, floor, *, with_zeros=False, first=False):
    moved = torch.full_like(levels, 0.0 if with_zeros else floor)
    if first:
        moved[:] = levels[:, :1]
    moved[:, frames:] = levels[:, : levels.shape[1] - frames]
    return moved


def _earlier(levels, frames, floor):
    moved = torch.full_like(levels, floor)
    moved[:, : levels.shape[1] - frames] = levels[:, frames:]
    return moved


def _grown(levels, frames, floor):
    return torch.nn.functional.pad(levels, (frames, 0), value=floor)


def _minus_nought(levels, frames, floor):
    gap = torch.full((len(levels), frames), floor)
    return (
        torch.cat([gap, levels[:, :-frames]], dim=1) if frames else torch.full_like(levels, floor)
    )


def _along_mel(levels, frames, floor):
    moved = torch.full_like(levels, floor)
    if frames < len(levels):
        moved[frames:] = levels[: len(levels) - frames]
    return moved


def _in_place(levels, frames, floor):
    moved = _filled(levels, frames, floor)
    levels[:] = moved
    return levels


def _moved(f, bands, steps, f_max):
    return mel_to_hz(hz_to_mel(f) + bands * hz_to_mel(f_max) / steps)


_BIRDS = {"shift right", "brighter"}
_WORDS = _BIRDS | {"stretch the height"}
_DIGITS = _WORDS | {"shift up"}


def _sets(digits, words, birds):
    return {"handwritten digits": digits, "spoken words": words, "bird calls": birds}.__getitem__


WRONG = {
    "07.flipped_frequency": [
        (lambda f, low, high: low + high - f, "mirror in Hz"),
        (lambda f, low, high: hz_to_mel(low) + hz_to_mel(high) - hz_to_mel(f), "that is in mel"),
        (lambda f, low, high: mel_to_hz(hz_to_mel(high) - hz_to_mel(f)), "not at 0 Hz"),
        (lambda f, low, high: f, "where the tone was"),
        (lambda f, low, high: low * high / f, "as on an axis in octaves"),
    ],
    "07.later_by": [
        (lambda levels, n, floor: torch.roll(levels, n, 1), "comes round"),
        (lambda levels, n, floor: _filled(levels, n, floor, with_zeros=True), "loudest"),
        (lambda levels, n, floor: _filled(levels, n, floor, first=True), "repeats the first"),
        (_earlier, "earlier, not later"),
        (_grown, "the picture grows"),
        (_minus_nought, "[:-0] is empty"),
        (_along_mel, "along the mel axis"),
        (_in_place, "changes its input"),
    ],
    "07.band_factor": [
        (lambda f, n, n_mels, f_max: _moved(f, n, n_mels, f_max) / f, "n_mels + 1 steps"),
        (lambda f, n, n_mels, f_max: _moved(f, n, n_mels + 2, f_max) / f, "outer corners"),
        (lambda f, n, n_mels, f_max: _moved(f, n, n_mels + 1, f_max), "divide it by the old one"),
        (lambda f, n, n_mels, f_max: _moved(f, n, n_mels + 1, f_max) - f, "a quotient"),
        (lambda f, n, n_mels, f_max: f / _moved(f, n, n_mels + 1, f_max), "other way round"),
        (
            lambda f, n, n_mels, f_max: hz_to_mel(_moved(f, n, n_mels + 1, f_max)) / hz_to_mel(f),
            "ratio in mel",
        ),
        (lambda f, n, n_mels, f_max: 1 + n * f_max / (n_mels + 1) / f, "evenly in Hz"),
    ],
    "07.safe": [
        (lambda task: list(_BIRDS), "a set of names"),
        (lambda task: {"mirror"}, "no alteration called 'mirror'"),
        (_sets(_DIGITS | {"flip left-right"}, _WORDS, _BIRDS), "a mirrored 2"),
        (_sets(_DIGITS | {"flip up-down"}, _WORDS, _BIRDS), "a 6 upside down"),
        (_sets(_WORDS, _WORDS, _BIRDS), "higher on the paper"),
        (_sets(_DIGITS, _DIGITS, _BIRDS), "no mouth does"),
        (_sets(_DIGITS, _WORDS | {"flip left-right"}, _BIRDS), "backwards"),
        (_sets(_DIGITS, _BIRDS, _BIRDS), "a voice a little higher"),
        (_sets(_DIGITS, _WORDS, _WORDS), "moves it by 5 %"),
        (_sets(_DIGITS, _WORDS, _BIRDS | {"flip up-down"}), "would fall"),
        (_sets(_DIGITS, _WORDS, {"brighter"}), "early or late"),
    ],
}
