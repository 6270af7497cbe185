"""The fusion explorer as a page of its own: every control, the sound, who is right."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.augment.senses import FRONT
from avtutor.waveform import Waveform
from avtutor.widgets import FusionExplorer
from avtutor.widgets.still_fusion import side_of
from playwright.sync_api import Page
from tests.browser.faces import FACE, heard, hold_clock, named_and_undisturbed, widths_at
from tests.browser.fusions import nets
from tests.browser.sounds import medley
from tests.browser.test_compute import unpack
from tests.browser.test_fragment import HASH, errors_of, show

DIGITS = [str(digit) for digit in range(10)]
NETS = nets()
STATE = f"""() => {{
  const {{ seenNow, heardNow, levels, answers }} = {FACE};
  const pack = (values) => {{
    const bytes = new Uint8Array(values.buffer);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }};
  return {{ seen: pack(seenNow), heard: pack(heardNow), levels: pack(levels),
    shares: answers.map((answer) => answer && [...answer]) }};
}}"""


def explorer(**changes: Any) -> FusionExplorer:
    """Return a widget of three digits, "3" twice."""
    names = ("3", "7", "1", "3 again")
    generators = [torch.Generator().manual_seed(seed) for seed in range(4)]
    pictures = {
        n: torch.rand(8, 8, generator=g) ** 2 for n, g in zip(names, generators, strict=True)
    }
    rough = medley(1.2, 8000)
    sounds = {name: rough.slice(0.1 * n, 0.1 * n + 0.8) for n, name in enumerate(names)}
    given = {"pictures": pictures, "recordings": sounds, "nets": NETS} | changes
    return FusionExplorer(
        given["pictures"], given["recordings"], given["nets"], FRONT, classes=DIGITS
    )


def said(page: Page) -> str:
    return page.locator(".avt-said").inner_text()


def shown(page: Page) -> tuple[int, int, str]:
    """Return the picture, the spectrogram and the bars, as they stand on the page."""
    bars = page.eval_on_selector_all(
        ".avt-tall", "(nodes) => nodes.map((node) => node.style.transform).join()"
    )
    seen, heard = page.locator("canvas.avt-picture").all()
    return seen.evaluate(HASH), heard.evaluate(HASH), bars


def follow(page: Page, widget: FusionExplorer) -> None:
    """Set the widget as the page is."""
    for name in widget.settings:
        setattr(widget, name, page.evaluate(f"() => {FACE}.settings.values.{name}"))


def assert_equal(page: Page, widget: FusionExplorer) -> None:
    """The page shows what the package computes for the same settings."""
    state, expected = page.evaluate(STATE), widget.sensed()
    assert np.abs(unpack(state["seen"]) - expected.picture.ravel()).max() < 1e-9
    assert np.abs(unpack(state["heard"]) - expected.samples).max() < 1e-9
    assert np.abs(unpack(state["levels"]) - expected.levels.ravel()).max() <= 0.01
    assert said(page) == widget._said(expected)
    rows = page.locator(".avt-net:not(.avt-head)").all()
    for row, name, got in zip(rows, expected.logits, state["shares"], strict=True):
        shares, best = expected.shares(name), expected.says(name)
        assert row.locator(".avt-class").inner_text() == name
        assert row.locator(".avt-side").inner_text() == side_of(best, widget.truth())
        if shares is None or best is None:
            assert got is None and row.locator(".avt-says").inner_text() == "–"
            assert row.locator(".avt-share").inner_text() == ""
            continue
        assert np.abs(np.array(got) - shares).max() <= 1e-3
        assert row.locator(".avt-says").inner_text() == DIGITS[best]
        assert float(row.locator(".avt-share").inner_text()) == pytest.approx(
            shares[best], abs=0.006
        )


def test_every_control_moves_what_it_should(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    for label, key, changed in (
        ("picture noise", "ArrowRight", (True, False, True)),
        ("sound noise", "ArrowRight", (False, True, True)),
        ("picture noise", "End", (True, False, True)),
        ("sound noise", "End", (False, True, True)),
        ("picture noise", "PageDown", (True, False, True)),
        ("eye open", "Space", (False, False, True)),
        ("ear open", "Space", (False, False, True)),
        ("eye open", "Space", (False, False, True)),
        ("ear open", "Space", (False, False, True)),
    ):
        before = shown(page)
        page.get_by_label(label, exact=True).press(key)
        moved = tuple(a != b for a, b in zip(before, shown(page), strict=True))
        assert moved == changed, (label, key)
        follow(page, widget)
        assert_equal(page, widget)
    assert (widget.audio_snr, widget.image_snr < 0) == (-20, True)
    for label, name, changed in (
        ("seen", "7", (True, False, True)), ("heard", "1", (False, True, True)),
        ("heard", "3 again", (False, True, True)),
    ):  # fmt: skip
        before = shown(page)
        page.get_by_label(label, exact=True).select_option(name)
        assert tuple(a != b for a, b in zip(before, shown(page), strict=True)) == changed
        follow(page, widget)
        assert getattr(widget, label) == name
        assert_equal(page, widget)
    before = shown(page)
    page.get_by_role("button", name="Other noise").click()
    assert all(a != b for a, b in zip(before, shown(page), strict=True))
    follow(page, widget)
    assert widget.seed == 1
    assert_equal(page, widget)
    page.get_by_role("button", name="No noise").click()
    follow(page, widget)
    start = explorer()
    start.seen = start.heard = "7"
    assert repr(widget) == repr(start)
    assert_equal(page, widget)
    assert errors_of(page) == []


def test_conflict_and_back(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    button = page.get_by_role("button", name="Conflict:")
    assert button.get_attribute("aria-pressed") == "false"
    assert said(page).startswith("seen and heard: 3 · ")
    button.click()
    assert page.get_by_label("heard", exact=True).input_value() == "7"
    assert button.get_attribute("aria-pressed") == "true"
    assert said(page).startswith("seen: 3, heard: 7 · ")
    assert page.locator(".avt-head .avt-is-seen").inner_text() == "3"
    assert page.locator(".avt-head .avt-is-heard").inner_text() == "7"
    follow(page, widget)
    assert_equal(page, widget)
    button.click()
    assert page.get_by_label("heard", exact=True).input_value() == "3"
    assert page.locator(".avt-head .avt-is-both").inner_text() == "3"
    assert page.locator(".avt-is-seen, .avt-is-heard").count() == 0
    page.get_by_label("seen", exact=True).select_option("7")  # the highest: the next is the lowest
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    button.click()
    assert page.get_by_label("heard", exact=True).input_value() == "1"
    assert errors_of(page) == []


def test_what_is_missing_is_said(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    for labels, text in (
        (["eye open"], "nothing seen, heard: 3 · "),
        (["ear open"], "nothing seen, nothing heard · no net can answer"),
        (["eye open"], "seen: 3, nothing heard · "),
    ):
        for label in labels:
            page.get_by_label(label).press("Space")
        assert said(page).startswith(text)
        follow(page, widget)
        assert_equal(page, widget)
    row = page.locator(".avt-net").nth(1)
    assert row.inner_text().split() == ["sound", "alone", "–", "no", "answer"]
    assert page.get_by_role("button", name="Play the sound").is_disabled()
    assert "missing" in page.locator(".avt-facts").inner_text()
    assert errors_of(page) == []


def test_the_noisy_sound_is_heard_and_follows_the_fader(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    page.get_by_label("sound noise").press("End")
    button = page.get_by_role("button", name="Play the sound")
    samples = heard(page, button.click)
    follow(page, widget)
    noisy = widget.sensed().samples
    clean = widget.samples("3")
    assert np.corrcoef(samples, noisy)[0, 1] > 0.999999
    assert np.square(samples).mean() <= np.square(clean).mean() * 1.001
    page.wait_for_function(f"() => !{FACE}.player.playing")  # at its end

    # The sound that plays follows the fader, and stops where there is nothing to hear.
    hold_clock(page)
    button.click()
    page.get_by_label("sound noise").press("Home")
    page.wait_for_function(
        f"(is) => Math.abs({FACE}.player.sources[0].buffer.getChannelData(0)[2000] - is) < 1e-6",
        arg=float(clean[2000]),
    )
    button.click()  # pause
    assert page.evaluate(f"() => {FACE}.player.playing") is False
    button.click()
    assert page.evaluate(f"() => {FACE}.player.playing") is True
    page.get_by_label("ear open").press("Space")
    page.wait_for_function(f"() => !{FACE}.player.playing")
    assert errors_of(page) == []


@pytest.mark.parametrize(("n_samples", "level"), [(256, 0.5), (700, 0.0), (9599, 9.0)])
def test_odd_inputs(page: Page, tmp_path: Path, n_samples: int, level: float) -> None:
    """Very short, silent, too loud, as long as can be; a picture of one value."""
    wave = level * torch.sin(torch.arange(n_samples) * 0.3)
    given = {name: net for name, net in NETS.items() if name != "early"}
    widget = explorer(
        pictures={"3": torch.full((8, 8), 0.5), "4": torch.eye(8)},
        recordings={"3": Waveform.from_mono(wave, 8000)}, nets=given,
    )  # fmt: skip
    show(page, tmp_path, widget)
    for label in ("picture noise", "sound noise"):
        for key in ("End", "Home", "ArrowRight"):
            page.get_by_label(label).press(key)
    follow(page, widget)
    assert_equal(page, widget)
    page.get_by_role("button", name="Conflict:").click()  # there is no other sound
    assert page.get_by_label("heard", exact=True).input_value() == "3"
    assert "NaN" not in page.locator("body").inner_text()
    assert errors_of(page) == []


def test_what_python_sets_is_shown(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    show(page, tmp_path, widget)
    for name, value in (
        ("image_snr", 7), ("audio_snr", -20), ("seed", 999), ("seen", "3 again"), ("heard", "1"),
        ("image_present", False), ("audio_snr", 30),
    ):  # fmt: skip
        setattr(widget, name, value)
        page.evaluate(f"([name, value]) => {FACE}.settings.model.set(name, value)", [name, value])
        assert_equal(page, widget)
    assert page.get_by_label("picture noise").get_attribute("aria-valuetext") == "7 dB"
    assert page.get_by_label("sound noise").get_attribute("aria-valuetext") == "none"
    assert not page.get_by_label("eye open").is_checked()
    assert page.get_by_label("seen", exact=True).input_value() == "3 again"
    assert errors_of(page) == []


def test_a_written_page_begins_where_the_widget_is(page: Page, tmp_path: Path) -> None:
    widget = explorer()
    widget.seen, widget.heard, widget.image_snr, widget.audio_present = "7", "1", -2, False
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    assert page.get_by_label("heard", exact=True).input_value() == "1"


def test_several_widgets_leave_each_other_alone(page: Page, tmp_path: Path) -> None:
    one = {"one": NETS["gated"]}
    show(page, tmp_path, explorer(nets=one), explorer(nets=one), explorer(nets=NETS))
    assert page.locator(".avt").count() == 3
    first, second = page.locator(".avt-said").first, page.locator(".avt-said").nth(1)
    before = second.inner_text(), page.locator(".avt-seen").nth(1).evaluate(HASH)
    page.get_by_label("picture noise").first.press("End")
    page.get_by_role("button", name="Conflict:").first.click()
    assert first.inner_text().startswith("seen: 3, heard: 7 · ")
    assert (second.inner_text(), page.locator(".avt-seen").nth(1).evaluate(HASH)) == before
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) == 18
    assert errors_of(page) == []


@pytest.mark.parametrize("width", [340, 480, 700, 940, 1400])
def test_it_fits_every_width(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, explorer())
    canvas, figure = widths_at(page, width - 20)
    assert canvas == figure > 150
    # Nothing is cut off or runs into its neighbour.
    spills = page.eval_on_selector_all(
        ".avt-side, .avt-share, .avt-says, .avt-sense label, .avt-sense output",
        "(nodes) => nodes.filter((n) => n.scrollWidth > n.clientWidth + 1 && n.clientWidth)"
        ".map((n) => n.textContent)",
    )
    assert spills == []
    head, row = page.locator(".avt-head .avt-column"), page.locator(".avt-net").nth(1)
    for digit in (0, 9):  # the bars stand under their digits
        above = head.nth(digit).bounding_box()
        below = row.locator(".avt-column").nth(digit).bounding_box()
        assert above and below and abs(above["x"] - below["x"]) < 1.5


def test_everything_has_a_name_and_the_verdict_is_read_out(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, explorer())
    named_and_undisturbed(page, also=", button")
    assert page.locator(".avt-said").get_attribute("aria-live") == "polite"
    picture = page.get_by_role("img", name="Picture of 3, noise: none")
    assert picture.count() == 1
    assert page.get_by_role("img", name="Spectrogram of 3, noise: none").count() == 1
    # It is written anew only when the words change.
    page.evaluate(
        """() => { window.writes = 0; new MutationObserver(() => { window.writes += 1; })
          .observe(document.querySelector('.avt-said'), { childList: true }); }"""
    )
    heard = [said(page)]
    for label, key in [("eye open", "Space")] * 2 + [("sound noise", "ArrowRight")] * 12:
        page.get_by_label(label).press(key)
        if said(page) != heard[-1]:
            heard.append(said(page))
    assert page.evaluate("() => window.writes") == len(heard) - 1
    assert 2 <= len(heard) - 1 < 14


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(explorer().to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="A picture, a spectrogram, and what each network says")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()
