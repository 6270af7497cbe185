"""Conversions of units, against values that are known without computing them here."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avtutor import units


def test_mel_points_of_the_htk_scale() -> None:
    assert units.hz_to_mel(0.0) == 0.0
    assert units.hz_to_mel(700.0) == pytest.approx(2595 * math.log10(2))  # 1 + 700/700 = 2
    assert units.hz_to_mel(1000.0) == pytest.approx(1000.0, abs=0.02)
    assert units.mel_to_hz(2595.0) == pytest.approx(6300.0)  # 700 * (10 - 1)


@given(st.floats(0.0, 24000.0))
def test_mel_and_back(frequency: float) -> None:
    assert units.mel_to_hz(units.hz_to_mel(frequency)) == pytest.approx(frequency, abs=1e-6)


@given(st.floats(-99.0, 40.0))
def test_db_and_back(level: float) -> None:
    assert units.power_to_db(units.db_to_power(level)) == pytest.approx(level, abs=1e-9)
    assert units.amplitude_to_db(units.db_to_amplitude(level)) == pytest.approx(level, abs=1e-9)


def test_doubling_is_three_db_of_power_and_six_of_amplitude() -> None:
    assert units.power_to_db(2.0) == pytest.approx(3.0103, abs=1e-4)
    assert units.amplitude_to_db(2.0) == pytest.approx(6.0206, abs=1e-4)
    assert units.amplitude_to_db(-2.0) == pytest.approx(6.0206, abs=1e-4)


def test_the_floor_is_minus_100_db() -> None:
    assert units.power_to_db(0.0) == pytest.approx(-100.0)
    assert units.amplitude_to_db(0.0) == pytest.approx(-100.0)
    assert units.power_to_db(torch.zeros(3)).tolist() == [-100.0] * 3


@pytest.mark.parametrize(
    "function",
    [
        units.hz_to_mel,
        units.mel_to_hz,
        units.power_to_db,
        units.db_to_power,
        units.amplitude_to_db,
        units.db_to_amplitude,
    ],
)
def test_tensors_and_numbers_agree(function) -> None:
    values = [0.5, 3.0, 17.0]
    tensor = torch.tensor(values, dtype=torch.float64)
    before = tensor.clone()
    expected = torch.tensor([function(v) for v in values], dtype=torch.float64)
    torch.testing.assert_close(function(tensor), expected, rtol=1e-12, atol=0)
    assert torch.equal(tensor, before)


def test_seconds_and_samples() -> None:
    assert units.seconds_to_samples(0.1, 44100) == 4410
    assert units.seconds_to_samples(0.00004, 16000) == 1  # 0.64 of a sample: the nearest
    assert units.samples_to_seconds(4410, 44100) == 0.1


@pytest.mark.parametrize("rate", [0, -8000])
def test_a_rate_must_be_above_zero(rate: int) -> None:
    with pytest.raises(ValueError, match=f"sample_rate must be above 0 Hz, got {rate}"):
        units.seconds_to_samples(1.0, rate)
    with pytest.raises(ValueError, match="sample_rate must be above 0"):
        units.samples_to_seconds(1, rate)
