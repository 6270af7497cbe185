"""Lesson 09: English against Spanish, the recipe without each remedy, on voices never heard."""

from dataclasses import replace

from experiments.language import DATA as FOLDERS
from experiments.language import Recipe, every_voice, mean, right, train

DATA = FOLDERS
CLASSES = ("en", "es")
SEED = 0
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
    """Return the accuracy over 3 and over 10 s of each voice, for each row; one seed."""
    others = [v for v in every_voice() if v.language in CLASSES and v.speaker != "allison"]
    table: dict[str, dict[str, list[float]]] = {name: {} for name in ROWS}
    for name, recipe in ROWS.items():
        for fold in TESTED:
            model = train([v for v in others if v.fold != fold], CLASSES, SEED, recipe=recipe)
            for voice in (v for v in others if v.fold == fold):
                key = f"{voice.language} {voice.speaker}"
                if voice.channel == "drascula":
                    table[name][key] = right(model, voice, CLASSES, recipe=recipe)
        print(
            name, [round(mean(v[n] for v in table[name].values()), 3) for n in (0, 1)], flush=True
        )
    return {"seed": SEED, "seconds": [3, 10], "by voice": table}
