"""On-the-fly gradient modulation: the sense that is ahead is slowed down."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training.objectives import Log, Objective
from avtutor.training.senses import after_backward, fusion_net_of


def modulation_factors(scores: Mapping[str, float], *, alpha: float) -> dict[str, float]:
    """Return by what the gradient of each sense's encoder is multiplied.

    With the ratio of a sense's score to the mean of the others' it is ``1 - tanh(alpha·ratio)``
    where the ratio is above 1, else 1: only a sense that is ahead is slowed down.

    Args:
        scores: of each sense: the mean probability that it alone gives to the right class.
        alpha: how strongly, 0 or more.
    Source: Peng, Wei, Deng, Wang and Hu 2022, equations 8 to 10, with two senses.
    Lesson: 14_training_two_senses

    >>> found = modulation_factors({"audio": 0.6, "image": 0.3}, alpha=0.5)
    >>> round(found["audio"], 3), found["image"]
    (0.238, 1.0)
    """
    if not 0 <= alpha < math.inf:
        raise ValueError(f"alpha must be 0 or more and finite, got {alpha}")
    if len(scores) < 2 or not all(score > 0 for score in scores.values()):
        raise ValueError(f"scores must be of two senses or more, each above 0, got {dict(scores)}")
    total, others = sum(scores.values()), len(scores) - 1
    found = {}
    for name, score in scores.items():
        ratio = score * others / (total - score)
        found[name] = 1 - math.tanh(alpha * ratio) if ratio > 1 else 1.0
    return found


@dataclass(frozen=True)
class GradientModulation:
    """Scales the gradients of the encoders as OGM-GE does, and makes up for it with noise.

    How far a sense is, is the mean probability that the joint head gives to the right class when
    it is shown the features of that sense alone, and zeros for the others. On a linear head
    behind a concatenation that is the score of the paper, with the bias shared out evenly.
    Logged while training: ``audio/coefficient`` and ``audio/score`` for each sense.

    Args:
        objective: what gives the loss.
        alpha: how strongly the sense that is ahead is slowed down.
        noise: whether Gaussian noise is added to each weight matrix and filter of an encoder, with
            the standard deviation of its gradient (the GE of the name).
    Raises:
        ValueError: if `alpha` is negative, labels are not class numbers, or an encoder has no
            weights, as those of an early fusion.
    Source: Peng, Wei, Deng, Wang and Hu 2022, Balanced multimodal learning via on-the-fly gradient
        modulation, algorithm 1. The authors' program alters the filters of convolutions only;
        here all weights of the encoders are.
    Lesson: 14_training_two_senses

    >>> from avtutor.training import SensesClassification
    >>> GradientModulation(SensesClassification(), alpha=0.3).noise
    True
    """

    objective: Objective
    alpha: float = 0.1
    noise: bool = True
    _last: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.alpha < math.inf:
            raise ValueError(f"alpha must be 0 or more and finite, got {self.alpha}")

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Log]:
        """Return what the objective says; in training also take down how far each sense is."""
        if not model.training:
            return self.objective(model, batch)
        net = fusion_net_of(model)
        if batch.labels.ndim != 1 or batch.labels.is_floating_point():
            raise ValueError(f"labels must be class numbers, got {list(batch.labels.shape)}")
        if bare := [name for name in net.encoders if not list(net.encoders[name].parameters())]:
            raise ValueError(f"each encoder must have weights, those of {bare} have none")
        seen: dict[str, Any] = {}

        def keep(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            values = [*given, *named.values()]
            seen["features"], seen["present"] = values[0], values[1]

        handle = net.fusion.register_forward_pre_hook(keep, with_kwargs=True)
        try:
            loss, log = self.objective(model, batch)
        finally:
            handle.remove()
        scores = scores_alone(net, seen["features"], seen["present"], batch.labels)
        self._last.clear()
        self._last.update(scores)
        return loss, {**log, **{f"{name}/score": value for name, value in scores.items()}}

    def after_backward(self, model: nn.Module) -> Log:
        """Scale the gradients of each encoder, add the noise, and return the coefficients."""
        log = dict(after_backward(self.objective, model))
        net = fusion_net_of(model)
        for name, factor in modulation_factors(self._last, alpha=self.alpha).items():
            log[f"{name}/coefficient"] = factor
            for weight in net.encoders[name].parameters():
                if weight.grad is None:
                    continue
                spread = weight.grad.std() if self.noise and weight.ndim >= 2 else None
                weight.grad.mul_(factor)
                if spread is not None and weight.numel() > 1:
                    weight.grad.add_(spread * torch.randn_like(weight.grad))
        return log


@torch.no_grad()
def scores_alone(
    net: Any, features: Mapping[str, Tensor], present: Mapping[str, Tensor], labels: Tensor
) -> dict[str, float]:
    """Return the mean probability of the right class, from the features of each sense alone.

    Args:
        net: a FusionNet; its fusion and head are run without dropout, and left as they were.
        features: of each sense, [batch, ...].
        present: which items have it; the mean is over these, and a guess where none has.
        labels: the right classes.
    """
    parts = (net.fusion, net.head)
    modes = [part.training for part in parts]
    found, guess = {}, 1.0
    for part in parts:
        part.eval()
    try:
        for name in features:
            rows = present[name]
            if not bool(rows.any()):
                continue
            alone = {
                other: (values if other == name else torch.zeros_like(values))[rows]
                for other, values in features.items()
            }
            here = {other: torch.full_like(rows[rows], other == name) for other in features}
            logits = net.head(net.fusion(alone, here))
            bias = _bias_of(net.head)
            if bias is not None:
                logits = logits - bias * (1 - 1 / len(features))
            shares = logits.softmax(dim=1).gather(1, labels[rows][:, None])
            found[name], guess = max(float(shares.mean()), 1e-6), 1 / logits.shape[1]
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.train(mode)
    return {name: found.get(name, guess) for name in features}


def _bias_of(head: nn.Module) -> Tensor | None:
    """Return the bias of a linear head, with dropout before it or not; None for other heads."""
    layers = list(head) if isinstance(head, nn.Sequential) else [head]
    last = layers[-1] if layers else None
    if isinstance(last, nn.Linear) and all(isinstance(one, nn.Dropout) for one in layers[:-1]):
        return last.bias
    return None
