"""One representation for two senses, from which both can be drawn: the bimodal autoencoder."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from avtutor.models.fusing import Concatenate
from avtutor.models.fusion import FusionNet


class Joint(NamedTuple):
    """What a bimodal autoencoder makes of a batch.

    Args:
        shared: the representation, [batch, feature].
        reconstructions: of each sense, in the shape and the units of its input.
    """

    shared: Tensor
    reconstructions: Mapping[str, Tensor]


class BimodalAutoencoder(nn.Module):
    """Encoders, one shared representation, and a decoder for each sense.

    An absent sense enters the shared layers as zeros, and is reconstructed all the same, from
    the other. That is learned only where a sense is absent in training, too (see
    `training.Reconstruction`).

    Args:
        encoders: a module a sense, by its name; each gives [batch, feature].
        sizes: how many features each gives.
        shared: takes the features of all senses, one after the other in the order of `encoders`,
            and gives the representation [batch, feature].
        decoders: a module a sense; each takes the representation.
    Raises:
        ValueError: if there are fewer than two senses, or `sizes` and `decoders` are not those of
            the encoders' senses.
    Source: Ngiam, Khosla, Kim, Nam, Lee and Ng 2011, Multimodal deep learning, section 3.3
        (trained with one sense set to zero).
    Lesson: 15_joint_representation

    >>> senses = {"audio": 6, "image": 4}
    >>> net = BimodalAutoencoder(
    ...     {name: nn.Linear(n, 8) for name, n in senses.items()},
    ...     {name: 8 for name in senses},
    ...     nn.Linear(16, 3),
    ...     {name: nn.Linear(3, n) for name, n in senses.items()},
    ... )
    >>> heard = net({"audio": torch.ones(2, 6)})
    >>> heard.shared.shape, heard.reconstructions["image"].shape
    (torch.Size([2, 3]), torch.Size([2, 4]))
    """

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        sizes: Mapping[str, int],
        shared: nn.Module,
        decoders: Mapping[str, nn.Module],
    ) -> None:
        super().__init__()
        if len(encoders) < 2:
            raise ValueError(f"encoders must be of two senses or more, got {list(encoders)}")
        for what, given in (("sizes", sizes), ("decoders", decoders)):
            if set(given) != set(encoders):
                raise ValueError(f"{what} must be those of {sorted(encoders)}, got {sorted(given)}")
        self.senses = tuple(encoders)
        ordered = {name: sizes[name] for name in encoders}
        self.encoder = FusionNet(encoders, Concatenate(ordered), shared)
        self.decoders = nn.ModuleDict({name: decoders[name] for name in encoders})

    def forward(
        self,
        inputs: Mapping[str, Tensor],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
        present: Mapping[str, Bool[Tensor, " batch"]] | None = None,
    ) -> Joint:
        """Return the shared representation, and all senses as they follow from it.

        Args:
            inputs: by the names of the senses. One that is not there is absent in all items.
            lengths: as in a `Batch`.
            present: which items have a sense; one that is not named is there in all of them.
        Raises:
            ValueError: if a sense has no encoder, the senses differ in their number of items, or
                an item has no sense at all.
        """
        shared = self.embed(inputs, lengths=lengths, present=present)
        return Joint(shared, {name: self.decoders[name](shared) for name in self.senses})

    def embed(
        self,
        inputs: Mapping[str, Tensor],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
        present: Mapping[str, Bool[Tensor, " batch"]] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return the shared representation alone."""
        shared: Tensor = self.encoder(inputs, lengths=lengths, present=present)
        return shared


class PartByPart(nn.Module):
    """Cuts the last axis into equal parts, encodes each with the same encoder, and joins them.

    For a word of several digits, say: what each part means does not depend on where it stands,
    and which stands where is kept.

    Args:
        encoder: gives [batch, feature] for a part.
        n_parts: how many.
    Raises:
        ValueError: if `n_parts` is below 1, or the last axis cannot be cut so.
    Lesson: 15_joint_representation

    >>> PartByPart(nn.Flatten(), 2)(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    tensor([[1., 3., 2., 4.]])
    """

    def __init__(self, encoder: nn.Module, n_parts: int) -> None:
        super().__init__()
        if n_parts < 1:
            raise ValueError(f"n_parts must be at least 1, got {n_parts}")
        self.encoder = encoder
        self.n_parts = n_parts

    def forward(self, x: Float[Tensor, "batch *axis last"]) -> Float[Tensor, "batch feature"]:
        """Return the features of the first part, then those of the next, and so on."""
        n, last = len(x), x.shape[-1]
        if last % self.n_parts:
            raise ValueError(f"the last axis must be {self.n_parts} equal parts, got {last}")
        parts = torch.cat(torch.split(x, last // self.n_parts, dim=-1))  # [part · batch, ..., last]
        found: Tensor = self.encoder(parts)
        return found.reshape(self.n_parts, n, -1).transpose(0, 1).flatten(1)


class Rescaled(nn.Module):
    """What a decoder ends with: numbers about 0 become those of the input's units and shape.

    Args:
        shape: of an item.
        centre: what 0 becomes.
        spread: what 1 is more than that.

    >>> Rescaled((2, 1), centre=-60.0, spread=10.0)(torch.tensor([[0.0, 1.0]]))
    tensor([[[-60.],
             [-50.]]])
    """

    def __init__(self, shape: tuple[int, ...], *, centre: float = 0.0, spread: float = 1.0) -> None:
        super().__init__()
        self.shape, self.centre, self.spread = shape, centre, spread

    def forward(self, x: Float[Tensor, "batch value"]) -> Tensor:
        """Return them, [batch, *shape]."""
        return (self.centre + self.spread * x).reshape(len(x), *self.shape)
