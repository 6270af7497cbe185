"""What a joint representation is trained for: drawing one sense from the other, or finding it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models.joint import BimodalAutoencoder
from avtutor.models.towers import PairNet, Towers, info_nce
from avtutor.training.objectives import Log


@dataclass(frozen=True)
class Reconstruction:
    """Every sense is to be reconstructed, while in training one or the other is not given.

    The model is a `models.BimodalAutoencoder`. The loss of a sense is the share of what varies in
    it that is not explained: squared errors as a share of the squared distances from the batch's
    mean. A decoder that always draws the mean gets 1, whatever the units. Logged as
    ``audio/error``, ``image/error``.

    Args:
        share: of the items that lose a sense in training, by its name; together at most 1. In
            eval mode nothing is taken away.
    Raises:
        ValueError: if a share is negative, all together are above 1, or the batch lacks a sense.
    Source: Ngiam et al. 2011, section 3.3 (a third of the items each: audio alone, video alone,
        both).
    Lesson: 15_joint_representation

    >>> Reconstruction().share["audio"]
    0.3333333333333333
    """

    share: Mapping[str, float] = field(default_factory=lambda: {"audio": 1 / 3, "image": 1 / 3})

    def __post_init__(self) -> None:
        shares = {name: float(share) for name, share in self.share.items()}
        if not all(s >= 0 for s in shares.values()) or not sum(shares.values()) <= 1 + 1e-9:
            raise ValueError(f"share must be 0 or more, together at most 1, got {shares}")
        object.__setattr__(self, "share", shares)

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the mean over the senses of the shares that are not explained."""
        net = _inner(model, BimodalAutoencoder)
        _check_senses(net.senses, batch)
        inputs = {name: batch.inputs[name] for name in net.senses}
        lengths = {name: batch.lengths[name] for name in net.senses}
        present = {name: batch.present[name] for name in net.senses}
        given = self._thinned(present) if model.training else present
        found = model(inputs, lengths=lengths, present=given)
        log, losses = {}, []
        for name, target in inputs.items():
            there = present[name]  # what an item never had cannot be asked for
            if bool(there.any()):
                losses.append(unexplained(found.reconstructions[name][there], target[there]))
                log[f"{name}/error"] = losses[-1].detach()
        return torch.stack(losses).mean(), log

    def _thinned(self, present: Mapping[str, Tensor]) -> dict[str, Tensor]:
        there = torch.stack(list(present.values())).sum(dim=0)
        drawn, low = torch.rand(len(there)).to(there.device), 0.0
        thinned = dict(present)
        for name, share in self.share.items():
            if name not in present:
                raise ValueError(f"share names {name!r}, the model has {sorted(present)}")
            lost = (drawn >= low) & (drawn < low + share) & (there > 1)
            thinned[name] = present[name] & ~lost
            low += share
        return thinned


def unexplained(found: Tensor, target: Tensor) -> Tensor:
    """Return the squared errors as a share of the squared distances from the mean item.

    >>> target = torch.tensor([[0.0, 5.0], [2.0, 5.0]])
    >>> unexplained(target.mean(dim=0).expand(2, 2), target)
    tensor(1.)
    """
    varies = (target - target.mean(dim=0)).square().sum()
    return (found - target).square().sum() / varies.clamp(min=1e-8)


@dataclass(frozen=True)
class Contrastive:
    """InfoNCE both ways: each item's own partner among those of all items of the batch.

    The model is `models.Towers` of two senses. Logged: ``accuracy`` (the own partner is the
    nearest, both ways averaged; of a batch, so it says little without its size) and
    ``temperature``.

    Args:
        same_label: what becomes of other items with the label of an item: ``"apart"``, wrong
            answers like all others, or ``"left out"``. With labels that are classes, pairs of
            one class differ in nothing that both senses know: leave them out.
    Raises:
        ValueError: if `same_label` is neither, or the batch lacks a sense of the model.
    Source: Radford et al. 2021, figure 3.
    Lesson: 15_joint_representation

    >>> Contrastive().same_label
    'left out'
    """

    same_label: str = "left out"

    def __post_init__(self) -> None:
        if self.same_label not in ("apart", "left out"):
            raise ValueError(f"same_label must be 'apart' or 'left out', got {self.same_label!r}")

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the loss of the batch, and what to log."""
        net = _inner(model, Towers)
        _check_senses(net.senses, batch)
        found = model(
            {name: batch.inputs[name] for name in net.senses},
            lengths={name: batch.lengths[name] for name in net.senses},
        )
        first, second = (found[name] for name in net.senses)
        same = None
        if self.same_label == "left out":
            same = batch.labels[:, None] == batch.labels[None]
        loss = info_nce(first, second, scale=net.scale, same=same)
        with torch.no_grad():
            scores = first @ second.T
            if same is not None:
                scores = scores.masked_fill(same & ~torch.eye(len(same), dtype=torch.bool), -2.0)
            own = torch.arange(len(scores), device=scores.device)
            right = [(scores.argmax(dim=dim) == own).float().mean() for dim in (0, 1)]
        return loss, {
            "accuracy": torch.stack(right).mean(),
            "temperature": 1 / net.scale.detach(),
        }


@dataclass(frozen=True)
class BelongTogether:
    """A picture with its own sound, and with another item's: which is which?

    The model is a `models.PairNet`. Each item is asked with its own partner and with those of
    other items of the batch. Both kinds of pairs weigh the same, however many there are of each:
    guessing costs ``log(2)``, 0.693. Logged: ``accuracy``, the mean of both kinds, with chance
    at 0.5.

    Args:
        by_label: take the others from items with another label. Where the batch has too few, an
            item is asked with fewer.
        n_wrong: how many others. More of them cost little where the encoders cost most: each
            picture and each sound is encoded once.
    Raises:
        ValueError: if `n_wrong` is below 1; if the batch has fewer than two items, or lacks a
            sense of the model.
    Source: Arandjelović and Zisserman 2017, Look, listen and learn.
    Lesson: 15_joint_representation

    >>> BelongTogether().by_label
    True
    """

    by_label: bool = True
    n_wrong: int = 1

    def __post_init__(self) -> None:
        if self.n_wrong < 1:
            raise ValueError(f"n_wrong must be at least 1, got {self.n_wrong}")

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the loss of the batch, and the accuracy."""
        net = _inner(model, PairNet)
        _check_senses(net.towers.senses, batch)
        if len(batch) < 2:
            raise ValueError("a batch must have at least two items, so that there is a wrong pair")
        wrong, there = others(batch.labels, self.n_wrong, apart=self.by_label)
        own = torch.arange(len(batch), device=wrong.device)
        logits = model(batch.inputs, torch.cat([own[:, None], wrong], dim=1), lengths=batch.lengths)
        positive, negative = logits[:, 0], logits[:, 1:][there]
        loss = nn.functional.softplus(-positive).mean()
        right = (positive.detach() > 0).float().mean()
        if bool(there.any()):
            loss = (loss + nn.functional.softplus(negative).mean()) / 2
            right = (right + (negative.detach() <= 0).float().mean()) / 2
        return loss, {"accuracy": right}


def others(labels: Tensor, n_others: int = 1, *, apart: bool = True) -> tuple[Tensor, Tensor]:
    """Return for each item some others of the batch, and which of them there were to take.

    Args:
        labels: of the items.
        n_others: how many; at most one less than there are items. None comes twice.
        apart: whether the others must have another label. Drawn evenly among those that may be,
            from PyTorch's generator.
    Returns:
        Their rows [item, other], and whether each may be used, [item, other].

    >>> others(torch.tensor([0, 1]))
    (tensor([[1],
            [0]]), tensor([[True],
            [True]]))
    """
    n = len(labels)
    allowed = ~torch.eye(n, dtype=torch.bool, device=labels.device)
    if apart:
        allowed = labels[:, None] != labels[None]
    draws = torch.rand(n, n).to(labels.device).masked_fill(~allowed, -1.0)
    drawn = draws.topk(min(n_others, n - 1), dim=1)
    return drawn.indices, drawn.values >= 0


def _inner(model: nn.Module, kind: type) -> Any:
    """Return the model, out of what `fit` wraps around it.

    Raises:
        TypeError: if it is not of this kind.
    """
    inner = getattr(model, "module", model)
    if not isinstance(inner, kind):
        raise TypeError(f"the model must be of type {kind.__name__}, got {type(inner).__name__}")
    return inner


def _check_senses(senses: tuple[str, ...], batch: Batch) -> None:
    if missing := [name for name in senses if name not in batch.inputs]:
        raise ValueError(f"the batch has no {missing}, it has {sorted(batch.inputs)}")
