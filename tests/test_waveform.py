"""Waveform and resampling: checked on entry, never changed, and physically right."""

import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from avtutor import _torchaudio
from avtutor.resample import ROLLOFF, ZEROS, resample
from avtutor.synth import sine, white_noise
from avtutor.waveform import Waveform


def test_what_it_knows() -> None:
    sound = Waveform(torch.zeros(2, 12000), 8000)
    assert (sound.n_channels, sound.n_samples, sound.duration) == (2, 12000, 1.5)
    assert repr(sound) == "Waveform(2 channels, 1.500 s at 8000 Hz)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        sound.sample_rate = 1  # type: ignore[misc]


def test_mono_is_the_mean_and_leaves_the_original() -> None:
    samples = torch.tensor([[1.0, 0.5], [0.0, -0.5]])
    sound = Waveform(samples, 8000)
    assert sound.mono().samples.tolist() == [[0.5, 0.0]]
    assert sound.samples is samples and samples.tolist() == [[1.0, 0.5], [0.0, -0.5]]


def test_slice_in_seconds_is_a_copy() -> None:
    sound = Waveform(torch.arange(16000, dtype=torch.float32)[None] / 16000, 16000)
    part = sound.slice(0.25, 0.5)
    assert part.samples[0, 0] == sound.samples[0, 4000] and part.n_samples == 4000
    part.samples.zero_()
    assert sound.samples[0, 4000] == 0.25
    assert sound.slice(0.75).n_samples == 4000


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("start", "end"), [(-0.1, 0.5), (0.5, 0.5), (0.5, 0.2), (0.0, 1.01), (1.0, None)]
)
def test_slice_refuses_what_is_not_there(start: float, end: float | None) -> None:
    with pytest.raises(ValueError, match=r"0 <= start < end <= 1 s"):
        Waveform(torch.zeros(1, 8000), 8000).slice(start, end)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("samples", "rate", "error", "message"),
    [
        (torch.zeros(8), 8000, ValueError, r"\[channel, time\], got \[8\]"),
        (torch.zeros(1, 0), 8000, ValueError, "must not be empty"),
        (torch.zeros(0, 5), 8000, ValueError, "must not be empty"),
        (torch.tensor([[0.0, float("nan")]]), 8000, ValueError, "got 1 that are NaN or infinite"),
        (torch.tensor([[0.0, float("inf")]]), 8000, ValueError, "got 1 that are NaN or infinite"),
        (torch.zeros(1, 8, dtype=torch.float64), 8000, TypeError, "got torch.float64"),
        ([[0.0]], 8000, TypeError, "got list"),
        (torch.zeros(1, 8), 0, ValueError, "above 0 Hz, got 0"),
        (torch.zeros(1, 8), 8000.0, TypeError, "must be an int, got 8000.0"),
        (torch.zeros(1, 8), True, TypeError, "must be an int"),
    ],
)
def test_bad_waveforms_are_refused(samples, rate, error, message) -> None:
    with pytest.raises(error, match=message):
        Waveform(samples, rate)


@pytest.mark.parametrize(
    ("old", "new"), [(44100, 16000), (16000, 44100), (8000, 16000), (48000, 8000)]
)
def test_a_tone_stays_the_same_tone(old: int, new: int) -> None:
    low = min(old, new)
    for share in (0.02, 0.3, 0.42):  # of the lower rate, inside the passband
        before = sine(low * share, seconds=0.5, sample_rate=old)
        after = before.resample(new).samples[0]
        expected = sine(low * share, seconds=0.5, sample_rate=new).samples[0]
        inner = slice(new // 20, -new // 20)  # away from the ends, where the sound starts at once
        assert (after[inner] - expected[inner]).abs().max() < 2e-3


def test_what_the_new_rate_cannot_hold_is_gone() -> None:
    sound = sine(5000.0, seconds=0.5, sample_rate=44100).resample(8000)
    assert sound.samples[0, 400:-400].abs().max() < 1e-3 * 0.5  # -60 dB of its amplitude


@settings(max_examples=30)
@given(
    st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000]),
    st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000]),
    st.integers(1, 500),
)
def test_length_and_leading_shape(old: int, new: int, n: int) -> None:
    samples = torch.randn(2, 3, n, generator=torch.Generator().manual_seed(n))
    before = samples.clone()
    result = resample(samples, from_rate=old, to_rate=new)
    assert result.shape == (2, 3, math.ceil(n * new / old))
    assert torch.equal(samples, before)
    one = resample(samples[1, 2], from_rate=old, to_rate=new)
    torch.testing.assert_close(result[1, 2], one, rtol=0, atol=5e-6)  # float32, peaks of 4


def test_the_same_as_torchaudio() -> None:
    if _torchaudio.load() is None:
        pytest.skip(str(_torchaudio.why_missing()))
    noise = white_noise(seconds=0.5, sample_rate=44100, seed=1).samples
    ours = resample(noise, from_rate=44100, to_rate=16000)
    theirs = _torchaudio.resample(
        noise, from_rate=44100, to_rate=16000, zeros=ZEROS, rolloff=ROLLOFF
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-6)


def test_gradients_flow_through_resampling() -> None:
    samples = torch.randn(50, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: resample(x, from_rate=3, to_rate=2), samples)


def test_kernels_made_without_gradients_serve_training_later() -> None:
    with torch.inference_mode():
        resample(torch.zeros(50), from_rate=7, to_rate=5)
    samples = torch.zeros(50, requires_grad=True)
    resample(samples, from_rate=7, to_rate=5).sum().backward()
    assert samples.grad is not None


@pytest.mark.parametrize("rates", [(0, 8000), (8000, 0), (-1, 8000)])
def test_rates_must_be_above_zero(rates: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must be above 0 Hz"):
        resample(torch.zeros(8), from_rate=rates[0], to_rate=rates[1])
