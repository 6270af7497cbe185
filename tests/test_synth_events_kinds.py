"""What balls, strings and lamps look and sound like, against the physics they follow."""

import math

import pytest
import torch
from torch import Tensor

from avtutor.synth import Scene, SceneConfig, scene, scenes
from avtutor.synth.balls import FLOOR, GRAVITY, MATERIALS, SMALLEST, struck
from avtutor.synth.drawing import disc, over, smear
from avtutor.synth.lamp import GLOW
from avtutor.synth.modal import LONGEST, Modes, loudest, rung
from avtutor.synth.strings import DECAY

RATE = 16000


def sound(one: Scene) -> Tensor:
    assert one.clip.waveform is not None
    return one.clip.waveform.samples[0].double()


def row(*values: float) -> Tensor:
    return torch.tensor([values], dtype=torch.float64)


# Sound


def test_modes_ring_as_the_formula_says_from_their_own_time_on() -> None:
    times = torch.tensor([0.1003, -0.02], dtype=torch.float64)
    modes = Modes(
        torch.cat([row(440.0, 1234.5), row(100.0, 300.0)]),
        torch.cat([row(30.0, 60.0), row(20.0, 50.0)]),
        torch.cat([row(0.5, 0.2), row(0.1, 0.0)]),
    )
    got = rung(times, modes, start=0.0, step=1 / RATE, n_samples=6400)
    t = torch.arange(6400, dtype=torch.float64) / RATE
    late, early = t - 0.1003, t + 0.02
    expected = 0.1 * torch.exp(-20 * early) * torch.sin(2 * math.pi * 100 * early)
    expected += (late >= 0) * (
        0.5 * torch.exp(-30 * late) * torch.sin(2 * math.pi * 440 * late)
        + 0.2 * torch.exp(-60 * late) * torch.sin(2 * math.pi * 1234.5 * late)
    )
    there = t < math.log(1000) / 20 - 0.02  # the first of the two has fallen by 60 dB
    assert torch.allclose(got[there], expected[there], atol=1e-10)
    assert (got[~there] - expected[~there]).abs().max() < 0.7e-3


def test_a_mode_is_followed_for_60_db_and_never_for_longer_than_stated() -> None:
    modes = Modes(torch.ones(2, 1).double(), torch.tensor([[69.0], [0.5]]).double(), row(1, 1).T)
    assert torch.allclose(modes.lengths, torch.tensor([math.log(1000) / 69, LONGEST]).double())


def test_the_sum_never_exceeds_what_loudest_says() -> None:
    generator = torch.Generator().manual_seed(0)
    times = torch.rand(30, generator=generator).double().sort().values
    draws = torch.rand(3, 30, 4, generator=generator).double()
    modes = Modes(100 + 2000 * draws[0], 5 + 50 * draws[1], draws[2])
    peak = rung(times, modes, start=0.0, step=1 / RATE, n_samples=RATE).abs().max()
    assert 0.2 * loudest(times, modes) < peak <= loudest(times, modes)


def test_a_ball_twice_as_large_sounds_an_octave_lower() -> None:
    ones = torch.zeros(2, dtype=torch.long), torch.ones(2).double()
    sizes = torch.tensor([0.05, 0.1]).double()
    got = struck(ones[0], sizes, ones[1], generator=torch.Generator().manual_seed(0))
    assert torch.allclose(got.frequencies[0], 2 * got.frequencies[1])


def test_the_friction_of_the_material_is_heard_whatever_the_size() -> None:
    """Decay over π f is one number a material, and each is well apart from the next."""
    numbers = torch.arange(4).repeat_interleave(2)
    sizes = torch.tensor([0.06, 0.1]).repeat(4).double()
    modes = struck(numbers, sizes, torch.ones(8).double(), generator=torch.Generator())
    friction = modes.decays / (math.pi * modes.frequencies)
    assert torch.allclose(friction, friction[:, :1].expand_as(friction))
    assert torch.allclose(friction[::2], friction[1::2])
    by_name = dict(zip([one.name for one in MATERIALS], friction[::2, 0].tolist(), strict=True))
    assert by_name["rubber"] > 3 * by_name["wood"] > 9 * by_name["glass"]
    assert by_name["glass"] > 2 * by_name["metal"]


def test_a_harder_impact_is_louder() -> None:
    speeds = torch.tensor([0.25, 1.0]).double()
    numbers, sizes = torch.zeros(2, dtype=torch.long), torch.full((2,), 0.08).double()
    levels = [
        struck(numbers, sizes, speeds, generator=torch.Generator().manual_seed(seed)).amplitudes
        for seed in range(200)
    ]
    mean = torch.stack(levels).mean(dim=0)
    assert torch.allclose(mean[1] / mean[0], torch.tensor(4.0).double(), rtol=0.1)


def test_modes_beyond_half_the_rate_are_left_out() -> None:
    """A lower rate has the same low part: nothing is folded into it."""
    for seed in range(4):
        high = scene(SceneConfig("balls", sample_rate=32000), seed=seed)
        low = scene(SceneConfig("balls", sample_rate=8000), seed=seed)
        spectra = [torch.fft.rfft(sound(one)).abs() / len(sound(one)) for one in (high, low)]
        below = slice(0, int(3 * 3000))
        error = (spectra[0][below] - spectra[1][below]).square().sum()
        assert error < 0.01 * spectra[0][below].square().sum()


def test_a_string_sounds_at_the_pitch_of_its_length() -> None:
    for one in scenes(SceneConfig("strings", missing="picture"), n=6, seed=2):
        pitch = float(one.truth.kinds[0].split()[2])
        assert pitch == pytest.approx(180 * 0.85 * 64 / float(one.truth.sizes[0]), abs=0.51)
        spectrum = torch.fft.rfft(sound(one) * torch.hann_window(48000)).abs()
        around = spectrum[int(3 * 0.8 * pitch) : int(3 * 1.2 * pitch)]
        assert (int(3 * 0.8 * pitch) + int(around.argmax())) / 3 == pytest.approx(pitch, rel=0.01)


# Pictures


def test_a_disc_covers_its_area_about_its_middle() -> None:
    places = torch.arange(32.0)
    for where, radius in ((15.0, 4.0), (15.37, 2.0), (14.5, 9.3)):
        covered = disc(torch.tensor([where]), torch.tensor([12.2]), radius=radius, size=32)[0]
        assert float(covered.sum()) == pytest.approx(math.pi * radius**2, rel=0.03)
        middle = (covered.sum(1) @ places / covered.sum(), covered.sum(0) @ places / covered.sum())
        assert middle[0] == pytest.approx(where, abs=0.03)
        assert middle[1] == pytest.approx(12.2, abs=0.03)
    assert covered.max() == 1 and covered.min() == 0


def test_a_colour_covers_what_it_covers() -> None:
    frames = torch.zeros(1, 1, 3, 3)
    got = over(frames, torch.tensor([1.0, 0.5, 0.0]), torch.tensor([[[0.0, 0.5, 1.0]]]))
    assert torch.equal(got[0, 0], torch.tensor([[0.0, 0, 0], [0.5, 0.25, 0], [1.0, 0.5, 0]]))
    assert not frames.any()


def test_a_swinging_line_is_where_a_sine_is() -> None:
    """Against the line drawn at 20000 phases."""
    rows = torch.arange(-8.0, 9.0)
    phases = 2 * math.pi * torch.arange(20000) / 20000
    at = 5.3 * phases.sin()
    expected = ((rows[:, None] - at).abs() < 1.0).float().mean(dim=1)
    got = smear(rows, swing=torch.tensor(5.3), width=2.0)
    assert torch.allclose(got, expected, atol=2e-3)


def balls_seen(one: Scene) -> tuple[Tensor, Tensor]:
    """Return row and column of the middle of the one ball, from the pixels alone."""
    frames = one.clip.frames.double()
    wall = frames.median(dim=0).values
    differs = (frames - wall).abs().sum(dim=-1)
    differs = differs * (differs > 30)
    places = torch.arange(frames.shape[1]).double()
    total = differs.sum(dim=(1, 2))
    return (differs.sum(2) @ places / total, differs.sum(1) @ places / total)


def test_a_ball_is_drawn_where_the_truth_says() -> None:
    for one in scenes(SceneConfig("balls", seconds=6.0), n=3, seed=4):
        rows, columns = balls_seen(one)
        truth = one.truth.positions[:, 0].double()
        above = truth[:, 0] + one.truth.sizes[0] < FLOOR * 64 - 2
        assert (rows - truth[:, 0])[above].abs().median() < 0.1
        assert (columns - truth[:, 1])[above].abs().median() < 0.1


def test_a_ball_falls_as_gravity_says_and_turns_at_its_event() -> None:
    one = scene(SceneConfig("balls", frame_rate=500.0, size=16), seed=1)
    rows = one.truth.positions[:, 0, 0].double()
    times = one.clip.frame_times
    events = one.truth.event_times[one.truth.seen]
    free = (times[1:-1, None] - events).abs().min(dim=1).values > 0.003
    bend = rows.diff().diff() * 500**2
    assert torch.allclose(bend[free], torch.tensor(GRAVITY * 16).double(), rtol=0.05, atol=3)
    floor = FLOOR * 16 - float(one.truth.sizes[0])
    assert rows.max() <= floor + 1e-4
    for event in events.tolist():
        k = int(event * 500)
        assert max(float(rows[k]), float(rows[min(k + 1, len(rows) - 1)])) > floor - 0.1
        assert k < 3 or rows[k] > rows[k - 2]  # downwards before


def test_a_ball_goes_on_bouncing_and_stays_in_its_part_of_the_picture() -> None:
    one = scene(
        SceneConfig("balls", seconds=60.0, frame_rate=5.0, n_objects=4, missing="picture"), seed=0
    )
    assert one.truth.event_times.diff().max() < 1
    gaps = [one.truth.event_times[one.truth.event_objects == k].diff() for k in range(4)]
    assert all(0.15 < gap.min() and gap.max() < 0.9 and gap.std() > 0.05 for gap in gaps)
    columns = one.truth.positions[:, :, 1]
    left = (columns.min(dim=0).values - one.truth.sizes).sort().values
    right = (columns.max(dim=0).values + one.truth.sizes).sort().values
    assert (right[:-1] < left[1:] + 1).all() and left[0] >= -0.5 and right[-1] <= 63.5


def test_the_colour_tells_the_material() -> None:
    names = set()
    for one in scenes(SceneConfig("balls", seconds=0.2), n=12, seed=0):
        size, name = one.truth.kinds[0].split()
        material = next(m for m in MATERIALS if m.name == name)
        at = one.truth.positions[2, 0].round().long()
        got = one.clip.frames[2, int(at[0]), int(at[1])] / 255
        assert torch.allclose(got, torch.tensor(material.colour), atol=0.005)
        radius = float(one.truth.sizes[0])
        assert (radius < 64 * SMALLEST * 2 ** (1 / 3) + 0.01) == (size == "small")
        names.add(name)
    assert len(names) == 4


def test_a_ball_whose_impact_is_not_to_be_seen_is_not_there_at_that_time() -> None:
    config = SceneConfig("balls", seconds=6.0, share_seen=0.5)
    one, whole = scene(config, seed=3), scene(SceneConfig("balls", seconds=6.0), seed=3)
    wall = whole.clip.frames.double().median(dim=0).values
    events = one.truth.event_times
    inside = (events > 0.1) & (events < 5.9)
    for event, seen in zip(events[inside].tolist(), one.truth.seen[inside].tolist(), strict=True):
        k = round(event * 25)
        same = torch.equal(one.clip.frames[k], whole.clip.frames[k])
        assert same == seen
        if not seen:
            away = (one.clip.frames[k].double() - wall).abs().sum(dim=-1)
            at = one.truth.positions[k, 0].round().long()
            assert float(away[int(at[0]), int(at[1])]) < 6


def test_a_string_is_blurred_from_its_pluck_on_and_loses_no_light() -> None:
    one = scene(SceneConfig("strings", seconds=6.0), seed=5)
    frames = one.clip.frames.double().sum(dim=-1)
    middle = int(one.truth.positions[0, 0, 1])
    at = int(one.truth.positions[0, 0, 0])
    lines = frames[:, :, middle] - frames[:, :4, middle].mean(dim=1, keepdim=True)
    centre = frames[:, at, middle]  # darker the wider it swings
    for event in one.truth.event_times[one.truth.seen].tolist():
        k = math.ceil(event * 25)
        if 0 < k < len(frames) - 3:
            assert centre[k] < 0.8 * centre[k - 1] or centre[k - 1] < 0.5 * centre.max()
            assert centre[k + 3] > centre[k]
    total = lines.sum(dim=1)
    assert float(total.std() / total.mean().abs()) < 0.05


def test_sight_and_sound_of_a_string_die_away_alike() -> None:
    """Width of the blur after 200 ms, against the level of the lowest mode."""
    config = SceneConfig("strings", seconds=8.0, size=64)
    ratios = []
    for one in scenes(config, n=4, seed=0):
        events = one.truth.event_times
        column = int(one.truth.positions[0, 0, 1])
        lines = one.clip.frames[:, :, column].double().sum(dim=-1)
        lines = (lines - lines.median(dim=0).values).clamp(min=0)
        for event, gap in zip(events[:-1].tolist(), events.diff().tolist(), strict=True):
            k = math.ceil(event * 25)
            if gap > 0.5 and event > 0:
                wide = [int((lines[j] > 12).sum()) for j in (k, k + 5)]
                ratios.append(wide[1] / max(wide[0], 1))
    middle = sorted(ratios)[len(ratios) // 2]
    assert middle == pytest.approx(math.exp(-DECAY * 0.2), abs=0.15)


def test_a_metronome_keeps_its_beat_and_its_lamp_glows_as_stated() -> None:
    for one in scenes(SceneConfig("metronome", frame_rate=50.0), n=5, seed=0):
        gaps = one.truth.event_times.diff()
        assert torch.allclose(gaps, gaps[0].expand_as(gaps)) and 0.35 <= gaps[0] <= 0.65
        assert one.truth.kinds[0] == f"lamp at {60 / float(gaps[0]):.0f} beats a minute"
        at = one.truth.positions[0, 0].round().long()
        light = one.clip.frames[:, int(at[0]), int(at[1]), 1].double()
        for event in one.truth.event_times[one.truth.seen].tolist():
            k = math.ceil(event * 50)
            if 2 <= k < len(light) - 3:
                assert light[k] > 2 * light[k - 1]
                share = (light[k + 2] - 0.05 * 255) / (light[k] - 0.05 * 255)
                assert float(share) == pytest.approx(math.exp(-0.04 / GLOW), abs=0.05)


def test_a_metronome_fits_at_every_beat_and_balls_do_not() -> None:
    """The sound against itself, moved by a beat: what a measurement of the offset runs into."""
    beat = scene(SceneConfig("metronome", seconds=6.0), seed=0)
    step = round(float(beat.truth.event_times.diff()[0]) * RATE)
    samples = sound(beat).abs()
    alike = samples[step:] @ samples[:-step] / (samples @ samples)
    assert alike > 0.75
    for one in scenes(SceneConfig("balls", seconds=6.0, missing="picture"), n=5, seed=0):
        clicks = torch.zeros(600)
        clicks[(one.truth.event_times.clamp(0, 5.99) * 100).long()] = 1
        clicks = torch.nn.functional.max_pool1d(clicks[None], 3, 1, 1)[0]
        alike = max(float(clicks[k:] @ clicks[:-k] / (clicks @ clicks)) for k in range(10, 70))
        assert alike < 0.5
