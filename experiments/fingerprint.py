"""A hash of the code behind a table: of the experiment, and of all of avtutor that it uses.

What counts is followed from definition to definition: a function or class of the project counts
if the experiment uses it, or if something that it uses does. The rest of its module does not, nor
do comments, docstrings and empty lines, so that a sentence may be mended, or a neighbour changed,
without running an hour again.

The training loop counts by what it computes: in place of its text stand the golden values that a
test holds it to. A new option of `fit` leaves the tables as they are; a step that comes out
otherwise makes all of them out of date.
"""

import ast
import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

HELD = {
    f"avtutor/training/{name}.py": "tests/golden/training.json"
    for name in ("checkpoint", "config", "history", "loop", "run")
}
"""Files that count by the golden values they are held to, and not by their text."""

Place = tuple[Path, str]
"""A name at the top of a file; the name "*" is all of the file."""


def file_of(module: str) -> Path | None:
    """Return the file of a module of the project; None for any other.

    >>> file_of("avtutor.units").name, file_of("json")
    ('units.py', None)
    """
    place = ROOT.joinpath(*module.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if module.partition(".")[0] in ("avtutor", "experiments") and path.is_file():
            return path
    return None


@dataclass(frozen=True)
class Module:
    """What stands at the top of a file.

    Args:
        defined: the statements that make each name; under "*" those that make none.
        imported: for each name that an import makes, (module, name there); the name is None where
            the module itself is imported.
    """

    defined: dict[str, list[ast.stmt]]
    imported: dict[str, tuple[str, str | None]]


def _imports(node: ast.AST) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Yield what every import below a node makes: the name, and where it comes from."""
    for inside in ast.walk(node):
        if isinstance(inside, ast.Import):
            for alias in inside.names:
                yield alias.asname or alias.name.partition(".")[0], (alias.name, None)
        elif isinstance(inside, ast.ImportFrom) and inside.module and not inside.level:
            for alias in inside.names:
                whole = f"{inside.module}.{alias.name}"
                source = (whole, None) if file_of(whole) else (inside.module, alias.name)
                yield alias.asname or alias.name, source


def _names_made(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    return [
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    ]


@cache
def _module(path: Path, content: str) -> Module:
    defined: dict[str, list[ast.stmt]] = {"*": []}
    imported: dict[str, tuple[str, str | None]] = {}
    for statement in ast.parse(content).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imported |= dict(_imports(statement))
            continue
        for name in _names_made(statement) or ["*"]:
            defined.setdefault(name, []).append(statement)
    return Module(defined, imported)


def module_at(path: Path) -> Module:
    """Return what stands at the top of a file."""
    return _module(path, path.read_text(encoding="utf-8"))


def _resolved(source: tuple[str, str | None], attribute: str | None) -> Place | None:
    """Return where an imported name is made, followed through each module that hands it on."""
    module, name = source
    if name is None and attribute is not None:
        inside = f"{module}.{attribute}"
        module, name = (inside, None) if file_of(inside) else (module, attribute)
    path = file_of(module)
    if path is None:
        return None
    if name is None:
        return path, "*"
    found = module_at(path)
    if name in found.defined:
        return path, name
    if name in found.imported:
        return _resolved(found.imported[name], None)
    return path, "*"


def _needs(path: Path, statement: ast.stmt) -> Iterator[Place]:
    """Yield what a statement uses of the project."""
    here = module_at(path)
    sources = here.imported | dict(_imports(statement))
    of_modules: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            source = sources.get(node.value.id)
            if source is not None and source[1] is None:
                of_modules.add(id(node.value))
                if place := _resolved(source, node.attr):
                    yield place
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and id(node) not in of_modules:
            if node.id in here.defined:
                yield path, node.id
            elif node.id in sources and (place := _resolved(sources[node.id], None)):
                yield place


def _or_golden(place: Place) -> Place:
    """Return a place, or the golden values that stand for its file."""
    golden = HELD.get(place[0].relative_to(ROOT).as_posix())
    return place if golden is None else (ROOT / golden, "*")


def closure(path: Path) -> list[Place]:
    """Return all definitions that a file needs, its own included, in order."""
    found: set[Place] = set()
    waiting: list[Place] = [(path, name) for name in module_at(path).defined]
    while waiting:
        place = _or_golden(waiting.pop())
        if place in found:
            continue
        found.add(place)
        here, name = place
        if here.suffix != ".py":
            continue
        module = module_at(here)
        if name == "*" and not module.defined["*"]:  # the module itself is used: all of it
            waiting += [(here, other) for other in module.defined]
        for statement in module.defined.get(name, []):
            waiting += _needs(here, statement)
    return sorted(found)


def code_of(source: str) -> str:
    """Return the lines that do something: no comments, docstrings or empty lines.

    >>> code_of('def f():\\n    "Say what."\\n    # why\\n    return 1\\n')
    'def f():\\n    return 1'
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            text = getattr(statement, "value", None)
            if isinstance(statement, ast.Expr) and isinstance(text, ast.Constant):
                for number in range(statement.lineno, (statement.end_lineno or 0) + 1):
                    lines[number - 1] = ""
    kept = (line.rstrip() for line in lines)
    return "\n".join(line for line in kept if line and not line.lstrip().startswith("#"))


def _code_at(place: Place) -> str:
    """Return the code of a definition, decorators included; of golden values, the values."""
    path, name = place
    if path.suffix != ".py":
        return path.read_text(encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    parts = []
    for statement in module_at(path).defined.get(name, []):
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        part = "\n".join(lines[first - 1 : statement.end_lineno])
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        parts += [] if text else [code_of(part)]
    return "\n".join(parts)


def fingerprint(path: Path, data: Iterable[str] = ()) -> str:
    """Return the hash of an experiment: its code, and the bundled files that it names.

    Args:
        path: the experiment.
        data: folders of ``data/`` whose files it uses, by their hashes in the manifest.
    """
    digest = hashlib.sha256()
    for place in closure(path):
        file, name = place
        digest.update(f"{file.relative_to(ROOT).as_posix()} {name}\n{_code_at(place)}\n".encode())
    folders = tuple(f"{folder}/" for folder in data)
    if folders:
        with (ROOT / "data/manifest.csv").open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                if row["path"].startswith(folders):
                    digest.update(f"{row['path']} {row['sha256']}\n".encode())
    return digest.hexdigest()[:16]
