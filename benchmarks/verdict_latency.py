"""From the key press on a slider to the first frame with another picture *and* another verdict.

The VerdictExplorer in JupyterLab, with a network of the course's size. The clock is that of
`widget_latency`; the frame that counts is the first in which both have changed.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from benchmarks.table import Row, at_most, duration
from benchmarks.widget_latency import in_lab, p95, press

SIZES = ((40, 60), (64, 100))
"""Mel bands and frames."""
FORWARD_RUNS = 60
EXPLORERS = """
import sys, time, statistics
sys.path.insert(0, ROOT)
import torch
from avtutor.spectral import SpectrogramConfig
from avtutor.widgets import VerdictExplorer
from tests.browser.networks import untrained
from tests.browser.sounds import medley
digits = [str(digit) for digit in range(10)]
for bands, frames in SIZES:
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=bands)
    sound = medley(frames / 100 - 0.005, 8000)
    explorer = VerdictExplorer(sound, untrained(bands), config, classes=digits)
    assert explorer.verdict().levels.shape == (bands, frames)
    display(explorer)
"""
TORCH = """
def forward(bands, frames, runs):
    model, picture = untrained(bands), torch.zeros(1, bands, frames)
    seconds = []
    with torch.inference_mode():
        for _ in range(runs):
            start = time.perf_counter()
            model(picture)
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)

print(*(forward(bands, frames, RUNS) for bands, frames in SIZES))
"""
PROBES = """() => {
  const both = (i) => () => {
    const root = document.querySelectorAll('.avt')[i];
    const canvas = root.querySelector('.avt-picture');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    const hash = pixels.reduce((h, pixel) => (Math.imul(h, 31) + pixel) | 0, 0);
    const bars = [...root.querySelectorAll('.avt-bar')].map((bar) => bar.style.transform);
    return [hash, bars.join()];
  };
  window.probes = { 0: both(0), 1: both(1) };
}"""
FORWARD = """([i, runs]) => {
  const { network, levels } = document.querySelectorAll('.avt')[i].explorer;
  return Array.from({ length: runs }, () => {
    const start = performance.now();
    network.run(levels);
    return performance.now() - start;
  });
}"""


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with all its cells run."""
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    page.evaluate(PROBES)
    page.wait_for_timeout(1000)  # the warm-up of the network is over
    printed = page.locator(".jp-OutputArea-output").last.inner_text()
    torchs = [float(number) for number in printed.split()]
    sliders = page.get_by_label("shift in frequency", exact=True)
    rows = []
    for probe, (bands, frames) in enumerate(SIZES):
        name = f"{bands} x {frames}"
        first, _ = press(page, sliders.nth(probe), probe, 40)
        median = 1000 * statistics.median(first)
        rows.append(at_most(f"slider to picture and verdict, {name}: median", median, 17, "ms"))
        slow = 1000 * p95(first)
        rows.append(at_most(f"slider to picture and verdict, {name}: 95 %", slow, 33, "ms"))
        forward = statistics.median(page.evaluate(FORWARD, [probe, FORWARD_RUNS]))
        limit = at_most(f"the network in the page, {name}: median", forward, 15, "ms")
        other = f"torch in the kernel {duration(torchs[probe])}"
        rows.append(Row(limit.name, limit.ours, other, None, limit.goal, limit.met))
    return rows


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    sizes = f"SIZES, RUNS = {SIZES}, {FORWARD_RUNS}\n"
    return in_lab((sizes + EXPLORERS, TORCH), measure)
