"""Generators of pictures on their way to the page."""

import copy
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from avtutor.models import CallEncoder, ConditionalVAE, LatentFlow, SpectrogramCNN
from avtutor.models.fusion_encoders import AudioEncoder
from avtutor.models.generator_parts import N_WAVES, PictureDecoder, Velocity
from avtutor.widgets.fusion_weights import _pack_cnn, _pack_encoder
from avtutor.widgets.layers import NOTHING, Block, Packed, pack_layers

Norm = nn.BatchNorm1d | nn.BatchNorm2d


def pack_generator(model: LatentFlow | ConditionalVAE) -> tuple[Packed, bytes]:
    """Return what the page needs to know of a generator, and its weights as float32.

    A convolution, the batch norm that follows it and the ReLU after that become one.

    Raises:
        TypeError: if `model` is neither a LatentFlow nor a ConditionalVAE.
        ValueError: if the page does not know a part of it, or a weight is not finite.

    >>> from avtutor.models import GeneratorConfig
    >>> config = GeneratorConfig(picture_shape=(1, 8, 8), n_mels=8, widths=(8, 4))
    >>> ear = CallEncoder(config, n_frames=16)
    >>> pack_generator(ConditionalVAE(config, ear))[0]["kind"]
    'vae'
    """
    if not isinstance(model, LatentFlow | ConditionalVAE):
        raise TypeError(
            f"model must be a LatentFlow or a ConditionalVAE, got {type(model).__name__}"
        )
    block = Block("the generator")
    flow = isinstance(model, LatentFlow)
    decoder = model.pictures.decoder if isinstance(model, LatentFlow) else model.decoder
    packed = {
        "kind": "flow" if flow else "vae",
        "shape": list(model.config.picture_shape),
        "n_latents": model.config.n_latents,
        "ear": pack_ear(model.sound, block),
        "velocity": _velocity(model.velocity, block) if isinstance(model, LatentFlow) else None,
        "decoder": _decoder(decoder, block),
    }
    return packed, block.joined()


def pack_ear(ear: nn.Module, block: Block) -> Packed:
    """Return what the page needs to know of what hears; see `pack_generator`."""
    if isinstance(ear, CallEncoder):
        parts = [ear.normalise, _Seen(), *_flat(ear.convs), *_flat(ear.over_time)]
        return {"cnn": None, "layers": list(_chain(parts, block))}
    if isinstance(ear, AudioEncoder):
        return _pack_encoder(ear, block)
    if isinstance(ear, SpectrogramCNN):
        cnn = copy.deepcopy(ear)
        del cnn.classifier
        return {"cnn": _pack_cnn(cnn, block), "layers": pack_layers(ear.classifier, block)}
    return {"cnn": None, "layers": list(_chain(list(_flat(ear)), block))}


class _Seen(nn.Module):
    """Stands for what makes a picture of one channel out of a spectrogram."""


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    """Give the layers that follow each other, whatever they are wrapped in."""
    if isinstance(module, nn.Sequential):
        for layer in module:
            yield from _flat(layer)
    elif not isinstance(module, NOTHING):
        yield module


def _chain(layers: Sequence[nn.Module], block: Block) -> Iterator[Packed]:
    """Give what the page is told of each layer."""
    at = 0
    while at < len(layers):
        layer, at = layers[at], at + 1
        if isinstance(layer, nn.Conv1d | nn.Conv2d):
            norm = layers[at] if at < len(layers) else None
            joined = isinstance(norm, Norm)
            at += joined
            clips = at < len(layers) and type(layers[at]) is nn.ReLU
            at += clips
            yield _conv(layer, norm if isinstance(norm, Norm) else None, block, relu=clips)
        elif isinstance(layer, _Seen):
            yield {"kind": "seen"}
        elif isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, 2):
            yield {"kind": "in_rows"}
        elif isinstance(layer, nn.PixelShuffle):
            yield {"kind": "pixel_shuffle", "factor": layer.upscale_factor}
        elif isinstance(layer, nn.SiLU):
            yield {"kind": "silu"}
        else:
            yield from pack_layers(layer, block)


def _conv(conv: nn.Conv1d | nn.Conv2d, norm: Norm | None, block: Block, *, relu: bool) -> Packed:
    plain = set(conv.dilation) == {1} and conv.groups == 1 and conv.padding_mode == "zeros"
    if not plain or isinstance(conv.padding, str):
        raise ValueError(f"{block.what} must have layers that the page knows, got {conv}")
    weight, bias = conv.weight.double(), conv.bias
    shift = torch.zeros(len(weight)).double() if bias is None else bias.double()
    if norm is not None:
        scale, summand = _factors(norm, block)
        weight = weight * scale.view(-1, *[1] * (weight.ndim - 1))
        shift = shift * scale + summand
    flat = isinstance(conv, nn.Conv1d)
    return {
        "kind": "quick_conv",
        "size": [1, *conv.kernel_size] if flat else list(conv.kernel_size),
        "stride": [1, *conv.stride] if flat else list(conv.stride),
        "padding": [0, *conv.padding] if flat else list(conv.padding),
        "weight": block.add(weight),
        "bias": block.add(shift),
        "relu": relu,
    }


def _factors(norm: Norm, block: Block) -> tuple[Tensor, Tensor]:
    """Return the factor and the summand of each channel that batch norm is after training."""
    if norm.running_mean is None or norm.running_var is None or not norm.affine:
        raise ValueError(f"{block.what} must have layers that the page knows, got {norm}")
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return scale, norm.bias.double() - norm.running_mean.double() * scale


def _velocity(velocity: Velocity, block: Block) -> Packed:
    blocks = [list(_chain(list(_flat(one)), block)) for one in velocity.blocks]
    return {
        "n_waves": N_WAVES,
        "first": pack_layers(velocity.first, block),
        "blocks": blocks,
        "last": pack_layers(velocity.last, block),
    }


def _decoder(decoder: PictureDecoder, block: Block) -> Packed:
    layers = [decoder.dense, nn.ReLU(), *_flat(decoder.layers), nn.Sigmoid()]
    chain = list(_chain(layers, block))
    chain.insert(2, {"kind": "view", "shape": list(decoder.shape)})
    return {"layers": chain}
