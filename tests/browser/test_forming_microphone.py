"""HearAndSee with a microphone: what is recorded is heard, and what is not is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from avtutor.media import write_audio
from avtutor.waveform import Waveform
from avtutor.widgets import forming
from playwright.sync_api import Browser, Page
from tests.browser.faces import FACE
from tests.browser.generators import WORDS
from tests.browser.lab import browser_arguments, find_browser
from tests.browser.test_compute import unpack
from tests.browser.test_forming_compute import TOLERANCE
from tests.browser.test_forming_files import band_of
from tests.browser.test_forming_fragment import STATE, explorer, shown
from tests.browser.test_fragment import show

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome found")

DEVICE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"


@contextmanager
def page_with(browser: Browser, *arguments: str) -> Iterator[Page]:
    """Give a page of another browser, with these arguments; it must raise no error."""
    other = browser.browser_type.launch(
        executable_path=find_browser(), args=browser_arguments(arguments)
    )
    try:
        page = other.new_page(viewport={"width": 1280, "height": 900})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []
    finally:
        other.close()


def note(page: Page, words: str) -> None:
    """Wait until the page says this."""
    page.wait_for_function(
        "(words) => document.querySelector('.avt-note').textContent.includes(words)", arg=words
    )


def test_what_the_microphone_hears_becomes_pictures(browser: Browser, tmp_path: Path) -> None:
    seconds = torch.arange(6 * 48000) / 48000
    beeps = 0.5 * (seconds % 1 < 0.5) * torch.sin(2 * torch.pi * 1500 * seconds)
    write_audio(Waveform.from_mono(beeps, 48000), tmp_path / "beeps.wav")
    file = f"--use-file-for-fake-audio-capture={tmp_path / 'beeps.wav'}"
    widget = explorer()
    with page_with(browser, DEVICE, ALLOWED, file) as page:
        show(page, tmp_path, widget)
        before = shown(page)
        button = page.get_by_role("button", name="Record a sound")
        button.press("Enter")
        note(page, "Recording, for at most 3 s")
        stop = page.get_by_role("button", name="Stop recording")
        assert stop.get_attribute("aria-pressed") == "true"
        page.wait_for_timeout(1500)
        stop.press("Enter")
        note(page, "It stays in this page.")
        assert page.get_by_label("Sound", exact=True).input_value() == "your recording"
        assert page.evaluate("() => document.activeElement.textContent") == "● Record"
        assert page.evaluate(f"() => {FACE}.microphone.stream") is None  # it is let go
        now = shown(page)
        assert before[0] != now[0] and not set(before[1]) & set(now[1])
        recorded = np.array(page.evaluate(f"() => [...{FACE}.recorded.samples]"))
        assert 1.0 < recorded.size / 8000 < 3.5
        formed = forming.compute(
            recorded, widget._exactly, WORDS, from_rate=8000, n_samples=6400, trimmed=True
        )
        state = page.evaluate(STATE)
        assert np.abs(unpack(state["levels"]) - formed.levels.ravel()).max() <= 0.01
        assert np.abs(unpack(state["pictures"]) - formed.pictures[16].ravel()).max() <= TOLERANCE
        # The tone is in it, for as long as it was.
        loud = formed.levels.max(axis=0) > -15
        assert (formed.levels[:, loud].argmax(axis=0) == band_of(1500.0, WORDS)).mean() > 0.9
        assert loud.mean() > 0.4

        # Recorded again, it stops by itself.
        page.get_by_role("button", name="Record a sound").click()
        note(page, "Recording")
        page.get_by_role("button", name="Record a sound").wait_for(timeout=8000)
        note(page, "It stays in this page.")
        again = page.evaluate(f"() => {FACE}.recorded.samples.length") / 8000
        assert 2.0 < again < 4.0
        names = page.get_by_label("Sound", exact=True).locator("option").all_inner_texts()
        assert names.count("your recording") == 1


@pytest.mark.bad_input
def test_silence_is_refused_in_words(browser: Browser, tmp_path: Path) -> None:
    write_audio(Waveform.from_mono(torch.zeros(48000), 48000), tmp_path / "silence.wav")
    file = f"--use-file-for-fake-audio-capture={tmp_path / 'silence.wav'}"
    with page_with(browser, DEVICE, ALLOWED, file) as page:
        show(page, tmp_path, explorer())
        before = shown(page)
        page.get_by_role("button", name="Record a sound").click()
        note(page, "Recording")
        page.wait_for_timeout(700)
        page.get_by_role("button", name="Stop recording").click()
        note(page, "This cannot be used: the sound is silent")
        assert shown(page) == before
        assert page.get_by_label("Sound", exact=True).input_value() == "first"


@pytest.mark.bad_input
def test_a_microphone_that_is_not_allowed_is_said(browser: Browser, tmp_path: Path) -> None:
    with page_with(browser, DEVICE) as page:
        show(page, tmp_path, explorer())
        before = shown(page)
        page.get_by_role("button", name="Record a sound").click()
        note(page, "The browser was not allowed to use the microphone.")
        assert "avt-warn" in (page.locator(".avt-note").get_attribute("class") or "")
        button = page.get_by_role("button", name="Record a sound")
        assert button.get_attribute("aria-disabled") == "false"
        assert shown(page) == before
        page.get_by_label("Sound", exact=True).select_option("second")  # the rest goes on
        assert page.locator(".avt-note").inner_text() == ""
        assert shown(page) != before


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })",
         "This page cannot use a microphone"),
        ("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', "
         "'NotFoundError'))", "No microphone was found."),
        ("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', "
         "'NotReadableError'))", "another program may be using it"),
    ],
)  # fmt: skip
def test_what_else_can_be_wrong_is_said(
    browser: Browser, tmp_path: Path, setting: str, words: str
) -> None:
    with page_with(browser, DEVICE, ALLOWED) as page:
        show(page, tmp_path, explorer())
        page.evaluate(f"() => {{ {setting}; }}")
        page.get_by_role("button", name="Record a sound").click()
        note(page, words)


def test_a_widget_that_is_taken_away_lets_the_microphone_go(
    browser: Browser, tmp_path: Path
) -> None:
    with page_with(browser, DEVICE, ALLOWED) as page:
        show(page, tmp_path, explorer())
        page.get_by_role("button", name="Record a sound").click()
        note(page, "Recording")
        page.evaluate(f"() => {{ window.tracks = {FACE}.microphone.stream.getTracks(); }}")
        page.evaluate(f"() => {FACE}.close()")
        assert page.evaluate("() => tracks.map((track) => track.readyState)") == ["ended"]
