"""The graders of lesson 05."""

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


@exercise("05.crop_or_pad")
def crop_or_pad(answer: Answer) -> str | None:
    long, short = torch.arange(1.0, 12.0), torch.arange(1.0, 6.0)  # 11 and 5 samples
    zeros = torch.zeros(3)
    return (
        compare(
            answer(short, 8),
            torch.cat([short, zeros]),
            what="a sound of 5 samples brought to 8",
            same_dtype=True,
            slips={
                "the zeros stand before the sound; they follow it": torch.cat([zeros, short]),
                "the zeros stand on both sides; they follow the sound": torch.cat(
                    [zeros[:1], short, zeros[:2]]
                ),
                "the sound is repeated; it is followed by zeros": torch.cat([short, short[:3]]),
                "a short sound comes back as it was: pad it": short,
            },
        )
        or compare(
            answer(long, 6),
            long[2:8],
            what="a sound of 11 samples cut to 6",
            same_dtype=True,
            slips={
                "all is cut off at the end; a half of it belongs to the beginning": long[:6],
                "all is cut off at the beginning; a half of it belongs to the end": long[5:],
                "the odd sample is cut off at the beginning; it belongs to the end": long[3:9],
                "a long sound comes back as it was: cut it": long,
                "every other sample is dropped: that is no cut, it is another rate": long[::2],
            },
        )
        or compare(answer(short, 5), short, what="a sound that has the size already")
    )


@exercise("05.mean_level")
def mean_level(answer: Answer) -> str | None:
    generator = torch.Generator().manual_seed(5)
    levels = -40 + 10 * torch.randn(3, 4, 7, generator=generator)
    lengths = torch.tensor([7, 3, 5])
    inside = torch.arange(7) < lengths[:, None]
    levels = torch.where(inside[:, None], levels, torch.tensor(-100.0))
    masked = levels * inside[:, None]
    own = masked.sum(dim=(1, 2)) / (4 * lengths)

    def early() -> Tensor:
        last = (torch.arange(7) < (lengths - 1)[:, None])[:, None]
        return (levels * last).sum(dim=(1, 2)) / (4 * (lengths - 1))

    return compare(
        answer(levels, lengths),
        own,
        what="the mean level",
        slips={
            "the padding is in your mean": levels.mean(dim=(1, 2)),
            "the padding is set to 0, and still counted: divide by the number of own frames": (
                masked.mean(dim=(1, 2))
            ),
            "you divide by the frames alone; a frame has 4 bands here": 4 * own,
            "one mean for the whole batch: keep the clips apart": masked.sum() / (4 * inside.sum()),
            "one number for each band: take the mean over them too": (
                masked.sum(dim=2) / lengths[:, None]
            ),
            "the last frame of each clip is missing: frame < length, not length - 1": early(),
        },
    )


@exercise("05.scale_noise")
def scale_noise(answer: Answer) -> str | None:
    generator = torch.Generator().manual_seed(6)
    signal = 0.3 * torch.randn(4000, generator=generator)
    noise = 0.05 * torch.randn(4000, generator=generator) + 0.02
    ratio = 10 ** (12.0 / 10)
    level, wanted = noise.square().mean(), signal.square().mean()
    right = noise * torch.sqrt(wanted / (level * ratio))
    return compare(
        answer(signal, noise, 12.0),
        right,
        what="the scaled noise",
        rtol=1e-3,
        slips={
            "that is signal and noise together; the noise alone is asked for": signal + right,
            "your ratio is turned round: at 12 dB the noise is the weaker one": right * ratio,
            "that is a factor of power; samples are multiplied by its square root": noise
            * (wanted / (level * ratio)),
            "20 instead of 10: an SNR is a ratio of powers, before the root": noise
            * torch.sqrt(wanted / (level * 10 ** (12.0 / 20))),
            "the level of the noise itself is still in it: divide by its power": noise
            * torch.sqrt(wanted / ratio),
            "the level of the signal is missing: the ratio is to its power": noise
            * torch.sqrt(1 / (level * ratio)),
            "the ratio of the peaks is 12 dB; asked for is that of the mean powers": noise
            * (signal.abs().max() / noise.abs().max() / ratio**0.5),
        },
    )


# What both sides of each test share, from the most honest to the least.
SHARED = {
    "D": "neither voices nor microphones",
    "B": "the studio",
    "A": "the voices",
    "E": "the recordings",
    "C": "the very sounds",
}


@exercise("05.honest_order")
def honest_order(answer: Answer) -> str | None:
    order = "".join(SHARED)
    got = answer()
    if not isinstance(got, str):
        return f"the order must be a string such as 'ABCDE', got {type(got).__name__}"
    got = got.replace(" ", "").replace(",", "").upper()
    if sorted(got) != sorted(order):
        return f"the order must hold each of A, B, C, D, E once, got {got!r}"
    if got == order:
        return None
    if got == order[::-1]:
        return "that is the least honest first: turn it round"
    for better, worse in zip(order, order[1:], strict=False):
        if got.index(worse) < got.index(better):
            return _why(better, worse)
    return None


def _why(better: str, worse: str) -> str:
    """Return why one test is more honest than the next."""
    reasons = {
        "DB": "in B the test people sat before the same microphone as the others; those of D used "
        "telephones, as your users will",
        "BA": "in A every test voice was trained on; in B none was",
        "AE": "in E two pieces of one recording stand on both sides; in A a recording is whole",
        "EC": "in C the same sound is trained and tested, in other noise; in E it is at least "
        "another piece",
    }
    return f"{worse} before {better}: {reasons[better + worse]}"
