"""A point between two items of a joint space, what is near it and what it is drawn as: the
page's twin."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor, nn
from torch.nn import functional as F

from avtutor.models import BimodalAutoencoder, Towers

SENSES = ("audio", "image")
SPACES = ("towers", "autoencoder")
N_DIRECTIONS = 6
"""How many directions of each space can be shown, two at a time."""

Item = tuple[str, int]
"""A sense, and the number of a pair."""


@dataclass(frozen=True)
class Space:
    """The vectors of the items in one joint space, and the directions in which they vary most.

    Args:
        vectors: of each sense's items, in the order of `SENSES`.
        centre: the mean of all of them.
        directions: of length 1, at right angles to each other, by falling variance.
        shares: of the variance, for each direction.
        unit: whether all vectors have length 1.
    """

    vectors: Float64[np.ndarray, "sense pair feature"]
    centre: Float64[np.ndarray, " feature"]
    directions: Float64[np.ndarray, "direction feature"]
    shares: Float64[np.ndarray, " direction"]
    unit: bool

    def vector(self, item: Item) -> Float64[np.ndarray, " feature"]:
        """Return the vector of one item."""
        found: np.ndarray = self.vectors[SENSES.index(item[0]), item[1]]
        return found

    def between(self, first: Item, second: Item, share: float) -> Float64[np.ndarray, " feature"]:
        """Return the point on the straight line from one item to another.

        Where all vectors have length 1, the point is brought back to that length.

        Args:
            first: where the line begins.
            second: where it ends.
            share: of the way, from 0 to 1.
        """
        point: np.ndarray = (1 - share) * self.vector(first) + share * self.vector(second)
        if self.unit:
            point = point / max(float(np.sqrt(np.square(point).sum())), 1e-12)
        return point

    def place(
        self, points: Float[np.ndarray, "*point feature"], first_direction: int
    ) -> Float64[np.ndarray, "*point 2"]:
        """Return where points lie on the map of a direction and the one after it."""
        shown = self.directions[first_direction : first_direction + 2]
        places: np.ndarray = (points - self.centre) @ shown.T
        return places


def space_of(vectors: Float[Tensor, "sense pair feature"], *, unit: bool) -> Space:
    """Return the space of vectors, with its principal directions.

    All numbers are rounded to float32, as they are sent to the page. The largest number of each
    direction is positive, so that a map is never mirrored.

    Args:
        vectors: of each sense's items, in the order of `SENSES`.
        unit: whether all vectors have length 1.

    >>> space = space_of(torch.tensor([[[0.0, 1.0], [0.0, 3.0]], [[0.1, 1.0], [0.1, 3.0]]]),
    ...     unit=False)
    >>> space.directions.round(3).tolist(), space.shares.round(3).tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [0.998, 0.002])
    """
    kept = vectors.detach().to(torch.float32).double().numpy()
    every = kept.reshape(-1, kept.shape[-1])
    centre = every.mean(axis=0).astype(np.float32).astype(np.float64)
    _, strengths, directions = np.linalg.svd(every - every.mean(axis=0), full_matrices=False)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    directions = (directions * np.sign(largest)).astype(np.float32).astype(np.float64)
    variances = np.square(strengths)
    shares = variances / max(float(variances.sum()), 1e-300)
    return Space(kept, centre, directions[:N_DIRECTIONS], shares[:N_DIRECTIONS], unit)


class JointNets:
    """The towers and the decoders of the autoencoder, copied, in float64, as they are used.

    Args:
        towers: of the senses "audio" and "image".
        autoencoder: likewise.
    """

    def __init__(self, towers: Towers, autoencoder: BimodalAutoencoder) -> None:
        met, drawing = copy.deepcopy(towers), copy.deepcopy(autoencoder)
        self.towers = {
            sense: nn.Sequential(met.encoders[sense], met.projections[sense]).double().eval()
            for sense in SENSES
        }
        self.decoders = {sense: drawing.decoders[sense].double().eval() for sense in SENSES}

    @torch.no_grad()
    def embed(self, sense: str, values: np.ndarray) -> Float64[np.ndarray, " feature"]:
        """Return the embedding of one input of one sense, of length 1."""
        found: np.ndarray = F.normalize(self.towers[sense](torch.from_numpy(values)[None]))[
            0
        ].numpy()
        return found

    @torch.no_grad()
    def draw(self, sense: str, shared: Float64[np.ndarray, " feature"]) -> np.ndarray:
        """Return one sense as it follows from a shared vector, in the shape of its inputs."""
        drawn: np.ndarray = self.decoders[sense](torch.from_numpy(shared)[None])[0].numpy()
        return drawn


@dataclass(frozen=True)
class Joined:
    """What there is at a point between two items.

    Args:
        point: the vector.
        place: on the map.
        path: the places of 21 points from the first item to the second.
        asked: the sense that is searched: not that of the nearer end.
        distances: of its items from the point, one a pair.
        order: the pairs by distance, the nearest first.
        drawn: each sense, drawn from the point between the same two items in the autoencoder's
            space.
        read: the pairs by the distance of the *other* sense's items from what was drawn, as the
            towers embed it.
    """

    point: Float64[np.ndarray, " feature"]
    place: Float64[np.ndarray, " 2"]
    path: Float64[np.ndarray, "step 2"]
    asked: str
    distances: Float64[np.ndarray, " pair"]
    order: Int[np.ndarray, " pair"]
    drawn: dict[str, np.ndarray]
    read: dict[str, Int[np.ndarray, " pair"]]


def other(sense: str) -> str:
    """Return the other of the two senses.

    >>> other("audio")
    'image'
    """
    return SENSES[1 - SENSES.index(sense)]


def compute(
    spaces: Mapping[str, Space],
    nets: JointNets,
    *,
    space: str,
    first: Item,
    second: Item,
    share: int,
    first_direction: int = 0,
) -> Joined:
    """Return what there is at a point between two items.

    The page has the same function in JavaScript, and a test holds the two equal.

    Args:
        spaces: by the names of `SPACES`.
        nets: the towers and the decoders.
        space: whose map is shown and whose neighbours are sought.
        first: where the line begins.
        second: where it ends.
        share: of the way from the first to the second, in percent.
        first_direction: of the two that are shown.
    """
    shown, drawing = spaces[space], spaces["autoencoder"]
    point = shown.between(first, second, share / 100)
    steps = np.stack([shown.between(first, second, step / 20) for step in range(21)])
    asked = other((first if share <= 50 else second)[0])
    distances = distances_from(shown.vectors[SENSES.index(asked)], point)
    shared = drawing.between(first, second, share / 100)
    drawn = {sense: nets.draw(sense, shared) for sense in SENSES}
    met = spaces["towers"].vectors
    read = {
        sense: by_distance(
            distances_from(met[SENSES.index(other(sense))], nets.embed(sense, drawn[sense]))
        )
        for sense in SENSES
    }
    return Joined(
        point, shown.place(point, first_direction), shown.place(steps, first_direction), asked,
        distances, by_distance(distances), drawn, read,
    )  # fmt: skip


def distances_from(
    vectors: Float[np.ndarray, "pair feature"], point: Float[np.ndarray, " feature"]
) -> Float64[np.ndarray, " pair"]:
    """Return the Euclidean distance of each vector from a point."""
    distances: np.ndarray = np.sqrt(np.square(vectors - point).sum(axis=1))
    return distances


def by_distance(distances: Float[np.ndarray, " pair"]) -> Int[np.ndarray, " pair"]:
    """Return the numbers of the pairs, the nearest first; of equals the first one first.

    >>> by_distance(np.array([0.5, 0.2, 0.5])).tolist()
    [1, 0, 2]
    """
    return np.argsort(distances, kind="stable")
