"""Lesson 09, act three: English against Spanish, folds over voices, then one bilingual voice.

Everything is chosen on the other voices; what the bilingual one gave has chosen nothing. `OPENED`
says how often she was tested all the same.
"""

import math

import torch
from torch import Tensor

from avtutor.models import LanguageCNN
from avtutor.models.language_input import level_bands
from experiments.language import DATA as FOLDERS
from experiments.language import (
    FOLDS,
    Voice,
    auc,
    cut,
    every_voice,
    logits,
    mean,
    train,
)
from experiments.language_controls import FLOOR_DB, controls_of, fitted, matched, on

DATA = FOLDERS
SEEDS = (0, 1, 2)
CLASSES = ("en", "es")
OPENED = 8
"""How many runs tested her with networks, in all: three each of this experiment and of 09_shipped,
two of 09_seven. All but the first of each ran the same recipe, with more seeds, or mended where it
does not concern her."""


def pair(names: bool = False) -> list[Voice]:
    """Return the voices of the two languages; with `names` only the bilingual one."""
    chosen = [v for v in every_voice() if v.language in CLASSES]
    return [v for v in chosen if (v.speaker == "allison") == names]


def controls() -> dict:
    """Return what models without words make of the bilingual voice, trained on the others."""
    others, her = pair(), pair(names=True)
    features = [controls_of(voice) for voice in others]
    hers = {voice.language: controls_of(voice) for voice in her}
    table = {}
    for name in features[0]:
        model = fitted([one[name] for one in features], others)
        en, es = on(model, hers["en"][name]), on(model, hers["es"][name])
        accuracies = [float((en > 0).float().mean()), float((es <= 0).float().mean())]
        table[name] = {
            "en": round(accuracies[0], 4),
            "es": round(accuracies[1], 4),
            "balanced": round(mean(accuracies), 4),
            "auc": auc(en, es),
        }
        print("control", name, table[name], flush=True)
    return table


def studios() -> dict[str, dict[str, float]]:
    """Return what models without words make of roles never heard, in the two studios of Drascula.

    The same dialogue was recorded once for each language, so a room may be told instead of it.
    """
    roles = [voice for voice in pair() if voice.channel == "drascula"]
    features = [controls_of(voice) for voice in roles]
    table = {}
    for name in features[0]:
        found: dict[str, list[float]] = {language: [] for language in CLASSES}
        for fold in sorted({voice.fold for voice in roles}):
            rows = [(one[name], voice) for one, voice in zip(features, roles, strict=True)]
            heard = [(values, voice) for values, voice in rows if voice.fold != fold]
            model = fitted([values for values, _ in heard], [voice for _, voice in heard])
            for values, voice in rows:
                if voice.fold == fold:
                    good = (on(model, values) > 0) == (voice.language == "en")
                    found[voice.language].append(float(good.float().mean()))
        rates = {language: mean(some) for language, some in found.items()}
        table[name] = {k: round(v, 4) for k, v in rates.items()} | {
            "balanced": round(mean(rates.values()), 4)
        }
        print("studios", name, table[name], flush=True)
    return table


def spectrum_and_pitch(voice: Voice) -> Tensor:
    """Return what the matched model is given: mean spectrum and pitch."""
    found = controls_of(voice)
    return torch.cat([found["mean spectrum"], found["pitch"]], dim=1)


def gaps(model: LanguageCNN, voice: Voice, seconds: float, *, equal: bool = False) -> Tensor:
    """Return by how much English leads in each window; `equal` raises its noise floor first."""
    powers = cut(voice, seconds)
    with torch.no_grad():
        out = logits(model, level_bands(matched(powers, FLOOR_DB) if equal else powers))
    return out[:, 0] - out[:, 1]


def share(leads: Tensor, language: str, least: float = 0.0) -> float:
    """Return the share of windows that are named rightly, English above `least`."""
    return round(float(((leads > least) == (language == "en")).float().mean()), 4)


def folds(seed: int) -> tuple[dict, dict[str, Tensor]]:
    """Return for every other voice the accuracy of the net and of mean spectrum and pitch.

    And by how much English leads in its windows of 10 s, or of 3 s where there is none.
    """
    others = pair()
    rows = {(v.language, v.speaker): spectrum_and_pitch(v) for v in others}
    found, leads = {}, {}
    for fold in range(len(FOLDS)):
        heard = [v for v in others if v.fold != fold]
        model = train(heard, CLASSES, seed)
        plain = fitted([rows[v.language, v.speaker] for v in heard], heard)
        for voice in (v for v in others if v.fold == fold):
            key = f"{voice.language} {voice.speaker}"
            short, long = (gaps(model, voice, seconds) for seconds in (3.0, 10.0))
            leads[key] = long if len(long) else short
            found[key] = {
                "channel": voice.channel,
                "channel heard": any(v.channel == voice.channel for v in heard),
                "net, 3 s": share(short, voice.language),
                "net, 10 s": share(leads[key], voice.language),
                "mean spectrum and pitch": share(
                    on(plain, rows[voice.language, voice.speaker]), voice.language
                ),
            }
        print(seed, fold, {k: v["net, 10 s"] for k, v in found.items()}, flush=True)
    return found, leads


def threshold(leads: dict[str, Tensor]) -> float:
    """Return the lead from which on it is English, best for both on voices never heard.

    Each voice counts alike, and so do the two languages; of ties the one nearest to 0.
    """

    def balanced(least: float) -> float:
        rates: dict[str, list[float]] = {language: [] for language in CLASSES}
        for key, values in leads.items():
            rates[key[:2]].append(share(values, key[:2], least))
        return round(mean(mean(some) for some in rates.values()), 6)

    steps = sorted((round(0.1 * n, 1) for n in range(-40, 41)), key=abs)
    return max(steps, key=balanced)


def over_seeds(tables: list[dict]) -> dict:
    """Return the mean over the seeds of what each voice got."""
    return {
        key: one
        | {
            name: round(mean(table[key][name] for table in tables), 4)
            for name, value in one.items()
            if isinstance(value, float)
        }
        for key, one in tables[0].items()
    }


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided p of so many wins and losses, were they a coin's."""
    n, least = wins + losses, min(wins, losses)
    tail = sum(math.comb(n, k) for k in range(least + 1)) / 2**n
    return round(min(1.0, 2 * tail), 5)


def compared(found: dict, *, channel_heard: bool) -> dict:
    """Return on how many voices the net is better than mean spectrum and pitch, both over 10 s."""
    some = [one for one in found.values() if one["channel heard"] == channel_heard]
    gaps = [one["net, 10 s"] - one["mean spectrum and pitch"] for one in some]
    wins, losses = sum(gap > 0 for gap in gaps), sum(gap < 0 for gap in gaps)
    return {"wins": wins, "losses": losses, "p": sign_test(wins, losses)}


def verdict(leads: dict[str, Tensor], least: float = 0.0) -> dict:
    """Return both accuracies, and how well the leads tell the languages whatever the threshold."""
    rates = {language: share(values, language, least) for language, values in leads.items()}
    return {
        **rates,
        "balanced": round(mean(rates.values()), 4),
        "auc": auc(leads["en"], leads["es"]),
        "windows": [len(values) for values in leads.values()],
    }


def opened(leasts: list[float]) -> tuple[list[dict], dict]:
    """Return what nets trained on all others make of the bilingual voice: each, and together.

    As recorded; with the floors of both sessions equalised; and over 10 s with the threshold that
    was chosen on the other voices.
    """
    each: list[dict] = [{} for _ in leasts]
    all_leads: dict[str, list[dict[str, Tensor]]] = {}
    for n, seed in enumerate(SEEDS):
        model = train(pair(), CLASSES, seed)
        for equal, seconds in ((False, 3.0), (False, 10.0), (True, 3.0), (True, 10.0)):
            name = f"{seconds:g} s" + (", equalised" if equal else "")
            leads = {v.language: gaps(model, v, seconds, equal=equal) for v in pair(names=True)}
            each[n][name] = verdict(leads)
            all_leads.setdefault(name, []).append(leads)
        each[n]["10 s, threshold chosen"] = verdict(all_leads["10 s"][n], leasts[n])
        print("opened", seed, each[n], flush=True)
    together = {
        name: verdict({k: torch.stack([one[k] for one in some]).mean(dim=0) for k in CLASSES})
        for name, some in all_leads.items()
    }
    print("together", together, flush=True)
    return each, together


def run() -> dict:
    """Return the controls, the folds over the other voices, and the bilingual voice."""
    table, rooms = controls(), studios()
    by_fold = [folds(seed) for seed in SEEDS]
    averaged = over_seeds([found for found, _ in by_fold])
    leasts = [threshold(leads) for _, leads in by_fold]
    bilingual, together = opened(leasts)
    return {
        "seeds": list(SEEDS),
        "times opened": OPENED,
        "controls": table,
        "studios": rooms,
        "folds": [found for found, _ in by_fold],
        "folds, mean over seeds": averaged,
        "thresholds chosen on the others": leasts,
        "net against mean spectrum and pitch": {
            "channel heard": compared(averaged, channel_heard=True),
            "channel never heard": compared(averaged, channel_heard=False),
        },
        "bilingual": bilingual,
        "bilingual, three nets together": together,
    }
