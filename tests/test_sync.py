"""Offset and drift by hand: against clips whose truth is known, and against other ways to count."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from avtutor.clip import Clip
from avtutor.datasets import videos
from avtutor.spectral import SpectrogramConfig
from avtutor.sync import (
    Curve,
    cross_correlation,
    line_through,
    measure_drift,
    measure_offset,
    motion_change,
    motion_energy,
    offset_between,
    onset_strength,
    peak_of,
    signs_of,
)
from avtutor.sync.confidence import WEIGHTS
from avtutor.synth import click, silence, white_noise
from avtutor.waveform import Waveform
from tests.sync_clips import curves, flashes, moments

ROOT = Path(__file__).resolve().parents[1]


def double(values: list[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


# Curves


def test_motion_is_the_mean_difference_over_all_pixels() -> None:
    g = torch.Generator().manual_seed(0)
    frames = torch.randint(0, 256, (150, 5, 7, 3), generator=g).to(torch.uint8)
    times = torch.arange(150).double() / 25
    curve = motion_energy(Clip(frames, times, None))
    pictures = frames.numpy().astype(float) / 255
    expected = [np.abs(pictures[k] - pictures[k - 1]).mean() for k in range(1, 150)]
    assert np.allclose(curve.values.numpy(), expected, atol=1e-6)
    assert torch.equal(curve.times, times[1:])


def test_a_change_of_motion_is_a_start_a_stop_or_a_turn() -> None:
    """A bar of 6 columns, each worth 1 / 40 of the picture, that moves two at a time."""
    places = [3, 3, 3, 5, 7, 9, 11, 11, 11, 13, 15, 13, 11]
    frames = torch.zeros(len(places), 4, 40, 3, dtype=torch.uint8)
    for k, place in enumerate(places):
        frames[k, :, place : place + 6] = 255
    curve = motion_change(Clip(frames, torch.arange(len(places)).double() / 25, None))
    # It starts behind 2, stops at 6, starts behind 8, turns at 10. The energy of a step is 4 / 40,
    # a start changes it by so much, and a turn undoes two steps.
    expected = torch.tensor([0, 4, 0, 0, 0, 4, 0, 4, 0, 8, 0]) / 40
    assert torch.allclose(curve.values, expected, atol=1e-6)
    assert torch.allclose(curve.times, torch.arange(1, len(places) - 1).double() / 25)


def test_an_onset_is_heard_where_the_clip_says_that_its_sound_is() -> None:
    sound = click(at=0.5, seconds=1.0, sample_rate=16000)
    frames = torch.zeros(30, 2, 2, 3, dtype=torch.uint8)
    clip = Clip(frames, torch.arange(30).double() / 30, sound, 0.25)
    curve, alone = onset_strength(clip), onset_strength(sound)
    assert torch.allclose(curve.times, alone.times + 0.25) and torch.equal(
        curve.values, alone.values
    )
    centre = float((alone.values * alone.times).sum() / alone.values.sum())
    assert centre == pytest.approx(0.497, abs=0.002)  # a window hears it 3 ms before


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_onsets_are_found_at_every_rate(rate: int) -> None:
    curve = onset_strength(click(at=0.5, seconds=1.0, sample_rate=rate))
    assert float(curve.times[curve.values.argmax()]) == pytest.approx(0.496, abs=0.006)


def test_the_end_of_a_sound_is_no_onset() -> None:
    samples = torch.zeros(16000)
    samples[4000:12000] = white_noise(seconds=0.5, sample_rate=16000, seed=1).samples[0]
    curve = onset_strength(Waveform.from_mono(samples, 16000))
    begins = curve.between(0.2, 0.3).values.sum()
    ends = curve.between(0.72, 0.8).values.sum()
    assert begins > 30 and ends < 0.3 * begins  # the noise has its ups to the last


def test_means_are_those_of_a_fine_sampling() -> None:
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 3, 40))
    values = rng.normal(size=40)
    curve = Curve(torch.from_numpy(times), torch.from_numpy(values))
    edges = np.arange(-0.3, 3.5, 0.07)
    fine = np.interp(np.linspace(edges[0], edges[-1], 540001), times, values)
    expected = [part.mean() for part in np.split(fine[:-1], len(edges) - 1)]
    assert np.allclose(curve.means(torch.from_numpy(edges)).numpy(), expected, atol=2e-3)


# Cross-correlation


def test_the_correlation_is_pearson_s_at_each_offset() -> None:
    """Counted by numpy, on curves that lie on the grid already."""
    rng = np.random.default_rng(3)
    seen, heard = rng.normal(size=200), rng.normal(size=260)
    step = 0.01
    picture = Curve(torch.arange(200).double() * step, torch.from_numpy(seen))
    sound = Curve(torch.arange(260).double() * step - 0.2, torch.from_numpy(heard))
    curve = cross_correlation(picture, sound, max_offset=0.25, step=step)
    assert torch.allclose(curve.times, torch.arange(-25, 26).double() * step)

    def smooth(values: np.ndarray) -> np.ndarray:  # the mean over a step, of straight lines
        padded = np.pad(values, 1, mode="edge")
        return padded[:-2] / 8 + padded[1:-1] * 6 / 8 + padded[2:] / 8

    seen, heard = smooth(seen), smooth(heard)
    expected, shared = [], []
    for lag in range(-25, 26):
        pairs = [
            (seen[k], heard[k + lag + 20]) for k in range(200) if 0 <= k + lag + 20 < len(heard)
        ]
        expected.append(np.corrcoef(np.array(pairs).T)[0, 1])
        shared.append(len(pairs))
    assert min(shared) < max(shared)
    expected = np.array(expected) * np.sqrt(np.array(shared) / max(shared))
    assert np.allclose(curve.values.numpy(), expected, atol=1e-9)


def test_uneven_pictures_are_taken_at_their_own_times() -> None:
    """Frames at n / fps would put the second half of this clip 0.3 s too early."""
    times = np.concatenate([np.arange(0, 2, 0.04), np.arange(2.3, 4.0, 0.02)])
    events = np.array([0.31, 0.78, 1.43, 1.9, 2.61, 2.83, 3.34, 3.71])
    seen = np.zeros(len(times))
    seen[np.searchsorted(times, events)] = 1
    middle = (times[1:] + times[:-1]) / 2
    picture = Curve(torch.from_numpy(middle), torch.from_numpy(seen[1:]))
    _, sound = curves(events, seconds=4.0, offset=0.2)
    found = offset_between(picture, sound)
    assert found.seconds == pytest.approx(0.2, abs=0.01)


def test_a_parabola_finds_the_top_between_the_steps() -> None:
    times = torch.arange(-30, 31).double() / 100
    for top in (-0.2034, 0.0, 0.1171):
        found, height = peak_of(Curve(times, 0.7 - 3 * (times - top).square()))
        assert found == pytest.approx(top, abs=1e-9) and height == pytest.approx(0.7)
    edge, _ = peak_of(Curve(times, times))
    assert edge == pytest.approx(0.3)  # nothing is made up beyond the end


# Offset


@pytest.mark.parametrize("offset", [-0.47, -0.16, 0.0, 0.16, 0.333])
@pytest.mark.parametrize("frame_rate", [25.0, 30000 / 1001, 60.0])
def test_a_shift_is_found_to_a_third_of_a_frame(offset: float, frame_rate: float) -> None:
    clip = flashes(moments(6.0, 2.5, seed=4), seconds=6.0, offset=offset, frame_rate=frame_rate)
    found = measure_offset(clip)
    # 15 events, each late by up to a frame: 0.29 frames / sqrt(15) is 0.075 frames.
    assert found.seconds == pytest.approx(offset, abs=0.25 / frame_rate + 0.003)
    assert found.confidence > 0.9


def test_the_error_is_that_of_the_mean_of_so_many_frames() -> None:
    """The median over clips: no bias by the half frame, and no more spread than rounding makes."""
    errors = []
    for seed in range(30):
        clip = flashes(moments(4.0, 2.5, seed), seconds=4.0, offset=0.1, size=2)
        errors.append(measure_offset(clip).seconds - 0.1)
    errors = np.array(errors)
    assert abs(errors.mean()) < 0.006  # the half frame would be 0.020
    assert np.median(np.abs(errors)) < 0.010


@pytest.mark.parametrize("shift", [-0.25, 0.16])
def test_the_sign_is_that_of_shift_sound(shift: float) -> None:
    clip = flashes(moments(5.0, 2.0, seed=2), seconds=5.0)
    before = measure_offset(clip).seconds
    after = measure_offset(clip.shift_sound(shift)).seconds
    assert after - before == pytest.approx(shift, abs=0.006)
    back = measure_offset(clip.shift_sound(shift).shift_sound(-after))
    assert abs(back.seconds) < 0.006


def test_a_sound_that_starts_elsewhere_is_on_the_same_clock() -> None:
    clip = flashes(moments(6.0, 2.0, seed=5), seconds=6.0, offset=0.12)
    sound = clip.waveform.slice(1.0, 5.0)
    cut = Clip(clip.frames, clip.frame_times + 7.5, sound, 8.5)
    assert measure_offset(cut).seconds == pytest.approx(0.12, abs=0.012)


def test_another_clip_s_sound_is_not_trusted() -> None:
    trusted, confident = 0, 0
    for seed in range(20):
        events, others = moments(4.0, 2.0, seed), moments(4.0, 2.0, 1000 + seed)
        right = measure_offset(flashes(events, seconds=4.0, size=2))
        wrong = measure_offset(flashes(events, seconds=4.0, size=2, heard=others))
        trusted += right.confidence > 0.8
        confident += wrong.confidence > 0.8
    assert trusted >= 19 and confident <= 1


def test_a_single_event_is_not_trusted() -> None:
    """A flash and a click always agree somewhere."""
    found = measure_offset(flashes(np.array([1.5]), seconds=3.0, heard=np.array([1.8])))
    assert found.seconds == pytest.approx(0.3, abs=0.02)
    assert found.confidence < 0.7


def test_even_beats_fit_each_other_and_say_so() -> None:
    beats = np.arange(0.25, 6.0, 0.25)
    found = measure_offset(flashes(beats, seconds=6.0))
    assert found.confidence < 0.5
    uneven = measure_offset(flashes(moments(6.0, 4.0, seed=6), seconds=6.0))
    assert uneven.confidence > 0.9


def test_with_nothing_to_go_by_the_confidence_is_0() -> None:
    clip = flashes(moments(3.0, 2.0, seed=0), seconds=3.0)
    still = Clip(torch.zeros_like(clip.frames), clip.frame_times, clip.waveform)
    quiet = Clip(clip.frames, clip.frame_times, silence(seconds=3.0, sample_rate=16000))
    for one in (still, quiet):
        found = measure_offset(one)
        assert (found.seconds, found.confidence) == (0.0, 0.0)
        assert len(found.curve.values) == 121 and not found.curve.values.any()


def test_an_offset_beyond_what_was_tried_is_not_trusted() -> None:
    clip = flashes(moments(6.0, 2.5, seed=4), seconds=6.0, offset=0.3)
    assert measure_offset(clip).confidence > 0.9
    assert measure_offset(clip, max_offset=0.2).confidence < 0.5
    picture, sound = motion_change(clip), onset_strength(clip)
    curve = cross_correlation(picture, sound, max_offset=0.295)
    assert int(curve.values.argmax()) == len(curve.values) - 1  # still on its way up
    assert signs_of(picture, sound, curve) is None


@pytest.mark.bad_input
def test_what_cannot_be_measured_is_refused() -> None:
    clip = flashes(moments(2.0, 2.0, seed=0), seconds=2.0)
    mute = Clip(clip.frames, clip.frame_times, None)
    with pytest.raises(ValueError, match="must have sound to measure its offset, got None"):
        measure_offset(mute)
    single = Clip(clip.frames[:1], clip.frame_times[:1], clip.waveform)
    with pytest.raises(ValueError, match="at least 3 frames for a motion, got 1"):
        measure_offset(single)
    with pytest.raises(ValueError, match="method must be one of .*, got 'magic'"):
        measure_offset(clip, method="magic")
    with pytest.raises(ValueError, match=r"max_offset must be at most 1\.6\d\d s, .* got 1.8"):
        measure_offset(clip, max_offset=1.8)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="max_offset must be above 0 s"):
            measure_offset(clip, max_offset=wrong)
    with pytest.raises(ValueError, match="picture and sound must share 0.3 s or more"):
        measure_offset(clip.shift_sound(10.0))
    with pytest.raises(ValueError, match="picture and sound must share 0.3 s or more"):
        measure_offset(clip.slice(0.0, 0.2))
    with pytest.raises(ValueError, match="the clip must have sound, got None"):
        onset_strength(mute)
    with pytest.raises(ValueError, match="must be at the 8000 Hz of config, got 16000 Hz"):
        onset_strength(clip, config=SpectrogramConfig(sample_rate=8000))


@pytest.mark.bad_input
def test_a_curve_is_checked() -> None:
    with pytest.raises(ValueError, match="as many, and at least one"):
        Curve(double([0.0, 1.0]), torch.zeros(3))
    with pytest.raises(ValueError, match="as many, and at least one"):
        Curve(double([]), torch.zeros(0))
    with pytest.raises(ValueError, match="must be finite"):
        Curve(double([0.0]), torch.tensor([float("nan")]))
    with pytest.raises(ValueError, match="must increase"):
        Curve(double([0.0, 0.0]), torch.zeros(2))
    with pytest.raises(ValueError, match="there is nothing from 5 to 6 s"):
        Curve(double([0.0, 1.0]), torch.zeros(2)).between(5.0, 6.0)


def test_the_confidence_is_the_one_that_was_fitted_and_holds() -> None:
    """On clips that took no part in the fit, and on real ones, as the table has it."""
    table = json.loads((ROOT / "experiments/17_confidence.json").read_text())["result"]
    assert table["weights"] == pytest.approx(list(WEIGHTS), abs=1e-6)
    surest = [row for row in table["bins"] if row["said"] > 0.5]
    assert all(abs(row["said"] - row["right"]) < 0.1 for row in surest)
    assert table["test"]["from 0.8"]["right"] > 0.9
    for name in ("talking_head", "test_movie"):
        row = table["real clips"][name]["from 0.8"]
        assert row["sure"] == 0 or row["right"] >= 0.9


# Drift


def test_a_line_is_numpy_s() -> None:
    rng = np.random.default_rng(0)
    times, values = np.sort(rng.uniform(0, 100, 20)), rng.normal(size=20)
    (slope, start), cov = np.polyfit(times, values, 1, cov=True)
    found = line_through(torch.from_numpy(times), torch.from_numpy(values))
    assert np.allclose(found, (slope, start, np.sqrt(cov[0, 0])))


def test_29_97_shown_as_30_is_a_millisecond_a_second() -> None:
    """The pictures run 1001/1000 slower than they are stamped: so the sound gets earlier."""
    events = moments(150.0, 3.0, seed=0)
    for ppm in (1000.0, -999.0):
        picture, sound = curves(events, seconds=150.0, offset=0.05, ppm=ppm)
        found = measure_drift(picture, sound)
        assert found.ppm == pytest.approx(ppm, abs=40)
        assert found.error_ppm < 40
        assert found.seconds == pytest.approx(0.05, abs=0.004)


def test_50_ppm_are_told_from_none() -> None:
    events = moments(240.0, 3.0, seed=1)
    found = {ppm: measure_drift(*curves(events, seconds=240.0, ppm=ppm)).ppm for ppm in (0.0, 50.0)}
    # 720 events, each off by 9.6 ms: 9.6 ms / (240 s · sqrt(720 / 12)) is 5 ppm.
    assert found[0.0] == pytest.approx(0, abs=16) and found[50.0] == pytest.approx(50, abs=16)
    assert found[50.0] - found[0.0] == pytest.approx(50, abs=12)


def test_windows_with_another_sound_do_not_move_the_line() -> None:
    events = moments(150.0, 3.0, seed=2)
    picture, sound = curves(events, seconds=150.0, ppm=300.0)
    _, other = curves(moments(150.0, 3.0, seed=3), seconds=150.0)
    bad = (sound.times > 40) & (sound.times < 70)
    mixed = Curve(sound.times, torch.where(bad, other.values, sound.values))
    found = measure_drift(picture, mixed)
    assert found.ppm == pytest.approx(300, abs=40)
    assert int(found.used.sum()) < len(found.used)


@pytest.mark.bad_input
def test_a_drift_needs_three_windows() -> None:
    events = moments(25.0, 3.0, seed=0)
    picture, sound = curves(events, seconds=25.0)
    with pytest.raises(ValueError, match="must share three windows of 10 s, got 24.9"):
        measure_drift(picture, sound)
    with pytest.raises(ValueError, match="window must be above 0 s, got 0"):
        measure_drift(picture, sound, window=0.0)
    still = Curve(picture.times, torch.zeros_like(picture.values))
    with pytest.raises(ValueError, match="three windows must reach a confidence of 0.5, got 0 of"):
        measure_drift(still, sound, window=5.0)
    with pytest.raises(ValueError, match="takes 3 points, got 2"):
        line_through(double([0.0, 1.0]), double([0.0, 1.0]))


# Real clips


@pytest.mark.parametrize("name", ["talking_head", "test_movie"])
def test_a_real_clip_moves_with_its_sound(name: str) -> None:
    """Whatever is found in it, shifted sound shifts it by as much."""
    clip = videos()[name].load(max_height=64)
    before = measure_offset(clip, max_offset=0.8).seconds
    after = measure_offset(clip.shift_sound(0.2), max_offset=0.8).seconds
    assert after - before == pytest.approx(0.2, abs=0.02)
