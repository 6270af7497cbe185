"""MultiBench's late fusion and gradient blending, written after the papers.

MultiBench is not on the Python Package Index. Nothing here comes from avtutor but what both sides
of a comparison share: loader, optimiser and schedule.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training import Minibatches, TrainConfig, learning_rate_at
from experiments.training_two import BATCH, EPOCHS, SENSES, Parts

HIDDEN = 100
"""Of the heads, as in MultiBench's digits seen and heard (AV-MNIST)."""

HEAD_EPOCHS, HEAD_RATE = 5, 1e-3
"""Of gradient blending: how the head alone is trained after each super-epoch."""


class LateFusion(nn.Module):
    """Features side by side, and on them two dense layers: MultiBench's late fusion.

    Source: Liang et al. 2021, MultiBench; its AV-MNIST has a head of 100 hidden values.
    """

    def __init__(self, encoders: nn.ModuleDict) -> None:
        super().__init__()
        self.encoders = encoders
        self.sizes = {sense: int(encoders[sense].n_features) for sense in SENSES}  # type: ignore[arg-type]
        self.head = mlp(sum(self.sizes.values()))

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        """Return the logits of features."""
        logits: Tensor = self.head(torch.cat([features[sense] for sense in SENSES], dim=1))
        return logits

    def features(self, batch: Batch) -> dict[str, Tensor]:
        """Return what each encoder makes of its input."""
        return {sense: self.encoders[sense](batch.inputs[sense]) for sense in SENSES}


def mlp(n_features: int) -> nn.Module:
    """Return a head of MultiBench's."""
    return nn.Sequential(nn.Linear(n_features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))


def joint_loss(model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss of a `LateFusion`: an objective for `fit`."""
    inner: Any = getattr(model, "module", model)
    logits = inner(inner.features(batch))
    right = (logits.argmax(dim=1) == batch.labels).float().mean()
    return nn.functional.cross_entropy(logits, batch.labels), {"accuracy": right}


class Blended(nn.Module):
    """A `LateFusion` with a head of its own for each sense, for gradient blending."""

    def __init__(self, encoders: nn.ModuleDict) -> None:
        super().__init__()
        self.joint = LateFusion(encoders)
        sizes = self.joint.sizes
        self.heads = nn.ModuleDict({sense: mlp(sizes[sense]) for sense in SENSES})

    def losses(self, batch: Batch, names: tuple[str, ...]) -> dict[str, Tensor]:
        """Return the losses of some of "audio", "image" and "joint"."""
        need = SENSES if "joint" in names else names
        features = {s: self.joint.encoders[s](batch.inputs[s]) for s in need}
        logits = {s: self.heads[s](features[s]) for s in SENSES if s in names}
        if "joint" in names:
            logits["joint"] = self.joint(features)
        return {name: nn.functional.cross_entropy(logits[name], batch.labels) for name in names}


def blend_weight(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Return ``G / O**2`` from (training loss, validation loss) before and after.

    G is by how much the validation loss fell, O by how much the gap between the two grew. Less
    than 0.01 of overfitting counts as 0.01; where nothing was generalised, the weight is 0.

    Source: Wang, Tran and Feiszli 2020, What makes training multi-modal classification networks
        hard?, algorithms 1 and 2.
    """
    generalised = before[1] - after[1]
    overfitted = (after[1] - after[0]) - (before[1] - before[0])
    return float(max(generalised, 0.0) / max(abs(overfitted), 0.01) ** 2)


ALL = (*SENSES, "joint")


class Blending:
    """Gradient blending: weights for each super-epoch, and the head alone after it.

    As in MultiBench, each loss is first trained alone for a super-epoch, on copies; what it then
    overfits and generalises gives its weight. The losses on both sides are measured in eval mode.
    A super-epoch of all passes is the offline algorithm of the source, a shorter one the online
    algorithm. The copies are extra work, given on top of the budget; the validation side serves
    for the weights too, where MultiBench sets a part of the training side aside. Kept is what is
    most often right there: the net after any pass, or one whose head was trained on.
    """

    def __init__(self, data: Parts, *, rate: float, seed: int, super_epoch: int) -> None:
        self.data, self.super_epoch = data, super_epoch
        self.loader = Minibatches(data[0], batch_size=BATCH, shuffle_seed=seed)
        self.config = TrainConfig(epochs=EPOCHS, learning_rate=rate)
        self.best: LateFusion | None = None
        self.most = -1.0

    def train(
        self, model: Blended, weights: dict[str, float], first: int, *, keep: bool = False
    ) -> None:
        """Train a sum of losses for a super-epoch from pass `first` on, at the rates of then."""
        names = tuple(name for name, weight in weights.items() if weight)
        n_batches = len(self.loader)
        optimizer = torch.optim.AdamW(model.parameters(), weight_decay=self.config.weight_decay)
        for epoch in range(first, first + self.super_epoch):
            self.loader.set_epoch(epoch)
            model.train()
            for number, batch in enumerate(self.loader):
                step = epoch * n_batches + number
                rate = learning_rate_at(step, n_batches * EPOCHS, self.config)
                optimizer.param_groups[0]["lr"] = rate
                losses = model.losses(batch, names)
                optimizer.zero_grad()
                total = torch.stack([weights[name] * losses[name] for name in names]).sum()
                total.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            if keep:
                self.keep(model.joint)

    def keep(self, net: LateFusion) -> None:
        """Keep a net if none was more often right on the validation side."""
        _, right = judged(net, self.data[1])
        if right > self.most:
            self.best, self.most = copy.deepcopy(net), right

    @torch.no_grad()
    def measured(self, model: Blended, name: str) -> tuple[float, float]:
        """Return one loss on the training and on the validation side."""
        model.eval()
        found = [float(model.losses(side, (name,))[name]) for side in self.data[:2]]
        return found[0], found[1]

    def weights(self, model: Blended, first: int) -> dict[str, float]:
        """Return the weights for the super-epoch that begins at pass `first`."""
        found = {}
        for name in ALL:
            copied = copy.deepcopy(model)
            before = self.measured(copied, name)
            self.train(copied, {name: 1.0}, first)
            found[name] = blend_weight(before, self.measured(copied, name))
        total = sum(found.values())
        if not total:
            return dict.fromkeys(ALL, 1 / len(ALL))
        return {name: weight / total for name, weight in found.items()}

    def tuned_head(self, model: Blended) -> LateFusion:
        """Return the joint net with its head trained on, the encoders left as they are."""
        net = copy.deepcopy(model.joint).eval()
        optimizer = torch.optim.AdamW(net.head.parameters(), lr=HEAD_RATE)
        with torch.no_grad():
            features = net.features(self.data[0])
        for _ in range(HEAD_EPOCHS):
            for rows in torch.split(torch.randperm(len(self.data[0])), BATCH):
                logits = net({sense: values[rows] for sense, values in features.items()})
                loss = nn.functional.cross_entropy(logits, self.data[0].labels[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
        return net

    def __call__(self, model: Blended) -> tuple[LateFusion, list[dict[str, float]]]:
        """Train; return the best net, and the weights of all losses in each super-epoch."""
        used = []
        for first in range(0, EPOCHS, self.super_epoch):
            used.append(self.weights(model, first))
            self.train(model, used[-1], first, keep=True)
            self.keep(self.tuned_head(model))
        return self.best or model.joint, used


@torch.no_grad()
def judged(net: nn.Module, side: Batch) -> tuple[float, float]:
    """Return the loss and the accuracy of a net of either kind."""
    net.eval()
    if isinstance(net, LateFusion):
        logits = net(net.features(side))
    else:
        logits = net({sense: side.inputs[sense] for sense in net.senses})  # type: ignore[union-attr]
    right = (logits.argmax(dim=1) == side.labels).double().mean()
    return float(nn.functional.cross_entropy(logits, side.labels)), float(right)
