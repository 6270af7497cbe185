"""A file read part by part gives the curves of the whole; the command says what is in it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from avtutor import cli
from avtutor.clip import Clip
from avtutor.media import MediaError, read_clip, write_clip
from avtutor.sync import (
    files,
    measure_file,
    measure_offset,
    motion_change,
    onset_strength,
    read_curves,
)
from tests.sync_clips import flashes, moments
from tests.test_media_moving import packets

DATA = Path(__file__).parent / "data" / "video"


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of 12 s whose sound is 160 ms late, at an uneven rate of pictures."""
    clip = flashes(moments(12.0, 2.5, seed=7), seconds=12.0, sample_rate=48000, size=16)
    keep = torch.ones(clip.n_frames, dtype=torch.bool)
    keep[torch.arange(9, clip.n_frames, 10)] = False
    path = tmp_path_factory.mktemp("late") / "late.mp4"
    write_clip(
        Clip(clip.frames[keep], clip.frame_times[keep], clip.waveform).shift_sound(0.16), path
    )
    return path


@pytest.mark.parametrize("seconds", [0.05, 0.7, 5.0])
def test_parts_give_the_curves_of_the_whole(
    late: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(files, "_PART", seconds)
    clip = read_clip(late, end=7.0)
    picture, sound = read_curves(late, end=7.0)
    for got, expected in ((picture, motion_change(clip)), (sound, onset_strength(clip))):
        assert torch.allclose(got.times, expected.times, atol=1e-6)
        assert torch.allclose(got.values, expected.values, atol=1e-3)


def test_a_part_has_the_times_of_the_file(late: Path) -> None:
    picture, sound = read_curves(late, start=3.0, end=9.0)
    assert picture.start >= 3.0 and sound.start >= 3.0 - 1e-6 and sound.end <= 9.0
    assert measure_file(late, start=3.0, end=9.0).seconds == pytest.approx(0.16, abs=0.015)


def test_no_more_than_some_seconds_are_held(late: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[Clip] = []
    read = files.iter_clips

    def noted(*arguments: object, **options: object) -> Iterator[Clip]:
        for part in read(*arguments, **options):  # type: ignore[arg-type]
            held.append(part)
            yield part

    monkeypatch.setattr(files, "iter_clips", noted)
    read_curves(late)
    assert len(held) == 3 and max(part.duration for part in held) < 5.3


def test_sound_with_a_hole_keeps_its_place() -> None:
    clip = flashes(moments(4.0, 2.0, seed=3), seconds=4.0)
    onsets = files._Onsets(0.25, clip.waveform)
    for start, end in ((0.0, 1.0), (1.5, 4.0)):
        onsets.add(0.25 + start, clip.waveform.slice(start, end))
    holed = clip.waveform.samples.clone()
    holed[:, 16000:24000] = 0
    expected = onset_strength(
        Clip(clip.frames, clip.frame_times, type(clip.waveform)(holed, 16000), 0.25)
    )
    got = onsets.curve()
    assert torch.allclose(got.times, expected.times)
    assert torch.allclose(got.values, expected.values, atol=1e-3)


@pytest.mark.bad_input
def test_files_that_cannot_be_measured(tmp_path: Path, late: Path) -> None:
    with pytest.raises(MediaError, match="there is no such file"):
        measure_file(tmp_path / "none.mp4")
    with pytest.raises(MediaError, match="it has no sound that its pictures"):
        measure_file(DATA / "rotated_90.mp4")
    with pytest.raises(MediaError, match="at least 3 pictures for a motion"):
        measure_file(late, start=1.0, end=1.07)
    with pytest.raises(ValueError, match="max_offset must be at most 0.481 s"):
        measure_file(late, end=1.0, max_offset=0.8)


# The command


def run(*arguments: str | Path | float) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["offset", *map(str, arguments)])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_it_prints_one_line_a_file(late: Path) -> None:
    code, shown, said = run(late, late)
    assert (code, said) == (0, "")
    lines = shown.splitlines()
    assert len(lines) == 2 and lines[0] == lines[1]
    first, unit, word, confidence, name = lines[0].split()
    assert (unit, word, name) == ("ms", "confidence", str(late))
    assert first[0] == "+" and int(first) == pytest.approx(160, abs=12)
    assert float(confidence) > 0.8


def test_it_writes_json(late: Path) -> None:
    code, shown, _ = run(late, "--json")
    facts = json.loads(shown)
    found = measure_file(late)
    assert code == 0 and facts == {
        "file": str(late),
        "offset_ms": round(found.seconds * 1000, 1),
        "confidence": round(found.confidence, 4),
    }


def test_a_file_that_cannot_be_read_does_not_stop_the_others(late: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(b"no video at all, but a sentence")
    missing = tmp_path / "missing.mp4"
    code, shown, said = run(missing, tmp_path / "text.mp4", DATA / "rotated_90.mp4", late)
    assert code == 1 and len(shown.splitlines()) == 1
    lines = said.splitlines()
    assert lines[0] == f"avtutor: {missing}: there is no such file"
    assert len(lines) == 3 and all(line.startswith("avtutor: ") for line in lines)


def test_the_reason_names_the_file(late: Path) -> None:
    code, shown, said = run(late, "--end", 0.8)
    assert (code, shown) == (1, "")
    assert said.startswith(f"avtutor: {late}: max_offset must be at most 0.") and "\n" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_it_puts_a_file_right(late: Path, tmp_path: Path, suffix: str) -> None:
    before, out = late.read_bytes(), tmp_path / f"right{suffix}"
    code, shown, said = run(late, "--fix", out)
    assert (code, said) == (0, "")
    found = round(1000 * measure_file(late).seconds)
    assert found > 0
    assert shown.splitlines()[1] == f"{out}: the sound is {found} ms earlier"
    assert abs(measure_file(out).seconds) < 0.004
    assert abs(measure_offset(read_clip(out)).seconds) < 0.004
    assert packets(out) == packets(late) and late.read_bytes() == before


def test_webm_is_put_right(tmp_path: Path) -> None:
    path, out = tmp_path / "a.webm", tmp_path / "b.webm"
    clip = flashes(moments(5.0, 2.5, seed=1), seconds=5.0, sample_rate=48000, size=16)
    write_clip(clip.shift_sound(-0.2), path)
    code, shown, _ = run(path, "--fix", out, "--json")
    facts = json.loads(shown)
    assert code == 0 and facts["out"] == str(out)
    assert facts["moved_ms"] == -round(facts["offset_ms"]) == pytest.approx(200, abs=15)
    assert packets(out) == packets(path)
    assert abs(measure_file(out).seconds) < 0.004


def test_it_moves_by_what_it_is_told(late: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.mp4"
    code, shown, _ = run(late, "--fix", out, "--shift", -100)
    assert (code, shown) == (0, f"{out}: the sound is 100 ms earlier\n")
    moved = measure_file(out).seconds - measure_file(late).seconds
    assert moved == pytest.approx(-0.1, abs=0.002)


def test_an_unsure_offset_is_not_put_right(late: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "mixed.mp4", tmp_path / "b.mp4"
    events, others = moments(4.0, 2.0, seed=0), moments(4.0, 2.0, seed=1000)
    write_clip(flashes(events, seconds=4.0, heard=others, size=16, sample_rate=48000), path)
    code, shown, said = run(path, "--fix", out)
    assert (code, shown) == (1, "") and not out.exists()
    assert said.startswith(f"avtutor: {path}: not fixed, since ") and "--force" in said
    assert said.count("\n") == 1
    assert run(path, "--fix", out, "--force")[0] == 0 and out.exists()


def test_what_the_command_refuses(late: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.mp4"
    shutil.copy(late, same)
    code, _, said = run(same, "--fix", same)
    assert code == 1 and "this is the file itself" in said
    assert same.read_bytes() == late.read_bytes()
    for arguments, phrase in (
        ((late, late, "--fix", tmp_path / "b.mp4"), "--fix takes one file, got 2"),
        ((late, "--shift", 100), "--shift and --force go with --fix OUT"),
        ((late, "--force"), "--shift and --force go with --fix OUT"),
        ((late, "--fix", tmp_path / "b.mp4", "--shift", 20000), "would share no moment"),
        ((late, "--fix", tmp_path / "b.xyz"), "the suffix must be one of"),
    ):
        code, shown, said = run(*arguments)
        assert (code, shown) == (1, "") and phrase in said and said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["same.mp4"]
