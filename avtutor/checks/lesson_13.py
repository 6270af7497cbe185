"""The graders of lesson 13."""

import math

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


@exercise("13.fuse")
def fuse(answer: Answer) -> str | None:
    """Two senses and three classes; then one of the two is missing, with nonsense in its row."""
    shares = torch.tensor([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]])
    both, one = torch.tensor([True, True]), torch.tensor([True, False])
    product = shares.prod(dim=0)
    root = product.sqrt()
    found = compare(
        answer(shares, both),
        product / product.sum(),
        what="with both senses, the shares",
        slips={
            "that is the mean of the shares, in which no sense can rule a class out: multiply": (
                shares.mean(dim=0)
            ),
            "they must add up to 1: divide by their sum": product,
            "that is the root of the product (a mean of logs): take the product itself": (
                root / root.sum()
            ),
            "that is a softmax of the product: shares are divided by their sum": product.softmax(
                dim=0
            ),
            "that is the sum of the shares: multiply them": shares.sum(dim=0),
        },
    )
    if found:
        return found
    gone = torch.tensor([[0.6, 0.3, 0.1], [0.0, 0.0, 1.0]])
    every = gone.prod(dim=0)
    return compare(
        answer(gone, one),
        gone[0],
        what="with the second sense missing, the shares",
        slips={
            "a missing sense has no say: leave its row out of the product": every / every.sum(),
            "you kept the sense that is missing, and left out the other one": gone[1],
        },
    )


@exercise("13.snr_db")
def snr_db(answer: Answer) -> str | None:
    """A picture on grey paper, with noise of a fifth of the power of what varies in it."""
    g = torch.Generator().manual_seed(13)
    clean = torch.rand(8, 8, generator=g) * 0.4 + 0.5
    varying = clean - clean.mean()
    noise = torch.randn(8, 8, generator=g)
    noise = noise * (varying.square().mean() / noise.square().mean() / 5).sqrt()
    noisy = clean + noise

    def ratio(signal: Tensor, other: Tensor) -> float:
        return float(10 * (signal.square().mean() / other.square().mean()).log10())

    right = ratio(varying, noise)
    return compare(
        answer(clean, noisy),
        right,
        what="the ratio in dB",
        slips={
            "grey paper is no signal: take the picture about its mean": ratio(clean, noise),
            "these are powers: 10 log10, not 20": 2 * right,
            "signal over noise, not noise over signal": -right,
            "the noise is what was added: noisy less clean": ratio(varying, noisy),
            "the noise is what was added: noisy less clean, not the noisy picture about its mean": (
                ratio(varying, noisy - noisy.mean())
            ),
            "a ratio in dB is 10 log10 of it": 10 ** (right / 10),
            "log10, not the natural logarithm": right * math.log(10),
        },
        rtol=1e-3,
    )


@exercise("13.crossover")
def crossover(answer: Answer) -> str | None:
    """The sound rises through the picture between the second and the third ratio."""
    ratios, sound = [-20.0, -10.0, 0.0, 10.0], [0.2, 0.5, 0.9, 0.95]
    picture = [0.6, 0.6, 0.6, 0.6]
    return compare(
        answer(ratios, sound, picture),
        -7.5,
        what="the crossover in dB",
        slips={
            "that is the nearest ratio in the list: draw a line between its two neighbours": -10.0,
            "that is the first ratio at which the sound is ahead: the lines meet before it": 0.0,
            "that is the middle of the two ratios: the lines meet nearer to one of them": -5.0,
            "that is a place in the list: return the ratio there": 1.25,
            "counted from the wrong end of the step": -2.5,
        },
    ) or compare(
        answer(ratios, sound, [0.3, 0.5, 0.7, 0.95]),
        -10.0,
        what="where the lines meet at a ratio of the list, the crossover in dB",
    )


@exercise("13.moved")
def moved(answer: Answer) -> str | None:
    """Pictures moved by two rows, by none, and back by one; a tenth of the answers is wrong."""
    g = torch.Generator().manual_seed(31)
    labels = torch.randint(10, (200,), generator=g)
    wrong = torch.rand(200, generator=g) < 0.1
    seen = torch.where(wrong, (labels + 1) % 10, labels)
    for n in (2, 0, -1):
        got = answer(seen.roll(n), labels)
        found = compare(
            got,
            n,
            what=f"for pictures that were moved by {n} row{'' if abs(n) == 1 else 's'}, the number",
            slips={
                "right but for the sign: moved by 2 means that row 0's picture stands in row 2": (
                    -n if n else 99
                ),
                "that is how often they agree, not by how many rows they are apart": float(
                    (seen.roll(n) == labels).float().mean()
                ),
                "that is where they agree least": _least(seen.roll(n), labels),
                "try rows in both directions, from -3 to 3": _onwards(seen.roll(n), labels)
                if n < 0
                else 99,
            },
        )
        if found:
            return found
    return None


def _least(seen: Tensor, labels: Tensor) -> int:
    return min(range(-3, 4), key=lambda n: int((seen.roll(-n) == labels).sum()))


def _onwards(seen: Tensor, labels: Tensor) -> int:
    return max(range(4), key=lambda n: int((seen.roll(-n) == labels).sum()))
