"""From the key press on a slider to the first frame with other pixels, in JupyterLab.

The same sound, the same slider and the same part on the screen, once in the SpectrogramExplorer
and once as `ipywidgets.interact` around matplotlib. The clock is the browser's own: from the time
stamp of the key event to the start of the first animation frame in which the picture differs.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page
from tests.browser.lab import find_browser, open_browser, open_notebook, run_all, serve_lab

from benchmarks.table import Row, at_most, duration, faster

ROOT = Path(__file__).resolve().parents[1]
SOUND = """
import sys
sys.path.insert(0, ROOT)
from tests.browser.sounds import medley
from avtutor.widgets import SpectrogramExplorer
sound = medley(30.0, 16000)
"""
EXPLORERS = """
for n_fft in (512, 1024, 4096):
    display(SpectrogramExplorer(sound, n_fft=n_fft, win_length=n_fft // 2, top_db=30))
"""
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import SelectionSlider, interact
from avtutor.spectral import SpectrogramConfig, power
from avtutor.units import power_to_db
shown = sound.slice(0.0, 3.0).samples[0]

@interact(win_length=SelectionSlider(options=[192, 256, 384, 512], value=256))
def show(win_length):
    config = SpectrogramConfig(sample_rate=16000, n_fft=512, win_length=win_length)
    figure, ax = plt.subplots(figsize=(9.6, 3))
    ax.imshow(power_to_db(power(shown, config)), origin="lower", aspect="auto", vmin=-50, vmax=30)
    plt.show()
"""
WATCH = """(probe) => {
  window.answer = new Promise((resolve) => {
    const state = window.probes[probe];
    const before = state();
    const changed = () => state().every((part, i) => part !== before[i]);
    let pressed = null, first = null;
    addEventListener('keydown', (event) => { pressed = event.timeStamp; }, { capture: true, once: true });
    const look = () => {
      const now = performance.now();
      if (pressed !== null && first === null && changed()) first = now - pressed;
      const busy = probe >= 0 && document.querySelectorAll('.avt')[probe].explorer.working;
      if (first !== null && !busy) resolve([first, now - pressed]);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}"""
PROBES = """() => {
  const strip = (i) => () => {
    const canvas = document.querySelectorAll('.avt-picture')[i];
    const rows = canvas.getContext('2d').getImageData(0, canvas.height >> 1, canvas.width, 4).data;
    return [new Uint32Array(rows.buffer).reduce((hash, pixel) => (Math.imul(hash, 31) + pixel) | 0, 0)];
  };
  const image = () => {
    const img = document.querySelector('.widget-interact img');
    return img && img.complete && img.naturalWidth > 0 ? img.src : window.lastImage;
  };
  window.probes = { 0: strip(0), 1: strip(1), 2: strip(2), [-1]: () => [window.lastImage = image()] };
}"""


def press(page: Page, slider: Locator, probe: int, times: int) -> tuple[list[float], list[float]]:
    """Return, for each key press, the seconds to the first change and to the whole picture."""
    first, whole = [], []
    rest = random.Random(1)
    slider.scroll_into_view_if_needed()
    slider.focus()
    for number in range(times + 2):
        page.wait_for_timeout(rest.uniform(150, 250))  # at any moment between two frames
        page.evaluate(WATCH, probe)
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        changed, done = page.evaluate("() => window.answer")
        if number >= 2:  # the first two are the compiler's
            first.append(changed / 1000)
            whole.append(done / 1000)
    return first, whole


def p95(values: list[float]) -> float:
    """Return the value that 95 % stay below."""
    return statistics.quantiles(values, n=20)[-1]


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with all its cells run."""
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 3")
    page.wait_for_selector(".widget-interact img")
    page.evaluate(PROBES)
    sliders = page.get_by_label("win_length", exact=True)
    rows, ours = [], []
    for probe, n_fft in enumerate((512, 1024, 4096)):
        first, whole = press(page, sliders.nth(probe), probe, 40)
        name = f"slider to picture, n_fft {n_fft}"
        median = 1000 * statistics.median(first)
        rows.append(at_most(f"{name}: median", median, 17, "ms"))
        rows.append(at_most(f"{name}: 95 %", 1000 * p95(first), 33, "ms"))
        if n_fft > 1024:
            rows.append(at_most(f"{name}: whole, 95 %", 1000 * p95(whole), 100, "ms"))
        ours.append(statistics.median(first))
    interact = page.locator(".widget-interact .noUi-handle, .widget-interact [role=slider]").first
    theirs, _ = press(page, interact, -1, 15)
    other = f"interact (95 %: {duration(p95(theirs))})"
    return [
        *rows,
        faster("slider to picture, n_fft 512", seconds=ours[0], other=other,
               other_seconds=statistics.median(theirs), at_least=10),
    ]  # fmt: skip


def in_lab(cells: Sequence[str], measured: Callable[[Page], list[Row]]) -> list[Row]:
    """Run the cells in a JupyterLab of its own, and return the rows measured on its page."""
    if find_browser() is None:
        raise RuntimeError("no Chromium or Chrome found: install one, or name it in AVTUTOR_BROWSER")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "notebooks").mkdir()
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        for cell in cells:
            text = cell.replace("ROOT", repr(str(ROOT))).strip()
            notebook.cells.append(nbformat.v4.new_code_cell(text))
        nbformat.write(notebook, home / "notebooks" / "latency.ipynb")
        with serve_lab(home / "notebooks", home) as address, open_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            open_notebook(page, address, "latency.ipynb")
            errors = run_all(page)
            if errors:
                raise RuntimeError(f"the notebook failed: {errors}")
            return measured(page)


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    return in_lab((SOUND, EXPLORERS, INTERACT), measure)
