"""Frames of a video scaled to 112 lines, and their times: here, by OpenCV, by TorchCodec.

All read the same bundled file from front to back, and make the same pictures smaller: here while
they are converted, in OpenCV as its documentation says, with the interpolation that it names for
shrinking. TorchCodec is reported where it is installed and loads; it is no goal.
"""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from avtutor.datasets import videos
from avtutor.media import clip_info, read_clip
from benchmarks.table import Row, duration, faster

LINES, ROUNDS = 112, 5

Reader = Callable[[Path], torch.Tensor]


def by_opencv(path: Path) -> torch.Tensor:
    """Return the frames as OpenCV reads them, [frame, height, width, 3]."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames, times = [], []
    while True:
        read, frame = capture.read()
        if not read:
            break
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        width = round(frame.shape[1] * LINES / frame.shape[0])
        small = cv2.resize(frame, (width, LINES), interpolation=cv2.INTER_AREA)
        frames.append(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
    capture.release()
    return torch.from_numpy(np.stack(frames))


def torchcodec_reader() -> Reader | None:
    """Return a function that reads frames by TorchCodec, or None where it does not load."""
    try:
        from torchcodec.decoders import VideoDecoder
        from torchcodec.transforms import Resize
    except (ImportError, RuntimeError, OSError):
        return None

    def by_torchcodec(path: Path) -> torch.Tensor:
        info = clip_info(path)
        size = (LINES, round(info.width * LINES / info.height))
        decoder = VideoDecoder(
            str(path), transforms=[Resize(size)], dimension_order="NHWC", num_ffmpeg_threads=0
        )
        frames: torch.Tensor = decoder.get_frames_in_range(0, len(decoder)).data
        return frames

    return by_torchcodec


def by_avtutor(path: Path) -> torch.Tensor:
    """Return the frames as this package reads them."""
    return read_clip(path, max_height=LINES, with_sound=False).frames


def best_of(readers: dict[str, Reader], path: Path) -> dict[str, float]:
    """Return the shortest time of each, in turns, so that all meet the same machine."""
    best = dict.fromkeys(readers, float("inf"))
    for _ in range(ROUNDS):
        for name, read in readers.items():
            start = time.perf_counter()
            read(path)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> list[Row]:
    """Return two rows a file, for one of 640 x 480 and one of 1280 x 720."""
    rows = []
    for name in ("talking_head", "big_buck_bunny"):
        path = videos()[name].path
        ours, theirs = by_avtutor(path), by_opencv(path)
        if ours.shape != theirs.shape:
            raise RuntimeError(f"{name}: {ours.shape} here, {theirs.shape} by OpenCV")
        apart = (ours.float() - theirs.float()).abs().mean()
        if apart > 6:
            raise RuntimeError(f"{name}: the pictures differ by {apart:.1f} of 255 on average")
        readers: dict[str, Reader] = {"here": by_avtutor, "OpenCV": by_opencv}
        if (third := torchcodec_reader()) is not None:
            readers["TorchCodec"] = third
        seconds = best_of(readers, path)
        what = f"{name}, {len(ours)} frames to {LINES} lines"
        rows.append(
            faster(
                what, seconds=seconds["here"], other="OpenCV",
                other_seconds=seconds["OpenCV"], at_least=1,
            )
        )  # fmt: skip
        if "TorchCodec" in seconds:
            ratio = seconds["TorchCodec"] / seconds["here"]
            beside = f"TorchCodec {duration(seconds['TorchCodec'])}"
            rows.append(Row(what, duration(seconds["here"]), beside, ratio))
    return rows
