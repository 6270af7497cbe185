"""HearAndSee as a page of its own: every control, the pictures, the sound."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.widgets import HearAndSee
from playwright.sync_api import Page
from tests.browser.faces import FACE, heard, hold_clock, named_and_undisturbed, widths_at
from tests.browser.generators import CALLS, DIGITS, WORDS, flow, vae
from tests.browser.sounds import medley
from tests.browser.test_compute import unpack
from tests.browser.test_forming_compute import TOLERANCE
from tests.browser.test_fragment import HASH, errors_of, show

STATE = f"""() => {{
  const face = {FACE};
  const pack = (values) => {{
    const bytes = new Uint8Array(Float64Array.from(values).buffer);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }};
  const {{ step }} = face.settings.values;
  return {{ levels: pack(face.levels), deviations: pack(face.panel.deviations),
    pictures: pack(face.picturesAt(step).flatMap((picture) => [...picture])) }};
}}"""
FILLED = f"() => {FACE}.filling === null"
NAMES = ("first", "second", "third")


def explorer(make: Callable[..., Any] = flow, **settings: Any) -> HearAndSee:
    """Return a widget of three words, small enough to be quick; of two the truth is known."""
    rough = medley(2.0, 8000)
    sounds = {name: rough.slice(0.3 * n, 0.3 * n + 0.8) for n, name in enumerate(NAMES)}
    truth = {name: torch.eye(8)[None] * (n + 1) / 2 for n, name in enumerate(NAMES[:2])}
    settings = {"truth": truth, "about": {"first": "a line"}} | settings
    return HearAndSee(make(DIGITS, kind="lenet"), sounds, WORDS, **settings)


def shown(page: Page) -> tuple[int, tuple[int, ...], int]:
    """Return the spectrogram, the draws and where they differ, as they stand on the page."""
    heard = page.locator(".avt-figure canvas.avt-picture").evaluate(HASH)
    *drawn, spread, _ = [canvas.evaluate(HASH) for canvas in page.locator(".avt-drawn").all()]
    return heard, tuple(drawn), spread


def follow(page: Page, widget: HearAndSee) -> None:
    """Set the widget as the page is."""
    for name in widget.settings:
        setattr(widget, name, page.evaluate(f"() => {FACE}.settings.values.{name}"))


def assert_equal(page: Page, widget: HearAndSee) -> None:
    """The page shows what the package computes for the same settings."""
    state, expected = page.evaluate(STATE), widget.formed()
    assert np.abs(unpack(state["levels"]) - expected.levels.ravel()).max() <= 0.01
    pictures = expected.pictures[widget.step]
    assert np.abs(unpack(state["pictures"]) - pictures.ravel()).max() <= TOLERANCE
    spread = expected.spread(widget.step)
    assert np.abs(unpack(state["deviations"]) - spread.ravel()).max() <= TOLERANCE
    said = page.locator(".avt-facts").inner_text()
    if widget.n_draws > 1:
        assert f"{100 * np.sqrt(np.square(spread).mean()):.1f} % of full range" in said
    # What is painted: ink on paper.
    canvas = page.locator(".avt-drawn").first
    painted = canvas.evaluate(
        "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    ink = 255 - np.array(painted).reshape(8, 8, 4)[..., 0]
    assert np.abs(ink - 255 * pictures[0, 0]).max() <= 0.6


@pytest.mark.parametrize("make", [flow, vae])
def test_every_control_moves_what_it_should(
    page: Page, tmp_path: Path, make: Callable[..., Any]
) -> None:
    widget = explorer(make)
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    step = page.get_by_label("step", exact=True)
    for act, changed in (
        (lambda: step.press("ArrowLeft"), (False, True)),
        (lambda: step.press("PageDown"), (False, True)),
        (lambda: step.press("Home"), (False, True)),
        (lambda: step.press("ArrowRight"), (False, True)),
        (lambda: page.get_by_label("Sound", exact=True).select_option("third"), (True, True)),
        (lambda: step.press("End"), (False, True)),
        (lambda: page.get_by_role("button", name="Draw again").click(), (False, True)),
        (lambda: page.get_by_label("Sound", exact=True).select_option("second"), (True, True)),
    ):
        heard, drawn, _ = shown(page)
        act()
        heard_now, drawn_now, _ = shown(page)
        assert (heard != heard_now) == changed[0]
        assert (drawn != drawn_now) == changed[1]
        if make is flow:  # a draw of the other is nearly saturated: a step may change no pixel
            assert not set(drawn) & set(drawn_now)
        follow(page, widget)
        assert_equal(page, widget)
    assert (widget.recording, widget.step, widget.seed) == ("second", 16, 1)
    assert errors_of(page) == []


def test_what_all_draws_share_and_where_they_differ(page: Page, tmp_path: Path) -> None:
    """With no noise yet, a conditional VAE draws one picture four times; a flow never does."""
    show(page, tmp_path, explorer(vae))
    step = page.get_by_label("step", exact=True)
    step.press("Home")
    _, drawn, _ = shown(page)
    assert len(set(drawn)) == 1
    assert "0.0 % of full range" in page.locator(".avt-facts").inner_text()
    assert "step 0: the sound alone" in page.locator(".avt-facts").inner_text()
    step.press("End")
    assert len(set(shown(page)[1])) == 4
    show(page, tmp_path, explorer(flow))
    page.get_by_label("step", exact=True).press("Home")
    assert len(set(shown(page)[1])) == 4
    assert "step 0: noise" in page.locator(".avt-facts").inner_text()


def test_the_pictures_form_by_themselves(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    step = page.get_by_label("step", exact=True)
    page.evaluate(
        """() => { const face = document.querySelector('.avt').explorer; window.seen = [];
        const apply = face.apply.bind(face);
        face.apply = () => { window.seen.push(face.settings.values.step); apply(); }; }"""
    )
    button = page.get_by_role("button", name="Let the pictures form")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    page.wait_for_function(f"() => !{FACE}.forming")
    assert page.evaluate("() => window.seen") == list(range(17))
    assert button.get_attribute("aria-pressed") == "false"
    follow(page, widget)
    assert_equal(page, widget)
    # It stops at a key on the fader, and goes on from there.
    button.click()
    page.wait_for_function(f"() => {FACE}.settings.values.step >= 3")
    step.press("ArrowRight")
    at = step.get_attribute("aria-valuetext")
    page.wait_for_timeout(400)
    assert step.get_attribute("aria-valuetext") == at
    button.click()
    page.wait_for_function(f"() => !{FACE}.forming")
    assert step.get_attribute("aria-valuetext") == "16 of 16"
    assert errors_of(page) == []


def test_the_steps_are_drawn_before_anyone_asks(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    page.wait_for_function(FILLED)
    assert page.evaluate(f"() => {FACE}.pictures.every((step) => step.length === 4)")


def test_the_truth_is_seen_when_it_is_asked_for(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    truth = page.get_by_role("img", name="what it was")
    assert truth.count() == 0
    page.get_by_role("button", name="Show what it was").click()
    assert page.get_by_role("img", name="what it was: a line").is_visible()
    follow(page, widget)
    assert widget.truth_shown and widget._truth_now() is not None
    page.get_by_label("Sound", exact=True).select_option("third")
    assert truth.count() == 0
    button = page.get_by_role("button", name="Show what it was")
    assert button.is_disabled()
    page.get_by_label("Sound", exact=True).select_option("second")
    assert page.get_by_role("img", name="what it was", exact=True).is_visible()
    page.get_by_role("button", name="Hide what it was").click()
    assert truth.count() == 0
    show(page, tmp_path, explorer(truth=None, about=None))
    assert not page.get_by_role("button", name="Show what it was").is_visible()
    assert errors_of(page) == []


def test_the_sound_is_played(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    button = page.get_by_role("button", name="Play the sound")
    samples = heard(page, button.click)
    assert np.abs(samples - widget.samples("first")).max() < 1e-6
    page.wait_for_function(f"() => !{FACE}.player.playing")  # at its end
    hold_clock(page)
    for playing in (True, False):
        button.click()
        assert page.evaluate(f"() => {FACE}.player.playing") is playing
    assert errors_of(page) == []


def test_what_python_sets_is_shown(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    for name, value in (
        ("step", 0), ("seed", 999), ("recording", "third"), ("step", 9), ("recording", "second"),
        ("truth_shown", True),
    ):  # fmt: skip
        setattr(widget, name, value)
        page.evaluate(f"([name, value]) => {FACE}.settings.model.set(name, value)", [name, value])
        assert_equal(page, widget)
    assert page.get_by_label("step", exact=True).get_attribute("aria-valuetext") == "9 of 16"
    assert page.get_by_role("img", name="what it was", exact=True).is_visible()
    assert errors_of(page) == []


def test_a_sound_is_as_long_as_it_is_for_an_ear_that_takes_any_length(
    page: Page, tmp_path: Path
) -> None:
    rough = medley(2.0, 8000)
    sounds = {"short": rough.slice(0.2, 0.55), "long": rough.slice(0.1, 1.0)}
    widget = HearAndSee(flow(DIGITS, kind="any"), sounds, WORDS)
    show(page, tmp_path, widget)
    canvas = page.locator(".avt-figure canvas.avt-picture")
    for name, n_frames in (("long", 46), ("short", 18), ("long", 46)):
        page.get_by_label("Sound", exact=True).select_option(name)
        follow(page, widget)
        assert_equal(page, widget)
        assert canvas.evaluate("(c) => c.width") == n_frames == widget.formed().levels.shape[1]
        facts = page.locator(".avt-facts").inner_text()
        assert f"20 bands × {n_frames} frames" in facts and "all of it is heard" in facts
        assert "silence" not in facts
    assert errors_of(page) == []


def test_a_written_page_begins_where_the_widget_is(page: Page, tmp_path: Path) -> None:
    widget = explorer(n_draws=1, n_steps=3)
    widget.recording, widget.step, widget.seed, widget.truth_shown = "second", 2, 5, True
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    assert page.locator(".avt-tile:visible").count() == 2  # one draw, and what it was


def test_several_widgets_leave_each_other_alone(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer(), explorer(vae), explorer(n_draws=2))
    assert page.locator(".avt").count() == 3
    second = page.locator(".avt").nth(1)
    hashes = [canvas.evaluate(HASH) for canvas in second.locator("canvas.avt-picture").all()]
    page.get_by_label("step", exact=True).first.press("Home")
    page.get_by_label("Sound", exact=True).first.select_option("third")
    now = [canvas.evaluate(HASH) for canvas in second.locator("canvas.avt-picture").all()]
    assert now == hashes
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) == 6
    assert errors_of(page) == []


@pytest.mark.parametrize("width", [340, 480, 700, 940, 1400])
def test_it_fits_every_width(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, explorer())
    canvas, figure = widths_at(page, width - 20)
    assert canvas == figure > 150
    sides = page.eval_on_selector_all(
        ".avt-drawn", "(nodes) => nodes.map((n) => [n.clientWidth, n.clientHeight])"
    )
    assert all(abs(across - down) <= 1 and across > 50 for across, down in sides)


def test_everything_has_a_name(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    named_and_undisturbed(page, also=", button")
    assert page.locator(".avt-note").get_attribute("aria-live") == "polite"
    assert page.get_by_role("img", name="Spectrogram of first").count() == 1
    for number in range(1, 5):
        name = f"draw {number}, step 16 of 16"
        assert page.get_by_role("img", name=name).count() == 1


def test_colours_arrive_as_they_are(page: Page, tmp_path: Path) -> None:
    sound = medley(1.6, 8000)
    picture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    widget = HearAndSee(flow(), {"call": sound}, CALLS, truth={"call": picture}, n_draws=2)
    widget.truth_shown = True
    show(page, tmp_path, widget)
    read = "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    canvases = page.locator(".avt-drawn")
    first, truth = (np.array(canvases.nth(n).evaluate(read)) for n in (0, 3))
    colours = truth.reshape(32, 32, 4)[..., :3].transpose(2, 0, 1)
    assert np.abs(colours - 255 * picture.numpy()).max() <= 0.51
    drawn = first.reshape(32, 32, 4)[..., :3].transpose(2, 0, 1)
    assert np.abs(drawn - 255 * widget.formed().pictures[16, 0]).max() <= 0.6
    assert errors_of(page) == []


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(explorer().to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="The spectrogram of first, 4 pictures that a network")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()
