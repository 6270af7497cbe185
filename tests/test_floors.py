"""A module imports only from floors below its own; two libraries have one room each."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "avtutor"

# A floor may have steps: 0.1 stands on 0.0.
FLOORS = {
    "_torchaudio": 0.0,
    "units": 0.0,
    "resample": 0.0,
    "batch": 0.0,
    "progress": 0.0,
    "waveform": 0.1,
    "clip": 0.2,
    "media": 1.0,
    "spectral": 1.0,
    "synth": 1.0,
    "metrics": 1.0,
    "augment": 2.0,
    "datasets": 2.0,
    "models": 2.0,
    "speech": 2.0,
    "training": 3.0,
    "explain": 3.0,
    "sync": 3.1,
    "retrieval": 3.1,
    "language": 3.1,
    "loading": 3.2,
    "plots": 4.0,
    "player": 4.0,
    "checks": 4.0,
    "widgets": 4.1,
    "doctor": 5.0,
    "cli_offset": 5.0,
    "cli": 5.1,
}
ONLY_IN = {"torchaudio": {"_torchaudio"}, "matplotlib": {"plots"}, "seaborn": {"plots"}}


def imports_of(tree: ast.AST, package: str) -> list[str]:
    """Return the full names that a module of ``package`` imports, inside functions too.

    >>> imports_of(ast.parse("import a.b; from . import c; from ..d import e"), "avtutor.models")
    ['a.b', 'avtutor.models.c', 'avtutor.d.e']
    """
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join(parts + ([node.module] if node.module else []))
            names += [f"{base}.{alias.name}" for alias in node.names]
    return names


def problems_of(path: Path, source: str) -> list[str]:
    """Return what is wrong with the imports of one module; ``path`` starts in the package."""
    parts = path.with_suffix("").parts
    room = parts[0]
    if room == "__init__":
        taken = imports_of(ast.parse(source), "avtutor")
        inside = [name for name in taken if name.startswith("avtutor.")]
        # It is handed on lazily (tests/test_loading.py).
        return [f"{path}: imports {n}" for n in inside if n != "avtutor.loading.load_model"]
    if room not in FLOORS:
        return [f"{path}: enter the room '{room}' into FLOORS in tests/test_floors.py"]
    problems = []
    for name in imports_of(ast.parse(source), ".".join(("avtutor", *parts[:-1]))):
        top, _, rest = name.partition(".")
        if top == "avtutor":
            other = rest.split(".")[0]
            if other in ("", "__version__", room):
                continue
            if other not in FLOORS:
                problems.append(f"{path}: imports avtutor.{other}, which has no floor")
            elif FLOORS[other] >= FLOORS[room]:
                problems.append(
                    f"{path} (floor {FLOORS[room]}) imports avtutor.{other} (floor {FLOORS[other]})"
                )
        elif room not in ONLY_IN.get(top, {room}):
            problems.append(f"{path}: only {', '.join(sorted(ONLY_IN[top]))} imports {top}")
    return problems


MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_from_floors_below(path: Path) -> None:
    assert problems_of(path, (PACKAGE / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_stays_short(path: Path) -> None:
    assert len((PACKAGE / path).read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize(
    ("path", "source", "phrase"),
    [
        ("units.py", "from avtutor.media import read_audio", "imports avtutor.media"),
        ("units.py", "def f():\n    import avtutor.plots", "imports avtutor.plots"),
        ("media.py", "from avtutor import spectral", "imports avtutor.spectral"),
        ("spectral/mel.py", "from ..plots import spectrogram", "imports avtutor.plots"),
        ("spectral/mel.py", "from .. import plots", "imports avtutor.plots"),
        ("media.py", "import torchaudio.functional", "only _torchaudio imports torchaudio"),
        ("widgets/still.py", "import matplotlib.pyplot as plt", "only plots imports matplotlib"),
        ("utils.py", "", "enter the room 'utils'"),
        ("media.py", "import avtutor.utils", "has no floor"),
        ("__init__.py", "from avtutor.media import read_audio", "imports avtutor.media"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str, phrase: str) -> None:
    problems = problems_of(Path(path), source)
    assert len(problems) == 1 and phrase in problems[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("media.py", "from avtutor.waveform import Waveform\nimport av"),
        ("waveform.py", "from avtutor.resample import resample"),
        ("spectral/mel.py", "from .fourier import power\nfrom avtutor.spectral import config"),
        ("plots.py", "import matplotlib.pyplot as plt\nimport seaborn"),
        ("doctor.py", "from avtutor import __version__"),
    ],
)
def test_a_right_import_is_let_through(path: str, source: str) -> None:
    assert problems_of(Path(path), source) == []
