"""The table of the benchmarks, and the run that makes it."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import table
from benchmarks.table import Row, at_most, faster, render

ROOT = Path(__file__).parents[1]


def test_examples_in_the_docstrings() -> None:
    failed, tried = doctest.testmod(table)
    assert tried >= 4
    assert failed == 0


def test_a_goal_that_is_missed_says_so() -> None:
    slow = faster("f", seconds=0.2, other="theirs", other_seconds=0.3, at_least=4)
    assert slow.ratio == pytest.approx(1.5)
    assert slow.met is False
    assert "MISSED" in render([slow])
    assert at_most("memory", 1.6, 1.5, "GiB").met is False
    assert at_most("memory", 1.5, 1.5, "GiB").met is True


def test_columns_are_aligned() -> None:
    rows = [Row("a", "1 ms"), Row("a longer name", "200 ms", goal="at most 1 s", met=True)]
    header, first, second = render(rows).splitlines()
    assert header.index("here") == first.index("1 ms") == second.index("200 ms")
    assert header.index("goal") == second.index("at most")


def test_what_cannot_run_is_named_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_alone(name: str) -> list[Row]:
        if name == "import_time":
            raise RuntimeError("no such thing here")
        return [at_most(name, 2, 1, "s")]

    monkeypatch.setattr(bench, "run_alone", run_alone)
    assert bench.main(["import_time", "lessons"]) == 1
    shown = capsys.readouterr()
    assert "0 of 1 goals met" in shown.out
    assert "no such thing here" in shown.err
    assert "could not run: import_time" in shown.err
    # A missed goal alone is no failure: on a busy machine any may be missed.
    assert bench.main(["lessons"]) == 0


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["nonsense"])
    assert "no benchmark called nonsense; there are" in capsys.readouterr().err


def test_each_benchmark_is_listed() -> None:
    assert {"import_time", "lessons", "log_mel"} <= set(bench.names())
    assert not {"table", "__main__", "_run"} & set(bench.names())


def test_as_a_program() -> None:
    command = [sys.executable, "-m", "benchmarks", "import_time"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    _, header, row, sum_ = result.stdout.splitlines()
    assert header.startswith("what ")
    assert "at most 0.2 s" in row
    assert re.fullmatch(r"[01] of 1 goals met", sum_)
