"""The verdict explorer as a page of its own: every control, the brush, the sound."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.spectral import SpectrogramConfig
from avtutor.waveform import Waveform
from avtutor.widgets import VerdictExplorer
from playwright.sync_api import Page
from tests.browser.faces import FACE, heard, named_and_undisturbed, widths_at
from tests.browser.networks import untrained
from tests.browser.sounds import medley
from tests.browser.test_compute import unpack
from tests.browser.test_fragment import HASH, errors_of, show

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
DIGITS = [str(digit) for digit in range(10)]
SHARES = "(nodes) => nodes.map((node) => node.textContent).join(' ')"
STATE = f"""() => {{
  const {{ levels, now }} = {FACE};
  const bytes = new Uint8Array(levels.buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return {{ levels: btoa(text), logits: [...now.logits] }};
}}"""


def explorer(seconds: float = 0.6, **options: Any) -> VerdictExplorer:
    sounds = {"one": medley(seconds, 8000), "two": medley(0.4, 8000).slice(0.1)}
    return VerdictExplorer(sounds, untrained(40), CONFIG, classes=DIGITS, **options)


def said(page: Page) -> str:
    return page.locator(".avt-said").inner_text()


def shown(page: Page) -> tuple[int, str]:
    """Return the picture and the shares, as they stand on the page."""
    shares = page.eval_on_selector_all(".avt-logit", SHARES)
    return page.locator(".avt-picture").evaluate(HASH), shares


def assert_equal(page: Page, widget: VerdictExplorer) -> None:
    """The page shows what the package computes for the same settings."""
    state, expected = page.evaluate(STATE), widget.verdict()
    assert np.abs(unpack(state["levels"]) - expected.levels.ravel()).max() <= 0.01
    assert np.abs(np.array(state["logits"]) - expected.logits).max() <= 1e-3
    assert said(page).removeprefix("still ") == widget._said()
    for share, row in zip(
        expected.shares, page.locator(".avt-row:not(.avt-head)").all(), strict=True
    ):
        assert float(row.locator(".avt-share").inner_text()) == pytest.approx(share, abs=0.006)


def test_every_control_moves_the_picture_and_the_answer(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    for label, name, value in (
        ("shift in time", "shift_frames", -1),
        ("shift in frequency", "shift_bands", -1),
        ("hide bands up to", "hide_high", 1),
        ("hide bands from", "hide_low", 1),
        ("hide bands up to", "hide_high", 2),
        ("hide time up to", "hide_end", 60),
        ("hide time from", "hide_start", 59),
    ):
        before, slider = shown(page), page.get_by_label(label, exact=True)
        key = {60: "End", 59: "PageUp"}.get(value, "ArrowRight" if value > 0 else "ArrowLeft")
        slider.press(key)
        setattr(widget, name, page.evaluate(f"() => {FACE}.settings.values.{name}"))
        if name == "hide_low":  # it has met the other edge: nothing is hidden
            assert page.evaluate(f"() => {FACE}.settings.values.hide_high") == 1
        assert all(a != b for a, b in zip(before, shown(page), strict=True)), label
        assert_equal(page, widget)
    page.get_by_role("button", name="Undo all").click()
    widget.reset()
    assert_equal(page, widget)
    for name in ("flip time", "flip frequency"):
        before = shown(page)
        page.get_by_label(name, exact=True).press("Space")
        setattr(widget, name.replace(" ", "_"), True)
        assert all(a != b for a, b in zip(before, shown(page), strict=True)), name
        assert_equal(page, widget)
    page.get_by_label("Recording").select_option("two")
    widget.recording = "two"
    assert_equal(page, widget)
    assert errors_of(page) == []


def test_one_edge_takes_the_other_along(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    page.get_by_label("hide bands from").press("End")
    assert page.get_by_label("hide bands up to").input_value() == "40"
    page.get_by_label("hide bands up to").press("Home")
    assert page.get_by_label("hide bands from").input_value() == "0"


def test_the_brush_by_mouse_and_by_keyboard(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    untouched = shown(page)
    figure = page.locator(".avt-figure")
    names = ("left", "cellWidth", "bottom", "cellHeight")
    cell = [page.evaluate(f"() => {FACE}.scales.{name}") for name in names]
    box = figure.bounding_box()
    assert box

    def at(frame: int, band: int) -> tuple[float, float]:
        x = box["x"] + cell[0] + (frame + 0.5) * cell[1]
        return x, box["y"] + cell[2] - (band + 0.5) * cell[3]

    page.get_by_label("brush size").press("Home")
    page.mouse.move(*at(10, 5))
    page.mouse.down()
    page.mouse.move(*at(14, 5))
    page.mouse.move(*at(14, 8), steps=3)
    page.mouse.up()
    page.mouse.move(*at(30, 20))  # no longer pressed
    erased = [[5, 10, 15], [6, 14, 15], [7, 14, 15], [8, 14, 15]]
    assert page.evaluate(f"() => {FACE}.settings.model.get('erased')") == erased
    widget.erased = erased
    assert_equal(page, widget)
    assert shown(page)[0] != untouched[0]

    page.get_by_label("brush", exact=True).select_option("paint")
    page.get_by_label("brush size").press("ArrowRight")
    page.get_by_label("brush size").press("ArrowRight")  # three cells across
    figure.press("Home")
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowUp", "Enter"):
        figure.press(key)
    painted = [[20, 5, 8], [21, 5, 8], [22, 5, 8]]
    assert page.evaluate(f"() => {FACE}.settings.model.get('painted')") == painted
    widget.painted = painted
    assert_equal(page, widget)
    assert "9 cells painted" in page.locator(".avt-facts").inner_text()

    page.get_by_role("button", name="Undo all").click()
    assert shown(page) == untouched
    assert page.evaluate(f"() => {FACE}.settings.model.get('erased')") == []
    page.get_by_label("brush", exact=True).select_option("look")
    page.mouse.move(*at(3, 3))
    page.mouse.down()
    page.mouse.move(*at(9, 9))
    page.mouse.up()
    assert shown(page) == untouched
    assert errors_of(page) == []


def test_original_and_altered_are_heard(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer(seconds=2.0))
    original = heard(page, page.get_by_role("button", name="Play the original").click, hold=True)
    playing = f"() => [...{FACE}.player.sources[0].buffer.getChannelData(0)]"
    page.get_by_label("flip time").press("Space")
    page.get_by_role("button", name="Play the altered").click()
    altered = np.array(page.evaluate(playing))
    assert np.abs(altered[1000:9000] - original[16000 - 1000 : 16000 - 9000 : -1]).max() < 1e-6
    note = page.locator(".avt-top .avt-note")
    assert "phase" not in note.inner_text()
    # What has no phase is told from what has, and the sound that plays follows the control.
    page.get_by_label("flip frequency").press("Space")
    assert note.inner_text() == "altered: without its phase"
    page.wait_for_function(
        f"(was) => {FACE}.player.playing && ({playing})()[5000] !== was", arg=float(altered[5000])
    )
    page.locator(".avt-figure").press("Space")
    assert page.evaluate(f"() => {FACE}.player.playing") is False
    assert errors_of(page) == []


def test_frames_that_do_not_overlap_are_not_made_into_a_sound(page: Page, tmp_path: Path) -> None:
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=300, n_mels=40)
    widget = VerdictExplorer(medley(0.6, 8000), untrained(40), config, classes=DIGITS)
    show(page, tmp_path, widget)
    altered = page.get_by_role("button", name="Play the altered")
    page.get_by_label("flip time").press("Space")
    assert altered.is_enabled()  # samples are turned round, without a transform
    page.get_by_label("hide bands up to").press("End")
    assert altered.is_disabled()
    assert "overlap too little" in page.locator(".avt-top .avt-note").inner_text()
    page.locator(".avt-figure").press("Space")
    assert page.evaluate(f"() => {FACE}.player.playing") is False
    assert errors_of(page) == []


@pytest.mark.parametrize(
    ("n_samples", "level"), [(129, 0.5), (257, 0.0), (900, 9.0), (31920, 1e-4)]
)
@pytest.mark.parametrize("how", ["below peak", "as recorded"])
def test_odd_sounds(page: Page, tmp_path: Path, n_samples: int, level: float, how: str) -> None:
    """Very short, silent, too loud, as long as can be: shown, altered and played to the end."""
    wave = level * torch.sin(torch.arange(n_samples) * 0.3)
    config = SpectrogramConfig(
        sample_rate=8000, n_fft=256, win_length=128, hop_length=80, n_mels=40
    )
    sound = {"odd": Waveform.from_mono(wave, 8000)}
    widget = VerdictExplorer(sound, untrained(40), config, classes=DIGITS, level=how)
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    for label in ("shift in time", "shift in frequency", "hide bands up to", "hide time up to"):
        for key in ("End", "Home", "ArrowRight"):
            page.get_by_label(label, exact=True).press(key)
    if n_samples < 1000:
        page.get_by_role("button", name="Play the altered").click()
        page.wait_for_function(f"() => !{FACE}.player.playing")
    assert "NaN" not in page.locator("body").inner_text()
    assert errors_of(page) == []


def test_what_python_sets_is_shown(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    for name, value in (
        ("erased", [[3, 0, 50], [39, 0, 400]]), ("painted", [[10, 5, 9]]), ("shift_frames", 200),
        ("shift_frames", 2), ("hide_low", 30), ("hide_high", 35), ("brush_size", 6),
        ("flip_frequency", True), ("recording", "two"),
    ):  # fmt: skip
        setattr(widget, name, value)
        page.evaluate(f"([name, value]) => {FACE}.settings.model.set(name, value)", [name, value])
        assert_equal(page, widget)
    assert page.get_by_label("brush size").get_attribute("aria-valuetext") == "6 cells"
    assert page.get_by_label("hide bands up to").input_value() == "35"
    assert page.get_by_label("flip frequency").is_checked()
    assert errors_of(page) == []


def test_a_written_page_begins_where_the_widget_is(page: Page, tmp_path: Path) -> None:
    widget = explorer(level="as recorded")
    widget.flip_time, widget.erased, widget.recording = True, [[2, 1, 30]], "two"
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    assert page.get_by_label("flip time").is_checked()


def test_many_classes_and_several_widgets(page: Page, tmp_path: Path) -> None:
    names = [f"word number {number}" for number in range(35)]
    many = VerdictExplorer(medley(0.5, 8000), untrained(40, n_classes=35), CONFIG, classes=names)
    show(page, tmp_path, many, explorer(), many)
    assert page.locator(".avt").count() == 3
    assert page.locator(".avt-shares").first.bounding_box()["height"] < 280  # type: ignore[index]
    best = page.locator(".avt-best").first
    table = page.locator(".avt-shares").first.bounding_box()
    row = best.bounding_box()
    assert table and row and table["y"] <= row["y"] <= table["y"] + table["height"]
    before = page.locator(".avt-picture").nth(2).evaluate(HASH)
    page.get_by_label("flip time").first.press("Space")
    assert page.locator(".avt-picture").nth(2).evaluate(HASH) == before
    assert page.locator(".avt-picture").first.evaluate(HASH) != before
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 30
    assert errors_of(page) == []


@pytest.mark.parametrize("width", [340, 700, 1400])
def test_it_fits_every_width(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, explorer())
    canvas, figure = widths_at(page, width - 20)
    assert canvas == figure > 200


def test_everything_has_a_name_and_the_verdict_is_read_out(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    named_and_undisturbed(page)
    assert page.locator(".avt-said").get_attribute("aria-live") == "polite"
    # It is written anew only when the words change.
    page.evaluate(
        """() => { window.writes = 0; new MutationObserver(() => { window.writes += 1; })
          .observe(document.querySelector('.avt-said'), { childList: true }); }"""
    )
    heard = [said(page)]
    for _ in range(12):
        page.get_by_label("shift in frequency").press("ArrowRight")
        if said(page) != heard[-1]:
            heard.append(said(page))
    assert page.evaluate("() => window.writes") == len(heard) - 1 >= 2
    page.get_by_label("show logits").press("Space")
    assert page.locator(".avt-logit").nth(1).is_visible()


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(explorer().to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="Spectrogram of one as the network gets it")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()
