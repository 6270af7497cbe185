"""Networks of two senses on their way to the page."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from avtutor.models import FusionNet
from avtutor.models.bottleneck import AttentionBlock, BottleneckFusion
from avtutor.models.fusing import (
    AverageLogits,
    CommonGrid,
    Concatenate,
    GatedFusion,
    LearnedMix,
    LowRankFusion,
)
from avtutor.models.fusion_encoders import AudioEncoder, Normalised
from avtutor.models.lenet import LeNet
from avtutor.models.spectrogram_cnn import SpectrogramCNN
from avtutor.widgets.fused import SENSES
from avtutor.widgets.layers import Block, Packed, pack_layers
from avtutor.widgets.weights import pack_network


def pack_nets(nets: Mapping[str, FusionNet]) -> tuple[dict[str, Any], bytes]:
    """Return what the page needs to know of networks, and their weights, float32.

    An encoder that several have, to the last weight, is sent once, and runs once.

    Raises:
        TypeError: if one is not a FusionNet.
        ValueError: if there is none, or the page does not know a part of one.
    """
    if not nets:
        raise ValueError("nets must be a dict of FusionNets by name, got an empty one")
    block = Block()
    encoders: list[Packed] = []
    packed = []
    for name, net in nets.items():
        if not isinstance(net, FusionNet):
            raise TypeError(f"nets must be FusionNets, got {type(net).__name__} under {name!r}")
        if not set(net.senses) <= set(SENSES):
            raise ValueError(
                f"the senses of a net must be of {', '.join(SENSES)}, "
                f"got {', '.join(net.senses)} under {name!r}"
            )
        block.what = f"the net {name!r}"
        places = {}
        for sense, encoder in net.encoders.items():
            entry = {"sense": sense, **_pack_encoder(encoder, block)}
            if entry not in encoders:
                encoders.append(entry)
            places[sense] = encoders.index(entry)
        heads = {sense: _pack_head(head, block) for sense, head in net.sense_heads.items()}
        packed.append(
            {
                "name": name,
                "senses": list(net.senses),
                "encoders": places,
                "sense_heads": heads if net.takes_logits else {},
                "fusion": _pack_fusion(net, block),
                "head": _pack_head(net.head, block),
            }
        )
    return {"encoders": encoders, "nets": packed}, block.joined()


def _pack_encoder(encoder: nn.Module, block: Block) -> Packed:
    if isinstance(encoder, AudioEncoder):
        description = _pack_cnn(encoder.cnn, block)
        return {"cnn": description, "layers": pack_layers(encoder.dense, block)}
    layers = encoder.norm if isinstance(encoder, Normalised) else encoder
    return {"cnn": None, "layers": pack_layers(layers, block)}


def _pack_cnn(cnn: SpectrogramCNN, block: Block) -> Packed:
    description, weights = pack_network(cnn, encoder=True)
    place = block.add_bytes(weights)
    for tensor in description["tensors"]:
        tensor["first"] += place
    return description


def _pack_head(head: nn.Module, block: Block) -> list[Packed]:
    if isinstance(head, LeNet):
        return pack_layers(nn.Sequential(head.features, head.classifier), block)
    return pack_layers(head, block)


def _pack_fusion(net: FusionNet, block: Block) -> Packed:
    pack = _FUSIONS.get(type(net.fusion))
    if pack is None:
        known = ", ".join(fusion.__name__ for fusion in _FUSIONS)
        raise ValueError(
            f"the fusion of {block.what} must be one of {known}, got {type(net.fusion).__name__}"
        )
    return pack(net, net.fusion, block)


def _dense(layers: nn.ModuleDict, senses: list[str], block: Block) -> list[Packed]:
    return [pack_layers(layers[sense], block)[0] for sense in senses]


def _joining(kind: str, fusion: Any) -> Packed:
    return {"kind": kind, "senses": list(fusion.sizes), "sizes": list(fusion.sizes.values())}


def _grid(net: FusionNet, fusion: CommonGrid, block: Block) -> Packed:
    sizes = [list(size) if len(size) == 3 else [1, *size] for size in fusion.sizes.values()]
    buffers = dict(fusion.named_buffers())
    return {
        "kind": "common_grid",
        "senses": list(fusion.sizes),
        "sizes": sizes,
        "grid": list(fusion.grid),
        "rows": [block.add(buffers[f"rows_{sense}"]) for sense in fusion.sizes],
        "columns": [block.add(buffers[f"columns_{sense}"]) for sense in fusion.sizes],
    }


def _concatenate(net: FusionNet, fusion: Concatenate, block: Block) -> Packed:
    return _joining("concatenate", fusion)


def _average(net: FusionNet, fusion: AverageLogits, block: Block) -> Packed:
    return {"kind": "late", "senses": list(net.senses), "scores": None}


def _mix(net: FusionNet, fusion: LearnedMix, block: Block) -> Packed:
    return {"kind": "late", "senses": list(fusion.senses), "scores": block.add(fusion.scores)}


def _gated(net: FusionNet, fusion: GatedFusion, block: Block) -> Packed:
    senses = list(fusion.sizes)
    return {
        **_joining("gated", fusion),
        "values": _dense(fusion.values, senses, block),
        "gates": _dense(fusion.gates, senses, block),
    }


def _low_rank(net: FusionNet, fusion: LowRankFusion, block: Block) -> Packed:
    return {
        **_joining("low_rank", fusion),
        "factors": _dense(fusion.factors, list(fusion.sizes), block),
        "bias": block.add(fusion.bias),
        "rank": fusion.rank,
    }


def _bottleneck(net: FusionNet, fusion: BottleneckFusion, block: Block) -> Packed:
    senses = list(fusion.sizes)
    return {
        **_joining("bottleneck", fusion),
        "tokens": _dense(fusion.tokens, senses, block),
        "shared": block.add(fusion.shared),
        "layers": [
            [_attention(layer[sense], block) for sense in senses]  # type: ignore[index]
            for layer in fusion.layers
        ],
        "norm": pack_layers(fusion.norm, block)[0],
    }


def _attention(layer: AttentionBlock, block: Block) -> Packed:
    names = ("first", "second", "qkv", "out")
    parts: Packed = {name: pack_layers(getattr(layer, name), block)[0] for name in names}
    return {**parts, "dense": pack_layers(layer.dense, block)}


_FUSIONS: dict[type[nn.Module], Callable[..., Packed]] = {
    CommonGrid: _grid,
    Concatenate: _concatenate,
    AverageLogits: _average,
    LearnedMix: _mix,
    GatedFusion: _gated,
    BottleneckFusion: _bottleneck,
    LowRankFusion: _low_rank,
}
