"""What a lesson's notebook must hold to; each function returns a list of problems, empty if none.

The build refuses a notebook with problems, and the tests look again at what is stored.
"""

import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode

LESSONS = (
    "00_start_here",
    "01_what_is_sound",
    "02_time_to_frequency",
    "03_spectrogram",
    "04_mel_and_friends",
    "05_real_recordings",
    "06_the_same_cnn",
    "07_not_a_photo",
    "08_what_it_heard",
    "09_which_language",
    "10_order_matters",
    "11_raw_waveform",
    "12_two_clocks",
    "13_fusion",
    "14_training_two_senses",
    "15_joint_representation",
    "16_hear_a_roar_see_a_lion",
    "17_in_sync",
    "18_your_own_project",
    "19_beyond_one_machine",
)

MAX_CELL_LINES = 15
MAX_BYTES = 1_000_000
TAGS = {"exercise", "by-hand"}

# The parts of a lesson in their order: how each is named in a message, and how it begins.
SECTIONS = {
    "title '# NN · Title'": r"^# \d\d · \S",
    "question, as a block quote '> …'": r"^> \S",
    "'**You will be able to**'": r"^\*\*You will be able to\*\*",
    "'**Time:** N minutes · **First:** …'": r"^\*\*Time:\*\* \d+ minutes · \*\*First:\*\* \S",
    "'## Predict'": r"^## Predict$",
    "'## Exercises'": r"^## Exercises$",
    "'## What would break this'": r"^## What would break this$",
    "'## The short answer'": r"^## The short answer$",
    "'## Sources'": r"^## Sources$",
}

NOT_IN_CODE = {
    r"^\s*[%!]": "a magic or a shell command: a cell is plain Python",
    r"\bsys\.path\b": "sys.path: what is shared lives in the package",
    r"\b(?:urllib|urlopen|urlretrieve|requests\.|torch\.hub)": "a download: a lesson works offline",
    r";\s*\Z": "a ';' at its end: it hides nothing under test; write '_ = …'",
    r"NBVAL_": "an nbval marker: every output is compared",
    r"\bplt\.show\(": "plt.show(): a figure shows itself at the end of its cell",
}
NOT_IN_OUTPUT = {
    r"^\[?(?:<Axes|<matplotlib\.|Text\()": "what a plot call returned: write '_ = …'",
}
NOT_IN_TEXT = {
    r"(?:^|[\s'\"(=:])(?:/(?:home|root|Users|tmp|var|work|opt|usr|mnt)/|[A-Z]:\\)\S*": (
        "an absolute path"
    ),
    r"\b0x[0-9a-fA-F]{6,}\b": "a memory address",
    r"\r(?!\n)": "a carriage return (a progress bar?)",
}

CLAIM_LINE = re.compile(
    r"^claim (\d\d\.\d+) · (.+) · (holds|does not hold)(?:: (.+)|( \(declared a miss\)))?$"
)
CHECK_CALL = re.compile(r"^check\(\"(\d\d\.[a-z][a-z0-9_]*)\", (\w+)\)$", re.MULTILINE)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def parsed(cell: NotebookNode) -> ast.Module:
    """Return a cell's syntax tree; an empty one if it is not Python (a problem of its own)."""
    try:
        tree: ast.Module = ast.parse(cell.source)
    except SyntaxError:
        tree = ast.Module(body=[], type_ignores=[])
    return tree


def first_line(cell: NotebookNode) -> str:
    """Return how a message names a cell: by its first line."""
    return f"cell '{(cell.source.splitlines() or [''])[0][:60]}'"


def output_texts(cell: NotebookNode) -> Iterator[str]:
    """Yield every text that a cell printed or showed, without the bytes of sounds and pictures."""
    for output in cell.outputs:
        parts = [output.get("text", "")] + list(output.get("data", {}).values())
        for part in parts:
            text = part if isinstance(part, str) else ""
            if len(text) > 2000 and re.fullmatch(r"[A-Za-z0-9+/=\s]+", text):
                continue
            yield re.sub(r"data:[\w/.+-]+;base64,[A-Za-z0-9+/=]+", "data:", text)


def output_problems(notebook: NotebookNode) -> list[str]:
    """Look at what the run left: counts, errors, stderr, paths, addresses, alt texts."""
    problems = []
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        problems.append(f"execution counts must run 1..{len(counts)}, got {counts}")
    for cell in code_cells(notebook):
        where = first_line(cell)
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"{where}: ends in {output.ename}: {output.evalue}")
            if output.get("name") == "stderr":
                problems.append(f"{where}: writes to stderr: {output.text.strip()[:300]}")
            if any("widget-view" in kind for kind in output.get("data", {})):
                problems.append(f"{where}: stores a widget's view, whose id is random")
            if "image/png" in output.get("data", {}):
                alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
                if len(alt) < 20:
                    problems.append(f"{where}: a figure without alt text ('# %% alt=\"…\"')")
        for text in output_texts(cell):
            for pattern, what in (NOT_IN_TEXT | NOT_IN_OUTPUT).items():
                if found := re.search(pattern, text, re.MULTILINE):
                    problems.append(f"{where}: its output has {what}: {found[0].strip()[:80]!r}")
    return problems


def source_problems(notebook: NotebookNode) -> list[str]:
    """Look at the cells themselves: length, forbidden words, tags."""
    problems = []
    for cell in notebook.cells:
        where = first_line(cell)
        if not cell.source.strip():
            problems.append("an empty cell")
        if unknown := set(tags(cell)) - TAGS:
            problems.append(f"{where}: tags must be from {sorted(TAGS)}, got {sorted(unknown)}")
        forbidden = NOT_IN_TEXT | (NOT_IN_CODE if cell.cell_type == "code" else {})
        for pattern, what in forbidden.items():
            if found := re.search(pattern, cell.source, re.MULTILINE):
                problems.append(f"{where}: has {what}: {found[0].strip()[:80]!r}")
        if cell.cell_type == "code" and "by-hand" not in tags(cell):
            lines = cell.source.count("\n") + 1
            if lines > MAX_CELL_LINES:
                problems.append(
                    f"{where}: at most {MAX_CELL_LINES} lines a cell (tag 'by-hand' for what is "
                    f"built by hand), got {lines}"
                )
    return problems


def section_problems(notebook: NotebookNode, lesson: str) -> list[str]:
    """Look for the parts every lesson has, in their order, and a prediction with choices."""
    problems = []
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    if not text.startswith(f"# {lesson[:2]} · "):
        problems.append(f"the first cell must begin with '# {lesson[:2]} · Title'")
    start = 0
    for name, pattern in SECTIONS.items():
        found = re.compile(pattern, re.MULTILINE).search(text, start)
        if found is None:
            problems.append(f"{name} is missing, or not in its place")
        else:
            start = found.start()
    predict = [c.source for c in notebook.cells if re.search(r"^## Predict$", c.source, re.M)]
    for source in predict:
        if len(re.findall(r"^- \*\*[A-E]\*\* \S", source, re.MULTILINE)) < 2:
            problems.append("'## Predict' must offer choices: lines '- **A** …', '- **B** …'")
        if "<details>" not in source:
            problems.append("'## Predict' must end with its answer in a folded <details>")
    return problems


def claims_of(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    """Return (number, statement, verdict) of every claim line that the run printed."""
    lines = [
        CLAIM_LINE.match(line)
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.get("name") == "stdout"
        for line in output.text.splitlines()
    ]
    return [
        (found[1], found[2], found[3] + (f": {found[4]}" if found[4] else "") + (found[5] or ""))
        for found in lines
        if found
    ]


def claim_problems(notebook: NotebookNode, lesson: str) -> list[str]:
    """Look at the claims: in order, three at least, each able to fail, none failing undeclared."""
    problems = []
    claims = claims_of(notebook)
    numbers = [number for number, _, _ in claims]
    due = [f"{lesson[:2]}.{n}" for n in range(1, len(claims) + 1)]
    if numbers != due:
        problems.append(f"claims must be numbered {', '.join(due)}, got {', '.join(numbers)}")
    if len(claims) < 3:
        problems.append(f"a lesson has at least 3 claims, got {len(claims)}")
    for number, statement, verdict in claims:
        if verdict == "does not hold":
            problems.append(f"claim {number} · {statement} · does not hold, and no miss= says why")
        if verdict.endswith("(declared a miss)"):
            problems.append(f"claim {number} · {statement} · holds: its miss= is out of date")
    for cell in code_cells(notebook):
        for call in ast.walk(parsed(cell)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "claim":
                holds = call.args[2] if len(call.args) > 2 else None
                if holds is None or not any(isinstance(n, ast.Name) for n in ast.walk(holds)):
                    problems.append(f"{first_line(cell)}: a claim that cannot fail proves nothing")
    return problems


def exercise_problems(notebook: NotebookNode, lesson: str) -> list[str]:
    """Look at the exercises: 2 to 4, each checked in the next cell, none used later."""
    problems = []
    cells = notebook.cells
    exercises = [i for i, cell in enumerate(cells) if "exercise" in tags(cell)]
    if not 2 <= len(exercises) <= 4:
        problems.append(f"a lesson has 2 to 4 exercises, got {len(exercises)}")
    for i in exercises:
        where = first_line(cells[i])
        names = {
            node.name for node in parsed(cells[i]).body if isinstance(node, ast.FunctionDef)
        }
        check_cell = cells[i + 1] if i + 1 < len(cells) else None
        call = CHECK_CALL.search(check_cell.source) if check_cell is not None else None
        if call is None or call[2] not in names or not call[1].startswith(f"{lesson[:2]}."):
            problems.append(f'{where}: the next cell must call check("{lesson[:2]}.name", function)')
        later = [cell for cell in cells[i + 2 :] if cell.cell_type == "code"]
        for cell in later:
            used = {n.id for n in ast.walk(parsed(cell)) if isinstance(n, ast.Name)}
            if used & names:
                problems.append(f"{first_line(cell)}: uses {sorted(used & names)} of an exercise")
    return problems


def lesson_problems(notebook: NotebookNode, lesson: str) -> list[str]:
    """Return everything that is wrong with an executed lesson."""
    return (
        source_problems(notebook)
        + section_problems(notebook, lesson)
        + exercise_problems(notebook, lesson)
        + output_problems(notebook)
        + claim_problems(notebook, lesson)
    )
