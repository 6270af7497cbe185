"""GCompris: farm animals, instruments, noises and music, from Qt's resource files (.rcc)."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from fetch import unpacked


def read_rcc(path: Path) -> dict[str, bytes]:
    """Return the files inside a Qt binary resource, by their path.

    The file holds a tree of nodes, a table of names (UTF-16) and the data, each at an offset
    that the header gives. A data block may be packed by zlib (flag 1).
    """
    raw = path.read_bytes()
    magic, version, tree, data, names = struct.unpack_from(">4sIIII", raw)
    if magic != b"qres" or version > 3:
        raise ValueError(f"{path}: expected a Qt resource of version 1 to 3, got {raw[:8]!r}")
    node_size = 22 if version >= 2 else 14
    files: dict[str, bytes] = {}

    def walk(index: int, prefix: str) -> None:
        at = tree + index * node_size
        name_at, flags = struct.unpack_from(">IH", raw, at)
        (length,) = struct.unpack_from(">H", raw, names + name_at)
        name = raw[names + name_at + 6 : names + name_at + 6 + 2 * length].decode("utf-16-be")
        here = f"{prefix}/{name}" if name else prefix
        if flags & 2:  # a folder
            count, child = struct.unpack_from(">II", raw, at + 6)
            for k in range(count):
                walk(child + k, here)
            return
        (offset,) = struct.unpack_from(">I", raw, at + 10)
        (size,) = struct.unpack_from(">I", raw, data + offset)
        block = raw[data + offset + 4 : data + offset + 4 + size]
        if flags & 4:
            raise ValueError(f"{path}: {here} is packed by zstd, which is not read here")
        files[here.lstrip("/")] = zlib.decompress(block[4:]) if flags & 1 else block

    walk(0, "")
    return files


PACKAGE = "gcompris-qt-data"
GPL = ("GPL-3.0-or-later", "GCompris: Sylvain Dechy, Jérôme Blanchard, Julie Jules, Chloé Tuvuku")
DRAWN = ("CC-BY-SA-4.0", "Timothée Giet")
DRAWN_GPL = ("GPL-3.0-only", "Bruno Coudoin and others (GCompris)")
FARM_SOUND = ("GPL-3.0-only", "Bruno Coudoin and others (GCompris)")
FREE_ART = ("LAL-1.2", "Lionel Allorge and others, for Lagora")

PHOTOS = {
    "cat": ("LicenseRef-public-domain", "Loliloli"),
    "chicken": ("LicenseRef-public-domain", "Tranquilles"),
    "cow": ("LicenseRef-public-domain", "Dohduhdah"),
    "dog": ("LicenseRef-public-domain", "Hans Kemperman"),
    "duck": ("CC0-1.0", "Bernard Spragg"),
    "horse": ("CC0-1.0", "Seth Zeigler"),
    "owl": ("CC0-1.0", "Lepale"),
    "pig": ("LicenseRef-public-domain", "Teinesavaii"),
    "sheep": ("CC0-1.0", "Rob Mitchell"),
}
"""Licence and author of the photographs of the farm animals (all on Wikimedia Commons)."""

INSTRUMENTS = (
    "accordion", "banjo", "bongo", "castanets", "cello", "clarinet", "cymbal", "electric_guitar",
    "flute_traversiere", "guitar", "harmonica", "harp", "horn", "maracas", "organ", "piano",
    "saxophone", "snare_drum", "tambourine", "timpani", "triangle", "trombone", "trumpet",
    "tuba", "violin",
)  # fmt: skip
"""All but the drum kit, whose sound has another licence (CC Sampling Plus)."""

MUSIC = {
    "africa": ("a djembe", "CC0-1.0", "Michi Henning"),
    "beethoven": ("Beethoven's 9th symphony, second movement", "CC0-1.0", "Drummyfish"),
    "ireland": ("The Wind that Shakes the Barley", "CC-BY-3.0", "peakfiddler"),
    "japan": ("taiko drums", "CC0-1.0", "Scott Harding"),
}
"""Pieces of music: what they are, licence and author."""

NOISES = {
    "gong": "LRBuddhist_gong_05_LA",
    "bark_1": "LRBark_1_LA_cut",
    "bark_3": "LRBark_3_LA_cut",
    "frogs": "LRFrogsInPondDuringStormLACut",
    "rain": "LRRain_in_garden_01_LA_cut",
    "train": "LRTrain_slowing_down_01_LA_cut",
    "car": "LRStartAndStopCarEngine1LACut",
    "heart": "LRHeart_beat_01_LA",
    "applause": "LRApplauses_1_LA_cut",
    "ring": "LRRing_01_LA",
    "door": "LRDoor_Open_2_LA",
}
"""Sounds without a picture, by our name for them."""


def resource(activity: str) -> Path:
    """Return the folder that holds the unpacked files of one activity."""
    package = unpacked(PACKAGE)
    folder = package / "rcc" / activity
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        packed = package / f"usr/share/gcompris-qt/rcc/{activity}.rcc"
        for name, content in read_rcc(packed).items():
            (partial / name.rsplit("/", 1)[-1]).write_bytes(content)
        partial.rename(folder)
    return folder


@dataclass(frozen=True)
class Item:
    """One picture or sound to take: where it comes from and what it becomes."""

    source: Path
    product: str
    licence: str
    author: str


def items() -> tuple[list[Item], list[dict[str, str]]]:
    """Return everything that is taken, and the rows of the index of stamps."""
    taken, rows = [], []
    farm, played = resource("explore_farm_animals"), resource("instruments")
    music, noises = resource("explore_world_music"), resource("memory-sound")

    def row(key: str, name: str, category: str, picture: str, sound: str, take: str) -> None:
        rows.append({"stamp": key, "name": name, "category": category, "picture": picture,
                     "sound": sound, "recording": take, "named": ""})  # fmt: skip

    for animal, photo in PHOTOS.items():
        sound = f"sounds/farm/{animal}.ogg"
        heard = "chickens" if animal == "chicken" else animal
        taken.append(Item(farm / f"{animal}.webp", f"pictures/farm/{animal}.png", *photo))
        taken.append(Item(farm / f"{animal}.svg", f"pictures/farm/{animal}_drawn.png", *DRAWN))
        taken.append(Item(farm / f"{heard}.ogg", sound, *FARM_SOUND))
        for key in (animal, f"{animal}_drawn"):
            picture = f"pictures/farm/{key}.png"
            row(f"farm/{key}", f"A {animal}.", "farm", picture, sound, f"farm/{animal}")
    for name in INSTRUMENTS:
        sound, picture = f"sounds/instruments/{name}.ogg", f"pictures/instruments/{name}.png"
        taken.append(Item(played / f"{name}.ogg", sound, *GPL))
        taken.append(Item(played / f"{name}.svg", picture, *DRAWN_GPL))
        key, words = f"instruments/{name}", name.replace("_", " ")
        row(key, f"{words.capitalize()}.", "instruments", picture, sound, key)
    for name, source in NOISES.items():
        taken.append(Item(noises / f"{source}.ogg", f"sounds/noises/{name}.ogg", *FREE_ART))
    for name, (_, licence, author) in MUSIC.items():
        taken.append(Item(music / f"{name}.ogg", f"sounds/music/{name}.ogg", licence, author))
    return taken, rows


NOTICES = {
    "explore_farm_animals": "README",
    "instruments": "README",
    "explore_world_music": "README",
    "memory-sound": "Licence.txt",
}
"""Statements of copyright inside the resource files."""
