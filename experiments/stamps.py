"""What the experiments of lesson 16 on real stamps share: towers for sounds and pictures, recall.

A picture that is called the same as another is a hit for what is asked for the other, and never a
wrong answer, in training and in test. How many pictures are searched stands beside each recall,
and what a random order would find. An interval is over names or recordings, each one value,
averaged over the seeds before: the items of one name do not count as several.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from PIL import Image
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from avtutor.augment import random_bend, random_stretch, spec_augment
from avtutor.batch import Batch
from avtutor.datasets import Stamp
from avtutor.metrics import first_right, recall_by_chance, t_interval
from avtutor.models import Towers, stamp_towers
from avtutor.models.sense_input import SenseConfig, picture_input
from avtutor.training import Contrastive, Prepared, SimilarLengths, TrainConfig, fit

KS = (1, 10)
AT_ONCE = 128
"""Items that are embedded together."""


def pictures_of(stamps: Iterable[Stamp], config: SenseConfig) -> Float[Tensor, "picture 3 h w"]:
    """Return the pictures as towers see them."""
    found = []
    for stamp in stamps:
        with Image.open(stamp.picture) as file:
            found.append(picture_input(file, config))
    return torch.stack(found)


def called(stamps: Sequence[Stamp], spoken: dict[str, int]) -> Int[Tensor, " picture"]:
    """Return a number for each picture: the same where name or recording are the same.

    Args:
        stamps: the pictures.
        spoken: of `name_words.same_name`: which pictures are called the same in some language.
    """
    root = list(range(len(stamps)))

    def top(row: int) -> int:
        while root[row] != row:
            row = root[row]
        return row

    first: dict[tuple[str, str], int] = {}
    for row, stamp in enumerate(stamps):
        plain = re.sub(r"^(an?|the) ", "", " ".join(re.findall(r"\w+", stamp.name.casefold())))
        signs = [("written", plain)]
        signs += [("spoken", str(spoken[stamp.key]))] if stamp.key in spoken else []
        signs += [("recording", stamp.recording)] if stamp.recording else []
        for sign in signs:
            root[top(row)] = top(first.setdefault(sign, row))
    return torch.tensor([top(row) for row in range(len(stamps))])


class Paired:
    """What is heard, each with its picture: data for `training.SimilarLengths`.

    Args:
        heard: levels [mel, frame], of any number of frames.
        pictures: all pictures.
        rows: for each sound the row of its picture.
        labels: for each sound its name's number.
    """

    def __init__(
        self,
        heard: Sequence[Tensor],
        pictures: Float[Tensor, "picture 3 h w"],
        rows: Sequence[int],
        labels: Sequence[int],
    ) -> None:
        self.heard, self.pictures = list(heard), pictures
        self.rows, self.labels = torch.tensor(rows), torch.tensor(labels)
        self.lengths = torch.tensor([levels.shape[1] for levels in self.heard])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.heard)

    def select(self, items: Tensor) -> Batch:
        """Return some of them, padded to one length."""
        return Batch(
            inputs={
                "audio": padded([self.heard[i] for i in items.tolist()]),
                "image": self.pictures[self.rows[items]],
            },
            lengths={"audio": self.lengths[items]},
            labels=self.labels[items],
            groups=[str(label) for label in self.labels[items].tolist()],
        )


def padded(heard: Sequence[Tensor]) -> Float[Tensor, "item mel frame"]:
    """Return levels [mel, frame] of different lengths as one tensor, zeros behind."""
    return pad_sequence([levels.T for levels in heard], batch_first=True).transpose(1, 2)


@dataclass(frozen=True)
class Altered:
    """A step for `training.Prepared`: another speed, another mouth, stripes hidden.

    Args:
        factor: smallest and largest stretch in time.
        bend: strength of the bend of the mel axis.
        max_bins: widest stripe of bands.
        max_frames: widest stripe of frames.
    """

    factor: tuple[float, float] = (0.8, 1.25)
    bend: float = 0.2
    max_bins: int = 4
    max_frames: int = 8

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with its sounds altered."""
        levels = random_bend(batch.inputs["audio"], bend=self.bend, generator=generator)
        levels, lengths = random_stretch(
            levels,
            factor=self.factor,
            bend=0.2,
            lengths=batch.lengths["audio"],
            fill=0.0,
            generator=generator,
        )
        levels = spec_augment(
            levels,
            max_bins=self.max_bins,
            max_frames=min(self.max_frames, levels.shape[-1]),
            fill=0.0,
            generator=generator,
        )
        return Batch(
            inputs={**batch.inputs, "audio": levels},
            lengths={"audio": lengths},
            labels=batch.labels,
            groups=batch.groups,
        )


def trained(
    data: Paired,
    *,
    seed: int,
    epochs: int,
    known: Tensor | None = None,
    batch_size: int = 96,
    learning_rate: float = 3e-3,
    altered: Altered | None = None,
) -> Towers:
    """Return towers that were trained on the pairs; the last epoch's, nothing is chosen.

    Args:
        data: the pairs.
        seed: of weights, order and alterations.
        epochs: passes over the pairs.
        known: the pictures that the eye's whitening is of, a sound or not; by default those of
            the pairs. What is to be new to the eye must not be among them.
        batch_size: pairs at a time; those of one name are no wrong answers to each other.
        learning_rate: of AdamW, one cycle.
        altered: what is done to the sounds of a batch.
    """
    torch.manual_seed(seed)
    seen = data.pictures[sorted(set(data.rows.tolist()))] if known is None else known
    towers = stamp_towers(seen, n_mels=data.heard[0].shape[0], n_components=min(96, len(seen) - 1))
    loader = SimilarLengths(data, batch_size=min(batch_size, len(data)), seed=seed)
    config = TrainConfig(epochs=epochs, learning_rate=learning_rate, seed=seed)
    steps = [] if altered is None else [altered]
    fit(towers, Prepared(loader, *steps, seed=seed), None, config, objective=Contrastive())
    return towers


@torch.no_grad()
def heard_as(towers: Towers, heard: Sequence[Tensor]) -> Float[Tensor, "item feature"]:
    """Return the embeddings of sounds, given as levels [mel, frame]."""
    found = []
    for start in range(0, len(heard), AT_ONCE):
        some = heard[start : start + AT_ONCE]
        lengths = torch.tensor([levels.shape[1] for levels in some])
        found.append(towers.eval().embed("audio", padded(some), lengths=lengths))
    return torch.cat(found)


@torch.no_grad()
def seen_as(towers: Towers, pictures: Tensor) -> Float[Tensor, "item feature"]:
    """Return the embeddings of pictures."""
    return towers.eval().embed("image", pictures)


def best_of(scores: Float[Tensor, "query item"], rows: Tensor, n: int) -> Tensor:
    """Return for each query the best score among the items of each of `n` pictures.

    Args:
        scores: of each query with each known sound.
        rows: the picture of each known sound. A picture without one comes last.
        n: how many pictures there are.
    """
    found = scores.new_full((len(scores), n), float("-inf"))
    return found.scatter_reduce(1, rows.expand(len(scores), -1), scores, "amax")


@dataclass(frozen=True)
class Found:
    """What a search found.

    Args:
        ranks: of the first right candidate, for each query.
        right: the right candidates of each query, [query, candidate].
        groups: for each query its name or recording.
    """

    ranks: Int[Tensor, " query"]
    right: Bool[Tensor, "query candidate"]
    groups: tuple[str, ...]

    @classmethod
    def of(
        cls, scores: Tensor, queries: Tensor, candidates: Tensor, groups: Iterable[Any]
    ) -> "Found":
        """Return what scores [query, candidate] find, where equal labels are right."""
        right = queries[:, None] == candidates[None]
        return cls(first_right(scores, right), right, tuple(str(group) for group in groups))

    def only(self, these: Sequence[bool]) -> "Found":
        """Return the part for some of the queries."""
        keep = torch.tensor(list(these))
        groups = tuple(g for g, kept in zip(self.groups, these, strict=True) if kept)
        return Found(self.ranks[keep], self.right[keep], groups)

    def __len__(self) -> int:
        """Return how many queries there were."""
        return len(self.ranks)


def summary(found: Sequence[Found]) -> dict[str, Any]:
    """Return recall@1 and @10 over the runs, beside chance, with the interval over the groups.

    Args:
        found: one a seed, or a seed and a fold: each a run of its own. The queries are counted
            over all of them.
    """
    table: dict[str, Any] = {
        "queries": sum(len(part) for part in found),
        "gallery": found[0].right.shape[1],
        "runs": len(found),
    }
    for k in KS:
        hits: dict[str, list[float]] = {}
        for part in found:
            for group, rank in zip(part.groups, part.ranks.tolist(), strict=True):
                hits.setdefault(group, []).append(float(rank <= k))
        interval = t_interval([sum(some) / len(some) for some in hits.values()])
        total = sum(len(part) for part in found)
        recall = sum(int((part.ranks <= k).sum()) for part in found) / total
        chance = sum(recall_by_chance(part.right, k=k) * len(part) for part in found) / total
        table[f"recall@{k}"] = round(recall, 4)
        table[f"chance@{k}"] = round(chance, 4)
        table[f"times chance@{k}"] = round(recall / chance, 2)
        table[f"interval@{k}"] = [round(interval.low, 4), round(interval.high, 4)]
        table[f"each@{k}"] = [round(float((p.ranks <= k).double().mean()), 4) for p in found]
    table["groups"] = len(hits)
    return table
