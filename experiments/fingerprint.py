"""A hash of the code behind a table: of the experiment, and of all of avtutor that it uses.

Comments, docstrings and empty lines do not count, so that a sentence may be mended without
running an hour again. What counts is found from the import statements, followed through the
``__init__`` that hands a name on to the module where it is made.
"""

import ast
import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


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


def _imports(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) of every import; the name is None where a module is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def origin(module: str, name: str | None) -> Path | None:
    """Return the file in which a name that is imported from a module is made.

    >>> origin("avtutor.models", "LeNet").name
    'lenet.py'
    """
    path = file_of(module)
    if path is None or name is None:
        return path
    inside = file_of(f"{module}.{name}")
    if inside is not None:
        return inside
    if path.name == "__init__.py":
        for other, handed_on in _imports(ast.parse(path.read_text(encoding="utf-8"))):
            if handed_on == name and other != module:
                return origin(other, name)
    return path


def closure(path: Path) -> list[Path]:
    """Return a file and all files of the project that it needs, in order of their names."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        tree = ast.parse(here.read_text(encoding="utf-8"))
        waiting += [need for module, name in _imports(tree) if (need := origin(module, name))]
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


def fingerprint(path: Path, data: Iterable[str] = ()) -> str:
    """Return the hash of an experiment: its code, and the bundled files that it names.

    Args:
        path: the experiment.
        data: folders of ``data/`` whose files it uses, by their hashes in the manifest.
    """
    digest = hashlib.sha256()
    for file in closure(path):
        code = code_of(file.read_text(encoding="utf-8"))
        digest.update(f"{file.relative_to(ROOT).as_posix()}\n{code}\n".encode())
    folders = tuple(f"{folder}/" for folder in data)
    if folders:
        with (ROOT / "data/manifest.csv").open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                if row["path"].startswith(folders):
                    digest.update(f"{row['path']} {row['sha256']}\n".encode())
    return digest.hexdigest()[:16]
