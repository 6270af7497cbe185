"""A browser and a JupyterLab of its own, for tests and measurements of what people see."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
]
START_SECONDS = 60
RUN_SECONDS = 120


def find_browser() -> str | None:
    """Return the Chromium or Chrome to use: AVTUTOR_BROWSER, one on the path, or a Mac's."""
    asked = os.environ.get("AVTUTOR_BROWSER")
    if asked:
        return asked
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return next((path for path in MAC_BROWSERS if Path(path).exists()), None)


def browser_arguments(also: Sequence[str] = ()) -> list[str]:
    """Return what a browser is started with: it may play sound without being asked.

    Args:
        also: further arguments.
    """
    arguments = [*ARGUMENTS, *also]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root with it
    return arguments


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Give a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=browser_arguments()
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serve_lab(root: Path, home: Path) -> Iterator[str]:
    """Serve the notebooks in `root` and give the address; settings and state stay in `home`."""
    for name in ("config", "data", "runtime", "settings", "workspaces"):
        (home / name).mkdir(parents=True, exist_ok=True)
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True, exist_ok=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (quiet / "notification.jupyterlab-settings").write_text(json.dumps(news))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser",
        "--ServerApp.port=0", f"--ServerApp.root_dir={root}", "--allow-root",
        "--ServerApp.ip=127.0.0.1",
    ]  # fmt: skip
    log = home / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield _address(home / "runtime", server, log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(runtime: Path, server: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return where the server can be reached, as soon as it says so."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                info = json.loads(file.read_text())
            except ValueError:
                continue  # half written
            return f"{info['url']}lab?token={info['token']}"
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook of the served folder and wait until its kernel listens."""
    page.goto(address.replace("/lab?", f"/lab/tree/{name}?reset&"))
    page.wait_for_function(
        """() => {
          const panel = window.jupyterapp?.shell.currentWidget;
          const session = panel?.sessionContext;
          return session?.isReady && session.session?.kernel?.connectionStatus === 'connected'
            && panel.content.widgets.length > 0;
        }""",
        timeout=1000 * START_SECONDS,
    )


def run_all(page: Page, *, seconds: float = RUN_SECONDS) -> list[str]:
    """Run every cell of the open notebook; return the errors that cells raised."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(
        """() => {
          const panel = window.jupyterapp.shell.currentWidget;
          const cells = panel.content.model.sharedModel.cells.filter(
            (cell) => cell.cell_type === 'code' && cell.source.trim());
          return cells.every((cell) => cell.execution_count !== null)
            && panel.sessionContext.session.kernel.status === 'idle';
        }""",
        timeout=1000 * seconds,
    )
    errors: list[str] = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
          .flatMap((cell) => cell.outputs ?? [])
          .filter((output) => output.output_type === 'error')
          .map((output) => `${output.ename}: ${output.evalue}`)"""
    )
    return errors


def lessons_with(text: str) -> list[Path]:
    """Return the built lessons in which a text stands, such as the name of a widget."""
    folder = Path(__file__).resolve().parents[2] / "notebooks"
    every = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in every if text in path.read_text(encoding="utf-8")]
