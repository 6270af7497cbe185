"""Ways to join what the senses say: one small module each.

A fusion is called with the features of all senses, by name, and with which items have them. What
stands in the place of a missing one makes no difference. `Concatenate`, `GatedFusion`,
`LowRankFusion` and `bottleneck.BottleneckFusion` join features [batch, feature]; `CommonGrid`
joins the inputs themselves; `AverageLogits` and `LearnedMix` join logits.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Features = Mapping[str, Float[Tensor, "batch _"]]
Logits = Mapping[str, Float[Tensor, "batch class"]]
Present = Mapping[str, Bool[Tensor, " batch"]]


def masked(features: Mapping[str, Tensor], present: Present) -> dict[str, Tensor]:
    """Return the features with zeros where a sense is missing.

    >>> masked({"audio": torch.ones(2, 1)}, {"audio": torch.tensor([True, False])})["audio"]
    tensor([[1.],
            [0.]])
    """
    return {
        sense: values.masked_fill(~present[sense].reshape(-1, *(1,) * (values.ndim - 1)), 0.0)
        for sense, values in features.items()
    }


def checked_sizes(sizes: Mapping[str, int], **others: int) -> dict[str, int]:
    """Return the sizes of the features; refuse where there are none, or a number is below 1."""
    if not sizes or min([*sizes.values(), *others.values()]) < 1:
        raise ValueError(f"sizes must hold a sense, each number at least 1, got {sizes}, {others}")
    return dict(sizes)


class CommonGrid(nn.Module):
    """Early fusion: each input is brought to one grid, and all are stacked as channels.

    A place of the grid then means "high and late" in one channel and "lower right" in another:
    the convolutions that follow compare what has nothing to do with each other. Nothing keeps
    the senses apart, and a missing one is a channel of zeros.

    Bringing a picture to the grid is two products with fixed matrices: ``rows @ x @ columns``.
    They interpolate linearly where the grid is finer, and average where it is coarser.

    Costs no parameters; for each channel, ``grid[0] * height * width`` multiplications for the
    rows, ``grid[0] * width * grid[1]`` for the columns. The head pays: it must be a CNN.

    Args:
        sizes: by sense, in the order of the channels: (height, width), or
            (channel, height, width).
        grid: (height, width) of the common grid.
    Raises:
        ValueError: if a size is not of two or three numbers from 1.
    Source: Baltrušaitis et al. 2019, Multimodal machine learning (early, late and hybrid fusion).
    Lesson: 13_fusion

    >>> grid = CommonGrid({"audio": (4, 6), "image": (1, 2, 2)}, grid=(2, 2))
    >>> there = torch.tensor([True])
    >>> x = {"audio": torch.ones(1, 4, 6), "image": torch.zeros(1, 1, 2, 2)}
    >>> grid(x, {"audio": there, "image": there}).shape
    torch.Size([1, 2, 2, 2])
    """

    def __init__(
        self, sizes: Mapping[str, tuple[int, ...]], *, grid: tuple[int, int] = (32, 32)
    ) -> None:
        super().__init__()
        for size in (*sizes.values(), grid):
            if not sizes or len(size) not in (2, 3) or min(size) < 1:
                raise ValueError(f"a size must be two or three numbers from 1, got {size}")
        self.sizes = dict(sizes)
        self.grid = grid
        for sense, size in sizes.items():
            rows, columns = _resampling(size[-2], grid[0]), _resampling(size[-1], grid[1]).T
            self.register_buffer(f"rows_{sense}", rows, persistent=False)
            self.register_buffer(f"columns_{sense}", columns, persistent=False)

    @property
    def n_channels(self) -> int:
        """How many channels all senses have together."""
        return sum(size[0] if len(size) == 3 else 1 for size in self.sizes.values())

    def forward(
        self, features: Mapping[str, Float[Tensor, "batch first *axes"]], present: Present
    ) -> Float[Tensor, "batch channel row column"]:
        """Return all inputs, one above the other."""
        there, parts = masked(features, present), []
        for sense in self.sizes:
            x = there[sense] if there[sense].ndim == 4 else there[sense][:, None]
            parts.append(getattr(self, f"rows_{sense}") @ x @ getattr(self, f"columns_{sense}"))
        return torch.cat(parts, dim=1)


def _resampling(size: int, wanted: int) -> Float[Tensor, "wanted size"]:
    """Return the matrix that brings `size` values to `wanted`, by PyTorch's own rule."""
    resized = nn.functional.interpolate(
        torch.eye(size)[None, None],
        size=(wanted, size),
        mode="bilinear",
        align_corners=False,
        antialias=True,
    )
    return resized[0, 0]


class Concatenate(nn.Module):
    """Intermediate fusion: the features side by side; what comes after may use any of them.

    The plainest, and the one that "joint training" means. How deep it sits is a matter of the
    encoders: what they leave to do, the head does for both senses together. A missing sense is
    zeros, which the head knows only if it has met them in training.

    Costs nothing; the first layer of the head has an input for each feature.

    Args:
        sizes: by sense, in the order in which they are put: how many features it has.
    Raises:
        ValueError: if there is no sense, or a size is below 1.
    Source: Ngiam et al. 2011, Multimodal deep learning.
    Lesson: 13_fusion

    >>> there = torch.tensor([True])
    >>> join = Concatenate({"audio": 1, "image": 2})
    >>> x = {"audio": torch.tensor([[1.0]]), "image": torch.tensor([[2.0, 3.0]])}
    >>> join(x, {"audio": there, "image": ~there})
    tensor([[1., 0., 0.]])
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self.sizes = checked_sizes(sizes)
        self.n_features = sum(self.sizes.values())

    def forward(self, features: Features, present: Present) -> Float[Tensor, "batch fused"]:
        """Return the features of all senses in one row."""
        there = masked(features, present)
        return torch.cat([there[sense] for sense in self.sizes], dim=1)


class AverageLogits(nn.Module):
    """Late fusion: the mean of what each sense says alone, over the senses that an item has.

    The mean is over log-softmax, so that the shares are multiplied (and their root taken): one
    sense can rule a class out. A mean over the bare logits gives the same shares, as log-softmax
    takes one number an item from all classes. What the senses tell only together is lost.

    Costs nothing, and has nothing to learn.

    Source: Kittler et al. 1998, On combining classifiers (the product rule).
    Lesson: 13_fusion

    >>> there = torch.tensor([True])
    >>> x = {"audio": torch.tensor([[0.9, 0.1]]).log(), "image": torch.tensor([[0.5, 0.5]]).log()}
    >>> AverageLogits()(x, {"audio": there, "image": there}).softmax(dim=1)
    tensor([[0.7500, 0.2500]])
    """

    takes_logits = True

    def forward(self, features: Logits, present: Present) -> Float[Tensor, "batch class"]:
        """Return the mean log-softmax; as shares they need a softmax again."""
        own = {sense: logits.log_softmax(dim=1) for sense, logits in features.items()}
        total = torch.stack(list(masked(own, present).values())).sum(dim=0)
        return total / torch.stack([present[sense] for sense in own]).sum(dim=0)[:, None]


class LearnedMix(nn.Module):
    """Late fusion with a learned weight for each sense and class.

    For each class the weights of the senses that an item has add up to 1: a softmax of learned
    scores, which begin at 0, where this is `AverageLogits`. A weight is the same for all items:
    it cannot know that this one picture is noisy.

    Costs ``senses * classes`` parameters, and as many multiplications.

    Args:
        senses: their names.
        n_classes: how many there are.
    Raises:
        ValueError: if there is no sense or no class.
    Source: Jacobs 1995, Methods for combining experts' probability assessments (log-linear).
    Lesson: 13_fusion

    >>> sum(parameter.numel() for parameter in LearnedMix(("audio", "image"), 10).parameters())
    20
    """

    takes_logits = True

    def __init__(self, senses: Sequence[str], n_classes: int) -> None:
        super().__init__()
        checked_sizes(dict.fromkeys(senses, n_classes))
        self.senses = tuple(senses)
        self.scores = nn.Parameter(torch.zeros(len(self.senses), n_classes))

    def weights(self, present: Present) -> Float[Tensor, "batch sense class"]:
        """Return the weights for each item: 0 for what it lacks."""
        there = torch.stack([present[sense] for sense in self.senses], dim=1)[:, :, None]
        return self.scores.expand(len(there), -1, -1).masked_fill(~there, -torch.inf).softmax(dim=1)

    def forward(self, features: Logits, present: Present) -> Float[Tensor, "batch class"]:
        """Return the weighted mean of the log-softmax of the senses."""
        there = masked(
            {sense: features[sense].log_softmax(dim=1) for sense in self.senses}, present
        )
        return (self.weights(present) * torch.stack(list(there.values()), dim=1)).sum(dim=1)


class GatedFusion(nn.Module):
    """Each fused value is a mixture of the senses, and a gate that sees all of them says which.

    ``h_s = tanh(W_s x_s)``; the shares of the senses in each value are a softmax over the senses
    of ``V_s [x_1, x_2, …]``. With two senses that is the gated multimodal unit of the source,
    whose ``z = sigmoid(W_z [x_1, x_2])`` and ``1 - z`` are a softmax of two. A missing sense has
    the share 0; the one that is left, 1.

    Costs ``width * total`` multiplications for the values and ``senses * width * total`` for the
    gates, total being the number of all features.

    Args:
        sizes: by sense: how many features it has.
        width: how many values come out.
    Raises:
        ValueError: if there is no sense, or a number is below 1.
    Source: Arevalo et al. 2017, Gated multimodal units for information fusion.
    Lesson: 13_fusion

    >>> sum(p.numel() for p in GatedFusion({"audio": 3, "image": 2}, width=4).parameters())
    76
    """

    def __init__(self, sizes: Mapping[str, int], *, width: int) -> None:
        super().__init__()
        self.sizes = checked_sizes(sizes, width=width)
        self.n_features = width
        total = sum(self.sizes.values())
        self.values = nn.ModuleDict({sense: nn.Linear(n, width) for sense, n in sizes.items()})
        self.gates = nn.ModuleDict({sense: nn.Linear(total, width) for sense in sizes})

    def shares(self, features: Features, present: Present) -> Float[Tensor, "batch sense fused"]:
        """Return the share of each sense in each fused value."""
        there = masked(features, present)
        every = torch.cat([there[sense] for sense in self.sizes], dim=1)
        scores = torch.stack([self.gates[sense](every) for sense in self.sizes], dim=1)
        has = torch.stack([present[sense] for sense in self.sizes], dim=1)[:, :, None]
        return scores.masked_fill(~has, -torch.inf).softmax(dim=1)

    def forward(self, features: Features, present: Present) -> Float[Tensor, "batch fused"]:
        """Return the mixtures."""
        there = masked(features, present)
        values = [torch.tanh(self.values[sense](there[sense])) for sense in self.sizes]
        return (self.shares(features, present) * torch.stack(values, dim=1)).sum(dim=1)


class LowRankFusion(nn.Module):
    """The product of the senses: a sum of a few products of one linear function a sense.

    A tensor of weights for all products of features (and of the features alone, for which a 1 is
    appended to each sense) would have ``width`` times the product of all sizes; here it is of
    rank `rank`, and the large tensor is never made. A missing sense is zeros with the 1 appended:
    what is left of it is one learned factor a value.

    Costs ``rank * width * total`` multiplications, total being the number of all features.

    Args:
        sizes: by sense: how many features it has.
        width: how many values come out.
        rank: how many products are added.
    Raises:
        ValueError: if there is no sense, or a number is below 1.
    Source: Liu et al. 2018, Efficient low-rank multimodal fusion; the appended 1 is of Zadeh et
        al. 2017, Tensor fusion network.
    Lesson: 13_fusion

    >>> product = LowRankFusion({"audio": 3, "image": 2}, width=4, rank=5)
    >>> sum(p.numel() for p in product.parameters())
    144
    """

    def __init__(self, sizes: Mapping[str, int], *, width: int, rank: int = 4) -> None:
        super().__init__()
        self.sizes = checked_sizes(sizes, width=width, rank=rank)
        self.n_features, self.rank = width, rank
        # The bias of a factor is the weight of the appended 1.
        self.factors = nn.ModuleDict(
            {sense: nn.Linear(n, rank * width) for sense, n in sizes.items()}
        )
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, features: Features, present: Present) -> Float[Tensor, "batch fused"]:
        """Return the sums of products."""
        there = masked(features, present)
        factors = [self.factors[sense](there[sense]) for sense in self.sizes]
        products = torch.stack(factors).prod(dim=0).reshape(-1, self.rank, self.n_features)
        return products.sum(dim=1) + self.bias
