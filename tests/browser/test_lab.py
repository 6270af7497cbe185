"""The widgets in JupyterLab: run all, move a slider, hear the clock go."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page
from tests.browser.lab import open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, errors_of

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
CELLS = (
    """
    import sys
    from avtutor.widgets import SamplingExplorer, SpectrogramExplorer
    from tests.browser.sounds import medley
    explorer = SpectrogramExplorer({"one": medley(4.0, 16000), "two": medley(2.0, 22050)})
    explorer
    """,
    "SamplingExplorer(frequency=5000.0, keep_every=6)",
    "explorer",
)


def write_notebook(path: Path, *cells: str) -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for cell in cells:
        text = "\n".join(line.strip() for line in cell.strip().splitlines())
        notebook.cells.append(nbformat.v4.new_code_cell(text))
    nbformat.write(notebook, path)


def test_widgets_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
    (notebooks / "tests").symlink_to(ROOT / "tests")
    write_notebook(notebooks / "widgets.ipynb", *CELLS)
    open_notebook(page, lab, "widgets.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 3")

    # A key on a slider: the pixels change, the notebook does not move to another cell.
    slider = page.get_by_label("n_fft", exact=True).first
    slider.scroll_into_view_if_needed()
    before = page.locator(".avt-picture").first.evaluate(HASH)
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "1024 · 64.0 ms"
    assert page.locator(".avt-picture").first.evaluate(HASH) != before

    # The same widget shown twice moves in both places, and Python knows.
    twin = page.get_by_label("n_fft", exact=True).nth(1)
    assert twin.get_attribute("aria-valuetext") == "1024 · 64.0 ms"
    heard = page.evaluate(
        """async () => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          await new Promise((go) => setTimeout(go, 500));
          let text = '';
          const ask = kernel.requestExecute({ code: 'print(explorer.n_fft)\\nexplorer.n_fft = 256' });
          ask.onIOPub = (message) => { text += message.content.text ?? ''; };
          await ask.done;
          return text;
        }"""
    )
    assert heard.strip() == "1024"
    page.wait_for_function(
        "() => [...document.querySelectorAll('.avt')].filter((root) => root.explorer.picture)"
        ".every((root) => root.explorer.resolved().nFft === 256)"
    )

    page.get_by_role("button", name="Play from").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.3")

    # Arrow keys and space on the figure stay in the figure.
    figure = page.locator(".avt-figure").first
    reading = page.locator(".avt-reading").first.inner_text()
    figure.press("ArrowUp")
    assert page.locator(".avt-reading").first.inner_text() != reading
    figure.press("Space")
    assert page.evaluate("() => document.querySelector('.avt').explorer.player.playing") is False

    # A cleared output leaves nothing behind that plays.
    page.get_by_role("button", name="Play from").first.click()
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []


def test_both_themes(page: Page, lab: str, notebooks: Path) -> None:
    """In the dark theme the text is light, and what is drawn follows."""
    write_notebook(notebooks / "themes.ipynb", CELLS[0].replace("tests.browser.sounds", "sounds_"))
    (notebooks / "sounds_.py").write_text((ROOT / "tests/browser/sounds.py").read_text())
    open_notebook(page, lab, "themes.ipynb")
    assert run_all(page) == []
    page.wait_for_selector(".avt-picture")
    read = "() => document.querySelector('.avt').explorer.theme"
    light = page.evaluate(read)
    change = "(name) => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    page.evaluate(change, "JupyterLab Dark")
    page.wait_for_function(f"(before) => ({read})().ground !== before", arg=light["ground"])
    dark = page.evaluate(read)
    page.evaluate(change, "JupyterLab Light")
    assert {name for name in light if light[name] != dark[name]} >= {"text", "ground", "wave", "fill"}
    assert errors_of(page) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lessons_with_widgets(page: Page, lab: str, notebooks: Path, lesson: Path) -> None:
    """Open the lesson, run all, move a slider by its keys, play."""
    if "Explorer(" not in lesson.read_text(encoding="utf-8"):
        pytest.skip("no widget in this lesson")
    (notebooks / lesson.name).write_bytes(lesson.read_bytes())
    open_notebook(page, lab, lesson.name)
    assert run_all(page, seconds=240) == []
    root = page.locator(".avt").first
    root.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.avt')?.explorer?.width > 0")
    canvas = root.locator(".avt-picture, canvas.avt-base").last
    slider = root.get_by_label("n_fft", exact=True).or_(root.get_by_label("bits", exact=True))
    before = canvas.evaluate(HASH)
    slider.press("ArrowLeft")
    assert canvas.evaluate(HASH) != before
    root.get_by_role("button", name="Play").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    assert errors_of(page) == []
