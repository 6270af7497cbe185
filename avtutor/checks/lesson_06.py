"""The graders of lesson 06."""

import math

import torch
from scipy.special import stdtrit
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


@exercise("06.values_for_dense")
def values_for_dense(answer: Answer) -> str | None:
    def right(height: int, width: int, padding: int) -> tuple[int, int]:
        for _ in range(2):
            height, width = ((side + 2 * padding - 4) // 2 for side in (height, width))
        return height, width

    for height, width, padding in ((32, 32, 0), (40, 81, 2), (64, 101, 1)):
        rows, columns = right(height, width, padding)
        once = (height + 2 * padding - 4) // 2, (width + 2 * padding - 4) // 2
        five = [(side + 2 * padding - 5) // 2 for side in (height, width)]
        five = [(side + 2 * padding - 5) // 2 for side in five]
        one_side = [(((side + padding - 4) // 2) + padding - 4) // 2 for side in (height, width)]
        unhalved = [side + 4 * padding - 8 for side in (height, width)]
        found = compare(
            answer(height, width, padding),
            16 * rows * columns,
            what=f"for {height}×{width} and padding {padding}, the number of values",
            slips={
                "the second convolution gives 16 channels: each has that many values": rows
                * columns,
                "that is after the first convolution and pooling: there is a second of each": (
                    16 * once[0] * once[1]
                ),
                "a 5×5 filter fits in size - 4 places, not size - 5": 16 * five[0] * five[1],
                "padding is added on both sides of each axis": 16 * one_side[0] * one_side[1],
                "each convolution is followed by pooling, which halves both sides": (
                    16 * unhalved[0] * unhalved[1]
                ),
                "these are the channels of the first convolution, 6; the last has 16": (
                    6 * rows * columns
                ),
            },
        )
        if found:
            return found
    return None


@exercise("06.multiplies")
def multiplies(answer: Answer) -> str | None:
    before, after, kernel, height, width = 3, 16, 5, 20, 40
    places = height * width
    return compare(
        answer(before, after, kernel, height, width),
        after * places * before * kernel**2,
        what="the number of multiplications",
        slips={
            "those are the weights: each is used at every place of the output": (
                before * after * kernel**2
            ),
            "a filter has kernel × kernel weights for each channel before it": (
                after * places * before * kernel
            ),
            "each filter looks at all channels before it": after * places * kernel**2,
            "that is for one filter: there are as many as channels after it": (
                before * places * kernel**2
            ),
            "that is the number of output values: how many products are in each?": after * places,
            "products and sums are counted: asked for are the multiplications": (
                2 * after * places * before * kernel**2
            ),
        },
    )


@exercise("06.interval")
def interval(answer: Answer) -> str | None:
    values = torch.tensor([0.4, 0.7, 0.5, 0.9, 0.6])
    n, mean, spread = len(values), float(values.mean()), float(values.std())

    def around(half: float) -> Tensor:
        return torch.tensor([mean - half, mean + half])

    root, quantile = math.sqrt(n), float(stdtrit(n - 1, 0.975))
    biased = float(values.std(correction=0))
    got = answer(values)
    if isinstance(got, int | float) or (isinstance(got, Tensor) and got.numel() != 2):
        return "an interval has two ends: return the lower and the upper one"
    if isinstance(got, tuple | list):
        got = torch.tensor([float(end) for end in got])
    return compare(
        got,
        around(quantile * spread / root),
        what="the interval",
        slips={
            "divide the spread by the root of n: asked is where the mean lies, not a voice": around(
                quantile * spread
            ),
            "divide by the root of n, not by n": around(quantile * spread / n),
            "1.96 is the factor for a spread that is known; yours is estimated from 5 values": (
                around(1.96 * spread / root)
            ),
            "the t distribution has n - 1 degrees of freedom here, not n": around(
                float(stdtrit(n, 0.975)) * spread / root
            ),
            "half of the remaining 5 % lies on each side: the quantile is 0.975": around(
                float(stdtrit(n - 1, 0.95)) * spread / root
            ),
            "the spread divides by n - 1: the mean was estimated from the same values": around(
                quantile * biased / root
            ),
            "the factor of the t distribution is missing": around(spread / root),
            "the spread is the standard deviation, not the variance": around(
                quantile * spread**2 / root
            ),
        },
    )


@exercise("06.mean_over_voices")
def mean_over_voices(answer: Answer) -> str | None:
    voices = ["ann"] * 6 + ["bob"] * 2 + ["cyd"] * 2
    labels = torch.tensor([0, 1, 2, 3, 4, 5, 0, 1, 2, 3])
    predicted = torch.tensor([0, 1, 2, 3, 4, 5, 0, 7, 8, 9])  # 6 of 6, 1 of 2, 0 of 2
    return compare(
        answer(predicted, labels, voices),
        0.5,
        what="the mean over voices",
        slips={
            "that is the mean over clips: a voice with more clips counts more": 0.7,
            "that is the share of wrong answers": 0.3,
            "that is one voice: take the mean of all": 1.0,
            "that adds up the voices: divide by their number": 1.5,
            "divide by the number of voices, not of clips": 0.15,
        },
    )
