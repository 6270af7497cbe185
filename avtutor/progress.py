"""One line that tells how far a training is, where somebody watches a terminal."""

import sys
from types import TracebackType


def is_watched() -> bool:
    """Return whether standard error is a terminal, and not that of a notebook's kernel."""
    return sys.stderr.isatty() and "ipykernel" not in sys.modules


class ProgressLine:
    """Writes over one line of standard error; silent where nobody watches.

    >>> with ProgressLine() as line:
    ...     line.show("epoch 1 of 5")
    """

    def __init__(self) -> None:
        self._on = is_watched()
        self._width = 0

    def show(self, text: str) -> None:
        """Replace the line by `text`."""
        if self._on:
            sys.stderr.write("\r" + text.ljust(self._width))
            sys.stderr.flush()
            self._width = len(text)

    def __enter__(self) -> "ProgressLine":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the line, so that what is printed next starts on its own."""
        if self._width:
            sys.stderr.write("\n")
            self._width = 0
