"""Checkpoints: whole or not there, never another training's, and the same end after a kill."""

import json
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.training import (
    Classification,
    History,
    Minibatches,
    TrainConfig,
    fit,
    read_checkpoint,
    write_checkpoint,
)

# Batch norm, dropout, momentum, a shuffled order, noise drawn by the loader from the global
# generator, and a best epoch that is not the last: all that a resumed training could get wrong.
RUN = """
import os, signal, sys
import torch
from torch import nn
from avtutor.batch import Batch
from avtutor.training import Minibatches, TrainConfig, fit

checkpoint, kill_in_epoch, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
torch.manual_seed(3)
x = torch.randn(60, 4)
labels = (x[:, 0] * x[:, 1] > 0).long()
data = Batch(inputs={"x": x}, labels=labels, groups=("a",) * 60)

class Noisy(Minibatches):
    def __iter__(self):
        for i, batch in enumerate(super().__iter__()):
            if self._epoch + 1 == kill_in_epoch and i == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            noise = 0.1 * torch.randn_like(batch.inputs["x"])
            yield Batch(
                inputs={"x": batch.inputs["x"] + noise}, labels=batch.labels, groups=batch.groups
            )

model = nn.Sequential(
    nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2)
)
train = Noisy(data, batch_size=16, shuffle_seed=1)
valid = Minibatches(data.select(range(20)), batch_size=20)
config = TrainConfig(epochs=6, learning_rate=0.05, monitor="accuracy", higher_is_better=True)
history = fit(model, train, valid, config, checkpoint=checkpoint or None)
print(history, [(e.number, e.learning_rate, e.train, e.valid) for e in history.epochs])
torch.save(model.state_dict(), out)
"""


def run(checkpoint: Path | str, kill_in_epoch: int, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, str(checkpoint), str(kill_in_epoch), str(out)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_training_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    unbroken = run("", 0, tmp_path / "unbroken.pt")
    assert unbroken.returncode == 0, unbroken.stderr
    killed = run(tmp_path / "run.safetensors", 4, tmp_path / "none.pt")
    assert killed.returncode == -signal.SIGKILL and not (tmp_path / "none.pt").exists()
    assert len(read_checkpoint(tmp_path / "run.safetensors")[1]["history"]["epochs"]) == 3
    resumed = run(tmp_path / "run.safetensors", 0, tmp_path / "resumed.pt")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == unbroken.stdout and resumed.stdout.startswith("History(6 epochs")
    weights = torch.load(tmp_path / "unbroken.pt", weights_only=True)
    same = torch.load(tmp_path / "resumed.pt", weights_only=True)
    assert all(torch.equal(weights[name], same[name]) for name in weights)


DATA = Batch(inputs={"x": torch.eye(8)}, labels=torch.arange(8) % 2, groups=("a",) * 8)
CONFIG = TrainConfig(epochs=2)


def train(path: Path, model: nn.Module | None = None, **changes: Any) -> History:
    parts: dict[str, Any] = {
        "train": Minibatches(DATA, batch_size=4, shuffle_seed=0),
        "valid": None,
        "config": CONFIG,
    }
    return fit(model or nn.Linear(8, 2), **(parts | changes), checkpoint=path)


def test_the_same_call_after_the_end_loads_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "run.safetensors"
    first, second = nn.Linear(8, 2), nn.Linear(8, 2)
    history = train(path, first)
    written = path.stat().st_mtime_ns
    assert train(path, second) == history
    assert torch.equal(first.weight, second.weight)
    assert path.stat().st_mtime_ns == written
    assert [file.name for file in path.parent.iterdir()] == ["run.safetensors"]


def test_what_it_holds_is_safetensors_and_json(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    train(path)
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["avtutor"])["training"]["config"]["epochs"] == 2
    names = {name.split(".")[0] for name in header if name != "__metadata__"}
    assert names == {"model", "best", "optimizer", "random"}
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(content)


@dataclass(frozen=True)
class Config:
    """A model's settings that do not show in its weights."""

    activation: str


def configured(name: str) -> nn.Module:
    model = nn.Linear(8, 2)
    model.config = Config(name)  # type: ignore[assignment]
    return model


@pytest.mark.bad_input
def test_the_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    train(path, configured("tanh"))
    wider, other = nn.Linear(8, 3), nn.Linear(8, 2)
    before = wider.weight.detach().clone()
    with pytest.raises(ValueError, match=r"weight is \[2, 8\] there and \[3, 8\] in the model"):
        train(path, wider)
    assert torch.equal(wider.weight, before)
    with pytest.raises(ValueError, match=r"another model: 0.weight is missing; .* and 1 more"):
        train(path, nn.Sequential(nn.Linear(8, 2)))
    with pytest.raises(
        ValueError, match=r"its model was .*Config\(activation='tanh'\).* is Linear"
    ):
        train(path, other)
    with pytest.raises(
        ValueError, match=r"Config\(activation='tanh'\).*Config\(activation='relu'\)"
    ):
        train(path, configured("relu"))
    with pytest.raises(ValueError, match="its config was .*'epochs': 2.*'epochs': 3"):
        train(path, configured("tanh"), config=TrainConfig(epochs=3))
    with pytest.raises(ValueError, match="its batches in an epoch was 2, this one's is 4"):
        train(path, configured("tanh"), train=Minibatches(DATA, batch_size=2))
    with pytest.raises(ValueError, match="its objective was .*smoothing=0.0.*smoothing=0.1"):
        train(path, configured("tanh"), objective=Classification(label_smoothing=0.1))
    write_checkpoint(path, {"weight": torch.zeros(1)}, {})
    with pytest.raises(ValueError, match="not the checkpoint of a training"):
        train(path)


@pytest.mark.bad_input
def test_a_checkpoint_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    train(path)
    content = path.read_bytes()
    for size in (0, 4, 8, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match="run.safetensors is cut off, or not a checkpoint"):
            train(path)
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match="cut off, or not a checkpoint"):
        train(path)
    with pytest.raises(ValueError, match="none.safetensors cannot be read: No such file"):
        read_checkpoint(tmp_path / "none.safetensors")


def test_who_is_stopped_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, {"w": torch.tensor([1.0])}, {"epoch": 1})

    def no_space(file: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space left"):
        write_checkpoint(path, {"w": torch.tensor([2.0])}, {"epoch": 2})
    tensors, facts = read_checkpoint(path)
    assert tensors["w"].item() == 1.0 and facts == {"epoch": 1}


def test_tied_and_turned_weights_come_back(tmp_path: Path) -> None:
    weight = torch.arange(6.0).reshape(2, 3)
    tensors = {"a": weight, "b": weight, "turned": weight.T, "count": torch.tensor(7)}
    write_checkpoint(tmp_path / "w.safetensors", tensors, {"note": "ü"})
    back, facts = read_checkpoint(tmp_path / "w.safetensors")
    assert facts == {"note": "ü"} and set(back) == set(tensors)
    assert all(torch.equal(back[name], tensors[name]) for name in tensors)
