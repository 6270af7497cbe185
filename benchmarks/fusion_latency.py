"""From the key press on a fader to the first frame with other pixels *and* other verdicts.

The FusionExplorer in JupyterLab, with ten nets of the course's size: seven fusions, the sound and
the picture alone, and the two of them averaged. The clock is that of `widget_latency`; the frame
that counts is the first in which both have changed.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from benchmarks.table import Row, at_most, duration
from benchmarks.widget_latency import in_lab, p95, press

FADERS = ("picture noise", "sound noise")
FORWARD_RUNS = 60
EXPLORER = """
import sys, time, statistics
sys.path.insert(0, ROOT)
import torch
from avtutor.augment.senses import FRONT
from avtutor.widgets import FusionExplorer, fused
from tests.browser.fusions import nets
from tests.browser.sounds import medley
digits = [str(digit) for digit in range(10)]
pictures = {digit: torch.rand(8, 8) ** 2 for digit in digits}
sounds = {digit: medley(0.8, 8000) for digit in digits}
explorer = FusionExplorer(pictures, sounds, nets(), FRONT, classes=digits)
explorer.image_snr = explorer.audio_snr = 3
explorer
"""
TORCH = """
def forward(runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        explorer.sensed()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)

print(len(nets()), forward(RUNS))
"""
PROBES = """() => {
  const root = document.querySelector('.avt');
  const changed = (which) => () => {
    const canvas = root.querySelectorAll('.avt-picture')[which];
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    const hash = pixels.reduce((h, pixel) => (Math.imul(h, 31) + pixel) | 0, 0);
    return [hash, [...root.querySelectorAll('.avt-tall')].map((bar) => bar.style.transform).join()];
  };
  // `press` asks the widget of the probe's number whether it is still working: there is one.
  window.probes = { 0: () => window.probe() };
  window.watch = (which) => { window.probe = changed(which); };
}"""
WORK = """(runs) => {
  const face = document.querySelector('.avt').explorer;
  const median = (work) => {
    const times = Array.from({ length: runs }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }).sort((a, b) => a - b);
    return times[runs >> 1];
  };
  const both = { audio: true, image: true };
  return [median(() => { face.look(); face.nets.answers(both); }),
    median(() => { face.listen(); face.nets.answers(both); })];
}"""


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with all its cells run."""
    page.wait_for_selector(".avt-nets")
    page.evaluate(PROBES)
    page.wait_for_timeout(1500)  # the warm-up of the nets is over
    printed = page.locator(".jp-OutputArea-output").last.inner_text()
    n_nets, kernel = printed.split()
    rows = []
    work = page.evaluate(WORK, FORWARD_RUNS)
    for which, name in enumerate(FADERS):
        page.evaluate("(which) => watch(which)", which)
        first, _ = press(page, page.get_by_label(name, exact=True), 0, 40)
        median = 1000 * statistics.median(first)
        rows.append(at_most(f"{name} to picture and {n_nets} verdicts: median", median, 17, "ms"))
        slow = 1000 * p95(first)
        rows.append(at_most(f"{name} to picture and {n_nets} verdicts: 95 %", slow, 33, "ms"))
        limit = at_most(f"{name}, {n_nets} nets in the page: median", work[which], 15, "ms")
        other = f"both senses in the kernel {duration(float(kernel))}"
        rows.append(Row(limit.name, limit.ours, other, None, limit.goal, limit.met))
    return rows


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    return in_lab((f"RUNS = {FORWARD_RUNS}\n{EXPLORER}", TORCH), measure)
