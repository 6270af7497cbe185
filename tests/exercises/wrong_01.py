"""Wrong answers to the exercises of lesson 01: the function, and a phrase of its diagnosis."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def _rms(samples: Tensor) -> Tensor:
    return samples.square().mean().sqrt()


def _spokes(turns: float, n: int, frames: float) -> float:
    return turns * n - round(turns * n / frames) * frames


def _own_channels(samples: Tensor, level: float) -> Tensor:
    gain: float = 10 ** (level / 20)
    return samples * gain / samples.square().mean(dim=-1, keepdim=True).sqrt()


WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = {
    "01.cut": [
        (lambda x, rate, a, b: x[:, int(a * rate) : int(b * rate)], "int() cuts off"),
        (lambda x, rate, a, b: x[round(a * rate) : round(b * rate)], "you cut the channels"),
        (lambda x, rate, a, b: x[:, round(a * rate) : round(b * rate) + 1], "without it"),
        (
            lambda x, rate, a, b: x[:, round(a * rate) : round(a * rate) + round(b * rate)],
            "you take end for a length",
        ),
        (lambda x, rate, a, b: x[:, round(a * 16_000) : round(b * 16_000)], "use sample_rate"),
        (lambda x, rate, a, b: x[:, round(a * rate) + 1 : round(b * rate) + 1], "too late"),
        (lambda x, rate, a, b: x[:, a * rate : b * rate], "stops with TypeError"),
    ],
    "01.to_level": [
        (lambda x, level: x * 10 ** (level / 10) / _rms(x), "ratio of powers"),
        (lambda x, level: x * 10 ** (level / 20) / x.abs().max(), "highest sample"),
        (lambda x, level: x * 10 ** (level / 20) / _rms(x) ** 2, "mean square"),
        (_own_channels, "each channel alone"),
        (lambda x, level: x * 10 ** (level / 20), "own rms"),
        (lambda x, level: x + level, "not added"),
        (lambda x, level: x * 10 ** (-level / 20) / _rms(x), "sign of the level"),
    ],
    "01.to_codes": [
        (lambda x, b: torch.round(x * 2 ** (b - 1)).long(), "not clipped"),
        (
            lambda x, b: torch.round(x * 2 ** (b - 1)).clamp(-(2 ** (b - 1)), 2 ** (b - 1)).long(),
            "reach +4",
        ),
        (
            lambda x, b: (x * 2 ** (b - 1)).clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1).long(),
            "towards 0",
        ),
        (
            lambda x, b: (
                (x * 2 ** (b - 1)).floor().clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1).long()
            ),
            "round down",
        ),
        (lambda x, b: torch.round(x * 2**b).clamp(-(2**b), 2**b - 1).long(), "twice too fine:"),
        (
            lambda x, b: torch.round(x * 2**b).clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1).long(),
            "and then clipped",
        ),
        (
            lambda x, b: torch.round(x * (2 ** (b - 1) - 1))
            .clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1)
            .long(),
            "there are 4 steps to a unit",
        ),
        (
            lambda x, b: (
                torch.round(x * 2 ** (b - 1)).clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1)
                / 2 ** (b - 1)
            ),
            "codes, whole numbers",
        ),
        (
            lambda x, b: torch.round(x * 2 ** (b - 1)).clamp(-(2 ** (b - 1)), 2 ** (b - 1) - 1),
            "their dtype is torch.float32",
        ),
        (lambda x, b: torch.round(x * 4).clamp(-4, 3).long(), "fixed at 3"),
    ],
    "01.seen_speed": [
        (lambda t, n, fps: abs(_spokes(t, n, fps)) / n, "keep the sign"),
        (lambda t, n, fps: t - round(t / fps) * fps, "one marked spoke"),
        (_spokes, "divide by n_spokes"),
        (lambda t, n, fps: (t * n) % fps / n, "too few frame rates"),
        (
            lambda t, n, fps: (t * n - round(t * n / (fps / 2)) * fps / 2) / n,
            "half of the frame rate",
        ),
        (lambda t, n, fps: _spokes(t, n, fps) / n * 360, "degrees a second"),
        (lambda t, n, fps: _spokes(t, n, fps) / n / fps, "turns a frame"),
    ],
}
