"""The layers and the noise of the page are those of the package."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.models import LeNet, LeNetConfig
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.models.joint import Rescaled
from avtutor.models.lenet import ScaledTanh
from avtutor.widgets.layers import Block, pack_layers
from avtutor.widgets.noisy import NO_NOISE, draw_noise, with_noise
from playwright.sync_api import Page
from tests.browser.test_compute import load, pack, unpack
from torch import nn

NAMES = (
    "readPacked, LayerChain, drawNoise, seeWithNoise, hearWithNoise, asLoudAs, NOISE_STREAM, "
    "NO_NOISE, unpack, pack"
)


def drawn(module: nn.Module, seed: int = 3) -> nn.Module:
    """Return the module with every number drawn: no factor is 1, no mean is 0."""
    g = torch.Generator().manual_seed(seed)
    for name, values in module.state_dict().items():
        if values.dtype != torch.float32:
            continue
        drawing = torch.randn(values.shape, generator=g) * 0.5
        values.copy_(0.05 + drawing.abs() if name.endswith("running_var") else drawing)
    return module.eval()


def run(page: Page, module: nn.Module, inputs: np.ndarray, shape: list[int]) -> dict[str, Any]:
    block = Block()
    layers = pack_layers(module, block)
    got: dict[str, Any] = page.evaluate(
        """([layers, weights, inputs, shape]) => {
          const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
          const chain = new inner.LayerChain(inner.readPacked(layers, new DataView(bytes.buffer)));
          const size = chain.fit(shape);
          chain.run(inner.unpack(inputs).map((value) => value + 1)); // nothing of it may stay
          return { size, out: inner.pack(Float64Array.from(chain.run(inner.unpack(inputs)))) };
        }""",
        [layers, base64.b64encode(block.joined()).decode(), pack(inputs), shape],
    )
    return got


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Identity(), [7]),
        (nn.Linear(5, 3), [5]),
        (nn.Linear(5, 1, bias=False), [5]),
        (nn.Sequential(nn.Linear(6, 9), nn.LayerNorm(9), nn.Tanh(), nn.Linear(9, 2)), [6]),
        (nn.Sequential(nn.Linear(6, 4), nn.Sigmoid(), nn.Dropout(0.5), ScaledTanh()), [6]),
        (nn.Conv2d(1, 3, 5, padding=2), [1, 8, 8]),
        (nn.Conv2d(2, 3, 3), [2, 5, 9]),
        (nn.Conv2d(3, 2, 1, padding=1, bias=False), [3, 4, 1]),
        (nn.MaxPool2d(2), [2, 5, 7]),
        (nn.AvgPool2d(2), [3, 6, 9]),
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()), [1, 6, 4]),
        (nn.BatchNorm1d(6), [6]),
        (nn.Sequential(nn.Unflatten(1, (1, 6)), nn.Conv2d(1, 4, 3)), [6, 4]),
        (nn.Unflatten(1, (2, 3)), [6]),
        (nn.Sequential(nn.Linear(5, 6), Rescaled((6,), centre=-40.0, spread=20.0)), [5]),
        (ImageEncoder(LeNetConfig((1, 8, 8), 10), width=5), [1, 8, 8]),
        (LeNet(LeNetConfig((1, 8, 8), 10)), [1, 8, 8]),
        (LeNet(LeNetConfig((1, 14, 19), 4, variant="historical", padding=1)), [1, 14, 19]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_layers_of_the_page(page: Page, module: nn.Module, shape: list[int]) -> None:
    load(page, "fusion", NAMES)
    drawn(module)
    inputs = torch.randn(1, *shape, generator=torch.Generator().manual_seed(1))
    chain = (
        nn.Sequential(module.features, module.classifier) if isinstance(module, LeNet) else module
    )
    got = run(page, chain, inputs.double().numpy().ravel(), shape)
    with torch.no_grad():
        expected = module.double()(inputs.double())
    module.float()
    assert got["size"] == list(expected.shape[1:])
    error = np.abs(unpack(got["out"]) - expected.numpy().ravel()).max()
    assert error < 1e-5 * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("count", [1, 2, 7, 64, 6400])
def test_noise_is_the_same_on_both_sides(page: Page, count: int) -> None:
    load(page, "fusion", NAMES)
    for seed in (0, 1, 999, 4294967295):
        for sense in ("image", "audio"):
            got = page.evaluate(
                """([n, seed, sense]) => inner.pack(
                  inner.drawNoise(n, seed, inner.NOISE_STREAM[sense]))""",
                [count, seed, sense],
            )
            expected = draw_noise(count, seed=seed, sense=sense)
            assert np.abs(unpack(got) - expected).max() < 1e-12


def test_noise_is_added_alike_at_every_step_of_a_fader(page: Page) -> None:
    load(page, "fusion", NAMES)
    assert page.evaluate("() => inner.NO_NOISE") == NO_NOISE
    rng = np.random.default_rng(2)
    values = rng.random(64) ** 2
    for seeing, flat in ((True, False), (False, False), (True, True), (False, True)):
        given = np.full(64, 0.25 if seeing else 0.0) if flat else values
        noise = draw_noise(64, seed=5, sense="image")
        got = page.evaluate(
            """([values, noise, seeing]) => Array.from({ length: 51 }, (_, i) => inner.pack(
              (seeing ? inner.seeWithNoise : inner.hearWithNoise)(
                inner.unpack(values), inner.unpack(noise), i - 20, new Float64Array(64))))""",
            [pack(given), pack(noise), seeing],
        )
        for snr, text in zip(range(-20, 31), got, strict=True):
            expected = with_noise(given, noise, snr, about_mean=seeing)
            assert np.abs(unpack(text) - expected).max() < 1e-12, (snr, seeing)
            if snr < 30 and not flat:
                assert (expected != given).any()


def test_the_noisy_sound_is_played_no_louder(page: Page) -> None:
    load(page, "fusion", NAMES)
    time = np.arange(4000) / 8000
    for level, snr in ((0.1, -20), (0.9, -5), (0.9, 30), (0.0, 0)):
        clean = level * np.sin(2 * np.pi * 440 * time)
        noisy = with_noise(clean, draw_noise(4000, seed=1, sense="audio"), snr)
        heard = unpack(
            page.evaluate(
                """([clean, noisy]) => inner.pack(
                  inner.asLoudAs(inner.unpack(clean), inner.unpack(noisy)))""",
                [pack(clean), pack(noisy)],
            )
        )
        assert np.abs(heard).max() <= 1.0
        assert np.square(heard).mean() <= np.square(clean).mean() * 1.0001
        assert np.allclose(heard * np.abs(noisy).max(), noisy * np.abs(heard).max(), atol=1e-12)
    assert json.dumps(heard.tolist()).count("NaN") == 0
