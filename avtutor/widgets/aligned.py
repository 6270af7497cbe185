"""How well two curves match at every shift of one of them: the twin of what the page computes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from avtutor.sync import Curve, cross_correlation, peak_of

STEP_MS = 10
MOST_MS = 500


@dataclass(frozen=True)
class Aligned:
    """How well two curves match at each shift of the second, from -500 to +500 ms.

    `best` is the shift at which the match is highest, between the steps too, or None where
    nothing matches.
    """

    shifts: Float[np.ndarray, " shift"]
    match: Float[np.ndarray, " shift"]
    best: float | None

    def at(self, shift_ms: int) -> float:
        """Return the match at the nearest of the shifts."""
        return float(self.match[round((shift_ms + MOST_MS) / STEP_MS)])


def compute(picture: Curve, sound: Curve) -> Aligned:
    """Return what the clip player shows of two curves: their match at each shift of the sound.

    It is `avtutor.sync.cross_correlation`, seen from the other side: a sound that is 160 ms late
    is at the offset +160 ms, and matches best when it is shifted by -160 ms. The page has the same
    function in JavaScript; a test holds them equal.

    Args:
        picture: what moves.
        sound: what sounds; a positive shift makes it later.
    Raises:
        ValueError: if the curves share less than 0.3 s at some shift.
    Lesson: 12_two_clocks

    >>> import torch
    >>> times = torch.arange(200).double() / 100
    >>> pulse = torch.exp(-((times - 1.0) / 0.03).square())
    >>> aligned = compute(Curve(times, pulse), Curve(times + 0.2, pulse))
    >>> round(aligned.best), round(aligned.at(-200), 2)
    (-200, 1.0)
    """
    curve = cross_correlation(picture, sound, max_offset=MOST_MS / 1000, step=STEP_MS / 1000)
    shifts = np.arange(-MOST_MS, MOST_MS + STEP_MS, STEP_MS).astype(np.float64)
    match = curve.values.numpy()[::-1].copy()
    best = -1000 * peak_of(curve)[0] if match.max() > 0 else None
    return Aligned(shifts, match, best)
