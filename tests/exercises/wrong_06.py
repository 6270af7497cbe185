"""Wrong answers to the exercises of lesson 06: the function, and a phrase of its diagnosis."""

import math

from scipy.special import stdtrit


def _twice(height, width, padding, *, filled=2, lost=4, halve=2):
    for _ in range(2):
        height = (height + filled * padding - lost) // halve
        width = (width + filled * padding - lost) // halve
    return height * width


def _once(height, width, padding):
    return 16 * ((height + 2 * padding - 4) // 2) * ((width + 2 * padding - 4) // 2)


def _around(values, half):
    mean = float(values.mean())
    return mean - half, mean + half


def _quantile(values, p=0.975, less=1):
    return float(stdtrit(len(values) - less, p))


def _right(values):
    return _quantile(values) * float(values.std()) / math.sqrt(len(values))


def _by_voice(predicted, labels, voices):
    right = (predicted == labels).tolist()
    kept = {voice: [] for voice in voices}
    for voice, was in zip(voices, right, strict=True):
        kept[voice].append(was)
    return [sum(found) / len(found) for found in kept.values()]


WRONG = {
    "06.values_for_dense": [
        (_twice, "16 channels"),
        (_once, "a second of each"),
        (lambda h, w, p: 16 * _twice(h, w, p, lost=5), "size - 5"),
        (lambda h, w, p: 16 * _twice(h, w, p, filled=1), "both sides"),
        (lambda h, w, p: 16 * _twice(h, w, p, halve=1), "halves both"),
        (lambda h, w, p: 6 * _twice(h, w, p), "the last has 16"),
    ],
    "06.multiplies": [
        (lambda b, a, k, h, w: b * a * k * k, "those are the weights"),
        (lambda b, a, k, h, w: b * a * k * h * w, "kernel × kernel"),
        (lambda b, a, k, h, w: a * k * k * h * w, "all channels before"),
        (lambda b, a, k, h, w: b * k * k * h * w, "for one filter"),
        (lambda b, a, k, h, w: a * h * w, "number of output values"),
        (lambda b, a, k, h, w: 2 * a * b * k * k * h * w, "products and sums"),
    ],
    "06.interval": [
        (lambda v: _around(v, _quantile(v) * float(v.std())), "not a voice"),
        (lambda v: _around(v, _quantile(v) * float(v.std()) / len(v)), "not by n"),
        (lambda v: _around(v, 1.96 * float(v.std()) / math.sqrt(len(v))), "1.96"),
        (
            lambda v: _around(v, _quantile(v, less=0) * float(v.std()) / math.sqrt(len(v))),
            "n - 1 degrees",
        ),
        (lambda v: _around(v, _right(v) * _quantile(v, 0.95) / _quantile(v)), "on each side"),
        (lambda v: _around(v, _right(v) * math.sqrt((len(v) - 1) / len(v))), "divides by n - 1"),
        (lambda v: _around(v, _right(v) / _quantile(v)), "is missing"),
        (lambda v: float(v.mean()), "two ends"),
    ],
    "06.mean_over_voices": [
        (lambda p, y, v: float((p == y).float().mean()), "mean over clips"),
        (lambda p, y, v: float((p != y).float().mean()), "share of wrong"),
        (lambda p, y, v: sum(_by_voice(p, y, v)), "divide by their number"),
        (lambda p, y, v: sum(_by_voice(p, y, v)) / len(v), "not of clips"),
        (lambda p, y, v: _by_voice(p, y, v), "must have shape"),
    ],
}
