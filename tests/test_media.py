"""Sound files of every kind that people have: read right, or refused with one clear reason."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from avtutor.media import MediaError, audio_info, read_audio, write_audio
from avtutor.synth import sine, white_noise
from avtutor.waveform import Waveform

TONE = sine(440.0, seconds=1.0, sample_rate=16000)


def write_pyav(path: Path, codec: str, samples: np.ndarray, rate: int, layout: str) -> None:
    """Write sound through FFmpeg, for the formats that libsndfile does not have."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=rate,
            frame_size=stream.codec_context.frame_size or None,
        )  # fmt: skip
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_sample_type(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE.samples.numpy().T, 16000, subtype=subtype)
    step = {"PCM_U8": 2**-7, "PCM_16": 2**-15}.get(subtype, 2**-23)
    got = read_audio(path)
    assert got.sample_rate == 16000
    assert (got.samples - TONE.samples).abs().max() <= step


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("rate", [8000, 11025, 44100, 96000, 192000])
def test_channels_and_rates_stay_what_they_are(tmp_path: Path, channels: int, rate: int) -> None:
    path = tmp_path / "a.wav"
    samples = torch.randn(channels, 300, generator=torch.Generator().manual_seed(0)) * 0.1
    write_audio(Waveform(samples, rate), path)
    got = read_audio(path)
    assert got.sample_rate == rate
    assert torch.equal(got.samples, samples)
    info = audio_info(path)
    assert (info.sample_rate, info.n_channels, info.encoding) == (rate, channels, "FLOAT")
    assert info.duration == pytest.approx(300 / rate)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg", ".opus"])
def test_written_and_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_audio(TONE, path)
    got = read_audio(path)
    assert got.sample_rate == 16000 and abs(got.n_samples - 16000) <= 16
    n = min(got.n_samples, 16000)
    error = (got.samples[:, 1000 : n - 1000] - TONE.samples[:, 1000 : n - 1000]).abs().max()
    assert error <= {".wav": 0.0, ".flac": 2**-23}.get(suffix, 0.03)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"),
    [(".m4a", "aac", 44100), (".webm", "libopus", 48000), (".g722", "g722", 16000)],
)
def test_what_only_ffmpeg_reads(tmp_path: Path, suffix: str, codec: str, rate: int) -> None:
    path = tmp_path / f"a{suffix}"
    tone = sine(440.0, seconds=3.0, sample_rate=rate)
    write_pyav(path, codec, tone.samples.numpy(), rate, "mono")
    got = read_audio(path)
    assert got.sample_rate == rate and got.duration == pytest.approx(3.0, abs=0.1)
    spectrum = torch.fft.rfft(got.samples[0, : 2 * rate]).abs()
    assert int(spectrum.argmax()) == 880  # bins of half a Hz: 440 Hz
    part = read_audio(path, start=1.5, end=2.0)
    assert part.duration == pytest.approx(0.5, abs=1 / rate)
    whole = got.slice(1.5, 2.0).samples
    if suffix != ".g722":  # g722 has no time stamps to seek by other than the byte count
        assert (part.samples - whole).abs().max() < 0.02
    assert audio_info(path).sample_rate == rate


@settings(max_examples=25)
@given(st.integers(0, 15999), st.integers(1, 16000))
def test_a_part_is_the_slice_of_the_whole(tmp_path_factory, first: int, n: int) -> None:
    path = tmp_path_factory.getbasetemp() / "parts.flac"
    if not path.exists():
        write_audio(white_noise(seconds=1.0, sample_rate=16000, seed=3), path)
    whole = read_audio(path)
    part = read_audio(path, start=first / 16000, end=(first + n) / 16000)
    assert torch.equal(part.samples, whole.samples[:, first : first + n])


@pytest.mark.bad_input
def test_files_that_are_none(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("these are words, not sound\n" * 50)
    empty = tmp_path / "empty.wav"
    empty.touch()
    noise = tmp_path / "noise.mp3"
    noise.write_bytes(np.random.default_rng(0).bytes(3000))
    for path, reason in [
        (text, "not a sound file that can be read"),
        (empty, "empty \\(0 bytes\\)"),
        (tmp_path, "a folder"),
        (tmp_path / "missing.wav", "no such file"),
    ]:
        with pytest.raises(MediaError, match=reason) as caught:
            read_audio(path)
        assert str(path) in str(caught.value) and caught.value.path == path
        with pytest.raises(MediaError, match=reason):
            audio_info(path)
    with pytest.raises(MediaError, match="noise.mp3"):
        read_audio(noise)


def truncate(path: Path, share: float) -> Path:
    """Cut a file short."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.bad_input
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_files_cut_short(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a{suffix}"
    sound = white_noise(seconds=10.0, sample_rate=16000, seed=0)
    if suffix == ".aiff":
        soundfile.write(path, sound.samples.numpy().T, 16000)
    else:
        write_audio(sound, path)
    truncate(path, share)
    with pytest.raises(MediaError) as caught:
        read_audio(path)
    assert str(path) in str(caught.value)
    try:
        got = read_audio(path, partial=True)
    except MediaError:
        assert suffix == ".ogg" and share == 0.5  # libsndfile gives up on such a Vorbis file
    else:
        assert 0.5 * share * 10 <= got.duration < 10


@pytest.mark.bad_input
def test_a_header_that_promises_more(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE.samples.numpy().T, 16000, subtype="PCM_16")
    truncate(path, 0.5)
    with pytest.raises(
        MediaError, match=r"holds 15978 bytes of samples where its header says 32000"
    ):
        read_audio(path)
    assert read_audio(path, partial=True).n_samples == 15978 // 2


def test_a_wav_written_into_a_pipe_states_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE.samples.numpy().T, 16000, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    data[4:8] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert read_audio(path).n_samples == 16000


@pytest.mark.bad_input
def test_samples_that_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = np.zeros((100, 1), dtype=np.float32)
    samples[3], samples[7] = np.nan, np.inf
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    with pytest.raises(MediaError, match="2 samples that are NaN or infinite"):
        read_audio(path)
    assert read_audio(path, start=50 / 16000).n_samples == 50


@pytest.mark.bad_input
def test_a_file_of_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((0, 1), dtype=np.float32), 16000)
    with pytest.raises(MediaError, match="holds no samples"):
        read_audio(path)


@pytest.mark.bad_input
def test_a_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), dtype=np.uint8))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    with pytest.raises(MediaError, match="no sound in it"):
        read_audio(path)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (-1.0, None, "0 <= start < end"),
        (0.5, 0.5, "0 <= start < end"),
        (float("nan"), None, "0 <= start < end"),
        (1.0, None, "start must be below its 1 s, got 1"),
        (0.5, 0.50001, "not one sample"),
    ],
)
@pytest.mark.parametrize("suffix", [".wav", ".m4a"])
def test_parts_that_are_not_there(
    tmp_path: Path, start: float, end: float | None, reason: str, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".wav":
        write_audio(TONE, path)
    else:
        write_pyav(path, "aac", TONE.samples.numpy(), 16000, "mono")
        if start == 1.0:
            start, reason = 5.0, "start must be below"
    with pytest.raises(MediaError, match=reason):
        read_audio(path, start=start, end=end)


@pytest.mark.bad_input
def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="suffix must be one of .* got '.xyz'"):
        write_audio(TONE, tmp_path / "a.xyz")
    with pytest.raises(MediaError, match="sample_rate must be one of 8000, .* got 96000"):
        write_audio(Waveform(torch.zeros(1, 100), 96000), tmp_path / "a.mp3")
    with pytest.raises(MediaError, match=r"must lie in \[-1, 1\] for this format, got 1.5"):
        write_audio(Waveform(torch.full((1, 100), 1.5), 16000), tmp_path / "a.flac")
    with pytest.raises(MediaError, match="there is no folder"):
        write_audio(TONE, tmp_path / "no" / "a.wav")
    assert list(tmp_path.iterdir()) == []
    write_audio(Waveform(torch.full((1, 100), 1.5), 16000), tmp_path / "loud.wav")
    assert float(read_audio(tmp_path / "loud.wav").samples.max()) == 1.5


@pytest.mark.bad_input
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wav"
    write_audio(TONE, path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(soundfile.SoundFile, "write", full)
    with pytest.raises(MediaError, match="could not be written .no space left"):
        write_audio(TONE, path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_the_file_has_ordinary_permissions(tmp_path: Path) -> None:
    write_audio(TONE, tmp_path / "a.wav")
    (tmp_path / "b").touch()
    assert (tmp_path / "a.wav").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads Linux' own measure of memory"
)
@pytest.mark.parametrize("kind", ["wav", "m4a"])
def test_a_slice_of_two_hours_takes_the_memory_of_a_slice(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"long.{kind}"
    if kind == "wav":
        with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as sound:
            for _ in range(120):
                sound.write(np.zeros(8000 * 60, dtype=np.int16))
    else:
        write_pyav(path, "aac", np.zeros((1, 8000 * 7200), dtype=np.float32), 8000, "mono")
    # The whole would be 230 MB as float32.
    code = f"""
from avtutor.media import read_audio
def peak():  # kB; ru_maxrss would count the process that started this one as well
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status["VmHWM"].split()[0])
read_audio({str(path)!r}, start=1.0, end=2.0)
before = peak()
part = read_audio({str(path)!r}, start=7100.0, end=7110.0)
grown = (peak() - before) / 1024
assert part.n_samples == 80000, part
assert grown < 40, f"{{grown:.0f}} MB more"
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
