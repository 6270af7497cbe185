"""The widgets in JupyterLab: run all, move a slider, hear the clock go."""

from pathlib import Path

import nbformat
from playwright.sync_api import Page
from tests.browser.lab import open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, errors_of

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


def follow_the_theme(page: Page) -> None:
    """In the dark theme the text is light, and what is drawn follows."""
    read = "() => document.querySelector('.avt').explorer.theme"
    light = page.evaluate(read)
    # JupyterLab covers itself while it changes, and takes the cover away 0.2 s later. Two covers
    # at a time are one node, and the second removal is an error of its own.
    uncovered = "() => document.getElementById('jupyterlab-splash') === null"
    change = "(name) => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    page.evaluate(change, "JupyterLab Dark")
    page.wait_for_function(
        f"(light) => ['text', 'ground', 'wave', 'fill'].every((n) => ({read})()[n] !== light[n])",
        arg=light,
    )
    page.wait_for_function(uncovered)
    page.evaluate(change, "JupyterLab Light")
    page.wait_for_function(f"(light) => ({read})().wave === light.wave", arg=light)
    page.wait_for_function(uncovered)


def test_widgets_in_a_notebook(page: Page, lab: str, notebooks: Path) -> None:
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

    follow_the_theme(page)

    # A cleared output leaves nothing behind that plays.
    page.get_by_role("button", name="Play from").first.click()
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []
