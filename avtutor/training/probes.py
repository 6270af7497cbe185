"""Linear probes: what can be read, by one linear layer, from the features of an encoder."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.training.loading import Loader
from avtutor.training.senses import fusion_net_of


@dataclass(frozen=True)
class LinearProbe:
    """A linear classifier in closed form: a ridge regression on the classes, one column each.

    Args:
        weights: [feature, class].
        bias: [class].
    """

    weights: Float[Tensor, "feature class"] = field(repr=False)
    bias: Float[Tensor, " class"] = field(repr=False)

    @classmethod
    def fitted(
        cls,
        features: Float[Tensor, "item feature"],
        labels: Int[Tensor, " item"],
        *,
        n_classes: int,
        strength: float = 1.0,
    ) -> "LinearProbe":
        """Return the probe that fits these features, each scaled to standard deviation 1.

        Args:
            features: of a frozen encoder.
            labels: the class of each item.
            n_classes: how many there are.
            strength: of the ridge: how strongly the squares of the weights are held down.
        Raises:
            ValueError: if `strength` is not above 0, labels are not below `n_classes`, or there
                are not as many as items.
        Source: Alain and Bengio 2017 (probes); Hoerl and Kennard 1970 (ridge regression).
        Lesson: 14_training_two_senses
        """
        if not strength > 0:
            raise ValueError(f"strength must be above 0, got {strength}")
        if len(labels) != len(features) or not len(labels):
            raise ValueError(
                f"features and labels must be of as many items, got {len(features)} "
                f"and {len(labels)}"
            )
        if not 0 <= int(labels.min()) <= int(labels.max()) < n_classes:
            raise ValueError(
                f"labels must be from 0 to {n_classes - 1}, got {int(labels.min())} "
                f"to {int(labels.max())}"
            )
        x = features.double()
        centre = x.mean(dim=0)
        scale = x.std(dim=0, correction=0)
        scale = torch.where(scale > 1e-6 * scale.max().clamp_min(1e-12), scale, torch.inf)
        x = (x - centre) / scale  # a feature that does not vary becomes 0
        y = nn.functional.one_hot(labels, n_classes).double()
        gram = x.T @ x + strength * torch.eye(x.shape[1], dtype=torch.float64, device=x.device)
        solved = torch.linalg.solve(gram, x.T @ (y - y.mean(dim=0)))
        weights = solved / scale[:, None]
        return cls(weights.float(), (y.mean(dim=0) - centre @ weights).float())

    def __call__(self, features: Float[Tensor, "item feature"]) -> Float[Tensor, "item class"]:
        """Return the scores of the classes."""
        return features @ self.weights + self.bias


def linear_probe(
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    *,
    n_classes: int,
    strength: float = 1.0,
) -> float:
    """Return the share of `test` that a linear classifier fitted to `train` names rightly.

    Args:
        train: features [item, feature] and labels [item], as `sense_features` gives them.
        test: the same of other items.
        n_classes: how many classes there are.
        strength: of the ridge.
    Lesson: 14_training_two_senses

    >>> x = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    >>> linear_probe((x, torch.tensor([0, 0, 1, 1])), (x, torch.tensor([0, 0, 1, 0])), n_classes=2)
    0.75
    """
    probe = LinearProbe.fitted(*train, n_classes=n_classes, strength=strength)
    features, labels = test
    return float((probe(features).argmax(dim=1) == labels).double().mean())


@torch.no_grad()
def sense_features(model: nn.Module, sense: str, loader: Loader) -> tuple[Tensor, Tensor]:
    """Return the features of one encoder for all items that have its sense, and their labels.

    The model is put into eval mode, and back.

    Args:
        model: a FusionNet.
        sense: whose encoder.
        loader: of the items, in an order that it may shuffle.
    Raises:
        ValueError: if the model has no such encoder, or no item has the sense.
    Lesson: 14_training_two_senses
    """
    net = fusion_net_of(model)
    if sense not in net.encoders:
        raise ValueError(f"sense must be one of {list(net.encoders)}, got {sense!r}")
    mode = model.training
    features, labels = [], []
    model.eval()
    try:
        for batch in loader:
            rows = batch.present[sense]
            if not bool(rows.any()):
                continue
            found = net.encode(
                {sense: batch.inputs[sense][rows]}, lengths={sense: batch.lengths[sense][rows]}
            )
            features.append(found[sense].flatten(1))
            labels.append(batch.labels[rows])
    finally:
        model.train(mode)
    if not features:
        raise ValueError(f"no item has the sense {sense!r}")
    return torch.cat(features), torch.cat(labels)


def probe_senses(
    train: Loader, test: Loader, *, n_classes: int, strength: float = 1.0
) -> Callable[[nn.Module], dict[str, float]]:
    """Return a function that probes each encoder of a model, for the ``watch`` of `fit`.

    Args:
        train: items that the probe is fitted to; the same in each pass, not shuffled anew.
        test: items that it is judged by.
        n_classes: how many classes there are.
        strength: of the ridge.
    Lesson: 14_training_two_senses
    """

    def watch(model: nn.Module) -> dict[str, float]:
        return {
            f"{sense}/probe": linear_probe(
                sense_features(model, sense, train),
                sense_features(model, sense, test),
                n_classes=n_classes,
                strength=strength,
            )
            for sense in fusion_net_of(model).encoders
        }

    return watch
