"""The fusion explorer in JupyterLab: keys stay on the fader, and Python is in step."""

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
    import torch
    from avtutor.augment.senses import FRONT
    from avtutor.widgets import FusionExplorer
    from tests.browser.fusions import nets
    from tests.browser.sounds import medley
    digits = [str(digit) for digit in range(10)]
    g = torch.Generator().manual_seed(3)
    pictures = {digit: torch.rand(8, 8, generator=g) ** 2 for digit in digits}
    starts = {digit: 0.07 * number for number, digit in enumerate(digits)}
    sounds = {digit: medley(1.5, 8000).slice(at, at + 0.8) for digit, at in starts.items()}
    explorer = FusionExplorer(pictures, sounds, nets(), FRONT, classes=digits)
    explorer
    """,
    "explorer",
)
LESSONS = lessons_with("FusionExplorer(")


def test_the_fusion_explorer_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
    write_notebook(notebooks / "fusion.ipynb", *CELLS)
    open_notebook(page, lab, "fusion.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    said, twin = page.locator(".avt-said").first, page.locator(".avt-said").nth(1)

    # Keys on a fader move it, and not the notebook's selected cell.
    fader = page.get_by_label("picture noise").first
    fader.scroll_into_view_if_needed()
    for _ in range(30):
        before = page.locator(".avt-seen").first.evaluate(HASH)
        fader.press("ArrowRight")
        assert page.locator(".avt-seen").first.evaluate(HASH) != before
    assert page.evaluate("() => document.activeElement.type") == "range"
    page.get_by_label("sound noise").first.press("End")
    page.get_by_role("button", name="Conflict:").first.click()
    page.get_by_role("button", name="Other noise").first.click()
    assert said.inner_text().startswith("seen: 0, heard: 1 · ")

    # The other view of the same widget says so too, and Python computes the same.
    page.wait_for_function(
        "() => { const [one, two] = document.querySelectorAll('.avt-said');"
        " return one.innerText === two.innerText; }"
    )
    assert page.get_by_label("sound noise").nth(1).get_attribute("aria-valuetext") == "−20 dB"
    assert page.evaluate(ASK, "print(explorer.image_snr, explorer.audio_snr, explorer.seed)") == (
        "0 -20 1"
    )
    assert page.evaluate(ASK, "print(explorer._said(explorer.sensed()))") == said.inner_text()

    # What Python sets is seen, and what it may not set is refused.
    assert page.evaluate(ASK, "explorer.audio_snr = 31") == (
        "audio_snr must be from -20 to 30, got 31"
    )
    page.evaluate(ASK, "explorer.reset()\nexplorer.image_present = False")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.avt-said')].every("
        "(n) => n.innerText.startsWith('nothing seen, heard: 1 · '))"
    )
    assert fader.get_attribute("aria-valuetext") == "none"
    assert said.inner_text() == twin.inner_text()
    follow_the_theme(page)

    page.get_by_role("button", name="Play the sound").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_fusion_explorer_of_a_lesson(
    page: Page, lab: str, notebooks: Path, lesson: Path
) -> None:
    """Open the lesson, run all, hear another digit than is seen, in noise; all nets answer."""
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=240) == []
    root = page.locator(".avt:has(.avt-nets)").first
    root.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.avt')?.explorer?.width > 0")
    root.get_by_role("button", name="No noise").click()
    said = root.locator(".avt-said")
    assert said.inner_text().startswith("seen and heard: ")
    rows = root.locator(".avt-net:not(.avt-head)").count()
    assert rows >= 4
    assert f"of {rows} " in said.inner_text()
    root.get_by_role("button", name="Conflict:").click()
    assert "with the picture" in said.inner_text()
    for label in ("picture noise", "sound noise"):
        before = root.locator(".avt-says").all_inner_texts(), said.inner_text()
        shown = root.locator(".avt-picture").all()
        hashes = [canvas.evaluate(HASH) for canvas in shown]
        root.get_by_label(label).press("End")
        assert [canvas.evaluate(HASH) for canvas in shown] != hashes
        assert (root.locator(".avt-says").all_inner_texts(), said.inner_text()) != before, label
    assert page.evaluate(f"() => {FACE}.answers.every((one) => one.every(Number.isFinite))")
    root.get_by_role("button", name="Play").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    assert errors_of(page) == []
