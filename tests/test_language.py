"""Naming a language: windows, refusals, the file of the weights, and the command."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from torch import Tensor
from typer.testing import CliRunner

from avtutor import language
from avtutor.cli import app
from avtutor.datasets import stack, voices, windows
from avtutor.language import LanguageModel, LanguageVerdict, identify, load_language_model
from avtutor.media import write_audio
from avtutor.models import LanguageCNN, LanguageCNNConfig
from avtutor.training import write_checkpoint
from avtutor.waveform import Waveform

CLASSES = ("en", "es", "other")


def spoken(seconds: float) -> Waveform:
    found = windows(voices(language="it", speaker="carlo"), seconds=seconds)
    return Waveform.from_mono(stack(found[:1])[0], 16000)


class Fixed(LanguageCNN):
    """Says always the same, and counts the windows it is given."""

    def __init__(self, *logits: float) -> None:
        super().__init__(LanguageCNNConfig.compact(n_classes=3))
        self.logits, self.seen = torch.tensor([logits]), 0

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.seen += 1
        return self.logits


def saying(*logits: float, threshold: float = 0.6, temperature: float = 1.0) -> LanguageModel:
    return LanguageModel(Fixed(*logits), CLASSES, ("en", "es"), temperature, threshold)


def test_the_surest_language_is_named() -> None:
    verdict = identify(spoken(3.0), model=saying(0.0, 2.0, 0.0))
    e = torch.tensor(2.0).exp().item()
    assert verdict.language == "es" and verdict.reason == ""
    assert verdict.shares["es"] == pytest.approx(e / (e + 2))
    assert str(verdict) == "Spanish (es) 0.79, English 0.11, other 0.11"
    assert verdict.speech_seconds == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (saying(0.0, 0.3, 0.0), "too close to call"),  # below the threshold
        (saying(0.0, 1.0, 3.0), "too close to call"),  # something else is likelier
        (saying(0.0, 2.0, 0.0, temperature=8.0), "too close to call"),
        (saying(0.0, 2.0, 0.0, threshold=0.8), "too close to call"),
    ],
)
def test_it_says_when_it_is_not_sure(model: LanguageModel, reason: str) -> None:
    verdict = identify(spoken(3.0), model=model)
    assert verdict.language is None and verdict.reason == reason
    assert str(verdict).startswith("not sure (too close to call), ")


def test_channels_of_opposite_sign_are_heard_all_the_same() -> None:
    """Their mean is silence."""
    voice = spoken(3.0).samples
    both = Waveform(torch.cat([voice, -voice]), 16000)
    found = identify(both, model=saying(0.0, 2.0, 0.0))
    assert found == identify(Waveform(voice, 16000), model=saying(0.0, 2.0, 0.0))
    assert found.language == "es"


def test_what_is_no_speech_is_never_shown_to_the_network() -> None:
    model = saying(0.0, 9.0, 0.0)
    g = torch.Generator().manual_seed(0)
    noise = Waveform.from_mono(0.1 * torch.randn(48000, generator=g), 16000)
    for sound in (noise, Waveform.from_mono(torch.zeros(48000), 16000)):
        assert identify(sound, model=model) == LanguageVerdict(None, {}, "no speech found", 0.0)
    short = identify(spoken(3.0).slice(0.0, 0.9), model=model)
    assert (short.language, short.reason) == (None, "too short")
    assert seen(model) == 0


def test_a_long_recording_is_heard_by_parts_and_its_pauses_left_out() -> None:
    model = saying(0.0, 2.0, 0.0)
    speech = spoken(10.0)
    silent = torch.zeros(160000)
    long = torch.cat([speech.samples[0], silent, speech.samples[0]])
    verdict = identify(Waveform.from_mono(long, 16000), model=model)
    assert seen(model) == 2
    assert verdict.speech_seconds == pytest.approx(20.0)


def seen(model: LanguageModel) -> int:
    assert isinstance(model.network, Fixed)
    return model.network.seen


def written(folder: Path, **changes: object) -> Path:
    """Return the file of a small network of random weights."""
    torch.manual_seed(0)
    network = LanguageCNN(LanguageCNNConfig.compact(n_classes=3, head="statistics"))
    facts = {
        "config": dataclasses.asdict(network.config),
        "classes": CLASSES,
        "languages": ["en", "es"],
        "temperature": 2.0,
        "threshold": 0.7,
        **changes,
    }
    path = folder / "model.safetensors"
    write_checkpoint(path, network.state_dict(), facts)
    return path


def test_a_model_comes_back_from_its_file(tmp_path: Path) -> None:
    model = load_language_model(written(tmp_path))
    assert model.classes == CLASSES and model.languages == ("en", "es")
    assert (model.temperature, model.threshold) == (2.0, 0.7)
    torch.manual_seed(0)
    again = LanguageCNN(LanguageCNNConfig.compact(n_classes=3, head="statistics")).eval()
    x = torch.randn(1, 40, 100)
    assert torch.equal(model.network(x), again(x))
    assert not model.network.training


@pytest.mark.bad_input
def test_files_that_are_no_language_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        load_language_model(tmp_path / "none.safetensors")
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="cut off"):
        load_language_model(path)
    with pytest.raises(ValueError, match="is no language model"):
        load_language_model(written(tmp_path, config={"n_rows": 40}))
    with pytest.raises(ValueError, match="names classes that its network does not have"):
        load_language_model(written(tmp_path, classes=["en", "es"]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recordings, where the model always says Spanish."""
    monkeypatch.setattr(language, "_shipped", lambda: saying(0.0, 2.0, 0.0))
    write_audio(spoken(3.0), tmp_path / "said.wav")
    write_audio(spoken(3.0), tmp_path / "said.mp3")
    write_audio(Waveform.from_mono(torch.zeros(48000), 16000), tmp_path / "silent.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF and nothing else")
    return tmp_path


def test_the_command_answers_one_line_a_file(folder: Path) -> None:
    files = [str(folder / name) for name in ("said.wav", "said.mp3", "silent.wav")]
    done = CliRunner().invoke(app, ["language", *files])
    assert done.exit_code == 0
    wav, mp3, silent = done.stdout.splitlines()
    assert wav == f"{files[0]}: Spanish (es) 0.79, English 0.11, other 0.11"
    assert mp3.startswith(f"{files[1]}: Spanish (es)")
    assert silent == f"{files[2]}: not sure (no speech found)"


def test_the_command_in_json(folder: Path) -> None:
    done = CliRunner().invoke(app, ["language", "--json", str(folder / "said.wav")])
    facts = json.loads(done.stdout)
    assert facts["language"] == "es" and facts["shares"]["es"] == pytest.approx(0.787, abs=1e-3)
    assert facts["file"] == str(folder / "said.wav") and facts["speech_seconds"] == 3.0


def test_a_file_that_cannot_be_read_is_told_at_the_end(folder: Path) -> None:
    files = [str(folder / name) for name in ("broken.wav", "none.wav", "said.wav")]
    done = CliRunner().invoke(app, ["language", *files])
    assert done.exit_code == 1
    assert done.stdout.count("\n") == 1 and "Spanish" in done.stdout
    assert "broken.wav" in done.stderr and "none.wav" in done.stderr
