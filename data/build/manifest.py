"""The list of every file in the folder: hash, source, author, licence."""

import csv
import hashlib
from pathlib import Path

DATA = Path(__file__).parent.parent
COLUMNS = (
    "path", "sha256", "bytes", "seconds", "package", "version", "source", "source_sha256",
    "author", "licence", "changes",
)  # fmt: skip


def hash_of(paths: list[Path]) -> str:
    """Return the SHA-256 of the bytes of the files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write_csv(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = ()) -> None:
    """Write rows as CSV in UTF-8 with LF line ends, under a temporary name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or tuple(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read rows of a CSV file in UTF-8."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
