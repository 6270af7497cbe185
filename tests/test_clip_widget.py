"""The clip player seen from Python: what it computes, writes and refuses."""

import base64
import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.clip import Clip
from avtutor.sync import Curve, measure_offset, motion_change, motion_energy, onset_strength
from avtutor.waveform import Waveform
from avtutor.widgets import ClipPlayer, aligned
from avtutor.widgets.base import page_script
from PIL import Image
from tests.browser.clips import HITS, hits

CLIP = hits(0.16)
MUTE = replace(CLIP, waveform=None, waveform_start=0.0)


@pytest.mark.parametrize("late", [-0.41, -0.16, 0.0, 0.08, 0.30])
@pytest.mark.parametrize("start", [0.0, 7.3])
def test_the_best_shift_puts_the_clip_right(late: float, start: float) -> None:
    player = ClipPlayer(hits(late, start=start))
    found = player.aligned()
    assert found.best is not None
    assert found.best == pytest.approx(-1000 * late, abs=20)  # half a frame
    assert found.best == pytest.approx(-1000 * measure_offset(hits(late)).seconds, abs=0.01)
    assert found.at(10 * round(found.best / 10)) == found.match.max() > 0.3
    assert found.at(-500) == found.match[0] and found.at(500) == found.match[-1]


def test_the_match_is_pearsons_coefficient() -> None:
    """Counted anew at one shift, on curves that both cover the whole time."""
    times = torch.arange(300).double() / 100
    generator = torch.Generator().manual_seed(4)
    seen, heard = torch.rand(2, 300, generator=generator, dtype=torch.float64)
    found = aligned.compute(Curve(times, seen), Curve(times, heard))
    # The grid takes means over 10 ms around each value, on straight lines between them.
    mean = [np.convolve(np.pad(c.numpy(), 1, mode="edge"), [1 / 8, 3 / 4, 1 / 8], "valid")
            for c in (seen, heard)]  # fmt: skip
    for shift in (-500, -30, 0, 210):
        by = shift // 10
        a = mean[0][max(by, 0) : 300 + min(by, 0)]
        b = mean[1][max(-by, 0) : 300 + min(-by, 0)]
        expected = np.corrcoef(a, b)[0, 1] * np.sqrt(len(a) / 300)
        assert found.at(shift) == pytest.approx(expected, abs=0.01)


def test_nothing_to_match_is_said() -> None:
    still = replace(CLIP, frames=torch.full_like(CLIP.frames, 90))
    silent = replace(CLIP, waveform=Waveform(torch.zeros(1, 48000), 16000))
    for clip in (still, silent):
        player = ClipPlayer(clip)
        assert player.aligned().best is None and not player.aligned().match.any()
        assert "no best match" in player.describe()
        assert Image.open(io.BytesIO(player.still())).size == (760, 336)


def test_what_the_page_is_given() -> None:
    other = hits(-0.2, seconds=1.8, frame_rate=30.0, height=50, width=37, start=2.0)
    player = ClipPlayer({"one": CLIP, "two": other}, offset_ms=-160, frame=3)
    for clip, entry in zip((CLIP, other), player.clips, strict=True):
        picture, sound = player.curves_of(entry["name"])
        assert torch.equal(picture.times, motion_change(clip).times)
        assert torch.equal(picture.values, motion_change(clip).values.double())
        assert torch.equal(sound.times, onset_strength(clip).times)
        assert torch.equal(sound.values, onset_strength(clip).values.double())
        assert entry["frame_times"] == clip.frame_times.tolist()
        assert entry["frame_ends"] == clip.frame_ends.tolist()
        assert (entry["start"], entry["end"]) == (clip.start, clip.end)
        assert entry["sound_start"] == clip.waveform_start
        assert entry["confidence"] > 0.5
        assert clip.waveform is not None
        error = np.abs(player.samples(entry["name"]) - clip.waveform.samples[0].double().numpy())
        assert error.max() <= 0.5001 / 32768
    assert player.aligned().best == pytest.approx(-160, abs=20)
    player.clip = "two"
    assert player.aligned().best == pytest.approx(200, abs=20)


@pytest.mark.parametrize(("height", "width"), [(64, 80), (50, 37), (96, 31), (200, 300)])
def test_each_picture_is_on_the_sheet(height: int, width: int) -> None:
    clip = hits(height=height, width=width, seconds=1.5)
    player = ClipPlayer(clip)
    entry = player.clips[0]
    lines = min(height, 96)
    assert (entry["height"], entry["width"]) == (lines, round(width * lines / height))
    start, length = entry["sheet"]
    sheet = np.asarray(Image.open(io.BytesIO(player.sheet[start : start + length])))
    wide, high = entry["tile"]
    assert wide % 16 == high % 16 == 0
    for k in (0, 1, 15, 16, clip.n_frames - 1):
        row, column = divmod(k, entry["columns"])
        there = sheet[row * high :, column * wide :][:lines, : entry["width"]].astype(int)
        corner = there[-3:, -3:].mean(axis=(0, 1))
        assert corner == pytest.approx([2 * k, 0, 0], abs=4)
        if height <= 96:
            error = np.abs(there - clip.frames[k].numpy().astype(int))
            assert error.mean() < 2


def test_what_is_stored_is_the_same_each_time() -> None:
    player, again = (ClipPlayer({"hits": CLIP}, offset_ms=80) for _ in range(2))
    data, metadata = player._repr_mimebundle_()
    assert data["text/plain"] == repr(player) == repr(again)
    assert repr(player) == "ClipPlayer(hits; clip='hits', offset_ms=80, frame=0)"
    png = base64.b64decode(data["image/png"])
    assert png == again.still()
    assert len(png) < 100_000 and Image.open(io.BytesIO(png)).size == (760, 336)
    assert metadata["image/png"]["alt"] == player.describe()
    assert re.search(
        r"hits · sound shifted by \+80 ms, best match at -1[5-7]\d ms", player.describe()
    )


def test_the_still_picture_shows_where_the_slider_stands() -> None:
    """A black line through the lower panel, 268 to 744, for -500 to +500 ms."""
    for offset_ms in (-500, -160, 0, 330):
        picture = Image.open(io.BytesIO(ClipPlayer(CLIP, offset_ms=offset_ms).still())).convert("L")
        columns = np.asarray(picture)[200:292, 268:746].astype(int).mean(axis=0)
        assert columns.argmin() == pytest.approx(476 * (offset_ms + 500) / 1000, abs=2)


def test_the_page_needs_nothing_else() -> None:
    page = ClipPlayer({"hits": CLIP}).to_html()
    assert page == ClipPlayer({"hits": CLIP}).to_html()
    script = page_script("clip_player")
    assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(script, ""))
    assert "://" not in script
    assert page.count("<script") == 2 == page.count("</script>")
    assert 'alt="' in page and len(page) < 600_000
    assert "</script><b>" not in ClipPlayer({'</script><b>"&': CLIP}).to_html()


def test_a_long_picture_takes_the_room_of_the_sense_that_lasts_longer() -> None:
    late = hits(0.45)
    entry = ClipPlayer(late).clips[0]
    assert (entry["start"], entry["end"]) == (0.0, pytest.approx(3.45))


def short(frames: int) -> Clip:
    return Clip(CLIP.frames[:frames], CLIP.frame_times[:frames], CLIP.waveform)


def slow(clip: Clip) -> Clip:
    return replace(clip, frame_times=4 * clip.frame_times)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ({}, "clips must be .* got an empty dict"),
        ({"a": 3}, "clips must be .* got int under 'a'"),
        ({3: CLIP}, "clips must be .* got Clip under 3"),
        ({"a": MUTE}, "at least 64 samples, got 0 under 'a'"),
        (short(2), "3 to 400 frames .* got 2 frames"),
        (slow(CLIP), "at most 10 s, got 75 frames, 12.00 s under 'clip'; Clip.slice"),
        (hits(seconds=5.0, frame_rate=100.0, height=8, width=8), "got 500 frames, 5.00 s"),
        (CLIP.shift_sound(4.0), "picture and sound must share|max_offset must be"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(clips: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClipPlayer(clips)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("clip", "other", "clip must be one of clip, got 'other'"),
        ("offset_ms", 510, "offset_ms must be from -500 to 500, got 510"),
        ("offset_ms", 75, "offset_ms must be a multiple of 10, got 75"),
        ("frame", 75, "frame must be from 0 to 74, got 75"),
        ("frame", -1, "frame must be from 0 to 74, got -1"),
    ],
)
def test_settings_outside_their_range_are_refused(name: str, value: object, message: str) -> None:
    player = ClipPlayer(CLIP)
    with pytest.raises(ValueError, match=message):
        setattr(player, name, value)


def test_every_hit_of_the_test_clip_is_seen_and_heard() -> None:
    """The clip that these tests stand on: one change and one onset a hit."""
    motion, onsets = motion_energy(CLIP), onset_strength(CLIP)
    seen = motion.times[motion.values > 0.02]
    assert len(seen) == len(HITS)
    after = seen - torch.tensor(HITS).double()
    assert (after > -1e-6).all() and (after < 0.04).all()
    for hit in HITS:
        near = (onsets.times - hit - 0.16).abs() < 0.02
        assert onsets.values[near].max() > 0.5 * onsets.values.max()
