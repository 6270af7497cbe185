"""Wrong answers to the exercises of lesson 17: the function, and a phrase of its diagnosis."""

import math
from statistics import mean, median


def _entropy(right, wrong):  # noqa: ANN001, ANN202
    p = right / (right + wrong)
    return -(p * math.log(p) + (1 - p) * math.log(1 - p))


def _swapped(right, wrong):  # noqa: ANN001, ANN202
    p = right / (right + wrong)
    return -((1 - p) * math.log(p) + p * math.log(1 - p))


def _diagonal(similarity, most, rate, reduce="mean", sign=1):  # noqa: ANN001, ANN202
    values = [getattr(similarity.diagonal(shift), reduce)() for shift in range(-most, most + 1)]
    best = max(range(len(values)), key=lambda k: float(values[k]))
    return sign * (best - most) / rate


def _cell(similarity, most, rate):  # noqa: ANN001, ANN202
    row, column = divmod(int(similarity.argmax()), similarity.shape[1])
    return (column - row) / rate


def _diagnose(loss, chance, errors, middle=median, look=True, exact=True):  # noqa: ANN001, ANN202
    if look and loss > chance - 0.02:
        return "at chance"
    centre = middle(errors)
    if sum(abs(e - centre) <= 1 for e in errors) < 0.75 * len(errors):
        return "weak"
    near = abs(centre) < 0.5 if exact else abs(centre) <= 1
    return "in time" if near else "shifted"


def _around_zero(loss, chance, errors):  # noqa: ANN001, ANN202
    if loss > chance - 0.02:
        return "at chance"
    return "in time" if sum(abs(e) <= 1 for e in errors) >= 0.75 * len(errors) else "weak"


WRONG = {
    "17.chance_loss": [
        (lambda right, wrong: math.log(2), "balanced pairs"),
        (lambda right, wrong: math.log(right + wrong), "InfoNCE"),
        (lambda right, wrong: -math.log(right / (right + wrong)), "right pairs only"),
        (_swapped, "by the share of right pairs"),
        (lambda right, wrong: _entropy(right, wrong) / math.log(2), "in nats"),
        (lambda right, wrong: (right + wrong) * _entropy(right, wrong), "the mean is asked"),
    ],
    "17.offset_of": [
        (lambda s, most, rate: _diagonal(s, most, rate, sign=-1), "the sign"),
        (lambda s, most, rate: _diagonal(s, most, rate, reduce="sum"), "longer diagonals"),
        (lambda s, most, rate: _diagonal(s, most, 1.0), "in windows"),
        (lambda s, most, rate: 1000 * _diagonal(s, most, rate), "not ms"),
        (_cell, "by accident"),
        (lambda s, most, rate: _diagonal(s, most, 25.0), "not always 25"),
    ],
    "17.diagnose": [
        (_around_zero, "did learn, from shifted pairs"),
        (
            lambda loss, chance, errors: "at chance" if loss > chance - 0.02 else "in time",
            "does not say that the pairs are in time",
        ),
        (lambda *given: _diagnose(*given, middle=mean), "not a median"),
        (lambda *given: _diagnose(*given, exact=False), "off by one frame"),
        (lambda *given: _diagnose(*given, look=False), "nothing was learned"),
        (
            lambda loss, chance, errors: (
                "at chance" if loss > 0.9 * chance else _diagnose(loss, chance, errors)
            ),
            "something was learned",
        ),
        (lambda loss, chance, errors: "wrong", "one of the four words"),
    ],
}
