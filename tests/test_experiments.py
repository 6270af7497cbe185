"""Every stored table is of the code as it is; and the fingerprint sees what it has to see."""

import json
from pathlib import Path

import pytest

from avtutor.checks import experiments as stored_tables
from avtutor.checks import stored
from experiments import __main__ as experiments
from experiments import fingerprint

ROOT = Path(__file__).resolve().parents[1]


def test_no_table_is_out_of_date() -> None:
    assert experiments.problems() == []


def test_every_table_has_its_experiment() -> None:
    assert {path.stem for path in experiments.HERE.glob("*.json")} <= set(experiments.names())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: an experiment that takes one name out of a sub-package."""
    files = {
        "experiments/01_toy.py": "from avtutor.room import sum_of\nfrom avtutor import far\n\n"
        "def run():\n    return sum_of() + far.near()\n",
        "avtutor/__init__.py": "",
        "avtutor/room/__init__.py": "from avtutor.room.one import sum_of\n"
        "from avtutor.room.two import other\n",
        "avtutor/room/one.py": "from functools import cache\n\n"
        "from avtutor.deep import BASE, UNUSED\n\n@cache\ndef sum_of():\n    return BASE\n\n"
        "def neighbour():\n    return UNUSED\n",
        "avtutor/room/two.py": "def other():\n    return 2\n",
        "avtutor/deep.py": 'BASE = 1\n"""What all stands on."""\nUNUSED = 7\n',
        "avtutor/far.py": "def near():\n    from avtutor.late import LATE\n    return LATE\n\n"
        "def aside():\n    return 5\n",
        "avtutor/late.py": "LATE = 3\n",
        "data/manifest.csv": "path,sha256\nbell/a.ogg,11\nhorn/b.ogg,22\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    return tmp_path


def test_the_closure_follows_a_name_to_where_it_is_made(project: Path) -> None:
    found = fingerprint.closure(project / "experiments/01_toy.py")
    assert [f"{path.relative_to(project).as_posix()} {name}" for path, name in found] == [
        "avtutor/deep.py BASE",
        "avtutor/far.py near",
        "avtutor/late.py LATE",
        "avtutor/room/one.py sum_of",
        "experiments/01_toy.py *",
        "experiments/01_toy.py run",
    ]


def test_the_training_loop_counts_by_what_it_computes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "HELD", {"avtutor/deep.py": "tests/golden/deep.json"})
    golden = project / "tests/golden/deep.json"
    golden.parent.mkdir(parents=True)
    golden.write_text("1")
    toy = project / "experiments/01_toy.py"
    before = fingerprint.fingerprint(toy)
    (project / "avtutor/deep.py").write_text("BASE = 1 + 0\n")
    assert fingerprint.fingerprint(toy) == before
    golden.write_text("2")
    assert fingerprint.fingerprint(toy) != before


def test_what_is_held_by_golden_values_is_there() -> None:
    for path, golden in fingerprint.HELD.items():
        assert (ROOT / path).is_file()
        assert (ROOT / golden).is_file()


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("avtutor/deep.py", "BASE = 1", "BASE = 2", True),
        ("avtutor/late.py", "LATE = 3", "LATE = 4", True),
        ("avtutor/room/one.py", "@cache\n", "", True),
        ("experiments/01_toy.py", "near()", "aside()", True),
        ("avtutor/room/two.py", "return 2", "return 3", False),
        ("avtutor/far.py", "return 5", "return 6", False),
        ("avtutor/deep.py", "UNUSED = 7", "UNUSED = 8", False),
        ("avtutor/deep.py", "all stands", "everything stands", False),
        ("avtutor/room/one.py", "@cache", "# A remark.\n\n@cache", False),
        ("data/manifest.csv", "bell/a.ogg,11", "bell/a.ogg,33", True),
        ("data/manifest.csv", "horn/b.ogg,22", "horn/b.ogg,33", False),
    ],
)
def test_what_changes_a_fingerprint(
    project: Path, name: str, old: str, new: str, changes: bool
) -> None:
    toy = project / "experiments/01_toy.py"
    before = fingerprint.fingerprint(toy, ["bell"])
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))
    assert (fingerprint.fingerprint(toy, ["bell"]) != before) is changes


def test_a_lesson_reads_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_tables, "FOLDER", tmp_path)
    table = {"command": "python -m experiments 01_toy", "seconds": 130, "result": {"a": [1, 2]}}
    (tmp_path / "01_toy.json").write_text(json.dumps(table))
    found = stored("01_toy")
    assert found.result == {"a": [1, 2]}
    assert repr(found) == (
        "experiments/01_toy.json, made by `python -m experiments 01_toy` in 2 minutes"
    )
    with pytest.raises(ValueError, match="no table 02_toy.json"):
        stored("02_toy")
