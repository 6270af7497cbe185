"""HearAndSee with a sound of one's own, from a file."""

from pathlib import Path

import numpy as np
import pytest
import torch
from avtutor.media import write_audio
from avtutor.spectral import SpectrogramConfig
from avtutor.units import hz_to_mel
from avtutor.waveform import Waveform
from avtutor.widgets import HearAndSee, forming
from playwright.sync_api import Page
from tests.browser.faces import FACE
from tests.browser.generators import DIGITS, WORDS, flow
from tests.browser.sounds import medley
from tests.browser.test_compute import unpack
from tests.browser.test_forming_compute import TOLERANCE
from tests.browser.test_forming_fragment import NAMES, STATE, explorer, follow, shown
from tests.browser.test_fragment import errors_of, show


def test_a_file_is_heard_and_stays_in_the_page(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    seconds = torch.arange(3 * 44100) / 44100
    loud = ((seconds > 1) & (seconds < 2)) * 0.5 * torch.sin(2 * torch.pi * 1500 * seconds)
    write_audio(Waveform.from_mono(loud, 44100), tmp_path / "tone.wav")
    before = shown(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "tone.wav")
    page.wait_for_function(f"() => {FACE}.own")
    assert page.get_by_label("Sound", exact=True).input_value() == "your recording"
    now = shown(page)
    assert before[0] != now[0] and before[1] != now[1]
    recorded = np.array(page.evaluate(f"() => [...{FACE}.recorded.samples]"))
    assert recorded.size == 3 * 8000
    formed = forming.compute(
        recorded, widget._exactly, WORDS, from_rate=8000, n_samples=6400, trimmed=True
    )
    state = page.evaluate(STATE)
    assert np.abs(unpack(state["pictures"]) - formed.pictures[16].ravel()).max() <= TOLERANCE
    # It begins four hops before the first hop that the tone fills: there the filter has settled.
    # The loudest band is that of 1500 Hz.
    facts = page.locator(".avt-facts").inner_text()
    assert "yours, 3.00 s" in facts and "800 ms of it are heard, from 940 ms on" in facts
    levels = unpack(state["levels"]).reshape(20, -1)
    assert levels[:, 20].argmax() == band_of(1500.0, WORDS)
    # Nothing of it is a setting; another choice brings the old sound back, and it can be had again.
    follow(page, widget)
    assert widget.recording == "first"
    page.get_by_label("Sound", exact=True).select_option("first")
    assert shown(page) == before
    page.get_by_label("Sound", exact=True).select_option("your recording")
    assert shown(page) == now
    page.locator("input[type=file]").set_input_files(tmp_path / "tone.wav")
    page.wait_for_timeout(300)
    names = page.get_by_label("Sound", exact=True).locator("option").all_inner_texts()
    assert names == [*NAMES, "your recording"]
    assert errors_of(page) == []


def band_of(hz: float, config: SpectrogramConfig) -> int:
    """Return the mel band whose middle is nearest to a frequency."""
    low, high = hz_to_mel(config.f_min), hz_to_mel(config.f_max)
    return round((hz_to_mel(hz) - low) / (high - low) * (config.n_mels + 1)) - 1


@pytest.mark.bad_input
def test_what_cannot_be_heard_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    before = shown(page)
    tone = 0.3 * torch.sin(torch.arange(8000) * 0.3)
    write_audio(Waveform.from_mono(tone[:300], 8000), tmp_path / "short.wav")
    write_audio(Waveform.from_mono(0 * tone, 8000), tmp_path / "silent.wav")
    (tmp_path / "letter.wav").write_text("Dear all,")
    note = page.locator(".avt-note")
    for name, words in (
        ("short.wav", "the sound must last at least 0.1 s, got 0.0375 s"),
        ("silent.wav", "the sound is silent: a sample of it must reach 0.0001, the largest is 0"),
        ("letter.wav", "letter.wav cannot be read as a sound."),
    ):
        page.locator("input[type=file]").set_input_files(tmp_path / name)
        page.wait_for_function(
            "(words) => document.querySelector('.avt-note').textContent.includes(words)", arg=words
        )
        assert "avt-warn" in (note.get_attribute("class") or "")
    assert shown(page) == before
    assert page.get_by_label("Sound", exact=True).input_value() == "first"
    assert errors_of(page) == []


def test_an_ear_that_takes_any_length_gets_the_word_and_no_silence(
    page: Page, tmp_path: Path
) -> None:
    rough = medley(2.0, 8000)
    widget = HearAndSee(flow(DIGITS, kind="any"), {"all": rough.slice(0.0, 1.0)}, WORDS)
    show(page, tmp_path, widget)
    seconds = torch.arange(2 * 48000) / 48000
    tone = ((seconds > 0.8) & (seconds < 1.1)) * 0.5 * torch.sin(2 * torch.pi * 500 * seconds)
    write_audio(Waveform.from_mono(tone, 48000), tmp_path / "tone.wav")
    page.locator("input[type=file]").set_input_files(tmp_path / "tone.wav")
    page.wait_for_function(f"() => {FACE}.own")
    heard = page.evaluate(f"() => {FACE}.entered.samples.length") / 8000
    assert 0.3 + 2 * 4 * 0.02 - 0.02 <= heard <= 0.3 + 2 * 5 * 0.02
    canvas = page.locator(".avt-figure canvas.avt-picture")
    assert canvas.evaluate("(c) => c.width") == 1 + round(heard * 8000) // 160
    assert "silence" not in page.locator(".avt-facts").inner_text()
    assert errors_of(page) == []
