"""plots.attribution, curves and filters: colours and numbers are those of the map."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from avtutor import plots
from avtutor.explain import Curve
from avtutor.spectral import SpectrogramConfig

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=4)
LEVELS = torch.linspace(-60, 0, 24).reshape(4, 6)
CURVE = Curve(torch.tensor([0.0, 0.5, 1.0]), torch.tensor([1.0, 0.4, 0.0]))


@pytest.fixture
def ax() -> Axes:
    plt.close("all")
    return plt.figure().subplots()


def test_a_map_is_orange_above_0_and_blue_below_over_a_grey_spectrogram(ax: Axes) -> None:
    map = torch.zeros(4, 6)
    map[1, 2], map[3, 0] = 4.0, -2.0
    assert plots.attribution(ax, LEVELS, map, CONFIG, title="It looks there") is ax
    sound, over = ax.images
    assert sound.get_cmap().name == "gray" and ax.get_title() == "It looks there"
    assert np.allclose(sound.get_array(), LEVELS)
    assert over.get_extent() == sound.get_extent()
    colours = np.asarray(over.get_array())
    assert np.allclose(colours[1, 2], (*to_rgb(plots.COLOURS[1]), 0.85))
    assert np.allclose(colours[3, 0], (*to_rgb(plots.COLOURS[0]), 0.425))
    assert float(colours[..., 3].sum()) == pytest.approx(0.85 * 1.5)


def test_a_mask_and_a_map_of_nothing(ax: Axes) -> None:
    plots.attribution(ax, LEVELS, LEVELS > -10, CONFIG)
    shown = np.asarray(ax.images[1].get_array())[..., 3]
    assert np.array_equal(shown > 0, (LEVELS > -10).numpy())
    plots.attribution(ax, LEVELS, torch.zeros(4, 6), CONFIG)
    assert float(np.asarray(ax.images[-1].get_array())[..., 3].max()) == 0


def test_curves_hold_the_numbers_and_name_the_area(ax: Axes) -> None:
    plots.curves(ax, {"occlusion": CURVE, "energy": CURVE}, change="inserted", title="Fast")
    first, second = ax.get_lines()
    assert np.allclose(first.get_xdata(), CURVE.shares)
    assert np.allclose(first.get_ydata(), CURVE.probabilities)
    assert (first.get_color(), first.get_linestyle()) != (
        second.get_color(),
        second.get_linestyle(),
    )
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "occlusion (area 0.45)",
        "energy (area 0.45)",
    ]
    assert ax.get_xlabel() == "share of the cells that are inserted"


def test_filters_stand_side_by_side_with_the_low_frequencies_below(ax: Axes) -> None:
    weights = torch.arange(3 * 2 * 2.0).reshape(3, 2, 2) - 4
    plots.filters(ax, weights, per_row=2)
    sheet = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert sheet.shape == (5, 5)
    assert np.array_equal(sheet[:2, :2], [[-2, -1], [-4, -3]])
    assert np.array_equal(sheet[:2, 3:], [[2, 3], [0, 1]])
    assert np.array_equal(sheet[3:, :2], [[6, 7], [4, 5]])
    assert (
        np.isnan(sheet[2]).all() and np.isnan(sheet[:, 2]).all() and np.isnan(sheet[3:, 3:]).all()
    )
    assert ax.images[0].get_clim() == (-7, 7)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ax: plots.attribution(ax, LEVELS, LEVELS[:3], CONFIG), r"\[4, 6\], got \[3, 6\]"),
        (
            lambda ax: plots.attribution(ax, LEVELS, LEVELS * torch.nan, CONFIG),
            "map must be finite",
        ),
        (lambda ax: plots.attribution(ax, LEVELS, LEVELS, CONFIG, scale="bark"), "bark"),
        (lambda ax: plots.curves(ax, {}), "from 1 to 10 curves, got 0"),
        (lambda ax: plots.curves(ax, {"a": CURVE}, change="lost"), "'lost'"),
        (lambda ax: plots.filters(ax, torch.zeros(2, 3)), r"filter, row, column.*got \[2, 3\]"),
        (lambda ax: plots.filters(ax, torch.zeros(2, 3, 3), per_row=0), "per_row"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    call: Callable[[Axes], object], message: str, ax: Axes
) -> None:
    with pytest.raises(ValueError, match=message):
        call(ax)
