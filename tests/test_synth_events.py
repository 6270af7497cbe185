"""The world with known truth: each dial does what it says, and nothing else."""

import time
from dataclasses import replace

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.synth import Scene, SceneConfig, scene, scenes

KINDS = ("balls", "strings", "metronome")
RATE = 16000


def sound(one: Scene) -> Tensor:
    assert one.clip.waveform is not None
    return one.clip.waveform.samples[0]


def begins(samples: Float[Tensor, " time"], *, relative: float = 12.0) -> Tensor:
    """Return when sounds begin, in seconds: sudden growth in a spectrogram of 6 ms windows."""
    hop, apart = 16, 4
    spectra = torch.stft(
        samples, 256, hop, 96, torch.hann_window(96), center=True, return_complex=True
    ).abs()
    levels = (spectra + 1e-3 * spectra.max()).log()
    growth = (levels[:, apart:] - levels[:, :-apart]).clamp(min=0).sum(dim=0)
    highest = torch.nn.functional.max_pool1d(growth[None, None], 31, 1, 15)[0, 0]
    columns = ((growth == highest) & (growth > relative)).nonzero()[:, 0]
    return (columns + apart / 2 + 1) * hop / RATE


def well_inside(times: Tensor, seconds: float = 3.0) -> Tensor:
    return times[(times > 0.02) & (times < seconds - 0.03)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_and_another_one_another_scene(kind: str) -> None:
    config = SceneConfig(kind, n_unseen=2, snr_sound_db=5.0, snr_picture_db=5.0, n_silent=1)
    one, two, other = (scene(config, seed=seed) for seed in (5, 5, 6))
    assert torch.equal(one.clip.frames, two.clip.frames)
    assert torch.equal(sound(one), sound(two))
    assert torch.equal(one.truth.event_times, two.truth.event_times)
    assert not torch.equal(one.clip.frames, other.clip.frames)
    assert not torch.equal(sound(one), sound(other))


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_begins_within_5_ms_of_its_event(kind: str) -> None:
    errors = []
    for one in scenes(SceneConfig(kind, missing="picture"), n=15, seed=1):
        times = well_inside(one.truth.event_times[one.truth.heard])
        away = begins(sound(one))[:, None] - times
        errors += away.abs().min(dim=0).values.tolist()
    assert len(errors) > 60
    assert max(errors) < 0.005


@pytest.mark.parametrize("kind", ["balls", "metronome"])
def test_no_sound_begins_where_no_event_is(kind: str) -> None:
    wrong = 0
    for one in scenes(SceneConfig(kind, missing="picture"), n=15, seed=1):
        found = well_inside(begins(sound(one)))
        away = (found[:, None] - one.truth.event_times).abs().min(dim=1).values
        wrong += int((away > 0.005).sum())
    assert wrong <= 2  # in about 90: modes of one ring beat with each other


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("samples", [2560, -2560, 1])
def test_an_offset_moves_the_sound_by_exactly_that(kind: str, samples: int) -> None:
    config = SceneConfig(kind, n_silent=1, n_unseen=3)
    still = scene(config, seed=3)
    moved = scene(replace(config, offset=samples / RATE), seed=3)
    assert torch.equal(still.clip.frames, moved.clip.frames)
    late, early = sound(moved), sound(still)
    if samples < 0:
        late, early = early, late
    n = abs(samples)
    assert torch.allclose(late[n:], early[:-n], atol=1e-6)
    assert early[:-n].abs().max() > 0.1
    assert moved.truth.offset == samples / RATE


def test_the_sign_is_that_of_shift_sound() -> None:
    config = SceneConfig("balls")
    shifted = scene(config, seed=0).clip.shift_sound(0.16)
    made = scene(replace(config, offset=0.16), seed=0).clip
    both = shifted.waveform_start, made.waveform_end
    assert shifted.waveform is not None and made.waveform is not None
    expected = shifted.waveform.slice(0.0, both[1] - both[0]).samples
    assert torch.allclose(made.waveform.slice(both[0]).samples, expected, atol=1e-6)


def test_an_offset_leaves_no_silence_that_tells_it() -> None:
    """What happened before the clip is heard where the sound of the clip has moved away."""
    config = SceneConfig("balls", offset=0.5, size=16)
    early = 0
    for one in scenes(config, n=30, seed=0):
        before = one.truth.heard & (one.truth.event_times < 0)
        early += int(before.sum())
        assert not one.truth.seen[before].any()
        heard = one.truth.heard_times[one.truth.heard]
        assert heard.min() >= 0 and heard.max() < 3
    assert 30 <= early <= 90  # about two a second


@pytest.mark.parametrize("ppm", [1000.0, -50.0])
def test_drift_makes_the_sound_later_and_later(ppm: float) -> None:
    """The slope of what is heard over what happens, from the first sample of each tick."""
    config = SceneConfig("metronome", seconds=60.0, frame_rate=5.0, size=16, drift=ppm)
    one = scene(config, seed=2)
    loud = (sound(one).abs() > 1e-3).nonzero()[:, 0]
    firsts = loud[1:][loud.diff() > 0.1 * RATE].double() / RATE
    times = one.truth.event_times
    times = times[(times > float(firsts[0]) - 0.1) & (times < float(firsts[-1]) + 0.1)]
    assert len(firsts) == len(times) > 80
    late = firsts - times
    away = times - times.mean()
    slope = float((away * late).sum() / away.square().sum())
    assert slope * 1e6 == pytest.approx(ppm, abs=2)
    assert torch.allclose(one.truth.heard_times, one.truth.event_times * (1 + ppm * 1e-6))


@pytest.mark.parametrize(("level", "tolerance"), [(20.0, 0.02), (0.0, 0.1), (-12.0, 0.4)])
def test_the_ratio_of_sound_to_noise_is_what_the_dial_says(level: float, tolerance: float) -> None:
    """The noise is as like to the sound as chance makes it: that is taken off with the gain."""
    config = SceneConfig("balls", n_objects=2)
    clean, noisy = (
        sound(scene(replace(config, snr_sound_db=snr), seed=4)).double() for snr in (None, level)
    )
    gain = (noisy @ clean) / (clean @ clean)
    noise = noisy - gain * clean
    got = 10 * torch.log10((gain * clean).square().mean() / noise.square().mean())
    assert float(got) == pytest.approx(level, abs=tolerance)
    spectrum = torch.fft.rfft(noise).abs().square()
    halves = spectrum[: len(spectrum) // 2].mean() / spectrum[len(spectrum) // 2 :].mean()
    assert float(halves) == pytest.approx(1, abs=0.05)  # white


@pytest.mark.parametrize(("level", "tolerance"), [(20.0, 0.1), (6.0, 0.1), (-6.0, 0.7)])
def test_the_ratio_of_picture_to_noise_is_what_the_dial_says(
    level: float, tolerance: float
) -> None:
    config = SceneConfig("balls", n_objects=2)
    clean, noisy = (
        scene(replace(config, snr_picture_db=snr), seed=4).clip.frames.double()
        for snr in (None, level)
    )
    moving = (clean - clean.mean(dim=0)).square().mean()
    got = 10 * torch.log10(moving / (noisy - clean).square().mean())
    assert float(got) == pytest.approx(level, abs=tolerance)


def test_noise_moves_nothing_else() -> None:
    config = SceneConfig("strings", n_silent=1)
    clean, noisy = scene(config, seed=0), scene(replace(config, snr_sound_db=0.0), seed=0)
    assert torch.equal(clean.clip.frames, noisy.clip.frames)
    noisy = scene(replace(config, snr_picture_db=0.0), seed=0)
    assert torch.equal(sound(clean), sound(noisy))


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_object_moves_and_is_not_heard(kind: str) -> None:
    alone = scene(SceneConfig(kind, n_objects=0, n_silent=1), seed=0)
    assert not sound(alone).any()
    assert alone.clip.frames.double().var(dim=0).mean() > 1
    assert alone.truth.seen.all() and not alone.truth.heard.any() and len(alone.truth.seen)
    both = scene(SceneConfig(kind, n_objects=1, n_silent=2), seed=0).truth
    assert both.sounding.tolist() == [True, False, False] and len(both.kinds) == 3
    assert torch.equal(both.heard, both.event_objects == 0)
    assert set(both.event_objects.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_object_sounds_in_the_same_pictures(kind: str) -> None:
    config = SceneConfig(kind, n_objects=1, n_silent=1)
    one, other = (scene(replace(config, first_sounding=k), seed=0) for k in (0, 1))
    both = scene(replace(config, n_objects=2, n_silent=0, first_sounding=1), seed=0)
    assert torch.equal(one.clip.frames, other.clip.frames)
    assert one.truth.sounding.tolist() == [True, False]
    assert other.truth.sounding.tolist() == [False, True] and both.truth.sounding.all()
    assert torch.equal(other.truth.heard, other.truth.event_objects == 1)
    assert torch.allclose(sound(one) + sound(other), sound(both), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unseen_event_is_heard_and_leaves_the_picture_alone(kind: str) -> None:
    config = SceneConfig(kind)
    without, with_ = scene(config, seed=0), scene(replace(config, n_unseen=4), seed=0)
    assert torch.equal(without.clip.frames, with_.clip.frames)
    stray = with_.truth.event_objects == -1
    assert int(stray.sum()) == 4 and not with_.truth.seen[stray].any()
    assert with_.truth.heard[stray].all()
    added = sound(with_) - sound(without)
    for when in with_.truth.event_times[stray].tolist():
        first = round(when * RATE)
        assert added[first : first + 160].abs().max() > 0.02
    first = round(float(with_.truth.event_times[stray].min()) * RATE)
    where = slice(0, first - 1)
    assert torch.allclose(sound(with_)[where], sound(without)[where]) or float(
        added[where].abs().max()
    ) < 0.3 * float(sound(with_).abs().max())


def test_a_missing_sense() -> None:
    config = SceneConfig("balls", snr_sound_db=0.0, snr_picture_db=0.0)
    deaf = scene(replace(config, missing="sound"), seed=0)
    blind = scene(replace(config, missing="picture"), seed=0)
    both = scene(config, seed=0)
    assert not sound(deaf).any() and not deaf.truth.heard.any() and deaf.truth.seen.any()
    assert torch.equal(deaf.clip.frames, both.clip.frames)
    assert (blind.clip.frames == 128).all()
    assert not blind.truth.seen.any() and blind.truth.heard.any()
    assert torch.equal(sound(blind), sound(both))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.75])
def test_shares_are_those_of_the_dials(kind: str, share: float) -> None:
    config = SceneConfig(kind, seconds=10.0, frame_rate=10.0, share_seen=share)
    seen = scene(config, seed=1).truth
    inside = seen.event_times <= 9.9
    assert abs(int(seen.seen.sum()) - share * int(inside.sum())) <= 0.5
    assert seen.heard.all()
    half = scene(replace(config, share_seen=1.0, share_heard=share), seed=1)
    assert abs(int(half.truth.heard[inside].sum()) - share * int(inside.sum())) <= 0.5
    assert half.truth.seen[inside].all()


def test_what_is_not_heard_is_not_in_the_sound() -> None:
    one = scene(SceneConfig("metronome", seconds=10.0, frame_rate=10.0, share_heard=0.5), seed=1)
    levels = [
        float(sound(one)[round(t * RATE) : round(t * RATE) + 160].abs().max())
        for t in one.truth.event_times.tolist()
    ]
    assert [level > 0.05 for level in levels] == one.truth.heard.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_no_sound_clips(kind: str) -> None:
    config = SceneConfig(kind, n_objects=4, n_unseen=60, missing="picture")
    for level in (None, 3.0, -20.0):
        for one in scenes(replace(config, snr_sound_db=level), n=3, seed=0):
            assert 0.1 < float(sound(one).abs().max()) <= 0.99 + 1e-6


@pytest.mark.parametrize("kind", ["balls", "strings"])
def test_no_scene_has_a_period(kind: str) -> None:
    """No shift by more than 100 ms puts most events of a clip onto others."""
    for one in scenes(SceneConfig(kind, seconds=10.0, missing="picture"), n=20, seed=0):
        times = one.truth.event_times
        shifts = times[:, None] - times
        shifts = shifts[shifts > 0.1]
        onto = ((times[:, None, None] - times[None, :, None] - shifts).abs() < 0.02).any(dim=1)
        assert float(onto.sum(dim=0).max()) < 0.6 * len(times)


def test_the_first_scenes_do_not_depend_on_how_many_are_asked_for() -> None:
    config = SceneConfig("metronome", seconds=1.0)
    few, many = (list(scenes(config, n=n, seed=9)) for n in (2, 3))
    for one, two in zip(few, many, strict=False):
        assert torch.equal(one.clip.frames, two.clip.frames)
    assert not torch.equal(many[1].clip.frames, many[2].clip.frames)


def test_times_and_rates_of_the_clip() -> None:
    clip = scene(SceneConfig("balls", seconds=2.0, frame_rate=30.0, sample_rate=8000), seed=0).clip
    assert clip.waveform is not None
    assert (clip.n_frames, clip.waveform.n_samples, clip.waveform_start) == (60, 16000, 0.0)
    assert torch.equal(clip.frame_times, torch.arange(60, dtype=torch.float64) / 30)


def test_it_is_fast_enough_to_train_on_the_fly() -> None:
    """Seconds of clip a second of processor; measured about 250, and 20 are needed."""
    config = SceneConfig("balls", n_silent=1)
    scene(config, seed=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = time.process_time()
    _ = [scene(config, seed=seed) for seed in range(5)]
    spent = time.process_time() - start
    torch.set_num_threads(threads)
    ratio = 5 * config.seconds / spent
    assert ratio > 20, f"{ratio:.0f} seconds of clip a second of processor"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "cats"}, "kind must be one of"),
        ({"seconds": 0.0}, "seconds must be above 0"),
        ({"seconds": float("nan")}, "seconds must be above 0"),
        ({"seconds": 0.01}, "at least one picture"),
        ({"frame_rate": 0.0}, "frame_rate must be above 0"),
        ({"size": 8}, "size must be at least 16"),
        ({"sample_rate": 100}, "sample_rate must be at least 4000"),
        ({"offset": 2.5}, "at most 2 s"),
        ({"offset": float("nan")}, "at most 2 s"),
        ({"seconds": 1.0, "offset": -1.0}, "less than the 1 s"),
        ({"seconds": 60.0, "drift": 1e5}, "at most 2 s"),
        ({"snr_sound_db": float("inf")}, "snr_sound_db must be finite"),
        ({"n_objects": 0}, "from 1 to 4 together"),
        ({"n_objects": 3, "n_silent": 2}, "from 1 to 4 together"),
        ({"n_silent": -1}, "n_silent must be at least 0"),
        ({"first_sounding": 1}, "first_sounding must be from 0 to 0"),
        ({"missing": "smell"}, "missing must be None or one of"),
        ({"share_seen": 1.5}, "share_seen must be from 0 to 1"),
    ],
)
def test_a_dial_out_of_its_range_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SceneConfig(**{"kind": "balls", **settings})


def test_no_scenes_are_refused() -> None:
    with pytest.raises(ValueError, match="n must be at least 1"):
        scenes(SceneConfig("balls"), n=0, seed=0)
