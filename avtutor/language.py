"""Which language is spoken? The shipped network, and where it says that it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.models import ConvSettings, LanguageCNN, LanguageCNNConfig
from avtutor.models.language_input import language_features
from avtutor.speech import is_speech
from avtutor.training import read_checkpoint
from avtutor.waveform import Waveform

WEIGHTS = Path(__file__).parent / "models" / "weights" / "language.safetensors"
"""The weights that come with the package; beside them a card says what they are good for."""

NAMES = {"en": "English", "es": "Spanish"}
WINDOW_SECONDS = 10.0
LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class LanguageModel:
    """A network with what it takes to read its answers.

    Args:
        network: gives logits, one a class.
        classes: their names; those that are no language stand for everything else.
        languages: the classes that may be named.
        temperature: what logits are divided by, so that shares are as often right as they say.
        threshold: the share from which on a language is named.
    """

    network: LanguageCNN
    classes: tuple[str, ...]
    languages: tuple[str, ...]
    temperature: float
    threshold: float


@dataclass(frozen=True)
class LanguageVerdict:
    """What the network makes of a recording.

    Args:
        language: the code of the language, such as "es", or None: not sure.
        shares: of each class, adding up to 1; empty where nothing was said.
        reason: why it is not sure: "too short", "no speech found", "too close to call"; or "".
        speech_seconds: how much of the recording was taken for speech.
    """

    language: str | None
    shares: Mapping[str, float]
    reason: str
    speech_seconds: float

    def __str__(self) -> str:
        """Return it in one line: the surest first."""
        ordered = sorted(self.shares.items(), key=lambda pair: -pair[1])
        parts = [f"{NAMES.get(name, name)} {share:.2f}" for name, share in ordered]
        if self.language is None:
            return ", ".join([f"not sure ({self.reason})", *parts])
        first = f"{NAMES.get(self.language, self.language)} ({self.language})"
        others = [f"{NAMES.get(n, n)} {share:.2f}" for n, share in ordered if n != self.language]
        return ", ".join([f"{first} {self.shares[self.language]:.2f}", *others])


def load_language_model(path: str | Path = WEIGHTS) -> LanguageModel:
    """Return a language model from its file.

    Raises:
        ValueError: if there is no such file, it is cut off, or it is of another model.
    Lesson: 09_which_language
    """
    tensors, facts = read_checkpoint(path)
    try:
        config = _config_of(facts["config"])
        found = LanguageModel(
            LanguageCNN(config),
            tuple(facts["classes"]),
            tuple(facts["languages"]),
            float(facts["temperature"]),
            float(facts["threshold"]),
        )
        found.network.load_state_dict(tensors)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} is no language model: {error}") from error
    if len(found.classes) != config.n_classes or not set(found.languages) <= set(found.classes):
        raise ValueError(f"{path} names classes that its network does not have: {found.classes}")
    found.network.eval()
    return found


def _config_of(facts: Mapping[str, Any]) -> LanguageCNNConfig:
    convs = tuple(ConvSettings(**conv) for conv in facts["convs"])
    return LanguageCNNConfig(**{**facts, "convs": convs, "dense": tuple(facts["dense"])})


@cache
def _shipped() -> LanguageModel:
    return load_language_model()


def _one_channel(waveform: Waveform) -> Tensor:
    """Return the mean of the channels; where they cancel each other, the loudest of them."""
    mixed = waveform.mono().samples[0]
    powers = waveform.samples.square().mean(dim=1)
    if mixed.square().mean() >= 0.01 * powers.max():
        return mixed
    return waveform.samples[int(powers.argmax())]


@torch.no_grad()
def identify(waveform: Waveform, *, model: LanguageModel | None = None) -> LanguageVerdict:
    """Name the language that is spoken in a recording, or say that it is not clear.

    The sound is cut into windows of up to 10 s; those without speech are left out (see
    `speech.is_speech`), the logits of the others averaged. The network knows the languages of
    its card and no other; what it was not trained on it should refuse, and does not always.

    Args:
        waveform: at any rate; channels are mixed, unless they cancel each other.
        model: None takes the one that comes with the package.
    Raises:
        ValueError: if the weights cannot be read.
    Lesson: 09_which_language

    >>> identify(Waveform.from_mono(torch.zeros(32000), 16000)).reason
    'no speech found'
    """
    if waveform.duration < LEAST_SECONDS:
        return LanguageVerdict(None, {}, "too short", 0.0)
    samples, rate = _one_channel(waveform), waveform.sample_rate
    n_windows = max(1, round(waveform.duration / WINDOW_SECONDS))
    spoken = [one for one in samples.tensor_split(n_windows) if is_speech(one, rate)]
    seconds = sum(len(one) for one in spoken) / rate
    if not spoken:
        return LanguageVerdict(None, {}, "no speech found", 0.0)
    model = _shipped() if model is None else model
    logits = torch.stack([model.network(language_features(one, rate)[None])[0] for one in spoken])
    weights = torch.tensor([float(len(one)) for one in spoken])
    mean = (logits * weights[:, None]).sum(dim=0) / weights.sum()
    values = (mean / model.temperature).softmax(dim=0).tolist()
    shares = dict(zip(model.classes, values, strict=True))
    best = max(model.languages, key=lambda name: shares[name])
    if shares[best] < model.threshold or max(shares, key=lambda name: shares[name]) != best:
        return LanguageVerdict(None, shares, "too close to call", seconds)
    return LanguageVerdict(best, shares, "", seconds)
