"""The verdict explorer in JupyterLab: the network answers there, and Python is in step."""

from pathlib import Path

from playwright.sync_api import Page
from tests.browser.lab import open_notebook, run_all
from tests.browser.test_fragment import CLOCK, HASH, errors_of
from tests.browser.test_lab import write_notebook

CELLS = (
    """
    from avtutor.spectral import SpectrogramConfig
    from avtutor.widgets import VerdictExplorer
    from tests.browser.networks import untrained
    from tests.browser.sounds import medley
    config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    sounds = {"one": medley(0.75, 8000), "two": medley(0.4, 8000)}
    digits = [str(digit) for digit in range(10)]
    explorer = VerdictExplorer(sounds, untrained(40), config, classes=digits)
    explorer
    """,
    "explorer",
)
ASK = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  await new Promise((go) => setTimeout(go, 500));
  let text = '';
  const ask = kernel.requestExecute({ code });
  ask.onIOPub = (message) => { text += message.content.text ?? message.content.evalue ?? ''; };
  await ask.done;
  return text.trim();
}"""


def test_the_verdict_changes_with_a_slider(page: Page, lab: str, notebooks: Path) -> None:
    write_notebook(notebooks / "verdict.ipynb", *CELLS)
    open_notebook(page, lab, "verdict.ipynb")
    assert run_all(page) == []
    page.wait_for_function("() => document.querySelectorAll('.avt').length === 2")
    said, twin = page.locator(".avt-said").first, page.locator(".avt-said").nth(1)
    first = said.inner_text()
    assert first.startswith("says ")

    # Keys on a slider, until the network says something else; the notebook stays where it is.
    slider = page.get_by_label("shift in frequency", exact=True).first
    slider.scroll_into_view_if_needed()
    picture = page.locator(".avt-picture").first
    for _ in range(20):
        before = picture.evaluate(HASH)
        slider.press("ArrowRight")
        assert picture.evaluate(HASH) != before
        if "now" in said.inner_text():
            break
    was, now = first.removeprefix("says "), said.inner_text()[-1]
    assert said.inner_text() == f"said {was}, now says {now}" and was != now

    # The other view of the same widget says so too, and Python computes the same.
    assert twin.inner_text() == said.inner_text()
    assert page.evaluate(ASK, "print(explorer._said(), explorer.shift_bands > 0)") == (
        f"said {was}, now says {now} True"
    )

    # What Python sets, the brush among it, is seen; what the brush does, Python knows.
    page.evaluate(ASK, "explorer.shift_bands = 0\nexplorer.erased = [[4, 0, 9], [5, 0, 9]]")
    page.wait_for_function(
        "() => document.querySelector('.avt-facts').innerText.includes('18 cells')"
    )
    assert slider.get_attribute("aria-valuetext") == "0"
    page.get_by_label("brush size").first.press("Home")
    figure = page.locator(".avt-figure").first
    figure.press("Home")
    for _ in range(3):
        figure.press("Enter")
        figure.press("ArrowUp")
    assert page.evaluate(ASK, "print(explorer.erased)") == (
        "[[4, 0, 9], [5, 0, 9], [20, 0, 1], [21, 0, 1], [22, 0, 1]]"
    )
    assert "21 cells" in page.locator(".avt-facts").nth(1).inner_text()
    page.evaluate(ASK, "explorer.reset()")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.avt-facts')].every((f) => f.innerText.includes('nothing'))"
    )
    assert said.inner_text() == first

    page.get_by_label("flip frequency").first.press("Space")
    page.get_by_role("button", name="Play the altered").first.click()
    page.wait_for_function(f"() => ({CLOCK})() > 0.2")
    page.evaluate("() => { window.kept = document.querySelector('.avt').explorer.player; }")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => !window.kept.playing && window.kept.context === null")
    assert errors_of(page) == []
