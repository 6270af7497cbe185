"""What is said when a file cannot be read or written."""

import os
from pathlib import Path

PathLike = str | os.PathLike[str]


class MediaError(ValueError):
    """A file that cannot be read or written. The message names the file and the reason."""

    def __init__(self, path: PathLike, reason: str) -> None:
        super().__init__(f"{os.fspath(path)}: {reason}")
        self.path = Path(path)
        self.reason = reason


def existing_file(path: PathLike) -> str:
    """Return the path as text.

    Raises:
        MediaError: if there is no such file, or nothing in it.
    """
    file = os.fspath(path)
    if os.path.isdir(file):
        raise MediaError(path, "this is a folder, not a file")
    if not os.path.exists(file):
        raise MediaError(path, "there is no such file")
    if os.path.getsize(file) == 0:
        raise MediaError(path, "the file is empty (0 bytes)")
    return file


def reason_of(error: Exception) -> str:
    """Return what a library says of an error, without the path and the number."""
    return getattr(error, "strerror", None) or str(error)
