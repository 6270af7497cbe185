"""The page and the package find the same points, neighbours and drawings between two items."""

import base64
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.widgets import joined
from avtutor.widgets.joined import SENSES, SPACES, JointNets, Space, space_of
from avtutor.widgets.joint_weights import pack_joint
from playwright.sync_api import Page
from tests.browser import joints
from tests.browser.test_compute import load, unpack

NAMES = "JointNetworks, pack"
ASK = """
window.give = ([given, weights, shapes]) => {
  const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
  window.nets = new inner.JointNetworks(given, new DataView(bytes.buffer), shapes);
};
window.ask = (asked) => {
  const { point, place, path, asked: sense, distances, order, drawn, read } = nets.at(asked);
  return { point: inner.pack(point), place, path, sense, distances: inner.pack(distances),
    order: [...order], audio: inner.pack(drawn.audio), image: inner.pack(drawn.image),
    read: { audio: [...read.audio], image: [...read.image] } };
};
"""
TOLERANCE = 2e-4
"""Of numbers about 1: batch norm is rounded to float32 on its way to the page."""


class Case:
    """Nets and items, in the page and in Python."""

    def __init__(self, page: Page, *, met: Any, drawing: Any, spaces: dict[str, Space]) -> None:
        self.page, self.spaces = page, spaces
        self.nets = JointNets(met, drawing)
        load(page, "joint_map", NAMES)
        page.add_script_tag(content=ASK)
        given, weights = pack_joint(met, drawing, spaces)
        shapes = {
            sense: list(self.nets.draw(sense, spaces["autoencoder"].centre).shape)
            for sense in SENSES
        }
        page.evaluate("(all) => give(all)", [given, base64.b64encode(weights).decode(), shapes])

    def compare(self, asked: dict[str, Any]) -> joined.Joined:
        """Hold page and package equal for one setting; return what the package says."""
        told = {
            **asked,
            **{end: dict(zip(("sense", "pair"), asked[end], strict=True))
               for end in ("first", "second")},
            "firstDirection": asked.get("first_direction", 0),
        }  # fmt: skip
        got = self.page.evaluate("(asked) => ask(asked)", told)
        expected = joined.compute(self.spaces, self.nets, **asked)
        assert got["sense"] == expected.asked, asked
        for name, scale in (("point", 1.0), ("distances", 1.0)):
            error = np.abs(unpack(got[name]) - getattr(expected, name)).max()
            assert error < 1e-9 * scale, (name, asked, error)
        assert np.abs(np.array(got["place"]) - expected.place).max() < 1e-9, asked
        assert np.abs(np.array(got["path"]) - expected.path).max() < 1e-9, asked
        self.same_order(got["order"], expected.order, expected.distances, 1e-9)
        met = self.spaces["towers"].vectors
        for number, sense in enumerate(SENSES):
            values = expected.drawn[sense]
            error = np.abs(unpack(got[sense]) - values.ravel()).max()
            assert error < TOLERANCE * max(1.0, np.abs(values).max()), (sense, asked, error)
            embedding = self.nets.embed(sense, values)
            distances = joined.distances_from(met[1 - number], embedding)
            self.same_order(got["read"][sense], expected.read[sense], distances, TOLERANCE)
        return expected

    @staticmethod
    def same_order(
        got: list[int], expected: np.ndarray, distances: np.ndarray, slack: float
    ) -> None:
        """Orders agree, but for neighbours whose distances are as good as equal."""
        assert sorted(got) == list(range(len(expected)))
        assert np.abs(distances[got] - distances[expected]).max() <= slack


def case(page: Page, n: int = 6, *, again: int = 2, **changes: Any) -> Case:
    met, drawing = joints.towers(**changes), joints.autoencoder()
    inputs = joints.inputs(*joints.pairs(n, again=again))
    return Case(page, met=met, drawing=drawing, spaces=joints.spaces(met, drawing, inputs))


@pytest.mark.parametrize("space", SPACES)
def test_every_item_and_every_share(page: Page, space: str) -> None:
    asked = case(page)
    n = 12
    nearest = set()
    for sense in SENSES:
        for pair in range(n):
            base = {"space": space, "first": (sense, pair), "second": ("image", (pair + 5) % n)}
            found = asked.compare({**base, "share": 0})
            assert found.asked == joined.other(sense)
            nearest.add(int(found.order[0]))
            asked.compare({**base, "share": 100})
    assert len(nearest) > 1  # there was something to compare
    for first, second in ((("audio", 3), ("audio", 9)), (("audio", 2), ("image", 2))):
        places = set()
        for share in range(101):
            found = asked.compare(
                {"space": space, "first": first, "second": second, "share": share}
            )
            places.add(tuple(found.place.round(9)))
        assert len(places) == 101
    for first_direction in (0, 2, 4):
        asked.compare(
            {"space": space, "first": ("image", 0), "second": ("audio", 7), "share": 37,
             "first_direction": first_direction}
        )  # fmt: skip


def test_an_item_with_itself_and_opposite_ends(page: Page) -> None:
    """Where nothing lies between, there are numbers all the same."""
    met, drawing = joints.towers(size=4), joints.autoencoder(size=4)
    g = torch.Generator().manual_seed(3)
    vectors = torch.nn.functional.normalize(torch.randn(2, 5, 4, generator=g), dim=2)
    vectors[1, 0] = -vectors[0, 0]
    vectors[1, 3] = vectors[1, 4]  # equally far: the first comes first
    given = {
        "towers": space_of(vectors, unit=True),
        "autoencoder": space_of(3 * vectors, unit=False),
    }
    asked = Case(page, met=met, drawing=drawing, spaces=given)
    for space in SPACES:
        for first, second in ((("audio", 0), ("image", 0)), (("audio", 1), ("audio", 1))):
            for share in (0, 49, 50, 51, 100):
                found = asked.compare(
                    {"space": space, "first": first, "second": second, "share": share}
                )
                assert np.isfinite(found.place).all() and np.isfinite(found.distances).all()
                order = found.order.tolist()
                if found.asked == "image":
                    assert order.index(3) + 1 == order.index(4)


@pytest.mark.parametrize("hidden", [0, 24])
def test_other_sizes(page: Page, hidden: int) -> None:
    """Larger inputs, another length of the embeddings, towers with a hidden layer."""
    shapes = {"audio": (26, 33), "image": (1, 11, 9)}
    met = joints.towers(shapes=shapes, size=7, hidden=hidden)
    drawing = joints.autoencoder(shapes=shapes, size=9)
    g = torch.Generator().manual_seed(5)
    given = {
        "audio": -60 * torch.rand(6, 26, 33, generator=g),
        "image": torch.rand(6, 1, 11, 9, generator=g),
    }
    asked = Case(page, met=met, drawing=drawing, spaces=joints.spaces(met, drawing, given))
    for space in SPACES:
        for share in (0, 33, 100):
            asked.compare(
                {"space": space, "first": ("audio", 0), "second": ("image", 4), "share": share}
            )


def test_one_pair_is_enough(page: Page) -> None:
    asked = case(page, 1, again=1)
    for space in SPACES:
        found = asked.compare(
            {"space": space, "first": ("audio", 0), "second": ("image", 0), "share": 50}
        )
        assert found.order.tolist() == [0]
