"""What every test of the project shares: tests/, the docs of avtutor/, and the notebooks."""

import os
from collections.abc import Iterator

import pytest

os.environ.pop("MPLBACKEND", None)  # the kernels of the notebooks would inherit it
if "PYTEST_XDIST_WORKER" in os.environ:
    # Two workers share the processor; the kernels they start inherit this.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib  # noqa: E402
import matplotlib.font_manager  # noqa: E402, F401  (on a new machine: its fonts, before any kernel)
from hypothesis import settings  # noqa: E402
from jaxtyping import config as shape_checks  # noqa: E402

matplotlib.use("Agg")
settings.register_profile("same_every_time", derandomize=True, deadline=None)
settings.load_profile("same_every_time")


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest be called from any folder."""
    config.option.nbval_sanitize_with = str(config.rootpath / "notebooks/sanitize.cfg")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the docs of what needs torchaudio where it cannot be imported."""
    docs = [item for item in items if item.path.name == "_torchaudio.py"]
    if docs:
        from avtutor import _torchaudio

        if reason := _torchaudio.why_missing():
            for item in docs:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _shape_checks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Switch jaxtyping's checks off for a test marked ``bad_input``."""
    off = request.node.get_closest_marker("bad_input") is not None
    shape_checks.update("jaxtyping_disable", off)
    yield
    shape_checks.update("jaxtyping_disable", False)


@pytest.fixture(autouse=True, scope="module")
def _ordinary_priority() -> Iterator[None]:
    """Stop where a library has moved this process to real time: browsers inherit that, and starve.

    SVT-AV1 does so to the thread that encodes, for root.
    """
    yield
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        pytest.fail("a test has left this process at real-time priority")
