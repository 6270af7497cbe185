"""Two joint spaces, and the networks that made them, on their way to the page."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from avtutor.models import BimodalAutoencoder, Towers
from avtutor.widgets.joined import SENSES, Space
from avtutor.widgets.layers import Block, Packed, pack_layers


def pack_joint(
    towers: Towers, autoencoder: BimodalAutoencoder, spaces: Mapping[str, Space]
) -> tuple[dict[str, Any], bytes]:
    """Return what the page needs to know of towers, decoders and spaces, and all numbers, float32.

    The autoencoder's encoders stay behind: the page has what they made of the items.

    Raises:
        ValueError: if the page does not know a layer, or a weight is not finite.
    """
    block = Block("the towers")
    nets: dict[str, dict[str, list[Packed]]] = {"towers": {}, "decoders": {}}
    for sense in SENSES:
        tower = nn.Sequential(towers.encoders[sense], towers.projections[sense])
        nets["towers"][sense] = pack_layers(tower, block)
    block.what = "the autoencoder"
    for sense in SENSES:
        nets["decoders"][sense] = pack_layers(autoencoder.decoders[sense], block)
    packed = {
        name: {
            "unit": space.unit,
            "vectors": [block.add(torch.from_numpy(rows)) for rows in space.vectors],
            "centre": block.add(torch.from_numpy(space.centre)),
            "directions": [block.add(torch.from_numpy(row)) for row in space.directions],
            "shares": space.shares.tolist(),
        }
        for name, space in spaces.items()
    }
    return {**nets, "spaces": packed}, block.joined()
