"""The network in the page answers what the network in the package answers."""

import base64
import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
import torch
from avtutor import spectral
from avtutor.explain import listen_to
from avtutor.models import SpectrogramCNN
from avtutor.models.spectrogram_cnn import Pooling
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets import altered
from avtutor.widgets.altered import Alterations
from avtutor.widgets.weights import pack_network
from playwright.sync_api import Page
from tests.browser.networks import untrained
from tests.browser.sounds import medley
from tests.browser.test_compute import load, pack, unpack

NAMES = (
    "computeVerdict, SpectrogramNetwork, Strokes, ERASED, PAINTED, ShortTimeFourier, alteredSound, "
    "enterPicture, alterPicture, keepsPhase, griffinLim, melBank, unmel, applyMelBank, softmax, "
    "unpack, pack"
)
ASK = """
window.ask = ({ config, level, range_db, alterations, nColumns }) => {
  const settings = {
    sampleRate: config.sample_rate, nFft: config.n_fft, winLength: config.win_length,
    hopLength: config.hop_length, nMels: config.n_mels, fMin: config.f_min, fMax: config.f_max,
    window: config.window };
  const strokes = new inner.Strokes(config.n_mels, 400)
    .fill(alterations.erased, inner.ERASED).fill(alterations.painted, inner.PAINTED);
  const [hide_low, hide_high] = alterations.hidden_bands;
  const [hide_start, hide_end] = alterations.hidden_frames;
  const wanted = { ...alterations, hide_low, hide_high, hide_start, hide_end, strokes };
  return { settings, wanted, level, rangeDb: range_db };
};
window.verdict = (asked) => {
  const { settings, wanted, level, rangeDb } = ask(asked);
  const { levels, logits } = inner.computeVerdict(sound, settings, network, wanted, level, rangeDb);
  return { levels: inner.pack(levels), logits: [...logits] };
};
window.heard = (asked) => {
  const { settings, wanted, level, rangeDb } = ask(asked);
  const picture = inner.enterPicture(sound, settings, level, rangeDb);
  const levels = picture.levels.slice();
  const silenced = new Uint8Array(levels.length);
  inner.alterPicture(picture, wanted, levels, silenced);
  const samples = inner.alteredSound(sound, settings, picture, wanted, levels, silenced);
  return { keeps: inner.keepsPhase(wanted), samples: inner.pack(samples) };
};
"""


def prepare(page: Page, model: SpectrogramCNN, samples: np.ndarray) -> None:
    """Load the script, a network and a sound."""
    load(page, "verdict", NAMES)
    page.add_script_tag(content=ASK)
    give(page, model, samples)


def give(page: Page, model: SpectrogramCNN, samples: np.ndarray) -> None:
    description, weights = pack_network(model)
    page.evaluate(
        """([description, weights, samples]) => {
          const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
          window.network = new inner.SpectrogramNetwork(description, new DataView(bytes.buffer));
          window.sound = inner.unpack(samples);
        }""",
        [description, base64.b64encode(weights).decode(), pack(samples)],
    )


def asked(
    config: SpectrogramConfig, alterations: Alterations, level: str, range_db: float
) -> dict[str, Any]:
    return {
        "config": dataclasses.asdict(config),
        "alterations": dataclasses.asdict(alterations),
        "level": level,
        "range_db": range_db,
    }


def sweep(n_mels: int, n_frames: int) -> list[Alterations]:
    """Return alterations that visit every control with its extremes, and several together."""
    alone: list[dict[str, Any]] = [{}]
    alone += [{name: True} for name in ("flip_time", "flip_frequency")]
    steps = (1, -1, 7, -7)
    alone += [{"shift_frames": by} for by in (*steps, n_frames - 1, n_frames, -n_frames, -400)]
    alone += [{"shift_bands": by} for by in (*steps, n_mels - 1, n_mels, 1 - n_mels, -n_mels)]
    edges = ((0, 1), (0, n_mels), (n_mels - 1, n_mels), (3, 9), (9, 3), (5, 5))
    alone += [{"hidden_bands": pair} for pair in edges]
    moments = ((0, 1), (0, n_frames), (n_frames - 1, 400), (10, 20), (20, 10), (399, 400))
    alone += [{"hidden_frames": pair} for pair in moments]
    runs = ((0, 0, 1), (n_mels - 1, n_frames - 1, n_frames), (3, 5, 400), (4, 300, 400))
    whole = tuple((band, 0, 400) for band in range(n_mels))
    for name, cells in itertools.product(("erased", "painted"), (runs, whole)):
        alone.append({name: cells})
    alone.append({"erased": runs, "painted": runs, "hidden_bands": (2, 6)})
    flips = itertools.product((False, True), (False, True), (-9, 0, 12), (-5, 0, 3))
    together = [
        {"flip_time": t, "flip_frequency": f, "shift_frames": x, "shift_bands": m}
        | {"hidden_bands": (4, 6), "hidden_frames": (n_frames // 2, n_frames // 2 + 4)}
        | {"erased": runs, "painted": ((1, 2, 9), (2, 3, 8))}
        for t, f, x, m in flips
    ]
    return [Alterations(**case) for case in alone + together]


def compare(
    page: Page,
    model: SpectrogramCNN,
    samples: np.ndarray,
    config: SpectrogramConfig,
    cases: list[tuple[Alterations, str, float]],
) -> list[np.ndarray]:
    """Hold page and package equal; return the logits."""
    answers = page.evaluate(
        "(cases) => cases.map(verdict)", [asked(config, *case) for case in cases]
    )
    found = []
    for (alterations, level, range_db), got in zip(cases, answers, strict=True):
        expected = altered.compute(
            samples, config, model, alterations, level=level, range_db=range_db
        )
        levels = unpack(got["levels"]).reshape(expected.levels.shape)
        assert np.abs(levels - expected.levels).max() <= 0.01, alterations
        assert np.abs(np.array(got["logits"]) - expected.logits).max() <= 1e-3, alterations
        found.append(expected.logits)
    return found


@pytest.mark.parametrize("level", altered.LEVELS)
def test_the_page_answers_as_the_package(page: Page, level: str) -> None:
    samples = medley(0.75, 8000).samples[0].double().numpy()
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    model = untrained(40)
    prepare(page, model, samples)
    cases = [(alterations, level, 60.0) for alterations in sweep(40, 76)]
    if level == "below peak":
        cases += [(Alterations(), level, range_db) for range_db in (0.5, 30.0, 200.0)]
    logits = np.stack(compare(page, model, samples, config, cases))
    assert np.ptp(logits, axis=0).max() > 1  # the answers differ: there was something to compare
    assert len(set(logits.argmax(axis=1))) >= 3


@pytest.mark.parametrize("pooling", ["mean", "mean_max"])
@pytest.mark.parametrize(
    ("n_mels", "widths", "n_classes", "n_samples", "settings"),
    [
        (8, (1, 2, 3, 5), 2, 700, {"n_fft": 64, "hop_length": 100}),
        (9, (4, 4, 4, 4), 3, 4001, {"n_fft": 512, "win_length": 200, "f_min": 100.0}),
        (33, (5, 17, 6, 9), 4, 3999, {"window": "hamming", "f_min": 50.0, "f_max": 3800.0}),
        (64, (16, 32, 48, 64), 10, 8000, {"n_fft": 256, "hop_length": 80}),
        (101, (8, 8, 8, 8), 35, 1777, {"n_fft": 1024, "hop_length": 37, "window": "gaussian"}),
        (128, (16, 32, 48, 64), 10, 3200, {"n_fft": 512, "hop_length": 160}),
        (40, (3, 3, 3, 3), 2, 512, {"n_fft": 512, "hop_length": 600}),
    ],
)
def test_other_sizes(
    page: Page,
    n_mels: int,
    widths: tuple[int, int, int, int],
    n_classes: int,
    n_samples: int,
    settings: dict[str, Any],
    pooling: Pooling,
) -> None:
    """Odd bands, odd frames down to one, other widths, other front ends."""
    samples = medley(1.1, 8000).samples[0].double().numpy()[:n_samples]
    config = SpectrogramConfig(sample_rate=8000, n_mels=n_mels, **settings)
    model = untrained(n_mels, widths=widths, n_classes=n_classes, pooling=pooling, seed=n_mels)
    prepare(page, model, samples)
    some = (Alterations(), Alterations(flip_time=True, flip_frequency=True, shift_frames=-1))
    cases = [(a, level, 60.0) for a in some for level in altered.LEVELS]
    compare(page, model, samples, config, cases)


def test_one_network_for_recordings_of_many_lengths(page: Page) -> None:
    """What a longer picture left in the buffers is not seen by a shorter one."""
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    model = untrained(40)
    whole = medley(1.0, 8000).samples[0].double().numpy()
    prepare(page, model, whole)
    for n_samples in (8000, 4100, 300, 641, 8000):
        page.evaluate("(text) => { window.sound = inner.unpack(text); }", pack(whole[:n_samples]))
        compare(page, model, whole[:n_samples], config, [(Alterations(), "below peak", 60.0)])


def test_shares_are_the_softmax(page: Page) -> None:
    load(page, "verdict", NAMES)
    for logits in ([0.0, 0.0], [1000.0, -1000.0, 998.0], [-3.0, 2.5, 0.1]):
        got = page.evaluate("(l) => inner.softmax(l, new Array(l.length))", logits)
        assert got == pytest.approx(torch.tensor(logits).softmax(0).tolist(), abs=1e-6)
        verdict = altered.Verdict(np.zeros((1, 1)), np.array(logits, dtype=np.float32))
        assert got == pytest.approx(verdict.shares.tolist(), abs=1e-9)


BELOW_PEAK: dict[str, Any] = {"level": "below peak", "range_db": 60.0}
CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)


@pytest.fixture
def voice() -> np.ndarray:
    samples: np.ndarray = medley(1.0, 8000).samples[0].double().numpy()[:6000]
    return samples


@pytest.mark.parametrize(
    "settings", [{}, {"n_fft": 512, "win_length": 300, "window": "blackman"}, {"hop_length": 61}]
)
def test_the_transform_of_the_page_goes_both_ways(
    page: Page, voice: np.ndarray, settings: dict[str, Any]
) -> None:
    config = dataclasses.replace(CONFIG, **settings)
    prepare(page, untrained(40), voice)
    got = page.evaluate(
        """(config) => {
          const none = { erased: [], painted: [], hidden_bands: [0, 0], hidden_frames: [0, 0] };
          const { settings } = ask({ config, alterations: none });
          const transform = new inner.ShortTimeFourier(settings, sound.length).forward(sound);
          const [real, imaginary] = [inner.pack(transform.real), inner.pack(transform.imaginary)];
          const { invertible } = transform;
          transform.real.forEach((_, i, all) => { all[i] *= 1 + 0.5 * Math.sin(i); });
          return { real, imaginary, invertible, sound: inner.pack(transform.inverse()) };
        }""",
        dataclasses.asdict(config),
    )
    spectrum = spectral.stft(torch.from_numpy(voice), config)
    shape = spectrum.mT.shape
    real, imaginary = (unpack(got[part]).reshape(shape).T for part in ("real", "imaginary"))
    assert np.abs(real - spectrum.real.numpy()).max() < 1e-9
    assert np.abs(imaginary - spectrum.imag.numpy()).max() < 1e-9
    assert got["invertible"] is True
    place = torch.arange(spectrum.numel(), dtype=torch.float64).reshape(shape).mT
    changed = torch.complex(spectrum.real * (1 + 0.5 * place.sin()), spectrum.imag)
    expected = spectral.istft(changed, config, length=len(voice)).numpy()
    assert np.abs(unpack(got["sound"]) - expected).max() < 1e-9


def hear(page: Page, alterations: Alterations, level: str = "below peak") -> dict[str, Any]:
    got: dict[str, Any] = page.evaluate(
        "(asked) => heard(asked)", asked(CONFIG, alterations, level, 60.0)
    )
    got["samples"] = unpack(got["samples"]).copy()
    return got


def picture_of(samples: np.ndarray) -> np.ndarray:
    levels: np.ndarray = spectral.log_mel(torch.from_numpy(samples), CONFIG).numpy()
    return levels


def test_what_only_moves_keeps_its_samples(page: Page, voice: np.ndarray) -> None:
    prepare(page, untrained(40), voice)
    assert (hear(page, Alterations())["samples"] == voice).all()
    assert (hear(page, Alterations(shift_frames=3))["samples"][240:] == voice[:-240]).all()
    late = hear(page, Alterations(shift_frames=-3))["samples"]
    assert (late[:-240] == voice[240:]).all() and (late[-240:] == 0).all()
    back = hear(page, Alterations(flip_time=True))["samples"]
    frames = slice(4, -4)  # the ends are continued by reflection, of another neighbour there
    flipped = picture_of(voice)[:, ::-1]
    assert np.abs(picture_of(back) - flipped)[:, frames].max() < 1e-6


@pytest.mark.parametrize("level", altered.LEVELS)
def test_what_is_hidden_is_turned_down_and_the_rest_is_left(
    page: Page, voice: np.ndarray, level: str
) -> None:
    prepare(page, untrained(40), voice)
    before = picture_of(voice)
    floor = altered.enter(voice, CONFIG, level=level, range_db=60.0).floor
    floor += before.max() if level == "below peak" else 0.0
    for alterations, inside, outside in (
        (Alterations(hidden_bands=(8, 20)), np.s_[10:18], np.s_[23:]),
        (Alterations(hidden_frames=(20, 40)), np.s_[:, 24:36], np.s_[:, 44:]),
        (Alterations(erased=[(m, 20, 40) for m in range(8, 20)]), np.s_[10:18, 24:36], np.s_[23:]),
    ):
        got = hear(page, alterations, level)
        after = picture_of(got["samples"])
        assert got["keeps"] is True
        assert np.abs(after - before)[outside].max() < 1.0
        assert (after[inside] < floor + 3).mean() > 0.9
        assert (before[inside] > floor + 10).mean() > 0.5  # there was something to turn down


def test_the_gains_reach_the_bins_as_in_the_package(page: Page, voice: np.ndarray) -> None:
    prepare(page, untrained(40), voice)
    before, floor = picture_of(voice), altered.enter(voice, CONFIG, **BELOW_PEAK).floor
    gains = np.ones_like(before)
    down = before.max() + floor - before[8:20]
    gains[8:20] = np.minimum(1.0, 10 ** (down / 20))
    expected = listen_to(torch.from_numpy(gains), torch.from_numpy(voice), CONFIG).kept.numpy()
    got = hear(page, Alterations(hidden_bands=(8, 20)))
    assert np.abs(got["samples"] - expected).max() < 1e-9


@pytest.mark.parametrize(
    "alterations",
    [
        Alterations(flip_frequency=True),
        Alterations(shift_bands=5, flip_time=True),
        Alterations(painted=[(m, 10, 50) for m in range(20, 26)]),
    ],
)
def test_a_picture_without_a_phase_becomes_a_sound_that_looks_like_it(
    page: Page, voice: np.ndarray, alterations: Alterations
) -> None:
    prepare(page, untrained(40), voice)
    got = hear(page, alterations)
    wanted = altered.alter(altered.enter(voice, CONFIG, **BELOW_PEAK), alterations)
    loud = wanted > -30
    error = (picture_of(got["samples"]) - wanted)[loud]
    error -= np.median(error)  # it is made no louder than the recording
    assert got["keeps"] is False
    assert np.abs(got["samples"]).max() <= np.abs(voice).max() * 1.0001
    rms = np.sqrt((error**2).mean())
    assert rms < 3.0
    plain = (picture_of(voice) - picture_of(voice).max() - wanted)[loud]
    assert np.sqrt((plain**2).mean()) > 2.5 * rms  # the untouched sound looks otherwise
    assert (hear(page, alterations)["samples"] == got["samples"]).all()  # the same each time
