"""The input of the language network: what a fixed channel, loudness and pauses cannot change."""

import math

import pytest
import torch

from avtutor.models.language_input import (
    LANGUAGE_CONFIG,
    RANGE_DB,
    SPEECH_DB,
    language_features,
    level_bands,
    without_pauses,
)
from avtutor.spectral import mel_frequencies


def powers(seed: int = 0, frames: int = 200) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.rand(40, frames, generator=g) ** 4


def test_the_band_is_that_of_a_telephone() -> None:
    assert (LANGUAGE_CONFIG.f_min, LANGUAGE_CONFIG.f_max) == (100.0, 3400.0)
    assert LANGUAGE_CONFIG.hop_length / LANGUAGE_CONFIG.sample_rate == 0.016


def test_a_channel_and_loudness_leave_no_trace() -> None:
    channel = 10 ** torch.linspace(-2, 2, 40)[:, None]
    expected = level_bands(powers())
    assert torch.allclose(level_bands(powers() * channel), expected, atol=1e-4)
    assert torch.allclose(level_bands(powers() * 1e-3), expected, atol=1e-4)


def test_the_mean_of_each_band_is_0_and_the_rest_is_not() -> None:
    levels = level_bands(powers())
    assert float(levels.mean(dim=1).abs().max()) < 1e-5
    assert float(levels.std(dim=1).min()) > 0.1


def test_two_levels_by_hand() -> None:
    # One band, half of the frames at the peak and half 10 dB below: the floor lifts both.
    floor = 10 ** (-RANGE_DB / 10)
    band = torch.tensor([1.0, 0.1]).repeat(50)[None]
    gap = math.log10(1 + floor) - math.log10(0.1 + floor)
    assert torch.allclose(level_bands(band)[0, :2], torch.tensor([gap / 2, -gap / 2]), atol=1e-6)


def test_what_lies_far_below_the_peak_is_floor() -> None:
    band = torch.ones(1, 100)
    band[0, 50:75], band[0, 75:] = 1e-7, 1e-9
    levels = level_bands(band)
    assert float((levels[0, 60] - levels[0, 80]).abs()) < 0.001
    assert float(levels[0, 0] - levels[0, 60]) == pytest.approx(RANGE_DB / 10, abs=0.01)


def test_one_click_does_not_move_the_peak() -> None:
    quiet = powers()
    click = quiet.clone()
    click[:, 7] *= 1e4
    moved = (level_bands(click) - level_bands(quiet))[:, 20:]
    # The mean of 200 frames takes a part of the click: 4 units in one of them.
    assert float(moved.abs().max()) < 0.1


def test_pauses_are_left_out_whatever_their_length() -> None:
    speech = powers() + 0.1
    pause = torch.full((40, 300), 1e-6)
    with_pause = torch.cat([speech[:, :100], pause, speech[:, 100:]], dim=1)
    kept = without_pauses(with_pause)
    assert speech.shape[1] <= kept.shape[1] <= speech.shape[1] + 6
    assert torch.equal(without_pauses(speech), speech)


@pytest.mark.parametrize(("below", "stays"), [(SPEECH_DB - 3, True), (SPEECH_DB + 3, False)])
def test_where_a_pause_begins(below: float, stays: bool) -> None:
    sound = torch.ones(40, 200)
    sound[:, 100:] = 10 ** (-below / 10)
    assert (without_pauses(sound).shape[1] == 200) is stays


def test_digital_silence_is_finite_and_empty_of_levels() -> None:
    assert float(language_features(torch.zeros(16000), 16000).abs().max()) == 0


def test_the_rate_hardly_matters() -> None:
    t = torch.arange(32000) / 16000
    sound = torch.sin(2 * torch.pi * 500 * t) * (1 + torch.sin(2 * torch.pi * 4 * t))
    sound = sound + 0.1 * torch.sin(2 * torch.pi * 1700 * t)
    a, b = language_features(sound, 16000), language_features(sound[::2], 8000)
    assert a.shape[0] == 40 and abs(a.shape[1] - b.shape[1]) <= 1
    width = min(a.shape[1], b.shape[1])
    row = int((mel_frequencies(LANGUAGE_CONFIG) - 500).abs().argmin())
    assert float((a[row, 4 : width - 4] - b[row, 4 : width - 4]).abs().max()) < 0.1


def test_sound_above_the_telephone_band_changes_nothing() -> None:
    t = torch.arange(32000) / 16000
    low = torch.sin(2 * torch.pi * 700 * t) * (1 + torch.sin(2 * torch.pi * 4 * t))
    low = low + 0.01 * torch.randn(32000, generator=torch.Generator().manual_seed(0))
    tone = torch.sin(2 * torch.pi * 6000 * t) * torch.hann_window(32000)  # no edge, no splatter
    high = low + tone
    a, b = language_features(low, 16000), language_features(high, 16000)
    assert float((a - b).abs().mean()) < 0.02


@pytest.mark.bad_input
def test_a_range_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="range_db must be above 0, got 0"):
        level_bands(powers(), range_db=0.0)


@pytest.mark.bad_input
def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="from_rate must be above 0 Hz, got 0"):
        language_features(torch.zeros(16000), 0)
