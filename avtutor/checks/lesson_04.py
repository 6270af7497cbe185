"""The graders of lesson 04."""

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise
from avtutor.units import hz_to_mel, mel_to_hz


@exercise("04.hz_of_mel")
def hz_of_mel(answer: Answer) -> str | None:
    mel = torch.tensor([[0.0, 150.0, 1000.0], [1500.0, 2000.0, 2840.0]])
    power_of_ten = 10 ** (mel / 2595)
    return compare(
        answer(mel),
        mel_to_hz(mel),
        what="the frequency",
        slips={
            "0 mel must be 0 Hz: subtract the 1 that stands beside f / 700": 700 * power_of_ten,
            "take 1 off the power of ten before you multiply by 700": 700 * power_of_ten - 1,
            "the inverse of log10 is a power of 10, not of e": 700 * ((mel / 2595).exp() - 1),
            "the result is f / 700: multiply by 700 Hz": power_of_ten - 1,
            "that is mel from Hz, the formula of the lesson: solve it for f": hz_to_mel(mel),
            "divide mel by 2595 before you raise 10 to it": 700 * (10**mel / 2595 - 1),
        },
    )


@exercise("04.triangle")
def triangle(answer: Answer) -> str | None:
    left, centre, right = 1000.0, 1500.0, 2500.0
    bins = torch.arange(0.0, 4001.0, 125.0)
    rising = (bins - left) / (centre - left)
    falling = (right - bins) / (right - centre)
    expected = torch.minimum(rising, falling).clamp(min=0)
    corners = torch.tensor([left, centre, right])
    low, middle, high = hz_to_mel(corners)
    place = hz_to_mel(bins)
    drawn_in_mel = torch.minimum((place - low) / (middle - low), (high - place) / (high - middle))
    mirrored = (1 - (bins - centre).abs() / (centre - left)).clamp(min=0)
    inside = ((bins >= left) & (bins <= right)).float()
    return compare(
        answer(bins, left, centre, right),
        expected,
        what="the weights",
        slips={
            "that is divided by half the width (area norm); here the height is 1": expected
            * (2 / (right - left)),
            "your weights add up to 1; here it is the height that is 1": expected / expected.sum(),
            "your sides are straight on the mel axis, as HTK draws them; here they are straight in "
            "Hz: no hz_to_mel inside": drawn_in_mel.clamp(min=0),
            "outside the band the lines run below 0: clamp them there": torch.minimum(
                rising, falling
            ),
            "you take the higher of the two lines; the triangle is the lower one": torch.maximum(
                rising, falling
            ).clamp(min=0),
            "it never falls: beyond the centre the other line holds, from 1 to 0 at right": (
                rising.clamp(0, 1)
            ),
            "both sides have the width of the left one; this band is wider to the right": mirrored,
            "every bin in the band weighs 1: rise to the centre and fall from there": inside,
        },
    )


@exercise("04.standardise")
def standardise(answer: Answer) -> str | None:
    generator = torch.Generator().manual_seed(4)
    offsets = torch.tensor([0.0, -20.0, -100.0, -50.0])[:, None]
    widths = torch.tensor([10.0, 5.0, 0.0, 20.0])[:, None]  # the third band never changes
    train = offsets + widths * torch.randn(40, 4, 60, generator=generator)
    test = offsets + 8 + 1.5 * widths * torch.randn(5, 4, 4, generator=generator)
    test[:, 2] = -100.0

    sides = [side.transpose(0, 1).flatten(1) for side in (train, test)]  # [mel, all frames]
    both = torch.cat(sides, dim=1)[None]

    def by(values: Tensor, axes: tuple[int, ...]) -> Tensor:
        mean = values.mean(dim=axes, keepdim=True)
        return (test - mean) / values.std(dim=axes, keepdim=True).clamp(min=1e-5)

    mean, std = train.mean(dim=(0, 2)), train.std(dim=(0, 2)).clamp(min=1e-5)
    variance = train.var(dim=(0, 2), keepdim=True).clamp(min=1e-5)
    centred = test - mean[:, None]
    got = answer(train, test)
    if isinstance(got, Tensor) and got.shape == train.shape != test.shape:
        return "you return the training side: asked for is test, with the statistics of train"
    if isinstance(got, Tensor) and got.shape == test.shape and bool(got[:, 2].isnan().all()):
        return (
            "the band that never changes becomes NaN, since 0 / 0 is: divide by the standard "
            "deviation or 1e-5, whichever is larger"
        )
    return compare(
        got,
        by(train, (0, 2)),
        what="the normalised test side",
        rtol=1e-3,
        atol=1e-3,
        slips={
            "your statistics are those of the test side: a clip then depends on its company; "
            "take train's": by(test, (0, 2)),
            "the test side is in your statistics: take those of train alone": by(both, (0, 2)),
            "each clip is normalised by itself: take mean and spread from train": by(test, (2,)),
            "one mean and one spread for all bands: keep the mel axis apart": by(train, (0, 1, 2)),
            "your numbers, one a band, are laid along the frames: shape them [mel, 1]": (
                (test - mean) / std
            ),
            "divide by the standard deviation, not by the variance": centred / variance,
            "the mean is gone, the spread is not: divide by the standard deviation": centred,
            "the spread is divided out, the mean is still there": test / std[:, None],
            "divide after subtracting: a bracket is missing": test - mean[:, None] / std[:, None],
        },
    )


@exercise("04.to_batch")
def to_batch(answer: Answer) -> str | None:
    clips = [torch.arange(30.0).reshape(6, 5) + 100 * item for item in range(3)]  # [frame, mel]
    stacked = torch.stack(clips)
    right = stacked.transpose(1, 2)[:, None]
    return compare(
        answer(clips),
        right,
        what="the batch",
        same_dtype=True,
        slips={
            "the channel axis is missing: Conv2d would take your clips for the channels of one "
            "picture; [:, None] adds it": right[:, 0],
            "mel and frame are swapped, and the channel axis is missing": stacked,
            "mel and frame are swapped: time runs along the last axis": stacked[:, None],
            "the channel axis comes second, before mel and frame, not last": right[:, 0, ..., None],
            "batch and channel are swapped: the clips are the batch": right.transpose(0, 1),
            "reshape only cuts the row of numbers anew and mixes mel with frame: transpose": (
                stacked.reshape(3, 1, 5, 6)
            ),
            "three equal channels carry nothing new: one channel, Conv2d(1, …)": right.expand(
                -1, 3, -1, -1
            ),
        },
    )
