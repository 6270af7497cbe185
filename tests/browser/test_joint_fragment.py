"""The map of a joint space as a page of its own: point, hear, drag, and every key."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from avtutor.widgets import JointMap
from avtutor.widgets.joined import SENSES, SPACES
from playwright.sync_api import Page
from tests.browser.faces import FACE, named_and_undisturbed, widths_at
from tests.browser.joints import DIGITS, FRONT, autoencoder, pairs, towers
from tests.browser.test_compute import unpack
from tests.browser.test_fragment import CLOCK, HASH, errors_of, show

TOWERS, AUTOENCODER = towers(), autoencoder()
STATE = f"""() => {{
  const pack = (values) => {{
    const copy = Float64Array.from(values);
    let text = "";
    for (const byte of new Uint8Array(copy.buffer)) text += String.fromCharCode(byte);
    return btoa(text);
  }};
  const {{ now, shapes }} = {FACE};
  return {{ point: pack(now.point), place: now.place, order: [...now.order],
    image: pack(now.drawn.image), audio: pack(now.drawn.audio) }};
}}"""
SPOT = f"""(key) => {{
  const {{ left, top }} = {FACE}.byKey[key];
  const box = document.querySelector('.avt-figure').getBoundingClientRect();
  return [box.left + left, box.top + top];
}}"""


def joint_map(n: int = 4, *, again: int = 2) -> JointMap:
    pictures, sounds = pairs(n, again=again)
    return JointMap(pictures, sounds, TOWERS, AUTOENCODER, FRONT, classes=DIGITS)


def said(page: Page) -> str:
    return page.locator(".avt-said").inner_text()


def setting(page: Page, name: str) -> Any:
    return page.evaluate(f"() => {FACE}.settings.values.{name}")


def follow(page: Page, widget: JointMap) -> None:
    """Set the widget as the page is."""
    for name in widget.settings:
        setattr(widget, name, setting(page, name))


def assert_equal(page: Page, widget: JointMap) -> None:
    """The page shows what the package computes for the same settings."""
    state, expected = page.evaluate(STATE), widget.joined()
    assert np.abs(unpack(state["point"]) - expected.point).max() < 1e-9
    assert np.abs(np.array(state["place"]) - expected.place).max() < 1e-9
    assert state["order"] == expected.order.tolist()
    for sense in SENSES:
        drawn = expected.drawn[sense]
        apart = np.abs(unpack(state[sense]) - drawn.ravel()).max()
        assert apart < 2e-4 * max(1.0, np.abs(drawn).max())
    assert said(page) == widget._said(expected)
    chips = page.locator(".avt-chip:visible").all_inner_texts()
    nearest = [DIGITS[widget.sounds[pair]["label"]] for pair in expected.order[:5]]
    assert [chip.split()[0] for chip in chips] == nearest


def spot(page: Page, key: str) -> tuple[float, float]:
    """Return where an item is on the screen."""
    x, y = page.evaluate(SPOT, key)
    return x, y


def alone(page: Page) -> list[str]:
    """Return the items that no other item covers on the map."""
    found: list[str] = page.evaluate(
        f"""() => {FACE}.items.filter((one) => {FACE}.items.every((two) => one === two
          || Math.hypot(one.left - two.left, one.top - two.top) > 30)).map((one) => one.key)"""
    )
    return found


def test_every_control_moves_what_it_should(page: Page, tmp_path: Path) -> None:
    widget = joint_map()
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    overlay = page.locator("canvas.avt-overlay")
    views = page.locator("canvas.avt-view")

    def seen() -> tuple[int, list[int]]:
        return overlay.evaluate(HASH), [canvas.evaluate(HASH) for canvas in views.all()]

    for key, share in (("ArrowRight", 1), ("End", 100), ("PageDown", 90), ("Home", 0)):
        before = seen()
        page.get_by_label("from A to B").press(key)
        after = seen()
        assert setting(page, "share") == share
        assert before[0] != after[0]
        moved = [a != b for a, b in zip(before[1], after[1], strict=True)]
        assert moved == [False, False, True, True, False, False], key  # A's, the drawn, B's
        follow(page, widget)
        assert_equal(page, widget)
    for label, choice, columns in (("A", "2 b, seen", (0, 1)), ("B", "3 a, heard", (2,))):
        before = seen()
        page.get_by_label(label, exact=True).select_option(choice)
        after = seen()
        moved = [a != b for a, b in zip(before[1], after[1], strict=True)]
        assert moved == [column in columns for column in (0, 0, 1, 1, 2, 2)], label
        follow(page, widget)
        assert_equal(page, widget)
    base = page.locator("canvas.avt-base")
    for label, choice in (
        ("directions", "3"),
        ("space of the", "autoencoder"),
        ("directions", "5"),
    ):
        before_base = base.evaluate(HASH)
        page.get_by_label(label, exact=True).select_option(choice)
        assert base.evaluate(HASH) != before_base
        follow(page, widget)
        assert_equal(page, widget)
    assert widget.space == "autoencoder" and widget.direction == 5
    page.get_by_role("button", name="Swap A and B").click()
    assert (setting(page, "first"), setting(page, "second")) == ("3 a, heard", "2 b, seen")
    assert setting(page, "share") == 100
    page.get_by_role("button", name="Back to the first item").click()
    follow(page, widget)
    assert repr(widget) == repr(joint_map())
    assert_equal(page, widget)
    assert errors_of(page) == []


@pytest.mark.parametrize("space", SPACES)
def test_point_and_drag(page: Page, tmp_path: Path, space: str) -> None:
    widget = joint_map()
    widget.space = space
    show(page, tmp_path, widget)
    one, two, *_ = alone(page)
    page.mouse.move(*spot(page, one))
    assert page.locator(".avt-reading").inner_text() == one
    page.mouse.move(1, 1)
    assert page.locator(".avt-reading").inner_text() == ""
    assert setting(page, "first") == "0 a, heard"  # passing over chooses nothing
    page.mouse.click(*spot(page, one))
    assert (setting(page, "first"), setting(page, "share")) == (one, 0)
    follow(page, widget)
    assert_equal(page, widget)

    # From one item to another: half-way is drawn at once, and stays when let go.
    page.mouse.move(*spot(page, one))
    page.mouse.down()
    page.mouse.move(*spot(page, two), steps=8)
    assert (setting(page, "second"), setting(page, "share")) == (two, 50)
    page.mouse.up()
    follow(page, widget)
    assert_equal(page, widget)

    # The point itself is dragged along the way.
    x, y = page.evaluate(
        f"""() => {{ const box = document.querySelector('.avt-figure').getBoundingClientRect();
          const [x, y] = {FACE}.pointPlace(); return [box.left + x, box.top + y]; }}"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*spot(page, two), steps=6)
    page.mouse.up()
    assert setting(page, "share") == 100
    assert (setting(page, "first"), setting(page, "second")) == (one, two)
    follow(page, widget)
    assert_equal(page, widget)
    page.mouse.move(1, 1)
    page.mouse.click(*spot(page, two))
    assert setting(page, "first") == two
    assert errors_of(page) == []


def test_keys_on_the_map(page: Page, tmp_path: Path) -> None:
    widget = joint_map()
    show(page, tmp_path, widget)
    figure = page.get_by_role("application")
    figure.focus()
    reached = {setting(page, "first")}
    for key, (dx, dy) in {
        "ArrowRight": (1, 0), "ArrowDown": (0, 1), "ArrowLeft": (-1, 0), "ArrowUp": (0, -1),
    }.items():  # fmt: skip
        for _ in range(12):
            before = setting(page, "first")
            figure.press(key)
            after = setting(page, "first")
            reached.add(after)
            (ax, ay), (bx, by) = spot(page, before), spot(page, after)
            along, across = (bx - ax) * dx + (by - ay) * dy, (bx - ax) * dy - (by - ay) * dx
            assert (before == after and along == 0) or (along > 0 and abs(across) <= along + 0.01)
    assert len(reached) >= 6
    first = setting(page, "first")
    figure.press("x")
    partner = setting(page, "first")
    assert partner != first and partner.split(",")[0] == first.split(",")[0]
    figure.press("Enter")
    assert setting(page, "second") == partner
    figure.press("x")
    assert setting(page, "first") == first
    for key, share in (
        ("PageUp", 10), ("PageUp", 20), ("PageDown", 10), ("End", 100), ("PageUp", 100),
        ("Home", 0), ("PageDown", 0),
    ):  # fmt: skip
        figure.press(key)
        assert setting(page, "share") == share, key
    follow(page, widget)
    assert_equal(page, widget)
    page.get_by_role("button", name="Number 2:").click()
    assert setting(page, "first") == widget_item(widget, 1)
    assert errors_of(page) == []


def widget_item(widget: JointMap, rank: int) -> str:
    """Return the item that was so near."""
    found = widget.joined()
    past = {"audio": "heard", "image": "seen"}[found.asked]
    return f"{widget.sounds[int(found.order[rank])]['name']}, {past}"


def test_sounds_are_heard_when_asked_for(page: Page, tmp_path: Path) -> None:
    widget = joint_map()
    show(page, tmp_path, widget)
    player = f"{FACE}.player"
    page.mouse.move(*spot(page, "1 a, heard"))
    page.mouse.click(*spot(page, "1 a, heard"))
    assert page.evaluate(f"() => {player}.playing") is False  # pointing is silent
    page.get_by_label("A", exact=True).select_option("2 b, seen")
    page.get_by_role("application").press("Space")
    samples = f"[...{player}.sources[0].buffer.getChannelData(0)]"
    says = "[...document.querySelectorAll('.avt button')].map((b) => b.innerText)"
    # In one look: the sound is short, and over where the machine has much else to do.
    look = f"() => ({CLOCK})() > 0.1 && {player}.playing && [{samples}, {says}]"
    heard, said = page.wait_for_function(look).json_value()
    assert np.abs(np.array(heard) - widget.samples("2 b")).max() < 1e-6  # its partner's sound
    assert "⏸ Hear A" in said and "▶ Hear B" in said
    page.get_by_role("application").press("Space")
    assert page.evaluate(f"() => {player}.playing") is False
    page.get_by_role("button", name="Play the sound of B").click()
    heard = page.evaluate(f"() => {samples}")
    assert np.abs(np.array(heard) - widget.samples("1 a")).max() < 1e-6
    page.get_by_role("button", name="Play the sound of A").click()  # from one to the other
    said = page.evaluate(f"() => {says}")
    assert "⏸ Hear A" in said and "▶ Hear B" in said
    page.get_by_label("B", exact=True).select_option("0 a, seen")
    assert page.evaluate(f"() => {player}.playing") is False
    assert errors_of(page) == []


def test_what_python_sets_is_shown(page: Page, tmp_path: Path) -> None:
    widget = joint_map()
    show(page, tmp_path, widget)
    for name, value in (
        ("share", 33), ("first", "2 b, seen"), ("space", "autoencoder"), ("second", "3 b, seen"),
        ("direction", 3), ("share", 100), ("space", "towers"),
    ):  # fmt: skip
        setattr(widget, name, value)
        page.evaluate(f"([name, value]) => {FACE}.settings.model.set(name, value)", [name, value])
        assert_equal(page, widget)
    assert page.get_by_label("from A to B").get_attribute("aria-valuetext") == "100 %"
    assert page.get_by_label("A", exact=True).input_value() == "2 b, seen"
    assert errors_of(page) == []


def test_few_and_many_pairs(page: Page, tmp_path: Path) -> None:
    """One pair alone, and a page that begins where its widget is."""
    widget = joint_map(1, again=1)
    widget.second, widget.share = "0 a, seen", 40
    show(page, tmp_path, widget)
    assert_equal(page, widget)
    assert page.locator(".avt-chip:visible").count() == 1
    page.get_by_role("application").press("ArrowRight")
    page.get_by_label("from A to B").press("End")
    assert "NaN" not in page.locator("body").inner_text()
    many = joint_map(10, again=8)
    many.first, many.space, many.share = "9 h, seen", "autoencoder", 1
    show(page, tmp_path, many)
    assert_equal(page, many)
    assert errors_of(page) == []


def test_several_maps_leave_each_other_alone(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, joint_map(2), joint_map(2), joint_map(3))
    second = page.locator(".avt-said").nth(1)
    before = second.inner_text()
    page.get_by_label("from A to B").first.press("End")
    assert page.locator(".avt-said").first.inner_text().startswith("B: ")
    assert second.inner_text() == before
    ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) == 15
    assert errors_of(page) == []


@pytest.mark.parametrize("width", [340, 480, 700, 940, 1400])
def test_it_fits_every_width(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, joint_map())
    canvas, figure = widths_at(page, width - 20)
    assert canvas == figure > 150
    spills = page.eval_on_selector_all(
        ".avt-sense .avt-note, .avt-trio label, .avt-entry, .avt-chip, .avt-between",
        "(nodes) => nodes.filter((n) => n.scrollWidth > n.clientWidth + 1 && n.clientWidth)"
        ".map((n) => n.textContent)",
    )
    assert spills == []
    box = page.locator(".avt-figure").bounding_box()
    assert box
    places = page.evaluate(f"() => {FACE}.items.map((item) => [item.left, item.top])")
    for x, y in places:  # no item lies outside the plot
        assert 52 <= x <= box["width"] - 10 and 8 <= y <= 408
    page.get_by_role("application").press("PageUp")
    assert setting(page, "share") == 10


def test_everything_has_a_name_and_the_point_is_read_out(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, joint_map())
    named_and_undisturbed(page, also=", button, .avt-figure")
    assert page.locator(".avt-said").get_attribute("aria-live") == "polite"
    assert page.get_by_role("img", name="Picture of A: 0").count() == 1
    assert page.get_by_role("img", name="Spectrogram of B: 1").count() == 1
    assert (
        page.get_by_role("img", name="Picture drawn between A and B; nearest sounds: ").count() == 1
    )
    assert page.get_by_role("group", name="Nearest pictures of the point").count() == 1
    page.evaluate(
        """() => { window.writes = 0; new MutationObserver(() => { window.writes += 1; })
          .observe(document.querySelector('.avt-said'), { childList: true }); }"""
    )
    page.get_by_label("directions", exact=True).select_option("3")
    assert page.evaluate("() => window.writes") == 0  # the words are the same
    page.get_by_label("from A to B").press("ArrowRight")
    assert page.evaluate("() => window.writes") == 1
    facts = page.locator(".avt-facts").inner_text()
    shares = page.evaluate(f"() => {FACE}.nets.spaces.towers.shares")
    assert f"{100 * (1 - shares[2] - shares[3]):.0f} % of the variance" in facts
    assert "1 % of the way to B" in facts and "brought back to length 1" in facts


def test_without_scripts_a_picture_remains(page: Page, tmp_path: Path) -> None:
    assert page.context.browser
    file = tmp_path / "page.html"
    file.write_text(joint_map().to_html(), encoding="utf-8")
    context = page.context.browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    image = still.get_by_role("img", name="A map of 8 sounds and their pictures in the space of")
    assert image.bounding_box()["width"] > 500  # type: ignore[index]
    context.close()
