"""What maps are compared with, and what a hidden cell is filled with."""

import copy
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from avtutor.explain.calls import check_picture


def noise_floor(picture: Float[Tensor, "*channel row column"], *, share: float = 0.1) -> float:
    """Return a level that is quiet for this picture: a tenth of its cells lie below it.

    A cell set to it is silence as this recording has it. The one lowest cell may be a hole that
    no recording has elsewhere, and 0 dB is loud. Silence filled with silence stays as it is: with
    this fill a map can show sounds that count, but no pause that does.

    Args:
        picture: levels in dB, or whatever the network is shown.
        share: of the cells that lie below, 0 to 1.
    Raises:
        TypeError: if the picture is no tensor of floats.
        ValueError: if it is empty or not finite, or `share` is not in [0, 1].
    Lesson: 08_what_it_heard

    >>> noise_floor(torch.linspace(-60, 0, 101).reshape(1, -1))
    -54.0
    """
    check_picture(picture)
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    levels = picture.flatten().double().sort().values
    return float(levels[round(share * (len(levels) - 1))])


def energy_map(picture: Float[Tensor, "*channel row column"]) -> Float[Tensor, "row column"]:
    """Return how far each cell lies above the lowest one; of channels, the mean.

    The map of one who says that a network listens to what is loud.

    Raises:
        TypeError: if the picture is no tensor of floats.
        ValueError: if it is empty or not finite.
    Lesson: 08_what_it_heard

    >>> energy_map(torch.tensor([[-60.0, -20.0], [-50.0, 0.0]]))
    tensor([[ 0., 40.],
            [10., 60.]])
    """
    check_picture(picture)
    levels = picture.reshape(-1, *picture.shape[-2:]).mean(dim=0)
    return levels - levels.min()


def random_blobs(
    shape: tuple[int, int], *, size: float, generator: torch.Generator
) -> Float[Tensor, "row column"]:
    """Return a smooth random map: noise, blurred until it has blobs as wide as those of maps.

    Single cells strewn over the picture would be too easy to beat: a picture with holes
    everywhere is strange to a network whatever the holes hide.

    Args:
        shape: (row, column).
        size: the standard deviation of the blur, in cells; 0 leaves single cells.
        generator: where the random numbers come from.
    Raises:
        ValueError: if a side is below 1, or `size` below 0 or not finite.
    Lesson: 08_what_it_heard

    >>> random_blobs((40, 60), size=4.0, generator=torch.Generator().manual_seed(0)).shape
    torch.Size([40, 60])
    """
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be (row, column), each at least 1, got {shape}")
    if not 0 <= size < math.inf:
        raise ValueError(f"size must be at least 0 and finite, got {size}")
    reach = math.ceil(3 * size)
    noise = torch.randn(
        shape[0] + 2 * reach, shape[1] + 2 * reach, generator=generator, device=generator.device
    )
    if reach == 0:
        return noise
    step = torch.arange(-reach, reach + 1, device=generator.device)
    bell = torch.exp(-0.5 * (step / size) ** 2)
    bell = bell / bell.square().sum().sqrt()  # the variance stays 1
    blurred = nn.functional.conv2d(noise[None, None], bell[None, None, :, None])
    return nn.functional.conv2d(blurred, bell[None, None, None, :])[0, 0]


def untrained(model: nn.Module, *, seed: int) -> nn.Module:
    """Return a copy of a network that has learned nothing: all weights drawn anew.

    What its batch norms have seen of the data is forgotten too. A map that looks the same for this
    copy shows the picture, not the network.

    Args:
        model: it stays as it is.
        seed: of the new weights.
    Raises:
        ValueError: if a layer holds weights and has no ``reset_parameters()`` to draw them.
    Source: Adebayo et al. 2018, Sanity checks for saliency maps.
    Lesson: 08_what_it_heard

    >>> layer = nn.Linear(2, 2)
    >>> bool((untrained(layer, seed=0).weight == layer.weight).any())
    False
    """
    blank = copy.deepcopy(model)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        for name, part in blank.named_modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
            elif next(part.parameters(recurse=False), None) is not None:
                raise ValueError(
                    f"{type(part).__name__} {name!r} must have a method reset_parameters, "
                    f"which draws its weights anew"
                )
    return blank
