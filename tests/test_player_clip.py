"""A clip as a player: what the HTML holds is the clip."""

import base64
import re
from pathlib import Path

import pytest
import torch

from avtutor.clip import Clip
from avtutor.media import read_clip
from avtutor.player import mp4_bytes, play_clip
from avtutor.waveform import Waveform
from tests.video_files import clicks, heard, numbered, numbers

FRAMES = torch.stack([torch.from_numpy(numbered(k)) for k in range(30)])
TIMES = torch.arange(30, dtype=torch.float64) / 15
SOUND = Waveform(torch.from_numpy(clicks([0.5, 1.5], seconds=2.0, rate=16000)), 16000)
CLIP = Clip(FRAMES, TIMES, SOUND)


def played(html: str, folder: Path) -> Clip:
    """Return the clip that is in a player."""
    found = re.search(r'src="data:video/mp4;base64,([^"]+)"', html)
    assert found is not None
    (folder / "a.mp4").write_bytes(base64.b64decode(found[1]))
    return read_clip(folder / "a.mp4")


def test_the_player_holds_the_clip_as_late_as_its_sound_is(tmp_path: Path) -> None:
    player = play_clip(CLIP.shift_sound(0.2), label='a "click" & a flash')
    assert repr(player) == '▶ a "click" & a flash: 2.20 s'
    assert 'aria-label="a &quot;click&quot; &amp; a flash"' in player.html
    assert 'height="48"' in player.html
    got = played(player._repr_html_(), tmp_path)
    assert numbers(got) == list(range(30))
    times = [got.waveform_start + click / 16000 for click in heard(got)]
    assert times == [pytest.approx(0.7, abs=1e-4), pytest.approx(1.7, abs=1e-4)]


def test_what_browsers_do_not_play_is_made_so_that_they_do(tmp_path: Path) -> None:
    low = Waveform(torch.from_numpy(clicks([0.5], seconds=2.0, rate=8000)), 8000)
    odd = Clip(FRAMES[:, :47, :63].contiguous(), TIMES, low)
    got = played(play_clip(odd, label="odd", height=160).html, tmp_path)
    assert (got.width, got.height, got.waveform.sample_rate) == (64, 48, 16000)
    assert heard(got) == [8000]
    assert (got.frames[:, :47, :63].float() - odd.frames.float()).abs().mean() < 3
    assert play_clip(Clip(FRAMES, TIMES, None), label="mute").html.count("<video") == 1


def test_two_encodings_are_equal() -> None:
    assert mp4_bytes(CLIP) == mp4_bytes(CLIP)
    assert len(mp4_bytes(CLIP)) < 60_000


@pytest.mark.bad_input
def test_what_a_loudspeaker_would_clip_is_refused() -> None:
    loud = Clip(FRAMES, TIMES, Waveform(2 * SOUND.samples, 16000))
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\] to be played, got 1.8"):
        mp4_bytes(loud)
    with pytest.raises(ValueError, match="one or two channels can be played, got 3"):
        mp4_bytes(Clip(FRAMES, TIMES, Waveform(torch.zeros(3, 100), 16000)))
