"""A folder of one's own videos, and the bundled ones."""

from pathlib import Path

import pytest
import torch

from avtutor.clip import Clip
from avtutor.datasets import ClipFolder, VideoFile, audit_split, group_split, videos
from avtutor.media import write_clip
from avtutor.waveform import Waveform

CLIP = Clip(
    torch.zeros(30, 16, 24, 3, dtype=torch.uint8),
    torch.arange(30, dtype=torch.float64) / 15,
    Waveform(torch.zeros(1, 16000), 8000),
)


def films(root: Path, *names: str) -> Path:
    """Write a short video under each of the names, and return the folder."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_clip(CLIP, root / name)
    return root


def test_a_folder_of_classes(tmp_path: Path) -> None:
    root = films(tmp_path, "wave/ann/1.mp4", "wave/ann/2.MOV", "wave/3.webm", "nod/ann/1.mp4")
    (root / "nod" / "notes.txt").write_text("no video")
    (root / "nod" / ".hidden.mp4").write_text("no video")
    folder = ClipFolder(root)
    assert folder.classes == ("nod", "wave")
    assert list(zip(folder.labels, folder.groups, strict=True)) == [
        ("nod", "ann"), ("wave", "wave/3.webm"), ("wave", "ann"), ("wave", "ann"),
    ]  # fmt: skip
    assert repr(folder) == f"ClipFolder({str(root)!r}: 4 items, 2 classes)"
    assert isinstance(folder[0], VideoFile)
    whole = folder[0].load()
    assert (whole.n_frames, whole.height, whole.waveform.n_samples) == (30, 16, 16000)
    part = folder[0].load(start=1.0, end=1.5, max_height=8)
    assert (part.n_frames, part.height, part.waveform.n_samples) == (8, 8, 4000)
    split = group_split(folder.groups, test_share=0.5)
    audit_split([folder.groups[k] for k in split.train], [folder.groups[k] for k in split.test])
    assert ClipFolder(root, group=lambda path: path.stem).groups == ("1", "3", "1", "2")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    root = films(tmp_path, "wave/1.mp4", "nod/1.mp4")
    (root / "nod" / "2.mp4").write_bytes(b"no video" * 50)
    (root / "wave" / "2.mkv").touch()
    with pytest.raises(ValueError, match=r"2 of 4 files cannot be read; pass skip") as caught:
        ClipFolder(root)
    assert "nod/2.mp4: it is not a video" in str(caught.value)
    assert "wave/2.mkv: the file is empty" in str(caught.value)
    folder = ClipFolder(root, skip_unreadable=True)
    assert len(folder) == 2
    assert [error.path.name for error in folder.skipped] == ["2.mp4", "2.mkv"]


@pytest.mark.bad_input
def test_folders_that_are_no_classes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such folder"):
        ClipFolder(tmp_path / "gone")
    (tmp_path / "nod").mkdir()
    with pytest.raises(ValueError, match="no video file in the folder of nod$"):
        ClipFolder(tmp_path)
    films(tmp_path, "stray.mp4")
    with pytest.raises(ValueError, match="video files must be in the folder of a class, got stray"):
        ClipFolder(tmp_path)


@pytest.mark.parametrize(
    ("name", "n_frames", "rate", "size"),
    [
        ("talking_head", 173, 29.97, (640, 480)),
        ("test_movie", 237, 2500 / 83, (352, 288)),
        ("big_buck_bunny", 132, 25, (1280, 720)),
    ],
)
def test_the_bundled_videos(name: str, n_frames: int, rate: float, size: tuple[int, int]) -> None:
    video = videos()[name]
    clip = video.load(max_height=48)
    assert clip.n_frames == n_frames  # as ffprobe counts them
    assert clip.frame_rate == pytest.approx(rate, rel=1e-6)
    assert clip.width == round(size[0] * 48 / size[1])
    assert clip.waveform_start == 0 and abs(clip.waveform_end - clip.end) < 0.1
    assert float(clip.waveform.samples.abs().max()) > 0.05
    assert 40 < float(clip.frames.float().mean()) < 200
    assert bool((clip.frames[0] != clip.frames[-1]).any())


def test_one_man_is_one_group() -> None:
    groups = {name: video.group for name, video in videos().items()}
    assert groups["talking_head"] == groups["test_movie"] != groups["big_buck_bunny"]
