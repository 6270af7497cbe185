"""Wrong answers to the exercises of lesson 05: the function, and a phrase of its diagnosis."""

import torch
from torch.nn.functional import pad


def _centred(samples, size):
    if len(samples) >= size:
        return samples[(len(samples) - size) // 2 :][:size]
    room = size - len(samples)
    return pad(samples, (room // 2, room - room // 2))


def _only_pads(samples, size):
    return pad(samples, (0, max(0, size - len(samples))))


def _only_cuts(samples, size):
    start = max(0, len(samples) - size) // 2
    return samples[start : start + size]


def _odd_at_the_beginning(samples, size):
    start = (max(0, len(samples) - size) + 1) // 2
    kept = samples[start : start + size]
    return pad(kept, (0, size - len(kept)))


def _from_the_end(samples, size):
    return pad(samples[-size:], (0, max(0, size - len(samples))))


def _mask(levels, lengths):
    return (torch.arange(levels.shape[-1]) < lengths[:, None])[:, None]


def _counted_as_zero(levels, lengths):
    return (levels * _mask(levels, lengths)).mean(dim=(1, 2))


def _by_frames(levels, lengths):
    return (levels * _mask(levels, lengths)).sum(dim=(1, 2)) / lengths


def _one_for_all(levels, lengths):
    mask = _mask(levels, lengths)
    return (levels * mask).sum() / (mask.sum() * levels.shape[1])


def _by_band(levels, lengths):
    return (levels * _mask(levels, lengths)).sum(dim=2) / lengths[:, None]


def _one_early(levels, lengths):
    return torch.stack([x[:, : n - 1].mean() for x, n in zip(levels, lengths, strict=True)])


def _noise(signal, noise, snr_db, *, over=10):
    ratio = 10 ** (snr_db / over)
    return noise * torch.sqrt(signal.square().mean() / noise.square().mean() / ratio)


def _of_peaks(signal, noise, snr_db):
    return noise * signal.abs().max() / noise.abs().max() / 10 ** (snr_db / 20)


WRONG = {
    "05.crop_or_pad": [
        (lambda samples, size: pad(samples[:size], (0, max(0, size - len(samples)))), "at the end"),
        (lambda samples, size: pad(samples, (max(0, size - len(samples)), 0)), "before the sound"),
        (_centred, "on both sides"),
        (lambda samples, size: samples.repeat(3)[:size], "repeated"),
        (_only_cuts, "pad it"),
        (_only_pads, "cut it"),
        (_odd_at_the_beginning, "odd sample"),
        (_from_the_end, "cut off at the beginning; a half"),
    ],
    "05.mean_level": [
        (lambda levels, lengths: levels.mean(dim=(1, 2)), "padding is in your mean"),
        (_counted_as_zero, "still counted"),
        (_by_frames, "4 bands"),
        (_one_for_all, "keep the clips apart"),
        (_by_band, "each band"),
        (_one_early, "last frame"),
    ],
    "05.scale_noise": [
        (lambda signal, noise, snr: signal + _noise(signal, noise, snr), "alone is asked for"),
        (lambda signal, noise, snr: _noise(signal, noise, -snr), "the weaker one"),
        (lambda signal, noise, snr: _noise(signal, noise, snr, over=20), "20 instead of 10"),
        (
            lambda signal, noise, snr: (
                noise * (signal.square().mean() / noise.square().mean() / 10 ** (snr / 10))
            ),
            "its square root",
        ),
        (
            lambda signal, noise, snr: (
                noise * torch.sqrt(signal.square().mean() / 10 ** (snr / 10))
            ),
            "noise itself",
        ),
        (
            lambda signal, noise, snr: noise / torch.sqrt(noise.square().mean() * 10 ** (snr / 10)),
            "signal is missing",
        ),
        (_of_peaks, "ratio of the peaks"),
    ],
    "05.honest_order": [
        (lambda: "CEABD", "turn it round"),
        (lambda: "BDAEC", "B before D"),
        (lambda: "DABEC", "A before B"),
        (lambda: "DBEAC", "E before A"),
        (lambda: "DBACE", "C before E"),
        (lambda: "DBA", "each of A, B, C, D, E once"),
        (lambda: ["D", "B", "A", "E", "C"], "a string"),
    ],
}
