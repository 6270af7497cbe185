"""Training for several senses: a loss for all together, one for each alone, and senses left out."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training.objectives import Log, Objective


@dataclass(frozen=True)
class SensesClassification:
    """Cross-entropy of one class, named by all senses together and by each through its own head.

    The model is a `models.FusionNet`. Of the joint logits ``joint/loss`` and ``accuracy`` are
    logged; of each sense's own head, where the model has them, ``audio/loss`` and
    ``audio/accuracy``; while training also ``audio/gradient``, the length of the gradient in the
    encoder of that sense, as it comes from the loss.

    A head judges only the items that have its sense. Where none of a batch has, its loss is that
    of guessing, without a gradient.

    Args:
        weights: of the losses in their sum: of ``"joint"``, and of each sense's head by the name
            of the sense. What is not named has weight 0: its head is judged, and the encoder
            learns nothing from it.
        senses: the inputs that the model is given; None gives it all that the batch has. A net
            of one sense, trained on a batch of two, needs it.
        label_smoothing: this share of each label is spread over all classes, in training only.
    Raises:
        ValueError: if a weight is negative or not finite, or none is above 0; if the model has
            no head for a sense that has a weight, or the batch lacks one of `senses`.
    Source: Wang, Tran and Feiszli 2020, equation 2 (a loss for each sense beside the joint one).
    Lesson: 14_training_two_senses

    >>> SensesClassification({"joint": 1.0, "audio": 0.5, "image": 0.5}).weights["audio"]
    0.5
    """

    weights: Mapping[str, float] = field(default_factory=lambda: {"joint": 1.0})
    senses: tuple[str, ...] | None = None
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= weight < float("inf") for weight in self.weights.values()):
            raise ValueError(f"weights must be 0 or more and finite, got {dict(self.weights)}")
        if not any(self.weights.values()):
            raise ValueError(f"weights must have one above 0, got {dict(self.weights)}")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"label_smoothing must be in [0, 1), got {self.label_smoothing}")
        # Its own dict, so that the text which names it in a checkpoint is always alike.
        object.__setattr__(self, "weights", {k: float(v) for k, v in self.weights.items()})

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return the weighted sum of the losses, and what to log."""
        net = fusion_net_of(model)
        own = tuple(net.sense_heads)
        known = ("joint", *own)
        if unknown := sorted(k for k, w in self.weights.items() if w and k not in known):
            raise ValueError(f"weights name {unknown}, the model has {list(known)}")
        inputs, present = self._given(batch)
        lengths = {name: batch.lengths[name] for name in inputs}
        logits = {}
        if own:
            joint, logits = model(inputs, lengths=lengths, present=present, per_sense=True)
        else:
            joint = model(inputs, lengths=lengths, present=present)
        smoothing = self.label_smoothing if model.training else 0.0
        losses = {
            "joint": nn.functional.cross_entropy(joint, batch.labels, label_smoothing=smoothing)
        }
        log: dict[str, float | Tensor] = {"joint/loss": losses["joint"].detach()}
        log["accuracy"] = _right(joint, batch.labels).mean()
        for name, values in logits.items():
            losses[name], log[f"{name}/accuracy"] = _judged(
                values, batch.labels, present.get(name), smoothing
            )
            log[f"{name}/loss"] = losses[name].detach()
        used = [self.weights[name] * losses[name] for name in losses if self.weights.get(name)]
        return torch.stack(used).sum(), log

    def after_backward(self, model: nn.Module) -> Log:
        """Return the length of the gradient in each encoder."""
        encoders = fusion_net_of(model).encoders
        return {f"{name}/gradient": gradient_norm(encoders[name]) for name in encoders}

    def _given(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the inputs that the model is given, and which items have them."""
        if self.senses is None:
            return dict(batch.inputs), dict(batch.present)
        if missing := [name for name in self.senses if name not in batch.inputs]:
            raise ValueError(f"the batch has no {missing}, it has {sorted(batch.inputs)}")
        return (
            {name: batch.inputs[name] for name in self.senses},
            {name: batch.present[name] for name in self.senses},
        )


@dataclass(frozen=True)
class ModalityDropout:
    """Leaves out a sense of some items, in training only, and never all that an item has.

    Each item loses at most one sense: with the chance that `share` gives to it, so that this
    share of the items is without it. An item that has only that one keeps it. In eval mode the
    batch goes on as it is.

    Args:
        objective: what is asked of the model then.
        share: of the items that lose a sense, by its name; together at most 1.
    Raises:
        ValueError: if a share is negative, all together are above 1, or the batch lacks a sense
            that is named.
    Source: Neverova, Wolf, Taylor and Nebout 2016 (ModDrop), where each is left out by itself.
    Lesson: 14_training_two_senses

    >>> batch = Batch(
    ...     inputs={"audio": torch.ones(4, 2), "image": torch.ones(4, 3)},
    ...     labels=torch.zeros(4, dtype=torch.int64),
    ...     groups=("a",) * 4,
    ... )
    >>> dropout = ModalityDropout(SensesClassification(), {"audio": 0.5, "image": 0.5})
    >>> found = dropout.thinned(batch).present
    >>> (found["audio"] ^ found["image"]).tolist()
    [True, True, True, True]
    """

    objective: Objective
    share: Mapping[str, float]

    def __post_init__(self) -> None:
        shares = list(self.share.values())
        if not all(share >= 0 for share in shares) or not sum(shares) <= 1 + 1e-9:
            raise ValueError(f"share must be 0 or more, together at most 1, got {dict(self.share)}")
        object.__setattr__(self, "share", {k: float(v) for k, v in self.share.items()})

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return what the objective says, in training of the batch with senses left out."""
        return self.objective(model, self.thinned(batch) if model.training else batch)

    def after_backward(self, model: nn.Module) -> Log:
        """Return what the objective does after the backward pass."""
        return after_backward(self.objective, model)

    def thinned(self, batch: Batch) -> Batch:
        """Return the batch with senses left out; what is drawn comes from PyTorch's generator."""
        if unknown := sorted(set(self.share) - set(batch.inputs)):
            raise ValueError(f"share names {unknown}, the batch has {sorted(batch.inputs)}")
        drawn = torch.rand(len(batch)).to(batch.labels.device)
        there = torch.stack(list(batch.present.values())).sum(dim=0)
        present, low = dict(batch.present), 0.0
        for name, share in self.share.items():
            lost = (drawn >= low) & (drawn < low + share) & (there > 1)
            present[name] = present[name] & ~lost
            low += share
        return dataclasses.replace(batch, present=present)


@dataclass(frozen=True)
class FrozenSenses:
    """Keeps the encoders of some senses as they are, running statistics of norms included.

    For encoders that were trained before, each alone: what is joined to them learns, they do not.

    Args:
        objective: what is asked of the model.
        senses: whose encoders are kept.
    Raises:
        ValueError: if the model has no encoder of that name.
    Lesson: 14_training_two_senses

    >>> FrozenSenses(SensesClassification(), ("audio",)).senses
    ('audio',)
    """

    objective: Objective
    senses: tuple[str, ...]

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return what the objective says, with these encoders in eval mode and no gradients."""
        if not model.training:
            return self.objective(model, batch)
        kept = self._encoders(model)
        for encoder in kept:
            encoder.eval()
            encoder.requires_grad_(False)
        try:
            return self.objective(model, batch)
        finally:
            # The graph of the loss is made, so that this comes too late for a gradient.
            for encoder in kept:
                encoder.requires_grad_(True)

    def after_backward(self, model: nn.Module) -> Log:
        """Return what the objective does after the backward pass; drop what it gave the frozen."""
        log = after_backward(self.objective, model)
        for encoder in self._encoders(model):
            encoder.zero_grad(set_to_none=True)
        return log

    def _encoders(self, model: nn.Module) -> list[nn.Module]:
        encoders = fusion_net_of(model).encoders
        if unknown := [name for name in self.senses if name not in encoders]:
            raise ValueError(f"senses names {unknown}, the model has {list(encoders)}")
        return [encoders[name] for name in self.senses]


def after_backward(objective: Objective, model: nn.Module) -> Log:
    """Return what an objective does after the backward pass; nothing where it has no such part."""
    part = getattr(objective, "after_backward", None)
    return {} if part is None else part(model)


def fusion_net_of(model: nn.Module) -> Any:
    """Return the FusionNet, out of what `fit` wraps around it.

    Raises:
        TypeError: if it is none.
    """
    inner = getattr(model, "module", model)
    if not all(hasattr(inner, part) for part in ("encoders", "fusion", "head", "sense_heads")):
        raise TypeError(f"the model must be a FusionNet, got {type(inner).__name__}")
    return inner


def gradient_norm(module: nn.Module) -> float:
    """Return the length of the gradient of all weights together, 0 where there is none.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> layer(torch.tensor([[3.0, 4.0]])).sum().backward()
    >>> gradient_norm(layer)
    5.0
    """
    found = [p.grad.norm() for p in module.parameters() if p.grad is not None]
    return float(torch.stack(found).norm()) if found else 0.0


def _right(logits: Tensor, labels: Tensor) -> Tensor:
    hard = labels if labels.ndim == 1 else labels.argmax(dim=1)
    return (logits.detach().argmax(dim=1) == hard).float()


def _judged(
    logits: Tensor, labels: Tensor, present: Tensor | None, smoothing: float
) -> tuple[Tensor, Tensor]:
    """Return the loss and the accuracy of a sense's head, over the items that have the sense."""
    if present is not None:
        logits, labels = logits[present], labels[present]
    if not len(logits):
        guess = 1 / torch.tensor(float(logits.shape[1]))
        return -guess.log().to(logits.device), guess
    loss = nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    return loss, _right(logits, labels).mean()
