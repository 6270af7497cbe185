"""Each rule for lessons is seen to catch what it is for."""

import copy
from collections.abc import Callable
from typing import Any

import build
import nbformat
import pytest
import rules
from lesson_exercises import Exercise, exercises_of, solution_problems, wrong_answer_problems
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from toy_lesson import LESSON, SOURCE

from avtutor.checks import runner
from avtutor.checks.grading import Answer, compare, exercise

ONE_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNg"
    "YGAAAAAEAAHI6uv5AAAAAElFTkSuQmCC"
)
CLAIMS = (
    "claim 98.1 · it starts at zero · holds\n"
    "claim 98.2 · it reaches one · holds\n"
    "claim 98.3 · it is | mostly | positive · does not hold: both halves are equal\n"
)


@pytest.fixture
def notebook() -> NotebookNode:
    """The toy lesson as if it had been run."""
    planned = build.plan(SOURCE)
    for count, cell in enumerate(rules.code_cells(planned), start=1):
        cell.execution_count = count
        if "claim(" in cell.source:
            cell.outputs = [new_output("stream", name="stdout", text=CLAIMS)]
        if "alt" in cell.metadata:
            picture = {"image/png": ONE_PIXEL, "text/plain": "<Figure size 300x200>"}
            cell.outputs = [new_output("display_data", data=picture)]
    build.clean(planned)
    return planned


def test_a_good_lesson_has_no_problems(notebook: NotebookNode) -> None:
    assert rules.lesson_problems(notebook, LESSON) == []


def code(notebook: NotebookNode, number: int) -> NotebookNode:
    return rules.code_cells(notebook)[number]


def stream(text: str, name: str = "stdout") -> list[NotebookNode]:
    return [new_output("stream", name=name, text=text)]


def show(**data: str) -> list[NotebookNode]:
    kinds = {kind.replace("_", "/", 1): value for kind, value in data.items()}
    return [new_output("display_data", data=kinds)]


BROKEN: list[tuple[str, Callable[[NotebookNode], Any]]] = [
    ("execution counts must run", lambda nb: code(nb, 2).update(execution_count=None)),
    ("execution counts must run", lambda nb: code(nb, 2).update(execution_count=9)),
    (
        "ends in ValueError: no",
        lambda nb: code(nb, 0).outputs.append(
            new_output("error", ename="ValueError", evalue="no", traceback=[])
        ),
    ),
    ("writes to stderr: oh", lambda nb: code(nb, 0).update(outputs=stream("oh", "stderr"))),
    ("a figure without alt text", lambda nb: code(nb, 2).outputs[0].update(metadata={})),
    ("a figure without alt", lambda nb: code(nb, 2).outputs[0].metadata["image/png"].update(alt="x")),
    ("absolute path: '/home/ann/a.wav", lambda nb: code(nb, 0).update(outputs=stream("at /home/ann/a.wav"))),
    ("absolute path", lambda nb: code(nb, 0).update(source="path = '/tmp/a.wav'")),
    ("absolute path", lambda nb: code(nb, 0).update(source="path = 'C:\\\\sound'")),
    ("memory address: '0x7f3a", lambda nb: code(nb, 0).update(outputs=show(text_plain="<f at 0x7f3a5b>"))),
    ("carriage return", lambda nb: code(nb, 0).update(outputs=stream("10 %\r20 %"))),
    ("what a plot call returned", lambda nb: code(nb, 0).update(outputs=show(text_plain="<Axes: >"))),
    ("has a ';' at its end", lambda nb: code(nb, 0).update(source="import math;")),
    ("a magic or a shell command", lambda nb: code(nb, 0).update(source="%pip install torch")),
    ("a magic or a shell command", lambda nb: code(nb, 0).update(source="!ls")),
    ("sys.path", lambda nb: code(nb, 0).update(source="import sys\nsys.path.append('..')")),
    ("a download", lambda nb: code(nb, 0).update(source="urlopen('https://a.org')")),
    ("an nbval marker", lambda nb: code(nb, 0).update(source="# NBVAL_IGNORE_OUTPUT\nx = 1")),
    ("tags must be from", lambda nb: code(nb, 0).metadata.update(tags=["raises-exception"])),
    ("an empty cell", lambda nb: nb.cells.append(new_markdown_cell(" "))),
    ("at most 15 lines", lambda nb: code(nb, 0).update(source="x = 1\n" * 15 + "y = 2")),
    ("must begin with '# 98 · Title'", lambda nb: nb.cells[0].update(source="# 02 · What")),
    ("'## Sources' is missing", lambda nb: replace(nb, "## Sources", "## Links")),
    ("'## The short answer' is missing", lambda nb: replace(nb, "## The short answer", "")),
    ("not in its place", lambda nb: nb.cells.insert(0, nb.cells.pop())),
    ("block quote", lambda nb: replace(nb, "> \"What", "What")),
    ("N minutes", lambda nb: replace(nb, "20 minutes", "short")),
    ("must offer choices", lambda nb: replace(nb, "- **B** 6 dB more", "")),
    ("folded <details>", lambda nb: replace(nb, "<details>", "")),
    ("numbered 98.1, 98.2, 98.3, got 98.1, 98.3, 98.3", lambda nb: reword(nb, "98.2", "98.3")),
    ("at least 3 claims, got 2", lambda nb: reword(nb, CLAIMS.splitlines(keepends=True)[2], "")),
    ("no miss= says why", lambda nb: reword(nb, "zero · holds", "zero · does not hold")),
    ("out of date", lambda nb: reword(nb, "zero · holds", "zero · holds (declared a miss)")),
    ("cannot fail", lambda nb: replace(nb, "wave[0] == 0", "True")),
    ("cannot fail", lambda nb: replace(nb, "wave[0] == 0", "1 < 2")),
    ("2 to 4 exercises, got 1", lambda nb: code(nb, 4).metadata.update(tags=[])),
    ("the next cell must call check", lambda nb: replace(nb, 'check("98.louder", louder)', "x = 1")),
    ("the next cell must call check", lambda nb: replace(nb, "98.louder", "97.louder")),
    ("of an exercise", lambda nb: nb.cells.append(new_code_cell("x = louder([1.0])"))),
]  # fmt: skip


def replace(notebook: NotebookNode, old: str, new: str) -> None:
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)


def reword(notebook: NotebookNode, old: str, new: str) -> None:
    output = next(cell for cell in rules.code_cells(notebook) if "claim(" in cell.source).outputs[0]
    output.text = output.text.replace(old, new)


@pytest.mark.parametrize(("phrase", "damage"), BROKEN, ids=[phrase for phrase, _ in BROKEN])
def test_a_broken_lesson_is_found(
    notebook: NotebookNode, phrase: str, damage: Callable[[NotebookNode], Any]
) -> None:
    damage(notebook)
    assert any(phrase in problem for problem in rules.lesson_problems(notebook, LESSON))


def test_a_random_widget_view_is_found(notebook: NotebookNode) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a1"}}
    code(notebook, 0).outputs = [new_output("display_data", data=view)]
    assert "whose id is random" in rules.output_problems(notebook)[0]
    build.clean(notebook)
    assert rules.output_problems(notebook) == []


def test_what_is_allowed_is_let_through(notebook: NotebookNode) -> None:
    code(notebook, 0).source = "x = 0xFF  # a/tmp/b\n" + "y = 2\n" * 20
    code(notebook, 0).metadata.tags = ["by-hand"]
    html = f'<audio src="data:audio/mpeg;base64,{"0x1234567/tmp/" * 300}">'
    code(notebook, 0).outputs = show(text_html=html)
    assert rules.output_problems(notebook) + rules.source_problems(notebook) == []


def test_what_keeps_a_notebook_from_being_its_source(notebook: NotebookNode) -> None:
    planned = build.plan(SOURCE)
    assert build.differences(planned, notebook) == []
    damages: tuple[Callable[[NotebookNode], Any], ...] = (
        lambda nb: nb.cells[2].update(source="x = 1"),
        lambda nb: nb.cells.append(new_code_cell("x = 1")),
        lambda nb: nb.cells.pop(),
        lambda nb: nb.cells.reverse(),
        lambda nb: code(nb, 2).metadata.update(alt="Something else is to be seen here."),
        lambda nb: nb.metadata.update(kernelspec={"name": "mine"}),
    )
    for damage in damages:
        broken = copy.deepcopy(notebook)
        damage(broken)
        assert build.differences(planned, broken) != []


@pytest.fixture
def louder() -> Any:
    @exercise("98.louder")
    def grader(answer: Answer) -> str | None:
        return compare(answer([1.0, 3.0]), [2.0, 6.0])

    yield exercises_of(SOURCE)[0]
    del runner._GRADERS["98.louder"]


def test_a_solution_that_fails_and_a_stub_that_passes_are_found(louder: Exercise) -> None:
    assert solution_problems(louder) == []
    swapped = Exercise("98.louder", "louder", "", louder.solution, louder.stub)
    assert len(solution_problems(swapped)) == 2
    broken = Exercise("98.louder", "louder", "", louder.stub, "def louder(: pass")
    assert "SyntaxError" in solution_problems(broken)[0]


def test_wrong_answers_need_a_diagnosis_each(louder: Exercise) -> None:
    good: list[tuple[Callable[..., Any], str]] = [
        (lambda samples: [4 * s for s in samples], "too large"),
        (lambda samples: [-2 * s for s in samples], "sign"),
        (lambda samples: samples[:1], "one off"),
    ]
    assert wrong_answer_problems(louder, good) == []
    assert "at least 3" in wrong_answer_problems(louder, good[:2])[0]
    passes = (lambda samples: [2 * s for s in samples], "too large")
    assert "got '[x] passed'" in wrong_answer_problems(louder, [*good, passes])[0]
    same = (lambda samples: [6 * s for s in samples], "too large")
    assert "same diagnosis" in wrong_answer_problems(louder, [*good, same])[0]
    silent = (lambda samples: samples[::-1], "")
    assert "is due" in wrong_answer_problems(louder, [*good, silent])[0]


def test_the_toy_notebook_is_valid(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
