"""The weights that ship: whole, small, of the network that they name, and described as measured."""

import json
from pathlib import Path

import pytest
import torch

from avtutor.datasets import stack, voices, windows
from avtutor.models import ConvSettings, LanguageCNN, LanguageCNNConfig
from avtutor.models.language_input import language_features
from avtutor.training import read_checkpoint

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "avtutor/models/weights/language.safetensors"
TABLE = json.loads((ROOT / "experiments/09_shipped.json").read_text(encoding="utf-8"))["result"]


@pytest.fixture(scope="module")
def model() -> LanguageCNN:
    tensors, facts = read_checkpoint(WEIGHTS)
    settings = dict(facts["config"])
    settings["convs"] = tuple(ConvSettings(**conv) for conv in settings["convs"])
    settings["dense"] = tuple(settings["dense"])
    found = LanguageCNN(LanguageCNNConfig(**settings))
    found.load_state_dict(tensors)
    return found.eval()


def test_the_file_is_small_and_says_what_the_table_says() -> None:
    _, facts = read_checkpoint(WEIGHTS)
    assert WEIGHTS.stat().st_size <= 5_000_000
    assert facts == {name: TABLE[name] for name in facts}


@pytest.mark.parametrize(("language", "column"), [("en", 0), ("es", 1)])
def test_it_names_a_voice_that_it_was_trained_on(
    model: LanguageCNN, language: str, column: int
) -> None:
    said = windows(voices(language=language, speaker="allison", part="test"), seconds=8.0)
    right = 0
    for samples in stack(said[:6]):
        features = language_features(samples, 16000)
        with torch.no_grad():
            logits = model(features[None], torch.tensor([features.shape[1]]))
        right += int(logits[0, :2].argmax()) == column
    assert right >= 5


def test_the_card_states_the_numbers_of_the_table() -> None:
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    for kind, row in TABLE["means"].items():
        line = next(line for line in card.splitlines() if line.startswith(f"| {kind} |"))
        cells = [cell.strip() for cell in line.split("|")[2:-1]]
        assert cells[0] == str(row["voices"])
        assert cells[1] == f"{row['answered']:.2f}"
        if "answered and wrong" in row:
            assert cells[2:] == [
                f"{row['told from the other']:.2f}",
                f"{row['answered and wrong']:.2f}",
            ]
    assert f"temperature {TABLE['temperature']:g}" in card
    assert f"threshold {TABLE['threshold']:.4f}" in card
