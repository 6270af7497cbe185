"""A spectrogram as a network gets it, altered, and what the network says: the page's twin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64

from avtutor import spectral
from avtutor.explain import noise_floor
from avtutor.models import SpectrogramCNN
from avtutor.spectral import SpectrogramConfig

LEVELS = ("below peak", "as recorded")

Runs = Sequence[Sequence[int]]
"""Cells of a picture, as runs: (band, first frame, frame after the last)."""


@dataclass(frozen=True)
class Alterations:
    """What is done to a spectrogram, in this order.

    Args:
        flip_time: the last frame becomes the first.
        flip_frequency: the highest band becomes the lowest.
        shift_frames: later by so many frames, earlier if negative. What leaves is lost.
        shift_bands: up by so many bands, down if negative. What leaves is lost.
        hidden_bands: first band that is hidden, and the one after the last; (0, 0) hides none.
        hidden_frames: the same for frames.
        erased: cells that are set to the noise floor.
        painted: cells that are as loud as the loudest of the recording.
    """

    flip_time: bool = False
    flip_frequency: bool = False
    shift_frames: int = 0
    shift_bands: int = 0
    hidden_bands: tuple[int, int] = (0, 0)
    hidden_frames: tuple[int, int] = (0, 0)
    erased: Runs = ()
    painted: Runs = ()


@dataclass(frozen=True)
class Entered:
    """A picture as it enters a network, its `explain.noise_floor` and its loudest level."""

    levels: Float64[np.ndarray, "mel frame"]
    floor: float
    peak: float


@dataclass(frozen=True)
class Verdict:
    """The altered picture, and the network's answer to it."""

    levels: Float64[np.ndarray, "mel frame"]
    logits: Float32[np.ndarray, " class"]

    @property
    def shares(self) -> Float64[np.ndarray, " class"]:
        """The softmax of the logits: positive numbers that add up to 1."""
        raised = np.exp(self.logits.astype(np.float64) - self.logits.max())
        shares: np.ndarray = raised / raised.sum()
        return shares


def enter(
    samples: Float[np.ndarray, " time"], config: SpectrogramConfig, *, level: str, range_db: float
) -> Entered:
    """Return the log-mel spectrogram of a sound in the levels that a network was trained with.

    Args:
        samples: sound in [-1, 1], float64.
        config: front end settings.
        level: "below peak": dB below the loudest cell of the recording, cut at `range_db`;
            "as recorded": dB as they are.
        range_db: used with "below peak".
    Raises:
        ValueError: if `samples` is shorter than one window.

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, n_mels=40)
    >>> picture = enter(np.ones(800), config, level="below peak", range_db=60.0)
    >>> picture.levels.shape, picture.floor, picture.peak
    ((40, 6), -60.0, 0.0)
    """
    levels = spectral.log_mel(torch.from_numpy(samples), config)
    if level == "below peak":
        levels = spectral.below_peak(levels, range_db)
    return Entered(levels.numpy(), noise_floor(levels), float(levels.max()))


def _moved(levels: np.ndarray, by: int, axis: int, fill: float) -> np.ndarray:
    """Return the levels moved along one axis, the gap filled."""
    size = levels.shape[axis]
    by = max(-size, min(size, by))
    moved = np.full_like(levels, fill)
    here, there = [slice(None)] * 2, [slice(None)] * 2
    here[axis] = slice(max(by, 0), size + min(by, 0))
    there[axis] = slice(max(-by, 0), size + min(-by, 0))
    moved[tuple(here)] = levels[tuple(there)]
    return moved


def alter(picture: Entered, alterations: Alterations) -> Float64[np.ndarray, "mel frame"]:
    """Return the levels of a picture after the alterations; what is lost becomes noise floor.

    Cells outside of the picture are left out.

    >>> picture = Entered(np.array([[-1.0, -2.0, -3.0]]), floor=-60.0, peak=0.0)
    >>> alter(picture, Alterations(flip_time=True, shift_frames=1))
    array([[-60.,  -3.,  -2.]])
    """
    levels = picture.levels.copy()
    if alterations.flip_frequency:
        levels = levels[::-1]
    if alterations.flip_time:
        levels = levels[:, ::-1]
    levels = _moved(levels, alterations.shift_bands, 0, picture.floor)
    levels = _moved(levels, alterations.shift_frames, 1, picture.floor)
    levels[slice(*alterations.hidden_bands)] = picture.floor
    levels[:, slice(*alterations.hidden_frames)] = picture.floor
    for runs, value in ((alterations.erased, picture.floor), (alterations.painted, picture.peak)):
        for band, start, end in runs:
            levels[band : band + 1, start:end] = value
    return levels


def compute(
    samples: Float[np.ndarray, " time"],
    config: SpectrogramConfig,
    model: SpectrogramCNN,
    alterations: Alterations = Alterations(),  # noqa: B008  (frozen)
    *,
    level: str = "below peak",
    range_db: float = 60.0,
) -> Verdict:
    """Return the altered spectrogram of a sound, and what the network answers to it.

    The page has the same function in JavaScript, and a test holds the two equal.

    Args:
        samples: sound in [-1, 1], float64.
        config: front end settings.
        model: called as when it is used: running statistics, no dropout. It is left as it was.
        alterations: what is done to the picture before.
        level: "below peak" or "as recorded", as in training; see `enter`.
        range_db: used with "below peak".
    Raises:
        ValueError: if `samples` is shorter than one window, or the bands do not fit the model.

    >>> from avtutor.models import SpectrogramCNNConfig
    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, n_mels=40)
    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10))
    >>> verdict = compute(np.ones(800), config, model, Alterations(hidden_bands=(0, 40)))
    >>> verdict.levels.max(), verdict.logits.shape
    (np.float64(-60.0), (10,))
    """
    levels = alter(enter(samples, config, level=level, range_db=range_db), alterations)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            logits = model(torch.from_numpy(levels).to(torch.float32)[None])[0]
    finally:
        model.train(was_training)
    return Verdict(levels, logits.numpy())
