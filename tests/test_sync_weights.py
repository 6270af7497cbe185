"""The towers that ship: small, of the network that they name, and described as measured."""

import json
from pathlib import Path

from avtutor.sync import load_sync_model
from avtutor.training import read_checkpoint

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "avtutor/models/weights/sync.safetensors"
TABLE = json.loads((ROOT / "experiments/17_shipped.json").read_text(encoding="utf-8"))["result"]


def test_the_file_is_small_and_says_what_the_table_says() -> None:
    _, facts = read_checkpoint(WEIGHTS)
    assert WEIGHTS.stat().st_size <= 2_000_000
    assert facts == {name: TABLE[name] for name in facts}
    assert facts["model"] == "SyncTowers"
    assert list(load_sync_model(WEIGHTS).weights) == facts["confidence"]


COLUMNS = (
    ("towers, within 40 ms", 2),
    ("by hand, within 40 ms", 2),
    ("towers, median error in ms", 1),
    ("by hand, median error in ms", 1),
    ("towers, sure", 2),
    ("towers, right when sure", 2),
    ("towers, sure of another's sound", 2),
)
"""Of the card, in their order, with the places after the point."""


def test_the_card_states_the_numbers_of_the_table() -> None:
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    for kind, row in TABLE["kinds"].items():
        assert {name for name, _ in COLUMNS} == set(row)
        line = next(line for line in card.splitlines() if line.startswith(f"| {kind} |"))
        cells = [cell.strip() for cell in line.split("|")[2:-1]]
        due = ["" if row[name] is None else f"{row[name]:.{n}f}" for name, n in COLUMNS]
        assert cells == due, kind
    for name, row in TABLE["real clips"].items():
        said = (
            f"`{name}`: {row['clips']} windows and shifts, within two pictures {row['right']:.2f}"
        )
        assert f"{said}, sure {row['sure']:.2f}" in card
