"""The clip player as a page of its own: the slider, the pictures, the sound at its time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from avtutor.clip import Clip
from avtutor.widgets import ClipPlayer
from playwright.sync_api import Page
from tests.browser.clips import hits
from tests.browser.faces import FACE, named_and_undisturbed, widths_at
from tests.browser.test_compute import unpack
from tests.browser.test_fragment import CLOCK, HASH, errors_of, show

READY = f"() => {FACE}.frames.bitmap !== null"
CORNER = """() => {
  const canvas = document.querySelector('.avt-frame');
  const { data } = canvas.getContext('2d').getImageData(canvas.width - 2, canvas.height - 2, 1, 1);
  return data[0];
}"""
# What the browser is told to play, and when: [context time, seconds into the sound].
LISTEN = """<script>
window.started = [];
const { start } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (...when) {
  window.started.push(when);
  return start.apply(this, when);
};
</script>"""


def player(**options: Any) -> ClipPlayer:
    other = hits(-0.2, seconds=1.8, frame_rate=30.0, height=40, width=30, start=2.0)
    return ClipPlayer({"one": hits(0.16), "two": other}, **options)


def open_page(page: Page, folder: Path, *players: ClipPlayer) -> None:
    show(page, folder, *players, scripts=LISTEN)
    page.wait_for_function(READY)


def shown(page: Page) -> int:
    """Return which picture is on the screen, by its colour."""
    return round(page.evaluate(CORNER) / 2)


def readout(page: Page) -> str:
    return page.locator(".avt-reading").first.inner_text()


def test_every_stop_of_the_slider_moves_curves_and_mark(page: Page, tmp_path: Path) -> None:
    widget = player()
    open_page(page, tmp_path, widget)
    slider, seen = page.get_by_label("shift of the sound"), set()
    slider.press("Home")
    for step in range(101):
        assert page.evaluate(f"() => {FACE}.settings.values.offset_ms") == 10 * step - 500
        seen.add(page.locator("canvas.avt-base").evaluate(HASH))
        slider.press("ArrowRight")
    assert len(seen) == 101
    assert slider.get_attribute("aria-valuetext") == "+500 ms: later"
    slider.press("Home")
    assert slider.get_attribute("aria-valuetext") == "−500 ms: earlier"
    found = widget.aligned()
    match = page.evaluate(f"() => Array.from({FACE}.aligned.match)")
    assert np.abs(np.array(match) - found.match).max() < 1e-6
    facts = page.locator(".avt-facts").inner_text()
    assert found.best is not None
    assert f"at −{abs(round(found.best))} ms" in facts
    assert f"the sound is {abs(round(found.best))} ms late: offset +" in facts
    assert errors_of(page) == []


def test_frame_by_frame(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, player(offset_ms=80))
    assert shown(page) == 0
    assert readout(page) == "frame 0 of 0 to 74 · seen 0.000 s · heard −0.080 s"
    forward = page.get_by_role("button", name="Show the next picture")
    for k in range(1, 4):
        forward.click()
        assert shown(page) == k
    assert readout(page) == "frame 3 of 0 to 74 · seen 0.120 s · heard 0.040 s"
    page.get_by_role("button", name="Show the picture before").click()
    figure = page.locator(".avt-figure")
    for key, k in (
        ("ArrowRight", 3), ("ArrowLeft", 2), ("Shift+ArrowRight", 7), ("Home", 0),
        ("ArrowLeft", 0), ("End", 74), ("ArrowRight", 74),
    ):  # fmt: skip
        figure.press(key)
        assert shown(page) == k, key
        assert page.evaluate(f"() => {FACE}.settings.model.get('frame')") == k
    for key, shift in (("+", "+90 ms"), ("-", "+80 ms"), ("-", "+70 ms")):
        figure.press(key)
        text = page.get_by_label("shift of the sound").get_attribute("aria-valuetext")
        assert text == f"{shift}: later"
    assert errors_of(page) == []


def test_the_figure_is_clicked(page: Page, tmp_path: Path) -> None:
    """Above: the picture of that time. Below: the shift of that place."""
    open_page(page, tmp_path, player())
    box = page.locator(".avt-figure").bounding_box()
    names = ("left", "width", "start", "end")
    left, width, start, end = [page.evaluate(f"() => {FACE}.scales.{n}") for n in names]
    assert box and (start, end) == (0.0, pytest.approx(3.16))
    for time, k in ((1.005, 25), (2.03, 50)):
        page.mouse.click(box["x"] + left + width * time / end, box["y"] + 80)
        assert shown(page) == k
    for shift in (-160, 340):
        page.mouse.click(box["x"] + left + width * (shift + 500) / 1000, box["y"] + 260)
        assert page.evaluate(f"() => {FACE}.settings.values.offset_ms") == shift
    page.mouse.down()
    page.mouse.move(box["x"] - 300, box["y"] + 260)  # outside: nothing
    page.mouse.move(box["x"] + left + width * 0.2, box["y"] + 260, steps=4)
    page.mouse.up()
    assert page.evaluate(f"() => {FACE}.settings.values.offset_ms") == -300
    assert errors_of(page) == []


@pytest.mark.parametrize("offset_ms", [-500, -160, 0, 80, 500])
@pytest.mark.parametrize("frame", [0, 30])
def test_the_sound_is_as_late_as_the_slider_says(
    page: Page, tmp_path: Path, offset_ms: int, frame: int
) -> None:
    """To the sample: what the browser is told of when, against the moment of the first picture."""
    open_page(page, tmp_path, player(offset_ms=offset_ms, frame=frame))
    page.get_by_role("button", name="Play, or pause").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.15")
    begin, from_ = page.evaluate(f"() => [{FACE}.player.begin, {FACE}.player.from]")
    started = page.evaluate("() => window.started")
    assert from_ == pytest.approx(frame / 25) and len(started) == 1
    at, into = started[0]
    first = 0.16 + offset_ms / 1000  # of the first sample, on the clock of the pictures
    assert from_ + (at - begin) - into == pytest.approx(first, abs=1e-9)
    assert (at == pytest.approx(begin)) or into == 0
    assert at >= begin - 1e-12
    assert errors_of(page) == []


def test_the_slider_moves_the_sound_while_it_plays(page: Page, tmp_path: Path) -> None:
    """The pictures go on; the sound begins anew at its new place."""
    open_page(page, tmp_path, player(offset_ms=0))
    page.get_by_role("button", name="Play, or pause").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.6")
    begin = page.evaluate(f"() => {FACE}.player.begin")
    for key, shift in (("PageUp", 100), ("End", 500), ("Home", -500)):
        before = page.evaluate("() => window.started.length")
        page.get_by_label("shift of the sound").press(key)
        page.wait_for_function("(n) => window.started.length === n + 1", arg=before)
        at, into = page.evaluate("() => window.started.at(-1)")
        assert (at - begin) - into == pytest.approx(0.16 + shift / 1000, abs=1e-9)
        assert page.evaluate(f"() => [{FACE}.player.begin, {FACE}.player.playing]") == [begin, True]
    assert errors_of(page) == []


def test_the_pictures_follow_the_clock_of_the_sound(page: Page, tmp_path: Path) -> None:
    """Looked at in each frame of the screen: the picture is the one of that time."""
    open_page(page, tmp_path, player())
    page.get_by_label("repeat").click()
    page.get_by_role("button", name="Play, or pause").click()
    rows = page.evaluate(
        f"""() => new Promise((resolve) => {{
          const rows = [];
          const look = () => {{
            const {{ player, shown }} = {FACE};
            if (!player.playing) return resolve(rows);
            const delay = player.context.outputLatency || player.context.baseLatency || 0;
            const heard = player.context.currentTime - delay - player.begin;
            const clock = player.from + Math.max(0, heard);
            rows.push([clock, shown, ({CORNER})()]);
            requestAnimationFrame(look);
          }};
          requestAnimationFrame(look);
        }})"""
    )
    assert len(rows) > 50  # it played to its end and stopped by itself
    assert shown(page) == 74
    late = [clock - k / 25 for clock, k, _ in rows if clock < 2.96]
    assert min(late) > -0.001  # never before its time
    assert np.median(late) < 0.045  # and gone when the next one's has come
    assert all(round(red / 2) == k for _, k, red in rows)
    assert errors_of(page) == []


def test_it_begins_again_or_stops(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, player(frame=70))
    play = page.get_by_role("button", name="Play, or pause")
    play.click()
    page.wait_for_function("() => window.started.length === 2")
    assert page.evaluate(f"() => {FACE}.player.from") == 0
    play.click()
    assert page.evaluate(f"() => {FACE}.player.playing") is False
    paused = shown(page)
    assert page.evaluate(f"() => {FACE}.settings.values.frame") == paused < 20
    # A picture chosen by hand stops the sound.
    play.click()
    page.locator(".avt-figure").press("ArrowRight")
    assert page.evaluate(f"() => {FACE}.player.playing") is False
    assert errors_of(page) == []


def test_another_clip(page: Page, tmp_path: Path) -> None:
    widget = player(frame=60)
    open_page(page, tmp_path, widget)
    page.get_by_label("Clip", exact=True).select_option("two")
    page.wait_for_function(READY)
    widget.clip = "two"
    assert shown(page) == 53  # its last: it has 54
    assert readout(page) == "frame 53 of 0 to 53 · seen 3.767 s · heard 3.767 s"
    match = page.evaluate(f"() => Array.from({FACE}.aligned.match)")
    assert np.abs(np.array(match) - widget.aligned().match).max() < 1e-6
    assert "early: offset −" in page.locator(".avt-facts").inner_text()
    assert errors_of(page) == []


def test_curves_and_sound_arrive_as_they_are(page: Page, tmp_path: Path) -> None:
    widget = player()
    open_page(page, tmp_path, widget)
    picture, sound = widget.curves_of("one")
    for name, curve in (("picture", picture), ("sound", sound)):
        for part in ("times", "values"):
            got = page.evaluate(f"() => Array.from({FACE}.curves.{name}.{part})")
            assert (np.array(got) == getattr(curve, part).numpy()).all()
    samples = page.evaluate(
        f"""() => {{
          const bytes = new Uint8Array({FACE}.sound.samples.buffer);
          let text = "";
          for (const byte of bytes) text += String.fromCharCode(byte);
          return btoa(text);
        }}"""
    )
    assert (unpack(samples) == widget.samples("one")).all()


def test_what_python_sets_is_shown(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, player(offset_ms=-30, frame=12))
    assert shown(page) == 12
    slider = page.get_by_label("shift of the sound")
    assert slider.get_attribute("aria-valuetext") == "−30 ms: earlier"
    for name, value in (("frame", 40), ("offset_ms", 130)):
        page.evaluate(f"([name, value]) => {FACE}.settings.model.set(name, value)", [name, value])
    assert shown(page) == 40
    assert slider.get_attribute("aria-valuetext") == "+130 ms: later"
    assert readout(page).endswith("seen 1.600 s · heard 1.470 s")
    assert errors_of(page) == []


def odd_clips() -> list[Clip]:
    few = hits(0.0, seconds=2.0, frame_rate=3.0, height=2, width=3)
    fast = hits(0.1, seconds=2.0, frame_rate=120.0, height=96, width=200)
    silent = hits(0.0)
    assert silent.waveform is not None
    silent.waveform.samples.zero_()
    late = hits(-0.3, seconds=1.2, start=3.0)
    return [few, fast, silent, late]


@pytest.mark.parametrize("number", range(4))
def test_odd_clips(page: Page, tmp_path: Path, number: int) -> None:
    """Few and small pictures, many and wide ones, silence, a start far from 0: shown and played."""
    clip = odd_clips()[number]
    open_page(page, tmp_path, ClipPlayer(clip))
    for key in ("Home", "End", "ArrowLeft"):
        page.get_by_label("shift of the sound").press(key)
    page.get_by_label("repeat").click()
    page.locator(".avt-figure").press("Space")
    page.wait_for_function(f"() => {FACE}.player.playing")
    page.wait_for_function(f"() => !{FACE}.player.playing")
    assert page.evaluate(f"() => {FACE}.shown") == clip.n_frames - 1
    assert "NaN" not in page.locator("body").inner_text()
    assert errors_of(page) == []


def test_several_on_one_page_each_have_their_own(page: Page, tmp_path: Path) -> None:
    same = player()
    open_page(page, tmp_path, same, same, ClipPlayer(hits(0.0)))
    assert page.locator(".avt").count() == 3
    before = page.locator("canvas.avt-base").nth(1).evaluate(HASH)
    page.get_by_label("shift of the sound").first.press("ArrowLeft")
    assert page.locator("canvas.avt-base").nth(1).evaluate(HASH) == before
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 6
    assert errors_of(page) == []


@pytest.mark.parametrize("width", [340, 700, 1400])
def test_it_fits_every_width(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, tmp_path, player())
    canvas, figure = widths_at(page, width - 20)
    assert canvas == figure > 180


def test_everything_has_a_name_and_a_place_for_the_keyboard(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, player())
    named_and_undisturbed(page, also=", button, .avt-figure")
    reached = []
    page.locator("body").press("Tab")
    for _ in range(7):
        reached.append(
            page.evaluate(
                """() => document.activeElement.labels?.[0]?.textContent
                  || document.activeElement.getAttribute('aria-label')"""
            )
        )
        page.keyboard.press("Tab")
    assert [text.split(".")[0] for text in reached] == [
        "Clip", "Play, or pause", "Show the picture before", "Show the next picture", "repeat",
        "Motion and sound over time, and their match at each shift", "shift of the sound",
    ]  # fmt: skip
    image = page.get_by_role("img")
    page.locator(".avt-figure").press("ArrowRight")
    assert image.get_attribute("aria-label") == readout(page)
    assert page.locator(".avt-reading").get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Play, or pause").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.3")
    assert page.locator(".avt-reading").get_attribute("aria-live") == "off"


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(player().to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="Frames, change of motion, onset strength")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()
