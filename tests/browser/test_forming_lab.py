"""HearAndSee in JupyterLab: keys stay on the fader, and Python is in step."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.faces import FACE
from tests.browser.lab import lessons_with, open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, HASH_NOW, errors_of
from tests.browser.test_lab import follow_the_theme, write_notebook
from tests.browser.test_verdict_lab import ASK

CELLS = (
    """
    import torch
    from avtutor.widgets import HearAndSee
    from tests.browser.generators import DIGITS, WORDS, flow
    from tests.browser.sounds import medley
    rough = medley(1.5, 8000)
    sounds = {name: rough.slice(at, at + 0.8) for name, at in (("one", 0.0), ("two", 0.4))}
    truth = {"one": torch.eye(8)[None]}
    explorer = HearAndSee(flow(DIGITS, kind="lenet"), sounds, WORDS, truth=truth)
    explorer
    """,
    "explorer",
)
LESSONS = lessons_with("HearAndSee(")
DRAWN = "canvas.avt-drawn"


def test_hear_and_see_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
    write_notebook(notebooks / "forming.ipynb", *CELLS)
    open_notebook(page, lab, "forming.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    one, twin = (page.locator(".avt").nth(number) for number in range(2))

    # Keys on the fader move it, and not the notebook's selected cell.
    fader = one.get_by_label("step", exact=True)
    fader.scroll_into_view_if_needed()
    for _ in range(16):
        before = one.locator(DRAWN).first.evaluate(HASH)
        fader.press("ArrowLeft")
        assert one.locator(DRAWN).first.evaluate(HASH) != before
    assert page.evaluate("() => document.activeElement.type") == "range"
    assert fader.get_attribute("aria-valuetext") == "0 of 16"
    fader.press("PageUp")
    one.get_by_role("button", name="Draw again").press("Enter")
    one.get_by_label("Sound", exact=True).select_option("two")

    # The other view of the same widget shows the same, and Python knows.
    same = (
        f"(n) => {{ const all = [...document.querySelectorAll('{DRAWN}')]; "
        f"const hash = {HASH_NOW}; return hash(all[n]) === hash(all[n + all.length / 2]); }}"
    )
    for number in range(4):
        page.wait_for_function(same, arg=number)
    assert twin.get_by_label("Sound", exact=True).input_value() == "two"
    told = "print(explorer.recording, explorer.step, explorer.seed)"
    said = page.evaluate(ASK, told).split()
    assert said[0] == "two" and said[2] == "1" and 0 < int(said[1]) < 16

    # What Python sets is seen, and what it may not set is refused.
    assert page.evaluate(ASK, "explorer.step = 17") == "step must be from 0 to 16, got 17"
    page.evaluate(ASK, "explorer.reset()\nexplorer.recording = 'one'\nexplorer.truth_shown = True")
    one.get_by_role("img", name="what it was").wait_for()
    twin.get_by_role("img", name="what it was").wait_for()
    assert fader.get_attribute("aria-valuetext") == "16 of 16"
    follow_the_theme(page)

    one.get_by_role("button", name="Let the pictures form").click()
    one.get_by_role("button", name="Play the sound").click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    page.evaluate(f"() => {{ window.kept = {FACE}; }}")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.player.playing && !window.kept.forming")
    assert errors_of(page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_hear_and_see_of_a_lesson(page: Page, lab: str, notebooks: Path, lesson: Path) -> None:
    """Open the lesson, run all, choose each sound, draw again, go through the steps."""
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=240) == []
    root = page.locator(".avt:has(.avt-tiles)").first
    root.scroll_into_view_if_needed()
    sound, step = (root.get_by_label(name, exact=True) for name in ("Sound", "step"))
    names = [option.get_attribute("value") for option in sound.locator("option").all()]
    assert len(names) >= 2
    seen = set()
    for name in names:
        sound.select_option(name)
        seen.add(root.locator(DRAWN).first.evaluate(HASH))
    assert len(seen) == len(names)
    for act in (
        lambda: step.press("ArrowLeft"),
        lambda: step.press("Home"),
        lambda: root.get_by_role("button", name="Draw again").click(),
        lambda: step.press("End"),
    ):
        before = [canvas.evaluate(HASH) for canvas in root.locator(DRAWN).all()[:4]]
        act()
        assert [canvas.evaluate(HASH) for canvas in root.locator(DRAWN).all()[:4]] != before
    assert errors_of(page) == []
