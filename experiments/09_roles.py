"""Lesson 09: which roles of Drascula sound like one voice, so that no fold splits them.

A voice is the mean of what its blocks of 5 s give: 20 cepstral coefficients of the frames without
pauses, their spread in time, and the pitch. Two voices are as far apart as their means, in units
of how much the blocks of one voice differ from each other (the within-voice covariance, pooled
over the voices of the other sources), less what the few blocks of each add by chance. Two roles
agree if they are no farther apart than the two halves of one voice are, in 95 of 100 voices.

Source: within-class covariance normalisation, Hatch, Kajarekar and Stolcke 2006.
"""

import itertools
import math

import torch
from torch import Tensor

from experiments.language import DATA as FOLDERS
from experiments.language import FRAMES_A_SECOND, Voice, every_voice

DATA = FOLDERS
N_MFCC = 20
SIZE = round(5 * FRAMES_A_SECOND)
FEWEST = 4
"""Blocks that a voice must have."""

SAME = 0.95
"""The threshold: the distance that this share of the pairs of halves of one voice stays below."""


def cosines(n_bands: int) -> Tensor:
    """Return the rows 1 to 20 of the DCT-II, [coefficient, band]: the shape, without the level."""
    k, n = torch.arange(1, N_MFCC + 1)[:, None], torch.arange(n_bands)[None]
    return math.sqrt(2 / n_bands) * torch.cos(math.pi * k * (2 * n + 1) / (2 * n_bands))


def blocks_of(voice: Voice) -> Tensor:
    """Return what each 5 s of a voice give, [block, feature]; none for a short voice."""
    levels = voice.powers.clamp(min=1e-10).log()
    n = levels.shape[1] // SIZE
    if n < FEWEST:
        return torch.empty(0, 2 * N_MFCC + 3)
    shape = (cosines(len(levels)) @ levels)[:, : n * SIZE].reshape(N_MFCC, n, SIZE)
    spread = shape.std(dim=2).log()
    spoken = voice.pitch[voice.pitch > 0].log2()
    size = len(spoken) // n
    cuts = spoken[: n * size].reshape(n, size).quantile(torch.tensor([0.2, 0.5, 0.8]), dim=1)
    return torch.cat([shape.mean(dim=2), spread, cuts]).T


def whitening(some: list[Tensor]) -> Tensor:
    """Return the matrix after which the blocks of one voice differ by 1 in every direction."""
    inside = torch.cat([blocks - blocks.mean(dim=0) for blocks in some])
    covariance = inside.T @ inside / (len(inside) - len(some))
    covariance += 1e-3 * covariance.diagonal().mean() * torch.eye(len(covariance))
    return torch.linalg.cholesky(torch.linalg.inv(covariance))


def distance(first: Tensor, second: Tensor, white: Tensor) -> float:
    """Return how far apart two voices are, by their blocks; 0 where chance alone explains it."""
    gap = (first.mean(dim=0) - second.mean(dim=0)) @ white
    by_chance = len(gap) * (1 / len(first) + 1 / len(second))
    return float((gap.square().sum() - by_chance).clamp(min=0).sqrt())


def run() -> dict:
    """Return the threshold, and of the pairs of roles in one language the nearest."""
    found = {f"{v.language} {v.speaker}": (v, blocks_of(v)) for v in every_voice()}
    found = {name: (voice, some) for name, (voice, some) in found.items() if len(some)}
    white = whitening([some for voice, some in found.values() if voice.channel != "drascula"])
    halves = {
        name: distance(some[: len(some) // 2], some[len(some) // 2 :], white)
        for name, (_, some) in found.items()
    }
    same = float(torch.tensor([*halves.values()]).quantile(SAME))
    pairs = []
    for first, second in itertools.combinations(found, 2):
        (one, some), (other, more) = found[first], found[second]
        if one.channel == other.channel == "drascula" and one.language == other.language:
            far = round(distance(some, more, white), 2)
            pairs.append((far, first, second, one.fold == other.fold))
    pairs.sort()
    result = {
        "halves of one voice": {name: round(far, 2) for name, far in halves.items()},
        "threshold": round(same, 2),
        "one person in two languages": round(
            distance(found["en allison"][1], found["es allison"][1], white), 2
        ),
        "pairs": len(pairs),
        "nearest": pairs[:12],
        "nearest in two folds": next(far for far, *_, together in pairs if not together),
        "agree and are in two folds": sum(
            far <= same and not together for far, *_, together in pairs
        ),
    }
    print(result, flush=True)
    return result
