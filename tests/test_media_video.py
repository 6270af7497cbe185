"""Video files of every kind that people have: each picture at its time, each sample at its own."""

import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from avtutor.clip import Clip
from avtutor.media import MediaError, clip_info, clips, iter_clips, read_clip
from avtutor.media.seeking import frames_from
from tests.video_files import clicks, heard, numbers, write_video

DATA = Path(__file__).parent / "data" / "video"
CLICK = clicks([0.5, 1.5], seconds=2.0, rate=48000)
FAST = {"deadline": "realtime", "cpu-used": "8"}
X264 = {"preset": "ultrafast", "bf": "2", "g": "250"}


def same(one: Clip, other: Clip) -> None:
    assert torch.equal(one.frame_times, other.frame_times)
    assert torch.equal(one.frames, other.frames)
    assert one.waveform_start == other.waveform_start
    assert (one.waveform is None) == (other.waveform is None)
    if one.waveform is not None and other.waveform is not None:
        assert one.waveform.sample_rate == other.waveform.sample_rate
        assert one.waveform.samples.shape == other.waveform.samples.shape
        # A codec that starts in the middle has not heard what came before.
        torch.testing.assert_close(one.waveform.samples, other.waveform.samples, rtol=0, atol=2e-2)


@pytest.mark.parametrize(
    ("suffix", "codec", "options", "sound_codec"),
    [
        ("mp4", "libx264", {}, "aac"),  # with B-frames: not in the order in which they are shown
        ("mov", "libx264", {}, "pcm_s16le"),
        ("mkv", "libx264", {}, "flac"),
        ("mkv", "libx264", {}, "aac"),
        ("mp4", "libx264", {}, "libmp3lame"),
        ("mp4", "libx265", {"preset": "ultrafast", "x265-params": "log-level=0"}, "aac"),
        ("webm", "libvpx-vp9", FAST, "libopus"),
        ("mkv", "libx264", {}, "libopus"),
        ("avi", "libx264", {}, "pcm_s16le"),
        ("avi", "mjpeg", {}, "pcm_s16le"),
    ],
)
def test_pictures_and_sound_are_where_they_were_put(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str], sound_codec: str
) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_video(
        tmp_path / f"a.{suffix}", codec, options=options, sound=CLICK, sound_codec=sound_codec,
        pixels=pixels,
    )  # fmt: skip
    clip = read_clip(path)
    assert numbers(clip) == list(range(60))
    rounding = 0.5001e-3 if suffix in ("mkv", "webm") else 1e-12  # Matroska counts milliseconds
    expected = torch.arange(60, dtype=torch.float64) / 30
    assert (clip.frame_times - expected).abs().max() <= rounding
    assert clip.waveform_start == 0
    assert heard(clip) == [24000, 72000]  # in spite of what the encoder puts in front
    if (suffix, sound_codec) != ("mkv", "aac"):  # where nothing says how full the last packet is
        assert clip.waveform.n_samples == 96000


def test_av1_is_read() -> None:
    """A file made elsewhere: the encoder that PyAV has for it raises the test's own priority."""
    clip = read_clip(DATA / "av1.mp4")
    assert numbers(clip) == list(range(60))
    expected = torch.arange(60, dtype=torch.float64) / 30
    assert (clip.frame_times - expected).abs().max() <= 0.5001e-3
    assert clip.waveform_start == 0
    assert heard(clip) == [24000, 72000]


def test_times_are_the_stamps_and_not_a_number_times_a_rate(tmp_path: Path) -> None:
    stamps = [0, 3000, 4500, 13513, 13514, 90000, 360001, 361000]
    path = write_video(tmp_path / "a.mp4", stamps=stamps, time_base=Fraction(1, 90000))
    clip = read_clip(path)
    assert numbers(clip) == list(range(8))
    torch.testing.assert_close(
        clip.frame_times, torch.tensor(stamps, dtype=torch.float64) / 90000, rtol=0, atol=1e-12
    )
    assert clip_info(path).frame_rate != pytest.approx(30, rel=0.1)


def test_2997_is_not_30(tmp_path: Path) -> None:
    stamps = [1001 * k for k in range(60)]
    path = write_video(tmp_path / "a.mp4", stamps=stamps, time_base=Fraction(1, 30000))
    assert float(read_clip(path).frame_times[-1]) == pytest.approx(59 * 1001 / 30000, abs=1e-12)


@pytest.mark.parametrize(("sound_start", "first"), [(9600, 0), (0, 6), (0, 0)])
@pytest.mark.parametrize(
    ("suffix", "codec", "sound_codec", "options"),
    [("mp4", "libx264", "aac", {}), ("mkv", "ffv1", "pcm_s16le", {}),
     ("webm", "libvpx-vp9", "libopus", FAST)],
)  # fmt: skip
def test_sound_before_and_after_the_first_picture(
    tmp_path: Path, suffix: str, codec: str, sound_codec: str, options: dict[str, str],
    sound_start: int, first: int,
) -> None:  # fmt: skip
    path = write_video(
        tmp_path / f"a.{suffix}", codec, stamps=list(range(first, first + 60)), sound=CLICK,
        sound_codec=sound_codec, sound_start=sound_start, options=options,
        muxer={"movie_timescale": "48000"} if suffix == "mp4" else None,
    )  # fmt: skip
    clip = read_clip(path)
    # A muxer may shift the whole file, and keep what the encoder puts in front: what counts is how
    # far the clicks are from the pictures.
    times = [clip.waveform_start + click / 48000 for click in heard(clip)]
    tick = 1.001e-3 if suffix != "mp4" else 1e-9
    for heard_at, put_at in zip(times, (0.5, 1.5), strict=True):
        apart = heard_at - float(clip.frame_times[0])
        assert apart == pytest.approx(put_at + sound_start / 48000 - first / 30, abs=tick)
    assert numbers(clip) == list(range(60))


# What FFmpeg shows of these files: white was the top left corner of what was stored.
CORNERS = {
    "rotated_90": [["red", "blue"], ["white", "blue"]],
    "rotated_180": [["blue", "blue"], ["red", "white"]],
    "rotated_270": [["blue", "white"], ["blue", "red"]],
}
COLOURS = {"red": (254, 0, 0), "blue": (0, 0, 254), "white": (254, 254, 254)}


def corners(clip: Clip) -> list[list[str]]:
    found = [[clip.frames[0][y, x].tolist() for x in (3, -4)] for y in (3, -4)]
    nearest = {
        name: lambda rgb, colour=colour: max(abs(a - b) for a, b in zip(rgb, colour, strict=True))
        for name, colour in COLOURS.items()
    }
    return [[min(nearest, key=lambda name: nearest[name](rgb)) for rgb in row] for row in found]


@pytest.mark.parametrize("name", CORNERS)
def test_a_phone_s_picture_is_turned(name: str) -> None:
    clip = read_clip(DATA / f"{name}.mp4")
    upright = name != "rotated_180"
    assert (clip.height, clip.width) == ((64, 48) if upright else (48, 64))
    assert corners(clip) == CORNERS[name]
    small = read_clip(DATA / f"{name}.mp4", max_height=32)
    assert (small.height, small.width) == ((32, 24) if upright else (32, 43))
    assert corners(small) == CORNERS[name]


def test_a_mirrored_picture_is_mirrored_back(tmp_path: Path) -> None:
    content = (DATA / "rotated_180.mp4").read_bytes()
    turn = struct.pack(">9i", -65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30)
    mirror = struct.pack(">9i", -65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    assert content.count(turn) == 1
    path = tmp_path / "a.mp4"
    path.write_bytes(content.replace(turn, mirror))
    assert corners(read_clip(path)) == [["red", "white"], ["blue", "blue"]]


def shown(clip: Clip) -> list[int]:
    """Return the numbers of the pictures in the files of tests/data, whose grey is 16 + 4 n."""
    return (clip.frames.float().mean(dim=(1, 2, 3)) * 219 / 255 / 4).round().long().tolist()


def test_an_edit_list_leaves_out_what_it_says() -> None:
    clip = read_clip(DATA / "edited.mp4")  # cut at 0.52 s; the click was at 1 s
    assert shown(clip) == list(range(13, 50))
    torch.testing.assert_close(
        clip.frame_times, torch.arange(37, dtype=torch.float64) / 25, rtol=0, atol=1e-12
    )
    assert (clip.waveform_start, heard(clip)) == (0.0, [23040])


def test_empty_edits_put_off_one_of_the_senses() -> None:
    clip = read_clip(DATA / "picture_late.mp4")
    assert (float(clip.frame_times[0]), clip.waveform_start) == (0.4, 0.0)
    assert (shown(clip), heard(clip)) == (list(range(50)), [48000])
    clip = read_clip(DATA / "sound_late.mp4")
    assert float(clip.frame_times[0]) == 0
    # This file counts in milliseconds, and cuts off the rest.
    click = clip.waveform_start + heard(clip)[0] / 48000
    assert click == pytest.approx(1.4, abs=1e-3)


def test_no_sound_is_none_and_silence_is_sound(tmp_path: Path) -> None:
    assert read_clip(write_video(tmp_path / "a.mp4")).waveform is None
    silent = write_video(tmp_path / "b.mp4", sound=np.zeros((1, 96000), np.float32))
    clip = read_clip(silent)
    assert clip.waveform is not None and not clip.waveform.samples.any()
    assert read_clip(silent, with_sound=False).waveform is None


def test_which_track_is_read() -> None:
    path = DATA / "three_tracks.mkv"
    tracks = clip_info(path).audio_tracks
    assert [track.language for track in tracks] == ["eng", "fra", "spa"]
    assert [track.is_default for track in tracks] == [False, True, False]
    assert tracks[2].title == "commentary"

    def pitch(clip: Clip) -> float:
        sound = clip.waveform.samples[0, 2000:6000]
        return float(torch.fft.rfft(sound).abs().argmax()) * 16000 / 4000

    assert pitch(read_clip(path)) == 600  # marked as default
    assert [pitch(read_clip(path, audio_track=k)) for k in range(3)] == [300, 600, 1200]
    with pytest.raises(MediaError, match="from 0; it has 3, got 3"):
        read_clip(path, audio_track=3)


def test_10_bits_and_odd_sizes(tmp_path: Path) -> None:
    ten = write_video(
        tmp_path / "a.mp4", "libx265", pixels="yuv420p10le",
        options={"preset": "ultrafast", "x265-params": "log-level=0"},
    )  # fmt: skip
    with av.open(str(ten)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p10le"
    assert numbers(read_clip(ten)) == list(range(60))
    odd = write_video(tmp_path / "b.webm", "libvpx-vp9", size=(67, 45), options=FAST)
    clip = read_clip(odd)
    assert (clip.width, clip.height) == (67, 45)
    assert numbers(clip) == list(range(60))
    assert torch.equal(clip.frames, read_clip(odd, max_height=45).frames)


@pytest.mark.parametrize(
    ("space", "full", "red"),
    [
        (1, 1, (63, 102, 240)),  # BT.709: 219 * 0.2126 + 16, …
        (6, 1, (81, 90, 240)),  # BT.601: 219 * 0.299 + 16, …
        (6, 2, (76, 85, 255)),  # BT.601, all of 0 to 255
        (9, 1, (74, 97, 240)),  # BT.2020: 219 * 0.2627 + 16, …
    ],
)
def test_colours_are_what_the_file_says(tmp_path: Path, space: int, full: int, red: tuple) -> None:
    picture = np.broadcast_to(np.array(red, np.uint8)[:, None, None], (3, 48, 64))
    path = write_video(
        tmp_path / "a.mkv", "ffv1", pixels="yuv444p", stamps=[0, 1],
        pictures=[np.ascontiguousarray(picture)] * 2, colours=(space, full),
    )  # fmt: skip
    got = read_clip(path).frames.float().mean(dim=(0, 1, 2))
    assert (got - torch.tensor([255.0, 0.0, 0.0])).abs().max() <= 3


def test_untold_colours_go_by_the_number_of_lines(tmp_path: Path) -> None:
    for lines, red in ((720, (63, 102, 240)), (576, (81, 90, 240))):
        picture = np.broadcast_to(np.array(red, np.uint8)[:, None, None], (3, lines, 64))
        path = write_video(
            tmp_path / "a.mkv", "ffv1", pixels="yuv444p", stamps=[0], size=(64, lines),
            pictures=[np.ascontiguousarray(picture)],
        )  # fmt: skip
        got = read_clip(path, max_height=48).frames.float().mean(dim=(0, 1, 2))
        assert (got - torch.tensor([255.0, 0.0, 0.0])).abs().max() <= 3


def test_pictures_are_made_smaller_in_proportion_and_never_larger(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", size=(128, 96), options=X264)
    whole, small = read_clip(path), read_clip(path, max_height=24)
    assert (small.height, small.width) == (24, 32)
    # Four lines and four pixels become one: their mean.
    mean = whole.frames.float().reshape(60, 24, 4, 32, 4, 3).mean(dim=(2, 4))
    assert (small.frames.float() - mean).abs().mean() < 2
    assert torch.equal(read_clip(path, max_height=500).frames, whole.frames)


PARTS = [(0.0, 0.4), (0.3, 0.30001 + 1 / 30), (1.0, 2.0), (2.2, 2.9), (3.7, 9.0), (3.96, None)]


@pytest.mark.parametrize(
    ("suffix", "codec", "sound_codec", "options"),
    [
        ("mp4", "libx264", "aac", {"bf": "3", "g": "40", "x264-params": "open-gop=1"}),
        ("mkv", "libx264", "aac", {"bf": "2", "g": "250"}),
        ("webm", "libvpx-vp9", "libopus", {**FAST, "g": "50"}),
        ("avi", "libx264", "pcm_s16le", {"bf": "2", "g": "30"}),
        ("avi", "mpeg4", "pcm_s16le", {"bf": "2", "g": "25", "q:v": "2"}),
        ("mp4", "libx265", "aac", {"preset": "ultrafast", "x265-params": "log-level=0:keyint=30"}),
        ("mkv", "ffv1", "pcm_s16le", {}),
        ("mov", "libx264", "libmp3lame", {"g": "20"}),
    ],
)
def test_a_part_is_what_a_slice_of_the_whole_would_be(
    tmp_path: Path, suffix: str, codec: str, sound_codec: str, options: dict[str, str]
) -> None:
    # Tones that rise: of noise, AAC keeps the level alone, and plays other noise each time.
    seconds = np.arange(192000) / 48000
    sound = 0.4 * np.sin(2 * np.pi * (300 + 500 * seconds) * seconds)[None].astype(np.float32)
    path = write_video(
        tmp_path / f"a.{suffix}", codec, stamps=list(range(120)), options=options,
        sound=sound, sound_codec=sound_codec,
    )  # fmt: skip
    whole = read_clip(path)
    assert numbers(whole) == list(range(120))
    for start, end in PARTS:
        same(read_clip(path, start=start, end=end), whole.slice(start, end))


def test_a_part_whose_sound_has_shaky_time_stamps(tmp_path: Path) -> None:
    # As in a file made from one that counts in milliseconds; behind the first packet is a gap.
    sound = clicks([0.5, 2.5, 3.5], seconds=4.0, rate=48000)
    plain = write_video(tmp_path / "a.mp4", stamps=list(range(120)), options=X264, sound=sound)
    shaky = tmp_path / "b.mp4"
    with av.open(str(plain)) as source, av.open(str(shaky), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        last = None
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "audio":
                if last is not None:
                    packet.pts += 2816 + (packet.pts // 1024 * 7) % 33 - 16
                packet.dts = last = packet.pts
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    whole = read_clip(shaky)
    places = [round(whole.waveform_start * 48000) + click for click in heard(whole)]
    assert np.diff(places).tolist() == [96000, 48000]
    for start, end in ((1.5, 2.0), (2.2, 3.0), (3.4, None)):
        same(read_clip(shaky, start=start, end=end), whole.slice(start, end))


def test_a_part_of_a_file_without_an_index(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "a.mkv", stamps=list(range(120)), options=X264, muxer={"live": "1"},
        sound=clicks([0.5, 3.5], seconds=4.0, rate=48000),
    )  # fmt: skip
    same(read_clip(path, start=3.0, end=3.8), read_clip(path).slice(3.0, 3.8))


def test_parts_put_together_are_the_whole(tmp_path: Path) -> None:
    stamps = [0, 1, 2, 40, 41, 100, 101, 102]  # nothing from 1.4 to 3.3 s
    sound = clicks([0.5, 2.0, 4.5], seconds=5.0, rate=16000)
    path = write_video(
        tmp_path / "a.mkv", "ffv1", stamps=stamps, sound=sound, sound_rate=16000,
        sound_codec="pcm_s16le",
    )  # fmt: skip
    whole = read_clip(path)
    parts = list(iter_clips(path, seconds=0.7))
    assert [part.n_frames for part in parts] == [3, 2, 3]
    assert torch.equal(torch.cat([part.frames for part in parts]), whole.frames)
    assert torch.equal(torch.cat([part.frame_times for part in parts]), whole.frame_times)
    samples = torch.cat([part.waveform.samples for part in parts], dim=1)
    assert torch.equal(samples, whole.waveform.samples)
    for part, begin in zip(parts, (0.0, 0.7, 1.4), strict=True):
        assert part.waveform_start == begin
    middle = list(iter_clips(path, seconds=0.7, start=1.0, end=3.4))
    same(middle[0], whole.slice(1.0, 1.7))
    same(middle[1], whole.slice(1.7, 3.4))


def repeated(path: Path, seconds: int) -> Path:
    """Write a file of many hours in a moment: one picture and one packet of sound, repeated."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"g": "1", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = container.add_stream("aac", rate=8000, layout="mono")
        grey = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8), format="rgb24")
        packets = []
        for k in range(4):
            grey.pts = k
            packets += video.encode(grey)
        packets += video.encode(None)
        picture = bytes(packets[1])
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 8000
        packets_of_sound = audio.encode(silence) + audio.encode(None)
        sound = bytes(packets_of_sound[-1])
        n_sound = 0
        for k in range(seconds * 25):
            packet = av.Packet(bytes(packets[0]) if k == 0 else picture)
            packet.stream, packet.time_base = video, Fraction(1, 25)
            packet.pts = packet.dts = k
            packet.duration = 1
            packet.is_keyframe = True
            container.mux(packet)
            while n_sound * 1024 * 25 <= k * 8000:
                packet = av.Packet(sound)
                packet.stream, packet.time_base = audio, Fraction(1, 8000)
                packet.pts = packet.dts = n_sound * 1024
                packet.duration = 1024
                container.mux(packet)
                n_sound += 1
    return path


def test_a_part_of_three_hours_costs_what_the_part_costs(tmp_path: Path) -> None:
    path = repeated(tmp_path / "a.mkv", 3 * 3600)
    started = time.process_time()
    clip = read_clip(path, start=10000.0, end=10002.0)
    seconds = time.process_time() - started
    assert clip.n_frames == 50
    assert float(clip.frame_times[0]) == 10000.0
    assert clip.waveform.n_samples == 16000
    assert seconds < 3  # of the processor; the whole takes far longer
    same(clip, next(iter_clips(path, seconds=2.0, start=10000.0)))


def test_what_would_not_fit_into_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", sound=CLICK)
    monkeypatch.setattr(clips, "MAX_BYTES", 400_000)  # 60 pictures of 9216 bytes are more
    with pytest.raises(MediaError, match=r"GB of memory .* \(start, end\), smaller .*iter_clips"):
        read_clip(path)
    assert read_clip(path, end=0.5).n_frames == 15
    assert sum(part.n_frames for part in iter_clips(path, seconds=0.5)) == 60


MEASURE = """
import resource, sys
from avtutor.media import read_clip
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clip = read_clip(sys.argv[1], max_height=108)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(clip.n_frames, clip.width, clip.height, after - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory as Linux counts it")
def test_8k_is_scaled_while_it_is_read(tmp_path: Path) -> None:
    picture = np.full((4320 * 3 // 2, 7680), 128, np.uint8)
    path = write_video(
        tmp_path / "a.mp4", size=(7680, 4320), pictures=[picture] * 12, stamps=list(range(12)),
        options={"preset": "ultrafast", "threads": "1", "bf": "0", "rc-lookahead": "0"},
    )  # fmt: skip
    command = [sys.executable, "-c", MEASURE, str(path)]
    printed = subprocess.check_output(command, text=True, cwd=Path(__file__).parents[1])
    n_frames, width, height, kilobytes = map(int, printed.split())
    assert (n_frames, width, height) == (12, 192, 108)
    assert kilobytes < 700_000  # one of its pictures is 50 MB decoded, and 100 MB as colours


def test_ffmpeg_the_program_is_not_needed(tmp_path: Path) -> None:
    program = "from avtutor.media import read_clip; import sys; print(read_clip(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(DATA / "edited.mp4")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    assert shutil.which("ffmpeg", path=str(tmp_path)) is None
    root = Path(__file__).parents[1]
    printed = subprocess.check_output(command, text=True, env=environment, cwd=root)
    assert printed == "Clip(37 frames of 64 x 48, 1 channel at 48000 Hz, 1.480 s)\n"


class _Misled:
    """Stands for a file whose index leads too far: a frame a second, and 2.5 s behind the goal."""

    def __init__(self) -> None:
        self.at = 0.0
        self.sought: list[float] = []

    def seek(self, offset: int, *, stream: object = None) -> None:
        self.sought.append(offset / av.time_base)
        self.at = max(offset / av.time_base + 2.5, 0.0) if stream is None else 0.0

    def decoded(self) -> Iterator[float]:
        return (second for second in np.arange(self.at, 100.0).tolist())


@pytest.mark.bad_input  # no container of PyAV
def test_an_index_that_leads_too_far_is_followed_from_further_back() -> None:
    file = _Misled()
    times = frames_from(file, file, file.decoded, float, "a.mp4", start=40.0)  # type: ignore[arg-type]
    assert next(times) == 37.5  # from 40 to 42.5, from 39 to 41.5, from 35 to 37.5
    assert file.sought == [40.0, 39.0, 35.0]
    file = _Misled()
    times = frames_from(file, file, file.decoded, float, "a.mp4", start=2.0)  # type: ignore[arg-type]
    assert next(times) == 0.0  # 4.5 is too late, and one second further back the file begins
