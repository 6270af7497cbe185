"""From the key press to the first frame in which every drawing has other pixels.

HearAndSee in JupyterLab, with a flow of the size that lesson 16 has: calls of 1.6 s, pictures of
32 × 32 pixels in colour, four draws, 16 steps. The clock is that of `widget_latency`. The goals
are those of a fader, once its steps are drawn; other noise and another sound need the network
anew, and have none: what they take is said.
"""

from __future__ import annotations

import random
import statistics

from playwright.sync_api import Locator, Page

from benchmarks.table import Row, at_most, duration
from benchmarks.widget_latency import WATCH, in_lab, p95, press

RUNS = 30
EXPLORER = """
import sys, time, statistics
sys.path.insert(0, ROOT)
from avtutor.widgets import HearAndSee
from experiments.creatures import LED_CONFIG
from tests.browser.generators import CALLS, flow
from tests.browser.sounds import medley
rough = medley(3.0, 8000)
sounds = {str(n): rough.slice(0.2 * n, 0.2 * n + 1.6) for n in range(6)}
explorer = HearAndSee(flow(LED_CONFIG), sounds, CALLS)
explorer
"""
TORCH = """
def formed(runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        explorer.formed()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)

print(formed(RUNS))
"""
PROBE = """() => {
  const drawings = [...document.querySelectorAll('.avt-drawn')].slice(0, 4);
  const hash = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Uint32Array(data.buffer).reduce((h, pixel) => (Math.imul(h, 31) + pixel) | 0, 0);
  };
  window.probes = { 0: () => drawings.map(hash) };
}"""
WORK = """async (runs) => {
  const face = document.querySelector('.avt').explorer;
  const median = async (work) => {
    const times = [];
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[runs >> 1];
  };
  const rest = async () => {
    while (face.filling !== null) await new Promise((go) => setTimeout(go, 0));
  };
  await rest();
  return [
    await median(() => face.chooseSound()),
    await median(async () => { face.chooseSound(); await rest(); }),
  ];
}"""
READY = "() => document.querySelector('.avt').explorer.filling === null"


def pressed(page: Page, control: Locator, keys: tuple[str, str]) -> list[float]:
    """Return the seconds to other drawings of each press, one key and the other in turn."""
    first = []
    rest = random.Random(1)
    for number in range(RUNS + 2):
        page.wait_for_function(READY)
        control.focus()
        page.wait_for_timeout(rest.uniform(150, 250))  # at any moment between two frames
        page.evaluate(WATCH, 0)
        page.keyboard.press(keys[number % 2])
        changed, _ = page.evaluate("() => window.answer")
        if number >= 2:  # the first two are the compiler's
            first.append(changed / 1000)
    return first


def measure(page: Page) -> list[Row]:
    """Return the rows, from an open notebook with all its cells run."""
    page.wait_for_selector(".avt-tiles")
    page.evaluate(PROBE)
    page.wait_for_function(READY)
    kernel = float(page.locator(".jp-OutputArea-output").last.inner_text())
    step = page.get_by_label("step", exact=True)
    step.press("ArrowLeft")
    times, _ = press(page, step, 0, 40)
    name = "step fader to four drawings"
    rows = [
        at_most(f"{name}: median", 1000 * statistics.median(times), 17, "ms"),
        at_most(f"{name}: 95 %", 1000 * p95(times), 33, "ms"),
    ]
    for what, control, keys in (
        ("other noise", page.get_by_role("button", name="Draw again"), ("Enter", "Enter")),
        ("another sound", page.get_by_label("Sound", exact=True), ("ArrowDown", "ArrowUp")),
    ):
        times = pressed(page, control, keys)
        slow = f"95 %: {duration(p95(times))}"
        rows.append(Row(f"{what} to four drawings", duration(statistics.median(times)), slow))
    once, whole = page.evaluate(WORK, RUNS)
    rows.append(Row("a sound heard, four drawings of it, in the page", duration(once / 1000)))
    other = f"in the kernel {duration(kernel)}"
    rows.append(Row("the same at all 17 steps", duration(whole / 1000), other))
    return rows


def main() -> list[Row]:
    """Measure in a JupyterLab of its own."""
    return in_lab((EXPLORER, f"RUNS = {RUNS}\n{TORCH}"), measure)
