"""An index of embeddings: kept with the name of what made them, searched with plain tensors."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.training import read_checkpoint, write_checkpoint

BLOCK = 16384
"""Rows of the index that are compared at a time with 64 queries or more."""

GROUP = 32
"""Items of which only the best is looked at first."""


def model_fingerprint(model: nn.Module) -> str:
    """Return 16 letters that stand for a model: its class, and every weight with its name.

    Two trainings of one recipe give two fingerprints: their embeddings cannot be compared.

    Lesson: 15_joint_representation

    >>> layer = nn.Linear(1, 1)
    >>> before = model_fingerprint(layer)
    >>> _ = layer.weight.data.add_(1)
    >>> model_fingerprint(layer) == before
    False
    """
    found = hashlib.sha256(type(model).__name__.encode())
    for name, values in sorted(model.state_dict().items()):
        found.update(f"{name} {values.dtype} {list(values.shape)}".encode())
        found.update(values.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return found.hexdigest()[:16]


@dataclass(frozen=True, repr=False)
class Hits:
    """What a search found.

    Args:
        scores: of the best `k`, the best first, [query, k].
        rows: their rows in the index, [query, k].
        keys: their keys, a tuple for each query.
    """

    scores: Tensor
    rows: Tensor
    keys: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, repr=False)
class Index:
    """Embeddings with a key each, and the fingerprint of the model that made them.

    Plain tensors: a search is a matrix product and a choice of the best, block by block, so that
    it needs little memory. That serves up to some hundred thousand items. Beyond, an approximate
    index (a library such as FAISS or hnswlib) looks at a part of the items only: it takes the
    same `embeddings`, and keys by row; `search` on a sample then tells which share of the true
    best it finds.

    Args:
        embeddings: [item, feature], of length 1.
        keys: one an item: a file, a name.
        fingerprint: of the model, see `model_fingerprint`.
    Lesson: 15_joint_representation

    >>> index = Index.build(torch.eye(2), ["lion", "violin"], model=nn.Linear(1, 2))
    >>> index
    Index(2 items of 2 features)
    """

    embeddings: Tensor
    keys: tuple[str, ...]
    fingerprint: str

    def __post_init__(self) -> None:
        found = self.embeddings
        if found.ndim != 2 or not len(found):
            raise ValueError(f"embeddings must be [item, feature], got {list(found.shape)}")
        if len(self.keys) != len(found):
            raise ValueError(f"keys must be {len(found)}, one an item, got {len(self.keys)}")
        lengths = found.norm(dim=1)
        if not bool(((lengths - 1).abs() < 1e-3).all()):
            raise ValueError(
                "embeddings must have length 1, got lengths from "
                f"{float(lengths.min()):.3g} to {float(lengths.max()):.3g}"
            )

    @classmethod
    def build(
        cls, embeddings: Float[Tensor, "item feature"], keys: Sequence[str], *, model: nn.Module
    ) -> "Index":
        """Return the index of what a model made.

        Args:
            embeddings: of length 1, on the processor.
            keys: one an item.
            model: what made them.
        Raises:
            ValueError: if there are not as many keys as embeddings, there are none, or one does
                not have length 1.
        """
        return cls(embeddings.detach().cpu().contiguous(), tuple(keys), model_fingerprint(model))

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.keys)

    def __repr__(self) -> str:
        """Say how many items, and of which size."""
        return f"Index({len(self)} items of {self.embeddings.shape[1]} features)"

    def search(self, queries: Float[Tensor, "query feature"], k: int, *, model: nn.Module) -> Hits:
        """Return the `k` items nearest to each query, the best first.

        Args:
            queries: embeddings of the other sense, or of the same.
            k: how many.
            model: what made the queries: it must be what made the index.
        Raises:
            ValueError: if the model is another one, the queries have another size, one is not
                finite, or `k` is not from 1 to the number of items.
        """
        self.check(model)
        scores, rows = nearest(queries, self.embeddings, k)
        keys = tuple(tuple(self.keys[row] for row in some) for some in rows.tolist())
        return Hits(scores, rows, keys)

    def check(self, model: nn.Module) -> None:
        """Refuse a model that did not make this index.

        Raises:
            ValueError: if its fingerprint is another one.
        """
        if (other := model_fingerprint(model)) != self.fingerprint:
            raise ValueError(
                f"the index was built by another model: its fingerprint is {self.fingerprint}, "
                f"this model's is {other}; build the index again with this model"
            )

    def save(self, path: str | Path) -> None:
        """Write the index to one file, in safetensors' format.

        >>> import tempfile
        >>> layer = nn.Linear(1, 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Index.build(torch.eye(2), ["a", "b"], model=layer).save(f"{folder}/index")
        ...     Index.load(f"{folder}/index", model=layer).keys
        ('a', 'b')
        """
        facts = {"index": {"keys": list(self.keys), "fingerprint": self.fingerprint}}
        write_checkpoint(path, {"embeddings": self.embeddings}, facts)

    @classmethod
    def load(cls, path: str | Path, *, model: nn.Module) -> "Index":
        """Read an index back; it must be of this model.

        Raises:
            ValueError: if there is no such file, it is cut off or no index, or another model
                built it.
        """
        tensors, facts = read_checkpoint(path)
        try:
            kept = facts["index"]
            found = cls(tensors["embeddings"], tuple(kept["keys"]), str(kept["fingerprint"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is no index: {error}") from error
        found.check(model)
        return found


def nearest(
    queries: Float[Tensor, "query feature"], embeddings: Float[Tensor, "item feature"], k: int
) -> tuple[Float[Tensor, "query k"], Int[Tensor, "query k"]]:
    """Return the `k` largest dot products of each query and their rows, the largest first.

    Exact. Of each `GROUP` items the largest is looked at first, and of the best `k` groups
    every item: nothing else can be among the best `k`, and that saves most of the choosing,
    which would take longer than the products. Of equal ones, any may come first.

    Raises:
        ValueError: if the sizes differ, a query is not finite, or `k` is not from 1 to the number
            of items.
    Lesson: 15_joint_representation

    >>> nearest(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]]), 1)
    (tensor([[1.]]), tensor([[1]]))
    """
    if queries.ndim != 2 or queries.shape[1] != embeddings.shape[1]:
        raise ValueError(
            f"queries must be [query, {embeddings.shape[1]}], got {list(queries.shape)}"
        )
    if not 1 <= k <= len(embeddings):
        raise ValueError(f"k must be from 1 to {len(embeddings)} (the items), got {k}")
    if not bool(queries.isfinite().all()):
        raise ValueError("queries must be finite")
    queries = queries.detach().to(embeddings)
    scores, rows = [], []
    block = BLOCK * max(1, 64 // len(queries)) if len(queries) else BLOCK
    whole = len(embeddings) - len(embeddings) % GROUP
    for start in (*range(0, whole, block), *range(whole, len(embeddings), GROUP)):
        end = min(start + block, whole) if start < whole else len(embeddings)
        some = queries @ embeddings[start:end].T
        best, places = _largest(some, min(k, some.shape[1]))
        scores.append(best)
        rows.append(places + start)
    best, places = torch.cat(scores, dim=1).topk(k, dim=1)
    return best, torch.cat(rows, dim=1).gather(1, places)


def _largest(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the `k` largest of each row and where they are."""
    n_groups, rest = divmod(scores.shape[1], GROUP)
    if rest or n_groups <= k:
        values, places = scores.topk(k, dim=1)
        return values, places
    # Members of a group lie n_groups apart: so the maximum runs along memory.
    groups = scores.view(len(scores), GROUP, n_groups).amax(dim=1).topk(k, dim=1).indices
    columns = groups[:, None] + torch.arange(0, scores.shape[1], n_groups)[:, None]
    columns = columns.flatten(1)
    values, where = scores.gather(1, columns).topk(k, dim=1)
    return values, columns.gather(1, where)
