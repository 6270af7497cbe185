"""Alterations of pictures: against flips and rolls written out, exact cells, and what returns."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from avtutor.augment import colour, flip, luminance, permute, rotate, shift, squeeze
from avtutor.spectral import SpectrogramConfig, log_mel

PICTURES = torch.rand(3, 2, 5, 7, generator=torch.Generator().manual_seed(1))
GREY = torch.linspace(0, 1, 256).reshape(1, 1, 16, 16)


@pytest.mark.parametrize("axis", ["height", "width"])
def test_flip_twice_is_the_picture_and_once_is_numpys(axis: str) -> None:
    once = flip(PICTURES, axis)
    mirrored = np.flip(PICTURES.numpy(), {"height": 2, "width": 3}[axis])
    assert torch.equal(once, torch.from_numpy(mirrored.copy()))
    assert torch.equal(flip(once, axis), PICTURES)


def test_along_the_width_a_spectrogram_is_that_of_the_reversed_samples() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    sound = torch.randn(1, 8000, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    backwards = log_mel(sound.flip(1), config)[:, None]
    # The last sample has no partner: frames are centred on samples 0, 80 … 8000 of 8000.
    whole = log_mel(torch.nn.functional.pad(sound.flip(1), (1, 0)), config)[:, None]
    altered = flip(log_mel(sound, config)[:, None], "width")
    inner = slice(2, -2)  # the frames at the ends hold what was reflected there
    assert float((altered - whole)[..., inner].abs().max()) < 1e-9
    assert float((altered - backwards).abs().mean()) < 1.0


@pytest.mark.parametrize("steps", [-9, -7, -2, 0, 1, 6, 7])
@pytest.mark.parametrize("axis", ["height", "width"])
def test_shift_moves_and_fills_and_nothing_comes_round(steps: int, axis: str) -> None:
    along = PICTURES if axis == "width" else PICTURES.transpose(2, 3)
    size = along.shape[-1]
    expected = torch.full_like(along, -60.0)
    for place in range(size):
        if 0 <= place + steps < size:
            expected[..., place + steps] = along[..., place]
    if axis == "height":
        expected = expected.transpose(2, 3)
    assert torch.equal(shift(PICTURES, steps, axis, fill=-60.0), expected)


def test_each_item_is_moved_by_its_own_number() -> None:
    moved = shift(PICTURES, torch.tensor([0, 2, -1]), "width", fill=0.0)
    for item, steps in enumerate([0, 2, -1]):
        alone = shift(PICTURES[item : item + 1], steps, "width", fill=0.0)
        assert torch.equal(moved[item : item + 1], alone)


def test_squeezed_to_half_two_cells_become_their_mean_about_the_anchor() -> None:
    row = torch.tensor([1.0, 3.0, 5.0, 9.0]).reshape(1, 1, 1, 4)
    halves = {0.0: [2.0, 7.0, -60.0, -60.0], 1.0: [-60.0, -60.0, 2.0, 7.0]}
    halves[0.5] = [-60.0, 2.0, 7.0, -60.0]
    for anchor, expected in halves.items():
        got = squeeze(row, 0.5, "width", fill=-60.0, anchor=anchor)
        assert got.flatten().tolist() == pytest.approx(expected, abs=1e-4)
        standing = squeeze(row.transpose(2, 3), 0.5, "height", fill=-60.0, anchor=anchor)
        assert standing.flatten().tolist() == pytest.approx(expected, abs=1e-4)


def test_squeeze_by_one_changes_nothing_and_each_item_has_its_factor() -> None:
    assert torch.allclose(squeeze(PICTURES, 1.0, "height", fill=3.0), PICTURES, atol=1e-5)
    factors = torch.tensor([0.6, 1.0, 1.5])
    made = squeeze(PICTURES, factors, "width", fill=0.0)
    for item, factor in enumerate(factors.tolist()):
        alone = squeeze(PICTURES[item : item + 1], factor, "width", fill=0.0)
        assert torch.allclose(made[item : item + 1], alone, atol=1e-6)


def test_a_quarter_turn_of_a_square_is_numpys_and_cells_stay_square() -> None:
    square = PICTURES[..., :5]
    turned = np.rot90(square.numpy(), k=-1, axes=(2, 3)).copy()
    assert torch.allclose(rotate(square, 90.0, fill=0.0), torch.from_numpy(turned), atol=1e-5)
    wide = torch.zeros(1, 1, 21, 61)
    wide[0, 0, 10] = 1.0  # a level line through the middle, 61 long
    tilted = rotate(wide, 45.0, fill=0.0)[0, 0]
    rows, columns = (tilted > 0.5).nonzero().T
    assert torch.equal(rows - 10, columns - 30)  # 45 degrees in cells, whatever the aspect


def test_turned_and_back_the_middle_is_as_it_was() -> None:
    smooth = torch.outer(torch.linspace(0, 1, 40), torch.linspace(0, 1, 80))[None, None]
    there = rotate(rotate(smooth, 12.0, fill=0.0), -12.0, fill=0.0)
    assert torch.allclose(there[..., 15:25, 30:50], smooth[..., 15:25, 30:50], atol=1e-3)


@pytest.mark.parametrize("axis", ["height", "width", "both"])
def test_a_permutation_keeps_every_cell_and_is_the_same_for_all(axis: str) -> None:
    numbered = torch.arange(35.0).reshape(1, 1, 5, 7).repeat(3, 2, 1, 1)
    made = permute(numbered, axis, seed=4)
    assert torch.equal(made, made[:1, :1].expand_as(made))
    assert torch.equal(made[0, 0].flatten().sort().values, torch.arange(35.0))
    assert not torch.equal(made, numbered)
    assert torch.equal(made, permute(numbered, axis, seed=4))
    assert not torch.equal(made, permute(numbered, axis, seed=5))
    sorted_rows = made[0, 0].sort(dim=1).values.sort(dim=0).values
    if axis == "height":  # rows are whole, and so are columns below
        assert torch.equal(made[0, 0] % 7, numbered[0, 0] % 7)
        assert torch.equal(sorted_rows, numbered[0, 0])
    if axis == "width":
        assert torch.equal((made[0, 0] / 7).floor(), (numbered[0, 0] / 7).floor())


def test_a_grey_table_costs_half_a_step_at_most() -> None:
    table = torch.arange(256, dtype=torch.uint8)[:, None].repeat(1, 3)
    random = torch.rand(2, 1, 30, 30, generator=torch.Generator().manual_seed(3))
    back = luminance(colour(random, table))
    error = float((back - random).abs().max())
    assert 0.45 / 255 < error <= 0.5001 / 255


def test_colours_are_those_of_the_table_and_luminance_is_pillows() -> None:
    from matplotlib import colormaps  # the package itself knows no colour maps
    from PIL import Image

    shades = np.round(255 * colormaps["magma"](np.arange(256))[:, :3]).astype(np.uint8)
    coloured = colour(GREY, torch.from_numpy(shades))
    assert np.array_equal(coloured[0].movedim(0, -1).reshape(256, 3).numpy(), shades)
    grey = np.asarray(Image.fromarray(coloured[0].movedim(0, -1).numpy()).convert("L"))
    assert np.abs(luminance(coloured)[0, 0].numpy() * 255 - grey).max() <= 1.0


def test_what_lies_outside_of_the_table_gets_its_ends() -> None:
    table = torch.tensor([[0, 0, 0], [9, 9, 9]], dtype=torch.uint8)
    coloured = colour(torch.tensor([[[[-3.0, 7.0]]]]), table)
    assert coloured[0, 0, 0].tolist() == [0, 9]


def test_the_input_is_left_as_it_was() -> None:
    before = PICTURES.clone()
    flip(PICTURES, "width")
    shift(PICTURES, 2, "height", fill=0.0)
    squeeze(PICTURES, 0.7, "width", fill=0.0)
    rotate(PICTURES, 20.0, fill=0.0)
    permute(PICTURES, "both", seed=0)
    assert torch.equal(PICTURES, before)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: flip(PICTURES[0], "width"), ValueError, "must have the shape .*got .2, 5, 7"),
        (
            lambda: flip(PICTURES, "time"),
            ValueError,
            "axis must be one of height, width, got 'time'",
        ),
        (lambda: flip(PICTURES.to(torch.int64), "width"), TypeError, "tensor of floats"),
        (lambda: shift(PICTURES, 1, "both", fill=0.0), ValueError, "axis must be one of"),
        (lambda: shift(PICTURES, 0.5, "width", fill=0.0), TypeError, "whole numbers"),
        (lambda: squeeze(PICTURES, 0.0, "width", fill=0.0), ValueError, "factors must be above 0"),
        (
            lambda: squeeze(PICTURES, math.inf, "width", fill=0.0),
            ValueError,
            "factors must be above 0",
        ),
        (
            lambda: squeeze(PICTURES, 0.5, "width", fill=0.0, anchor=2.0),
            ValueError,
            "anchor must be from 0 to 1, got 2.0",
        ),
        (lambda: permute(PICTURES, "all", seed=0), ValueError, "axis must be one of height, width"),
        (
            lambda: colour(PICTURES, torch.zeros(2, 3, dtype=torch.uint8)),
            ValueError,
            "pictures must have 1 channel, got 2",
        ),
        (
            lambda: luminance(torch.zeros(1, 1, 4, 4, dtype=torch.uint8)),
            ValueError,
            "pictures must be .batch, 3",
        ),
    ],
)
def test_bad_input_is_refused(
    call: Callable[[], Tensor], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
