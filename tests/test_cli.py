"""The commands, in this process and as a learner would start them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn

import pytest
import torch
from typer.testing import CliRunner

import avtutor
from avtutor import cli, doctor
from avtutor.doctor import Finding
from avtutor.media import write_audio
from avtutor.synth import sine
from avtutor.waveform import Waveform

ROOT = Path(__file__).parents[1]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "avtutor.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_version() -> None:
    assert run("--version") == (0, f"avtutor {avtutor.__version__}\n", "")


def test_help_names_the_commands() -> None:
    _, shown, _ = run("--help")
    for name in ("doctor", "lab", "explore"):
        assert re.search(rf"^  {name} +\S", shown, re.M)
    assert "..." not in shown.split("Commands:")[1]  # each fits on its line


def test_the_command_line_is_light() -> None:
    program = "import sys, avtutor.cli; print(*sorted(m for m in sys.modules if '.' not in m))"
    modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert not {"torch", "numpy", "matplotlib", "soundfile", "av", "jupyterlab"} & set(modules)


# doctor


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_doctor_s_exit_code(monkeypatch: pytest.MonkeyPatch, status: str, code: int) -> None:
    finding = Finding("disk", status, "little", "make room")  # type: ignore[arg-type]
    monkeypatch.setattr(doctor, "examine", lambda: [finding])
    exit_code, shown, _ = run("doctor")
    assert exit_code == code
    assert shown.startswith(f"{status:<4}  disk  little\n            → make room\n")


def test_doctor_as_a_program() -> None:
    result = command("doctor")
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    assert lines[-1] == "the lessons can run: True"
    assert [
        line[6:].split("  ")[0] for line in lines if line[:4].strip() in ("ok", "warn")
    ] == list(doctor.CHECKS)


# explore


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pages: list[str] = []
    monkeypatch.setattr("webbrowser.open", pages.append)
    return pages


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "a tone & more.wav"
    write_audio(sine(440.0, seconds=1.0, sample_rate=16000), path)
    return path


def test_explore_writes_a_page_and_opens_it(tone: Path, tmp_path: Path, opened: list[str]) -> None:
    page = tmp_path / "page.html"
    assert run("explore", tone, "--out", page) == (0, f"{page}\n", "")
    assert opened == [page.as_uri()]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<title>a tone &amp; more.wav</title>" in text
    assert "<canvas" in text or "createElement" in text
    # It needs nothing else: no address is loaded from anywhere.
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.search(r"""\b(?:import|fetch)\b[^\n]{0,20}["']https?:""", text)


def test_explore_without_a_place_uses_a_new_folder(tone: Path, opened: list[str]) -> None:
    code, shown, _ = run("explore", tone)
    page = Path(shown.strip())
    assert code == 0
    assert page.name == "a tone & more.html"
    assert opened == [page.as_uri()]
    page.unlink()
    page.parent.rmdir()


def test_explore_no_open(tone: Path, tmp_path: Path, opened: list[str]) -> None:
    assert run("explore", tone, "--no-open", "--out", tmp_path / "page.html")[0] == 0
    assert opened == []


def test_explore_takes_a_part_and_says_so(tmp_path: Path, opened: list[str]) -> None:
    path, page = tmp_path / "long.flac", tmp_path / "page.html"
    noise = torch.rand(1, 70 * 8000, generator=torch.Generator().manual_seed(1)) - 0.5
    write_audio(Waveform(noise, 8000), path)
    code, _, said = run("explore", path, "--out", page)
    assert code == 0
    assert said == "the page shows 0 to 60 s; 10 s follow\n"
    a_minute = page.stat().st_size
    code, _, said = run("explore", path, "--start", "5", "--end", "15", "--out", page)
    assert (code, said) == (0, "")
    # int16 as base64 takes 2.7 bytes a sample: what is left out is not in the page.
    assert a_minute - page.stat().st_size > 50 * 8000 * 2.5


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.wav", None, "there is no such file"),
        ("empty.wav", b"", "empty"),
        ("text.wav", b"this is not a sound at all, it is a sentence", "text.wav"),
    ],
)
@pytest.mark.bad_input
def test_explore_refuses_in_one_line(
    tmp_path: Path, opened: list[str], name: str, content: bytes | None, reason: str
) -> None:
    path, page = tmp_path / name, tmp_path / "page.html"
    if content is not None:
        path.write_bytes(content)
    code, shown, said = run("explore", path, "--out", page)
    assert (code, shown) == (1, "")
    assert said.startswith(f"avtutor: {path}: ")
    assert reason in said
    assert said.count("\n") == 1
    assert not page.exists()
    assert opened == []


def test_explore_does_not_write_over_the_recording(tone: Path, opened: list[str]) -> None:
    before = tone.read_bytes()
    code, _, said = run("explore", tone, "--out", tone)
    assert code == 1
    assert "is the recording itself" in said
    assert tone.read_bytes() == before


def test_explore_as_a_program_shows_no_traceback(tmp_path: Path) -> None:
    result = command("explore", tmp_path / "missing.wav", "--no-open")
    assert result.returncode == 1
    assert result.stderr == f"avtutor: {tmp_path / 'missing.wav'}: there is no such file\n"


# lab


class Started(Exception):
    pass


def test_lab_starts_jupyterlab_of_this_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("started through subprocess on Windows")
    started: list[list[str]] = []

    def execv(program: str, arguments: list[str]) -> NoReturn:
        assert program == sys.executable
        started.append(arguments)
        raise Started

    (tmp_path / "notebooks").mkdir()
    (tmp_path / cli.FIRST_LESSON).write_text("{}")
    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.setattr(cli, "checkout", lambda: tmp_path)
    for user, more in ((1000, []), (0, ["--allow-root"])):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        with pytest.raises(Started):
            run("lab", "--no-browser", "--port=8890")
        assert started.pop() == [
            sys.executable,
            "-m",
            "jupyterlab",
            f"--ServerApp.root_dir={tmp_path}",
            "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
            *more,
            "--no-browser",
            "--port=8890",
        ]


def test_lab_without_a_checkout_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages/avtutor/cli.py"
    monkeypatch.setattr(cli, "__file__", str(installed))
    monkeypatch.chdir(tmp_path)
    code, shown, said = run("lab")
    assert (code, shown) == (1, "")
    assert said.startswith("avtutor: there is no notebooks/00_start_here.ipynb in ")
    assert str(tmp_path) in said
    assert said.count("\n") == 1
    # In a clone, the package may lie elsewhere.
    (tmp_path / "notebooks").mkdir()
    (tmp_path / cli.FIRST_LESSON).write_text("{}")
    assert cli.checkout() == tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_lab_serves_the_first_lesson() -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "avtutor.cli", "lab", *arguments, "--IdentityProvider.token=word"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        contents = f"{address}/api/contents/notebooks/00_start_here.ipynb?token=word"
        deadline = time.monotonic() + 180
        while True:
            try:
                with urllib.request.urlopen(contents, timeout=30) as answer:
                    notebook = json.load(answer)
                break
            except urllib.error.HTTPError:
                raise
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, "no server"
                time.sleep(0.2)
        assert notebook["type"] == "notebook"
        with urllib.request.urlopen(
            f"{address}/lab/tree/notebooks/00_start_here.ipynb?token=word", timeout=30
        ) as page:
            assert page.status == 200
            assert "JupyterLab" in page.read().decode()
    finally:
        server.terminate()
        said, _ = server.communicate(timeout=30)
    assert f"{address}/lab/tree/notebooks/00_start_here.ipynb" in said
