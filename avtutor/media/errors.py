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
