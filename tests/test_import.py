"""What importing costs: time, and what comes along."""

import json
import subprocess
import sys

import pytest

TIMED = """
import time, torch
start = time.perf_counter()
import avtutor
print(time.perf_counter() - start)
"""
LOADED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_avtutor_adds_little_to_torch() -> None:
    """At most 0.2 s beyond torch's own import, the best of three."""
    assert min(float(run(TIMED)) for _ in range(3)) <= 0.2


@pytest.mark.parametrize(
    "room", ["avtutor", "avtutor.units", "avtutor.media", "avtutor.spectral", "avtutor.synth"]
)
def test_the_lower_floors_bring_no_heavy_library(room: str) -> None:
    heavy = {"matplotlib", "seaborn", "torchaudio", "sklearn", "IPython", "ipywidgets", "librosa"}
    assert heavy & set(json.loads(run(LOADED, room))) == set()
