"""The line about torchaudio: true where it is there, and one line to the tests in either case."""

import re
from pathlib import Path

import pytest
import torch
from nbval.plugin import get_sanitize_patterns

from avtutor import _torchaudio
from avtutor.checks import parity
from avtutor.spectral import SpectrogramConfig, log_mel
from avtutor.synth import white_noise

CONFIG = SpectrogramConfig(sample_rate=16000, win_length=400, f_min=60.0, f_max=7600.0)
SAMPLES = white_noise(seconds=0.5, sample_rate=16000, seed=1).samples[0]
PATTERNS = get_sanitize_patterns(
    (Path(__file__).resolve().parents[1] / "notebooks/sanitize.cfg").read_text()
)

needs_torchaudio = pytest.mark.skipif(
    _torchaudio.load() is None, reason=str(_torchaudio.why_missing())
)


def as_nbval_sees(text: str) -> str:
    for pattern, word in PATTERNS:
        text = re.sub(pattern, word, text)
    return text


@needs_torchaudio
def test_it_says_same_of_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    parity.log_mel_beside_torchaudio(log_mel(SAMPLES, CONFIG), SAMPLES, CONFIG)
    assert capsys.readouterr().out == "torchaudio, log-mel: same to 1e-5 of the maximum\n"


@needs_torchaudio
@pytest.mark.parametrize(
    ("levels", "phrase"),
    [
        (log_mel(SAMPLES, CONFIG) + 0.01, "of the maximum apart"),
        (log_mel(SAMPLES, CONFIG)[:, :-1], "shape [64, 51] there, [64, 50] here"),
        (log_mel(SAMPLES, CONFIG) * torch.nan, "nan of the maximum apart"),
    ],
)
def test_a_difference_is_named_and_is_not_replaced(
    levels: torch.Tensor, phrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # beside_torchaudio itself, since the shape checks stop levels that do not belong to SAMPLES
    parity.beside_torchaudio("log-mel", levels, lambda: log_mel(SAMPLES, CONFIG))
    line = capsys.readouterr().out
    assert line.startswith("torchaudio, log-mel: not the same: ") and phrase in line
    assert as_nbval_sees(line) == line


def test_without_torchaudio_nothing_is_computed_and_the_line_is_worth_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never() -> torch.Tensor:
        raise AssertionError("called without torchaudio")

    monkeypatch.setattr(_torchaudio, "load", lambda: None)
    parity.beside_torchaudio("log-mel", torch.ones(2), never)
    line = capsys.readouterr().out
    assert line == "torchaudio, log-mel: not here, nothing compared\n"
    with_it = "torchaudio, log-mel: same to 1e-5 of the maximum\n"
    around = "claim 04.1 · before · holds\n{}claim 04.2 · after · holds\n"
    assert as_nbval_sees(around.format(line)) == as_nbval_sees(around.format(with_it))
    assert as_nbval_sees(line) != line


@pytest.mark.bad_input
def test_another_window_is_refused() -> None:
    config = SpectrogramConfig(sample_rate=16000, window="hamming")
    with pytest.raises(ValueError, match="the window must be 'hann' to be compared, got 'hamming'"):
        parity.log_mel_beside_torchaudio(log_mel(SAMPLES, config), SAMPLES, config)
