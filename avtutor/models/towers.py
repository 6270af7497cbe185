"""A tower a sense, whose embeddings are near each other where what they were made of is one."""

import inspect
import math
from collections.abc import Mapping
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

PairKind = Literal["concat", "distance"]

HOTTEST = math.log(100.0)
"""The highest logarithm of the scale: similarities from -1 to 1 become logits up to 100."""


class Towers(nn.Module):
    """An encoder and a projection for each sense; the embeddings have length 1.

    The cosine of a sound's and a picture's embedding is then their dot product, and a search
    among many is one matrix product.

    Args:
        encoders: a module a sense, by its name; each gives [batch, feature]. One whose
            ``forward`` has an argument ``lengths`` is given them.
        sizes: how many features each gives.
        size: of an embedding.
        hidden: of a layer between features and embedding, with batch norm and ReLU; 0 leaves it
            out.
        temperature: what similarities are divided by at first, before they are logits; its
            inverse is learned, up to 100.
    Raises:
        ValueError: if there are fewer than two senses, `sizes` are not those of the encoders'
            senses, `size` is below 1, or `temperature` is not above 0.01.
    Source: Radford et al. 2021, Learning transferable visual models from natural language
        supervision (CLIP), section 2.3 and figure 3; the first temperature, 0.07, from there.
    Lesson: 15_joint_representation

    >>> towers = Towers({"audio": nn.Linear(6, 8), "image": nn.Linear(4, 8)},
    ...     {"audio": 8, "image": 8}, size=3)
    >>> found = towers({"audio": torch.ones(2, 6), "image": torch.ones(2, 4)})
    >>> found["audio"].shape, found["image"].norm(dim=1).detach().round(decimals=3)
    (torch.Size([2, 3]), tensor([1., 1.]))
    """

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        sizes: Mapping[str, int],
        *,
        size: int = 64,
        hidden: int = 0,
        temperature: float = 0.07,
    ) -> None:
        super().__init__()
        if len(encoders) < 2:
            raise ValueError(f"encoders must be of two senses or more, got {list(encoders)}")
        if set(sizes) != set(encoders):
            raise ValueError(f"sizes must be those of {sorted(encoders)}, got {sorted(sizes)}")
        if size < 1 or hidden < 0:
            raise ValueError(f"size must be at least 1 and hidden 0, got {size} and {hidden}")
        if not temperature > 0.01:
            raise ValueError(f"temperature must be above 0.01, got {temperature}")
        self.senses = tuple(encoders)
        self.size = size
        self.encoders = nn.ModuleDict(dict(encoders))
        self.projections = nn.ModuleDict(
            {name: _projection(sizes[name], size, hidden) for name in encoders}
        )
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    @property
    def scale(self) -> Float[Tensor, ""]:
        """What a similarity is multiplied by to be a logit: 1 / temperature."""
        return self.log_scale.clamp(max=HOTTEST).exp()

    def forward(
        self,
        inputs: Mapping[str, Tensor],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
    ) -> dict[str, Float[Tensor, "batch feature"]]:
        """Return the embeddings of each sense that is in `inputs`.

        Raises:
            ValueError: if a sense has no tower.
        """
        return {
            name: self.embed(name, x, lengths=None if lengths is None else lengths.get(name))
            for name, x in inputs.items()
        }

    def embed(
        self, sense: str, x: Tensor, *, lengths: Int[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch feature"]:
        """Return the embeddings of one sense, of length 1.

        Raises:
            ValueError: if the sense has no tower.
        """
        found = self.features(sense, x, lengths=lengths)
        return F.normalize(self.projections[sense](found), dim=1)

    def features(
        self, sense: str, x: Tensor, *, lengths: Int[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch feature"]:
        """Return what the encoder of one sense gives, before the projection.

        Raises:
            ValueError: if the sense has no tower, or its encoder does not give [batch, feature].
        """
        if sense not in self.senses:
            raise ValueError(f"sense must be one of {list(self.senses)}, got {sense!r}")
        encoder = self.encoders[sense]
        asks = lengths is not None and "lengths" in inspect.signature(encoder.forward).parameters
        found: Tensor = encoder(x, lengths) if asks else encoder(x)
        if found.ndim != 2 or len(found) != len(x):
            raise ValueError(
                f"the encoder of {sense!r} must give [{len(x)}, feature], got {list(found.shape)}"
            )
        return found


def _projection(n_features: int, size: int, hidden: int) -> nn.Module:
    if not hidden:
        return nn.Linear(n_features, size)
    return nn.Sequential(
        nn.Linear(n_features, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, size)
    )


def info_nce(
    first: Float[Tensor, "batch feature"],
    second: Float[Tensor, "batch feature"],
    *,
    scale: float | Float[Tensor, ""],
    same: Bool[Tensor, "batch batch"] | None = None,
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy of each item's own partner among all partners, both ways.

    Each row of `first` asks which row of `second` is its own, and the other way round; all others
    in the batch are the wrong answers. Embeddings that say nothing give ``log(batch)``.

    Args:
        first, second: embeddings of length 1; row i of one belongs to row i of the other.
        scale: what similarities are multiplied by: 1 / temperature.
        same: pairs beside the diagonal that belong together as well (two pictures of one name):
            they are not wrong answers, and are left out of the sum that an item's own partner is
            compared with. Every item keeps its own.
    Raises:
        ValueError: if the shapes differ, there are fewer than two items, or `same` is not
            [batch, batch].
    Source: van den Oord, Li and Vinyals 2018, equation 4; both ways as in Radford et al. 2021.
    Lesson: 15_joint_representation

    >>> info_nce(torch.eye(3), torch.eye(3), scale=0.0)
    tensor(1.0986)
    """
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError(
            "first and second must both be [batch, feature], "
            f"got {list(first.shape)} and {list(second.shape)}"
        )
    n = len(first)
    if n < 2:
        raise ValueError(f"a batch must have at least two items, one of them wrong, got {n}")
    logits = scale * first @ second.T
    own = torch.arange(n, device=first.device)
    if same is not None:
        if same.shape != (n, n) or same.dtype != torch.bool:
            raise ValueError(f"same must be bool and [{n}, {n}], got {list(same.shape)}")
        beside = same & ~torch.eye(n, dtype=torch.bool, device=first.device)
        logits = logits.masked_fill(beside, -math.inf)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


class PairHead(nn.Module):
    """Says whether two embeddings belong together: a logit, above 0 for yes.

    ``"concat"`` lays both side by side and asks a small network. Nothing makes it bring the two
    near each other: the embeddings need not be comparable. ``"distance"`` knows nothing but how
    far they are apart: the embeddings have to agree, or it cannot answer.

    Args:
        size: of an embedding.
        kind: one of these.
        hidden: of the network of ``"concat"``.
    Raises:
        ValueError: if `kind` is none of these.
    Source: Arandjelović and Zisserman 2017, Look, listen and learn (concatenation); 2018, Objects
        that sound, section 3 (the distance alone).
    Lesson: 15_joint_representation

    >>> head = PairHead(3, "distance")
    >>> head(torch.eye(3), torch.eye(3)).detach().round(decimals=3)
    tensor([3., 3., 3.])
    """

    def __init__(self, size: int, kind: PairKind, *, hidden: int = 128) -> None:
        super().__init__()
        if kind not in get_args(PairKind):
            raise ValueError(f"kind must be one of {get_args(PairKind)}, got {kind!r}")
        self.kind = kind
        if kind == "concat":
            self.layers = nn.Sequential(
                nn.Linear(2 * size, hidden), nn.ReLU(), nn.Linear(hidden, 1)
            )
        else:
            self.slope = nn.Parameter(torch.tensor(-3.0))
            self.level = nn.Parameter(torch.tensor(3.0))

    def forward(
        self, first: Float[Tensor, "*batch feature"], second: Float[Tensor, "*batch feature"]
    ) -> Float[Tensor, "*batch"]:
        """Return a logit for each pair."""
        if self.kind == "concat":
            logits: Tensor = self.layers(torch.cat([first, second], dim=-1))[..., 0]
            return logits
        # The square root has no slope at 0, where both are the same.
        distance = ((first - second).square().sum(dim=-1) + 1e-12).sqrt()
        return self.level + self.slope * distance

    def every_pair(
        self,
        first: Float[Tensor, "query feature"],
        second: Float[Tensor, "candidate feature"],
        *,
        block: int = 64,
    ) -> Float[Tensor, "query candidate"]:
        """Return the logit of every pair: as many runs of the head as there are pairs.

        Args:
            first, second: embeddings.
            block: queries at a time.
        """
        m = len(second)
        return torch.cat(
            [
                self(some[:, None].expand(-1, m, -1), second.expand(len(some), -1, -1))
                for some in torch.split(first, block)
            ]
        )


class PairNet(nn.Module):
    """Towers, and a head that is asked about pairs.

    Args:
        towers: of two senses.
        head: of the towers' size.
    Raises:
        ValueError: if the towers are not of two senses.
    Lesson: 15_joint_representation
    """

    def __init__(self, towers: Towers, head: PairHead) -> None:
        super().__init__()
        if len(towers.senses) != 2:
            raise ValueError(f"towers must be of two senses, got {list(towers.senses)}")
        self.towers = towers
        self.head = head

    def forward(
        self,
        inputs: Mapping[str, Tensor],
        partners: Int[Tensor, "batch partner"],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
    ) -> Float[Tensor, "batch partner"]:
        """Return the logits of each item's first sense with the second sense of its partners.

        Args:
            inputs: of both senses.
            partners: for each item the rows that it is put beside.
            lengths: as in a `Batch`.
        """
        found = self.towers(inputs, lengths=lengths)
        first, second = (found[name] for name in self.towers.senses)
        logits: Tensor = self.head(
            first[:, None].expand(-1, partners.shape[1], -1), second[partners]
        )
        return logits
