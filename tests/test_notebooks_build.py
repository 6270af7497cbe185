"""The pipeline from a source to a notebook that nbval accepts, on a whole lesson in small."""

import base64
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build
import figures
import nbformat
import numpy as np
import pytest
import rules
from nbval.plugin import get_sanitize_patterns
from PIL import Image
from toy_lesson import LESSON, SOURCE

ROOT = Path(__file__).resolve().parents[1]


def project(folder: Path) -> Path:
    """Lay out a course with one lesson; return the folder of its notebooks."""
    (folder / "notebooks" / "src").mkdir(parents=True)
    for name in ("pyproject.toml", "conftest.py", "notebooks/sanitize.cfg"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "notebooks" / "src" / f"{LESSON}.py").write_text(SOURCE, encoding="utf-8")
    return folder / "notebooks"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("course"))
    assert build.main([], folder=folder) == 0
    return folder


def read(folder: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(folder / f"{LESSON}.ipynb", as_version=4)
    return notebook


def test_the_learner_gets_stubs_checks_and_folded_solutions(built: Path) -> None:
    cells = read(built).cells
    first = next(i for i, cell in enumerate(cells) if "exercise" in rules.tags(cell))
    stub, check, solution = cells[first : first + 3]
    assert stub.source.endswith('amplitude."""\n    raise NotImplementedError')
    assert check.outputs[0].text == "[ ] not attempted\n"
    assert solution.cell_type == "markdown"
    assert solution.source.startswith("<details>\n<summary>One solution</summary>\n\n```python\ndef")
    assert "return [2 * sample for sample in samples]\n```" in solution.source
    whole = (built / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in whole and str(built) not in whole and sys.prefix not in whole


def test_a_solution_in_the_middle_keeps_the_lines_around_it(built: Path) -> None:
    source = next(cell.source for cell in read(built).cells if "def decibels" in cell.source)
    assert source.endswith("        return -math.inf\n    raise NotImplementedError")
    lesson = next(cell for cell in build.plan(SOURCE).cells if "10 * math.log10" in cell.source)
    assert "return -math.inf\n    ratio = factor**2\n    return 10" in lesson.source


def test_figures_are_stored_with_a_palette_and_look_the_same() -> None:
    height, width = np.mgrid[:64, :96]
    grey = ((height + width) % 256).astype(np.uint8)
    ramp = np.stack([4 * height, 2 * width, np.full_like(height, 128)], axis=-1).astype(np.uint8)
    for picture, most in ((np.stack([grey] * 3, axis=-1), 0), (ramp, 16)):
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "PNG", compress_level=0)
        before = base64.b64encode(stream.getvalue()).decode()
        after = figures.smaller(before)
        image = Image.open(io.BytesIO(base64.b64decode(after)))
        assert len(after) < len(before) and image.mode == "P"
        assert np.abs(np.asarray(image.convert("RGB"), float) - picture).max() <= most
    assert figures.smaller(after) == after


def test_a_figure_has_its_alt_text(built: Path) -> None:
    cell = next(cell for cell in read(built).cells if "alt" in cell.metadata)
    alt = cell.outputs[0].metadata["image/png"]["alt"]
    assert alt == "A sine wave drawn over two periods, between minus one and one."


def test_claims_are_gathered(built: Path) -> None:
    lines = (built.parent / "CLAIMS.md").read_text(encoding="utf-8").splitlines()
    link = f"[{LESSON}](notebooks/{LESSON}.ipynb)"
    assert lines[-3:] == [
        f"| {link} | 98.1 | it starts at zero | holds |",
        f"| {link} | 98.2 | it reaches one | holds |",
        f"| {link} | 98.3 | it is \\| mostly \\| positive | "
        "does not hold: both halves are equal |",
    ]


def test_only_what_changed_is_run(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([], folder=built) == 0
    assert capsys.readouterr().out == f"{LESSON}: up to date\n"
    assert build.main(["--check"], folder=built) == 0


def test_two_builds_are_equal_byte_for_byte(built: Path, tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert build.main(["98"], folder=folder) == 0
    one, two = ((f / f"{LESSON}.ipynb").read_bytes() for f in (built, folder))
    assert one == two
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_changed_source_is_noticed(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "course" / "notebooks"
    shutil.copytree(built.parent, folder.parent)
    source = folder / "src" / f"{LESSON}.py"
    source.write_text(SOURCE.replace("Clipping.", "Noise."), encoding="utf-8")
    page = folder.parent / "CLAIMS.md"
    assert len(build.check([source], folder, page)) == 1
    source.write_text(SOURCE, encoding="utf-8")
    page.write_text("nothing")
    assert build.check([source], folder, page) == ["CLAIMS.md: not what the notebooks say"]
    source.unlink()
    assert f"{LESSON}: a notebook without a source" in build.check([], folder, page)


def test_a_lesson_with_problems_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_MEGABYTES", 20)
    monkeypatch.setattr(rules, "MAX_BYTES", 2000)
    folder = project(tmp_path)
    source = folder / "src" / f"{LESSON}.py"
    broken = SOURCE.replace("max(wave) > 0.999", "max(wave) > 1.1")
    broken = broken.replace("import math\n", "import math\nimport warnings\n", 1)
    broken = broken.replace("fig, ax", 'warnings.warn("a warning")\nfig, ax', 1)
    source.write_text(broken, encoding="utf-8")
    assert build.main([], folder=folder) == 1
    out = capsys.readouterr().out
    assert "claim 98.2 · it reaches one · does not hold, and no miss= says why" in out
    assert "writes to stderr" in out and "a warning" in out
    assert re.search(r"98_a_toy: \d+ s, at most \d+ MB\n", out)
    assert "at most 20 MB of memory, got" in out and "at most 2000 bytes stored, got" in out
    assert not (folder / f"{LESSON}.ipynb").exists()


def test_a_lesson_that_raises_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path)
    source = folder / "src" / f"{LESSON}.py"
    source.write_text(SOURCE.replace("import math\n", "import math\n1 / 0\n", 1), encoding="utf-8")
    assert build.main([], folder=folder) == 1
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().out
    assert not (folder / f"{LESSON}.ipynb").exists()


@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        (SOURCE.replace("    ### BEGIN SOLUTION\n", "", 1), "an exercise has one solution"),
        (SOURCE[: SOURCE.index('# %%\ncheck("98.louder"')], "followed by the cell that checks it"),
    ],
)
def test_a_malformed_exercise_is_refused(source: str, phrase: str) -> None:
    with pytest.raises(build.BuildError, match=phrase):
        build.plan(source)


def test_an_unknown_lesson_is_refused(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["55"], folder=built) == 2
    assert "no such lesson" in capsys.readouterr().out


def nbval(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "notebooks"]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True)


def test_nbval_accepts_what_was_built_and_nothing_else(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built.parent, tmp_path / "course")
    path = tmp_path / "course" / "notebooks" / f"{LESSON}.ipynb"
    right = nbval(path.parent)
    assert right.returncode == 0 and "8 passed" in right.stdout, right.stdout
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("it reaches one · holds", "it reaches two · holds"))
    wrong = nbval(path.parent)
    assert wrong.returncode == 1 and "1 failed, 7 passed" in wrong.stdout, wrong.stdout


def sanitised(text: str) -> str:
    """Do to a text what nbval does before it compares."""
    for pattern, word in get_sanitize_patterns((ROOT / "notebooks/sanitize.cfg").read_text()):
        text = re.sub(pattern, word, text)
    return text


def test_only_the_bytes_of_players_are_replaced() -> None:
    player = '<audio src="data:audio/mpeg;base64,AB/+09=="> 6.02 dB'
    assert sanitised(player) == '<audio src="data:audio"> 6.02 dB'
    assert sanitised('<video src="data:video/mp4;base64,AB=="> 5') == '<video src="data:video"> 5'
    for text in ("data:image/png;base64,AA== 0.93", "claim 01.2 · 6.02 dB a bit · holds", "0.5 s"):
        assert sanitised(text) == text
