"""Run one benchmark in a process of its own."""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from benchmarks.table import Row


def run(name: str) -> list[Row]:
    """Run one benchmark in this process."""
    rows: list[Row] = importlib.import_module(f"benchmarks.{name}").main()
    return rows


def run_alone(name: str) -> list[Row]:
    """Run one benchmark in a fresh process and return its rows."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, name).result()
