"""The page and the package hear the same, and draw the same pictures, at every step."""

import base64
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.datasets import spoken_digits
from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig
from avtutor.training import read_checkpoint
from avtutor.widgets import forming
from avtutor.widgets.generator_weights import pack_generator
from experiments.drawn import FRONT, untrained_flow
from playwright.sync_api import Page
from tests.browser.generators import CALLS, DIGITS, WORDS, flow, vae
from tests.browser.sounds import medley
from tests.browser.test_compute import load, pack, unpack

NAMES = (
    "computeForming, GeneratorNetwork, frontEndOf, refusalOf, resampleSound, spreadOf, unpack, pack"
)
ASK = """
window.give = ([given, weights, ...shape]) => {
  const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
  window.network = new inner.GeneratorNetwork(given, new DataView(bytes.buffer), ...shape);
};
window.ask = ({ sound, rate, config, takes, ...asked }) => {
  const { samples, levels, heard, places, pictures } = inner.computeForming(
    inner.unpack(sound), rate, network, inner.frontEndOf(config), takes, asked);
  const plane = network.shape[1] * network.shape[2];
  const joined = (steps) => inner.pack(Float64Array.from(
    steps.flatMap((step) => step.flatMap((values) => [...values]))));
  const spread = inner.spreadOf(pictures.at(-1), network.shape[0], new Float64Array(plane));
  return { samples: inner.pack(samples), levels: inner.pack(levels), heard: inner.pack(heard),
    places: joined(places), pictures: joined(pictures), spread: inner.pack(spread) };
};
"""
TOLERANCE_DB = 0.01
TOLERANCE = 1e-5
"""Of a pixel, and of a latent against its size: weights are float32 on their way to the page."""
WEIGHTS = Path(__file__).parents[2] / "experiments" / "16_digits.safetensors"
BASE: dict[str, Any] = {
    "seed": 0, "n_draws": 4, "n_steps": 16, "padded": True, "trimmed": False,
}  # fmt: skip


class Asked:
    """A generator in the page and in the package."""

    def __init__(
        self, page: Page, model: Any, config: SpectrogramConfig, *, n_samples: int
    ) -> None:
        load(page, "hear_and_see", NAMES)
        page.add_script_tag(content=ASK)
        self.page, self.config, self.n_samples = page, config, n_samples
        packed, weights = pack_generator(model)
        shape = [config.n_mels, 1 + n_samples // config.hop_length]
        given = [packed, base64.b64encode(weights).decode(), *shape]
        page.evaluate("(given) => give(given)", given)
        self.model = forming.exact(model)

    def same(
        self, samples: np.ndarray, *, rate: int = 8000, range_db: float = 60.0, **case: Any
    ) -> forming.Formed:
        """Hold page and package equal, and return what they say."""
        case = BASE | case
        told = {
            "sound": pack(samples), "rate": rate, "config": dataclasses.asdict(self.config),
            "takes": {"nSamples": self.n_samples, "padded": case["padded"]}, "rangeDb": range_db,
            "seed": case["seed"], "nDraws": case["n_draws"], "nSteps": case["n_steps"],
            "trimmed": case["trimmed"],
        }  # fmt: skip
        got = self.page.evaluate("(told) => ask(told)", told)
        expected = forming.compute(
            samples, self.model, self.config, from_rate=rate, n_samples=self.n_samples,
            range_db=range_db, **case,
        )  # fmt: skip
        assert np.abs(unpack(got["samples"]) - expected.samples).max() < 1e-9, case
        assert np.abs(unpack(got["levels"]) - expected.levels.ravel()).max() <= TOLERANCE_DB, case
        for name, values in (("heard", expected.heard), ("places", expected.places)):
            error = np.abs(unpack(got[name]) - values.ravel()).max()
            assert error <= TOLERANCE * max(1.0, np.abs(values).max()), (name, case, error)
        error = np.abs(unpack(got["pictures"]) - expected.pictures.ravel()).max()
        assert error <= TOLERANCE, (case, error)
        assert np.abs(unpack(got["spread"]) - expected.spread(-1).ravel()).max() <= TOLERANCE
        return expected


def calls() -> list[np.ndarray]:
    """Return sounds that a network of calls takes as they are."""
    rough = medley(3.0, 8000).samples[0].double().numpy()
    return [rough[start : start + 12800] for start in (0, 5000, 11000)]


@pytest.mark.parametrize("make", [flow, vae])
def test_every_sound_step_and_draw(page: Page, make: Any) -> None:
    asked = Asked(page, make(), CALLS, n_samples=12800)
    first = [asked.same(sound) for sound in calls()]
    # There was something to compare: sounds, draws and steps differ.
    for one, other in zip(first, first[1:], strict=False):
        assert np.abs(one.heard - other.heard).max() > 0.1
    for formed in first:
        assert formed.pictures.shape == (17, 4, 3, 32, 32)
        assert formed.pictures.std() > 0.1
        steps = np.abs(np.diff(formed.pictures, axis=0)).max(axis=(1, 2, 3, 4))
        assert (steps > 0.01).all()
        if make is flow:
            assert formed.spread(0).mean() > 0.05
        else:
            assert formed.spread(0).max() < 1e-12 < formed.spread(16).mean()


@pytest.mark.parametrize("make", [flow, vae])
@pytest.mark.parametrize("kind", ["lenet", "cnn"])
def test_digits_by_other_ears(page: Page, make: Any, kind: str) -> None:
    asked = Asked(page, make(DIGITS, kind=kind), WORDS, n_samples=6400)
    for seed in (0, 1, 999):
        asked.same(calls()[0][:6400], seed=seed)
    for n_draws in (1, 8):
        asked.same(calls()[1][:6400], n_draws=n_draws)
    for n_steps in (1, 2, 50):
        asked.same(calls()[2][:6400], n_steps=n_steps)
    asked.same(calls()[0][:6400], range_db=37.5)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_sounds_of_any_rate_and_length(page: Page, rate: int) -> None:
    asked = Asked(page, flow(DIGITS, kind="lenet"), WORDS, n_samples=6400)
    g = np.random.default_rng(rate)
    for seconds in (0.1, 0.5, 0.8, 2.3):
        asked.same(medley(seconds, rate).samples[0].double().numpy(), rate=rate)
    word = 0.001 * g.standard_normal(3 * rate)
    word[rate : 2 * rate] += 0.3 * np.sin(np.arange(rate) * 0.2)
    asked.same(word, rate=rate)
    asked.same(word[: 2 * rate], rate=rate, trimmed=True)
    asked.same(word[rate // 2 : rate + rate // 4], rate=rate, trimmed=True)


@pytest.mark.parametrize("kind", ["any", "cnn"])
def test_an_ear_that_takes_any_length(page: Page, kind: str) -> None:
    asked = Asked(page, flow(DIGITS, kind=kind), WORDS, n_samples=8000)
    sounds = medley(2.0, 8000).samples[0].double().numpy()
    lengths = {}
    for n in (800, 3001, 6400, 8000, 12000):
        for trimmed in (False, True):
            formed = asked.same(sounds[:n], padded=False, trimmed=trimmed)
            lengths[n, trimmed] = formed.samples.size
    assert lengths[3001, False] == 3001 and lengths[12000, True] == 8000
    word = np.random.default_rng(0).normal(0, 1e-3, 12000)
    word[4000:7000] += np.sin(np.arange(3000) * 0.3)
    for noise in (word, word[2000:9000]):
        formed = asked.same(noise, padded=False, trimmed=True)
        assert 3000 + 2 * 4 * 160 - 160 <= formed.samples.size <= 3000 + 2 * 5 * 160
    assert asked.same(word, padded=False).samples.size < 5000
    click = np.zeros(4000)
    click[17] = 1.0
    assert asked.same(click, padded=False, trimmed=True).samples.size == 800


def test_what_was_trained_on_digits(page: Page) -> None:
    """The weights that the lesson has, and people whom no net has heard, each word as it is."""
    net = untrained_flow()
    kept, _ = read_checkpoint(WEIGHTS)
    named = {name.removeprefix("flow/"): v for name, v in kept.items() if name[:5] == "flow/"}
    net.load_state_dict({n: v.float() if v.is_floating_point() else v for n, v in named.items()})
    asked = Asked(page, net.eval(), FRONT, n_samples=8000)
    for number, spoken in enumerate(spoken_digits()[:4]):
        sound = spoken.load().resample(8000).mono().samples[0].double().numpy()
        formed = asked.same(sound, seed=number, padded=False)
        assert formed.samples.size == sound.size  # as long as it is
        assert np.abs(formed.pictures[16] - formed.pictures[0]).mean() > 0.05


def test_odd_sounds(page: Page) -> None:
    asked = Asked(page, flow(), CALLS, n_samples=12800)
    click = np.zeros(30000)
    click[17000] = 1.0
    still = np.full(12800, 0.5)
    still[0] = 0.6
    asked.same(click)
    asked.same(still)
    asked.same(1e-3 * calls()[0])
    asked.same(40.0 * calls()[0])
    asked.same(np.tile(calls()[0], 20))


def test_a_longer_sound_is_taken_where_it_begins() -> None:
    """The part begins four hops before the sound does, wherever that is."""
    for start in (0, 100, 20000, 37777):
        quiet = np.random.default_rng(0).normal(0, 1e-3, 60000)
        quiet[start : start + 4000] += np.sin(np.arange(4000) * 0.3)
        part = forming.entered(quiet, from_rate=8000, config=CALLS, n_samples=12800)
        begins = int(np.argmax(np.abs(part) > 0.1))
        assert begins == pytest.approx(min(start, 4 * 80 + start % 80), abs=40)
        assert part.size == 12800


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.ones(799), 8000, "the sound must last at least 0.1 s, got 0.0999 s"),
        (np.ones(960), 48000, "the sound must last at least 0.1 s, got 0.02 s"),
        (np.full(8000, 0.25), 8000, "the sound is silent: a sample of it must reach 0.0001"),
        (np.full(800, 9e-5) * (-1.0) ** np.arange(800), 8000, "the largest is 9e-05"),
        (np.array([0.5] * 4000 + [np.nan] * 4000), 8000, "samples must be finite"),
    ],
)
def test_what_is_no_sound_is_refused_in_the_same_words(
    page: Page, samples: np.ndarray, rate: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        forming.entered(samples, from_rate=rate, config=CALLS, n_samples=12800)
    load(page, "hear_and_see", NAMES)
    words = page.evaluate(
        "([sound, rate]) => inner.refusalOf(inner.unpack(sound), rate)", [pack(samples), rate]
    )
    said, expected = words.lower(), str(refused.value).lower()
    assert said.replace("0.00009", "9e-05") == expected


def test_resampling_is_the_packages_own(page: Page) -> None:
    load(page, "hear_and_see", NAMES)
    noise = np.random.default_rng(1).standard_normal(3000)
    for old, new in ((44100, 8000), (48000, 8000), (8000, 16000), (11025, 8000), (8000, 8000)):
        got = page.evaluate(
            "([s, from, to]) => inner.pack(inner.resampleSound(inner.unpack(s), from, to))",
            [pack(noise), old, new],
        )
        expected = resample(torch.from_numpy(noise), from_rate=old, to_rate=new).numpy()
        assert unpack(got).shape == expected.shape
        assert np.abs(unpack(got) - expected).max() < 1e-9
