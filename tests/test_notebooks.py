"""The stored lessons: whole, up to date, and with exercises that answer."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import build
import nbformat
import pytest
import rules
from lesson_exercises import exercises_of, solution_problems, wrong_answer_problems

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("src/*.py"))


def wrong_answers(lesson: str) -> dict[str, list[tuple[Callable[..., Any], str]]]:
    path = ROOT / "tests" / "exercises" / f"wrong_{lesson[:2]}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wrong: dict[str, list[tuple[Callable[..., Any], str]]] = module.WRONG
    return wrong


def test_the_lessons_begin_with_the_first() -> None:
    names = [path.stem for path in SOURCES]
    assert set(names) <= set(rules.LESSONS)
    assert rules.LESSONS[0] in names


def test_every_notebook_is_what_its_source_gives() -> None:
    built = [path for path in SOURCES if (NOTEBOOKS / f"{path.stem}.ipynb").exists()]
    assert build.check(built, NOTEBOOKS, ROOT / "CLAIMS.md") == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_stored_lesson_is_whole(source: Path) -> None:
    path = NOTEBOOKS / f"{source.stem}.ipynb"
    assert path.exists(), f"{path.name} is not built: make notebooks"
    assert path.stat().st_size <= rules.MAX_BYTES
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert rules.lesson_problems(notebook, source.stem) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_exercises_pass_when_solved_and_diagnose_when_wrong(source: Path) -> None:
    exercises = exercises_of(source.read_text(encoding="utf-8"))
    wrong = wrong_answers(source.stem)
    assert sorted(wrong) == sorted(exercise.exercise_id for exercise in exercises)
    for exercise in exercises:
        assert solution_problems(exercise) == []
        assert wrong_answer_problems(exercise, wrong[exercise.exercise_id]) == []
