"""The graders of lesson 17."""

import math

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("17.chance_loss")
def chance_loss(answer: Answer) -> str | None:
    """Two right pairs to six wrong ones, then as many of both."""
    share = 0.25
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    return compare(
        answer(2, 6),
        entropy,
        what="the loss at 2 right to 6 wrong",
        slips={
            "ln 2 is the loss of balanced pairs; here the best constant answer is 1/4": math.log(2),
            "ln of the number of candidates is InfoNCE; here each pair is judged alone": math.log(
                8
            ),
            "the wrong pairs are part of the mean too: with -ln(1 - p)": -share * math.log(share),
            "weigh both kinds of pairs by how often they come": -math.log(share)
            - math.log(1 - share),
            "weigh -ln p by the share of right pairs, and -ln(1 - p) by that of wrong ones": -(
                (1 - share) * math.log(share) + share * math.log(1 - share)
            ),
            "that is the loss of the right pairs only": -math.log(share),
            "in nats: math.log, not log2": entropy / math.log(2),
            "the sum over all pairs: the mean is asked for": 8 * entropy,
        },
    ) or compare(answer(50, 50), math.log(2), what="the loss of balanced pairs")


@exercise("17.offset_of")
def offset_of(answer: Answer) -> str | None:
    """Sound three windows late, in 12 windows; one cell elsewhere is by accident the highest."""
    generator = torch.Generator().manual_seed(0)
    similarity = torch.empty(12, 12).uniform_(-0.1, 0.1, generator=generator)
    similarity += 0.7 * torch.diag(torch.ones(9), 3)
    similarity += 0.65 * torch.eye(12)
    similarity[9, 1] = 0.99
    slips = {
        "take means: a sum prefers the longer diagonals in the middle": 0.0,
        "the sign: late sound stands in later columns, above the main diagonal": -0.12,
        "that is in windows; divide by the frame rate": 3.0,
        "in seconds, not ms": 120.0,
        "a cell alone may be high by accident: take the mean of each diagonal": -0.32,
    }
    late = answer(similarity, 4, 25.0)
    return compare(late, 0.12, what="the offset of late sound", slips=slips) or compare(
        answer(similarity.T, 4, 50.0),
        -0.06,
        what="the offset of early sound at 50 frames a second",
        slips={"the frame rate is an argument, not always 25": -0.12},
    )


@exercise("17.diagnose")
def diagnose(answer: Answer) -> str | None:
    """Runs at chance, shifted, in time (one with an outlier), and weak."""
    cases: dict[tuple[float, float, tuple[int, ...]], str] = {
        (0.692, 0.693, (-11, 4, 13, -6, 0, 9, -2, -14)): "at chance",
        (0.310, 0.693, (-5, -5, -6, -5, -4, -5, -5, -5)): "shifted",
        (0.305, 0.693, (0, 0, 1, 0, -1, 0, 0, 0)): "in time",
        (1.210, 3.434, (0, 15, 0, 0, -1, 0, 0, 0)): "in time",
        (1.190, 3.434, (1, 1, 1, 1, 1, 1, 1, -13)): "shifted",
        (0.610, 0.693, (0, -9, 1, 7, 0, -13, 4, 11)): "weak",
        (3.430, 3.434, (2, -8, 0, 14, -3, 6, -12, 1)): "at chance",
        (0.660, 0.693, (0, 0, 0, -1, 0, 1, 0, 9)): "in time",
    }
    for (loss, chance, errors), expected in cases.items():
        got = answer(loss, chance, list(errors))
        if got != expected:
            return f"loss {loss:.3f}, chance {chance:.3f}, errors {list(errors)}: " + _hint(
                got, expected, chance, errors
            )
    return None


def _hint(got: object, expected: str, chance: float, errors: tuple[int, ...]) -> str:
    if got not in ("at chance", "shifted", "in time", "weak"):
        return f"return one of the four words, got {got!r}"
    if expected == "shifted" and sorted(errors)[len(errors) // 2] == 1:
        return "all off by one frame is shifted too: look at the middle error, not at ±1"
    if (got, expected) == ("in time", "shifted"):
        return "they agree, but not on 0: a low loss does not say that the pairs are in time"
    if (got, expected) == ("weak", "shifted"):
        return "all errors are equal to a frame: the network did learn, from shifted pairs"
    if expected == "in time" and 15 in errors:
        return "one outlier moves a mean, and not a median"
    if expected == "at chance":
        return f"a loss within 0.02 of {chance:.3f} says that nothing was learned"
    if got == "at chance":
        return f"the loss is more than 0.02 below {chance:.3f}: something was learned"
    if expected == "weak":
        return "fewer than three quarters of the errors lie within a frame of the middle one"
    return f"{expected!r} is right, got {got!r}"
