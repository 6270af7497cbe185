"""Wrong answers to the exercises of lesson 04: the function, and a phrase of its diagnosis."""

import torch

from avtutor.units import hz_to_mel


def _rising(f, left, centre):
    return (f - left) / (centre - left)


def _falling(f, centre, right):
    return (right - f) / (right - centre)


def _hat(f, left, centre, right):
    return torch.minimum(_rising(f, left, centre), _falling(f, centre, right)).clamp(min=0)


def _drawn_in_mel(f, left, centre, right):
    low, middle, high = (hz_to_mel(corner) for corner in (left, centre, right))
    return _hat(hz_to_mel(f), low, middle, high)


def _by_band(values, statistics):
    mean = statistics.mean(dim=(0, 2))[:, None]
    std = statistics.std(dim=(0, 2))[:, None].clamp(min=1e-5)
    return (values - mean) / std


def _over_both(train, test):
    sides = [side.transpose(0, 1).flatten(1) for side in (train, test)]
    both = torch.cat(sides, dim=1)[None]  # [1, mel, all frames]
    return _by_band(test, both)


def _over_everything(train, test):
    return (test - train.mean()) / train.std()


def _clip_by_itself(train, test):
    return (test - test.mean(-1, keepdim=True)) / test.std(-1, keepdim=True).clamp(min=1e-5)


def _along_frames(train, test):
    return (test - train.mean(dim=(0, 2))) / train.std(dim=(0, 2)).clamp(min=1e-5)


def _by_variance(train, test):
    mean, variance = train.mean((0, 2), keepdim=True), train.var((0, 2), keepdim=True)
    return (test - mean) / variance.clamp(min=1e-5)


def _without_floor(train, test):
    return (test - train.mean((0, 2), keepdim=True)) / train.std((0, 2), keepdim=True)


WRONG = {
    "04.hz_of_mel": [
        (lambda mel: 700 * 10 ** (mel / 2595), "0 mel must be 0 Hz"),
        (lambda mel: 700 * 10 ** (mel / 2595) - 1, "before you multiply"),
        (lambda mel: 700 * (torch.exp(mel / 2595) - 1), "not of e"),
        (lambda mel: 10 ** (mel / 2595) - 1, "multiply by 700 Hz"),
        (lambda mel: hz_to_mel(mel), "solve it for f"),
        (lambda mel: 700 * (10 ** (mel[0] / 2595) - 1), "must have shape"),
    ],
    "04.triangle": [
        (lambda f, a, b, c: _hat(f, a, b, c) * 2 / (c - a), "area norm"),
        (lambda f, a, b, c: _hat(f, a, b, c) / _hat(f, a, b, c).sum(), "add up to 1"),
        (_drawn_in_mel, "straight on the mel axis"),
        (lambda f, a, b, c: torch.minimum(_rising(f, a, b), _falling(f, b, c)), "run below 0"),
        (
            lambda f, a, b, c: torch.maximum(_rising(f, a, b), _falling(f, b, c)).clamp(min=0),
            "the lower one",
        ),
        (lambda f, a, b, c: _rising(f, a, b).clamp(0, 1), "it never falls"),
        (lambda f, a, b, c: (1 - (f - b).abs() / (b - a)).clamp(min=0), "width of the left one"),
        (lambda f, a, b, c: ((f >= a) & (f <= c)).float(), "every bin in the band weighs 1"),
        (lambda f, a, b, c: _hat(f, a, b, c)[:, None], "an axis of length 1"),
    ],
    "04.standardise": [
        (lambda train, test: _by_band(test, test), "those of the test side"),
        (_over_both, "train alone"),
        (_clip_by_itself, "by itself"),
        (_over_everything, "keep the mel axis apart"),
        (_along_frames, "laid along the frames"),
        (_by_variance, "not by the variance"),
        (lambda train, test: test - train.mean((0, 2), keepdim=True), "the spread is not"),
        (
            lambda train, test: test / train.std((0, 2), keepdim=True).clamp(min=1e-5),
            "the mean is still there",
        ),
        (_without_floor, "NaN"),
        (lambda train, test: _by_band(train, train), "you return the training side"),
        (lambda train, test: (test - train.mean(0)) / train.std(0), "RuntimeError"),
    ],
    "04.to_batch": [
        (lambda clips: torch.stack(clips).transpose(1, 2), "channel axis is missing"),
        (lambda clips: torch.stack(clips), "mel and frame are swapped, and"),
        (lambda clips: torch.stack(clips)[:, None], "time runs along the last axis"),
        (lambda clips: torch.stack(clips).transpose(1, 2)[..., None], "not last"),
        (lambda clips: torch.stack([c.T for c in clips])[None], "batch and channel are swapped"),
        (lambda clips: torch.stack(clips).reshape(3, 1, 5, 6), "transpose"),
        (
            lambda clips: torch.stack([c.T for c in clips])[:, None].repeat(1, 3, 1, 1),
            "three equal channels",
        ),
        (lambda clips: [c.T[None] for c in clips], "torch.Tensor"),
    ],
}
