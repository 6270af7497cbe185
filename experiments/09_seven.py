"""Lesson 09: seven languages, every voice tested once, by nets that never heard it."""

import torch

from avtutor.models import LanguageCNN
from experiments.language import DATA as FOLDERS
from experiments.language import FOLDS, SEVEN, Voice, every_voice, mean, right, scores, train

DATA = FOLDERS
SEEDS = (0, 1, 2)
STEPS = 900
"""Of training: nearly four times those for two languages."""


def known(model: LanguageCNN, heard: list[Voice]) -> dict[str, float]:
    """Return by language the accuracy over 3 s on the very voices that were trained on."""
    rates = {
        language: [right(model, v, SEVEN)[0] for v in heard if v.language == language]
        for language in SEVEN
    }
    return {language: round(mean(some), 4) for language, some in rates.items()}


def one_seed(seed: int) -> tuple[dict, list[dict[str, float]]]:
    """Return how the windows of 10 s (or 3) of every voice were named; and by fold `known`."""
    found, trained = {}, []
    for fold in range(len(FOLDS)):
        heard = [v for v in every_voice() if v.fold != fold]
        model = train(heard, SEVEN, seed, steps=STEPS)
        trained.append(known(model, heard))
        for voice in (v for v in every_voice() if v.fold == fold):
            long = scores(model, voice, 10.0)
            best = (long if len(long) else scores(model, voice, 3.0)).argmax(dim=1)
            heard_channels = {v.channel for v in heard if v.language == voice.language}
            found[f"{voice.language} {voice.speaker}"] = {
                "channel": voice.channel,
                "channel heard in this language": voice.channel in heard_channels,
                "named": torch.bincount(best, minlength=len(SEVEN)).tolist(),
                "right": round(float((best == SEVEN.index(voice.language)).float().mean()), 4),
            }
        print(seed, fold, trained[-1], {k: v["right"] for k, v in found.items()}, flush=True)
    return found, trained


def summary(found: dict) -> dict:
    """Return the accuracy by language, each voice counting alike, and the means."""
    table: dict[str, dict] = {}
    for name, keep in {"all": (True, False), "shared": (True,), "never heard": (False,)}.items():
        by_language = {}
        for language in SEVEN:
            some = [
                one["right"]
                for key, one in found.items()
                if key.startswith(language) and one["channel heard in this language"] in keep
            ]
            if some:
                by_language[language] = round(mean(some), 4)
        table[name] = {"by language": by_language, "mean": round(mean(by_language.values()), 4)}
    named = torch.zeros(7, 7)
    for key, one in found.items():
        named[SEVEN.index(key[:2])] += torch.tensor(one["named"]) / sum(one["named"])
    table["confusion"] = (named / named.sum(dim=1, keepdim=True)).round(decimals=3).tolist()
    windows = [(sum(v["named"]), v["named"][SEVEN.index(k[:2])]) for k, v in found.items()]
    table["windows"] = round(sum(n for _, n in windows) / sum(n for n, _ in windows), 4)
    return table


def run() -> dict:
    """Return the table of each seed and its summary, and what was learned of known voices."""
    tables = [one_seed(seed) for seed in SEEDS]
    summaries = [summary(found) for found, _ in tables]
    for one in summaries:
        print({k: v for k, v in one.items() if k != "confusion"}, flush=True)
    return {
        "seeds": list(SEEDS),
        "steps": STEPS,
        "languages": list(SEVEN),
        "trained on": {
            language: round(mean(fold[language] for _, some in tables for fold in some), 4)
            for language in SEVEN
        },
        "voices": [found for found, _ in tables],
        "summary": summaries,
    }
