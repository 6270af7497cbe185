"""The explorers seen from Python: what they refuse, what they write, what they compute."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from avtutor import spectral
from avtutor.media import MediaError, write_audio
from avtutor.resample import resample
from avtutor.synth import chirp, sine
from avtutor.waveform import Waveform
from avtutor.widgets import SamplingExplorer, SpectrogramExplorer, sampled, sampling, spectrogram
from avtutor.widgets.base import Explorer, page_script
from avtutor.widgets.colours import palette
from PIL import Image

VOICE = chirp(100.0, 3000.0, seconds=1.5, sample_rate=16000)


def both() -> list[Explorer]:
    return [
        SpectrogramExplorer({"voice": VOICE}),
        SamplingExplorer({"voice": VOICE}, keep_every=4, bits=4),
    ]


def test_sounds_arrive_as_they_are() -> None:
    """One step of 16 bits is the largest error, at any level."""
    for peak in (0.01, 0.999, 1.0, 4.0):
        sound = Waveform.from_mono(VOICE.samples[0] * (peak / 0.5), 16000)
        arrived = SpectrogramExplorer(sound).samples("recording")
        error = np.abs(arrived - sound.samples[0].double().numpy()).max()
        assert error <= max(1.0, peak) / 32767 / 2 * 1.0001


def test_channels_are_mixed_and_files_are_read(tmp_path: Path) -> None:
    stereo = Waveform(torch.stack([VOICE.samples[0], torch.zeros(VOICE.n_samples)]), 16000)
    file = tmp_path / "glide.wav"
    write_audio(stereo, file)
    explorer = SpectrogramExplorer({"file": str(file), "wave": VOICE})
    mixed = VOICE.samples[0].double().numpy() / 2
    assert np.abs(explorer.samples("file") - mixed).max() <= 1 / 32767
    assert SpectrogramExplorer(file).recording == "glide"
    with pytest.raises(MediaError, match=r"missing\.wav"):
        SpectrogramExplorer(tmp_path / "missing.wav")


def test_compute_is_the_front_end_cut_to_the_range() -> None:
    samples = VOICE.samples[0].double().numpy()
    config = spectral.SpectrogramConfig(sample_rate=16000, n_mels=40, n_fft=1024, win_length=400)
    levels = spectrogram.compute(samples, config, mel=True, top_db=10.0, range_db=60.0)
    expected = spectral.log_mel(torch.from_numpy(samples), config).clamp(-50.0, 10.0).numpy()
    assert np.abs(levels - expected).max() < 1e-9
    assert levels.min() == -50.0 and levels.max() == 10.0


def test_sampling_keeps_what_the_definition_says() -> None:
    samples = VOICE.samples[0].double().numpy()
    plain = sampling.compute(
        samples, keep_every=4, anti_alias=False, bits=0, dither=False, start=400
    )
    assert (plain.kept[:1000] == samples[400:4400:4]).all()
    assert plain.snr == np.inf and (plain.out == plain.kept).all()
    filtered = sampling.compute(samples, keep_every=4, anti_alias=True, bits=0, dither=False)
    expected = resample(torch.from_numpy(samples), from_rate=4, to_rate=1).numpy()
    assert np.abs(filtered.kept[:4000] - expected[:4000]).max() < 1e-12


@pytest.mark.parametrize("anti_alias", [False, True])
def test_a_tone_above_half_the_rate_folds_or_is_taken_out(anti_alias: bool) -> None:
    samples = sine(5000.0, seconds=1.0, sample_rate=48000).samples[0].double().numpy()
    result = sampling.compute(
        samples, keep_every=6, anti_alias=anti_alias, bits=0, dither=False, start=4096
    )
    bins = np.arange(result.after.size) * 48000 / sampled.N_FFT
    below = bins <= 4000
    loudest = result.after[below].max()
    if anti_alias:
        assert loudest < -70
    else:
        assert abs(bins[below][result.after[below].argmax()] - 3000) <= 48000 / sampled.N_FFT
        assert loudest == pytest.approx(-6.0, abs=1.5)  # amplitude 0.5


def test_a_bit_is_worth_six_decibels_with_dither() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(80000) / 48000)
    bits = np.arange(3, 13)
    ratios = [
        sampling.compute(tone, keep_every=1, anti_alias=False, bits=int(b), dither=True).snr
        for b in bits
    ]
    assert np.polyfit(bits, ratios, 1)[0] == pytest.approx(6.02, abs=0.05)


def test_dither_is_triangular_and_the_same_each_time() -> None:
    numbers = sampled.random_numbers(1, 0, 200_000)
    assert (numbers[1000:1010] == sampled.random_numbers(1, 1000, 10)).all()
    assert not (numbers[:10] == sampled.random_numbers(2, 0, 10)).any()
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    assert np.abs(counts - 10_000).max() < 500
    step = 2.0 ** (1 - 8)
    error = sampling.quantise(np.full(100_000, 0.3 * step), bits=8, dither=True) - 0.3 * step
    assert abs(error.mean()) < 0.01 * step  # without dither: 0.3 steps
    assert error.var() == pytest.approx(step**2 / 4, rel=0.02)


def test_the_text_of_an_explorer_is_the_same_each_time() -> None:
    assert [repr(e) for e in both()] == [repr(e) for e in both()]
    for explorer in both():
        data, _ = explorer._repr_mimebundle_()
        assert data["text/plain"] == repr(explorer)
        assert "0x" not in repr(explorer) and explorer.model_id not in repr(explorer)
        assert "voice" in repr(explorer)


def test_the_still_picture_shows_the_sound() -> None:
    for explorer, again in zip(both(), both(), strict=True):
        data, metadata = explorer._repr_mimebundle_()
        png = base64.b64decode(data["image/png"])
        assert png == again.still()
        assert len(png) < 150_000
        assert Image.open(io.BytesIO(png)).size[0] == 760
        assert "voice" in metadata["image/png"]["alt"]
    # The glide rises: the brightest row climbs from left to right.
    picture = np.asarray(Image.open(io.BytesIO(both()[0].still())).convert("RGB")).astype(int)
    plot = picture[34:294, 64:684].sum(axis=2)
    assert plot[:, 100].argmax() > plot[:, 300].argmax() > plot[:, 500].argmax()


def test_the_page_of_an_explorer_needs_nothing_else() -> None:
    for explorer in both():
        page = explorer.to_html()
        assert page == explorer.to_html()
        assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(page_script(explorer.face), ""))
        assert not re.search(r"https?:", page_script(explorer.face))
        assert page.count("<script") == 2 == page.count("</script>")
        assert 'alt="' in page


def test_names_cannot_break_out_of_the_page() -> None:
    name = '</script><b>"&'
    page = SpectrogramExplorer({name: VOICE}).to_html()
    assert "</script><b>" not in page
    assert page.count("</script>") == 2


def test_settings_move_and_become_a_config() -> None:
    explorer = SpectrogramExplorer(VOICE, n_fft=1024, win_length=400, n_mels=40, window="hamming")
    assert explorer.config == spectral.SpectrogramConfig(
        sample_rate=16000, n_fft=1024, win_length=400, n_mels=40, window="hamming"
    )
    before = explorer.still()
    explorer.n_fft, explorer.win_length = 256, 0
    assert explorer.config.win_length == 256
    assert explorer.still() != before


def test_the_colours_are_those_of_the_page() -> None:
    assert (np.diff(palette().astype(int).sum(axis=1)) >= -1).all()  # never darker
    assert palette(33)[16].tolist() == [0xB7, 0x37, 0x79]


EMPTY = "recordings must be .* got an empty dict"


@pytest.mark.bad_input
@pytest.mark.parametrize("kind", [SpectrogramExplorer, SamplingExplorer])
@pytest.mark.parametrize(
    ("recordings", "message"),
    [
        ({}, EMPTY),
        ({"x": 3}, "recordings must be .* got int under 'x'"),
        ({"x": None}, "recordings must be .* got NoneType under 'x'"),
        ({3: VOICE}, "recordings must be .* got 3 as a name"),
        (torch.zeros(100), "recordings must be .* got Tensor under 'recording'"),
        ({"x": VOICE.slice(0.0, 0.002)}, "at least 64 samples, got 32 under 'x'"),
    ],
)
def test_what_is_no_recording_is_refused(
    kind: type[Explorer], recordings: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kind(recordings)  # type: ignore[call-arg]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_fft": 500}, "n_fft must be one of 64, .* got 500"),
        ({"n_fft": 16384}, "n_fft must be one of 64, .* got 16384"),
        ({"win_length": 9000}, "win_length must be from 0 to 8192, got 9000"),
        ({"hop_length": 0}, "hop_length must be from 1 to 8192, got 0"),
        ({"n_mels": 1}, "n_mels must be from 2 to 256, got 1"),
        ({"window": "kaiser"}, "window must be one of hann, .* got 'kaiser'"),
        ({"top_db": 99}, "top_db must be from -60 to 70, got 99"),
        ({"range_db": 0}, "range_db must be from 10 to 120, got 0"),
    ],
)
def test_settings_outside_their_range_are_refused(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        SpectrogramExplorer(VOICE, **settings)  # type: ignore[arg-type]
    explorer = SpectrogramExplorer(VOICE)
    with pytest.raises(ValueError, match=message):
        explorer.set_trait(*next(iter(settings.items())))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep_every": 9}, "keep_every must be one of 1, 2, .* got 9"),
        ({"bits": 17}, "bits must be from 0 to 16, got 17"),
        ({"level_db": 3}, "level_db must be from -96 to 0, got 3"),
        ({"frequency": 24000.0}, "frequency must be above 0 and below 24000 Hz, got 24000"),
        ({"recordings": {"a tone": VOICE}}, "'a tone' is taken by the tone"),
    ],
)
def test_sampling_outside_its_range_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SamplingExplorer(**settings)  # type: ignore[arg-type]
