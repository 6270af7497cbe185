"""The page and the package give the same noise, the same levels and the same answers."""

import base64
import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.augment.senses import FRONT
from avtutor.models import FusionConfig, FusionNet, fusion_net
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets import fused
from avtutor.widgets.fusion_weights import pack_nets
from playwright.sync_api import Page
from tests.browser.fusions import nets, randomised
from tests.browser.sounds import medley
from tests.browser.test_compute import load, pack, unpack

NAMES = "computeFusion, FusionNetworks, frontEndOf, unpack, pack"
ASK = """
window.give = ([nets, weights, nClasses]) => {
  const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
  window.nets = new inner.FusionNetworks(nets, new DataView(bytes.buffer), nClasses);
};
window.ask = ({ picture, shape, sound, config, settings, rangeDb }) => {
  const { seen, heard, levels, logits } = inner.computeFusion(
    { values: inner.unpack(picture), shape }, inner.unpack(sound), nets, inner.frontEndOf(config),
    settings, rangeDb);
  return { seen: inner.pack(seen), heard: inner.pack(heard), levels: inner.pack(levels),
    logits: logits.map((answer) => answer && [...answer]) };
};
"""
BASE: dict[str, Any] = {
    "image_snr": 30, "audio_snr": 30, "image_present": True, "audio_present": True, "seed": 0,
}  # fmt: skip
TOLERANCE_DB = 0.01


def prepare(page: Page, given: dict[str, FusionNet], n_classes: int = 10) -> None:
    load(page, "fusion", NAMES)
    page.add_script_tag(content=ASK)
    packed, weights = pack_nets(given)
    page.evaluate("(given) => give(given)", [packed, base64.b64encode(weights).decode(), n_classes])


def drawing(seed: int, height: int = 8, width: int = 8) -> np.ndarray:
    """Return a blot on paper."""
    g = torch.Generator().manual_seed(seed)
    picture: np.ndarray = (torch.rand(height, width, generator=g) ** 2).double().numpy()
    return picture


def compare(
    page: Page,
    given: dict[str, FusionNet],
    cases: list[dict[str, Any]],
    *,
    picture: np.ndarray,
    sound: np.ndarray,
    config: SpectrogramConfig = FRONT,
    range_db: float = 60.0,
) -> list[list[int | None]]:
    """Hold page and package equal for every case; return what each net says in each."""
    told = {
        "picture": pack(picture.ravel()), "shape": list(picture.shape), "sound": pack(sound),
        "config": dataclasses.asdict(config), "rangeDb": range_db,
    }  # fmt: skip
    answers = page.evaluate(
        "([told, cases]) => cases.map((settings) => ask({ ...told, settings }))", [told, cases]
    )
    said = []
    for case, got in zip(cases, answers, strict=True):
        expected = fused.compute(picture, sound, given, config, **case, range_db=range_db)
        assert np.abs(unpack(got["seen"]) - expected.picture.ravel()).max() < 1e-9, case
        assert np.abs(unpack(got["heard"]) - expected.samples).max() < 1e-9, case
        assert np.abs(unpack(got["levels"]) - expected.levels.ravel()).max() <= TOLERANCE_DB, case
        for (name, logits), answer in zip(expected.logits.items(), got["logits"], strict=True):
            if logits is None:
                assert answer is None, (name, case)
            else:
                error = np.abs(np.array(answer) - logits).max()
                assert error <= 1e-3 * max(1.0, np.abs(logits).max() / 10), (name, case, error)
        said.append([expected.says(name) for name in given])
    return said


def sweep() -> list[dict[str, Any]]:
    """Return cases that visit every stop of every control, and all corners together."""
    cases = [BASE]
    for fader in ("image_snr", "audio_snr"):
        cases += [{**BASE, fader: snr} for snr in range(-20, 31)]
    cases += [{**BASE, "image_snr": 0, "audio_snr": 0, "seed": s} for s in (0, 1, 2, 500, 999)]
    for image_present, audio_present in ((False, True), (True, False), (False, False)):
        there = {"image_present": image_present, "audio_present": audio_present}
        cases += [
            {**BASE, **there, "image_snr": i, "audio_snr": a} for i in (-20, 30) for a in (-20, 30)
        ]
    cases += [{**BASE, "image_snr": i, "audio_snr": a} for i in (-20, -3, 12) for a in (-20, 5)]
    return cases


@pytest.fixture
def sound() -> np.ndarray:
    samples: np.ndarray = medley(0.8, 8000).samples[0].double().numpy()
    return samples


def test_every_stop_of_every_control(page: Page, sound: np.ndarray) -> None:
    given = nets()
    assert len(given) == 10
    prepare(page, given)
    cases = sweep()
    said = compare(page, given, cases, picture=drawing(1), sound=sound)
    answers = np.array([[-1 if best is None else best for best in row] for row in said])
    for number, name in enumerate(given):  # the answers differ: there was something to compare
        assert len(set(answers[:, number])) >= 3, name
    deaf = cases.index({**BASE, "audio_present": False, "image_snr": 30, "audio_snr": 30})
    assert answers[deaf][0] == -1 and (answers[deaf][1:] >= 0).all()
    neither = cases.index({**BASE, "image_present": False, "audio_present": False})
    assert (answers[neither] == -1).all()


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_joined_at_every_depth(page: Page, sound: np.ndarray, depth: int) -> None:
    given = nets(("concat", "audio", "image"), depth=depth)
    prepare(page, given)
    cases = [BASE, {**BASE, "audio_present": False}, {**BASE, "image_present": False}]
    compare(page, given, cases, picture=drawing(2), sound=sound)


def test_other_sizes(page: Page) -> None:
    """Odd pictures, other front ends, other widths, and one sound after another."""
    config = SpectrogramConfig(
        sample_rate=8000, n_fft=512, win_length=300, hop_length=101, n_mels=33, f_min=60.0,
        window="hamming",
    )  # fmt: skip
    samples = medley(1.0, 8000).samples[0].double().numpy()
    kinds = ("early", "gated", "bottleneck", "low_rank", "late")
    sizes: dict[str, Any] = {
        "n_mels": 33, "n_frames": 40, "picture_shape": (1, 9, 13), "grid": (12, 20), "width": 10,
        "audio_widths": (3, 5, 4, 2), "image_widths": (2, 3), "image_hidden": (7, 5),
    }  # fmt: skip
    given = {}
    for number, kind in enumerate(kinds):
        net = fusion_net(FusionConfig(kind, n_classes=10, **sizes))
        given[kind] = randomised(net, number).eval()
    prepare(page, given)
    cases = [BASE, {**BASE, "image_snr": 0, "audio_snr": 3}, {**BASE, "image_present": False}]
    sound = samples[: 39 * 101 + 7]
    compare(
        page, given, cases, picture=drawing(3, 9, 13), sound=sound, config=config, range_db=37.5
    )
    del given["early"]  # whose grid is made for so many frames
    prepare(page, given)
    for n_samples in (300, 5000, 801):
        compare(
            page, given, cases, picture=drawing(4, 9, 13), sound=samples[:n_samples], config=config
        )


@pytest.mark.parametrize("level", [0.0, 1e-6, 9.0])
def test_odd_inputs(page: Page, sound: np.ndarray, level: float) -> None:
    """Silence and an empty sheet have no noise; very quiet and too loud are sounds like others."""
    given = nets(("audio", "image", "concat"))
    prepare(page, given)
    cases = [{**BASE, "image_snr": snr, "audio_snr": snr} for snr in (-20, 0, 30)]
    picture = np.full((8, 8), 0.3) if level == 0.0 else drawing(5)
    compare(page, given, cases, picture=picture, sound=level * sound)


def test_an_encoder_that_two_nets_share_is_sent_and_run_once(page: Page) -> None:
    given = nets(("audio", "image", "ensemble"))
    packed, weights = pack_nets(given)
    assert len(packed["encoders"]) == 2
    alone, _ = pack_nets({name: given[name] for name in list(given)[:2]})
    assert packed["encoders"] == alone["encoders"]
    prepare(page, given)
    assert page.evaluate("() => nets.of('audio').length + nets.of('image').length") == 2
    _, twice = pack_nets(given | {"again": given["two nets averaged"]})
    assert twice == weights
