"""Types: mypy, strict, over the package and the scripts that build the course."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def mypy(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True)


def test_the_types_of_the_package_fit() -> None:
    checked = mypy("avtutor", "notebooks/build.py", "notebooks/rules.py", "conftest.py")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_types_of_the_scripts_for_the_data_fit() -> None:
    scripts = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("data/build/*.py"))
    assert scripts
    checked = mypy(*scripts)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("def f(x: int) -> str:\n    return x\n\n\ndef g(x):\n    return x\n")
    checked = mypy("--cache-dir", str(tmp_path / "cache"), str(sample))
    assert checked.returncode == 1
    assert "Incompatible return value" in checked.stdout
    assert "missing a type annotation" in checked.stdout
