"""Digits seen and heard: handwriting and spoken digits in pairs, in three parts."""

from collections.abc import Sequence

import torch

from avtutor.batch import Batch
from avtutor.datasets.handwritten import HandwrittenDigit, handwritten_digits
from avtutor.datasets.pairs import Pairs, Source, audit_pairs, pair
from avtutor.datasets.recordings import Item
from avtutor.datasets.sounds import load_sounds
from avtutor.datasets.splits import group_split
from avtutor.datasets.synthetic import synthetic_digits

RATE = 8000
"""Samples a second of the sounds."""

SECONDS = 0.8
"""How long every sound is: shorter ones are followed by silence, longer ones lose both ends."""

CLASSES = tuple(str(digit) for digit in range(10))


def pictures_of(digits: Sequence[HandwrittenDigit]) -> Batch:
    """Return handwritten digits as one Batch: ``{"image": [batch, 1, 8, 8]}``, 0 paper to 1 ink.

    Lesson: 13_fusion

    >>> pictures_of(handwritten_digits()[:3])
    Batch(3 items, image [3, 1, 8, 8])
    """
    return Batch(
        inputs={"image": torch.stack([one.load() for one in digits])[:, None]},
        labels=torch.tensor([one.digit for one in digits]),
        groups=[one.group for one in digits],
    )


def seen_and_heard(
    *,
    seed: int,
    sounds: Sequence[Item] | None = None,
    sizes: tuple[int, int, int] = (1200, 300, 1000),
) -> tuple[Pairs, Pairs, Pairs]:
    """Return pairs of a picture and a sound of the same digit, to train, to choose and to test.

    No voice and no block of pictures is in two of the three parts (`audit_pairs` looks). The
    handwriting names no writers: the blocks are contiguous stretches of its table, and writers
    by approximation only (see `handwritten_digits`).

    Batches hold ``{"audio": [batch, 6400], "image": [batch, 1, 8, 8]}``: 0.8 s of samples at
    8000 Hz, which `augment.ToSpectrogram` turns into pictures, and handwriting from 0 to 1.

    Args:
        seed: of the split and of the pairs.
        sounds: spoken digits, labelled "0" to "9". Default: eSpeak's English voices, which are
            synthetic; `fsdd` has real ones.
        sizes: rows of the three parts.
    Raises:
        ValueError: if the sounds have fewer than 3 voices, or a digit is missing in a part.
    Lesson: 13_fusion

    >>> train, valid, test = seen_and_heard(seed=0)
    >>> train.select([0, 1])
    Batch(2 items, audio [2, 6400], image [2, 1, 8, 8])
    >>> set(train.groups_of("audio")) & set(test.groups_of("audio"))
    set()
    """
    said = list(synthetic_digits(language="en") if sounds is None else sounds)
    written = list(handwritten_digits())
    heard_parts = _three_parts([one.group for one in said], seed)
    seen_parts = _three_parts([one.group for one in written], seed)
    parts = []
    for number, (heard, seen, n) in enumerate(zip(heard_parts, seen_parts, sizes, strict=True)):
        senses: dict[str, Source] = {
            "audio": load_sounds(
                [said[place] for place in heard], sample_rate=RATE, classes=CLASSES, seconds=SECONDS
            ),
            "image": pictures_of([written[place] for place in seen]),
        }
        parts.append(pair(senses, n=n, seed=3 * seed + number))
    train, valid, test = parts
    for one, other in ((train, valid), (train, test), (valid, test)):
        audit_pairs(one, other)
    return train, valid, test


def _three_parts(groups: Sequence[str], seed: int) -> tuple[list[int], list[int], list[int]]:
    """Return the places that train (about 60 %), choose (15 %) and test (25 %), by whole groups."""
    if len(set(groups)) < 3:
        raise ValueError(f"three parts need at least 3 groups, got {len(set(groups))}")
    outer = group_split(groups, test_share=0.25, seed=seed)
    inner = group_split([groups[place] for place in outer.train], test_share=0.2, seed=seed)
    return (
        [outer.train[place] for place in inner.train],
        [outer.train[place] for place in inner.test],
        list(outer.test),
    )
