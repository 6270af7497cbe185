"""Every lesson that has a widget, as its learner meets it: in JupyterLab."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.lab import lessons_with, open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, errors_of

ELSEWHERE = lessons_with("FusionExplorer(")
"""Run by `test_fusion_lab`: once is enough."""
LESSONS = [lesson for lesson in lessons_with("Explorer(") if lesson not in ELSEWHERE]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lessons_with_widgets(page: Page, lab: str, notebooks: Path, lesson: Path) -> None:
    """Open the lesson, run all, move a slider by its keys, play."""
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=240) == []
    root = page.locator(".avt").first
    root.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.avt')?.explorer?.width > 0")
    canvas = root.locator(".avt-picture, canvas.avt-base").last
    # One of each kind of explorer.
    labels = ("n_fft", "bits", "shift in time")
    label = next(label for label in labels if root.get_by_label(label, exact=True).count())
    before = canvas.evaluate(HASH)
    root.get_by_label(label, exact=True).press("ArrowLeft")
    assert canvas.evaluate(HASH) != before
    root.get_by_role("button", name="Play").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    assert errors_of(page) == []
