"""Lesson 09: what the experiments on languages share: voices as frames, folds, a recipe, a net."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avtutor.datasets import voices
from avtutor.models import ConvSettings, LanguageCNN, LanguageCNNConfig
from avtutor.models.language_input import LANGUAGE_CONFIG, without_pauses
from avtutor.resample import resample
from avtutor.spectral import mel
from avtutor.speech import pitches
from experiments.language_recipe import Recipe

DATA: tuple[str, ...] = (
    "asterisk",
    "asterisk-es-co",
    "asterisk-fr-armelle",
    "asterisk-it-menardi",
    "drascula",
    "festvox-ru",
    "fillets",
    "hedgewars",
    "pocketsphinx",
)
SEVEN = ("cs", "en", "es", "fr", "it", "nl", "ru")
LENGTHS = (3.0, 10.0)
BLOCK = 625  # frames, 10 s
FRAMES_A_SECOND = LANGUAGE_CONFIG.sample_rate / LANGUAGE_CONFIG.hop_length

FOLDS: tuple[tuple[str, ...], ...] = (
    ("drascula_main", "drascula_d", "drascula_i", "drascula_vb", "june"),
    ("drascula_bj", "drascula_l", "carlo", "fillets_m_cs"),
    ("drascula_e", "drascula_t", "drascula_b", "drascula_p", "armelle", "fillets_m_nl"),
    ("hedgewars", "paola", "fillets_v_cs", "shmyrev"),
    ("july", "librivox", "allison", "ivrvoice", "fillets_v_nl"),
)
"""Voices that are tested together. A role of Drascula is on one side in both languages, and the
roles whose voices resemble each other are together; all packs of Hedgewars are together."""


@dataclass(frozen=True)
class Voice:
    """All that one speaker says in one language.

    Args:
        powers: mel powers without the pauses, [mel, frame].
        parts: those of the parts "train" and "test".
        raw: mel powers with the pauses, as recorded.
        pitch: for each frame of `raw` the pitch in Hz; 0 where there is none.
    """

    language: str
    speaker: str
    channel: str
    powers: Tensor
    parts: Mapping[str, Tensor]
    raw: Tensor
    pitch: Tensor

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.powers.shape[1] / FRAMES_A_SECOND

    @property
    def fold(self) -> int:
        """The fold in which it is tested."""
        name = self.speaker.removesuffix("_en").removesuffix("_es")
        named = "hedgewars" if name.startswith("hedgewars") else name
        return next(n for n, names in enumerate(FOLDS) if named in names)


def pitch_of(samples: Tensor) -> Tensor:
    """Return the pitch of each frame in Hz; 0 where it is unclear."""
    strength, pitch = pitches(samples, hop_length=LANGUAGE_CONFIG.hop_length)
    return torch.where(strength > 0.5, pitch, 0.0)


@cache
def every_voice() -> tuple[Voice, ...]:
    """Return the bundled voices, in each language that they speak."""
    spoken: dict[tuple[str, str, str], dict[str, list[Tensor]]] = {}
    for said in voices():
        parts = spoken.setdefault((said.language, said.speaker, said.channel), {})
        low = resample(said.load().samples[0], from_rate=16000, to_rate=8000)
        parts.setdefault(said.part, []).append(low)
    found = []
    for (language, speaker, channel), lists in spoken.items():
        samples = {part: torch.cat(some) for part, some in lists.items()}
        frames = {part: mel(some, LANGUAGE_CONFIG) for part, some in samples.items()}
        kept = {}
        for part, powers in frames.items():
            blocks = [
                without_pauses(powers[:, first : first + BLOCK])
                for first in range(0, powers.shape[1], BLOCK)
            ]
            kept[part] = torch.cat(blocks, dim=1)
        found.append(
            Voice(
                language,
                speaker,
                channel,
                torch.cat([*kept.values()], dim=1),
                kept,
                torch.cat([*frames.values()], dim=1),
                torch.cat([pitch_of(some) for some in samples.values()]),
            )
        )
    return tuple(found)


def part_of(voice: Voice, part: str) -> Voice:
    """Return one part of a voice as a voice."""
    return replace(voice, powers=voice.parts[part])


def small(n_classes: int) -> LanguageCNN:
    """Return the net of these experiments: 30 thousand numbers to train."""
    convs = (
        ConvSettings(channels=12, kernel=5, stride=2, pool=1, pool_stride=1),
        ConvSettings(channels=24, kernel=3, stride=1, pool=3, pool_stride=2),
        ConvSettings(channels=32, kernel=3, stride=1, pool=3, pool_stride=2),
        ConvSettings(channels=48, kernel=3, stride=1, pool=1, pool_stride=1),
    )
    config = LanguageCNNConfig.compact(n_classes=n_classes, head="statistics")
    return LanguageCNN(replace(config, convs=convs))


def logits(model: LanguageCNN, features: Tensor) -> Tensor:
    """Return the logits of windows that are as long as each other."""
    found: Tensor = model(features, torch.full((len(features),), features.shape[-1]))
    return found


def shares(some: Sequence[Voice], classes: Sequence[str]) -> Tensor:
    """Return how often each voice is drawn: classes alike, then channels, then by root seconds."""
    weights = torch.zeros(len(some), dtype=torch.float64)
    for label in classes:
        rows = [n for n, voice in enumerate(some) if voice.language == label]
        channels = {some[n].channel for n in rows}
        amount = {
            c: math.sqrt(sum(some[n].seconds for n in rows if some[n].channel == c))
            for c in channels
        }
        for n in rows:
            inside = [
                math.sqrt(some[m].seconds) for m in rows if some[m].channel == some[n].channel
            ]
            part = amount[some[n].channel] / sum(amount.values())
            weights[n] = part * math.sqrt(some[n].seconds) / sum(inside)
    return weights


def draw(
    some: Sequence[Voice], weights: Tensor, recipe: Recipe, n: int, g: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return windows [n, mel, frame] at random places and speeds, and the voice of each."""
    rows = torch.multinomial(weights, n, replacement=True, generator=g)
    low, high = recipe.factor or (1.0, 1.0)
    speeds = low + (high - low) * torch.rand(n, generator=g)
    places = torch.rand(n, generator=g)
    found = []
    for row, speed, place in zip(rows.tolist(), speeds.tolist(), places.tolist(), strict=True):
        powers = some[row].powers
        long = min(round(recipe.frames * speed), powers.shape[1])
        first = int(place * (powers.shape[1] - long + 1))
        window = powers[None, :, first : first + long]
        if long != recipe.frames:
            window = F.interpolate(window, recipe.frames, mode="linear", align_corners=True)
        found.append(window[0])
    return torch.stack(found), rows


def train(
    some: Sequence[Voice],
    classes: Sequence[str],
    seed: int,
    *,
    recipe: Recipe = Recipe(),
    steps: int = 240,
    batch_size: int = 32,
    labels: Sequence[str] | None = None,
    rate: float = 4e-3,
    network: Callable[[int], LanguageCNN] = small,
) -> LanguageCNN:
    """Return a net trained on these voices; `labels` names other classes than the language."""
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    names = [voice.language for voice in some] if labels is None else list(labels)
    numbers = torch.tensor([list(classes).index(name) for name in names])
    keyed = [replace(voice, language=name) for voice, name in zip(some, names, strict=True)]
    weights = shares(keyed, classes)
    model = network(len(classes)).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.15)
    for _ in range(steps):
        powers, rows = draw(some, weights, recipe, batch_size, g)
        loss = F.cross_entropy(
            logits(model, recipe.features(powers, g)), numbers[rows], label_smoothing=0.1
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        plan.step()
    return model.eval()


def cut(voice: Voice, seconds: float) -> Tensor:
    """Return the windows of a voice, without overlap, [window, mel, frame]."""
    size = round(seconds * FRAMES_A_SECOND)
    n = voice.powers.shape[1] // size
    return voice.powers[:, : n * size].reshape(-1, n, size).transpose(0, 1)


def right(model: LanguageCNN, voice: Voice, classes: Sequence[str], **options: Any) -> list[float]:
    """Return the accuracy on windows of 3 and of 10 s."""
    place = list(classes).index(voice.language)
    found = [scores(model, voice, seconds, **options).argmax(dim=1) for seconds in LENGTHS]
    return [round(float((best == place).float().mean()), 4) if len(best) else -1 for best in found]


def auc(higher: Tensor, lower: Tensor) -> float:
    """Return how often a value of the one is above a value of the other; a tie counts half."""
    gap = higher[:, None] - lower[None]
    return round(float(((gap > 0).float() + 0.5 * (gap == 0).float()).mean()), 4)


@torch.no_grad()
def scores(model: LanguageCNN, voice: Voice, seconds: float, recipe: Recipe = Recipe()) -> Tensor:
    """Return the logits of the windows of a voice, [window, class]."""
    return logits(model, recipe.features(cut(voice, seconds)))


def mean(values: Iterable[float]) -> float:
    """Return the mean."""
    numbers = list(values)
    return sum(numbers) / len(numbers)
