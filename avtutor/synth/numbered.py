"""Random numbers that have a number: item 7 draws the same, alone or in any batch."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

_STEP, _FIRST, _SECOND = -7046029254386353131, -4658895280553007687, -7723592293110705685
_BITS = 24  # of a float32's mantissa


def _shifted(values: Tensor, bits: int) -> Tensor:
    """Return the values moved right by so many bits, zeros coming in."""
    return (values >> bits).bitwise_and_((1 << (64 - bits)) - 1)


def mixed(values: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """Return 64 bits for each number, which look random: neighbours have nothing in common.

    Source: Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators
        (SplitMix64).

    >>> [f"{value & (2**64 - 1):016x}" for value in mixed(torch.tensor([0, 1])).tolist()]
    ['e220a8397b1dcdaf', '910a2dec89025cc1']
    """
    z = values + _STEP
    z.bitwise_xor_(_shifted(z, 30)).mul_(_FIRST)
    z.bitwise_xor_(_shifted(z, 27)).mul_(_SECOND)
    return z.bitwise_xor_(_shifted(z, 31))


def _bits(items: Tensor, n: int, seed: int, stream: int) -> Tensor:
    """Return 64 bits for each number, [item, number]."""
    root = mixed(mixed(torch.tensor([seed])) + stream)
    return mixed(mixed(items + root)[:, None] + torch.arange(n))


def _share(bits: Tensor) -> Tensor:
    """Return the highest 24 bits as a number from 0 to below 1."""
    return _shifted(bits, 64 - _BITS).to(torch.float32).mul_(2.0**-_BITS)


def uniforms(
    items: Int[Tensor, " item"], n: int, *, seed: int, stream: int
) -> Float[Tensor, "item number"]:
    """Return `n` numbers for each item, evenly from 0 to below 1.

    They depend on the seed, the stream and the item, and on nothing else that is drawn.

    Args:
        items: their numbers, from 0 on.
        n: how many for each.
        seed: of all.
        stream: one use of random numbers gets one stream, so that it moves no other.

    >>> alone = uniforms(torch.tensor([7]), 2, seed=0, stream=1)
    >>> bool((uniforms(torch.arange(9), 2, seed=0, stream=1)[7] == alone).all())
    True
    """
    return _share(_bits(items, n, seed, stream))


def normals(
    items: Int[Tensor, " item"], n: int, *, seed: int, stream: int
) -> Float[Tensor, "item number"]:
    """Return `n` numbers for each item, normally distributed with mean 0 and deviation 1.

    Source: Box and Muller 1958, A note on the generation of random normal deviates.

    >>> drawn = normals(torch.tensor([0]), 100_000, seed=0, stream=0)
    >>> bool(drawn.mean().abs() < 0.02), bool((drawn.std() - 1).abs() < 0.02)
    (True, True)
    """
    half = -(-n // 2)
    bits = _bits(items, half, seed, stream)
    radius = _share(bits).neg_().log1p_().mul_(-2).sqrt_()
    angle = _share(bits << _BITS).mul_(2 * math.pi)  # of other bits
    return torch.cat([radius * angle.cos(), radius.mul_(angle.sin_())], dim=1)[:, :n]
