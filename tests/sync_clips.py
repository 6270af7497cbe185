"""Clips and curves whose offset is known: flashes that are seen and clicks that are heard."""

import numpy as np
import torch

from avtutor.clip import Clip
from avtutor.sync import Curve
from avtutor.waveform import Waveform


def moments(seconds: float, rate: float, seed: int) -> np.ndarray:
    """Return times at random, `rate` a second, none within 0.1 s of the ends."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0.1, seconds - 0.1, round(rate * seconds)))


def flashes(
    events: np.ndarray,
    *,
    seconds: float,
    offset: float = 0.0,
    frame_rate: float = 25.0,
    sample_rate: int = 16000,
    heard: np.ndarray | None = None,
    size: int = 8,
) -> Clip:
    """Return a clip whose picture changes at the events, and clicks `offset` later.

    A picture shows what is the case at its time: a change at t is first seen in the first picture
    at t or after it.
    """
    times = np.arange(round(seconds * frame_rate)) / frame_rate
    state = np.searchsorted(np.sort(events), times, side="right") % 2
    frames = np.broadcast_to(
        (30 + 180 * state.astype(np.uint8))[:, None, None, None], (len(times), size, size, 3)
    )
    samples = np.zeros(round(seconds * sample_rate), np.float32)
    for time in (events if heard is None else heard) + offset:
        if 0 <= (k := round(time * sample_rate)) < len(samples):
            samples[k] = 0.8
    return Clip(
        torch.from_numpy(frames.copy()),
        torch.from_numpy(times),
        Waveform.from_mono(torch.from_numpy(samples), sample_rate),
    )


def curves(
    events: np.ndarray,
    *,
    seconds: float,
    offset: float = 0.0,
    ppm: float = 0.0,
    frame_rate: float = 30.0,
) -> tuple[Curve, Curve]:
    """Return the curves of such a clip, without its pictures and samples."""
    times = np.arange(round(seconds * frame_rate)) / frame_rate
    seen = np.zeros(len(times))
    k = np.searchsorted(times, events)
    np.add.at(seen, k[k < len(times)], 1.0)
    steps = events * (1 + ppm * 1e-6) + offset
    steps = steps / 0.005
    heard = np.zeros(round(seconds / 0.005) + 1)
    low = np.floor(steps).astype(int)
    for place, share in ((low, 1 - (steps - low)), (low + 1, steps - low)):
        inside = (place >= 0) & (place < len(heard))
        np.add.at(heard, place[inside], share[inside])
    between = (times[1:] + times[:-1]) / 2
    return (
        Curve(torch.from_numpy(between), torch.from_numpy(seen[1:]).float()),
        Curve(torch.arange(len(heard)).double() * 0.005, torch.from_numpy(heard).float()),
    )
