"""Trained models by name and from files, and that asking for one is what loads it."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import avtutor
from avtutor.language import LanguageModel
from avtutor.sync import SyncModel
from avtutor.training import write_checkpoint


def test_by_name_and_from_a_file_it_is_the_same_model() -> None:
    from avtutor.language import WEIGHTS

    named, read = avtutor.load_model("language"), avtutor.load_model(WEIGHTS)
    assert isinstance(named, LanguageModel) and isinstance(read, LanguageModel)
    pairs = zip(named.network.parameters(), read.network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    assert not named.network.training


def test_the_towers_have_a_name_too() -> None:
    named = avtutor.load_model("sync")
    assert isinstance(named, SyncModel)
    assert not named.towers.training


def test_the_package_loads_it_when_it_is_asked_for() -> None:
    code = (
        "import sys, avtutor; before = 'avtutor.loading' in sys.modules; avtutor.load_model; "
        "print(before, 'avtutor.loading' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]


def test_no_other_name_is_made_up() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load_modle'"):
        avtutor.load_modle  # noqa: B018


@pytest.mark.bad_input
def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one of language, sync, or a file, got 'lion'"):
        avtutor.load_model("lion")
    path = tmp_path / "other.safetensors"
    write_checkpoint(path, {"weight": torch.zeros(1)}, {"model": "Lion"})
    with pytest.raises(ValueError, match="weights of one of LanguageCNN, SyncTowers, got 'Lion'"):
        avtutor.load_model(path)
    path.write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"other\.safetensors"):
        avtutor.load_model(path)
