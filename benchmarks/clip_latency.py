"""From the key press on the slider of the clip player to the first frame with other curves.

Measured in JupyterLab as in `widget_latency`, for a clip of 6 s with pictures of 96 lines.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from benchmarks.table import Row, at_most
from benchmarks.widget_latency import in_lab, p95, press

CELL = """
import sys
sys.path.insert(0, ROOT)
from tests.browser.clips import hits
from avtutor.widgets import ClipPlayer
ClipPlayer(hits(0.16, seconds=6.0, height=96, width=128))
"""
PROBES = """() => {
  const curves = () => {
    const canvas = document.querySelector('canvas.avt-base');
    const { data } = canvas.getContext('2d').getImageData(0, 60, canvas.width, 300);
    return [new Uint32Array(data.buffer).reduce((hash, pixel) => (Math.imul(hash, 31) + pixel) | 0, 0)];
  };
  window.probes = { 0: curves };
}"""


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with its cell run."""
    page.wait_for_function("() => document.querySelector('.avt')?.explorer?.frames?.bitmap")
    page.evaluate(PROBES)
    first, _ = press(page, page.get_by_label("shift of the sound"), 0, 40)
    median = 1000 * statistics.median(first)
    return [
        at_most("shift of the sound to curves: median", median, 17, "ms"),
        at_most("shift of the sound to curves: 95 %", 1000 * p95(first), 33, "ms"),
    ]


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    return in_lab((CELL,), measure)
