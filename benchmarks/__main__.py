"""Run the benchmarks and print one table: ``python -m benchmarks [NAME ...]``.

Each benchmark is a module of this package with ``main() -> list[Row]``. It runs in a fresh
process, so that no measurement is warmed up, slowed down or left with other thread settings by
the one before. The exit code is 1 when a benchmark could not run. A missed goal is printed and
does not change it: on a busy machine any goal may be missed.
"""

from __future__ import annotations

import argparse
import pkgutil
import platform
import sys
import traceback
from pathlib import Path

from benchmarks._run import run_alone
from benchmarks.table import Row, render


def names() -> list[str]:
    """Return the names of all benchmarks, in order."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(m.name for m in modules if m.name[0] != "_" and m.name != "table")


def machine() -> str:
    """Return one line on what the figures were taken on."""
    import torch

    return (
        f"{platform.system()} {platform.machine()} · Python {platform.python_version()} · "
        f"torch {torch.__version__} · {torch.get_num_threads()} threads"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that are asked for, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", help=f"any of: {', '.join(names())} (default: all)")
    wanted = parser.parse_args(arguments).names or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}; there are {', '.join(names())}")

    rows: list[Row] = []
    failed: list[str] = []
    for name in wanted:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows += run_alone(name)
        except Exception:
            traceback.print_exc()
            failed.append(name)

    judged = [row for row in rows if row.met is not None]
    print(machine())
    print(render(rows))
    print(f"{sum(bool(row.met) for row in judged)} of {len(judged)} goals met")
    if failed:
        print(f"could not run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
