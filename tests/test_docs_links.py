"""A docstring names the lesson that teaches its function; the lesson names the function."""

import ast
import re
from pathlib import Path

import pytest
import rules

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "avtutor"
SOURCES = ROOT / "notebooks" / "src"
# The floors that lessons teach function by function: each public name there has its lesson.
TAUGHT = ("units", "resample", "waveform", "clip", "media", "spectral", "synth", "metrics")


def public_names(source: str) -> dict[str, str]:
    """Return the docstrings of a module's public functions and classes.

    Exceptions are left out, and classes that only hold what a function returns.
    """
    found = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef) and (
            node.name.endswith(("Error", "Warning"))
            or not any(isinstance(part, ast.FunctionDef) for part in node.body)
        ):
            continue
        found[node.name] = ast.get_docstring(node) or ""
    return found


def lessons_of(docstring: str) -> list[str]:
    """Return the lessons that a docstring names.

    >>> lessons_of("Return it.\\n\\nLesson: 01_what_is_sound, 04_mel_and_friends")
    ['01_what_is_sound', '04_mel_and_friends']
    """
    lines = re.findall(r"^Lesson: (.+)$", docstring, re.MULTILINE)
    return [name.strip() for line in lines for name in line.split(",")]


def problems_of(source: str, lessons: dict[str, str], *, must_name: set[str]) -> list[str]:
    """Follow the links of one module.

    Args:
        source: the module's text.
        lessons: text of every lesson that is there, by its name.
        must_name: the public names that must name a lesson.
    """
    problems = []
    for name, docstring in public_names(source).items():
        named = lessons_of(docstring)
        if name in must_name and not named:
            problems.append(f"{name}: its docstring names no lesson ('Lesson: NN_topic')")
        for lesson in named:
            if lesson not in rules.LESSONS:
                problems.append(f"{name}: there is no lesson {lesson!r}")
            elif lesson in lessons and not re.search(rf"\b{name}\b", lessons[lesson]):
                problems.append(f"{name}: lesson {lesson} does not mention it")
    return problems


def exported(path: Path) -> set[str]:
    """Return what a module of a taught room hands on: all public names, or its package's."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] not in TAUGHT or path.name == "__init__.py":
        return set()
    if len(parts) == 1:
        return set(public_names(path.read_text(encoding="utf-8")))
    package = ast.parse((path.parent / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(package) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


LESSON_TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py")}
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_docstrings_and_lessons_name_each_other(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert problems_of(source, LESSON_TEXTS, must_name=exported(path)) == []


def test_every_lesson_is_in_the_list() -> None:
    assert set(LESSON_TEXTS) <= set(rules.LESSONS)


GOOD = '''
def mel():
    """Return it.

    Lesson: 04_mel_and_friends
    """
'''


@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        ('def mel():\n    """Return it."""\n', "names no lesson"),
        ("def mel():\n    pass\n", "names no lesson"),
        (GOOD.replace("04_mel", "04_mal"), "there is no lesson '04_mal_and_friends'"),
    ],
)
def test_a_broken_link_is_found(source: str, phrase: str) -> None:
    problems = problems_of(source, {}, must_name={"mel"})
    assert len(problems) == 1 and phrase in problems[0]


def test_a_lesson_that_is_silent_is_found() -> None:
    silent = {"04_mel_and_friends": "# We speak of log_mel and of melody."}
    assert problems_of(GOOD, silent, must_name={"mel"}) == [
        "mel: lesson 04_mel_and_friends does not mention it"
    ]
    speaking = {"04_mel_and_friends": "from avtutor.spectral import mel"}
    assert problems_of(GOOD, speaking, must_name={"mel"}) == []
    assert problems_of(GOOD, {}, must_name={"mel"}) == []
