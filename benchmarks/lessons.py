"""Seconds and peak memory of each built lesson, from a cold kernel to its last cell."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.table import Row, at_most

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SECONDS, GIB = 60.0, 1.5  # the goals


def main() -> list[Row]:
    """Run each lesson in a fresh process and return two rows for each."""
    rows = []
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        command = [sys.executable, "-m", "benchmarks.lessons", str(path)]
        seconds, peak = map(float, subprocess.check_output(command, text=True).split())
        rows.append(at_most(f"{path.stem}, cold kernel", seconds, SECONDS, "s"))
        rows.append(at_most(f"{path.stem}, peak memory", peak / 1024**3, GIB, "GiB"))
    return rows


def run(path: Path) -> tuple[float, int]:
    """Run one lesson; return its seconds and the peak memory of its kernel in bytes.

    The peak is that of the largest child this process ever had, so it has to be a fresh one.
    """
    try:
        import resource
    except ImportError:
        raise RuntimeError("peak memory is measured on Linux and macOS only") from None
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


if __name__ == "__main__":
    print(*run(Path(sys.argv[1])))
