"""Canonical correlation analysis: two linear maps under which two views are most alike."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class CCA:
    """Two linear maps, one a sense, whose outputs are correlated as much as they can be.

    Closed form: both sides are whitened, and the singular vectors of what is left of their
    covariance are the directions, in the order of their correlation. Without a penalty, features
    that hardly vary are whitened too: their noise is blown up, and with as many features as items
    every correlation is 1.

    Args:
        senses: the names of the two sides.
        means: of each side's features.
        maps: of each side, [feature, component].
        correlations: between the two sides along each component, penalty included.
    Source: Hotelling 1936, Relations between two sets of variates; the penalty as in Vinod 1976,
        Canonical ridge.
    Lesson: 15_joint_representation
    """

    senses: tuple[str, str]
    means: tuple[Tensor, Tensor] = field(repr=False)
    maps: tuple[Tensor, Tensor] = field(repr=False)
    correlations: Tensor = field(repr=False)

    @classmethod
    def fitted(
        cls,
        first: Float[Tensor, "item feature"],
        second: Float[Tensor, "item other"],
        *,
        penalty: float,
        components: int,
        senses: tuple[str, str] = ("audio", "image"),
    ) -> "CCA":
        """Return the analysis of pairs of features.

        Args:
            first, second: row i of one belongs to row i of the other.
            penalty: added to the variance of every direction, as a share of the mean variance of
                that side's features. 0 is the classical analysis; choose it on validation data.
            components: how many directions are kept.
            senses: the names of the two sides.
        Raises:
            ValueError: if the sides differ in their number of items or there are fewer than two,
                `penalty` is negative, `components` is not from 1 to the smaller number of
                features, a feature is not finite, or without a penalty a side has directions in
                which nothing varies.
        Lesson: 15_joint_representation

        >>> x = torch.tensor([[1.0], [2.0], [3.0]])
        >>> CCA.fitted(x, -2 * x, penalty=0.0, components=1).correlations
        tensor([1.])
        """
        if first.ndim != 2 or second.ndim != 2 or len(first) != len(second) or len(first) < 2:
            raise ValueError(
                "first and second must be [item, feature] with as many items, two or more, "
                f"got {list(first.shape)} and {list(second.shape)}"
            )
        most = min(first.shape[1], second.shape[1])
        if not 1 <= components <= most:
            raise ValueError(f"components must be from 1 to {most}, got {components}")
        if not 0 <= penalty < float("inf"):
            raise ValueError(f"penalty must be 0 or more and finite, got {penalty}")
        sides = []
        for name, values in zip(senses, (first, second), strict=True):
            x = values.double()
            if not bool(x.isfinite().all()):
                raise ValueError(f"features of {name!r} must be finite")
            sides.append((x.mean(dim=0), x - x.mean(dim=0)))
        (mean_a, a), (mean_b, b) = sides
        white_a = _whitening(a, penalty, senses[0])
        white_b = _whitening(b, penalty, senses[1])
        left, values, right = torch.linalg.svd(white_a @ (a.T @ b / (len(a) - 1)) @ white_b)
        maps = (white_a @ left[:, :components], white_b @ right[:components].T)
        return cls(
            senses,
            (mean_a.float(), mean_b.float()),
            (maps[0].float(), maps[1].float()),
            values[:components].float(),
        )

    def project(
        self, sense: str, x: Float[Tensor, "item feature"]
    ) -> Float[Tensor, "item component"]:
        """Return the features of one sense in the common directions.

        Raises:
            ValueError: if the sense is none of the two, or has another number of features.
        """
        if sense not in self.senses:
            raise ValueError(f"sense must be one of {self.senses}, got {sense!r}")
        side = self.senses.index(sense)
        if x.ndim != 2 or x.shape[1] != len(self.means[side]):
            raise ValueError(
                f"features of {sense!r} must be [item, {len(self.means[side])}], "
                f"got {list(x.shape)}"
            )
        return (x - self.means[side]) @ self.maps[side]


def _whitening(centred: Tensor, penalty: float, name: str) -> Tensor:
    """Return the inverse square root of the covariance, with the penalty on its diagonal."""
    covariance = centred.T @ centred / (len(centred) - 1)
    mean = covariance.diagonal().mean()
    values, vectors = torch.linalg.eigh(covariance)
    values = values.clamp(min=0) + penalty * mean
    if float(values[0]) <= 1e-12 * float(values[-1]):
        raise ValueError(
            f"the features of {name!r} must vary in all directions where penalty is {penalty:g}: "
            "take a larger penalty, or leave features out"
        )
    whitening: Tensor = (vectors * values.rsqrt()) @ vectors.T
    return whitening
