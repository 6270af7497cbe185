"""Tones and noises: their spectra are known beforehand."""

import math

import pytest
import torch

from avtutor import synth
from avtutor.waveform import Waveform

RATE = 16000


def levels(sound: Waveform) -> torch.Tensor:
    """Return the amplitude of every whole Hz of one second of sound."""
    assert sound.n_samples == RATE and sound.n_channels == 1
    return torch.fft.rfft(sound.samples[0].double()).abs() / (RATE / 2)


def test_a_sine_is_one_line() -> None:
    spectrum = levels(synth.sine(440.0, seconds=1.0, sample_rate=RATE, amplitude=0.3))
    assert float(spectrum[440]) == pytest.approx(0.3, rel=1e-5)
    spectrum[440] = 0
    assert float(spectrum.max()) < 1e-6
    shifted = synth.sine(440.0, seconds=1.0, sample_rate=RATE, phase=math.pi / 2)
    assert float(shifted.samples[0, 0]) == pytest.approx(0.5)


def test_above_half_of_the_rate_it_is_its_alias() -> None:
    spectrum = levels(synth.sine(9000.0, seconds=1.0, sample_rate=RATE))
    assert int(spectrum.argmax()) == 7000


def test_harmonics_lie_where_they_should_and_stop_at_half_of_the_rate() -> None:
    spectrum = levels(synth.harmonics(3000.0, [0.4, 0.2, 0.1], seconds=1.0, sample_rate=RATE))
    assert [round(float(spectrum[f]), 4) for f in (3000, 6000)] == [0.4, 0.2]
    spectrum[[3000, 6000]] = 0
    assert float(spectrum.max()) < 1e-6  # 9000 Hz would have come back at 7000


@pytest.mark.parametrize(("shape", "sign"), [(synth.square, 1), (synth.sawtooth, 1)])
def test_square_and_sawtooth(shape, sign) -> None:
    sound = shape(100.0, seconds=1.0, sample_rate=RATE, amplitude=0.5)
    spectrum = levels(sound)
    for k in range(1, 80):
        theory = {synth.square: (2 / math.pi / k) * (k % 2), synth.sawtooth: 1 / math.pi / k}[shape]
        assert float(spectrum[100 * k]) == pytest.approx(theory, abs=1e-6)
    quarter = float(sound.samples[0, 40])  # a quarter of a period after the start
    assert quarter == pytest.approx(0.5 if shape is synth.square else 0.25, abs=0.02)


def test_a_chirp_glides_evenly() -> None:
    sound = synth.chirp(1000.0, 3000.0, seconds=2.0, sample_rate=RATE).samples[0]
    for time, frequency in [(0.5, 1500.0), (1.0, 2000.0), (1.5, 2500.0)]:
        middle = round(time * RATE)
        piece = sound[middle - 400 : middle + 400] * torch.hann_window(800)
        assert int(torch.fft.rfft(piece).abs().argmax()) * RATE / 800 == pytest.approx(
            frequency, abs=20
        )


def test_a_click_holds_all_frequencies_alike() -> None:
    spectrum = torch.fft.rfft(synth.click(at=0.5, seconds=1.0, sample_rate=RATE).samples[0]).abs()
    torch.testing.assert_close(spectrum, torch.full_like(spectrum, 0.9))


def slope_per_octave(sound: Waveform) -> float:
    """Return how the power density changes from one octave to the next, in dB."""
    power = torch.fft.rfft(sound.samples[0].double()).abs().square()
    hz = sound.sample_rate / sound.n_samples
    edges = [round(125 * 2**i / hz) for i in range(7)]
    density = [float(power[a:b].mean()) for a, b in zip(edges, edges[1:], strict=False)]
    return 10 * math.log10(density[-1] / density[0]) / (len(density) - 1)


def test_white_and_pink_noise() -> None:
    white = synth.white_noise(seconds=20.0, sample_rate=RATE, amplitude=0.1, seed=0)
    pink = synth.pink_noise(seconds=20.0, sample_rate=RATE, amplitude=0.1, seed=0)
    assert slope_per_octave(white) == pytest.approx(0.0, abs=0.1)
    assert slope_per_octave(pink) == pytest.approx(-3.01, abs=0.1)
    for noise in (white, pink):
        assert float(noise.samples.std()) == pytest.approx(0.1, rel=0.01)
        assert abs(float(noise.samples.mean())) < 1e-3


@pytest.mark.parametrize("noise", [synth.white_noise, synth.pink_noise])
def test_the_seed_decides(noise) -> None:
    def make(seed: int) -> torch.Tensor:
        return noise(seconds=0.1, sample_rate=RATE, seed=seed).samples

    before = torch.get_rng_state()
    assert torch.equal(make(1), make(1)) and not torch.equal(make(1), make(2))
    assert torch.equal(torch.get_rng_state(), before)


def test_silence() -> None:
    assert not synth.silence(seconds=0.25, sample_rate=RATE).samples.any()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: synth.sine(440.0, seconds=0.0, sample_rate=RATE), "at least one sample, got 0"),
        (lambda: synth.sine(440.0, seconds=-1.0, sample_rate=RATE), "at least one sample"),
        (lambda: synth.sine(440.0, seconds=1.0, sample_rate=0), "above 0 Hz, got 0"),
        (
            lambda: synth.square(9000.0, seconds=1.0, sample_rate=RATE),
            "from 0 to 8000 Hz .* got 9000",
        ),
        (lambda: synth.sawtooth(0.0, seconds=1.0, sample_rate=RATE), "above 0 Hz, got 0"),
        (lambda: synth.harmonics(-1.0, [1.0], seconds=1.0, sample_rate=RATE), "from 0 to 8000 Hz"),
        (lambda: synth.click(at=1.0, seconds=1.0, sample_rate=RATE), "from 0 to below 1 s, got 1"),
        (
            lambda: synth.pink_noise(seconds=1 / RATE, sample_rate=RATE, seed=0),
            "at least two samples",
        ),
    ],
)
def test_bad_input(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()
