"""The graders of lesson 11."""

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("11.steps")
def steps(answer: Answer) -> str | None:
    """4803 samples, 81 taps, stride 4, padding 40; and one where the division has a rest."""
    return compare(
        answer(4803, 81, 4, 40),
        1201,
        what="the number of outputs",
        slips={
            "the padding is added on both sides: twice": (4803 + 40 - 81) // 4 + 1,
            "the first place counts too: add 1 after the division": (4803 + 80 - 81) // 4,
            "only whole steps count: divide and round down": (4803 + 80 - 81) / 4 + 1,
            "a step that leads beyond the end does not count: round down, not up": 1202,
            "without the padding, that would be right": (4803 - 81) // 4 + 1,
            "the filter must lie wholly on the samples: take its taps off first": 4883 // 4 + 1,
        },
    ) or compare(
        answer(100, 10, 7, 0),
        13,
        what="the number of outputs for 100 samples, 10 taps, stride 7",
        slips={"only whole steps count: round down, not up": 14},
    )


@exercise("11.centre")
def centre(answer: Answer) -> str | None:
    """A wave of 1200 Hz under a window, at 8000 Hz: 81 taps are no whole number of periods."""
    n = torch.arange(81.0)
    taps = torch.hann_window(81, periodic=False) * torch.sin(2 * torch.pi * 1200 / 8000 * n)
    response = torch.fft.rfft(taps, n=2048).abs()
    place = int(response.argmax())
    short = int(torch.fft.rfft(taps).abs().argmax())
    return compare(
        answer(taps, 8000),
        place * 8000 / 2048,
        what="the frequency",
        slips={
            "that is the number of the bin: times rate / 2048": float(place),
            "a bin is rate / 2048 wide: 2048 points were transformed, not 1025": place * 8000 / 1025,
            "that is the largest magnitude itself; asked is where it lies": float(response.max()),
            "without zeros the bins are rate / 81 apart: transform over 2048 points": short
            * 8000
            / 81,
            "divide by 2048 points, not by 81 taps": place * 8000 / 81,
        },
        rtol=1e-5,
    )


@exercise("11.first_layer_multiplies")
def first_layer_multiplies(answer: Answer) -> str | None:
    """32 filters of 81 taps, stride 4; 4802 samples give 1201 outputs."""
    return compare(
        answer(32, 81, 4, 4802),
        32 * 81 * 1201,
        what="the number of multiplications",
        slips={
            "the filter does not stop at every sample: divide by the stride": 32 * 81 * 4802,
            "the last samples get an output, too: round up": 32 * 81 * 1200,
            "each output needs one multiplication for each tap": 32 * 1201,
            "and that for each of the filters": 81 * 1201,
            "outputs are whole: round up": 32 * 81 * 4802 / 4,
        },
    )
