"""What the experiments of lesson 15 share: numbers seen and heard, nets for them, and recall."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from avtutor.augment import ToSpectrogram
from avtutor.batch import Batch
from avtutor.datasets import seen_and_heard
from avtutor.metrics import recall_at_k
from avtutor.models import (
    BimodalAutoencoder,
    LeNetConfig,
    PartByPart,
    Rescaled,
    Towers,
)
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.spectral import SpectrogramConfig

KS = (1, 5, 10)
SIZE = 32
"""Of an embedding, and of what the autoencoder shares."""

NEW_PLACE = tuple(number for number in range(100) if number % 10 == 7)
"""Numbers whose second digit never stood in that place in training."""

NEW_PAIR = tuple(
    number for number in range(100) if sum(divmod(number, 10)) % 5 == 2 and number not in NEW_PLACE
)
"""Numbers of two digits that training had in their places, and never together."""

FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=20)
"""Half of the bands and of the columns that lesson 13 has: a quarter of the work."""


def digits(seed: int) -> tuple[Batch, Batch, Batch]:
    """Return single digits to train, to choose and to test, with levels in place of samples.

    No voice and no block of pictures is in two of them.
    """
    levels, generator = ToSpectrogram(FRONT), torch.Generator()
    train, valid, test = (levels(pairs.batch(), generator) for pairs in seen_and_heard(seed=seed))
    return train, valid, test


class Numbers:
    """Numbers of two digits, put together from single ones: two words, two pictures side by side.

    What belongs to a number is drawn anew for each sense, so that the number is all that a
    picture and a sound share.

    Args:
        source: single digits.
        numbers: the numbers, one a row.
        seed: of what is drawn.
    """

    def __init__(self, source: Batch, numbers: Sequence[int], *, seed: int) -> None:
        self.source = source
        self.labels = torch.tensor(numbers)
        generator = torch.Generator().manual_seed(seed)
        both = torch.stack([self.labels // 10, self.labels % 10])
        self.rows = {}
        for name in source.inputs:
            rows = torch.empty_like(both)
            for digit in range(10):
                items = (source.labels == digit).nonzero()[:, 0]
                places = both == digit
                drawn = torch.randint(len(items), (int(places.sum()),), generator=generator)
                rows[places] = items[drawn]
            self.rows[name] = rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)

    def select(self, items: Tensor | Sequence[int]) -> Batch:
        """Return some of them: sounds one after the other, pictures side by side."""
        chosen = torch.as_tensor(items)
        inputs = {
            name: torch.cat([x[self.rows[name][part, chosen]] for part in (0, 1)], dim=-1)
            for name, x in self.source.inputs.items()
        }
        labels = self.labels[chosen]
        return Batch(inputs=inputs, labels=labels, groups=("made",) * len(labels))


def training_numbers(source: Batch, n: int, *, seed: int) -> Numbers:
    """Return `n` numbers to train on, none of them of `NEW_PLACE` or `NEW_PAIR`."""
    unheard = {*NEW_PLACE, *NEW_PAIR}
    heard = torch.tensor([number for number in range(100) if number not in unheard])
    generator = torch.Generator().manual_seed(seed)
    drawn = heard[torch.randint(len(heard), (n,), generator=generator)]
    return Numbers(source, drawn.tolist(), seed=seed + 1)


def gallery(source: Batch, *, seed: int) -> Batch:
    """Return the numbers 00 to 99 in their order, each once."""
    return Numbers(source, range(100), seed=seed).select(range(100))


def encoders(n_parts: int = 1) -> tuple[dict[str, nn.Module], dict[str, int]]:
    """Return untrained encoders for single digits or several, and how many features they give.

    Both are the LeNet of lesson 06. That of sounds pads nothing: 0 dB would be loud.
    """
    heard = ImageEncoder(LeNetConfig((1, 20, 41), 10, padding=0))
    seen = ImageEncoder(LeNetConfig((1, 8, 8), 10))
    nets: dict[str, nn.Module] = {
        "audio": nn.Sequential(nn.Unflatten(1, (1, 20)), heard),
        "image": seen,
    }
    sizes = {"audio": heard.n_features * n_parts, "image": seen.n_features * n_parts}
    if n_parts > 1:
        nets = {name: PartByPart(net, n_parts) for name, net in nets.items()}
    return nets, sizes


def towers(seed: int, *, n_parts: int = 1) -> Towers:
    """Return untrained towers."""
    torch.manual_seed(seed)
    nets, sizes = encoders(n_parts)
    return Towers(nets, sizes, size=SIZE)


def autoencoder(seed: int) -> BimodalAutoencoder:
    """Return an untrained autoencoder of single digits."""
    torch.manual_seed(seed)
    nets, sizes = encoders()
    shared = nn.Sequential(
        nn.Linear(sum(sizes.values()), 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, SIZE)
    )
    decoders = {
        "audio": _decoder((20, 41), Rescaled((20, 41), centre=-40.0, spread=20.0)),
        "image": _decoder((1, 8, 8), Rescaled((1, 8, 8), centre=0.3, spread=0.4)),
    }
    return BimodalAutoencoder(nets, sizes, shared, decoders)


def _decoder(shape: tuple[int, ...], last: nn.Module) -> nn.Module:
    n_values = int(torch.tensor(shape).prod())
    return nn.Sequential(nn.Linear(SIZE, 128), nn.ReLU(), nn.Linear(128, n_values), last)


def recalls(scores: Tensor, targets: Tensor | None = None) -> dict[str, float]:
    """Return recall@1, 5 and 10 of scores [query, candidate]; by default row i seeks column i."""
    targets = torch.arange(len(scores)) if targets is None else targets
    return {str(k): recall_at_k(scores, targets, k=k) for k in KS}


def both_ways(scores: Tensor, rows: Tensor | None = None) -> dict[str, dict[str, float]]:
    """Return the recalls from sound to picture and from picture to sound.

    Args:
        scores: [sound, picture]; what belongs together stands on the diagonal.
        rows: the queries that count; None is all.
    """
    rows = torch.arange(len(scores)) if rows is None else rows
    return {
        "audio to image": recalls(scores[rows], rows),
        "image to audio": recalls(scores.T[rows], rows),
    }


def mean_of(tables: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return the mean of several tables of recalls."""
    return {
        way: {k: round(sum(t[way][k] for t in tables) / len(tables), 4) for k in tables[0][way]}
        for way in tables[0]
    }
