"""`make` and the scripts behind it: the interpreter, the environment, and CI's run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = ROOT / "Makefile"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows goes through conda")


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def tools(folder: Path, *names: str) -> Path:
    """Make a folder for the PATH that holds these system tools and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def lying_python(path: Path, lie: str) -> Path:
    """Make an interpreter that runs the search's own program, under a lie told before."""
    real = sys.base_prefix + f"/bin/python3.{sys.version_info.minor}"
    return executable(path, f"""exec "{real}" -c '{lie}; import sys; exec(sys.argv[1])' "$4" """)


OLD = 'import sys; sys.version_info = (3, 9, 6, "final", 0)'
NO_VENV = 'import sys; sys.modules["ensurepip"] = None'
INTEL = 'import sys, platform; sys.platform = "darwin"; platform.machine = lambda: "x86_64"'
BITS = "import sys; sys.maxsize = 2**31 - 1"


def find(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which("sh")), str(ROOT / "tools/find-python.sh")],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# The search for an interpreter


def test_finds_the_one_that_fits_behind_those_that_do_not(tmp_path: Path) -> None:
    bin = tools(tmp_path / "bin", "sh", "uname")
    executable(bin / "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    lying_python(bin / "python3.13", NO_VENV)
    lying_python(bin / "python3", OLD)
    lying_python(bin / "python", "0")
    result = find(bin)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).resolve() == Path(sys.base_prefix, "bin/python3").resolve()
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("lie", "name", "problem", "mend"),
    [
        (OLD, "python3", "python3 is Python 3.9", "3.12"),
        (NO_VENV, "python3", "without venv and ensurepip", "sudo apt install python3"),
        (INTEL, "python3.12", "for Intel Macs", "PyTorch is no longer made for Intel Macs"),
        (BITS, "python", "32-bit", "3.12"),
    ],
)
def test_says_what_does_not_fit_and_what_helps(
    tmp_path: Path, lie: str, name: str, problem: str, mend: str
) -> None:
    bin = tools(tmp_path / "bin", "sh", "uname")
    lying_python(bin / name, lie)
    result = find(bin)
    assert result.returncode == 1
    assert result.stdout == ""
    assert problem in result.stderr
    assert mend in result.stderr
    assert "environment.yml" in result.stderr
    assert "make lab PYTHON=" in result.stderr


def test_a_broken_shim_alone_is_named(tmp_path: Path) -> None:
    bin = tools(tmp_path / "bin", "sh", "uname")
    executable(bin / "python3", "exit 127")
    result = find(bin)
    assert result.returncode == 1
    assert "python3 does not run" in result.stderr


def test_no_python_at_all(tmp_path: Path) -> None:
    result = find(tools(tmp_path / "bin", "sh", "uname"))
    assert result.returncode == 1
    assert "there is no Python" in result.stderr


def test_macos_is_told_about_its_own_python(tmp_path: Path) -> None:
    bin = tools(tmp_path / "bin", "sh")
    executable(bin / "uname", "echo Darwin")
    lying_python(bin / "python3", OLD)
    assert "macOS's own Python is too old" in find(bin).stderr


def test_the_variable_python_is_tried_alone(tmp_path: Path) -> None:
    bin = tools(tmp_path / "bin", "sh", "uname")
    lying_python(bin / "python3", "0")
    with_a_space = tmp_path / "my python"
    with_a_space.mkdir()
    assert find(bin, PYTHON=str(lying_python(with_a_space / "python", "0"))).returncode == 0
    assert "is Python 3.9" in find(bin, PYTHON=str(lying_python(with_a_space / "old", OLD))).stderr
    assert "no such program" in find(bin, PYTHON=str(tmp_path / "none")).stderr


def test_the_search_knows_the_versions_of_pyproject() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    found = re.search(
        r"^oldest=(\d+) newest=(\d+)", (ROOT / "tools/find-python.sh").read_text(), re.M
    )
    assert found is not None
    oldest, newest = map(int, found.groups())
    assert wanted == f">=3.{oldest},<3.{newest + 1}"
    for minor in range(oldest, newest + 1):
        assert f"python3.{minor}" in (ROOT / "tools/find-python.sh").read_text()


# The environment: a small project that installs from its own folder, without a network

BACKEND = '''
import base64, hashlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    """Write a wheel that holds one path file."""
    name = "small-1.0-py3-none-any.whl"
    files = {
        "small.pth": __file__.rsplit("/", 1)[0],
        "small-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n"
        "Provides-Extra: test\\nProvides-Extra: bench\\n",
        "small-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n"
        "Tag: py3-none-any\\n",
    }
    record = "".join(f"{path},,\\n" for path in files)
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr("small-1.0.dist-info/RECORD", record)
    return name
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("a folder") / "small"
    shutil.copytree(ROOT / "tools", root / "tools")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    return root


def environment(project: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    real = sys.base_prefix + f"/bin/python3.{sys.version_info.minor}"
    return subprocess.run(
        ["sh", "tools/environment.sh", *extra],
        cwd=project,
        env={**os.environ, "PYTHON": real, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def has(project: Path, name: str) -> bool:
    command = [str(project / ".venv/bin/python"), "-m", "pip", "show", "-qq", name]
    return subprocess.run(command, check=False).returncode == 0


def test_environment_is_made_kept_and_mended(project: Path) -> None:
    site = f".venv/lib/python3.{sys.version_info.minor}/site-packages"

    first = environment(project)
    assert first.returncode == 0, first.stderr
    assert "Making the environment" in first.stdout
    assert has(project, "small")

    second = environment(project)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    # An extra is installed on top; it holds what is there without one.
    assert "Installing" in environment(project, "test").stdout
    assert environment(project, "test").stdout == ""
    assert environment(project).stdout == ""

    # Another pyproject.toml is installed anew, into the same environment.
    with (project / "pyproject.toml").open("a") as file:
        file.write("\n# changed\n")
    changed = environment(project)
    assert changed.returncode == 0, changed.stderr
    assert "Installing" in changed.stdout
    assert "Making" not in changed.stdout

    # What was put there by hand stays, such as a torch for the CPU alone.
    by_hand = project / site / "by_hand.py"
    by_hand.write_text("")
    # A package that was cut off (no RECORD) is not taken for a whole one.
    (project / site / "small-1.0.dist-info/RECORD").unlink()
    (project / ".venv/.installed-lab").unlink()
    assert environment(project).returncode == 0
    assert (project / site / "small-1.0.dist-info/RECORD").is_file()
    assert by_hand.is_file()


@pytest.mark.parametrize("harm", ["interpreter gone", "cut off", "not an environment"])
def test_a_broken_environment_is_made_again(project: Path, harm: str) -> None:
    bin = project / ".venv/bin"
    environment(project)
    if harm == "interpreter gone":
        for link in bin.glob("python*"):
            link.unlink()
            link.symlink_to("/nowhere/python3")
    elif harm == "cut off":
        shutil.rmtree(project / ".venv")
        bin.mkdir(parents=True)
        (project / ".venv/pyvenv.cfg").write_text("home = /nowhere\n")
    else:  # links to the system's Python: pip would install into the system
        (project / ".venv/pyvenv.cfg").unlink()
    result = environment(project)
    assert result.returncode == 0, result.stderr
    assert "Making the environment" in result.stdout
    assert has(project, "small")
    assert environment(project).stdout == ""


def test_a_missing_pip_is_put_back_and_the_rest_stays(project: Path) -> None:
    environment(project)
    site = project / f".venv/lib/python3.{sys.version_info.minor}/site-packages"
    for part in site.glob("pip*"):
        shutil.rmtree(part)
    (site / "by_hand.py").write_text("")
    (project / ".venv/.installed-lab").unlink(missing_ok=True)
    result = environment(project)
    assert result.returncode == 0, result.stderr
    assert (site / "by_hand.py").is_file()


def test_a_failed_installation_leaves_no_stamp(project: Path) -> None:
    environment(project)
    good = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(good.replace('"backend"', '"nothing"'))
    assert environment(project).returncode != 0
    assert not list((project / ".venv").glob(".installed-*"))
    (project / "pyproject.toml").write_text(good)
    assert environment(project).returncode == 0


def test_an_unknown_extra_is_refused(project: Path) -> None:
    assert environment(project, "nonsense").returncode == 2


# The Makefile


def recipes(target: str, *settings: str) -> list[str]:
    if shutil.which("make") is None:
        pytest.skip("there is no make on this machine")
    output = subprocess.check_output(["make", "-n", target, *settings], cwd=ROOT, text=True)
    return [line.strip() for line in output.splitlines() if "make[" not in line]


def test_make_test_runs_pytest_and_nothing_else() -> None:
    assert recipes("test", "ARGS=") == [
        "sh tools/environment.sh test",
        ".venv/bin/python -m pytest",
    ]


def test_make_lab_passes_arguments_on() -> None:
    assert recipes("lab", "ARGS=--no-browser") == [
        "sh tools/environment.sh",
        ".venv/bin/python -m avtutor.cli lab --no-browser",
    ]


def test_help_names_every_target() -> None:
    text = MAKEFILE.read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert phony is not None
    shown = "\n".join(recipes("help"))
    for target in set(phony.group(1).split()) - {"help"}:
        assert f"make {target} " in shown
        assert re.search(rf"^{target}:", text, re.M)


@pytest.mark.parametrize(
    "newer", [".ONESHELL", "$(file", "&:", "!=", "::=", "$(let", ".RECIPEPREFIX"]
)
def test_makefile_needs_nothing_newer_than_make_3_81(newer: str) -> None:
    assert newer not in MAKEFILE.read_text()


def test_what_the_makefile_runs_is_there() -> None:
    for path in re.findall(r"(?:sh|\$\(python\)) ([\w/.-]+\.(?:py|sh))", MAKEFILE.read_text()):
        assert (ROOT / path).is_file(), path


# CI's run, with stand-ins for what it would install and call


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with CI's script, and a PATH of stand-ins that write down how they are called."""
    root = tmp_path / "main"
    shutil.copytree(ROOT / "tools", root / "tools")
    (root / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", root / ".ci/run")
    bin = tools(tmp_path / "bin", "bash", "sh", "dirname", "uname")
    lying_python(bin / "python3", "0")
    executable(bin / "chromium", "echo Chromium 1.0")
    executable(bin / "apt-get", f'echo "apt-get $*" >>"{tmp_path}/log"')
    executable(bin / "make", f'echo "make $*|$AVTUTOR_FSDD|$AVTUTOR_BROWSER" >>"{tmp_path}/log"')
    return tmp_path


def ci(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which("bash")), str(machine / "main/.ci/run")],
        env={"PATH": str(machine / "bin"), "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def log(machine: Path) -> list[str]:
    return (machine / "log").read_text().splitlines()


def test_ci_calls_make_test_and_nothing_else(machine: Path) -> None:
    assert ci(machine).returncode == 0
    # The browser is named, so that its tests cannot be skipped for want of one.
    assert log(machine) == [f"make test||{machine}/bin/chromium"]


def test_ci_finds_the_test_recordings(machine: Path) -> None:
    (machine / "shared/data/fsdd").mkdir(parents=True)
    ci(machine)
    assert log(machine)[0].split("|")[:2] == ["make test", f"{machine.resolve()}/shared/data/fsdd"]


def test_ci_hands_the_exit_code_on(machine: Path) -> None:
    executable(machine / "bin/make", "exit 2")
    assert ci(machine).returncode == 2


def test_ci_installs_what_is_missing(machine: Path) -> None:
    lying_python(machine / "bin/python3", NO_VENV)
    chromium = machine / "bin/chromium"
    chromium.rename(machine / "chromium")
    executable(
        machine / "bin/apt-get",
        f'echo "apt-get $*" >>"{machine}/log"; [ $1 = update ] || {shutil.which("mv")} '
        f'"{machine}/chromium" "{chromium}"',
    )
    assert ci(machine).returncode == 0
    update, install, test = log(machine)
    assert update == "apt-get update -q"
    assert install.startswith("apt-get install -y")
    assert {"chromium", "python3", "python3-venv"} <= set(install.split())
    assert test.startswith("make test")


def test_ci_fails_without_a_browser(machine: Path) -> None:
    executable(machine / "bin/chromium", "exit 1")
    result = ci(machine)
    assert result.returncode == 1
    assert "browser tests have to run" in result.stderr
    assert not (machine / "log").exists()


def test_ci_script_can_be_started() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
