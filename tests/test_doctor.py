"""The doctor: each finding, sound and with the fault that it is there to recognise."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import av
import jupyter_core.paths
import numpy as np
import pytest
import soundfile
import torch
from packaging.specifiers import SpecifierSet

from avtutor import _torchaudio, doctor
from avtutor.doctor import Finding


def test_each_check_has_the_name_it_is_listed_under() -> None:
    findings = doctor.examine()
    assert [finding.name for finding in findings] == list(doctor.CHECKS)
    assert all(finding.detail for finding in findings)
    for finding in findings:
        assert finding.status == "ok" or finding.mend


def test_here_the_lessons_can_run() -> None:
    failures = [finding for finding in doctor.examine() if finding.status == "fail"]
    assert failures == []


# The faults


@pytest.mark.parametrize(
    ("version", "status"),
    [("3.10.14", "fail"), ("3.11.0", "ok"), ("3.14.2", "ok"), ("3.15.0a1", "fail")],
)
def test_python(monkeypatch: pytest.MonkeyPatch, version: str, status: str) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: version)
    finding = doctor.python_version()
    assert finding.status == status
    assert version in finding.detail


def test_packages_missing_and_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"numpy": SpecifierSet(">=9999"), "no-such-package-here": SpecifierSet()}
    monkeypatch.setattr(doctor, "_requirements", lambda: asked)
    finding = doctor.packages()
    assert finding.status == "fail"
    assert "no-such-package-here is missing" in finding.detail
    assert f"numpy is {np.__version__}, where >=9999 is needed" in finding.detail


def test_requirements_leave_the_extras_out() -> None:
    asked = doctor._requirements()
    assert {"torch", "soundfile", "jupyterlab"} <= set(asked)
    assert not {"pytest", "librosa", "nbval"} & set(asked)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("2.10.0", "fail"),
        ("2.11.0+cpu", "ok"),
        ("2.13.0", "fail"),
        ("2.14.1+cu130", "ok"),
        ("2.15.0", "fail"),
    ],
)
def test_torch_range(monkeypatch: pytest.MonkeyPatch, version: str, status: str) -> None:
    monkeypatch.setattr(torch, "__version__", version)
    finding = doctor.torch_works()
    assert finding.status == status
    assert version in finding.detail


def test_torch_that_computes_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.fft, "fft", lambda samples: torch.zeros(8))
    assert doctor.torch_works().status == "fail"


def outside(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter that finds its modules in this folder first."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_torch_that_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text('raise OSError("libcudnn.so.9: cannot open shared object")')
    result = outside("from avtutor import doctor; print(doctor.table(doctor.examine()))", tmp_path)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    (line,) = [number for number, text in enumerate(lines) if text.startswith("fail  torch ")]
    assert "cannot be imported: libcudnn.so.9" in lines[line]
    assert "pip install" in lines[line + 1]
    assert any(text.startswith("warn  torchaudio") for text in lines)
    assert any(text.startswith("ok    sound files") for text in lines)
    assert lines[-1] == "the lessons can run: False"


BESIDE = (
    "from avtutor import doctor; f = doctor.torchaudio_fits(); print(f.status, f.detail, f.mend)"
)


@pytest.mark.parametrize(
    "error",
    [
        'OSError("libc10_cuda.so: cannot open shared object file: No such file or directory")',
        'OSError("Could not load this library: x.so") from OSError("libc10_cuda.so: cannot open")',
        'OSError("libcudart.so.13: cannot open shared object file: No such file or directory")',
    ],
)
def test_torchaudio_for_cuda_beside_torch_for_the_cpu(tmp_path: Path, error: str) -> None:
    (tmp_path / "torchaudio").mkdir()
    (tmp_path / "torchaudio/__init__.py").write_text(f"raise {error}")
    result = outside(BESIDE, tmp_path)
    assert result.stdout.startswith("warn built for CUDA, while torch here is"), result
    assert "The lessons run" in result.stdout


def test_real_torchaudio_with_its_library_missing(tmp_path: Path) -> None:
    """The same fault in torchaudio's own code: its shared library does not load."""
    if _torchaudio.load() is None:
        pytest.skip("torchaudio cannot be imported here in the first place")
    program = f"""
import ctypes, torch
class CDLL(ctypes.CDLL):
    def __init__(self, name, *arguments, **settings):
        if "torchaudio" in str(name):
            raise OSError("libc10_cuda.so: cannot open shared object file")
        super().__init__(name, *arguments, **settings)
ctypes.CDLL = CDLL
{BESIDE}
"""
    result = outside(program, tmp_path)
    assert result.stdout.startswith("warn built for CUDA, while torch here is"), result


def test_torchaudio_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_torchaudio, "why_missing", lambda: "torchaudio is not installed")
    finding = doctor.torchaudio_fits()
    assert (finding.status, finding.detail) == ("warn", "torchaudio is not installed")
    assert "torchaudio==" in finding.mend


def test_kernel_of_another_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert doctor.kernel().status == "ok"
    folder = tmp_path / "kernels/python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["/opt/other/bin/python", "-m", "ipykernel_launcher"], "display_name": "other"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = doctor.kernel()
    assert finding.status == "fail"
    assert "/opt/other/bin/python" in finding.detail
    # The same file with this interpreter is fine.
    spec["argv"][0] = sys.executable  # type: ignore[index]
    (folder / "kernel.json").write_text(json.dumps(spec))
    assert doctor.kernel().status == "ok"


def test_widgets_without_a_front_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert doctor.widgets().status == "ok"
    (tmp_path / "anywidget").mkdir()
    (tmp_path / "anywidget/package.json").write_text("{}")
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    finding = doctor.widgets()
    assert finding.status == "fail"
    assert "jupyterlab-manager" in finding.detail
    assert "anywidget" not in finding.detail


def test_sound_that_comes_back_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "read", lambda file: (np.zeros(8000), 16000))
    finding = doctor.sound()
    assert finding.status == "fail"
    assert "MP3 (comes back at another level)" in finding.detail


def test_sound_without_an_mp3_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    write = soundfile.write

    def no_mp3(*arguments: object, **settings: object) -> None:
        if settings["format"] == "MP3":
            raise ValueError("Unknown format: 'MP3'")
        write(*arguments, **settings)

    monkeypatch.setattr(soundfile, "write", no_mp3)
    finding = doctor.sound()
    assert finding.status == "fail"
    assert "MP3 (Unknown format: 'MP3')" in finding.detail
    assert "Opus" not in finding.detail


def test_video_that_comes_back_black(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "full", lambda shape, level, dtype: np.zeros(shape, dtype))
    finding = doctor.video()
    assert finding.status == "fail"
    assert "four frames came back wrong" in finding.detail


def test_video_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **settings: object) -> None:
        raise RuntimeError("no codec\nand a second line")

    monkeypatch.setattr(av, "open", refuse)
    assert doctor._run("video files") == Finding(
        "video files", "fail", "RuntimeError: no codec", doctor.REINSTALL
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two recordings and their manifest."""
    rows = ["path,sha256"]
    for name, content in {"a.flac": b"aaa", "b.flac": b"bbb"}.items():
        (tmp_path / name).write_bytes(content)
        rows.append(f"{name},{hashlib.sha256(content).hexdigest()}")
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.setenv("AVTUTOR_DATA", str(tmp_path))
    return tmp_path


def test_recordings(folder: Path) -> None:
    assert doctor.recordings() == Finding("recordings", "ok", f"2 files in {folder}")


def test_recordings_missing(folder: Path) -> None:
    (folder / "b.flac").unlink()
    assert doctor.recordings().detail == f"b.flac is missing in {folder}"
    (folder / "a.flac").unlink()
    finding = doctor.recordings()
    assert finding.status == "fail"
    assert finding.detail == f"a.flac and 1 more are missing in {folder}"


def test_recordings_changed_by_a_line_ending(folder: Path) -> None:
    (folder / "a.flac").write_bytes(b"aaa\r\n")
    finding = doctor.recordings()
    assert finding.status == "fail"
    assert finding.detail == f"a.flac is changed in {folder}"


def test_recordings_not_there_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AVTUTOR_DATA", str(tmp_path / "nowhere"))
    finding = doctor._run("recordings")
    assert finding.status == "fail"
    assert "nowhere" in finding.detail


def test_little_disk_and_memory_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10**9))
    monkeypatch.setattr(doctor, "_total_memory", lambda: 2 * 1024**3)
    disk, memory = doctor.disk(), doctor.memory()
    assert (disk.status, memory.status) == ("warn", "warn")
    assert disk.detail.startswith("0.9 GiB free")
    assert memory.detail == "2.0 GiB"
    assert doctor.lessons_can_run([disk, memory])


def test_memory_of_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_total_memory", lambda: None)
    assert doctor.memory().status == "ok"


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="reads what Linux says")
def test_memory_is_not_more_than_the_machine_has() -> None:
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    found = doctor._total_memory()
    assert found is not None
    assert 0 < found <= total * 1.01


# What is printed


def test_report_is_one_line_whatever_the_warnings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [Finding("disk", "warn", "1.0 GiB", "make room"), Finding("torch", "ok", "2.14")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    doctor.report()
    assert capsys.readouterr().out == "the lessons can run: True\n"


def test_report_names_what_stops_the_lessons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: [Finding("torch", "fail", "gone", "get it")])
    doctor.report()
    assert capsys.readouterr().out == (
        "fail  torch  gone\n             → get it\nthe lessons can run: False\n"
    )


def test_versions_come_from_the_package_s_own_metadata() -> None:
    asked = importlib.metadata.requires("avtutor") or []
    (line,) = [line for line in asked if line.startswith("torch") and "audio" not in line]
    assert doctor._requirements()["torch"] == SpecifierSet(line.removeprefix("torch"))
