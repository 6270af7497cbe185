"""The graders of lesson 03."""

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, Slip, compare, exercise


@exercise("03.place")
def place(answer: Answer) -> str | None:
    frame, row, rate, n_fft, hop = 30, 20, 8000, 400, 100
    got = answer(frame, row, rate, n_fft, hop)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Slip(f"return two numbers, (seconds, hertz); got {type(got).__name__}")
    seconds, hertz = frame * hop / rate, row * rate / n_fft
    if compare(got[0], hertz) is None and compare(got[1], seconds) is None:
        return "seconds and hertz are swapped: the time comes first"
    return compare(
        got[0],
        seconds,
        what="the time",
        slips={
            "the time is half a window late: the padding has already put the centre of frame k on "
            "sample k * hop_length": seconds + n_fft / 2 / rate,
            "the time is half a window early: that is where the frame begins, not its centre": (
                seconds - n_fft / 2 / rate
            ),
            "the time is where the frame ends: a column stands for the centre of its frame": (
                seconds + n_fft / rate
            ),
            "the frames lie end to end: they begin hop_length apart, not n_fft": (
                frame * n_fft / rate
            ),
            "the time is in samples: divide by the sampling rate": frame * hop,
            "the time is in milliseconds": 1000 * seconds,
            "the hop is missing: frame / sample_rate is the time of sample number `frame`": (
                frame / rate
            ),
            "this is one frame too late: frames are counted from 0": (frame + 1) * hop / rate,
        },
    ) or compare(
        got[1],
        hertz,
        what="the frequency",
        slips={
            "you divide by the number of rows, n_fft // 2 + 1: the rows are sample_rate / n_fft "
            "apart": row * rate / (n_fft // 2 + 1),
            "n_fft // 2 + 1 rows have n_fft // 2 steps between them: the top row is exactly "
            "sample_rate / 2, so a step is sample_rate / n_fft": row * rate / 2 / (n_fft // 2 + 1),
            "this is half of it: n_fft bins share the whole sampling rate, and the rows are the "
            "lower half of them": hertz / 2,
            "this is twice as much: n_fft bins share the whole sampling rate": 2 * hertz,
            "the sampling rate is missing: row / n_fft is in turns a sample, not in Hz": (
                row / n_fft
            ),
            "this is one row too high: rows are counted from 0": (row + 1) * rate / n_fft,
            "this is counted in hops: the frequency does not depend on the hop": row * rate / hop,
        },
    )


@exercise("03.count_frames")
def count_frames(answer: Answer) -> str | None:
    n, n_fft, hop = 16_100, 1024, 160
    return (
        compare(
            answer(n, n_fft, hop),
            101,
            what="the number of frames",
            slips={
                "only the frames inside the sound are counted: n_fft // 2 samples are added at "
                "both ends first": 1 + (n - n_fft) // hop,
                "only one end is padded": 1 + (n + n_fft // 2 - n_fft) // hop,
                "each end is padded by n_fft // 2, not by n_fft": 1 + (n + n_fft) // hop,
                "the frame on sample 0 is missing: hops are one fewer than frames": n // hop,
                "whole frames only: round down with //": 1 + n / hop,
                "the frames lie end to end: they begin hop_length apart": 1 + n // n_fft,
            },
            rtol=1e-6,
        )
        or compare(
            answer(16_000, n_fft, hop),
            101,
            what="for 16 000 samples and a hop of 160, the number of frames",
            slips={
                "for 16 000 samples, a whole number of hops, the last frame is missing: take one "
                "and add the hops, rounded down": 100,
            },
            rtol=1e-6,
        )
        or compare(
            answer(4000, 512, 333),
            13,
            what="for 4000 samples and a hop of 333, the number of frames",
            rtol=1e-6,
        )
    )


def _laid(pieces: Tensor, hop: int) -> Tensor:
    count, size = pieces.shape
    total = torch.zeros(size + hop * (count - 1), dtype=pieces.dtype)
    for k in range(count):
        total[k * hop : k * hop + size] += pieces[k]
    return total


@exercise("03.overlap_add")
def overlap_add(answer: Answer) -> str | None:
    size, hop, count = 12, 5, 6
    generator = torch.Generator().manual_seed(3)
    length = size + hop * (count - 1)
    sound = torch.randn(length, generator=generator, dtype=torch.float64)
    fade = 0.2 + torch.hann_window(size, dtype=torch.float64)
    frames = sound.unfold(0, size, hop) * fade
    windows = fade.expand(count, size)
    added, weight = _laid(frames, hop), _laid(windows, hop)
    last = torch.zeros(length, dtype=torch.float64)
    for k in range(count):
        last[k * hop : k * hop + size] = frames[k]
    got = answer(frames, fade, hop)
    if isinstance(got, Tensor) and got.numel() == frames.numel() != length:
        return (
            "your frames lie end to end: each begins hop_length samples after the one before, and "
            "where they overlap they are added"
        )
    return compare(
        got,
        sound,
        what="the sound",
        slips={
            "the division by the sum of the windows is missing: a sample that several frames saw "
            "is counted several times": added,
            "you divide by the sum of the squared windows: these frames were multiplied with the "
            "window once, not twice": added / _laid(windows**2, hop),
            "you fade the frames a second time and divide by the sum of the windows: then it is "
            "the sum of their squares": _laid(frames * fade, hop) / weight,
            "you divide by the number of frames that cover a sample: they do not weigh alike, so "
            "add up their windows": added / _laid(torch.ones_like(frames), hop),
            "you divide by one number: at the ends fewer windows overlap than in the middle": (
                added / float(weight[length // 2])
            ),
            "you divide by size / hop_length, the mean number of frames on a sample: the sum of "
            "the windows is not the same everywhere": added / (size / hop),
            "a later frame overwrites the one before: add it, with +=": last,
            "a later frame overwrites the one before, with the sum of the windows below it": (
                last / weight
            ),
        },
    )


@exercise("03.choose_n_fft")
def choose_n_fft(answer: Answer) -> str | None:
    gap, rate = 62.5, 16_000  # 4 / gap seconds are 1024 samples, a power of two
    return (
        compare(
            answer(gap, rate),
            1024,
            what="n_fft",
            slips={
                "this makes the *spacing* of the bins as small as the gap: Hann's main lobe is 4 "
                "bins wide, so the window must last 4 / gap seconds": 256,
                "with half a main lobe between them two Hann lobes can merge: the window must "
                "last 4 / gap seconds": 512,
                "a window of exactly 4 / gap seconds, here 1024 samples, is long enough": 2048,
                "this is the length in seconds: n_fft counts samples": 4 / gap,
            },
            rtol=1e-6,
        )
        or compare(
            answer(50.0, rate),
            2048,
            what="for 50 Hz at 16 000 Hz, n_fft",
            slips={
                "rounded to the nearest power of two, or down, the window is too short: 50 Hz "
                "need 1280 samples, so take the next power above": 1024,
                "1280 samples are enough, but a power of two is asked for": 1280,
            },
            rtol=1e-6,
        )
        or compare(answer(40.0, 44_100), 8192, what="for 40 Hz at 44 100 Hz, n_fft", rtol=1e-6)
    )
