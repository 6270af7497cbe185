"""The graders of lesson 15."""

import math

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("15.both_ways")
def both_ways(answer: Answer) -> str | None:
    """Four sounds and four pictures; the two directions differ, and so do means and sums."""
    generator = torch.Generator().manual_seed(0)
    similarity = torch.empty(4, 4).uniform_(-0.3, 0.6, generator=generator)
    similarity += 0.4 * torch.eye(4)
    similarity[:, 0] += 0.3  # a picture that is near to every sound
    logits = 5.0 * similarity
    rows = (logits.logsumexp(dim=1) - logits.diagonal()).mean()
    columns = (logits.logsumexp(dim=0) - logits.diagonal()).mean()
    plain = similarity.logsumexp(dim=1) - similarity.diagonal()
    plain_columns = similarity.logsumexp(dim=0) - similarity.diagonal()
    shares = (logits.softmax(dim=1).diagonal() + logits.softmax(dim=0).diagonal()) / 2
    others = logits.masked_fill(torch.eye(4, dtype=torch.bool), -math.inf)
    left = (others.logsumexp(1) + others.logsumexp(0)) / 2 - logits.diagonal()
    slips = {
        "that is from sound to picture only; the columns ask the other way": rows,
        "that is from picture to sound only; the rows ask the other way": columns,
        "the mean of both ways, not their sum": rows + columns,
        "multiply the similarities by the scale first": (plain.mean() + plain_columns.mean()) / 2,
        "the mean over the items, not the sum": 2 * (rows + columns),
        "the mean of -log of the shares, not -log of their mean": -shares.mean().log(),
        "the right one is one of the candidates too: it stays in the sum": left.mean(),
    }
    got = answer(similarity, 5.0)
    return compare(got, (rows + columns) / 2, what="the loss", slips=slips) or compare(
        answer(torch.zeros(7, 7), 3.0), math.log(7), what="the loss where all are equally near"
    )


@exercise("15.chance_at")
def chance_at(answer: Answer) -> str | None:
    """Ten right ones of a hundred, three looked at; then cases at the edges."""
    n_right, n_gallery, k = 10, 100, 3
    expected = 1 - math.comb(90, 3) / math.comb(100, 3)
    return (
        compare(
            answer(n_right, n_gallery, k),
            expected,
            what="chance with 10 right ones of 100, k = 3",
            rtol=1e-6,
            slips={
                "that is with one right one: n_right of them can be hit": k / n_gallery,
                "drawn without putting back: the second is not drawn among all again": 1 - 0.9**3,
                "expected hits are no probability: they are above 1 for a larger k": 0.3,
                "k is more than one look": 0.1,
                "that is the chance of none": 1 - expected,
                "at least one, not all of the k": math.comb(10, 3) / math.comb(100, 3),
                "at least one, not exactly one": 10 * math.comb(90, 2) / math.comb(100, 3),
            },
        )
        or compare(answer(1, 100, 10), 0.1, what="chance with one right one of 100, k = 10")
        or compare(answer(4, 10, 7), 1.0, what="chance with more looks than wrong ones")
    )


CASES: dict[tuple[float, float, float], str] = {
    (0.99, 0.52, 0.98): "shortcut",
    (0.93, 0.94, 0.51): "content",
    (0.53, 0.49, 0.50): "nothing",
    (0.98, 0.81, 0.86): "both",
    (0.88, 0.55, 0.90): "shortcut",
    (0.72, 0.70, 0.55): "content",
}


@exercise("15.verdict")
def verdict(answer: Answer) -> str | None:
    """Six nets that were asked about pairs, each in three ways."""
    for (told, alike, hidden), expected in CASES.items():
        got = answer(told, alike, hidden)
        if got != expected:
            where = f"told {told}, alike {alike}, hidden {hidden}: "
            return where + _hint(got, expected, told)
    return None


def _hint(got: object, expected: str, told: float) -> str:
    if got not in ("shortcut", "content", "both", "nothing"):
        return f"return one of the four words, got {got!r}"
    if got == "content" and expected == "shortcut":
        return f"{told} is no proof: with the picture hidden it is as good"
    if expected == "both":
        return "above chance with the picture hidden, and above it with the wrong ones made alike"
    if got == "shortcut" and expected == "content":
        return "with the picture hidden it guesses: it needs to look"
    if expected == "nothing" or got == "both":
        return "within 0.1 of one half is chance"
    return f"{expected!r} is right, got {got!r}"
