"""Video files written: what comes back is what was put in, as far as the format allows."""

from pathlib import Path

import numpy as np
import pytest
import torch

from avtutor.clip import Clip
from avtutor.media import MediaError, clip_info, read_clip, write_clip
from avtutor.waveform import Waveform
from tests.video_files import clicks, heard, numbered, numbers


def made(times: list[float], *, size: tuple[int, int] = (64, 48), rate: int = 48000) -> Clip:
    """Return numbered pictures with two clicks."""
    frames = np.stack([numbered(k, *size) for k in range(len(times))])
    sound = clicks([0.5, 1.5], seconds=2.0, rate=rate)
    return Clip(
        torch.from_numpy(frames),
        torch.tensor(times, dtype=torch.float64),
        Waveform(torch.from_numpy(sound), rate),
    )


EVEN = [k / 30 for k in range(60)]
UNEVEN = [0.0, 0.1, 0.123456, 0.7, 1.0, 1.05]
FILM = [k * 1001 / 24000 for k in range(48)]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv"])
@pytest.mark.parametrize("times", [EVEN, UNEVEN, FILM], ids=["even", "uneven", "film"])
def test_there_and_back(tmp_path: Path, suffix: str, times: list[float]) -> None:
    clip = made(times)
    write_clip(clip, tmp_path / f"a{suffix}")
    got = read_clip(tmp_path / f"a{suffix}")
    assert numbers(got) == list(range(len(times)))
    rounding = 0.5001e-3 if suffix in (".mkv", ".webm") else 0.5001e-6
    assert (got.frame_times - clip.frame_times).abs().max() <= rounding
    assert got.waveform_start == 0 and heard(got) == [24000, 72000]
    assert (got.frames.float() - clip.frames.float()).abs().mean() < 3
    assert got.waveform.sample_rate == 48000


def test_matroska_gives_back_every_bit(tmp_path: Path) -> None:
    g = torch.Generator().manual_seed(0)
    frames = torch.randint(0, 256, (5, 45, 67, 3), generator=g).to(torch.uint8)
    times = torch.arange(5, dtype=torch.float64) / 25
    sound = Waveform(3 * torch.randn(3, 5000, generator=g), 22051)  # louder than 1 as well
    write_clip(Clip(frames, times, sound), tmp_path / "a.mkv")
    got = read_clip(tmp_path / "a.mkv")
    assert torch.equal(got.frames, frames) and torch.equal(got.frame_times, times)
    assert torch.equal(got.waveform.samples, sound.samples)
    assert got.waveform.sample_rate == 22051


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv"])
@pytest.mark.parametrize("shift", [0.16, -0.16, 0.3337])
def test_a_sound_that_was_shifted_stays_shifted(tmp_path: Path, suffix: str, shift: float) -> None:
    clip = made(EVEN).shift_sound(shift)
    write_clip(clip, tmp_path / f"a{suffix}")
    got = read_clip(tmp_path / f"a{suffix}")
    heard_at = got.waveform_start + heard(got)[0] / 48000
    put_at = 0.5 + shift
    tolerance = 1.001e-3 if suffix in (".mkv", ".webm") else 1.1 / 48000
    assert heard_at - float(got.frame_times[0]) == pytest.approx(put_at, abs=tolerance)
    assert numbers(got) == list(range(60))


def test_a_part_of_a_film_is_written_from_zero(tmp_path: Path) -> None:
    clip = made(EVEN).slice(1.0, 2.0)
    write_clip(clip, tmp_path / "a.mp4")
    got = read_clip(tmp_path / "a.mp4")
    assert float(got.frame_times[0]) == 0 and got.waveform_start == 0
    assert heard(got) == [24000] and got.waveform.n_samples == 48000
    assert numbers(got) == list(range(30, 60))


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_colours_come_back(tmp_path: Path, suffix: str) -> None:
    colours = torch.tensor([[250, 20, 20], [20, 250, 20], [20, 20, 250], [128, 128, 128]])
    for lines in (48, 720):  # the file says what they are: it is not guessed from the lines
        frames = colours.to(torch.uint8)[:, None, None].expand(-1, lines, 64, -1).contiguous()
        times = torch.arange(4, dtype=torch.float64)
        write_clip(Clip(frames, times, None), tmp_path / f"a{suffix}")
        got = read_clip(tmp_path / f"a{suffix}", max_height=48)
        assert got.waveform is None
        assert (got.frames.float().mean(dim=(1, 2)) - colours).abs().max() <= 4


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("size", [(65, 49), (64, 49), (65, 48)])
def test_odd_sizes_stay(tmp_path: Path, suffix: str, size: tuple[int, int]) -> None:
    write_clip(made(UNEVEN, size=size), tmp_path / f"a{suffix}")
    got = read_clip(tmp_path / f"a{suffix}")
    assert (got.width, got.height) == size
    assert numbers(got) == list(range(6))


@pytest.mark.parametrize("channels", range(1, 7))
def test_channels_stay_apart(tmp_path: Path, channels: int) -> None:
    seconds = torch.arange(48000) / 48000
    pitches = 220.0 * torch.arange(1, channels + 1)
    if channels == 6:
        pitches[3] = 55.0  # what is meant for the large loudspeaker has no high tones
    sound = 0.5 * torch.sin(2 * torch.pi * pitches[:, None] * seconds)
    frames = torch.zeros(2, 16, 16, 3, dtype=torch.uint8)
    clip = Clip(frames, torch.tensor([0.0, 0.5]).double(), Waveform(sound, 48000))
    for suffix in (".mp4", ".mkv", ".webm")[: 3 if channels <= 2 else 2]:
        write_clip(clip, tmp_path / f"a{suffix}")
        got = read_clip(tmp_path / f"a{suffix}").waveform.samples[:, 8000:40000]
        assert got.shape[0] == channels
        assert (got - sound[:, 8000:40000]).abs().mean(dim=1).max() < 0.03, suffix


def test_the_same_clip_is_the_same_file(tmp_path: Path) -> None:
    for suffix in (".mp4", ".webm", ".mkv"):
        for name in "ab":
            write_clip(made(UNEVEN), tmp_path / f"{name}{suffix}")
        one, other = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
        assert one == other, suffix


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_the_rate_stays(tmp_path: Path, rate: int) -> None:
    write_clip(made(EVEN, rate=rate), tmp_path / "a.mp4")
    got = read_clip(tmp_path / "a.mp4")
    assert got.waveform.sample_rate == rate
    assert heard(got) == [rate // 2, rate * 3 // 2]
    assert clip_info(tmp_path / "a.mp4").audio_tracks[0].sample_rate == rate


@pytest.mark.bad_input
def test_what_cannot_be_written(tmp_path: Path) -> None:
    clip = made(UNEVEN)
    with pytest.raises(MediaError, match=r"one of .mkv .mov .mp4 .webm, got '.gif'"):
        write_clip(clip, tmp_path / "a.gif")
    with pytest.raises(MediaError, match="there is no folder"):
        write_clip(clip, tmp_path / "none" / "a.mp4")
    with pytest.raises(MediaError, match="must be one of 8000, .* got 44100"):
        write_clip(made(UNEVEN, rate=44100), tmp_path / "a.webm")
    loud = Waveform(2 * clip.waveform.samples, 48000)
    with pytest.raises(MediaError, match=r"must lie in \[-1, 1\] for this format, got 1.8"):
        write_clip(Clip(clip.frames, clip.frame_times, loud), tmp_path / "a.mp4")
    many = Waveform(torch.zeros(9, 100), 48000)
    with pytest.raises(MediaError, match="at most 8 channels, got 9"):
        write_clip(Clip(clip.frames, clip.frame_times, many), tmp_path / "a.mkv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.bad_input
def test_what_fails_on_the_way_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from avtutor.media import clip_writing

    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def fail(*_: object) -> list:
        raise ValueError("no more")

    monkeypatch.setattr(clip_writing, "_sound_frames", fail)
    with pytest.raises(MediaError, match=r"could not be written \(no more\)"):
        write_clip(made(UNEVEN), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"] and path.read_bytes() == b"old"
