"""The loop computes what it computed when the stored tables were made."""

import json

import pytest

from tests.golden import make_training

GOLDEN = json.loads((make_training.HERE / "training.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def now() -> dict[str, dict[str, object]]:
    return make_training.values()


@pytest.mark.parametrize("name", make_training.RUNS)
def test_the_loop_computes_the_golden_values(name: str, now: dict[str, dict[str, object]]) -> None:
    """Float64, so that processors differ far below the tolerance."""
    found, kept = now[name], GOLDEN[name]
    assert (found["best"], found["ending"]) == (kept["best"], kept["ending"])
    for what in ("train", "valid", "weights"):
        assert found[what] == pytest.approx(kept[what], abs=1e-6), what
