"""Broken video files: refused with one clear reason, or read as far as they can be."""

from pathlib import Path

import av
import numpy as np
import pytest
import torch

from avtutor.media import MediaError, clip_info, iter_clips, read_clip
from tests.test_media_video import CLICK, DATA, FAST
from tests.video_files import clicks, heard, numbers, write_video


@pytest.mark.bad_input
def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="there is no such file"):
        read_clip(tmp_path / "a.mp4")
    with pytest.raises(MediaError, match="this is a folder"):
        read_clip(tmp_path)
    (tmp_path / "b.mp4").touch()
    with pytest.raises(MediaError, match="is empty"):
        read_clip(tmp_path / "b.mp4")
    (tmp_path / "c.mp4").write_bytes(b"no video at all " * 100)
    with pytest.raises(MediaError, match="not a video file that can be read"):
        read_clip(tmp_path / "c.mp4")
    with pytest.raises(MediaError, match="no video stream"):
        read_clip(DATA / "cover.m4a")
    with pytest.raises(MediaError, match="no video stream"):
        clip_info(DATA / "cover.m4a")
    with pytest.raises(MediaError, match="from 0; it has no sound, got 0"):
        read_clip(DATA / "rotated_90.mp4", audio_track=0)


@pytest.mark.bad_input
def test_parts_that_are_not_there(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    for start, end in ((-1.0, None), (1.0, 1.0), (1.0, 0.5), (float("nan"), None)):
        with pytest.raises(ValueError, match="0 <= start < end"):
            read_clip(path, start=start, end=end)
    with pytest.raises(MediaError, match=r"from 5 s to its end .* last picture is at 1.96667 s"):
        read_clip(path, start=5.0)
    with pytest.raises(MediaError, match=r"from 0.51 s to 0.52 s there is no picture"):
        read_clip(path, start=0.51, end=0.52)
    with pytest.raises(ValueError, match="max_height must be at least 1, got 0"):
        read_clip(path, max_height=0)
    with pytest.raises(ValueError, match="seconds must be above 0, got 0"):
        iter_clips(path, seconds=0)


def noisy(path: Path, codec: str, **more: object) -> Path:
    """Write pictures of noise, so that there are bytes to break."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (72, 64), np.uint8) for _ in range(90)]
    return write_video(path, codec, pictures=pictures, stamps=list(range(90)), **more)


FASTSTART = {"movflags": "faststart"}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("suffix", "codec", "options", "muxer"),
    [
        ("mp4", "libx264", {"preset": "ultrafast", "g": "10"}, FASTSTART),
        ("mkv", "ffv1", {}, {}),
        ("webm", "libvpx-vp9", FAST, {}),
        ("avi", "mpeg4", {"g": "10"}, {}),
    ],
)
def test_a_file_cut_short(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str], muxer: dict[str, str]
) -> None:
    sound = {"sound": np.zeros((1, 144000), np.float32),
             "sound_codec": "libopus" if suffix == "webm" else "pcm_s16le" if suffix != "mp4"
             else "aac"}  # fmt: skip
    path = noisy(tmp_path / f"a.{suffix}", codec, options=options, muxer=muxer, **sound)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(MediaError, match="partial=True"):
        read_clip(path)
    clip = read_clip(path, partial=True)
    assert 30 < clip.n_frames < 70
    assert float(clip.frame_times[30]) == pytest.approx(1.0, abs=0.04)
    assert read_clip(path, end=0.5).n_frames == 15  # the part is whole


@pytest.mark.bad_input
def test_a_file_without_its_index_says_so(tmp_path: Path) -> None:
    path = noisy(tmp_path / "a.mp4", "libx264")
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(MediaError, match="not a video file that can be read"):
        read_clip(path, partial=True)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("suffix", "codec", "options"),
    [("mp4", "libx264", {"g": "10"}), ("mkv", "ffv1", {}), ("avi", "mpeg4", {"g": "10"})],
)
def test_broken_pictures_in_the_middle(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str]
) -> None:
    path = noisy(tmp_path / f"a.{suffix}", codec, options=options)
    whole = read_clip(path)
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    broken = bytearray(path.read_bytes())
    at = packets[45].pos
    rng = np.random.default_rng(1)
    broken[at + 40 : at + packets[45].size - 40] = rng.bytes(packets[45].size - 80)
    path.write_bytes(broken)
    with pytest.raises(MediaError, match=r"its pictures are broken near 1\.\d* s .*partial=True"):
        read_clip(path)
    clip = read_clip(path, partial=True)
    assert 75 <= clip.n_frames < 90
    # What could be read is where it was.
    times = whole.frame_times.tolist()
    places = [times.index(time) for time in clip.frame_times.tolist()]
    good = [k for k, place in enumerate(places) if place < 40 or place >= 60]
    assert len(good) >= 65
    for k in good:
        assert torch.equal(clip.frames[k], whole.frames[places[k]])


@pytest.mark.bad_input
def test_lost_sound_is_silence_and_the_rest_stays(tmp_path: Path) -> None:
    sound = clicks([0.5, 1.5], seconds=2.0, rate=48000)
    for suffix, codec in (("mkv", "aac"), ("mp4", "aac"), ("mkv", "libopus"), ("mkv", "pcm_s16le")):
        path = write_video(
            tmp_path / f"a.{suffix}", "ffv1" if suffix == "mkv" else "libx264", sound=sound,
            sound_codec=codec, drop_sound=range(40, 47),
        )  # fmt: skip
        for clip in (read_clip(path), read_clip(path, start=1.4)):
            first = round(clip.waveform_start * 48000)
            assert [first + place for place in heard(clip)][-1] == 72000, codec


@pytest.mark.bad_input
def test_broken_sound(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", sound=0.1 * CLICK + 0.5 * np.sin(
        np.arange(96000, dtype=np.float32)[None] / 20))  # fmt: skip
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(audio=0) if p.size]
    broken = bytearray(path.read_bytes())
    for packet in packets[40:44]:
        broken[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(broken)
    with pytest.raises(MediaError, match=r"its sound is broken near 0\.8\d* s .*partial=True"):
        read_clip(path)
    clip = read_clip(path, partial=True)
    assert clip.waveform.n_samples == 96000
    assert read_clip(path, with_sound=False).n_frames == 60


@pytest.mark.bad_input
def test_time_stamps_that_jump_backwards(tmp_path: Path) -> None:
    path = write_video(tmp_path / "whole.mov", "mjpeg", pixels="yuvj420p")
    backwards = tmp_path / "a.mov"
    with av.open(str(path)) as source, av.open(str(backwards), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is None:
                continue
            packet.stream = stream
            # Shown 20 frames after it was decoded; from the 30th on 5 frames after.
            packet.pts += packet.duration * (20 if number < 30 else 5)
            target.mux(packet)
    with pytest.raises(MediaError, match=r"jump backwards: .* partial=True"):
        read_clip(backwards)
    clip = read_clip(backwards, partial=True)
    assert numbers(clip) == [*range(30), *range(45, 60)]


@pytest.mark.bad_input
def test_no_pictures_and_one_picture(tmp_path: Path) -> None:
    none = write_video(tmp_path / "a.mkv", "ffv1", stamps=[], sound=CLICK, sound_codec="flac")
    with pytest.raises(MediaError, match="it holds no pictures"):
        read_clip(none)
    with pytest.raises(MediaError, match="it holds no pictures"):
        next(iter_clips(none, seconds=1.0))
    one = read_clip(write_video(tmp_path / "b.mp4", stamps=[0], sound=CLICK))
    assert one.n_frames == 1 and one.waveform.n_samples == 96000


def test_no_frame_rate_in_the_header(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", "ffv1", stamps=[0, 7, 9, 100])
    content = path.read_bytes()
    at = content.index(b"\x23\xe3\x83")  # how long a frame lasts by default, in nanoseconds
    assert content[at + 3] in (0x83, 0x84)
    size = content[at + 3] - 0x80
    void = b"\xec" + bytes([0x80 + size + 2]) + bytes(size + 2)
    path.write_bytes(content[:at] + void + content[at + 4 + size :])
    clip = read_clip(path)
    assert numbers(clip) == [0, 1, 2, 3]
    assert clip.frame_times.tolist() == [0.0, 0.233, 0.3, 3.333]
