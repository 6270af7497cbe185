"""Any sound and any picture on their way into towers: what they become, and what is refused."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from avtutor.datasets import stamp, stamps
from avtutor.models import SenseConfig, picture_input, sound_input
from avtutor.models.language_input import level_bands, without_pauses
from avtutor.spectral import mel, mel_frequencies
from avtutor.waveform import Waveform

SPOKEN = SenseConfig()
ANY = SenseConfig(spoken=False)


def tone(frequency: float, seconds: float = 1.0, rate: int = 16000, level: float = 0.5) -> Tensor:
    """Return a tone."""
    return level * torch.sin(2 * math.pi * frequency * torch.arange(int(seconds * rate)) / rate)


# Sounds


def test_the_loudest_cell_is_a_whole_range_and_nothing_is_below_0() -> None:
    found = sound_input(Waveform.from_mono(tone(1000.0), 16000), ANY)
    assert found.shape == (24, 63)
    assert float(found.max()) == pytest.approx(4.5) and float(found.min()) == 0.0
    band = int((mel_frequencies(ANY.spectrogram) - 1000).abs().argmin())
    assert int(found[:, 30].argmax()) == band


def test_ten_decibels_are_1() -> None:
    loud, soft = tone(1000.0), tone(1000.0, level=0.5 * 10**-0.5)
    found = sound_input(Waveform.from_mono(torch.cat([loud, soft]), 16000), ANY)
    middle = int((mel_frequencies(ANY.spectrogram) - 1000).abs().argmin())
    assert float(found[middle, 30] - found[middle, 95]) == pytest.approx(1.0, abs=0.01)


def test_speech_is_levelled_without_its_pauses() -> None:
    g = torch.Generator().manual_seed(0)
    words = torch.randn(16000, generator=g) * 0.1
    pause = torch.randn(16000, generator=g) * 1e-5
    sound = Waveform.from_mono(torch.cat([words, pause]), 16000)
    found = sound_input(sound, SPOKEN)
    assert 60 <= found.shape[1] <= 67  # of 125 frames
    assert float(found.mean(dim=1).abs().max()) < 1e-5
    centred = sound.samples[0] - sound.samples[0].mean()
    by_hand = level_bands(without_pauses(mel(centred, SPOKEN.spectrogram)), range_db=45.0)
    assert torch.allclose(found, by_hand)


def test_neither_loudness_nor_an_offset_counts() -> None:
    noise = torch.randn(16000, generator=torch.Generator().manual_seed(0)) * 0.2
    for config in (ANY, SPOKEN):
        expected = sound_input(Waveform.from_mono(noise, 16000), config)
        moved = sound_input(Waveform.from_mono(0.01 * noise + 0.3, 16000), config)
        assert torch.allclose(moved, expected, atol=0.01)


def test_any_rate_and_any_number_of_channels() -> None:
    expected = sound_input(Waveform.from_mono(tone(1000.0), 16000), ANY)
    faster = sound_input(Waveform.from_mono(tone(1000.0, rate=44100), 44100), ANY)
    assert faster.shape == expected.shape and (faster - expected)[:, 5:-5].abs().max() < 0.1
    both = torch.stack([tone(1000.0), tone(1000.0)])
    assert torch.allclose(sound_input(Waveform(both, 16000), ANY), expected, atol=1e-5)
    opposed = torch.stack([tone(1000.0), -tone(1000.0)])  # their mean is silent
    assert torch.allclose(sound_input(Waveform(opposed, 16000), ANY), expected, atol=1e-5)


def test_what_is_too_long_is_cut_and_what_lasts_a_tenth_is_enough() -> None:
    config = SenseConfig(spoken=False, most_seconds=0.5)
    found = sound_input(Waveform.from_mono(tone(1000.0, 3.0), 16000), config)
    assert found.shape[1] == config.n_frames == 32
    assert sound_input(Waveform.from_mono(tone(1000.0, 0.1), 16000), ANY).shape[1] == 7
    # At a rate this low a tenth of a second is shorter than one window.
    assert torch.isfinite(sound_input(Waveform.from_mono(tone(300.0, 0.1, 1000), 1000), ANY)).all()


@pytest.mark.bad_input
def test_sounds_that_are_refused() -> None:
    with pytest.raises(ValueError, match="must last at least 0.1 s, got 0.02 s"):
        sound_input(Waveform.from_mono(tone(1000.0, 0.02), 16000), ANY)
    for silent in (torch.zeros(16000), torch.full((16000,), 0.2), tone(1000.0, level=5e-5)):
        with pytest.raises(ValueError, match="the sound is silent: .* must reach 0.0001"):
            sound_input(Waveform.from_mono(silent, 16000), ANY)
        with pytest.raises(ValueError, match="the sound is silent"):
            sound_input(Waveform.from_mono(silent, 16000), SPOKEN)


def test_every_stamp_with_a_sound_is_taken() -> None:
    for one in stamps(with_sound=True)[:20]:
        assert torch.isfinite(sound_input(one.load(), ANY)).all()


# Pictures


def test_a_picture_is_made_square_with_ground_and_small() -> None:
    # Left half black, right half red, twice as wide as high: half of the square is ground.
    picture = torch.zeros(32, 64, 3, dtype=torch.uint8)
    picture[:, 32:, 0] = 255
    found = picture_input(picture, SenseConfig(size=8, ground=51))
    assert found.shape == (3, 8, 8)
    assert torch.allclose(found[:, 0], torch.full((3, 8), 0.2), atol=1e-6)
    assert torch.allclose(found[:, -1], torch.full((3, 8), 0.2), atol=1e-6)
    assert found[:, 4, 1].tolist() == pytest.approx([0.0, 0.0, 0.0])
    assert found[:, 4, 6].tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_all_modes_of_a_picture_say_the_same() -> None:
    rows = torch.arange(0, 240, 10, dtype=torch.uint8)[:, None].expand(24, 18)
    grey = Image.fromarray(rows.contiguous().numpy())
    expected = picture_input(grey, ANY)
    assert float(expected[0, 8, 8] - expected[1, 8, 8]) == 0.0
    for mode in ("LA", "P", "PA", "RGB", "RGBA", "CMYK"):
        assert torch.allclose(picture_input(grey.convert(mode), ANY), expected, atol=0.01), mode
    opaque = torch.full((24, 18, 1), 255, dtype=torch.uint8)
    for tensor in (
        rows,
        rows[..., None],
        torch.cat([rows[..., None], opaque], dim=2),
        rows[..., None].expand(-1, -1, 3),
        torch.cat([rows[..., None].expand(-1, -1, 3), opaque], dim=2),
    ):
        assert torch.allclose(picture_input(tensor, ANY), expected)
    bits = picture_input(grey.convert("1", dither=Image.Dither.NONE), ANY)
    assert bits[:, 2, 8].tolist() == [0.0] * 3 and bits[:, 13, 8].tolist() == [1.0] * 3


def test_the_ground_shows_where_a_picture_is_transparent() -> None:
    picture = torch.zeros(16, 16, 4, dtype=torch.uint8)
    picture[:8, :, 3] = 255  # the upper half is black, the lower one transparent
    picture[8:, :, 1] = 255  # whatever colour is under it
    found = picture_input(picture, SenseConfig(size=16, ground=102))
    assert float(found[:, 2].max()) == pytest.approx(0.0)
    assert torch.allclose(found[:, 13], torch.tensor(0.4))
    palette = Image.new("P", (16, 16), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(0, (0, 0, 16, 8))
    palette.info["transparency"] = 1
    assert torch.allclose(
        picture_input(palette, SenseConfig(size=16, ground=102)), found, atol=0.01
    )


def test_any_size_and_every_bundled_picture() -> None:
    lion = stamp("cats/lion").load_picture(ground=200)
    expected = picture_input(lion, ANY)
    large = Image.fromarray(lion.numpy()).resize((lion.shape[1] * 5, lion.shape[0] * 5))
    assert float((picture_input(large, ANY) - expected).abs().mean()) < 0.01
    for one in stamps():
        with Image.open(one.picture) as file:
            found = picture_input(file, ANY)
        assert found.shape == (3, 16, 16) and 0 <= float(found.min()) <= float(found.max()) <= 1


@pytest.mark.bad_input
def test_pictures_that_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 pixels, got 2 × 50"):
        picture_input(torch.zeros(2, 50, dtype=torch.uint8), ANY)
    with pytest.raises(ValueError, match="one colour everywhere"):
        picture_input(Image.new("RGB", (20, 20), "red"), ANY)
    white = Image.new("RGBA", (20, 20), (255, 255, 255, 255))
    white.paste((0, 0, 0, 0), (0, 0, 10, 20))
    with pytest.raises(ValueError, match="nothing to see"):
        picture_input(white, SenseConfig(ground=255))
    with pytest.raises(ValueError, match="uint8\\), got torch.float32"):
        picture_input(torch.rand(8, 8, 3), ANY)
    for shape in ((8, 8, 5), (8,), (2, 8, 8, 3), (0, 8, 3)):
        with pytest.raises(ValueError, match="\\[height, width\\]"):
            picture_input(torch.zeros(shape, dtype=torch.uint8), ANY)
    with pytest.raises(ValueError, match="mode I;16, whose white is not known"):
        picture_input(Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20)), ANY)
    with pytest.raises(TypeError, match="image of Pillow or a tensor, got str"):
        picture_input("lion.png", ANY)  # type: ignore[arg-type]


@pytest.mark.bad_input
def test_settings_out_of_range() -> None:
    for wrong in ({"range_db": 0.0}, {"most_seconds": 0.05}, {"size": 3}, {"ground": 256}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
            SenseConfig(**wrong)
