"""Say what the lessons need, what is there, and what to do about the rest.

Each check is a function without arguments that returns a `Finding`. A warning names something
that costs a comparison or some comfort; a failure stops a lesson.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

GIB = 1024**3
FREE_DISK = 2 * GIB
TOTAL_MEMORY = 4 * GIB
REINSTALL = "`make lab`, or in this environment: python -m pip install -e ."


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Args:
        name: what was looked at, in a word or two.
        status: ``ok``; ``warn`` where the lessons run all the same; ``fail`` where they don't.
        detail: what is there, or what is wrong.
        mend: what to do; empty where there is nothing to do.
    """

    name: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    mend: str = ""


def examine() -> list[Finding]:
    """Run all checks, in the order in which the lessons meet what they look at."""
    return [_run(name) for name in CHECKS]


def lessons_can_run(findings: Sequence[Finding]) -> bool:
    """Return whether nothing failed; warnings don't count.

    >>> lessons_can_run([Finding("disk", "warn", "1.0 GiB free", "make room")])
    True
    """
    return all(finding.status != "fail" for finding in findings)


def table(findings: Sequence[Finding]) -> str:
    """Return the findings as aligned text, the mend under each that is not ok.

    >>> print(table([Finding("disk", "warn", "1.0 GiB free", "make room")]))
    warn  disk  1.0 GiB free
                → make room
    the lessons can run: True
    """
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{finding.status:<4}  {finding.name:<{width}}  {finding.detail}")
        if finding.mend:
            lines.append(f"{'':<4}  {'':<{width}}  → {finding.mend}")
    return "\n".join([*lines, f"the lessons can run: {lessons_can_run(findings)}"])


def report() -> None:
    """Print one line that is the same on every machine where the lessons can run.

    What stops them follows, each with its mend. ``avtutor doctor`` prints all findings.

    Lesson: 00_start_here
    """
    findings = examine()
    failures = [finding for finding in findings if finding.status == "fail"]
    print(table(failures))


def python_version() -> Finding:
    """Check the interpreter against ``requires-python``."""
    found = platform.python_version()
    wanted = _requires_python()
    if not wanted.contains(found, prereleases=True):
        return Finding(
            "Python",
            "fail",
            f"{found}, where {wanted} is needed",
            "install a Python that fits, then `make clean` and `make lab`",
        )
    return Finding("Python", "ok", f"{found} ({sys.executable})")


def packages() -> Finding:
    """Check that each package that pyproject.toml names is there in a version that fits."""
    wrong = []
    # torch and torchaudio have checks of their own.
    wanted = {name: versions for name, versions in _requirements().items() if "torch" not in name}
    for name, versions in wanted.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if not versions.contains(found, prereleases=True):
            wrong.append(f"{name} is {found}, where {versions} is needed")
    if wrong:
        return Finding("packages", "fail", "; ".join(wrong), REINSTALL)
    return Finding("packages", "ok", f"{len(wanted)} of {len(wanted)} in versions that fit")


def torch_works() -> Finding:
    """Check that torch is there, in range, and computes."""
    wanted = _requirements()["torch"]
    mend = f'python -m pip install "torch{wanted}", then `avtutor doctor` again'
    try:
        import torch
    except (ImportError, OSError) as error:
        return Finding("torch", "fail", f"cannot be imported: {_first_line(error)}", mend)
    if not wanted.contains(torch.__version__, prereleases=True):
        return Finding("torch", "fail", f"{torch.__version__}, where {wanted} is needed", mend)
    # The mean of a rectangle's spectrum is its first sample: an FFT that can be checked.
    if abs(torch.fft.fft(torch.ones(8)).mean().item() - 1) > 1e-6:
        return Finding("torch", "fail", f"{torch.__version__} computes a wrong FFT", mend)
    accelerator = "CUDA device" if torch.cuda.is_available() else "on the CPU"
    return Finding(
        "torch", "ok", f"{torch.__version__}, {accelerator}, {torch.get_num_threads()} threads"
    )


def torchaudio_fits() -> Finding:
    """Check that torchaudio can be imported beside this torch; the lessons run without it."""
    try:
        from avtutor import _torchaudio
    except (ImportError, OSError):
        return Finding("torchaudio", "warn", "not looked at: torch cannot be imported")
    reason = _torchaudio.why_missing()
    if reason is None:
        return Finding("torchaudio", "ok", metadata.version("torchaudio"))
    without = "The lessons run; the cells that compare with torchaudio say that it is not there."
    if any(library in reason for library in ("libc10_cuda", "libtorch_cuda", "libcudart")):
        return Finding(
            "torchaudio",
            "warn",
            "built for CUDA, while torch here is built for the CPU alone",
            f"take torchaudio from where torch came from (README, CPU only). {without}",
        )
    wanted = _requirements()["torchaudio"]
    return Finding(
        "torchaudio",
        "warn",
        _first_line(reason),
        f'python -m pip install "torchaudio{wanted}" --no-deps. {without}',
    )


def kernel() -> Finding:
    """Check that a notebook's kernel will be this interpreter."""
    import ipykernel.kernelapp  # noqa: F401  brings zmq, which is compiled and can fail
    from jupyter_client.kernelspec import KernelSpecManager

    program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    # Jupyter itself puts the running interpreter in place of a bare name.
    bare = {"python", "python3", f"python3.{sys.version_info.minor}"}
    if program not in bare and Path(program).parent != Path(sys.executable).parent:
        return Finding(
            "kernel",
            "fail",
            f"notebooks would run in another Python: {program}",
            "python -m ipykernel install --sys-prefix",
        )
    return Finding("kernel", "ok", f"ipykernel {metadata.version('ipykernel')}, with this Python")


def widgets() -> Finding:
    """Check that JupyterLab has the front end of the widgets."""
    from jupyter_core.paths import jupyter_path

    found = {
        name: any((Path(folder) / name / "package.json").is_file() for folder in folders)
        for folders in [jupyter_path("labextensions")]
        for name in ("@jupyter-widgets/jupyterlab-manager", "anywidget")
    }
    missing = [name for name, there in found.items() if not there]
    if missing:
        return Finding(
            "widgets",
            "fail",
            f"JupyterLab has no front end for {' and '.join(missing)}",
            "python -m pip install --force-reinstall --no-deps jupyterlab_widgets anywidget",
        )
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("jupyterlab", "ipywidgets", "anywidget")
    )
    return Finding("widgets", "ok", versions)


def sound() -> Finding:
    """Check that MP3, Opus and FLAC can be written and read, by writing and reading them."""
    import numpy as np
    import soundfile

    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    formats = {"MP3": ("MP3", None), "Opus": ("OGG", "OPUS"), "FLAC": ("FLAC", None)}
    failed = []
    for name, (container, codec) in formats.items():
        file = io.BytesIO()
        try:
            soundfile.write(file, tone, 16000, format=container, subtype=codec)
            file.seek(0)
            back, _ = soundfile.read(file)
        except (soundfile.LibsndfileError, ValueError) as error:
            failed.append(f"{name} ({_first_line(error)})")
            continue
        loudness = float(np.sqrt(np.mean(back**2)))
        if abs(loudness - 0.5 / np.sqrt(2)) > 0.05:
            failed.append(f"{name} (comes back at another level)")
    version = soundfile.__libsndfile_version__
    if failed:
        return Finding(
            "sound files",
            "fail",
            f"libsndfile {version} cannot write and read {', '.join(failed)}",
            "python -m pip install --force-reinstall --no-deps soundfile",
        )
    return Finding("sound files", "ok", f"{', '.join(formats)} through libsndfile {version}")


def video() -> Finding:
    """Check that a video can be written and read, by doing so with four frames."""
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for level in (0, 80, 160, 240):
            picture = np.full((32, 32, 3), level, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as source:
        levels = [frame.to_ndarray(format="rgb24").mean() for frame in source.decode(video=0)]
    library = ".".join(str(number) for number in av.library_versions["libavcodec"])
    if len(levels) != 4 or not np.allclose(levels, (0, 80, 160, 240), atol=8):
        return Finding(
            "video files",
            "fail",
            f"four frames came back wrong through libavcodec {library}",
            "python -m pip install --force-reinstall --no-deps av",
        )
    return Finding("video files", "ok", f"PyAV {av.__version__}, libavcodec {library}")


def recordings() -> Finding:
    """Check that each bundled recording is there and unchanged."""
    from avtutor.datasets import bundled_root

    mend = "git checkout -- data, or point AVTUTOR_DATA at the data folder of a checkout"
    try:
        root = bundled_root()
    except (ValueError, OSError) as error:
        return Finding("recordings", "fail", _first_line(error), mend)
    rows = list(_manifest(root / "manifest.csv"))
    missing = [path for path, _ in rows if not (root / path).is_file()]
    if missing:
        return Finding("recordings", "fail", f"{_some(missing)} missing in {root}", mend)
    changed = [
        path
        for path, digest in rows
        if hashlib.sha256((root / path).read_bytes()).hexdigest() != digest
    ]
    if changed:
        return Finding("recordings", "fail", f"{_some(changed)} changed in {root}", mend)
    return Finding("recordings", "ok", f"{len(rows)} files in {root}")


def disk() -> Finding:
    """Check the room where the lessons run."""
    free = shutil.disk_usage(Path.cwd()).free
    detail = f"{free / GIB:.1f} GiB free in {Path.cwd()}"
    if free < FREE_DISK:
        return Finding(
            "disk", "warn", detail, f"make room: {FREE_DISK // GIB} GiB serve all lessons"
        )
    return Finding("disk", "ok", detail)


def memory() -> Finding:
    """Check the memory of this machine, or of the container that this runs in."""
    total = _total_memory()
    if total is None:
        return Finding("memory", "ok", "not told by this system")
    detail = f"{total / GIB:.1f} GiB"
    if total < TOTAL_MEMORY:
        return Finding(
            "memory", "warn", detail, "close other programs; a lesson takes up to 1.5 GiB"
        )
    return Finding("memory", "ok", detail)


CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": python_version,
    "packages": packages,
    "torch": torch_works,
    "torchaudio": torchaudio_fits,
    "kernel": kernel,
    "widgets": widgets,
    "sound files": sound,
    "video files": video,
    "recordings": recordings,
    "disk": disk,
    "memory": memory,
}


def _run(name: str) -> Finding:
    """Run a check; what it could not foresee is a failure in the error's own words."""
    try:
        return CHECKS[name]()
    except Exception as error:  # a broken installation may raise anything
        return Finding(name, "fail", f"{type(error).__name__}: {_first_line(error)}", REINSTALL)


def _requirements() -> dict[str, SpecifierSet]:
    """Return the versions that avtutor asks for, by package; extras are left out."""
    from packaging.requirements import Requirement

    parsed = [Requirement(line) for line in metadata.requires("avtutor") or []]
    return {
        requirement.name: requirement.specifier
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }


def _requires_python() -> SpecifierSet:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(metadata.metadata("avtutor")["Requires-Python"])


def _manifest(path: Path) -> Iterator[tuple[str, str]]:
    """Yield path and sha256 of each row."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["path"], row["sha256"]


def _total_memory() -> int | None:
    """Return the bytes of memory that this process may use, or None if the system won't say."""
    limits = []
    try:
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        pass
    try:
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        pass
    return min(limits, default=None)


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _some(paths: Sequence[str]) -> str:
    """Return how many, and the first.

    >>> _some(["a.png"]), _some(["a.png", "b.png"])
    ('a.png is', 'a.png and 1 more are')
    """
    if len(paths) == 1:
        return f"{paths[0]} is"
    return f"{paths[0]} and {len(paths) - 1} more are"
