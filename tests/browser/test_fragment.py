"""The stand-alone pages: no kernel, no network, and everything moves."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.spectral import SpectrogramConfig
from avtutor.waveform import Waveform
from avtutor.widgets import SamplingExplorer, SpectrogramExplorer, spectrogram
from avtutor.widgets.base import Explorer
from avtutor.widgets.colours import palette
from playwright.sync_api import Page
from tests.browser.faces import heard, named_and_undisturbed
from tests.browser.sounds import medley

HASH_NOW = """(canvas) => {
  const data = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  let hash = 0;
  for (const pixel of data) hash = (Math.imul(hash, 31) + pixel) | 0;
  return hash;
}"""
# A spectrogram is painted coarsely first, and in full when the browser has time for it.
PAINTED = """async () => {
  const working = (root) => root.explorer?.working;
  const late = performance.now() + 30000;
  while ([...document.querySelectorAll('.avt')].some(working)) {
    if (performance.now() > late) throw new Error("a spectrogram is still not painted in full");
    await new Promise(requestAnimationFrame);
  }
}"""
HASH = f"async (canvas) => {{ await ({PAINTED})(); return ({HASH_NOW})(canvas); }}"
CLOCK = "() => document.querySelector('.avt').explorer.player.context?.currentTime ?? 0"


def show(page: Page, folder: Path, *widgets: Explorer, scripts: str = "") -> None:
    """Write the widgets as one page and open it as a file."""
    body = "\n".join(widget.to_html() for widget in widgets)
    file = folder / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{scripts}<body>{body}", encoding="utf-8")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def errors_of(page: Page) -> list[str]:
    return page.errors  # type: ignore[attr-defined,no-any-return]


def test_every_slider_of_the_spectrogram_moves_the_picture(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SpectrogramExplorer(medley(4.0, 16000), n_mels=64))
    for label in ("n_fft", "win_length", "hop_length", "n_mels", "brightest", "range", "show", "from"):
        slider = page.get_by_label(label, exact=True)
        before, text = page.locator(".avt-picture").evaluate(HASH), slider.input_value()
        slider.focus()
        slider.press("ArrowRight" if label == "from" else "ArrowLeft")
        assert slider.input_value() != text, label
        assert page.locator(".avt-picture").evaluate(HASH) != before, label
    for label, value in (("window", "rectangular"), ("frequency axis", "linear")):
        before = page.locator(".avt-picture").evaluate(HASH)
        page.get_by_label(label).select_option(value)
        assert page.locator(".avt-picture").evaluate(HASH) != before, label
    assert errors_of(page) == []


def test_every_slider_of_the_sampling_explorer_moves_the_picture(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SamplingExplorer({"voice": medley(4.0, 16000)}, bits=6, keep_every=4))
    canvas = page.locator("canvas.avt-base")

    def moved(act: Any, what: str) -> None:
        before = canvas.evaluate(HASH)
        act()
        assert canvas.evaluate(HASH) != before, what

    for label in ("sampling rate", "bits", "show", "from"):
        moved(lambda label=label: page.get_by_label(label, exact=True).press("ArrowLeft"), label)
    for label in ("anti-alias filter", "dither (TPDF)"):
        moved(lambda label=label: page.get_by_label(label).click(), label)
    moved(lambda: page.get_by_label("Sound", exact=True).select_option("a tone"), "Sound")
    for label in ("frequency", "level"):
        moved(lambda label=label: page.get_by_label(label, exact=True).press("ArrowLeft"), label)
    assert errors_of(page) == []


def test_sound_plays_from_where_it_is_clicked(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SpectrogramExplorer(medley(4.0, 16000)))
    figure = page.locator(".avt-figure")
    box = figure.bounding_box()
    assert box
    halfway = {"x": 62 + (box["width"] - 126) / 2, "y": 200}  # 1.5 of 3 s
    heard(page, lambda: figure.click(position=halfway), hold=True)
    played = "() => document.querySelector('.avt').explorer.player.position()"
    clock, position = page.evaluate(f"() => [({CLOCK})(), ({played})()]")
    assert 1.5 < position < 1.5 + clock
    page.get_by_role("button", name="Play from").click()
    assert page.evaluate("() => document.querySelector('.avt').explorer.player.playing") is False
    assert errors_of(page) == []


def test_before_and_after_are_heard_at_the_same_place(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SamplingExplorer(frequency=5000.0, keep_every=6))
    page.get_by_role("button", name="Play before").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    page.get_by_role("button", name="Play after").click()
    player = "document.querySelector('.avt').explorer.player"
    page.wait_for_function(f"() => {player}.gains[1].gain.value > 0.9")
    page.wait_for_function(f"() => {player}.gains[0].gain.value < 0.1")
    assert page.evaluate(f"() => {player}.playing") is True
    page.locator(".avt-figure").press("Space")
    assert page.evaluate(f"() => {player}.playing") is False
    assert errors_of(page) == []


def test_the_level_that_is_played_is_the_level_there_is(page: Page, tmp_path: Path) -> None:
    """Below 8 kHz the sound is given more samples, and no other level."""
    show(page, tmp_path, SpectrogramExplorer(medley(1.0, 4000)))
    rate, peak, highest = page.evaluate(
        """() => {
          const face = document.querySelector('.avt').explorer;
          face.playFrom(0);
          const buffer = face.player.sources[0].buffer;
          const peak = Math.max(...buffer.getChannelData(0).map(Math.abs));
          return [buffer.sampleRate, peak, Math.max(...face.sound.samples.map(Math.abs))];
        }"""
    )
    assert rate == 8000
    assert peak == pytest.approx(highest, rel=0.06)


def test_the_pixels_are_the_colours_of_the_numbers(page: Page, tmp_path: Path) -> None:
    sound = medley(2.0, 16000)
    explorer = SpectrogramExplorer(sound, n_fft=512, hop_length=160, top_db=30, range_db=80)
    show(page, tmp_path, explorer)
    page.evaluate(PAINTED)
    painted = page.evaluate(
        """() => {
          const p = document.querySelector('.avt').explorer.picture;
          let pixels = "";
          for (const value of p.image.data) pixels += String.fromCharCode(value);
          return { width: p.width, height: p.height, pixels: btoa(pixels),
            frames: [...p.slotOf].map((slot) => p.frameOf[slot]),
            from: [...p.rowFrom], to: [...p.rowTo] };
        }"""
    )
    config = SpectrogramConfig(sample_rate=16000)
    levels = spectrogram.compute(
        explorer.samples("recording"), config, mel=False, top_db=30.0, range_db=80.0
    )
    data = np.frombuffer(base64.b64decode(painted["pixels"]), dtype=np.uint8)
    pixels = data.reshape(painted["height"], painted["width"], 4)[:, :, :3]
    rows = zip(painted["from"], painted["to"], strict=True)
    shown = np.stack([levels[a:b].max(axis=0) for a, b in rows])[:, painted["frames"]]
    expected = palette()[np.rint((shown - 30 + 80) / 80 * 255).astype(int)].astype(int)
    # One step of the palette is 0.3 dB: a level on its border may fall to either side.
    assert np.abs(pixels.astype(int) - expected).max() <= 6
    assert (pixels == expected).all(axis=2).mean() > 0.9
    assert sorted(set(painted["frames"])) == list(range(0, levels.shape[1]))


@pytest.mark.parametrize(
    ("n_samples", "sample_rate", "level"),
    [(64, 8000, 0.5), (65, 192000, 0.5), (3000, 3000, 0.0), (40000, 192000, 1.0), (700, 44100, 9.0)],
)
def test_odd_sounds(
    page: Page, tmp_path: Path, n_samples: int, sample_rate: int, level: float
) -> None:
    """Very short, silent, too loud, rates that no sound card has: shown, and played to the end."""
    wave = level * torch.sin(torch.arange(n_samples) * 0.3)
    sound = {"odd": Waveform.from_mono(wave, sample_rate)}
    show(page, tmp_path, SpectrogramExplorer(sound), SamplingExplorer(sound, keep_every=48))
    for label in ("n_fft", "win_length", "hop_length", "show", "sampling rate", "bits"):
        for key in ("Home", "End"):
            page.get_by_label(label, exact=True).first.press(key)
    page.get_by_label("frequency axis", exact=True).select_option("mel")
    for name in ("Play from", "Play after"):
        page.get_by_role("button", name=name).click()
        page.wait_for_function(
            "() => [...document.querySelectorAll('.avt')].every((root) => !root.explorer.player.playing)"
        )
    assert "NaN" not in page.locator("body").inner_text()
    assert errors_of(page) == []


def test_values_that_no_slider_offers_can_be_set(page: Page, tmp_path: Path) -> None:
    """As Python sets them, through the model."""
    show(page, tmp_path, SpectrogramExplorer(medley(2.0, 16000), hop_length=100))
    assert page.get_by_label("hop_length").get_attribute("aria-valuetext") == "100 · 6.25 ms"
    for name, value in (("win_length", 401), ("hop_length", 123), ("n_mels", 70), ("scale", "mel")):
        before = page.locator(".avt-picture").evaluate(HASH)
        page.evaluate(
            "([name, value]) => document.querySelector('.avt').explorer.settings.model.set(name, value)",
            [name, value],
        )
        assert (page.locator(".avt-picture").evaluate(HASH) != before) == (name != "n_mels")
    resolved = page.evaluate("() => document.querySelector('.avt').explorer.resolved()")
    assert (resolved["winLength"], resolved["hopLength"], resolved["nMels"]) == (401, 123, 70)
    assert page.get_by_label("hop_length").get_attribute("aria-valuetext") == "123 · 7.69 ms"
    assert page.get_by_label("win_length").get_attribute("aria-valuetext") == "401 · 25.1 ms"
    assert errors_of(page) == []


def test_half_a_minute_shows_only_what_fits(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SpectrogramExplorer(medley(30.0, 16000), hop_length=16))
    page.get_by_label("show", exact=True).press("End")
    slots, width = page.evaluate(
        "() => { const p = document.querySelector('.avt').explorer.picture; return [p.slots, p.width]; }"
    )
    assert slots <= width
    assert "the screen shows one in" in page.locator(".avt-facts").inner_text()
    assert errors_of(page) == []


def test_several_on_one_page_each_have_their_own(page: Page, tmp_path: Path) -> None:
    sound = medley(1.5, 16000)
    same = SpectrogramExplorer(sound)
    show(page, tmp_path, same, same, SpectrogramExplorer(sound, n_fft=1024), SamplingExplorer())
    assert page.locator(".avt").count() == 4
    assert page.locator(".avt-place:not([data-mounted])").count() == 0
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    first = page.locator(".avt-picture")
    before = first.nth(1).evaluate(HASH)
    page.get_by_label("n_fft", exact=True).first.press("ArrowLeft")
    assert first.nth(1).evaluate(HASH) == before != first.nth(0).evaluate(HASH)
    assert len(ids) == len(set(ids)) > 40
    assert errors_of(page) == []


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(SpectrogramExplorer(medley(1.5, 16000)).to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="Spectrogram of recording")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()


@pytest.mark.parametrize("width", [360, 700, 1400])
@pytest.mark.parametrize("scale", [1, 2])
def test_it_fits_every_width_and_screen(
    page: Page, tmp_path: Path, width: int, scale: int
) -> None:
    assert page.context.browser
    context = page.context.browser.new_context(
        viewport={"width": width, "height": 900}, device_scale_factor=scale
    )
    other = context.new_page()
    file = tmp_path / "page.html"
    widgets = (SpectrogramExplorer(medley(1.5, 16000)), SamplingExplorer())
    file.write_text("".join(w.to_html() for w in widgets), encoding="utf-8")
    other.goto(file.as_uri())
    other.set_viewport_size({"width": width - 30, "height": 900})
    other.wait_for_function(
        "() => [...document.querySelectorAll('.avt')].every((root) =>"
        " Math.abs(root.explorer.width - (root.clientWidth - 28)) < 1)"
    )
    wide, there = other.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= there  # nothing sticks out
    ratio = other.locator("canvas.avt-base").first.evaluate("(c) => c.width / c.clientWidth")
    assert ratio == pytest.approx(scale, rel=0.01)
    context.close()


def test_the_keyboard_reaches_everything(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, SpectrogramExplorer(medley(2.0, 16000)))
    figure, readout = page.locator(".avt-figure"), page.locator(".avt-reading")
    for key in ("ArrowRight", "ArrowUp", "ArrowDown", "ArrowLeft", "End", "Home", "+", "PageDown"):
        before = (readout.inner_text(), page.locator(".avt-picture").evaluate(HASH))
        figure.press(key)
        assert (readout.inner_text(), page.locator(".avt-picture").evaluate(HASH)) != before, key
    named_and_undisturbed(page)
    assert errors_of(page) == []
