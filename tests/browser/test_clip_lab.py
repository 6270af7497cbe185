"""The clip player in JupyterLab: keys stay on the slider, and Python is in step."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.faces import FACE
from tests.browser.lab import lessons_with, open_notebook, run_all
from tests.browser.test_clip_fragment import READY
from tests.browser.test_fragment import CLOCK, HASH, errors_of
from tests.browser.test_lab import follow_the_theme, write_notebook
from tests.browser.test_verdict_lab import ASK

CELLS = (
    """
    from avtutor.widgets import ClipPlayer
    from tests.browser.clips import hits
    player = ClipPlayer({"hits": hits(0.16)})
    player
    """,
    "player",
)

LESSONS = lessons_with("ClipPlayer(")


def test_the_clip_player_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
    write_notebook(notebooks / "clip.ipynb", *CELLS)
    open_notebook(page, lab, "clip.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    page.wait_for_function(READY)

    slider, twin = (page.get_by_label("shift of the sound").nth(n) for n in (0, 1))
    slider.scroll_into_view_if_needed()
    before = page.locator("canvas.avt-base").first.evaluate(HASH)
    for _ in range(8):
        slider.press("ArrowRight")
    assert page.locator("canvas.avt-base").first.evaluate(HASH) != before
    assert twin.get_attribute("aria-valuetext") == "+80 ms: later"
    assert page.evaluate(ASK, "print(player.offset_ms)") == "80"

    figure = page.locator(".avt-figure").first
    figure.press("End")
    figure.press("ArrowLeft")
    assert page.evaluate(ASK, "print(player.frame)") == "73"
    assert page.evaluate(ASK, "player.offset_ms = 600") == (
        "offset_ms must be from -500 to 500, got 600"
    )
    page.evaluate(ASK, "player.offset_ms, player.frame = -160, 5")
    page.wait_for_function(f"() => {FACE}.shown === 5 && {FACE}.settings.values.offset_ms === -160")
    assert slider.get_attribute("aria-valuetext") == "−160 ms: earlier"

    follow_the_theme(page)
    page.get_by_role("button", name="Play, or pause").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.3")
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lessons_with_a_clip_player(page: Page, lab: str, notebooks: Path, lesson: Path) -> None:
    """Open the lesson, run all, move the sound by keys, step a picture, change the clip, play."""
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=300) == []
    root = page.locator(".avt").first
    root.scroll_into_view_if_needed()
    page.wait_for_function(f"() => {FACE}?.width > 0 && {FACE}.frames.bitmap !== null")
    canvas = root.locator("canvas.avt-base")
    before = canvas.evaluate(HASH)
    root.get_by_label("shift of the sound").press("ArrowLeft")
    assert canvas.evaluate(HASH) != before
    before = root.locator(".avt-frame").evaluate(HASH)
    root.get_by_role("button", name="Show the next picture").click()
    assert root.locator(".avt-frame").evaluate(HASH) != before
    clip = root.get_by_label("Clip", exact=True)
    other = clip.locator("option").nth(1).get_attribute("value")
    clip.select_option(other)
    page.wait_for_function(
        f"(name) => {FACE}.settings.values.clip === name && {FACE}.frames.bitmap !== null",
        arg=other,
    )
    root.get_by_role("button", name="Play, or pause").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.3")
    if shots := os.environ.get("AVTUTOR_SCREENSHOTS"):
        page.screenshot(path=Path(shots) / f"{lesson.stem}_widget.png")
    assert errors_of(page) == []
