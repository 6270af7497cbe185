"""Wrong answers to the exercises of lesson 03, each with words of the diagnosis it must get."""

import math

import torch
from torch import Tensor


def _laid(pieces: Tensor, hop: int) -> Tensor:
    count, size = pieces.shape
    total = torch.zeros(size + hop * (count - 1), dtype=pieces.dtype)
    for k in range(count):
        total[k * hop : k * hop + size] += pieces[k]
    return total


def _windows(frames: Tensor, fade: Tensor) -> Tensor:
    return fade.expand(len(frames), -1)


def _overwritten(frames: Tensor, fade: Tensor, hop: int) -> Tensor:
    total = torch.zeros(frames.shape[1] + hop * (len(frames) - 1), dtype=frames.dtype)
    for k, frame in enumerate(frames):
        total[k * hop : k * hop + len(frame)] = frame
    return total


WRONG = {
    "03.place": [
        (lambda k, b, rate, n, hop: ((k * hop + n / 2) / rate, b * rate / n), "half a window late"),
        (
            lambda k, b, rate, n, hop: ((k * hop - n / 2) / rate, b * rate / n),
            "half a window early",
        ),
        (lambda k, b, rate, n, hop: (k * n / rate, b * rate / n), "lie end to end"),
        (lambda k, b, rate, n, hop: (k * hop, b * rate / n), "in samples"),
        (
            lambda k, b, rate, n, hop: (k * hop / rate, b * rate / (n // 2 + 1)),
            "divide by the number of rows",
        ),
        (
            lambda k, b, rate, n, hop: (k * hop / rate, b * (rate / 2) / (n // 2 + 1)),
            "have n_fft // 2 steps between them",
        ),
        (lambda k, b, rate, n, hop: (k * hop / rate, b * rate / (2 * n)), "this is half of it"),
        (lambda k, b, rate, n, hop: (b * rate / n, k * hop / rate), "swapped"),
        (lambda k, b, rate, n, hop: k * hop / rate, "return two numbers"),
    ],
    "03.count_frames": [
        (lambda n, n_fft, hop: 1 + (n - n_fft) // hop, "only the frames inside"),
        (lambda n, n_fft, hop: n // hop, "the frame on sample 0 is missing"),
        (lambda n, n_fft, hop: math.ceil(n / hop), "the last frame is missing"),
        (lambda n, n_fft, hop: 1 + n / hop, "round down"),
        (lambda n, n_fft, hop: 1 + (n + n_fft) // hop, "not by n_fft"),
        (lambda n, n_fft, hop: 1 + (n - n_fft // 2) // hop, "only one end"),
    ],
    "03.overlap_add": [
        (
            lambda frames, fade, hop: _laid(frames, hop),
            "division by the sum of the windows is missing",
        ),
        (
            lambda frames, fade, hop: _laid(frames, hop) / _laid(_windows(frames, fade) ** 2, hop),
            "once, not twice",
        ),
        (
            lambda frames, fade, hop: (
                _laid(frames * fade, hop) / _laid(_windows(frames, fade), hop)
            ),
            "a second time",
        ),
        (
            lambda frames, fade, hop: _laid(frames, hop) / _laid(torch.ones_like(frames), hop),
            "do not weigh alike",
        ),
        (_overwritten, "with +="),
        (lambda frames, fade, hop: (frames / fade).flatten(), "end to end"),
    ],
    "03.choose_n_fft": [
        (lambda gap, rate: 2 ** math.ceil(math.log2(rate / gap)), "*spacing* of the bins"),
        (lambda gap, rate: 2 ** math.ceil(math.log2(2 * rate / gap)), "half a main lobe"),
        (lambda gap, rate: 2 ** math.floor(math.log2(4 * rate / gap)), "or down"),
        (lambda gap, rate: math.ceil(4 * rate / gap), "a power of two is asked for"),
        (lambda gap, rate: 2 ** (math.floor(math.log2(4 * rate / gap)) + 1), "is long enough"),
        (
            lambda gap, rate: 2 ** math.ceil(math.log2(4 * 16_000 / gap)),
            "for 40 Hz at 44 100 Hz",
        ),
    ],
}
