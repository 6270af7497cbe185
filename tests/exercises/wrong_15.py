"""Wrong answers to the exercises of lesson 15: the function, and a phrase of its diagnosis."""

import math

import torch


def _ways(similarity, scale, reduce="mean", own=True):  # noqa: ANN001, ANN202
    logits = scale * similarity
    top = logits if own else logits.masked_fill(torch.eye(len(logits)).bool(), -math.inf)
    rows = top.logsumexp(dim=1) - logits.diagonal()
    columns = top.logsumexp(dim=0) - logits.diagonal()
    return getattr(rows, reduce)(), getattr(columns, reduce)()


def _mean(pair):  # noqa: ANN001, ANN202
    return (pair[0] + pair[1]) / 2


def _of_mean(similarity, scale):  # noqa: ANN001, ANN202
    logits = scale * similarity
    shares = (logits.softmax(dim=1).diagonal() + logits.softmax(dim=0).diagonal()) / 2
    return -shares.mean().log()


def _at_least(n_right, n_gallery, k):  # noqa: ANN001, ANN202
    return 1 - math.comb(n_gallery - n_right, k) / math.comb(n_gallery, k)


def _verdict(told, alike, hidden, margin=0.1):  # noqa: ANN001, ANN202
    looks, cheats = alike > 0.5 + margin, hidden > 0.5 + margin
    return {(True, True): "both", (True, False): "content", (False, True): "shortcut"}.get(
        (looks, cheats), "nothing"
    )


WRONG = {
    "15.both_ways": [
        (lambda s, scale: _ways(s, scale)[0], "from sound to picture only"),
        (lambda s, scale: _ways(s, scale)[1], "from picture to sound only"),
        (lambda s, scale: sum(_ways(s, scale)), "not their sum"),
        (lambda s, scale: _mean(_ways(s, 1.0)), "by the scale first"),
        (lambda s, scale: _mean(_ways(s, scale, reduce="sum")), "the mean over the items"),
        (_of_mean, "of the shares"),
        (lambda s, scale: _mean(_ways(s, scale, own=False)), "stays in the sum"),
    ],
    "15.chance_at": [
        (lambda n_right, n, k: k / n, "with one right one"),
        (lambda n_right, n, k: 1 - (1 - n_right / n) ** k, "without putting back"),
        (lambda n_right, n, k: n_right * k / n, "no probability"),
        (lambda n_right, n, k: n_right / n, "more than one look"),
        (lambda n_right, n, k: 1 - _at_least(n_right, n, k), "the chance of none"),
        (lambda n_right, n, k: math.comb(n_right, k) / math.comb(n, k), "not all of the k"),
        (
            lambda n_right, n, k: n_right * math.comb(n - n_right, k - 1) / math.comb(n, k),
            "not exactly one",
        ),
    ],
    "15.verdict": [
        (lambda told, alike, hidden: "content" if told > 0.6 else "nothing", "no proof"),
        (
            lambda told, alike, hidden: (
                "shortcut" if hidden > 0.6 else "content" if alike > 0.6 else "nothing"
            ),
            "and above it with the wrong ones made alike",
        ),
        (
            lambda told, alike, hidden: "shortcut" if told > 0.6 else "nothing",
            "it needs to look",
        ),
        (
            lambda told, alike, hidden: _verdict(told, alike, hidden, margin=0.0),
            "is chance",
        ),
        (lambda told, alike, hidden: "cheats", "one of the four words"),
    ],
}
