"""Tux Paint's stamps: pictures, the sounds of what they show, and their names said aloud."""

import re
from pathlib import Path

from fetch import unpacked
from sound import decode
from stats import levels

PACKAGE = "tuxpaint-stamps-default"
LANGUAGES = {
    "es": ("estefania", "Estefanía Ortiz"),
    "fr": ("paulk", "PaulK; animals by others (see README)"),
    "ru": ("edwin", "Edwin Veber"),
    "bg": ("petkov", "Krasimir Petkov"),
}
"""Who says the names: two Romance languages and two Slavic ones."""

OTHERS_ABOVE = -21.5
"""Level in dB that divides the French names: none lies between -22.5 and -20.9."""

SILENT = ("giraffe", "iguana", "nandou", "wombat")
"""Their sound files are digital silence."""

MISLABELLED = ("ram", "mountaingoat", "badger")
"""Copies of the goat's and the beaver's recordings under another name."""

NONFREE = ("firetruck",)
"""Its sound is marked as non-free by the authors of the collection."""

SAME_TAKE = {
    "animals/mammals/camel/dromedary": "animals/mammals/camel/camel",
    "household/arttools/scissors_small_open": "household/arttools/scissors_small_closed",
}
"""Sounds cut from one recording (their cross-correlation has a peak of 0.68)."""

GPL = ("GPL-2.0-or-later", "Bill Kendrick and the Tux Paint contributors (see CHANGES)")
CHILDSPLAY = ("GPL-2.0-or-later", "Stas Zytkiewicz (Childsplay) and contributors (see CHANGES)")
FORD = "Caroline Ford (GFDL, CC BY-SA or GPL, at the user's choice)"

CREDITS = {
    "sounds/vehicles/ship/cartoon/bathyscape": ("GFDL-1.2-only", "unknown (see source)"),
    "sounds/household/dishes/bottle": ("GPL-2.0-or-later", FORD),
    "sounds/household/dishes/glass": ("GPL-2.0-or-later", FORD),
    "sounds/household/kettle": ("GPL-2.0-or-later", FORD),
    "sounds/household/vacuum_cleaner": ("GPL-2.0-or-later", FORD),
    "sounds/household/Washing-machine": ("GPL-2.0-or-later", FORD),
}
"""Sounds whose licence or author differs from the collection's, as its list of changes says."""

PICTURE_CREDITS = {
    r"adeenia|anthoorium|appooppanthady|bolsom|chemparathi|chuvanna_plastic_poo": (
        "CC-BY-SA-3.0", "VHSS Irimpanam school, Kerala, via Vimal Joseph"),
    r"pelican|heron_greatblue.*": ("CC-BY-SA-2.5", "Erinn Lynch, prepared by Bill Kendrick"),
    r".*guineafowl.*": ("GFDL-1.2-or-later", "Paul Venter"),
    r"christmas_pudding": ("GFDL-1.2-or-later", "Musical Linguist at Wikipedia"),
    r"german_christmas_toy": ("CC-BY-SA-2.5", "André Karwath"),
    r"mince_pie": ("CC-BY-2.5", "Jmb at Wikipedia"),
    r"roast_turkey": ("CC-BY-2.0", "Patrick Fitzgerald"),
    r"lightbulb": ("GFDL-1.2-or-later", "KMJ at Wikipedia, alpha mask by Edokter"),
    r"apricot_whole|cherry_stella|strawberry2": (
        "GFDL-1.2-or-later", "Benjamint444 at Wikipedia, prepared by Caroline Ford"),
    r"woodlouse": ("GFDL-1.2-or-later", "Joaquim Alves Gaspar, prepared by Caroline Ford"),
    r"brown.?slug": ("CC-BY-SA-2.5", "Guttorm Flatabø, prepared by Caroline Ford"),
    r"firetruck": ("CC-BY-2.5", "Aaron M. Lang, prepared by Bill Kendrick"),
    r"inu(k|ng)shuk.*": ("CC-BY-SA-2.5", "Ansgar Walk (photo), Ed Montgomery (outline)"),
}  # fmt: skip
"""Pictures by file name (a pattern), likewise."""


def root() -> Path:
    """Return the folder of the stamps in the unpacked package."""
    return unpacked(PACKAGE) / "usr/share/tuxpaint/stamps"


def credit(product: str) -> tuple[str, str]:
    """Return licence and author of a picture or a sound, by its path without the suffix."""
    kind, _, stamp = product.partition("/")
    if product in CREDITS:
        return CREDITS[product]
    if kind == "pictures":
        name = stamp.rsplit("/", 1)[-1].lower()
        for pattern, found in PICTURE_CREDITS.items():
            if re.fullmatch(pattern, name):
                return found
    return CHILDSPLAY if stamp.startswith("animals/") and kind == "sounds" else GPL


def texts(stamp: str) -> dict[str, str]:
    """Return what a stamp shows in words, by language ("en" is the first line of its file)."""
    path = root() / f"{stamp}.txt"
    if not path.exists():
        return {}
    lines = path.read_text("utf-8").splitlines()
    found = {"en": lines[0].strip()} if lines else {}
    for line in lines[1:]:
        if match := re.match(r"([a-zA-Z_@]+)\.utf8=(.*)", line):
            found[match[1]] = match[2].strip()
    return found


def picture_of(stamp: str) -> Path:
    """Return the source picture of a stamp: a PNG where there is one, else the SVG."""
    pixels = root() / f"{stamp}.png"
    return pixels if pixels.exists() else pixels.with_suffix(".svg")


def stamps() -> list[dict[str, str]]:
    """Return a row for every stamp that has its sound, or its name in all four languages."""
    here = root()
    every = {
        path.relative_to(here).with_suffix("").as_posix()
        for path in here.rglob("*")
        if path.suffix in (".png", ".svg")
    }
    rows = []
    for stamp in sorted(every):
        name = stamp.rsplit("/", 1)[-1]
        heard = (here / f"{stamp}.ogg").exists() and name not in SILENT + MISLABELLED + NONFREE
        named = all((here / f"{stamp}_desc_{code}.ogg").exists() for code in LANGUAGES)
        if stamp.startswith("symbols/") or not (heard or named):
            continue
        words = texts(stamp)
        rows.append(
            {
                "stamp": stamp,
                "name": words.get("en", name),
                "category": stamp.split("/")[0],
                "picture": f"pictures/{stamp}.png",
                "sound": f"sounds/{stamp}.ogg" if heard else "",
                "recording": SAME_TAKE.get(stamp, stamp) if heard else "",
                "named": "yes" if named else "",
            }
        )
    return rows


def speaker_of(language: str, path: Path) -> str:
    """Return who says a name.

    The French ones are by several: PaulK's lie at -27 dB and 140 Hz; some animals are said
    10 dB louder, by one or more higher voices, and one by another man. These others are told
    by level and pitch, and kept together.
    """
    if language != "fr":
        return LANGUAGES[language][0]
    samples, rate = decode(path)
    return "french_others" if levels(samples, rate)[0] > OTHERS_ABOVE else LANGUAGES["fr"][0]


def digits() -> dict[str, list[Path]]:
    """Return the takes of 0 to 9 by language ("en" is American); some lack one or more."""
    found: dict[str, list[Path]] = {}
    for path in sorted((root() / "symbols/math").glob("[0-9]*.ogg")):
        match = re.fullmatch(r"\d(?:_desc)?(?:_([A-Za-z_]+))?", path.stem)
        if match and not match[1] == "desc":
            found.setdefault(match[1] or "en", []).append(path)
    for language, paths in found.items():  # the plain take where there is also a description
        plain = {path.stem[0]: path for path in paths if "_desc" not in path.stem}
        described = {path.stem[0]: path for path in paths}
        found[language] = [(described | plain)[digit] for digit in sorted(described)]
    return found
