"""Run a lesson's exercises alone: the lesson's imports, one solution, its check."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import build
import jupytext
import rules

from avtutor.checks.runner import verdict


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson: what the learner gets, and what solves it."""

    exercise_id: str
    function: str
    imports: str
    stub: str
    solution: str


def exercises_of(text: str) -> list[Exercise]:
    """Return the exercises of a lesson's source."""
    cells = jupytext.reads(text, fmt="py:percent").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    imports = "\n".join(
        ast.unparse(node)
        for cell in code
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    found = []
    for cell, after in zip(code, code[1:], strict=False):
        call = rules.CHECK_CALL.search(after.source)
        if "exercise" in rules.tags(cell) and call:
            stub, solution = build.without_solution(cell.source), build.with_solution(cell.source)
            found.append(Exercise(call[1], call[2], imports, stub, solution))
    return found


def define(imports: str, source: str, function: str) -> Callable[..., Any]:
    """Run the imports and one exercise, and return its function."""
    names: dict[str, Any] = {}
    exec(imports, names)
    exec(source, names)
    result: Callable[..., Any] = names[function]
    return result


def solution_problems(exercise: Exercise) -> list[str]:
    """Check the solution and the stub of one exercise."""
    problems = []
    for source, due in ((exercise.solution, "[x] passed"), (exercise.stub, "[ ] not attempted")):
        try:
            line = verdict(
                exercise.exercise_id, define(exercise.imports, source, exercise.function)
            )
        except Exception as error:
            line = f"{type(error).__name__}: {error}"
        if line != due:
            what = "the solution" if source is exercise.solution else "the stub"
            problems.append(f"{exercise.exercise_id}: {what} must read '{due}', got '{line}'")
    return problems


def wrong_answer_problems(
    exercise: Exercise, wrong: list[tuple[Callable[..., Any], str]]
) -> list[str]:
    """Check that three wrong answers at least get a diagnosis each, all different."""
    name = exercise.exercise_id
    lines = [verdict(name, function) for function, _ in wrong]
    problems = []
    if len(wrong) < 3:
        problems.append(f"{name}: at least 3 wrong answers, got {len(wrong)}")
    for line, (_, phrase) in zip(lines, wrong, strict=True):
        if not line.startswith("[!] ") or not phrase.strip() or phrase not in line:
            problems.append(f"{name}: '[!] … {phrase} …' is due, got '{line}'")
    # Numbers left out: the same sentence about another number is the same diagnosis.
    if len({re.sub(r"[-+\d.]+", "", line) for line in lines}) < len(lines):
        problems.append(f"{name}: two wrong answers get the same diagnosis: {lines}")
    return problems
