"""Compare two folders of products: sounds by their samples, all else byte by byte."""

from pathlib import Path

import numpy as np
import soundfile
from manifest import read_csv

MANIFEST = "manifest.csv"
TOLERANCE = 1e-3
"""Largest difference of two samples: encoders on other processors round differently."""


def differences(ours: Path, again: Path) -> list[str]:
    """Return one line for each product that is not the same in both folders."""
    first = {row["path"]: row for row in read_csv(ours / MANIFEST)}
    second = {row["path"]: row for row in read_csv(again / MANIFEST)}
    found = [f"{path}: only in one of the two" for path in sorted(set(first) ^ set(second))]
    for path in sorted(set(first) & set(second)):
        if first[path]["sha256"] == second[path]["sha256"]:
            continue
        if not path.endswith(".opus"):
            found.append(f"{path}: other bytes")
            continue
        a, _ = soundfile.read(ours / path, dtype="float32")
        b, _ = soundfile.read(again / path, dtype="float32")
        if len(a) != len(b):
            found.append(f"{path}: {len(a)} samples, and {len(b)} when made again")
        elif (worst := float(np.abs(a - b).max())) > TOLERANCE:
            found.append(f"{path}: samples differ by up to {worst:.2g}")
    return found
