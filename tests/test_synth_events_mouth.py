"""A drawn mouth and real speech: the lips follow the labels, the sound is the recording."""

import math

import pytest
import torch
from torch import Tensor

from avtutor.datasets import mouths, phones, voices
from avtutor.synth import Scene, mouth_scene
from avtutor.synth.drawing import between
from avtutor.synth.mouth import SHAPE_OF, VOWELS, lips, read_at
from avtutor.waveform import Waveform

RATE = 16000
SENTENCES = voices(speaker="shmyrev")
SPEECH = SENTENCES[3].load()
LABELS = [(one.start, one.end, one.name) for one in phones(SENTENCES[3])]


def sound(one: Scene) -> Tensor:
    assert one.clip.waveform is not None
    return one.clip.waveform.samples[0]


def dark(one: Scene) -> Tensor:
    """Return how many pixels of each picture show the inside of the mouth."""
    return (one.clip.frames.long().sum(dim=-1) < 130).sum(dim=(1, 2)).double()


def hum(seconds: float = 1.0, amplitude: float = 0.1) -> Waveform:
    t = torch.arange(round(RATE * seconds), dtype=torch.float64) / RATE
    return Waveform.from_mono(amplitude * torch.sin(2 * math.pi * 200 * t), RATE)


# The lips


def test_every_sound_of_the_labelled_voice_has_a_shape_where_lips_matter() -> None:
    names = {one.name for utterance in SENTENCES[:20] for one in phones(utterance)}
    other = names - set(SHAPE_OF)
    assert other <= set("t tt d dd s ss z zz n nn l ll r rr k kk g gg h hh j c".split())
    assert VOWELS == set("a aa ae ay e ee i ii y yy o oo u uu ur".split())


def test_lips_close_open_and_narrow_as_the_labels_say() -> None:
    labels = [(0.2, 0.4, "m"), (0.4, 0.6, "a"), (0.6, 0.8, "u"), (0.8, 0.9, "t")]
    at = torch.tensor([0.05, 0.3, 0.5, 0.7, 0.95], dtype=torch.float64)
    samples = hum().samples[0]
    rest, m, a, u, end = lips(samples, labels, times=at, sample_rate=RATE).tolist()
    assert m[0] < 0.01 < u[0] < a[0] and a[0] == pytest.approx(1.0, abs=0.01)
    assert u[1] < 0.4 < a[1] == pytest.approx(0.8, abs=0.01)
    assert rest == pytest.approx([0, 0.7], abs=1e-3)
    assert end[0] == pytest.approx(0.25 * 0.5 * (1 - math.erf(2.5 / 2**0.5)), abs=2e-3)


def test_the_way_from_one_shape_to_the_next_is_that_of_a_gaussian() -> None:
    """A step smoothed by a Gaussian of 20 ms: half way at the border, 16 % one deviation before."""
    labels = [(0.0, 0.5, "b"), (0.5, 1.0, "a")]
    at = torch.tensor([0.48, 0.5, 0.52], dtype=torch.float64)
    got = lips(hum().samples[0], labels, times=at, sample_rate=RATE)[:, 0]
    assert got.tolist() == pytest.approx([0.16, 0.5, 0.84], abs=0.06)  # steps of 5 ms
    assert got[0] + got[2] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("level", "share"), [(0.0, 1.0), (-15.0, 0.75), (-30.0, 0.5), (-60.0, 0.5)]
)
def test_a_softer_vowel_opens_the_mouth_less(level: float, share: float) -> None:
    soft = hum(1.0, 0.5 * 10 ** (level / 20)).samples[0]
    samples = torch.cat([hum(1.0, 0.5).samples[0], soft])
    at = torch.tensor([0.5, 1.5], dtype=torch.float64)
    got = lips(samples, [(0.1, 0.9, "a"), (1.1, 1.9, "a")], times=at, sample_rate=RATE)[:, 0]
    assert got.tolist() == pytest.approx([1.0, share], abs=0.01)


def test_the_picture_shows_what_the_lips_do() -> None:
    one = mouth_scene(SPEECH, LABELS, seed=0)
    inside = dark(one)
    labels = [(a - 0.02, b - 0.02, name) for a, b, name in LABELS]
    shapes = lips(SPEECH.samples[0], labels, times=one.clip.frame_times, sample_rate=RATE)
    wide = shapes[:, 0] > 0.5
    shut = shapes[:, 0] < 0.05
    assert wide.sum() > 10 and shut.sum() > 10
    assert inside[wide].min() > 2 * inside[shut].max()
    product = torch.stack([shapes[:, 0].double(), inside])
    assert float(torch.corrcoef(product)[0, 1]) > 0.9
    lip = (one.clip.frames.double()[:, :, :, 0] - one.clip.frames.double()[:, :, :, 1]) > 70
    at = one.truth.positions[0, 0]
    columns = lip[shut].any(dim=1).double().mean(dim=0)
    places = torch.arange(64).double()
    assert float(columns @ places / columns.sum()) == pytest.approx(float(at[1]), abs=1)
    assert float(columns.sum()) / 2 == pytest.approx(float(one.truth.sizes[0]), abs=2)


def test_between_two_curves_every_column_covers_their_distance() -> None:
    tops = torch.tensor([[3.3, 4.0, 8.0]])
    bottoms = torch.tensor([[7.9, 4.4, 7.0]])
    covered = between(tops, bottoms, size=12)
    assert torch.allclose(covered.sum(dim=1), torch.tensor([[4.6, 0.4, 0.0]]), atol=1e-5)
    assert float(covered[0, 3, 0]) == pytest.approx(0.2, abs=1e-5)  # row 3 is 2.5 to 3.5
    assert covered[0, 4:7, 0].tolist() == [1, 1, 1]


# The sound, and the truth


def test_the_sound_is_the_recording() -> None:
    one = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0)
    assert torch.equal(sound(one), SPEECH.samples[0, 16000:48000])
    assert one.clip.n_frames == 50


def test_a_shift_brings_in_the_recording_around_the_part() -> None:
    late = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0, offset=0.16)
    assert torch.equal(sound(late), SPEECH.samples[0, 16000 - 2560 : 48000 - 2560])
    early = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0, offset=-0.16)
    assert torch.equal(sound(early), SPEECH.samples[0, 16000 + 2560 : 48000 + 2560])
    assert torch.equal(late.clip.frames, early.clip.frames)
    beyond = mouth_scene(SPEECH, LABELS, seed=0, end=2.0, offset=0.5)
    assert not sound(beyond)[:8000].any() and sound(beyond)[8000:].any()


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_between_samples_the_sound_is_that_of_the_sine(share: float) -> None:
    """Up to 0.8 of half the rate the interpolation is right to -50 dB."""
    n = torch.arange(2000, dtype=torch.float64)
    samples = torch.sin(math.pi * share * n)
    for first, step in ((99.37, 1.0), (100.5, 1 - 50e-6), (100.0, 1 + 1e-3)):
        got = read_at(samples, first=first, step=step, n_samples=1500)
        places = first + step * torch.arange(1500, dtype=torch.float64)
        error = (got - torch.sin(math.pi * share * places)).abs().max()
        assert float(error) < 10 ** (-50 / 20)


def test_drift_stretches_the_sound() -> None:
    one = mouth_scene(hum(4.0), [(0.5, 1.0, "a")], seed=0, start=1.0, end=3.0, drift=1e4)
    t = 1.0 + torch.arange(32000, dtype=torch.float64) / RATE / 1.01
    expected = 0.1 * torch.sin(2 * math.pi * 200 * t)
    assert torch.allclose(sound(one).double(), expected, atol=1e-4)


def test_the_events_are_the_beginnings_of_the_vowels() -> None:
    truth = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0).truth
    expected = [0.082, 0.342, 0.582, 0.862, 1.222, 1.922]  # oo ay a aa e oo, 20 ms early
    assert truth.event_times.tolist() == pytest.approx(expected)
    assert truth.seen.all() and truth.heard.all()
    late = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0, offset=0.5).truth
    before = late.event_times < 0
    assert before.any() and late.heard[before].all() and not late.seen[before].any()
    assert torch.equal(late.heard, (late.heard_times >= 0) & (late.heard_times < 2))


def test_sounds_grow_most_where_the_lips_part() -> None:
    """The level of real speech, 20 ms before the labels of vowels and elsewhere."""
    growth = []
    for one in mouths(SENTENCES[:6], seed=0, size=16):
        spectra = torch.stft(
            sound(one), 512, 80, 256, torch.hann_window(256), return_complex=True
        ).abs()
        levels = spectra.clamp(min=1e-3).log()
        flux = (levels[:, 2:] - levels[:, :-2]).clamp(min=0).sum(dim=0)  # at column k + 1
        for event in one.truth.event_times[one.truth.seen].tolist():
            k = round(event * 200) - 1
            if 20 <= k < len(flux) - 20:
                growth.append(flux[k - 20 : k + 21])
    mean = torch.stack(growth).mean(dim=0)
    assert len(growth) > 150
    assert abs(int(mean.argmax()) - 20) <= 2  # within 10 ms
    assert mean.max() > 1.3 * mean.median()


def test_the_noise_is_what_the_dials_say() -> None:
    clean = mouth_scene(SPEECH, LABELS, seed=0, start=1.0, end=3.0)
    noisy = mouth_scene(
        SPEECH, LABELS, seed=0, start=1.0, end=3.0, snr_sound_db=10.0, snr_picture_db=10.0
    )
    noise = sound(noisy).double() - sound(clean).double()
    ratio = sound(clean).double().square().mean() / noise.square().mean()
    assert float(10 * ratio.log10()) == pytest.approx(10, abs=0.01)
    frames, with_noise = clean.clip.frames.double(), noisy.clip.frames.double()
    moving = (frames - frames.mean(dim=0)).square().mean()
    ratio = moving / (with_noise - frames).square().mean()
    assert float(10 * ratio.log10()) == pytest.approx(10, abs=0.15)


def test_a_missing_sense() -> None:
    deaf = mouth_scene(SPEECH, LABELS, seed=0, end=3.0, missing="sound", snr_sound_db=0.0)
    assert not sound(deaf).any() and not deaf.truth.heard.any() and deaf.truth.seen.any()
    blind = mouth_scene(SPEECH, LABELS, seed=0, end=3.0, missing="picture", snr_picture_db=0.0)
    assert (blind.clip.frames == 128).all() and not blind.truth.seen.any()


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_face() -> None:
    one, two, other = (
        mouth_scene(SPEECH, LABELS, seed=seed, end=2.0, snr_sound_db=0.0) for seed in (1, 1, 2)
    )
    assert torch.equal(one.clip.frames, two.clip.frames) and torch.equal(sound(one), sound(two))
    assert not torch.equal(one.clip.frames, other.clip.frames)
    assert not torch.equal(sound(one), sound(other))


def test_mouths_go_through_the_sentences_part_by_part() -> None:
    made = list(mouths(SENTENCES[3:5], seed=0, seconds=3.0, offset=0.04, size=32))
    whole = [int(one.duration / 3) for one in (SPEECH, SENTENCES[4].load())]
    assert len(made) == sum(whole) == 4
    assert torch.equal(sound(made[1]), SPEECH.samples[0, 48000 - 640 : 96000 - 640])
    assert made[1].truth.offset == 0.04 and made[1].clip.width == 32
    assert not torch.equal(made[0].clip.frames[0, 0, 0], made[1].clip.frames[0, 0, 0])


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": 2.0, "end": 1.0}, "0 <= start < end"),
        ({"end": 99.0}, "0 <= start < end"),
        ({"offset": 2.5}, "at most 2 s"),
        ({"end": 1.0, "offset": 1.0}, "less than the 1 s"),
        ({"frame_rate": 0.0}, "frame_rate must be above 0"),
        ({"size": 4}, "size must be at least 16"),
        ({"missing": "smell"}, "missing must be None or one of"),
        ({"phones": [(0.5, 0.5, "a")]}, "must end after it starts, got 'a'"),
    ],
)
def test_what_does_not_fit_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mouth_scene(SPEECH, **{"phones": LABELS, "seed": 0, **settings})


def test_a_voice_without_labels_has_no_mouths() -> None:
    other = next(one for one in voices(language="ru") if one.speaker != "shmyrev")
    with pytest.raises(ValueError, match="no labels of phones"):
        mouths([other], seed=0)
