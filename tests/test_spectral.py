"""The front end: against definitions, against librosa's frozen values, and against physics."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from avtutor import spectral, synth
from avtutor.spectral import SpectrogramConfig
from tests import reference

GOLDEN = np.load(Path(__file__).parent / "golden" / "front_end.npz")
SETTINGS = {  # as in golden/make_golden.py
    "default": SpectrogramConfig(sample_rate=16000),
    "short_window": SpectrogramConfig(
        sample_rate=16000, win_length=400, n_mels=40, f_min=60.0, f_max=7600.0
    ),
    "odd_hop": SpectrogramConfig(
        sample_rate=16000, n_fft=256, hop_length=77, n_mels=23, f_min=20.0, f_max=4000.0
    ),
}


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return Gaussian noise."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def within(got: torch.Tensor, expected: object, share: float) -> None:
    """Compare, allowing `share` of the greatest expected value everywhere."""
    expected = torch.as_tensor(np.asarray(expected))
    assert got.shape == expected.shape
    error = float((got.to(torch.complex128) - expected.to(torch.complex128)).abs().max())
    assert error <= share * float(expected.abs().max())


@st.composite
def configs(draw: st.DrawFn) -> SpectrogramConfig:
    """Give settings over their whole range, small enough to be quick."""
    n_fft = draw(st.integers(2, 96))
    rate = draw(st.sampled_from([8000, 16000, 44100]))
    low = draw(st.floats(0.0, 0.4)) * rate
    return SpectrogramConfig(
        sample_rate=rate,
        n_fft=n_fft,
        win_length=draw(st.integers(1, n_fft)),
        hop_length=draw(st.integers(1, 100)),
        n_mels=draw(st.integers(1, 40)),
        f_min=low,
        f_max=draw(st.floats(0.45, 0.5)) * rate,
        window=draw(st.sampled_from(spectral.WINDOWS)),
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_power_is_librosas(name: str) -> None:
    samples = torch.from_numpy(GOLDEN["samples"])
    within(spectral.power(samples, SETTINGS[name]), GOLDEN[f"{name}.power"], 1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_mel_and_log_mel_are_librosas(name: str) -> None:
    samples = torch.from_numpy(GOLDEN["samples"])
    expected = GOLDEN[f"{name}.mel"]
    within(spectral.mel(samples, SETTINGS[name]), expected, 1e-5)
    blocked = torch.pow(10.0, spectral.log_mel(samples, SETTINGS[name]).double() / 10)
    within(blocked, np.maximum(expected, 1e-10), 1e-5)


@settings(max_examples=60)
@given(configs(), st.integers(0, 300))
def test_everything_is_the_plain_reference_in_float64(
    config: SpectrogramConfig, extra: int
) -> None:
    samples = noise(max(config.win_length, config.n_fft // 2 + 1) + extra, dtype=torch.float64)
    before = samples.clone()
    plain = reference.stft(samples.numpy(), config)
    power = np.abs(plain) ** 2
    mel = reference.mel_bank(config) @ power
    within(spectral.stft(samples, config), plain, 1e-10)
    within(spectral.power(samples, config), power, 1e-10)
    assert (
        spectral.mel(samples, config) - torch.from_numpy(mel)
    ).abs().max() <= 1e-10 * power.max()
    decibels = 10 * np.log10(np.maximum(mel, 1e-10))
    blocked = torch.pow(10.0, spectral.log_mel(samples, config) / 10).numpy()
    assert np.abs(blocked - 10 ** (decibels / 10)).max() <= 1e-10 * max(power.max(), 1.0)
    assert torch.equal(samples, before)


@settings(max_examples=40)
@given(configs(), st.integers(0, 200), st.sampled_from([torch.float32, torch.float64]))
def test_items_are_computed_alone_in_any_leading_shape(
    config: SpectrogramConfig, extra: int, dtype: torch.dtype
) -> None:
    length = max(config.win_length, config.n_fft // 2 + 1) + extra
    samples = noise(2, 3, length, dtype=dtype)
    for function in (spectral.power, spectral.mel, spectral.log_mel):
        whole = function(samples, config)
        assert whole.dtype == dtype
        assert whole.shape[:2] == (2, 3)
        assert whole.shape[-1] == spectral.n_frames(length, config)
        alone = function(samples[1, 2], config)
        loud = torch.cat([samples[:1] * 1e6, samples[1:]])
        if function is spectral.log_mel:
            # To the last bit at one place in memory; elsewhere a matrix product may round anew.
            assert torch.equal(function(loud, config)[1, 2], whole[1, 2])
            tolerance = 1e-9 if dtype == torch.float64 else 1e-2  # dB; low bands are tiny sums
            torch.testing.assert_close(whole[1, 2], alone, rtol=0, atol=tolerance)
        else:
            torch.testing.assert_close(whole[1, 2], alone, rtol=1e-4, atol=1e-6)


def test_long_sounds_are_cut_into_blocks_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    config = SpectrogramConfig(sample_rate=16000)
    samples = noise(16000, dtype=torch.float64)
    whole = spectral.log_mel(samples, config)
    monkeypatch.setattr("avtutor.spectral.bands.BLOCK_FRAMES", 7)
    torch.testing.assert_close(spectral.log_mel(samples, config), whole, rtol=0, atol=1e-9)


@settings(max_examples=60)
@given(configs(), st.integers(2, 12))
def test_there_and_back(config: SpectrogramConfig, frames: int) -> None:
    length = config.hop_length * frames
    assume(length >= max(config.win_length, config.n_fft // 2 + 1))
    samples = noise(length, dtype=torch.float64)
    spectrum = spectral.stft(samples, config)
    length -= config.hop_length if config.n_fft % 2 else 0  # an odd n_fft gives one frame less
    envelope = reference.envelope(config, spectrum.shape[-1])[:length]
    if envelope.min() < 1e-11:
        with pytest.raises(ValueError, match="NOLA"):
            spectral.istft(spectrum, config, length=length)
    else:
        rebuilt = spectral.istft(spectrum, config, length=length)
        assert (rebuilt - samples[:length]).abs().max() <= 1e-6 * samples.abs().max()


@pytest.mark.parametrize("window", spectral.WINDOWS)
@pytest.mark.parametrize(
    ("n_fft", "win_length", "hop"), [(512, 512, 128), (512, 400, 100), (1024, 1024, 160)]
)
def test_there_and_back_in_float32(window: str, n_fft: int, win_length: int, hop: int) -> None:
    config = SpectrogramConfig(
        sample_rate=16000, n_fft=n_fft, win_length=win_length, hop_length=hop, window=window
    )
    tone = synth.harmonics(220.0, [0.4, 0.2, 0.1], seconds=1.0, sample_rate=16000).samples
    tone = tone[:, : tone.shape[1] // hop * hop]
    rebuilt = spectral.istft(spectral.stft(tone, config), config)
    assert rebuilt.shape == tone.shape
    assert (rebuilt - tone).abs().max() <= 1e-6 * tone.abs().max()
    hiss = noise(2, 160 * hop)
    rebuilt = spectral.istft(spectral.stft(hiss, config), config)
    assert (rebuilt - hiss).abs().max() <= 2e-6 * hiss.abs().max()


def test_istft_takes_a_length() -> None:
    config = SpectrogramConfig(sample_rate=16000)
    samples = noise(4000, dtype=torch.float64)
    rebuilt = spectral.istft(spectral.stft(samples, config), config, length=4000)
    torch.testing.assert_close(rebuilt, samples, rtol=0, atol=1e-9)


def test_parseval_of_every_frame() -> None:
    config = SpectrogramConfig(sample_rate=16000, n_fft=512, window="rectangular", hop_length=512)
    samples = noise(512 * 6, dtype=torch.float64)
    power = spectral.power(samples, config)
    weight = torch.full((257, 1), 2.0, dtype=torch.float64)
    weight[0] = weight[-1] = 1.0  # these two have no mirror image
    energy = (power * weight).sum(0)[1:-1] / 512
    for k in range(1, 6):
        piece = samples[512 * k - 256 : 512 * k + 256]
        assert float(energy[k - 1]) == pytest.approx(float(piece.square().sum()), rel=1e-12)


@pytest.mark.parametrize("k", [2, 7, 100, 253])
def test_a_sine_in_the_middle_of_a_bin(k: int) -> None:
    config = SpectrogramConfig(sample_rate=16000, n_fft=512)
    frequency = float(spectral.frequencies(config)[k])
    sound = synth.sine(frequency, seconds=0.5, sample_rate=16000, amplitude=0.5)
    power = spectral.power(sound.samples[0].double(), config)[:, 10:-10]
    # Hann: amplitude * sum(window) / 2 at its bin, half of that at both neighbours, else nothing.
    peak = (0.5 * 256 / 2) ** 2
    assert torch.all(power.argmax(0) == k)
    torch.testing.assert_close(power[k], torch.full_like(power[k], peak), rtol=1e-4, atol=0)
    torch.testing.assert_close(power[k + 1], power[k] / 4, rtol=1e-4, atol=0)
    torch.testing.assert_close(power[k - 1], power[k] / 4, rtol=1e-4, atol=0)
    rest = torch.cat([power[: k - 1], power[k + 2 :]])
    assert rest.max() < 1e-9 * peak


def test_axes() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80)
    click = synth.click(at=0.3, seconds=1.0, sample_rate=8000)
    frame = int(spectral.power(click.samples[0], config).sum(0).argmax())
    assert float(spectral.frame_times(101, config)[frame]) == pytest.approx(0.3)
    assert spectral.n_frames(8000, config) == 101
    assert spectral.frequencies(config)[-1] == 4000.0
    centres = spectral.mel_frequencies(config)
    assert len(centres) == 64 and bool((centres.diff() > 0).all())
    tone = synth.sine(float(centres[40]), seconds=1.0, sample_rate=8000).samples[0]
    assert int(spectral.log_mel(tone, config)[:, 50].argmax()) == 40


def test_windows_are_periodic() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=64, hop_length=16)
    hann = spectral.window(config, dtype=torch.float64)
    sums = sum(hann.roll(16 * i) for i in range(4))
    torch.testing.assert_close(sums, torch.full((64,), 2.0, dtype=torch.float64))
    for name in spectral.WINDOWS:
        values = spectral.window(
            SpectrogramConfig(sample_rate=8000, n_fft=64, window=name), dtype=torch.float64
        )
        assert values.argmax() == (0 if name == "rectangular" else 32)


def test_128_mels_at_512_leave_one_band_empty() -> None:
    empty = lambda n: int(
        (spectral.mel_filterbank(SpectrogramConfig(sample_rate=16000, n_mels=n)).sum(1) == 0).sum()
    )  # noqa: E731
    assert empty(64) == 0
    assert empty(128) >= 1
    silent = spectral.log_mel(noise(16000), SpectrogramConfig(sample_rate=16000, n_mels=128))
    assert float(silent.min()) == -100.0


def test_gain_shifts_every_level_alike() -> None:
    config = SpectrogramConfig(sample_rate=16000)
    samples = noise(16000)
    shift = spectral.log_mel(samples * 10, config) - spectral.log_mel(samples, config)
    torch.testing.assert_close(shift, torch.full_like(shift, 20.0), rtol=0, atol=1e-3)


def test_gradients_flow() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=16, hop_length=5, n_mels=4)
    samples = noise(40, dtype=torch.float64).requires_grad_()
    for function in (spectral.power, spectral.mel, spectral.log_mel, spectral.mfcc):
        kwargs = {"n_mfcc": 3} if function is spectral.mfcc else {}
        assert torch.autograd.gradcheck(lambda x, f=function, k=kwargs: f(x, config, **k), samples)
    same = spectral.log_mel(samples, config).detach()
    torch.testing.assert_close(spectral.log_mel(samples.detach(), config), same)


def test_constants_made_without_gradients_serve_training_later() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=34, n_mels=3)
    with torch.inference_mode():
        spectral.log_mel(noise(100), config)
    samples = noise(100).requires_grad_()
    spectral.LogMel(config)(samples).sum().backward()
    assert samples.grad is not None


def test_the_layer_is_the_function() -> None:
    config = SpectrogramConfig(sample_rate=16000)
    layer = spectral.LogMel(config)
    assert torch.equal(layer(noise(2, 8000)), spectral.log_mel(noise(2, 8000), config))
    assert layer.state_dict() == {}


def test_mfcc_is_the_cosine_transform() -> None:
    config = SpectrogramConfig(sample_rate=16000, n_mels=20)
    samples = noise(8000, dtype=torch.float64)
    levels = spectral.log_mel(samples, config).numpy()
    n = np.arange(20)
    for k in range(5):
        scale = math.sqrt((1 if k == 0 else 2) / 20)
        expected = scale * (levels * np.cos(math.pi * k * (n + 0.5) / 20)[:, None]).sum(0)
        got = spectral.mfcc(samples, config, n_mfcc=5)[k].numpy()
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


def test_griffin_lim_finds_a_phase() -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=64)
    sound = synth.harmonics(200.0, [0.3, 0.2, 0.1], seconds=1.0, sample_rate=8000).samples[0]
    sound = sound[: 64 * 120]
    magnitude = spectral.power(sound, config).sqrt()

    def score(**kwargs: int) -> float:
        rebuilt = spectral.griffin_lim(magnitude, config, **kwargs)
        assert rebuilt.shape == sound.shape
        return spectral.spectral_convergence(spectral.power(rebuilt, config).sqrt(), magnitude)

    assert score(n_iter=60) < -20 < score(n_iter=0)
    again = spectral.griffin_lim(magnitude, config, n_iter=3)
    assert torch.equal(again, spectral.griffin_lim(magnitude, config, n_iter=3))


def test_spectral_convergence_in_db() -> None:
    target = torch.rand(5, 6) + 0.1
    assert spectral.spectral_convergence(torch.zeros(5, 6), target) == pytest.approx(0.0)
    assert spectral.spectral_convergence(target * 1.01, target) == pytest.approx(-40, abs=0.01)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"sample_rate": 0}, ValueError, "sample_rate must be at least 1, got 0"),
        ({"sample_rate": 16000.0}, TypeError, "sample_rate must be an int, got 16000.0"),
        ({"n_fft": 1}, ValueError, "n_fft must be at least 2, got 1"),
        ({"n_fft": True}, TypeError, "n_fft must be an int, got True"),
        ({"win_length": 513}, ValueError, r"win_length must be at most n_fft \(512\), got 513"),
        ({"win_length": 0}, ValueError, "win_length must be at least 1, got 0"),
        ({"hop_length": 0}, ValueError, "hop_length must be at least 1, got 0"),
        ({"n_mels": 0}, ValueError, "n_mels must be at least 1, got 0"),
        ({"f_min": -1.0}, ValueError, "f_min must be at least 0 Hz"),
        ({"f_min": 8000.0}, ValueError, r"below f_max \(8000\), got 8000"),
        ({"sample_rate": 8000, "f_max": 7600.0}, ValueError,
         r"f_max must be at most 4000 Hz \(half of sample_rate 8000\), got 7600"),
        ({"f_max": float("nan")}, ValueError, "f_max must be at most 8000 Hz"),
        ({"f_min": float("nan")}, ValueError, "f_min must be at least 0 Hz"),
        ({"window": "kaiser"}, ValueError, "window must be one of hann, .*, got 'kaiser'"),
    ],
)  # fmt: skip
def test_settings_out_of_range(changes, error, message) -> None:
    with pytest.raises(error, match=message):
        SpectrogramConfig(**{"sample_rate": 16000} | changes)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "function", [spectral.stft, spectral.power, spectral.mel, spectral.log_mel]
)
def test_sounds_that_cannot_be_transformed(function) -> None:
    config = SpectrogramConfig(sample_rate=16000)
    with pytest.raises(ValueError, match="at least 512 values .* got 511"):
        function(torch.zeros(511), config)
    assert function(torch.zeros(512), config).shape[-1] == 4
    with pytest.raises(ValueError, match="got 0"):
        function(torch.tensor(1.0), config)
    with pytest.raises(TypeError, match="got torch.int16"):
        function(torch.zeros(16000, dtype=torch.int16), config)
    with pytest.raises(TypeError, match="got ndarray"):
        function(np.zeros(16000), config)


@pytest.mark.bad_input
def test_inverses_refuse_what_does_not_fit() -> None:
    config = SpectrogramConfig(sample_rate=16000)
    spectrum = spectral.stft(torch.zeros(1600), config)
    with pytest.raises(ValueError, match="must have 257 frequencies .* got 256"):
        spectral.istft(spectrum[:-1], config)
    with pytest.raises(ValueError, match="length must be from 1 to 1856 for 11 frames, got 1857"):
        spectral.istft(spectrum, config, length=1857)
    gaps = SpectrogramConfig(sample_rate=16000, hop_length=600)
    with pytest.raises(ValueError, match="NOLA.* hop_length 600"):
        spectral.istft(spectral.stft(torch.zeros(6000), gaps), gaps)
    with pytest.raises(ValueError, match="momentum must be at least 0 and below 1, got 1"):
        spectral.griffin_lim(spectrum.abs(), config, momentum=1.0)
    with pytest.raises(ValueError, match="n_iter must be at least 0, got -1"):
        spectral.griffin_lim(spectrum.abs(), config, n_iter=-1)
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        spectral.griffin_lim(spectrum.abs() - 1, config)
    with pytest.raises(ValueError, match="length must give the 11 frames of magnitude, got 99"):
        spectral.griffin_lim(spectrum.abs(), config, length=99)
    with pytest.raises(ValueError, match=r"shape of target \[2\], got \[3\]"):
        spectral.spectral_convergence(torch.zeros(3), torch.ones(2))
    with pytest.raises(ValueError, match="zero everywhere"):
        spectral.spectral_convergence(torch.zeros(2), torch.zeros(2))
    with pytest.raises(ValueError, match=r"n_mfcc must be from 1 to n_mels \(64\), got 65"):
        spectral.mfcc(torch.zeros(1600), config, n_mfcc=65)
