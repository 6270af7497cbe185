"""Two senses, one network: an encoder a sense, a fusion, a head; any sense may be missing."""

import copy
import inspect
from collections.abc import Mapping

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from avtutor.models.fusing import AverageLogits, Concatenate

__all__ = ["FusionNet", "ensemble"]


class FusionNet(nn.Module):
    """Encoders by the names of their senses, a fusion of what they return, and a head on top.

    Any sense may be missing: in an item, by `present`, or altogether, where it is not among the
    inputs. An encoder is run on the items that have its sense and on no other, so that batch
    norm never sees a filler; the rest of its features are zeros.

    A fusion is called with the features of all senses, [batch, ...], and with which items have
    them. One whose attribute ``takes_logits`` is true is called with the logits of the senses'
    own heads in place of the features: late fusion.

    Args:
        encoders: by the names of the senses. One whose ``forward`` has ``lengths`` is called with
            them. It says in ``n_features`` how many it returns; where it does not, the fusion
            says so in ``sizes``.
        fusion: see `models.fusing`.
        head: called with what the fusion returns; gives logits.
        sense_heads: for each sense a head of its own, called with its features.
    Raises:
        ValueError: if there is no encoder, `sense_heads` are not those of the encoders' senses,
            or the fusion needs them and there are none.
    Lesson: 13_fusion

    >>> both = {"audio": nn.Identity(), "image": nn.Identity()}
    >>> net = FusionNet(both, Concatenate({"audio": 2, "image": 1}), nn.Identity())
    >>> inputs = {"audio": torch.ones(2, 2), "image": torch.ones(2, 1)}
    >>> net(inputs, present={"image": torch.tensor([True, False])})
    tensor([[1., 1., 1.],
            [1., 1., 0.]])
    """

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        fusion: nn.Module,
        head: nn.Module,
        *,
        sense_heads: Mapping[str, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if not encoders:
            raise ValueError("encoders must hold at least one sense, got none")
        heads = dict(sense_heads or {})
        self.takes_logits = bool(getattr(fusion, "takes_logits", False))
        if (heads or self.takes_logits) and set(heads) != set(encoders):
            raise ValueError(
                f"sense_heads must be those of {sorted(encoders)}, got {sorted(heads)}"
            )
        self.senses = tuple(encoders)
        self.encoders = nn.ModuleDict(dict(encoders))
        self.fusion = fusion
        self.head = head
        self.sense_heads = nn.ModuleDict({name: heads[name] for name in encoders if heads})

    def forward(
        self,
        inputs: Mapping[str, Tensor],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
        present: Mapping[str, Bool[Tensor, " batch"]] | None = None,
        per_sense: bool = False,
    ) -> Tensor | tuple[Tensor, dict[str, Tensor]]:
        """Return the logits [batch, class]; with `per_sense` also those of each sense's own head.

        Args:
            inputs: by sense; one that is not named is missing in all items.
            lengths: by sense: how much of the last axis is not padding.
            present: by sense: which items have it; one that is not named is there in all.
            per_sense: whether to return a pair: the logits, and by sense those of its own head,
                with zeros where the sense is missing.
        Raises:
            ValueError: if a sense was not declared, the senses differ in their number of items,
                an item has no sense at all, or `per_sense` is asked of a net without heads.
        """
        if per_sense and not self.sense_heads:
            raise ValueError("per_sense needs heads of the senses: make the net with sense_heads")
        there = self._there(inputs, lengths, present)
        features = self._encoded(inputs, lengths or {}, there)
        own = self._own(features, there) if per_sense or self.takes_logits else {}
        joined = own if self.takes_logits else self._filled(features)
        logits: Tensor = self.head(self.fusion(joined, there))
        return (logits, own) if per_sense else logits

    def encode(
        self,
        inputs: Mapping[str, Tensor],
        *,
        lengths: Mapping[str, Int[Tensor, " batch"]] | None = None,
        present: Mapping[str, Bool[Tensor, " batch"]] | None = None,
    ) -> dict[str, Tensor]:
        """Return each sense's features [batch, ...], with zeros where it is missing.

        Raises:
            ValueError: as `forward` does.
        """
        there = self._there(inputs, lengths, present)
        return self._filled(self._encoded(inputs, lengths or {}, there))

    def load_encoders(self, nets: Mapping[str, nn.Module]) -> None:
        """Copy the weights of encoders that were trained elsewhere.

        Args:
            nets: by sense: a FusionNet with an encoder of that sense, or an encoder itself.
        Raises:
            ValueError: if a sense was not declared, or the weights do not fit.
        """
        self._check_names("nets", nets)
        for sense, net in nets.items():
            source = net
            if isinstance(net, FusionNet):
                if sense not in net.senses:
                    raise ValueError(f"the net for {sense!r} has only {list(net.senses)}")
                source = net.encoders[sense]
            try:
                self.encoders[sense].load_state_dict(source.state_dict())
            except RuntimeError as error:
                raise ValueError(f"the weights for {sense!r} do not fit: {error}") from error

    def _check_names(self, what: str, given: Mapping[str, object]) -> None:
        if unknown := sorted(set(given) - set(self.senses)):
            raise ValueError(f"{what} names {unknown}, the net has {list(self.senses)}")

    def _there(
        self,
        inputs: Mapping[str, Tensor],
        lengths: Mapping[str, Tensor] | None,
        present: Mapping[str, Tensor] | None,
    ) -> dict[str, Tensor]:
        """Return for all senses which items have them; refuse what does not fit together."""
        present = present or {}
        for what, given in (("inputs", inputs), ("lengths", lengths or {}), ("present", present)):
            self._check_names(what, given)
        if not inputs:
            raise ValueError(f"inputs must hold at least one of {list(self.senses)}, got none")
        sizes = {sense: len(values) for sense, values in inputs.items()}
        if len(set(sizes.values())) != 1:
            raise ValueError(f"the senses must have the same number of items, got {sizes}")
        n, device = next(iter(sizes.values())), next(iter(inputs.values())).device
        there = {}
        for sense in self.senses:
            rows = present.get(sense)
            if rows is None:
                rows = torch.full((n,), sense in inputs, device=device)
            if rows.dtype != torch.bool or rows.shape != (n,):
                raise ValueError(
                    f"present of {sense!r} must be bool and [{n}], got {rows.dtype} "
                    f"{list(rows.shape)}"
                )
            if sense not in inputs and bool(rows.any()):
                raise ValueError(f"{sense!r} is marked as present, and inputs do not hold it")
            there[sense] = rows
        nothing = ~torch.stack(list(there.values())).any(dim=0)
        if bool(nothing.any()):
            raise ValueError(
                f"each item must have at least one of {list(self.senses)}; none is present in "
                f"{nothing.nonzero().flatten().tolist()}"
            )
        return there

    def _encoded(
        self,
        inputs: Mapping[str, Tensor],
        lengths: Mapping[str, Tensor],
        there: Mapping[str, Tensor],
    ) -> dict[str, Tensor]:
        """Return the features of the senses that any item has."""
        found = {}
        for sense, rows in there.items():
            if not bool(rows.any()):
                continue
            encoder, given = self.encoders[sense], [inputs[sense]]
            if sense in lengths and "lengths" in inspect.signature(encoder.forward).parameters:
                given.append(lengths[sense])
            found[sense] = _on_rows(encoder, given, rows)
        return found

    def _filled(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the features of all senses, with zeros for those that no item has."""
        like, filled = next(iter(features.values())), {}
        for sense in self.senses:
            if sense in features:
                filled[sense] = features[sense]
                continue
            size = getattr(self.encoders[sense], "n_features", None)
            size = getattr(self.fusion, "sizes", {}).get(sense) if size is None else size
            if size is None:
                raise ValueError(
                    f"{sense!r} is missing in all items, and its encoder does not say n_features"
                )
            shape = (size,) if isinstance(size, int) else tuple(size)
            filled[sense] = like.new_zeros(len(like), *shape)
        return filled

    def _own(
        self, features: Mapping[str, Tensor], there: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Return the logits of each sense's own head, with zeros where it is missing."""
        found = {
            sense: _on_rows(self.sense_heads[sense], [values], there[sense])
            for sense, values in features.items()
        }
        empty = torch.zeros_like(next(iter(found.values())))
        return {sense: found.get(sense, empty) for sense in self.senses}


def _on_rows(module: nn.Module, given: list[Tensor], rows: Tensor) -> Tensor:
    """Return what a module makes of some rows of a batch, and zeros in the others."""
    if bool(rows.all()):
        every: Tensor = module(*given)
        return every
    some: Tensor = module(*(values[rows] for values in given))
    found = some.new_zeros(len(rows), *some.shape[1:])
    found[rows] = some
    return found


def ensemble(nets: Mapping[str, FusionNet]) -> FusionNet:
    """Return nets of one sense each, trained apart, as one: their answers are averaged.

    The mean is over the log-softmax of the senses that an item has. Nothing is trained together,
    and nothing is left to train; the weights are copies, and the net is in eval mode.

    Args:
        nets: by the name under which its input comes: for two nets of the *same* sense,
            ``{"audio": one, "again": other}``, called with the sound under both names.
    Raises:
        ValueError: if a net has not one sense, or more between encoder and head than
            `Concatenate`.
    Source: Lakshminarayanan et al. 2017 (averaging nets that differ in their seed alone).
    Lesson: 13_fusion
    """
    encoders, heads = {}, {}
    for name, net in nets.items():
        if len(net.senses) != 1 or not isinstance(net.fusion, Concatenate):
            raise ValueError(
                f"the net {name!r} must have one sense, and Concatenate as its fusion, got "
                f"{list(net.senses)} and {type(net.fusion).__name__}"
            )
        encoders[name] = copy.deepcopy(net.encoders[net.senses[0]])
        heads[name] = copy.deepcopy(net.head)
    return FusionNet(encoders, AverageLogits(), nn.Identity(), sense_heads=heads).eval()
