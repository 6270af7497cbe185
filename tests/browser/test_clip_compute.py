"""The clip player in the page finds the match that avtutor.sync finds."""

import numpy as np
import pytest
import torch
from avtutor.sync import Curve
from avtutor.widgets import aligned
from playwright.sync_api import Page
from tests.browser.test_compute import load, pack, unpack

NAMES = "alignCurves, matchAt, SHIFT_STOPS, unpack, pack"
ALIGN = """(cases) => cases.map((texts) => {
  const [a, b, c, d] = texts.map(inner.unpack);
  const found = inner.alignCurves({ times: a, values: b }, { times: c, values: d });
  const at = inner.SHIFT_STOPS.map((shift) => inner.matchAt(found, shift));
  return { shifts: found.shifts, match: inner.pack(found.match), best: found.best, at };
})"""


def curve(start: float, step: float, count: int, seed: int, kind: str = "noise") -> Curve:
    """Return a curve of some sort: steps of 1 ± 0.6 times `step`, or even ones for 0.0."""
    generator = torch.Generator().manual_seed(seed)
    uneven = 0.6 if seed % 2 else 0.0
    steps = step * (1 + uneven * (2 * torch.rand(count, generator=generator).double() - 1))
    times = start + torch.cumsum(steps, 0)
    values = torch.rand(count, generator=generator).double()
    if kind == "sparse":
        values = (values > 0.9).double() * values
    if kind == "level":
        values = torch.full_like(values, 0.4)
    if kind == "single":
        values = (torch.arange(count) == count // 2).double()
    if kind == "ends":
        values = (torch.arange(count) % (count - 1) == 0).double()
    return Curve(times, values)


def cases() -> list[tuple[Curve, Curve]]:
    pairs = []
    kinds = ("noise", "sparse", "level", "single", "ends")
    for number, kind in enumerate(kinds):
        for other in kinds:
            pairs.append((curve(0.0, 0.04, 75, number, kind), curve(0.0, 0.005, 600, 9, other)))
    for seed in range(6):
        pairs.append((curve(0.0, 1 / 29.97, 60, seed), curve(0.31, 0.0053, 300, seed + 1)))
        pairs.append((curve(100.0, 0.2, 12, seed), curve(99.2, 0.01, 300, seed + 1, "sparse")))
    for late in (-0.5, -0.16, 0.0, 0.023, 0.5, 0.61):  # one of them beyond what is tried
        sparse = curve(3.0, 0.01, 400, 8, "sparse")
        pairs.append((sparse, sparse.moved(late)))
    return pairs


def test_the_page_finds_the_same_match(page: Page) -> None:
    load(page, "clip_player", NAMES)
    pairs = cases()
    packed = [
        [pack(part.numpy()) for c in pair for part in (c.times, c.values.double())]
        for pair in pairs
    ]
    bests = []
    for (picture, sound), got in zip(pairs, page.evaluate(ALIGN, packed), strict=True):
        expected = aligned.compute(picture, sound)
        assert got["shifts"] == expected.shifts.tolist()
        assert np.abs(unpack(got["match"]) - expected.match).max() < 1e-6
        assert got["at"] == pytest.approx([expected.at(int(ms)) for ms in got["shifts"]], abs=1e-6)
        if expected.best is None:
            assert got["best"] is None
        else:
            assert got["best"] == pytest.approx(expected.best, abs=1e-3)
        bests.append(expected.best)
    assert None in bests and len(set(bests)) > 20  # there was something to compare
    assert bests[-6:-1] == pytest.approx([500, 160, 0, -23, -500], abs=2)


def test_means_over_steps_are_those_of_the_package(page: Page) -> None:
    load(page, "clip_player", "onGrid, unpack, pack")
    for seed, (start, step, count) in enumerate(
        [(0.0, 0.04, 75), (5.003, 0.0021, 700), (-1.0, 0.13, 9), (0.2, 0.01, 2)]
    ):
        given = curve(start, step, count, seed + 1)
        origin = given.start - 0.0137
        got = page.evaluate(
            """([times, values, origin]) => {
              const { first, means } = inner.onGrid(
                { times: inner.unpack(times), values: inner.unpack(values) }, origin);
              return [first, inner.pack(means)];
            }""",
            [pack(given.times.numpy()), pack(given.values.numpy()), origin],
        )
        means = unpack(got[1])
        edges = origin + 0.01 * (got[0] + torch.arange(len(means) + 1).double() - 0.5)
        assert means == pytest.approx(given.means(edges).numpy(), abs=1e-9)
        centres = (edges[1:] + edges[:-1]) / 2
        assert given.start - 1e-6 <= centres[0] < given.start + 0.01
        assert given.end - 0.01 < centres[-1] <= given.end + 1e-6
