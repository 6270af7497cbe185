"""The spoken digits that nobody spoke: rendered by two synthesisers, eSpeak NG and Pico.

A voice keeps its manner (rate, pitch, range of pitch), drawn once for it; each take of each digit
departs a little from that, and has an intonation of its own. All of it is drawn from the names,
so that a voice that comes or goes changes no other, and written into the index.
"""

from pathlib import Path
from random import Random

import numpy as np
from fetch import unpacked
from maker import Maker
from render import Clip, render
from sound import RATE, Reel, at_rate

COLUMNS = ("file", "start", "end", "language", "speaker", "digit", "take",
           "voice", "rate", "pitch", "range", "text")  # fmt: skip

WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "ru": "ноль один два три четыре пять шесть семь восемь девять",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
}

ACCENTS = {
    "en": ("en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-us-nyc"),
    "es": ("es", "es-419"),
    "fr": ("fr", "fr-be", "fr-ch"),
    "it": ("it",),
    "ru": ("ru",),
}
"""eSpeak's voices by language; each variant has one accent in each."""

LEFT_OUT = {
    "whispers: no pitch": ("caleb", "whisper", "whisperf"),
    "near another variant": (
        "anikaRobot", "benjamin", "edward2", "fast", "Gene2", "grandpa", "Henrique", "Hugo",
        "iven2", "iven3", "john", "klatt2", "klatt4", "klatt5", "klatt6", "m6", "Michael",
        "michel", "miguel", "Mike", "mike2", "Nguyen", "Reed", "robert", "robosoft3", "robosoft5",
        "steph2", "steph3",
    ),
}  # fmt: skip
"""Variants that are not taken, by the reason; measured by ``variants.py``."""

POLYGLOTS = (
    "david", "m4", "iven4", "sandro", "max", "gustave", "AnxiousAndy", "UniRobot", "shelby", "f1",
    "f3", "f5", "belinda", "Andrea",
)  # fmt: skip
"""The variants that speak all five languages; the others speak English. They are spread over the
pitches that there are."""

TAKES = 2
MARKS = (".", ",", "?", "!")
"""The intonation of a take: how the word would end in a sentence."""

PICO_VOICES = {"en_gb": "en-GB", "en_us": "en-US", "es": "es-ES", "fr": "fr-FR", "it": "it-IT",
               "de": "de-DE"}  # fmt: skip
PICO_TAKES = 5

KBIT = {"espeak": 14, "pico": 20}
FRAME, MARGIN, BELOW = RATE // 100, RATE // 50, 50.0
"""Trimming: 20 ms before the first and after the last 10 ms within 50 dB of the loudest."""

LEVEL = -23.0
"""Mean power of all clips of a speaker, in dB below full scale."""

LICENCES = {
    "espeak": ("espeakng-loader", "GPL-3.0-or-later",
               "synthetic voice, eSpeak NG 1.52.0 (Jonathan Duddington, Reece H. Dunn and the "
               "eSpeak NG contributors)"),
    "pico": ("py-nanotts", "Apache-2.0",
             "synthetic voice, Pico (SVOX AG), by way of nanotts and py-nanotts"),
}  # fmt: skip

NOTICE = {
    "espeak": """\
These clips are synthetic: nobody spoke them. They were rendered by eSpeak NG 1.52.0 as it lies in
the Python package espeakng-loader 0.2.4, with its own voices and variants.

eSpeak NG is free software: copyright 2005-2014 Jonathan Duddington, 2013-2024 Reece H. Dunn and
the other authors of eSpeak NG; GNU General Public License, version 3 or (at your option) any
later version. Its text is in ../licences/GPL-3.txt. The package itself names no licence. No part
of the program is here; the clips are passed on under the program's own licence, since the voices
that they were made with are part of it.
""",
    "pico": """\
These clips are synthetic: nobody spoke them. They were rendered by Pico, the speech synthesiser of
SVOX AG, as it lies in the Python package py-nanotts 0.1.1, with its own six voices.

Pico: copyright 2008-2009 SVOX AG. Licensed under the Apache License, version 2.0, whose text is
in LICENSE-py-nanotts.txt. No part of the program is here; the clips are passed on under its
licence. They were trimmed, joined into one file a language and encoded.
""",
}


def variants_there() -> list[str]:
    """Return the names of all variants of eSpeak NG."""
    folder = unpacked("espeakng-loader") / "espeakng_loader/espeak-ng-data/voices/!v"
    return sorted((path.name for path in folder.iterdir()), key=str.casefold)


def variants() -> list[str]:
    """Return the names of the variants that are taken."""
    out = {name for names in LEFT_OUT.values() for name in names}
    return [name for name in variants_there() if name not in out]


def plan_of_espeak(language: str) -> list[dict[str, str]]:
    """Return what eSpeak is to say in one language: rows of the index, without their place."""
    rows = []
    for variant in variants() if language == "en" else POLYGLOTS:
        own = Random(variant)
        rate, pitch, width = own.randint(95, 155), own.randint(35, 70), own.randint(30, 70)
        accent = Random(f"{variant} {language}").choice(ACCENTS[language])
        for take in range(TAKES):
            for digit, word in enumerate(WORDS[language].split()):
                now = Random(f"{variant} {language} {digit} {take}")
                rows.append({
                    "language": language,
                    "speaker": "espeak_" + variant.lower().replace(" ", "_"),
                    "digit": str(digit),
                    "take": str(take),
                    "voice": f"{accent}+{variant}",
                    "rate": str(rate + now.randint(-15, 15)),
                    "pitch": str(pitch + now.randint(-8, 8)),
                    "range": str(width + now.randint(-15, 15)),
                    "text": word + now.choice(MARKS),
                })  # fmt: skip
    return rows


def plan_of_pico(language: str) -> list[dict[str, str]]:
    """Return what Pico is to say in one language: rows of the index, without their place."""
    rows = []
    for name in (name for name in PICO_VOICES if name.startswith(language)):
        for take in range(PICO_TAKES):
            for digit, word in enumerate(WORDS[language].split()):
                now = Random(f"pico {name} {digit} {take}")
                rows.append({
                    "language": language,
                    "speaker": f"pico_{name}",
                    "digit": str(digit),
                    "take": str(take),
                    "voice": PICO_VOICES[name],
                    "rate": f"{now.uniform(0.75, 1.2):.2f}",
                    "pitch": f"{now.uniform(0.8, 1.25):.2f}",
                    "range": "",
                    "text": word,
                })  # fmt: skip
    return rows


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Return a clip without the silence around it: the rule is that of FRAME, BELOW and MARGIN."""
    count = len(samples) // FRAME
    power = (samples[: count * FRAME].reshape(count, FRAME) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-BELOW / 10))
    return samples[max(0, loud[0] * FRAME - MARGIN) : (loud[-1] + 1) * FRAME + MARGIN]


def levelled(said: list[np.ndarray], speakers: list[str]) -> list[np.ndarray]:
    """Return the clips with every speaker at LEVEL: one factor a speaker, over all its clips."""
    power = {
        name: np.concatenate([c for c, who in zip(said, speakers, strict=True) if who == name])
        for name in set(speakers)
    }
    gain = {name: 10 ** (LEVEL / 20) / np.sqrt((c**2).mean()) for name, c in power.items()}
    return [c * np.float32(gain[who]) for c, who in zip(said, speakers, strict=True)]


def sources_of(engine: str, language: str) -> list[Path]:
    """Return the files of the package that the sounds of one language depend on."""
    if engine == "pico":
        folder = unpacked("py-nanotts") / "py_nanotts"
        voices = [voice for name, voice in PICO_VOICES.items() if name.startswith(language)]
        files = [path for voice in voices for path in sorted(folder.glob(f"lang/{voice}_*"))]
        return [folder / "_nanotts.abi3.so", *files]
    folder = unpacked("espeakng-loader") / "espeakng_loader"
    data = folder / "espeak-ng-data"
    shared = [data / name for name in ("phondata", "phonindex", "phontab", "intonations")]
    spoken = variants() if language == "en" else list(POLYGLOTS)
    return [folder / "libespeak-ng.so", *shared, data / f"{language}_dict",
            *(data / "voices/!v" / name for name in spoken)]  # fmt: skip


def make_synthetic(maker: Maker) -> None:
    """Make one reel a language of each synthesiser, one index for each, and its notice."""
    plans = {
        "espeak": {language: plan_of_espeak(language) for language in ACCENTS},
        "pico": {language: plan_of_pico(language) for language in WORDS if language != "ru"},
    }
    for engine, by_language in plans.items():
        package, licence, author = LICENCES[engine]
        here, rows = maker.root / engine, []
        for language, plan in by_language.items():
            clips: list[Clip] = [
                {key: row[key] for key in ("voice", "text", "rate", "pitch", "range")}
                for row in plan
            ]
            said, rate = render(engine, clips)
            reel = Reel(here / f"synthetic_digits_{language}.opus", kbit=KBIT[engine])
            cut = [trimmed(at_rate(samples, rate)) for samples in said]
            cut = levelled(cut, [row["speaker"] for row in plan])
            for row, samples in zip(plan, cut, strict=True):
                reel.add_samples(samples, **row)
            reel.sources = sources_of(engine, language)
            maker.reel(reel, package, author=author, licence=licence,
                       source="see synthetic_digits.csv")  # fmt: skip
            maker.entries[-1]["changes"] = (
                "rendered (synthetic speech), trimmed, " + (maker.entries[-1]["changes"])
            )
            rows += reel.rows
        maker.index(here / "synthetic_digits.csv", rows, COLUMNS)
        maker.file(here / "NOTICE.txt", NOTICE[engine].encode(), "", [],
                   author="the authors of avtutor", licence="CC0-1.0",
                   changes="written for this folder")  # fmt: skip
