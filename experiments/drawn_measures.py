"""How drawn digits are measured: what two readers read in them, how they vary, what they copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.metrics import Interval, accuracy_by_group, confusion, t_interval
from avtutor.models import LeNet

N_DIGITS, N_DRAWS = 10, 10


class Draws(Protocol):
    """A generator, as far as it is used here."""

    def draw(
        self, sounds: Tensor, lengths: Tensor | None = None, *, generator: torch.Generator
    ) -> Tensor:
        """Return one picture a sound."""
        ...


def share(hits: Tensor) -> float:
    """Return the share of True, as it is stored."""
    return round(float(hits.double().mean()), 4)


def stated(interval: Interval) -> dict[str, float]:
    """Return an interval as it is stored."""
    ends = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    return {**{name: round(value, 4) for name, value in ends.items()}, "n": interval.n}


@torch.no_grad()
def draws(net: Draws, batches: Sequence[Batch], n: int, *, seed: int) -> Tensor:
    """Return pictures drawn for sounds, [draw, sound, 1, 8, 8]."""
    generator = torch.Generator().manual_seed(1000 + seed)
    made = [
        torch.stack(
            [
                net.draw(one.inputs["sound"], one.lengths["sound"], generator=generator)
                for _ in range(n)
            ]
        )
        for one in batches
    ]
    return torch.cat(made, dim=1)


@dataclass(frozen=True)
class Readers:
    """Two classifiers of pictures that know the training handwriting and no drawn picture.

    Args:
        first: a LeNet.
        second: a support vector machine: nothing in it is like a part of a generator.
    """

    first: LeNet
    second: SVC

    @torch.no_grad()
    def read(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the digit that the first one reads in each picture, and how sure it is."""
        sure, digit = self.first(pictures.flatten(0, -4)).softmax(dim=1).max(dim=1)
        return digit.view(pictures.shape[:-3]), sure.view(pictures.shape[:-3])

    def read_again(self, pictures: Tensor) -> Tensor:
        """Return the digit that the second one reads in each picture."""
        found = self.second.predict(pictures.flatten(0, -4).flatten(1).numpy())
        return torch.from_numpy(found).view(pictures.shape[:-3])


def second_reader(pictures: Batch) -> SVC:
    """Return the second reader, trained."""
    return SVC(C=10.0).fit(pictures.inputs["image"].flatten(1).numpy(), pictures.labels.numpy())


def agreement(read: Tensor) -> Tensor:
    """Return the share of a sound's draws that are read as what most of them are, [sound]."""
    votes = nn.functional.one_hot(read, N_DIGITS).double().mean(dim=0)
    return votes.amax(dim=1)


@torch.no_grad()
def probabilities(net: nn.Module, batches: Sequence[Batch]) -> Tensor:
    """Return what the recogniser holds of each sound, [sound, digit]."""
    return torch.cat(
        [net(one.inputs["sound"], one.lengths["sound"]).softmax(dim=1) for one in batches]
    )


def labels_of(batches: Sequence[Batch]) -> Tensor:
    """Return the digits that were said."""
    return torch.cat([one.labels for one in batches])


def groups_of(batches: Sequence[Batch]) -> list[str]:
    """Return whose voice said each."""
    return [group for one in batches for group in one.groups]


def by_voice(found: Tensor, labels: Tensor, voices: Sequence[str]) -> dict[str, Any]:
    """Return the accuracy, [draw, sound] or [sound], by voice, with the interval over voices."""
    n = len(found) if found.ndim == 2 else 1
    values = accuracy_by_group(found.flatten(), labels.repeat(n), list(voices) * n)
    return {
        "accuracy": share(found == labels),
        "interval": stated(t_interval(list(values.values()))),
        "by voice": {voice: round(value, 4) for voice, value in values.items()},
    }


def row(
    pictures: Tensor,
    heard: Tensor,
    real: dict[str, Tensor],
    readers: Readers,
    batches: Sequence[Batch],
) -> dict[str, Any]:
    """Return the row of one set of voices.

    Args:
        pictures: drawn, [draw, sound, 1, 8, 8].
        heard: what the recogniser holds of the sounds.
        real: by where they are from, real pictures of the digits that were recognised, as many.
        readers: what reads them.
        batches: the sounds.
    """
    labels, voices = labels_of(batches), groups_of(batches)
    read, sure = readers.read(pictures)
    most = nn.functional.one_hot(read, N_DIGITS).sum(dim=0).argmax(dim=1)
    named = heard.argmax(dim=1)
    return {
        "sounds": len(labels),
        "draws": len(pictures),
        "drawn": by_voice(read, labels, voices),
        "drawn, second reader": share(readers.read_again(pictures) == labels),
        "most of the draws": share(most == labels),
        "recogniser": by_voice(named, labels, voices),
        "recogniser and a real picture": {
            name: share(readers.read(some)[0] == labels) for name, some in real.items()
        },
        "read as recognised": share(read == named),
        "reader's confidence": round(float(sure.mean()), 4),
        "draws agree": round(float(agreement(read).mean()), 4),
        "confusion": confusion(
            read.flatten(), labels.repeat(len(read)), n_classes=N_DIGITS
        ).tolist(),
        "recogniser's confusion": confusion(named, labels, n_classes=N_DIGITS).tolist(),
    }


def quantiles(values: Tensor) -> dict[str, float]:
    """Return three quantiles, by name."""
    levels = torch.tensor([0.05, 0.5, 0.95], dtype=values.dtype)
    found = values.quantile(levels).tolist()
    return {
        name: round(value, 4) for name, value in zip(("5 %", "50 %", "95 %"), found, strict=True)
    }


def nearest(pictures: Tensor, others: Tensor, *, same: bool = False) -> Tensor:
    """Return the distance of each picture to the nearest of others; to another one, if the same."""
    apart = torch.cdist(pictures.flatten(1), others.flatten(1))
    if same:
        apart.fill_diagonal_(torch.inf)
    return apart.amin(dim=1)


def variety(pictures: Tensor) -> Tensor:
    """Return the variance of the first axis, a mean over pixels."""
    return pictures.var(dim=0).flatten(-3).mean(dim=-1)


def told_apart(ones: Tensor, others: Tensor) -> float:
    """Return how often a classifier tells one kind of pictures from another; chance is a half."""
    n = min(len(ones), len(others))
    x = torch.cat([ones[:n], others[:n]]).flatten(1).numpy()
    y = torch.arange(2).repeat_interleave(n).numpy()
    return round(float(cross_val_score(SVC(C=10.0), x, y, cv=5).mean()), 4)


def likeness(pictures: Tensor, labels: Tensor, train: Batch, new: Batch) -> dict[str, Any]:
    """Return how near drawn pictures are to those learned from, and how they vary.

    Args:
        pictures: drawn, [draw, sound, 1, 8, 8].
        labels: the digit that was said.
        train: the handwriting that the generator has learned from.
        new: handwriting that it has not.
    """
    known, unseen = train.inputs["image"], new.inputs["image"]
    between = nearest(known, known, same=True)
    one = nearest(pictures[0], known)
    order = torch.randperm(len(unseen), generator=torch.Generator().manual_seed(0))
    drawn = variety(pictures)
    varied = {
        digit: (
            round(float(drawn[labels == digit].mean()), 4),
            round(float(variety(unseen[new.labels == digit])), 4),
        )
        for digit in range(N_DIGITS)
    }
    means = torch.tensor(list(varied.values())).mean(dim=0)
    return {
        "drawn to training": quantiles(one),
        "unseen to training": quantiles(nearest(unseen, known)),
        "training to another of training": quantiles(between),
        "drawn nearer than 5 % of training": share(one < between.quantile(0.05)),
        "variance": {str(digit): {"drawn": a, "real": b} for digit, (a, b) in varied.items()},
        "variance, drawn to real": round(float(means[0] / means[1]), 4),
        "told apart": {
            "drawn from unseen": told_apart(pictures[0], unseen[order]),
            "training from unseen": told_apart(known[: len(unseen)], unseen[order]),
        },
    }
