"""Make the folder of recordings from public packages.

    python data/build/build.py             make what is missing, then the manifest
    python data/build/build.py --check     make everything again elsewhere and compare

A product that is there is kept: delete it to have it made again (Opus in Ogg holds a random
serial number, so a file made twice differs; --check compares decoded samples instead).
Needs apt-get, dpkg, pip and rsvg-convert (Debian: librsvg2-bin), and the package installed.
"""

import argparse
import io
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import gcompris
import numpy as np
import soundfile
import tuxpaint
from fetch import CACHE, PACKAGES, unpacked
from manifest import COLUMNS, DATA, hash_of, read_csv, write_csv
from PIL import Image
from sound import RATE, Reel
from voices import VOICES, Voice, chosen, digits_of

VOICE_COLUMNS = ("file", "start", "end", "language", "speaker", "text", "source")
CHANGES = "{n} clips joined, mono {rate} Hz, Opus {kbit:g} kbit/s, level x{gain:.3f}"


@dataclass
class Maker:
    """Makes the products below ``root`` and remembers what to say of each."""

    root: Path
    entries: list[dict[str, str]] = field(default_factory=list)

    def entry(self, path: Path, package: str, sources: list[Path], **said: str) -> None:
        """Remember a product: its sources are files of the package, hashed in their order."""
        found = PACKAGES.get(package)
        one = sources[0].relative_to(unpacked(package)).as_posix() if len(sources) == 1 else ""
        self.entries.append(
            {
                "path": path.relative_to(self.root).as_posix(),
                "package": package,
                "version": found.version if found else "",
                "source": one,
                "source_sha256": hash_of(sources) if sources else "",
                **said,
            }
        )

    def reel(self, reel: Reel, package: str, *, author: str, licence: str, source: str) -> None:
        """Write a reel unless it is there, and remember it."""
        if not reel.path.exists():
            reel.write()
            print(f"{reel.path.relative_to(self.root)}  {reel.length / RATE:.0f} s", flush=True)
        changes = CHANGES.format(n=len(reel.rows), rate=RATE, kbit=reel.kbit, gain=reel.gain)
        self.entry(reel.path, package, reel.sources, author=author, licence=licence,
                   changes=changes)  # fmt: skip
        self.entries[-1]["source"] = source

    def file(self, path: Path, content: bytes, package: str, sources: list[Path],
             **said: str) -> None:  # fmt: skip
        """Write a file unless it is there, and remember it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
        self.entry(path, package, sources, **said)

    def index(self, path: Path, rows: list[dict[str, str]], columns: tuple[str, ...]) -> None:
        """Write an index, and remember it."""
        write_csv(path, rows, columns)
        self.entry(path, "", [], author="the makers of this folder", licence="CC0-1.0",
                   changes="index, made by data/build")  # fmt: skip


def _source_name(path: Path, package: str) -> str:
    """Return a source path inside its package."""
    return path.relative_to(unpacked(package)).as_posix()


def make_voices(maker: Maker, voices: list[Voice]) -> None:
    """Make one reel a voice and one index a folder; and the digits, where a voice counts."""
    for folder in sorted({voice.folder for voice in voices}):
        rows, digit_rows = [], []
        for voice in (voice for voice in voices if voice.folder == folder):
            here = maker.root / folder
            said = {"author": voice.credit, "licence": voice.licence}
            reel = Reel(here / voice.file)
            for path, words in chosen(voice):
                reel.add(path, language=voice.language, speaker=voice.speaker, text=words,
                         source=_source_name(path, voice.package))  # fmt: skip
            maker.reel(reel, voice.package, source="see voices.csv", **said)
            rows += reel.rows
            counted = digits_of(voice)
            if counted:
                reel = Reel(here / f"digits_{voice.file}")
                for digit, path in enumerate(counted):
                    reel.add(path, language=voice.language, speaker=voice.speaker,
                             digit=str(digit), source=_source_name(path, voice.package))  # fmt: skip
                maker.reel(reel, voice.package, source="see digits.csv", **said)
                digit_rows += reel.rows
        maker.index(maker.root / folder / "voices.csv", rows, VOICE_COLUMNS)
        if digit_rows:
            columns = tuple("digit" if name == "text" else name for name in VOICE_COLUMNS)
            maker.index(maker.root / folder / "digits.csv", digit_rows, columns)


def make_stamps(maker: Maker) -> None:
    """Make the stamps' pictures, sounds and spoken names."""
    here, source = maker.root / "tuxpaint", tuxpaint.root()
    rows = tuxpaint.stamps()
    for row in rows:
        stamp = row["stamp"]
        picture = tuxpaint.picture_of(stamp)
        product = here / row["picture"]
        licence, author = tuxpaint.credit(f"pictures/{stamp}")
        content = b"" if product.exists() else tuxpaint.shrink(picture)
        maker.file(product, content, tuxpaint.PACKAGE, [picture], author=author, licence=licence,
                   changes=f"at most {tuxpaint.SIDE} pixels a side, PNG")  # fmt: skip
        if row["sound"]:
            path = source / f"{stamp}.ogg"
            licence, author = tuxpaint.credit(f"sounds/{stamp}")
            maker.file(here / row["sound"], path.read_bytes(), tuxpaint.PACKAGE, [path],
                       author=author, licence=licence, changes="none")  # fmt: skip
    maker.index(here / "stamps.csv", rows, tuple(rows[0]))


def make_licences(maker: Maker) -> None:
    """Copy each package's statement of copyright beside what comes from it."""
    folders = {(Path(e["path"]).parts[0], e["package"]) for e in maker.entries if e["package"]}
    for folder, package in sorted(folders):
        if PACKAGES[package].kind == "deb":
            notices = [unpacked(package) / f"usr/share/doc/{package}/copyright"]
        else:
            notices = sorted(unpacked(package).glob("*.dist-info/licenses/LICENSE"))
        for notice in notices:
            path = maker.root / folder / f"LICENSE-{package}.txt"
            maker.file(path, notice.read_bytes(), package, [notice], author="see the text",
                       licence="LicenseRef-licence-text", changes="none")  # fmt: skip


def write_manifest(maker: Maker) -> None:
    """Write the manifest: what was remembered, and hash and length of every product."""
    rows = []
    for entry in sorted(maker.entries, key=lambda entry: entry["path"]):
        path = maker.root / entry["path"]
        seconds = ""
        if path.suffix in (".opus", ".ogg", ".mp3", ".flac"):
            seconds = f"{soundfile.info(str(path)).duration:.3f}"
        rows.append({**entry, "sha256": hash_of([path]), "bytes": str(path.stat().st_size),
                     "seconds": seconds})  # fmt: skip
    write_csv(maker.root / "manifest.csv", rows, COLUMNS)
    total = sum(int(row["bytes"]) for row in rows)
    print(f"{len(rows)} files, {total / 1e6:.1f} MB")


def make_all(root: Path) -> None:
    """Make everything below a folder."""
    maker = Maker(root)
    make_voices(maker, VOICES)
    make_stamps(maker)
    make_licences(maker)
    write_manifest(maker)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="make again elsewhere and compare")
    if parser.parse_args().check:
        raise SystemExit(check())
    make_all(DATA)


if __name__ == "__main__":
    main()
