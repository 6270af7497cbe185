"""How long the package takes to import, beyond torch's own import."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.table import Row, at_most

ROOMS = "avtutor, avtutor.waveform, avtutor.media, avtutor.spectral, avtutor.synth"
PROGRAM = f"""
import time, torch
start = time.perf_counter()
import {ROOMS}
print(time.perf_counter() - start)
"""


def main() -> list[Row]:
    """Return the best of five fresh processes; the first fills the disk's cache."""
    seconds = [
        float(subprocess.check_output([sys.executable, "-c", PROGRAM], text=True)) for _ in range(5)
    ]
    return [
        at_most("import: sound, files, spectra, beyond torch's own", min(seconds), 0.2, "s"),
    ]
