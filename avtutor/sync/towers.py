"""Measure an offset by what two towers have learned (`avtutor.models.sync`)."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

import avtutor.models
from avtutor.clip import Clip
from avtutor.models.sync import SyncTowers
from avtutor.models.sync_input import SyncConfig, SyncInput, sync_input
from avtutor.sync.correlation import LEAST_OVERLAP, largest_offset
from avtutor.sync.curves import Curve
from avtutor.training import read_checkpoint

WEIGHTS = Path(avtutor.models.__file__).parent / "weights" / "sync.safetensors"
"""The towers that come with the package; beside them a card says what they are good for."""

_AT_ONCE = 32  # windows


@dataclass(frozen=True)
class SyncModel:
    """Towers with what it takes to read their answers.

    Args:
        towers: the network, on which `eval` was called.
        weights: of the confidence: a constant, and those of the logarithms of the height of the
            peak and of the number of windows.
    """

    towers: SyncTowers
    weights: tuple[float, float, float]


def load_sync_model(path: str | Path = WEIGHTS) -> SyncModel:
    """Return towers from their file.

    Raises:
        ValueError: if there is no such file, it is cut off, or it is of another model.
    """
    tensors, facts = read_checkpoint(path)
    try:
        towers = SyncTowers(SyncConfig(**facts["config"]))
        towers.load_state_dict(tensors)
        constant, height, windows = facts["confidence"]
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} is no sync model: {error}") from error
    return SyncModel(towers.eval(), (float(constant), float(height), float(windows)))


@cache
def shipped() -> SyncModel:
    """Return the model that comes with the package, read once."""
    return load_sync_model()


@torch.no_grad()
def tower_curve(clip: Clip, towers: SyncTowers, *, max_offset: float = 0.6) -> tuple[Curve, int]:
    """Return how alike two towers find sound and picture at each offset, and of how many windows.

    The similarity of each window of pictures with the sound so much later, less the mean of the
    window, since where nothing happens all sounds are alike; its mean over the windows, times the
    root of the share of them that have a sound there, as in `cross_correlation`.

    Args:
        clip: with sound.
        towers: the network.
        max_offset: the largest offset that is tried, in seconds, to the next whole column.
    Returns:
        A curve whose times are the offsets: + where the sound is late.
    Raises:
        ValueError: if there is no sound, the clip is shorter than a window, or picture and sound
            share too little at some offset (see `cross_correlation`).
    """
    config = towers.config
    seen = sync_input(clip, config)
    step = config.hop_length / config.sample_rate
    _check(seen, clip, max_offset)
    reach = math.ceil(max_offset / step - 1e-9)
    offsets = torch.arange(-reach, reach + 1)
    n_windows = len(seen.first) - config.n_frames + 1
    total = torch.zeros(len(offsets), dtype=torch.float64)
    count = torch.zeros(len(offsets), dtype=torch.float64)
    for begin in range(0, n_windows, _AT_ONCE):
        starts = torch.arange(begin, min(begin + _AT_ONCE, n_windows))
        columns = seen.first[starts][:, None] + offsets
        low = max(int(columns.min()), 0)
        high = min(int(columns.max()), seen.levels.shape[1] - config.n_columns)
        if high < low:
            continue
        levels = seen.levels[None, :, low : high + config.n_columns]
        similar = towers(seen.pictures[None], levels, starts)[0].double()
        inside = (columns >= low) & (columns <= high)
        found = similar.gather(1, (columns - low).clamp(0, high - low)) * inside
        mean = found.sum(dim=1) / inside.sum(dim=1).clamp(min=1)
        total += ((found - mean[:, None]) * inside).sum(dim=0)
        count += inside.sum(dim=0)
    share = (count / count.max().clamp(min=1)).sqrt()
    return Curve(offsets.double() * step, total / count.clamp(min=1) * share), n_windows


def _check(seen: SyncInput, clip: Clip, max_offset: float) -> None:
    """Refuse a largest offset that leaves too little of picture or sound."""
    if not 0 < max_offset < math.inf:
        raise ValueError(f"max_offset must be above 0 s, got {max_offset}")
    span = torch.tensor([clip.waveform_start, clip.waveform_end], dtype=torch.float64)
    nothing = torch.zeros(2)
    widest = largest_offset(Curve(seen.times[[0, -1]], nothing), Curve(span, nothing))
    if max_offset > widest + 1e-9:
        raise ValueError(
            f"max_offset must be at most {max(widest, 0.0):.3f} s, so that picture and sound share "
            f"{LEAST_OVERLAP} s at every offset, got {max_offset:g}"
        )


def tower_confidence(
    signs: tuple[float, float] | None, n_windows: int, weights: tuple[float, float, float]
) -> float:
    """Return from 0 to 1 how sure it is that the peak lies within a frame of the true offset.

    Args:
        signs: of the peak (`height_and_rival`).
        n_windows: how many windows it is the mean of.
        weights: as in `SyncModel`.
    """
    if signs is None:
        return 0.0
    height, rival = signs
    score = weights[0] + weights[1] * math.log(height) + weights[2] * math.log(n_windows)
    return (1 - rival**6) / (1 + math.exp(-max(min(score, 50.0), -50.0)))


def still_or_silent(clip: Clip) -> bool:
    """Return whether one of the senses is all the same, so that there is nothing to go by."""
    if clip.waveform is None:
        return True
    samples: Tensor = clip.waveform.samples
    level = bool((samples == samples[:, :1]).all())
    return level or bool((clip.frames == clip.frames[:1]).all())
