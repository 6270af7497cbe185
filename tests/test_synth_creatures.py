"""The bestiary: each law is measured on what is drawn and what is heard."""

import colorsys
import math

import numpy as np
import pytest
import torch
from scipy.signal import hilbert

from avtutor.synth import (
    Creature,
    Creatures,
    Heard,
    Seen,
    call,
    calls,
    creature,
    draw,
    drawn_creatures,
    pictures,
)

RATE = 16000
PIXELS = 256
SIZES = (0.6, 0.9, 1.3)


def one(**numbers) -> Creature:  # noqa: ANN003
    given = {"size": 0.8, "shape": 0.0, "hue": 180.0, "texture": 0.0, "limbs": 2, **numbers}
    return Creature(**given)


def heard(some: Creature) -> np.ndarray:
    """Return the call itself, without echo and noise; the first note begins at 0.1 s."""
    return calls(Creatures.of(some), Heard.plain(1), sample_rate=RATE)[0].double().numpy()


def seen(some: Creature, pixels: int = PIXELS) -> np.ndarray:
    """Return its picture in the middle, facing right: [row, column, 3]."""
    return pictures(Creatures.of(some), Seen.plain(1), size=pixels)[0].permute(1, 2, 0).numpy()


def note(some: Creature, start: float, end: float) -> np.ndarray:
    """Return the first note from one share of its length to another."""
    length = 0.7 / some.limbs
    first, last = (round((0.1 + share * length) * RATE) for share in (start, end))
    return heard(some)[first:last]


def pitch_of(samples: np.ndarray) -> float:
    """Return the pitch in Hz by the autocorrelation, its peak between samples."""
    window = np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(samples * window, 4 * len(samples))) ** 2
    of_window = np.abs(np.fft.rfft(window, 4 * len(samples))) ** 2
    low, high = RATE // 400, RATE // 80
    alike = np.fft.irfft(spectrum)[: high + 2] / np.fft.irfft(of_window)[: high + 2]
    # Two periods later a sound is as much like itself: the first peak that is as high counts.
    good = alike[low:high] > 0.95 * alike[low:high].max()
    k = low + int(np.argmax(good))
    while alike[k + 1] > alike[k]:
        k += 1
    before, at, after = alike[k - 1 : k + 2]
    return RATE / (k + (before - after) / (before - 2 * at + after) / 2)


def envelope(samples: np.ndarray, below: float) -> np.ndarray:
    """Return how the level goes, without what changes faster than `below` times a second."""
    spectrum = np.fft.rfft(np.abs(hilbert(samples)))
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    return np.fft.irfft(spectrum * (frequencies < below), len(samples))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hue", [0.0, 180.0])
def test_the_pitch_is_150_hz_over_the_size(size: float, hue: float) -> None:
    measured = pitch_of(note(one(size=size, hue=hue), 0.3, 0.7))
    assert measured == pytest.approx(150 / size, rel=0.02)
    assert one(size=size).pitch == pytest.approx(150 / size)


@pytest.mark.parametrize("hue", [30.0, 90.0, 210.0, 270.0])
def test_a_note_glides_by_the_sine_of_the_hue(hue: float) -> None:
    some = one(size=0.75, hue=hue)
    early, middle, late = (pitch_of(note(some, start, start + 0.2)) for start in (0.15, 0.4, 0.65))
    assert middle == pytest.approx(150 / 0.75, rel=0.02)
    expected = 5 * math.sin(math.radians(hue)) * 0.5  # half of the note lies between them
    assert 12 * math.log2(late / early) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("size", SIZES)
def test_formants_are_those_of_a_tube_closed_at_one_end(size: float) -> None:
    """The pitch glides, so that its harmonics pass through all of the spectrum."""
    samples = note(one(size=size, hue=90.0), 0.2, 0.98)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    power *= np.maximum(frequencies, 1) ** (9 / 3.0103)  # the slope of the source taken out
    step = frequencies[1]
    width = max(3, round(0.5 * 150 / size / step))
    smooth = np.convolve(power, np.hanning(width), mode="same")
    lowest = 350 / (4 * 0.16 * size)
    for number in (2, 3):
        expected = (2 * number - 1) * lowest
        if expected > 0.9 * RATE / 2:
            continue
        near = abs(frequencies - expected) < 0.5 * lowest
        peak = frequencies[near][np.argmax(smooth[near])]
        assert peak == pytest.approx(expected, rel=0.03)
    assert one(size=size).formants[0] == pytest.approx(lowest)


def test_the_hue_tilts_the_spectrum_by_its_cosine() -> None:
    """Red falls by 10 dB an octave more than cyan; the throat is the same and cancels."""
    size = 0.8
    levels = []
    for hue in (0.0, 180.0):
        samples = note(one(size=size, hue=hue), 0.3, 0.9)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 2**16))
        harmonics = 150 / size * np.arange(1, 30)
        bins = (harmonics * 2**16 / RATE).round().astype(int)
        levels.append([20 * np.log10(spectrum[k - 20 : k + 21].max()) for k in bins])
    slope = np.polyfit(np.log2(np.arange(1, 30)), np.subtract(*levels), 1)[0]
    assert slope == pytest.approx(-10, abs=0.2)


@pytest.mark.parametrize("texture", [0.0, 0.4, 1.0])
def test_texture_is_the_depth_of_40_hz_in_the_level(texture: float) -> None:
    samples = note(one(size=0.6, texture=texture), 0.2, 0.2 + 0.2 / 0.35)  # 8 periods
    level = envelope(samples, 60.0)
    level = level / np.polyval(np.polyfit(np.arange(len(level)), level, 1), np.arange(len(level)))
    depth = 2 * abs(np.mean(level * np.exp(-2j * np.pi * 40 * np.arange(len(level)) / RATE)))
    assert depth == pytest.approx(texture, abs=0.06)


@pytest.mark.parametrize("limbs", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("shape", [0.0, 1.0])
def test_a_call_has_as_many_notes_as_legs_at_equal_distances(limbs: int, shape: float) -> None:
    level = envelope(heard(one(limbs=limbs, shape=shape)), 30.0)
    loud = (level > 0.25 * level.max()).astype(int)
    begins = np.flatnonzero(np.diff(loud) == 1)
    assert len(begins) == limbs
    assert np.diff(begins) / RATE == pytest.approx(1 / limbs, abs=0.005)


@pytest.mark.parametrize(("shape", "attack"), [(0.0, 0.06), (0.5, 0.0155), (1.0, 0.004)])
def test_spikes_make_a_note_begin_at_once(shape: float, attack: float) -> None:
    some = one(size=0.6, shape=shape)
    level = envelope(heard(some), 400.0)[round(0.09 * RATE) :]
    top = level[: round((0.01 + 1.3 * attack) * RATE)].max()
    rise = np.argmax(level > 0.9 * top) - np.argmax(level > 0.1 * top)
    # A raised cosine goes from a tenth to nine tenths in this share of its length.
    share = (math.acos(-0.8) - math.acos(0.8)) / math.pi
    assert rise / RATE == pytest.approx(share * attack, abs=0.004)
    assert some.attack == pytest.approx(attack, rel=0.01)


def saturation(picture: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from grey: the world is below 0.4, a creature above 0.6."""
    return 1 - picture.min(axis=2) / picture.max(axis=2)


@pytest.mark.parametrize("size", SIZES)
def test_the_body_is_as_long_as_the_size_says(size: float) -> None:
    """In a row a little below the middle, where neither tail nor neck begins."""
    row = saturation(seen(one(size=size)))[PIXELS // 2 + round(0.08 * size / 4 * PIXELS)]
    metres = (row > 0.5).sum() / PIXELS * 2.0
    of_ellipse = math.sqrt(1 - (0.08 / 0.62) ** 2)
    assert metres / of_ellipse == pytest.approx(size, abs=1.5 * 2 / PIXELS)


@pytest.mark.parametrize("hue", [0.0, 47.0, 133.0, 200.0, 261.0, 355.0])
def test_the_hue_is_seen_in_any_place_and_light(hue: float) -> None:
    looks = Seen.drawn(torch.arange(8), seed=1)
    some = Creatures.of(*[one(hue=hue, texture=k / 8) for k in range(8)])
    for picture, row, column in zip(
        pictures(some, looks, size=96), looks.row.tolist(), looks.column.tolist(), strict=True
    ):
        y, x = round((0.5 + row) * 96), round((0.5 + column) * 96)
        body = picture[:, y - 4 : y + 5, x - 4 : x + 5].flatten(1).T.tolist()
        angles = torch.tensor([colorsys.rgb_to_hsv(*pixel)[0] for pixel in body]) * 2 * math.pi
        mean = math.degrees(math.atan2(float(angles.sin().mean()), float(angles.cos().mean())))
        assert abs((mean - hue + 180) % 360 - 180) < 1


@pytest.mark.parametrize("limbs", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("size", SIZES)
def test_the_legs_can_be_counted(limbs: int, size: float) -> None:
    row = saturation(seen(one(size=size, limbs=limbs)))[
        PIXELS // 2 + round(1.1 * size / 4 * PIXELS)
    ]
    inside = (row > 0.5).astype(int)
    assert (np.diff(inside) == 1).sum() == limbs


@pytest.mark.parametrize("texture", [0.0, 0.5, 1.0])
def test_texture_is_the_contrast_of_the_stripes(texture: float) -> None:
    middle = seen(one(size=1.3, texture=texture))[PIXELS // 2, 100:150].max(axis=1)
    assert middle.min() / middle.max() == pytest.approx(1 - 0.72 * texture, abs=0.03)


def test_shape_is_how_far_spikes_stand_out_of_the_back() -> None:
    half = 1.3 / 4 * PIXELS
    tops = []
    for shape in (0.0, 0.5, 1.0):
        picture = saturation(seen(one(size=1.3, shape=shape)))[:, : PIXELS // 2 + 10]
        behind = PIXELS // 2 - round(0.4 * half)
        column = picture[:, behind : PIXELS // 2 + 10]  # without tail and head
        tops.append((PIXELS // 2 - np.argmax((column > 0.5).any(axis=1))) / half)
    assert tops[0] == pytest.approx(0.62, abs=0.02)
    assert tops[2] == pytest.approx(0.62 * 1.65, abs=0.05)
    assert tops[1] == pytest.approx(0.62 * 1.325, abs=0.04)


def test_edges_are_smooth_at_every_size() -> None:
    """A picture of few pixels is the mean of one of many."""
    some = drawn_creatures(torch.arange(6), seed=3)
    look = Seen.drawn(torch.arange(6), seed=3)
    fine = torch.nn.functional.avg_pool2d(pictures(some, look, size=384), 8)
    assert (pictures(some, look, size=48) - fine).abs().mean() < 0.005


def test_the_senses_share_the_truth_and_nothing_else() -> None:
    items = torch.arange(4000)
    looks, sounds = Seen.drawn(items, seed=0), Heard.drawn(items, seed=0)
    truth = drawn_creatures(items, seed=0).table()
    columns = [*truth.T, *vars(looks).values()]
    columns += [v for k, v in vars(sounds).items() if k not in ("items", "seed")]
    assert len(columns) == 5 + 11 + 7
    linked = torch.corrcoef(torch.stack(columns)) - torch.eye(len(columns))
    assert linked.abs().max() < 0.08  # five deviations of 1 / sqrt(4000)


def test_what_one_sense_knows_moves_nothing_in_the_other() -> None:
    some = Creatures.of(one(), one())
    first = calls(some, Heard.drawn(torch.tensor([0, 1]), seed=5), sample_rate=8000)
    assert not torch.allclose(first[0], first[1])  # one creature, two rooms
    shown = pictures(some, Seen.drawn(torch.tensor([0, 1]), seed=5), size=32)
    assert not torch.allclose(shown[0], shown[1])
    assert not torch.equal(draw(one(), seed=0), draw(one(), seed=1))
    assert torch.equal(draw(one(), seed=1), draw(one(), seed=1))
    assert torch.equal(call(one(), seed=1).samples, call(one(), seed=1).samples)


def test_an_item_is_the_same_alone_and_with_others() -> None:
    items = torch.arange(70, 140)
    some, look, sound = (
        drawn_creatures(items, seed=2),
        Seen.drawn(items, seed=2),
        Heard.drawn(items, seed=2),
    )
    third = torch.tensor([72])
    alone = drawn_creatures(third, seed=2)
    assert alone[0] == some[2]
    picture = pictures(alone, Seen.drawn(third, seed=2), size=32)[0]
    assert torch.allclose(pictures(some, look, size=32)[2], picture, atol=1e-5)
    samples = calls(alone, Heard.drawn(third, seed=2), sample_rate=8000)[0]
    assert torch.allclose(calls(some, sound, sample_rate=8000)[2], samples, atol=1e-4)


def test_noise_and_level_are_as_asked() -> None:
    items = torch.arange(40)
    some, sound = drawn_creatures(items, seed=0), Heard.drawn(items, seed=0)
    samples = calls(some, sound, sample_rate=8000)
    assert samples.abs().max() <= 1
    before = samples[:, :150]  # the first 20 ms hold noise alone
    quiet = before.square().mean(dim=1)
    whole = samples.square().mean(dim=1)
    snr = 10 * ((whole - quiet) / quiet).log10()
    assert (snr - sound.snr_db).abs().max() < 1.5
    peak = 20 * samples.abs().amax(dim=1).log10()
    assert (peak - sound.level_db).abs().max() < 3  # noise on top of the loudest sample


def test_the_numbers_are_drawn_evenly() -> None:
    truth = drawn_creatures(torch.arange(5000), seed=9)
    assert truth.limbs.bincount().tolist()[:2] == [0, 0]
    assert all(abs(count - 1000) < 150 for count in truth.limbs.bincount().tolist()[2:])
    for values in (
        truth.shape,
        truth.texture,
        truth.hue / 360,
        (truth.size / 0.6).log() / math.log(1.3 / 0.6),
    ):
        assert float(values.min()) >= 0 and float(values.max()) <= 1
        assert float(values.mean()) == pytest.approx(0.5, abs=0.02)
    assert creature(1) != creature(2)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("numbers", "phrase"),
    [
        ({"size": 0.2}, "size must be from 0.6 to 1.3, got 0.2"),
        ({"shape": 1.2}, "shape must be from 0 to 1"),
        ({"hue": 360.0}, "hue must be from 0 to below 360"),
        ({"hue": math.nan}, "hue must be"),
        ({"texture": -0.1}, "texture must be"),
        ({"limbs": 7}, "limbs must be from 2 to 6, got 7"),
        ({"limbs": 2.5}, "limbs must be a whole number"),
    ],
)
def test_a_creature_that_cannot_be_is_refused(numbers: dict, phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        one(**numbers)


@pytest.mark.bad_input
def test_bad_settings_are_refused() -> None:
    some = Creatures.of(one())
    for make, phrase in (
        (lambda: pictures(some, Seen.plain(1), size=8), "size must be at least 16"),
        (lambda: pictures(some, Seen.plain(2)), "equally many, got 1 and 2"),
        (lambda: calls(some, Heard.plain(1), sample_rate=4000), "at least 8000"),
        (lambda: calls(some, Heard.plain(2)), "equally many, got 1 and 2"),
        (lambda: calls(some, Heard.plain(1), seconds=0.0), "at least one sample"),
        (lambda: Creatures.from_table(torch.zeros(2, 4)), r"\[item, 5\]"),
    ):
        with pytest.raises(ValueError, match=phrase):
            make()
