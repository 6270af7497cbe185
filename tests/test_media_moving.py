"""Sound put right in a file: by so much, with every packet of the pictures as it was."""

from pathlib import Path

import av
import pytest
import torch

from avtutor.clip import Clip
from avtutor.datasets import videos
from avtutor.media import MediaError, clip_info, move_sound, read_clip, write_clip
from tests.sync_clips import flashes, moments
from tests.video_files import heard, write_video

DATA = Path(__file__).parent / "data" / "video"
SUFFIXES = [".mp4", ".mov", ".mkv", ".webm"]
SHIFTS = [0.16, -0.16, 0.3337, -0.0211]


def packets(path: Path, kind: str = "video") -> list[bytes]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


@pytest.fixture(scope="module")
def clip() -> Clip:
    return flashes(moments(3.0, 2.0, seed=1), seconds=3.0, sample_rate=48000, size=16)


def click_times(clip: Clip) -> torch.Tensor:
    """Return when clicks are heard, counted from the first picture."""
    seconds = torch.tensor(heard(clip)).double() / clip.waveform.sample_rate
    return clip.waveform_start + seconds - clip.frame_times[0]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("shift", SHIFTS)
def test_the_sound_is_moved_and_nothing_else(
    tmp_path: Path, clip: Clip, suffix: str, shift: float
) -> None:
    path, out = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write_clip(clip, path)
    move_sound(path, out, seconds=shift)
    before, after = read_clip(path), read_clip(out)
    assert torch.equal(before.frames, after.frames)
    assert packets(path) == packets(out)
    assert packets(path, "audio") == packets(out, "audio")
    steps = before.frame_times.diff() - after.frame_times.diff()
    assert steps.abs().max() < 1e-6
    tolerance = 1.001e-3 if suffix in (".mkv", ".webm") else 1.1 / 48000
    moved = click_times(after) - click_times(before)
    assert (moved - shift).abs().max() <= tolerance


def test_there_and_back_is_the_file_as_it_was(tmp_path: Path, clip: Clip) -> None:
    paths = [tmp_path / f"{name}.mp4" for name in "abc"]
    write_clip(clip, paths[0])
    move_sound(paths[0], paths[1], seconds=-0.2)
    assert float(read_clip(paths[1]).frame_times[0]) == pytest.approx(0.2, abs=1e-4)
    move_sound(paths[1], paths[2], seconds=0.2)
    first, last = read_clip(paths[0]), read_clip(paths[2])
    assert torch.allclose(first.frame_times, last.frame_times, atol=1e-4)
    assert torch.equal(first.waveform.samples, last.waveform.samples)
    assert last.waveform_start == first.waveform_start == 0


@pytest.mark.parametrize("shift", [0.16, -0.16])
@pytest.mark.parametrize("name", ["picture_late.mp4", "sound_late.mp4", "av1.mp4", "edited.mp4"])
def test_files_that_begin_unevenly(tmp_path: Path, name: str, shift: float) -> None:
    before = read_clip(DATA / name)
    move_sound(DATA / name, tmp_path / name, seconds=shift)
    after = read_clip(tmp_path / name)
    assert torch.equal(before.frames, after.frames)
    moved = click_times(after) - click_times(before)
    assert (moved - shift).abs().max() < 1e-4


def test_matroska_with_pictures_out_of_order(tmp_path: Path) -> None:
    """It does not say when the first ones are decoded; and tracks keep what is said of them."""
    path = DATA / "three_tracks.mkv"
    for suffix in (".mkv", ".mp4"):
        out = tmp_path / f"a{suffix}"
        move_sound(path, out, seconds=0.16)
        before, after = read_clip(path), read_clip(out)
        assert torch.equal(before.frames, after.frames)
        starts = [c.waveform_start - float(c.frame_times[0]) for c in (before, after)]
        assert starts[1] - starts[0] == pytest.approx(0.16, abs=1.1e-3)
        tracks = clip_info(out).audio_tracks
        assert [t.language for t in tracks] == ["eng", "fra", "spa"]
        assert [t.is_default for t in tracks] == [False, True, False]
    assert packets(path) == packets(tmp_path / "a.mkv")


def test_a_turned_picture_stays_turned(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with (
        av.open(str(DATA / "rotated_90.mp4")) as turned,
        av.open(str(DATA / "picture_late.mp4")) as sounding,
        av.open(str(path), "w") as made,
    ):
        sources = [turned.streams.video[0], sounding.streams.audio[0]]
        streams = [made.add_stream_from_template(stream, opaque=True) for stream in sources]
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.container.demux(source):
                if packet.size:
                    packet.stream = stream
                    made.mux(packet)
    before = read_clip(path)
    assert (before.height, before.width) == (64, 48)
    move_sound(path, tmp_path / "b.mp4", seconds=-0.1)
    assert torch.equal(before.frames, read_clip(tmp_path / "b.mp4").frames)


@pytest.mark.parametrize("name", ["talking_head", "test_movie", "big_buck_bunny"])
def test_real_files(tmp_path: Path, name: str) -> None:
    path, out = videos()[name].path, tmp_path / "a.mp4"
    move_sound(path, out, seconds=-0.08)
    before, after = (read_clip(file, max_height=32) for file in (path, out))
    assert torch.equal(before.frames, after.frames)
    starts = [c.waveform_start - float(c.frame_times[0]) for c in (before, after)]
    assert starts[1] - starts[0] == pytest.approx(-0.08, abs=1e-4)
    n = min(before.waveform.n_samples, after.waveform.n_samples)
    assert n > before.waveform.n_samples - 2048
    assert torch.equal(before.waveform.samples[:, :n], after.waveform.samples[:, :n])


@pytest.mark.bad_input
def test_what_is_refused(tmp_path: Path, clip: Clip) -> None:
    path = tmp_path / "a.mp4"
    write_clip(clip, path)
    content = path.read_bytes()
    with pytest.raises(MediaError, match="this is the file itself"):
        move_sound(path, tmp_path / "." / "a.mp4", seconds=0.1)
    (tmp_path / "link.mp4").symlink_to(path)
    with pytest.raises(MediaError, match="this is the file itself"):
        move_sound(path, tmp_path / "link.mp4", seconds=0.1)
    with pytest.raises(MediaError, match="suffix must be one of .*, got '.avi'"):
        move_sound(path, tmp_path / "b.avi", seconds=0.1)
    with pytest.raises(MediaError, match=r"moved by \+3.200 s, its sound would share no moment"):
        move_sound(path, tmp_path / "b.mp4", seconds=3.2)
    with pytest.raises(MediaError, match="would share no moment"):
        move_sound(path, tmp_path / "b.mp4", seconds=-3.2)
    with pytest.raises(ValueError, match="seconds must be finite, got nan"):
        move_sound(path, tmp_path / "b.mp4", seconds=float("nan"))
    with pytest.raises(MediaError, match="it has no sound in it that could be moved"):
        move_sound(DATA / "rotated_90.mp4", tmp_path / "b.mp4", seconds=0.1)
    with pytest.raises(MediaError, match="b.webm: it could not be written"):
        move_sound(path, tmp_path / "b.webm", seconds=0.1)  # no H.264 there
    with pytest.raises(MediaError, match="an edit list leaves out its beginning, which only"):
        move_sound(DATA / "edited.mp4", tmp_path / "b.mkv", seconds=0.1)
    with pytest.raises(MediaError, match="there is no folder"):
        move_sound(path, tmp_path / "none" / "b.mp4", seconds=0.1)
    avi = write_video(
        tmp_path / "c.avi", "mpeg4", sound=clip.waveform.samples.numpy(), sound_codec="mp3",
        options={"bf": "2"},
    )  # fmt: skip
    with pytest.raises(MediaError, match="AVI does not say when"):
        move_sound(avi, tmp_path / "b.mkv", seconds=0.1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "c.avi", "link.mp4"]
    assert path.read_bytes() == content
