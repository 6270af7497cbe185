"""Spoken names beside each other: their letters, many at once, and which clips are copies."""

import re
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.datasets import SpokenName
from avtutor.datasets.name_words import LEAST_LETTERS

COPY = 0.7
"""Two clips whose samples correlate more than this, wherever best, are one recording.

Of 410 pairs of clips with one text and voice none lies between 0.48 and 0.92.
"""


def likeness(first: Tensor, second: Tensor) -> float:
    """Return the largest correlation of two clips' samples, over all shifts."""
    size = len(first) + len(second)
    spectra = [torch.fft.rfft(x.double() - x.mean(), n=size) for x in (first, second)]
    products = torch.fft.irfft(spectra[0] * spectra[1].conj(), n=size)
    length = (first.double() - first.mean()).norm() * (second.double() - second.mean()).norm()
    return float(products.max() / length.clamp(min=1e-12))


def plain(text: str) -> str:
    """Return the words of a text, small letters, without marks."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def takes(spoken: Sequence[SpokenName], samples: Sequence[Tensor]) -> list[int]:
    """Return for each clip which take of its text by its voice it is: 0, 1, …; copies share one."""
    found: list[int] = []
    first: dict[tuple[str, str, str], list[Tensor]] = {}
    for name, x in zip(spoken, samples, strict=True):
        known = first.setdefault((name.language, name.speaker, plain(name.text)), [])
        like = [n for n, other in enumerate(known) if likeness(x, other) > COPY]
        found.append(like[0] if like else len(known))
        if not like:
            known.append(x)
    return found


def edit_distances(first: Sequence[str], second: Sequence[str]) -> Float[Tensor, "first second"]:
    """Return `name_words.edit_distance` of every word of one list to every word of the other."""
    if not first or not second:
        return torch.ones(len(first), len(second))
    letters, others = _numbers(first, 0), _numbers(second, -1)
    sizes = torch.tensor([len(word) for word in second])
    n, width = len(second), others.shape[1]
    found = torch.empty(len(first), n)
    for row, word in enumerate(first):
        costs = torch.arange(width + 1).expand(n, -1).clone()  # [word, letters of it]
        for step in range(len(word)):
            new = torch.empty_like(costs)
            new[:, 0] = step + 1
            kept = costs[:, :-1] + (others != letters[row, step])
            best = torch.minimum(costs[:, 1:] + 1, kept)
            for column in range(width):
                new[:, column + 1] = torch.minimum(best[:, column], new[:, column] + 1)
            costs = new
        cost = costs.gather(1, sizes[:, None])[:, 0].float()
        found[row] = cost / sizes.clamp(min=max(len(word), 1))
    return found


def word_distances(
    first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]
) -> Float[Tensor, "first second"]:
    """Return `name_words.word_distance` of every name of one list to every name of the other.

    Args:
        first, second: names as words, of `name_words.words_of`.
    """
    lists = []
    for names in (first, second):
        lists.append(sorted({word for name in names for word in name if _counts(word)}))
    apart = edit_distances(*lists)
    places = [{word: n for n, word in enumerate(words)} for words in lists]
    by_name = torch.ones(len(first), len(lists[1]))
    for row, name in enumerate(first):
        if own := [places[0][word] for word in name if _counts(word)]:
            by_name[row] = apart[own].amin(dim=0)
    found = torch.ones(len(first), len(second))
    for column, name in enumerate(second):
        if own := [places[1][word] for word in name if _counts(word)]:
            found[:, column] = by_name[:, own].amin(dim=1)
    return found


def _counts(word: str) -> bool:
    return len(word) >= LEAST_LETTERS


def _numbers(words: Sequence[str], filling: int) -> Tensor:
    width = max(len(word) for word in words)
    rows = [[ord(x) for x in word] + [filling] * (width - len(word)) for word in words]
    return torch.tensor(rows)
