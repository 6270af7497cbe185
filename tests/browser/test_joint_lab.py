"""The map of a joint space in JupyterLab: keys stay on the map, and Python is in step."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.faces import FACE
from tests.browser.lab import lessons_with, open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, errors_of
from tests.browser.test_lab import follow_the_theme, write_notebook
from tests.browser.test_verdict_lab import ASK

CELLS = (
    """
    from avtutor.widgets import JointMap
    from tests.browser.joints import DIGITS, FRONT, autoencoder, pairs, towers
    pictures, sounds = pairs(5, again=3)
    joint = JointMap(pictures, sounds, towers(), autoencoder(), FRONT, classes=DIGITS)
    joint
    """,
    "joint",
)
LESSONS = lessons_with("JointMap(")


def test_the_map_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
    write_notebook(notebooks / "joint.ipynb", *CELLS)
    open_notebook(page, lab, "joint.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    said = page.locator(".avt-said").first

    # Keys on the map and on the fader stay there, and do not move the notebook's selected cell.
    figure = page.get_by_role("application").first
    figure.scroll_into_view_if_needed()
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    figure.focus()  # which makes the first cell the active one
    page.wait_for_function(f"() => ({active})() === 0")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Enter", "x"):
        figure.press(key)
    fader = page.get_by_label("from A to B").first
    for _ in range(30):
        before = page.locator(".avt-overlay").first.evaluate(HASH)
        fader.press("ArrowRight")
        assert page.locator(".avt-overlay").first.evaluate(HASH) != before
    assert page.evaluate("() => document.activeElement.type") == "range"
    assert page.evaluate(active) == 0
    page.get_by_label("space of the", exact=True).first.select_option("autoencoder")
    page.get_by_label("B", exact=True).first.select_option("4 c, seen")

    # The other view of the same widget says so too, and Python computes the same.
    page.wait_for_function(
        "() => { const [one, two] = document.querySelectorAll('.avt-said');"
        " return one.innerText === two.innerText; }"
    )
    assert page.get_by_label("from A to B").nth(1).get_attribute("aria-valuetext") == "30 %"
    assert page.evaluate(ASK, "print(joint.share, joint.second)") == "30 4 c, seen"
    assert page.evaluate(ASK, "print(joint._said(joint.joined()))") == said.inner_text()

    # What Python sets is seen, and what it may not set is refused.
    assert page.evaluate(ASK, "joint.share = 101") == "share must be from 0 to 100, got 101"
    page.evaluate(ASK, "joint.reset()\njoint.first = '2 b, seen'")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.avt-said')].every("
        "(n) => n.innerText.startsWith('A: 2 b, seen · nearest sounds: '))"
    )
    follow_the_theme(page)

    page.get_by_role("button", name="Play the sound of A").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_map_of_a_lesson(page: Page, lab: str, notebooks: Path, lesson: Path) -> None:
    """Open the lesson, run all, point at an item and hear it, and draw between two."""
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=240) == []
    root = page.locator(".avt:has(.avt-map)").first
    root.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.avt')?.explorer?.width > 0")
    root.get_by_role("button", name="Back to the first item").click()
    said, figure = root.locator(".avt-said"), root.locator(".avt-map")
    assert said.inner_text().startswith("A: ")
    before = said.inner_text()
    figure.press("ArrowRight")
    assert said.inner_text() != before
    figure.press("Space")
    page.wait_for_function(f"() => ({CLOCK})() > 0.1")
    drawn = [root.locator("canvas.avt-view").nth(k) for k in (2, 3)]
    for label, key in (("from A to B", "End"), ("from A to B", "PageDown")):
        hashes = [canvas.evaluate(HASH) for canvas in drawn]
        root.get_by_label(label).press(key)
        assert all(canvas.evaluate(HASH) != was for canvas, was in zip(drawn, hashes, strict=True))
    assert "% of the way from" in said.inner_text()
    assert page.evaluate(f"() => {FACE}.now.distances.every(Number.isFinite)")
    # Trained towers: at most items the nearest of the other sense is right.
    right = page.evaluate(
        f"""() => {{ const face = {FACE};
          return face.items.filter((item) => {{ face.change({{ first: item.key, share: 0 }});
            return face.now.near[0].side === 'right'; }}).length / face.items.length; }}"""
    )
    assert right > 0.8
    assert errors_of(page) == []
