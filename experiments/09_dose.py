"""Lesson 09: English against Spanish by the number of voices trained on, in two studios."""

import random

from experiments.language import DATA as FOLDERS
from experiments.language import Voice, every_voice, mean, right, train

DATA = FOLDERS
CLASSES = ("en", "es")
ROLES = ("main", "d", "vb", "bj", "i", "l", "e", "t", "b", "p")
DOSES = (1, 2, 4, 8)
DRAWS = (0, 1, 2)
STEPS = 120


def of_roles(roles: list[str]) -> list[Voice]:
    """Return the voices of these roles, in both languages."""
    names = [f"drascula_{role}_{language}" for role in roles for language in CLASSES]
    return [voice for voice in every_voice() if voice.speaker in names]


def fitted(doses: list[int], values: list[float]) -> tuple[float, float]:
    """Return offset and slope of the straight line over the doublings, by least squares."""
    xs = [float(dose.bit_length() - 1) for dose in doses]
    centre, height = mean(xs), mean(values)
    slope = sum((x - centre) * (v - height) for x, v in zip(xs, values, strict=True))
    slope /= sum((x - centre) ** 2 for x in xs)
    return height - slope * centre, slope


def run() -> dict:
    """Return the accuracy over 3 s on two roles never heard, for each draw of roles."""
    table = []
    for seed in DRAWS:
        order = list(ROLES)
        random.Random(seed).shuffle(order)
        tested, pool = order[:2], order[2:]
        rows = {}
        for dose in DOSES:
            model = train(of_roles(pool[:dose]), CLASSES, seed, steps=STEPS)
            rows[str(dose)] = [right(model, voice, CLASSES)[0] for voice in of_roles(tested)]
        table.append({"tested": tested, "trained on": pool, "accuracy": rows})
        print(seed, tested, {k: round(mean(v), 3) for k, v in rows.items()}, flush=True)
    means = {str(d): round(mean(mean(one["accuracy"][str(d)]) for one in table), 4) for d in DOSES}
    offset, slope = fitted([1, 2, 4], [means[str(dose)] for dose in (1, 2, 4)])
    return {
        "draws": table,
        "mean": means,
        "offset": round(offset, 4),
        "slope a doubling": round(slope, 4),
        "predicted for 8": round(offset + 3 * slope, 4),
    }
