"""From the key press on the map of a joint space to the first frame with other pixels.

The JointMap in JupyterLab, with sixty pairs and nets of the sizes of lesson 15. The fader between
two items moves the point on the map and both drawings; an arrow key on the map goes to the next
item. The clock is that of `widget_latency`; the frame that counts is the first in which map *and*
drawings have changed.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from benchmarks.table import Row, at_most, duration
from benchmarks.widget_latency import in_lab, p95, press

FORWARD_RUNS = 60
MAP = """
import sys, time, statistics
sys.path.insert(0, ROOT)
from avtutor.widgets import JointMap
from tests.browser.joints import DIGITS, FRONT, autoencoder, pairs, towers
pictures, sounds = pairs(10, again=6)
joint = JointMap(pictures, sounds, towers(), autoencoder(hidden=128), FRONT, classes=DIGITS)
joint.share = 40
joint
"""
TORCH = """
def work(runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        joint.joined()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)

print(work(RUNS))
"""
PROBES = """() => {
  const root = document.querySelector('.avt');
  const hashOf = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Uint32Array(data.buffer).reduce((h, pixel) => (Math.imul(h, 31) + pixel) | 0, 0);
  };
  const drawn = [...root.querySelectorAll('canvas.avt-view')].slice(2, 4);
  const map = root.querySelector('canvas.avt-overlay');
  window.probes = { 0: () => [map, ...drawn].map(hashOf) };
}"""
MIDDLE = """() => {
  const face = document.querySelector('.avt').explorer;
  const { left, width, top, height } = face.scales;
  const off = (item) => Math.hypot(item.left - left - width / 2, item.top - top - height / 2);
  const first = face.items.reduce((best, item) => (off(item) < off(best) ? item : best)).key;
  face.change({ first });
}"""
WORK = """(runs) => {
  const face = document.querySelector('.avt').explorer;
  const times = Array.from({ length: runs }, (_, i) => {
    const start = performance.now();
    face.nets.at({ ...face.asked(), share: i });
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[runs >> 1];
}"""


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with all its cells run."""
    page.wait_for_selector(".avt-map")
    page.evaluate(PROBES)
    page.evaluate(MIDDLE)  # there are items on all sides of A
    page.wait_for_timeout(1500)  # the warm-up of the nets is over
    kernel = float(page.locator(".jp-OutputArea-output").last.inner_text())
    rows = []
    for name, label in (("fader", page.get_by_label("from A to B", exact=True)),
                        ("arrow key on the map", page.get_by_role("application"))):  # fmt: skip
        first, _ = press(page, label, 0, 40)
        what = f"joint map of 60 pairs, {name} to map and drawings"
        rows.append(at_most(f"{what}: median", 1000 * statistics.median(first), 17, "ms"))
        rows.append(at_most(f"{what}: 95 %", 1000 * p95(first), 33, "ms"))
    own = at_most(
        "joint map of 60 pairs, one point in the page: median",
        page.evaluate(WORK, FORWARD_RUNS),
        15,
        "ms",
    )
    other = f"in the kernel {duration(kernel)}"
    return [*rows, Row(own.name, own.ours, other, None, own.goal, own.met)]


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    return in_lab((f"RUNS = {FORWARD_RUNS}\n{MAP}", TORCH), measure)
