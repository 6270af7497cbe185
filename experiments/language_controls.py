"""Lesson 09: models without words: silence, mean spectrum, level and pitch, each on its own."""

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from avtutor.models.language_input import level_bands
from experiments.language import BLOCK, Voice


def blocks(values: Tensor) -> Tensor:
    """Return [row, frame] cut every 10 s, [window, row, frame]; a shorter one whole."""
    size = min(BLOCK, values.shape[1])
    n = values.shape[1] // size
    return values[:, : n * size].reshape(-1, n, size).transpose(0, 1)


FLOOR_DB = 12.0
"""How far below the peak of each band the noise lies that makes her two sessions equal."""


def matched(windows: Tensor, below_db: float = 30.0) -> Tensor:
    """Return windows with noise so far below the peak of each band: one floor for all."""
    g = torch.Generator().manual_seed(0)
    peaks = windows.quantile(0.95, dim=2, keepdim=True)
    grain = -torch.rand(windows.shape, generator=g).clamp(min=1e-6).log()
    return windows / peaks.clamp(min=1e-10) + 10 ** (-below_db / 10) * grain


def quietest(levels: Tensor, loudness: Tensor) -> Tensor:
    """Return the mean of the quietest 8 % of the frames of each window."""
    order = loudness.argsort(dim=1)[:, : max(1, levels.shape[2] * 8 // 100)]
    return levels.gather(2, order[:, None].expand(-1, levels.shape[1], -1)).mean(dim=2)


def controls_of(voice: Voice) -> dict[str, Tensor]:
    """Return what each control is given of a voice, [window, feature]: as recorded, and equalised.

    "front end" is what the network itself is given.
    """
    raw = blocks(voice.raw).clamp(min=1e-10)
    levels = raw.log10()
    whole = levels.mean(dim=1)
    spectrum = raw.mean(dim=2).log10()
    flat = matched(raw)
    kept = blocks(voice.powers)
    given = level_bands(kept)
    equal = level_bands(matched(kept, FLOOR_DB))
    pitches = []
    for window in blocks(voice.pitch[None, : voice.raw.shape[1]])[:, 0]:
        spoken = window[window > 0]
        spoken = spoken.log2() if len(spoken) > 10 else torch.full((11,), 7.5)
        pitches.append(spoken.quantile(torch.tensor([0.1, 0.5, 0.9])))
    return {
        "silence": quietest(levels, whole),
        "mean spectrum": spectrum - spectrum.mean(dim=1, keepdim=True),
        "level": spectrum.mean(dim=1, keepdim=True),
        "pitch": torch.stack(pitches),
        "silence, equalised": quietest(flat.log10(), whole),
        "mean spectrum, equalised": flat.mean(dim=2).log10(),
        "silence, front end": quietest(given, given.mean(dim=1)),
        "silence, front end, equalised": quietest(equal, equal.mean(dim=1)),
        "mean spectrum, front end": given.mean(dim=2),
        "level, front end": given.mean(dim=(1, 2))[:, None],
    }


def fitted(rows: list[Tensor], some: list[Voice]):
    """Return a linear model in which each voice counts alike, within two languages alike."""
    weights, labels = [], []
    for values, voice in zip(rows, some, strict=True):
        n = sum(1 for other in some if other.language == voice.language)
        weights += [1 / n / len(values)] * len(values)
        labels += [int(voice.language == "en")] * len(values)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))
    scale = len(weights) / sum(weights)
    model.fit(
        torch.cat(rows).numpy(),
        labels,
        logisticregression__sample_weight=[w * scale for w in weights],
    )
    return model


def on(model, rows: Tensor) -> Tensor:
    """Return the score for English of each window."""
    return torch.from_numpy(model.decision_function(rows.double().numpy()))
