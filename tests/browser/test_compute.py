"""The page and the package compute the same numbers, at every step of every control."""

import base64
import itertools
import json
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets import sampling, spectrogram
from avtutor.widgets.base import page_script
from playwright.sync_api import Page
from tests.browser.sounds import medley

TOLERANCE_DB = 0.01
WINDOWS = ("hann", "hamming", "blackman", "gaussian", "rectangular")
UNPACK = """
const unpack = (text) => new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const pack = (array) => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
"""


def pack(samples: np.ndarray) -> str:
    return base64.b64encode(samples.astype("<f8").tobytes()).decode()


def unpack(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f8")


def load(page: Page, face: str, names: str) -> None:
    """Load the script of a widget, and make some of its inner names reachable."""
    page.goto("about:blank")
    page.add_script_tag(
        type="module", content=f"{page_script(face)}\n{UNPACK}\nwindow.inner = {{ {names} }};"
    )
    page.wait_for_function("() => window.inner")


def stops(page: Page) -> dict[str, list[int]]:
    """Return the values that the sliders of the spectrogram explorer offer."""
    found: dict[str, list[int]] = page.evaluate("() => window.inner.stops")
    return found


SPECTROGRAM = (
    "computeSpectrogram, unpack, pack, windowWidths, frameCount, melBank, stops: "
    "{ n_fft: N_FFT_STOPS, win_length: WIN_STOPS, hop_length: HOP_STOPS, n_mels: MEL_STOPS }"
)


def spectrogram_cases(offered: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return settings that visit every stop of every control, and all corners together."""
    base = {"rate": 16000, "n_fft": 512, "win_length": 512, "hop_length": 160, "n_mels": 0,
            "window": "hann", "top_db": 30, "range_db": 80}  # fmt: skip
    cases = []
    for n_fft in offered["n_fft"]:
        cases.append({**base, "n_fft": n_fft, "win_length": n_fft})
        cases.append({**base, "n_fft": n_fft, "win_length": n_fft, "n_mels": 64})
    for win_length in offered["win_length"]:
        n_fft = next(n for n in offered["n_fft"] if n >= win_length)
        cases.append({**base, "win_length": win_length, "n_fft": n_fft})
        cases.append({**base, "win_length": win_length, "n_fft": 8192})
    cases += [{**base, "hop_length": hop} for hop in offered["hop_length"]]
    cases += [{**base, "n_mels": n_mels} for n_mels in offered["n_mels"]]
    cases += [{**base, "window": w, "win_length": 400} for w in WINDOWS]
    cases += [{**base, "top_db": db} for db in (-60, 70)]
    cases += [{**base, "range_db": db} for db in (10, 120)]
    corners = itertools.product((8000, 44100), (64, 8192), (16, 64), (0, 8, 256), WINDOWS)
    for rate, n_fft, win_length, n_mels, window in corners:
        cases.append({**base, "rate": rate, "n_fft": n_fft, "win_length": win_length,
                      "hop_length": 4096, "n_mels": n_mels, "window": window,
                      "top_db": 70, "range_db": 120})  # fmt: skip
    return cases


def test_the_page_computes_the_same_spectrogram(page: Page) -> None:
    load(page, "spectrogram", SPECTROGRAM)
    seconds = {8000: 1.1, 16000: 0.6, 44100: 0.3}  # none shorter than the longest n_fft
    sounds = {rate: medley(s, rate).samples[0].double().numpy() for rate, s in seconds.items()}
    page.evaluate(
        "(all) => { window.sounds = Object.fromEntries("
        "Object.entries(all).map(([rate, text]) => [rate, inner.unpack(text)])); }",
        {str(rate): pack(samples) for rate, samples in sounds.items()},
    )
    assert min(samples.size for samples in sounds.values()) > 8192
    cases = spectrogram_cases(stops(page))
    for case in cases:
        total = 1 + sounds[case["rate"]].size // case["hop_length"]
        wanted = {0, total // 3, total // 2, 2 * total // 3, max(total - 2, 0), total - 1}
        case["frames"] = sorted(wanted)
    answers = page.evaluate(
        "(cases) => cases.map((c) => inner.pack(inner.computeSpectrogram(sounds[c.rate], {"
        "sampleRate: c.rate, nFft: c.n_fft, winLength: c.win_length, window: c.window,"
        "hopLength: c.hop_length, nMels: c.n_mels, topDb: c.top_db, rangeDb: c.range_db},"
        "c.frames)))",
        cases,
    )
    worst = 0.0
    for case, answer in zip(cases, answers, strict=True):
        config = SpectrogramConfig(
            sample_rate=case["rate"], n_fft=case["n_fft"], win_length=case["win_length"],
            hop_length=case["hop_length"], n_mels=case["n_mels"] or 64, window=case["window"],
        )  # fmt: skip
        expected = spectrogram.compute(
            sounds[case["rate"]], config, mel=case["n_mels"] > 0, top_db=float(case["top_db"]),
            range_db=float(case["range_db"]),
        )[:, case["frames"]]  # fmt: skip
        got = unpack(answer).reshape(expected.shape)
        difference = float(np.abs(got - expected).max())
        assert difference <= TOLERANCE_DB, case
        assert got.max() > case["top_db"] - case["range_db"] or case["top_db"] == 70, case
        worst = max(worst, difference)
    assert 0 < worst  # rounding differs: the two are not the same code


def test_widths_of_the_windows(page: Page) -> None:
    """Gaussian 1.00 of the bound, Hann 1.03; infinite where the window jumps."""
    load(page, "spectrogram", SPECTROGRAM)
    products = {}
    for name, length in itertools.product(WINDOWS, (256, 1024)):
        config = SpectrogramConfig(sample_rate=16000, n_fft=length, window=name)
        got = page.evaluate("(a) => inner.windowWidths(...a)", [name, length, 16000])
        window = spectrogram.spectral.window(config).double().numpy()
        time = np.arange(length) / 16000
        energy = (window**2).sum()
        centre = (time * window**2).sum() / energy
        sigma = np.sqrt(((time - centre) ** 2 * window**2).sum() / energy)
        assert got["sigmaT"] == pytest.approx(sigma, rel=1e-5)
        products[name] = (got["sigmaF"] or np.inf) * sigma * 4 * np.pi
        # The first minimum of the spectrum, on a grid 64 times as fine as the bins.
        spectrum = np.abs(np.fft.rfft(window, 64 * length))
        null = int(np.argmax(np.diff(spectrum) > 0)) / 64
        assert got["lobeBins"] == pytest.approx(2 * null, abs=0.2)
    assert products["gaussian"] == pytest.approx(1.0, abs=0.005)
    assert products["hann"] == pytest.approx(1.027, abs=0.005)
    assert products["hamming"] == products["rectangular"] == np.inf


def test_the_empty_mel_bands_are_counted(page: Page) -> None:
    load(page, "spectrogram", SPECTROGRAM)
    for n_mels, n_fft in itertools.product((64, 128, 256), (64, 512, 2048)):
        config = SpectrogramConfig(sample_rate=16000, n_fft=n_fft, n_mels=n_mels)
        bank = spectrogram.spectral.mel_filterbank(config)
        got = page.evaluate("(a) => inner.melBank(...a).empty", [n_mels, n_fft, 16000])
        assert got == int((bank.sum(dim=1) == 0).sum())
    assert page.evaluate("() => inner.melBank(128, 512, 16000).empty") == 1


SAMPLING = (
    "computeSampling, heardAfter, toneOf, aliasOf, unpack, pack, everyStops: EVERY_STOPS, "
    "frequencies: FREQUENCY_STOPS"
)


def test_the_page_samples_and_rounds_the_same(page: Page) -> None:
    load(page, "sampling", SAMPLING)
    assert sorted(page.evaluate("() => inner.everyStops")) == list(sampling.EVERY)
    samples = medley(0.8, 48000).samples[0].double().numpy()
    page.evaluate("(text) => { window.sound = inner.unpack(text); }", pack(samples))
    cases = [(every, alias, 0, False, 0) for every in sampling.EVERY for alias in (False, True)]
    cases += [(6, False, bits, dither, 3001) for bits in range(17) for dither in (False, True)]
    cases += list(itertools.product((1, 7, 48), (True,), (1, 16), (True,), (0, 20000)))
    answers = page.evaluate(
        """(cases) => cases.map(([every, antiAlias, bits, dither, start]) => {
          const result = inner.computeSampling(sound, { every, antiAlias, bits, dither, seed: 1, start });
          const packed = ["kept", "out", "before", "after"].map((n) => [n, inner.pack(result[n])]);
          return { snr: String(result.snr), ...Object.fromEntries(packed) };
        })""",
        cases,
    )
    for case, got in zip(cases, answers, strict=True):
        every, anti_alias, bits, dither, start = case
        expected = sampling.compute(
            samples, keep_every=every, anti_alias=anti_alias, bits=bits, dither=dither, start=start
        )
        assert np.abs(unpack(got["kept"]) - expected.kept).max() <= 1e-12, case
        assert np.abs(unpack(got["out"]) - expected.out).max() <= 1e-12, case
        for name, levels in (("before", expected.before), ("after", expected.after)):
            shown = np.abs(np.clip(unpack(got[name]), -120, 6) - np.clip(levels, -120, 6))
            assert shown.max() <= TOLERANCE_DB, (case, name)
        snr = float(got["snr"].replace("Infinity", "inf"))
        assert snr == pytest.approx(expected.snr, abs=1e-6), case


def test_what_is_heard_is_what_the_package_resamples(page: Page) -> None:
    load(page, "sampling", SAMPLING)
    wave = medley(0.2, 16000).samples[0].double()
    for every in (1, 2, 7):
        kept = sampling.quantise(wave[::every].numpy(), bits=5, dither=True)
        kept_again = torch.from_numpy(kept)
        expected = resample(kept_again, from_rate=1, to_rate=every)[: wave.numel()].numpy()
        got = unpack(
            page.evaluate(
                "([text, every]) => inner.pack(inner.heardAfter(inner.unpack(text), "
                "{ every, antiAlias: false, bits: 5, dither: true, seed: 1 }))",
                [pack(wave.numpy()), every],
            )
        )
        assert np.abs(got - expected).max() <= 1e-9


def test_tones_and_their_aliases(page: Page) -> None:
    load(page, "sampling", SAMPLING)
    frequencies = page.evaluate("() => inner.frequencies")
    assert frequencies[0] == 50 and frequencies[-1] == 23950
    for frequency in frequencies[::37]:
        got = page.evaluate("(f) => inner.pack(inner.toneOf(f, 0.25, 48000, 9000))", frequency)
        expected = 0.25 * np.sin(2 * np.pi * frequency / 48000 * np.arange(9000))
        assert np.abs(unpack(got) - expected).max() <= 1e-9
        aliases = page.evaluate(
            "([f, all]) => all.map((every) => inner.aliasOf(f, 48000 / every))",
            [frequency, sampling.EVERY],
        )
        for every, alias in zip(sampling.EVERY, aliases, strict=True):
            assert alias == pytest.approx(sampling.alias_of(float(frequency), 48000 / every))


def test_scripts_hold_no_way_out() -> None:
    """The page loads nothing: no address stands in what is sent to it."""
    for face in ("spectrogram", "sampling"):
        assert "://" not in page_script(face)
        assert json.dumps(page_script(face))
