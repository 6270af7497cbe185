"""Make single products, and remember what the manifest says of each."""

from dataclasses import dataclass, field
from pathlib import Path

import soundfile
from fetch import PACKAGES, unpacked
from manifest import hash_of, write_csv
from picture import SIDE, shrink
from sound import RATE, Reel

CHANGES = "{n} clips joined, mono {rate} Hz, Opus {kbit:g} kbit/s, level x{gain:.3f}"
OURS = {"author": "the authors of avtutor", "licence": "CC0-1.0"}


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
        """Write a reel unless it is there in the right length, and remember it."""
        if not reel.path.exists() or soundfile.info(str(reel.path)).frames != reel.length:
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
        self.entry(path, "", [], changes="index, made by data/build", **OURS)

    def copy(self, path: Path, package: str, source: Path, **said: str) -> None:
        """Copy a source file as it is, and remember it."""
        self.file(path, source.read_bytes(), package, [source], **said, changes="none")

    def picture(self, path: Path, package: str, source: Path, **said: str) -> None:
        """Make a small PNG unless it is there, and remember it."""
        content = b"" if path.exists() else shrink(source)
        changes = f"at most {SIDE} pixels a side, colours in steps of 4, PNG"
        self.file(path, content, package, [source], **said, changes=changes)
