"""Lesson 09, acts one and two: four languages with a voice on both sides, and what was learned."""

from dataclasses import replace

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from experiments.language import DATA as FOLDERS
from experiments.language import Voice, every_voice, mean, part_of, right, scores, train
from experiments.language_recipe import Recipe

DATA = FOLDERS
SEEDS = (0, 1, 2)
CLASSES = ("es", "fr", "it", "ru")
KNOWN = ("july", "june", "carlo", "ivrvoice")
STRANGERS = ("allison", "armelle", "paola", "shmyrev")
PLAIN = Recipe(
    alpha=None,
    factor=None,
    snr_db=None,
    codec_db=None,
    decay=0.0,
    gamma=None,
    bins=0,
    stripes=0,
    normalise=False,
)
STEPS = 160


def named(names: tuple[str, ...], languages: tuple[str, ...] = CLASSES) -> list[Voice]:
    """Return the voices of these names."""
    return [v for v in every_voice() if v.speaker in names and v.language in languages]


def mean_spectra(voice: Voice) -> Tensor:
    """Return the mean level of each band, for each window of 3 s; loudness taken out."""
    n = voice.powers.shape[1] // 188
    powers = voice.powers[:, : n * 188].reshape(40, n, 188).mean(dim=2)
    levels = powers.clamp(min=1e-10).log10()
    return (levels - levels.mean(dim=0)).T


def silences(voice: Voice) -> Tensor:
    """Return the mean level of each band over the quietest 8 % of the frames of each 3 s."""
    n = voice.raw.shape[1] // 188
    frames = voice.raw[:, : n * 188].reshape(40, n, 188).clamp(min=1e-10).log10()
    order = frames.mean(dim=0).argsort(dim=1)[:, :15]
    return frames.gather(2, order[None].expand(40, -1, -1)).mean(dim=2).T


def linear(rows: list[Tensor], labels: list[str], test: list[Tensor], answers: list[str]) -> float:
    """Return the mean accuracy over voices of a linear model."""
    names = [label for some, label in zip(rows, labels, strict=True) for _ in some]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(torch.cat(rows).numpy(), names)
    found = (
        mean(float(guess == answer) for guess in model.predict(some.numpy()))
        for some, answer in zip(test, answers, strict=True)
    )
    return round(mean(found), 4)


def halves(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first three quarters and the last."""
    edge = len(rows) * 3 // 4
    return rows[:edge], rows[edge:]


def over(model: object, some: list[Voice], **options: object) -> list[float]:
    """Return the accuracy by voice over 3 s."""
    return [right(model, voice, CLASSES, **options)[0] for voice in some]  # type: ignore[arg-type]


def one_seed(seed: int) -> dict:
    """Return everything that depends on a seed."""
    known, strangers = named(KNOWN), named(STRANGERS)
    sides = {part: [part_of(voice, part) for voice in known] for part in ("train", "test")}
    model = train(sides["train"], CLASSES, seed, recipe=PLAIN, steps=STEPS)
    g = torch.Generator().manual_seed(seed)
    line = Recipe(alpha=None, decay=0.0, snr_db=(15.0, 25.0))
    through = []
    for voice in sides["test"]:
        tilt = torch.linspace(-0.6, 0.6, 40) * (1 if torch.rand(1, generator=g) < 0.5 else -1)
        powers = voice.powers * 10 ** tilt[:, None]
        through.append(replace(voice, powers=line.drawn(powers[None], g)[0]))
    shuffled = replace(PLAIN, shuffled=True)
    mixed = train(sides["train"], CLASSES, seed, recipe=shuffled, steps=STEPS)
    both = [*known, *strangers]
    speakers = [voice.speaker for voice in both]
    who = train(
        [part_of(voice, "train") for voice in both],
        speakers,
        seed,
        recipe=PLAIN,
        steps=STEPS,
        labels=speakers,
    )
    voice_right = []
    for place, voice in enumerate(both):
        best = scores(who, part_of(voice, "test"), 3.0, PLAIN).argmax(dim=1)
        voice_right.append(round(float((best == place).float().mean()), 4))
    remedied = train(sides["train"], CLASSES, seed, steps=STEPS)
    return {
        "voices shared": over(model, sides["test"], recipe=PLAIN),
        "voices never heard": over(model, strangers, recipe=PLAIN),
        "never heard, all remedies": over(remedied, strangers),
        "another channel": over(model, through, recipe=PLAIN),
        "shuffled, voices shared": over(mixed, sides["test"], recipe=shuffled),
        "shuffled, voices never heard": over(mixed, strangers, recipe=shuffled),
        "naming one of eight voices": voice_right,
    }


def studio(seed: int) -> dict:
    """Return Czech against Dutch: the voice m is trained on, v is tested, in the same studios."""
    classes = ("cs", "nl")
    heard = named(("fillets_m_cs", "fillets_m_nl"), classes)
    tested = named(("fillets_v_cs", "fillets_v_nl"), classes)
    found = {}
    for name, recipe in {
        "net": PLAIN,
        "shuffled": replace(PLAIN, shuffled=True),
        "net, all remedies": Recipe(),
        "all remedies, shuffled": Recipe(shuffled=True),
    }.items():
        model = train(heard, classes, seed, recipe=recipe, steps=STEPS // 2)
        found[name] = [right(model, voice, classes, recipe=recipe)[0] for voice in tested]
    return found


def run() -> dict:
    """Return the accuracies over 3 s, by voice; the linear models know no seed."""
    known, strangers = named(KNOWN), named(STRANGERS)
    labels = [voice.language for voice in known]
    table = {}
    for name, shape in {"mean spectrum": mean_spectra, "silence": silences}.items():
        pairs = [halves(shape(voice)) for voice in known]
        rows = [first for first, _ in pairs]
        table[name] = {
            "voices shared": linear(rows, labels, [last for _, last in pairs], labels),
            "voices never heard": linear(
                rows, labels, [shape(v) for v in strangers], [v.language for v in strangers]
            ),
        }
    heard = named(("fillets_m_cs", "fillets_m_nl"), ("cs", "nl"))
    tested = named(("fillets_v_cs", "fillets_v_nl"), ("cs", "nl"))
    for name, shape in {"mean spectrum": mean_spectra, "silence": silences}.items():
        table[name]["cs against nl"] = linear(
            [shape(v) for v in heard],
            [v.language for v in heard],
            [shape(v) for v in tested],
            [v.language for v in tested],
        )
    print(table, flush=True)
    four, two = [], []
    for seed in SEEDS:
        four.append(one_seed(seed))
        two.append(studio(seed))
        print(seed, {k: round(mean(v), 3) for k, v in four[-1].items()}, flush=True)
        print(seed, {k: round(mean(v), 3) for k, v in two[-1].items()}, flush=True)
    return {
        "seeds": list(SEEDS),
        "chance": 0.25,
        "seconds": 3,
        "known": list(KNOWN),
        "strangers": list(STRANGERS),
        "linear": table,
        "four": four,
        "cs against nl": two,
    }
