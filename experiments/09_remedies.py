"""Lesson 09: English against Spanish, the recipe without each remedy, on voices never heard."""

import itertools
from dataclasses import replace

from experiments.language import DATA as FOLDERS
from experiments.language import every_voice, mean, right, train
from experiments.language_recipe import Recipe

DATA = FOLDERS
CLASSES = ("en", "es")
SEEDS = (0, 1, 2)
TESTED = (0, 2)
"""The folds that are tested: eight roles of Drascula each."""

FULL = Recipe()
ROWS = {
    "all remedies": FULL,
    "without channel": replace(FULL, snr_db=None, codec_db=None, decay=0.0, gamma=None),
    "without vocal tract": replace(FULL, alpha=None),
    "without normalisation": replace(FULL, normalise=False),
    "frames shuffled": replace(FULL, shuffled=True),
}


def run() -> dict:
    """Return the accuracy over 3 and 10 s of each voice, for each row: the mean over seeds."""
    others = [v for v in every_voice() if v.language in CLASSES and v.speaker != "allison"]
    table: dict[str, dict[str, list[float]]] = {}
    spread: dict[str, list[list[float]]] = {}
    for name, recipe in ROWS.items():
        each: dict[str, list[list[float]]] = {}
        for seed, fold in itertools.product(SEEDS, TESTED):
            model = train([v for v in others if v.fold != fold], CLASSES, seed, recipe=recipe)
            for voice in (v for v in others if v.fold == fold):
                key = f"{voice.language} {voice.speaker}"
                if voice.channel == "drascula":
                    each.setdefault(key, []).append(right(model, voice, CLASSES, recipe=recipe))
        table[name] = {
            key: [round(mean(one[n] for one in some), 4) for n in (0, 1)]
            for key, some in each.items()
        }
        spread[name] = [
            [round(mean(some[n][m] for some in each.values()), 4) for m in (0, 1)]
            for n in range(len(SEEDS))
        ]
        print(name, spread[name], flush=True)
    return {"seeds": list(SEEDS), "seconds": [3, 10], "by voice": table, "by seed": spread}
