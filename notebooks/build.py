"""Build and run the lessons: ``notebooks/src/NN_topic.py`` to ``notebooks/NN_topic.ipynb``.

    python notebooks/build.py            build what changed
    python notebooks/build.py 01 04      only these lessons, if they changed
    python notebooks/build.py --force    run all of them again
    python notebooks/build.py --check    run nothing; say what is out of date

A notebook is out of date when its cells are not the ones its source gives. Outputs that a change
in the package would alter are caught by the tests, which run every stored notebook again.
"""

import argparse
import hashlib
import importlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import figures
import jupytext
import nbformat
import rules
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).resolve().parent
MAX_SECONDS = 60
MAX_MEGABYTES = 1500
CELL_TIMEOUT = 300

SOLUTION = re.compile(
    r"^(?P<indent> *)### BEGIN SOLUTION\n(?P<body>.*?)^ *### END SOLUTION(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
# The last cell of a run, never stored: the most memory that the kernel ever held, in bytes.
# Linux counts the memory of the program that started a process into its ru_maxrss; VmHWM is its own.
PEAK_MEMORY = """
import sys
if sys.platform == "linux":
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(int(status["VmHWM"].split()[0]) * 1024)
elif sys.platform == "darwin":
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
else:
    import psutil
    print(psutil.Process().memory_info().peak_wset)
"""


class BuildError(Exception):
    """A lesson that cannot be built, with the reason."""


class OwnInterpreter(KernelSpecManager):
    """Start kernels with the interpreter that runs the build, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def without_solution(source: str) -> str:
    """Return an exercise as the learner gets it.

    >>> print(without_solution("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    def f():
        raise NotImplementedError
    """
    return SOLUTION.sub(r"\g<indent>raise NotImplementedError\n", source).rstrip("\n")


def with_solution(source: str) -> str:
    """Return an exercise solved, without the marks.

    >>> print(with_solution("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    def f():
        return 1
    """
    return SOLUTION.sub(r"\g<body>", source).rstrip("\n")


def folded(source: str) -> str:
    return (
        "<details>\n<summary>One solution</summary>\n\n"
        f"```python\n{with_solution(source)}\n```\n\n</details>"
    )


def cell_id(cell: NotebookNode, seen: dict[str, int]) -> str:
    """Name a cell by what it says, so that a new cell changes no other cell's id."""
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def plan(text: str) -> NotebookNode:
    """Return the notebook that a source gives, not yet run."""
    notebook: NotebookNode = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "name": "python"},
        }
    )
    pending: list[str] = []  # solutions that wait for their check cell
    for cell in jupytext.reads(text, fmt="py:percent").cells:
        kept = {key: cell.metadata[key] for key in ("tags", "alt") if key in cell.metadata}
        if cell.cell_type == "markdown":
            notebook.cells.append(new_markdown_cell(cell.source, metadata=kept))
            continue
        if "exercise" in kept.get("tags", []):
            if len(SOLUTION.findall(cell.source)) != 1:
                raise BuildError(
                    f"{rules.first_line(cell)}: an exercise has one solution, between "
                    "'### BEGIN SOLUTION' and '### END SOLUTION'"
                )
            notebook.cells.append(new_code_cell(without_solution(cell.source), metadata=kept))
            pending.append(folded(cell.source))
            continue
        notebook.cells.append(new_code_cell(cell.source, metadata=kept))
        notebook.cells += [new_markdown_cell(solution) for solution in pending]
        pending.clear()
    if pending:
        raise BuildError("an exercise must be followed by the cell that checks it")
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.id = cell_id(cell, seen)
    return notebook


def differences(planned: NotebookNode, stored: NotebookNode) -> list[str]:
    """Return what keeps a stored notebook from being the one its source gives."""

    def face(cell: NotebookNode) -> tuple[str, str, str, object]:
        return cell.id, cell.cell_type, cell.source, dict(cell.metadata)

    if planned.metadata != stored.metadata:
        return ["its metadata differ from the source's"]
    missing = {face(c)[0] for c in planned.cells} - {face(c)[0] for c in stored.cells}
    lines = [f"{rules.first_line(c)} is not in the notebook" for c in planned.cells if c.id in missing]
    if not lines and [face(c) for c in planned.cells] != [face(c) for c in stored.cells]:
        lines = ["its cells are not those of the source"]
    return lines


def clean(notebook: NotebookNode) -> None:
    """Leave what is the same on every machine; figures get small, and their alt text."""
    for cell in rules.code_cells(notebook):
        for key in set(cell.metadata) - {"tags", "alt"}:
            del cell.metadata[key]
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in data:
                data["image/png"] = figures.smaller(data["image/png"])
            if "image/png" in data and "alt" in cell.metadata:
                output.metadata.setdefault("image/png", {})["alt"] = cell.metadata.alt


def run(planned: NotebookNode, folder: Path) -> tuple[NotebookNode, float, float]:
    """Run a notebook in a fresh kernel; return it with its seconds and its peak megabytes."""
    notebook = nbformat.from_dict(planned)
    notebook.cells = [nbformat.from_dict(cell) for cell in planned.cells]
    notebook.cells.append(new_code_cell(PEAK_MEMORY))
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
    )
    client.km = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OwnInterpreter())
    start = time.perf_counter()
    try:
        client.execute()
    except CellExecutionError as error:
        raise BuildError(re.sub(r"\x1b\[[0-9;]*m", "", str(error))) from error
    seconds = time.perf_counter() - start
    megabytes = int(notebook.cells.pop().outputs[0].text) / 1e6
    notebook.metadata = nbformat.from_dict(planned.metadata)
    clean(notebook)
    return notebook, seconds, megabytes


def write(path: Path, text: str) -> None:
    """Write a file at once or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(name, 0o644)
    os.replace(name, path)


def claims_page(folder: Path) -> str:
    """Return CLAIMS.md: every claim of every stored notebook, and whether it held."""
    lines = [
        "# Claims",
        "",
        "Each line is computed by its lesson on every run, on the machine it runs on. "
        "`make notebooks` writes this page.",
        "",
        "| lesson | claim | | result |",
        "|---|---|---|---|",
    ]
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        link = f"[{path.stem}](notebooks/{path.name})"
        for number, statement, verdict in rules.claims_of(nbformat.read(path, as_version=4)):
            cells = (text.replace("|", "\\|") for text in (link, number, statement, verdict))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def build(source: Path, folder: Path, *, force: bool = False) -> bool:
    """Build one lesson; return whether it had to be run."""
    lesson = source.stem
    target = folder / f"{lesson}.ipynb"
    planned = plan(source.read_text(encoding="utf-8"))
    if target.exists() and not force:
        if not differences(planned, nbformat.read(target, as_version=4)):
            return False
    notebook, seconds, megabytes = run(planned, folder)
    print(f"{lesson}: {seconds:.0f} s, at most {megabytes:.0f} MB", flush=True)
    problems = rules.lesson_problems(notebook, lesson)
    if megabytes > MAX_MEGABYTES:
        problems.append(f"at most {MAX_MEGABYTES} MB of memory, got {megabytes:.0f}")
    text = nbformat.writes(notebook) + "\n"
    if len(text.encode()) > rules.MAX_BYTES:
        problems.append(f"at most {rules.MAX_BYTES} bytes stored, got {len(text.encode())}")
    if problems:
        raise BuildError("\n".join(problems))
    if seconds > MAX_SECONDS:
        print(f"{lesson}: warning: more than {MAX_SECONDS} s", flush=True)
    write(target, text)
    return True


def check(sources: list[Path], folder: Path, page: Path) -> list[str]:
    """Return what is out of date, without running anything."""
    problems = []
    for source in sources:
        target = folder / f"{source.stem}.ipynb"
        if not target.exists():
            problems.append(f"{source.stem}: not built yet")
            continue
        planned = plan(source.read_text(encoding="utf-8"))
        for line in differences(planned, nbformat.read(target, as_version=4)):
            problems.append(f"{source.stem}: {line}")
    known = {source.stem for source in folder.glob("src/[0-9][0-9]_*.py")}
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        if path.stem not in known:
            problems.append(f"{path.stem}: a notebook without a source")
    if not page.exists() or page.read_text(encoding="utf-8") != claims_page(folder):
        problems.append(f"{page.name}: not what the notebooks say")
    return problems


def main(arguments: list[str] | None = None, *, folder: Path = HERE) -> int:
    parser = argparse.ArgumentParser(description="Build and run the lessons.")
    parser.add_argument("lessons", nargs="*", metavar="NN", help="only these (00, 01, …)")
    parser.add_argument("--force", action="store_true", help="run them even if nothing changed")
    parser.add_argument("--check", action="store_true", help="run nothing, say what is out of date")
    options = parser.parse_args(arguments)
    sources = sorted(folder.glob("src/[0-9][0-9]_*.py"))
    if options.lessons:
        unknown = [nn for nn in options.lessons if not any(s.name.startswith(nn) for s in sources)]
        if unknown:
            print(f"no such lesson in {folder / 'src'}: {', '.join(unknown)}")
            return 2
        sources = [s for s in sources if any(s.name.startswith(nn) for nn in options.lessons)]
    page = folder.parent / "CLAIMS.md"
    if options.check:
        problems = check(sources, folder, page)
        print("\n".join(problems) or "up to date")
        return 1 if problems else 0
    # A kernel must not be the first to list the machine's fonts (matplotlib says so on stderr),
    # and must choose its own way to show figures.
    importlib.import_module("matplotlib.font_manager")
    os.environ.pop("MPLBACKEND", None)
    failed = False
    for source in sources:
        try:
            built = build(source, folder, force=options.force)
        except BuildError as error:
            failed = True
            print(f"{source.stem}: not built:\n  " + str(error).replace("\n", "\n  "), flush=True)
        else:
            print(f"{source.stem}: {'built' if built else 'up to date'}", flush=True)
    text = claims_page(folder)
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        write(page, text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
