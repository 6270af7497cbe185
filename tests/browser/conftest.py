"""A browser for a test, and a picture of the page when the test fails."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.lab import find_browser, open_browser, serve_lab

FAILURES = Path(__file__).parent / "failures"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if find_browser() is None:
        reason = "no Chromium or Chrome found: install one, or name it in AVTUTOR_BROWSER"
        for item in items:
            if HERE in item.path.parents and "page" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that remembers its console errors in ``page.errors`` and must have none."""
    context = browser.new_context(viewport={"width": 1280, "height": 1100})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.errors = errors  # type: ignore[attr-defined]
    yield page
    if request.node.stash.get(FAILED, True):
        FAILURES.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "_", request.node.name)
        page.screenshot(path=FAILURES / f"{name}.png", full_page=True)
    context.close()


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the `lab` fixture serves; what cells import from `tests` is there."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "tests").symlink_to(HERE.parent)
    return folder


@pytest.fixture(scope="session")
def lab(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of its own."""
    with serve_lab(notebooks, tmp_path_factory.mktemp("jupyter")) as address:
        yield address
