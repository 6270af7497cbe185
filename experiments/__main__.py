"""Run experiments and keep their tables: ``python -m experiments [NAME ...]``.

An experiment is a module of this folder, ``NN_topic.py``, with ``run() -> dict`` (what JSON can
hold) and, where it uses bundled recordings, ``DATA``: the names of their folders. Its table is
``NN_topic.json`` beside it: result, command, seconds, and the fingerprint of the code behind it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from experiments.fingerprint import fingerprint

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the names of all experiments, in order."""
    return sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.py"))


def table_of(name: str) -> Path:
    """Return where the table of an experiment lies."""
    return HERE / f"{name}.json"


def data_of(name: str) -> tuple[str, ...]:
    """Return the folders of bundled recordings that an experiment names."""
    return tuple(getattr(importlib.import_module(f"experiments.{name}"), "DATA", ()))


def current(name: str) -> str:
    """Return the fingerprint of an experiment as its code is now."""
    return fingerprint(HERE / f"{name}.py", data_of(name))


def problems() -> list[str]:
    """Return what is out of date: tables that are missing, or of other code."""
    found = []
    for name in names():
        if not table_of(name).exists():
            found.append(f"{name}: it has no table; run python -m experiments {name}")
            continue
        kept = json.loads(table_of(name).read_text(encoding="utf-8"))
        if kept["fingerprint"] != current(name):
            found.append(
                f"{name}: the code behind its table has changed; run python -m experiments {name}"
            )
    return found


def run(name: str) -> None:
    """Run one experiment and write its table, in one step."""
    before = current(name)
    start = time.perf_counter()
    result = importlib.import_module(f"experiments.{name}").run()
    table = {
        "command": f"python -m experiments {name}",
        "fingerprint": before,
        "seconds": round(time.perf_counter() - start),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "result": result,
    }
    text = json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    unfinished = table_of(name).with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, table_of(name))
    print(f"{name}: {table['seconds']} s")


def main(arguments: list[str] | None = None) -> int:
    """Run the experiments that are asked for, or say which tables are out of date."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=main.__doc__)
    parser.add_argument("names", nargs="*", help=f"any of: {', '.join(names())}")
    parser.add_argument("--check", action="store_true", help="run nothing, say what is out of date")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names())):
        parser.error(f"no experiment called {', '.join(unknown)}; there are {', '.join(names())}")
    if options.check or not options.names:
        found = problems()
        print("\n".join(found) or "up to date")
        return 1 if found else 0
    for name in options.names:
        print(f"{name} …", file=sys.stderr, flush=True)
        run(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
