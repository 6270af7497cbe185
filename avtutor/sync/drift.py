"""Does the offset grow? Two clocks that run at different speeds."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from avtutor.sync.curves import Curve
from avtutor.sync.estimate import offset_between


@dataclass(frozen=True, eq=False)
class DriftEstimate:
    """How fast the sound gets later.

    Args:
        ppm: the slope, in parts per million: +1000 is a millisecond a second, and the sound's
            clock runs so much slower.
        error_ppm: its standard error, from how far the windows lie off the line.
        seconds: the offset that the line gives at the time 0.
        times: the middle of each window, in seconds.
        offsets: what was measured there, in seconds.
        confidences: how far each is to be trusted.
        used: which windows the line was put through.
    """

    ppm: float
    error_ppm: float
    seconds: float
    times: Float64[Tensor, " window"]
    offsets: Float64[Tensor, " window"]
    confidences: Float64[Tensor, " window"]
    used: Tensor

    def __str__(self) -> str:
        """Write the slope with its error.

        >>> none = torch.zeros(0).double()
        >>> print(DriftEstimate(50.2, 3.1, 0.0, none, none, none, none.bool()))
        +50.2 ± 3.1 ppm
        """
        return f"{self.ppm:+.1f} ± {self.error_ppm:.1f} ppm"


def measure_drift(
    picture: Curve,
    sound: Curve,
    *,
    window: float = 10.0,
    max_offset: float = 0.6,
    least_confidence: float = 0.5,
) -> DriftEstimate:
    """Return how fast the offset grows, from the offsets of windows one behind the other.

    A straight line through the offsets, by least squares; windows below `least_confidence` and
    those that lie far from the line of the others are left out. 29.97 frames a second shown as 30
    are +1000 ppm; two good crystals differ by some 50. An offset can be told to a few milliseconds
    in a window, so a small drift takes minutes.

    Args:
        picture: such as `motion_change`.
        sound: such as `onset_strength`; longer or shorter than the picture as it may be.
        window: their length, in seconds of the picture.
        max_offset: the largest offset that is looked for in a window, in seconds.
        least_confidence: of a window that counts.
    Raises:
        ValueError: if there are not three windows that count, or as `cross_correlation`.
    Lesson: 12_two_clocks
    """
    if not 0 < window < math.inf:
        raise ValueError(f"window must be above 0 s, got {window}")
    begin, end = max(picture.start, sound.start), min(picture.end, sound.end)
    n = math.floor((end - begin) / window + 1e-9)
    if n < 3:
        raise ValueError(
            f"picture and sound must share three windows of {window:g} s, got {end - begin:.3f} s"
        )
    times, offsets, confidences = [], [], []
    for k in range(n):
        first, last = begin + k * window, begin + (k + 1) * window
        heard = sound.between(first - max_offset, last + max_offset)
        found = offset_between(picture.between(first, last), heard, max_offset=max_offset)
        times.append((first + last) / 2)
        offsets.append(found.seconds)
        confidences.append(found.confidence)
    at, late = torch.tensor(times).double(), torch.tensor(offsets).double()
    trust = torch.tensor(confidences).double()
    used = trust >= least_confidence
    if int(used.sum()) < 3:
        raise ValueError(
            f"three windows must reach a confidence of {least_confidence:g}, "
            f"got {int(used.sum())} of {n}; the surest has {float(trust.max()):.2f}"
        )
    used = used & _near_the_line(at, late, used)
    slope, start, error = line_through(at[used], late[used])
    return DriftEstimate(slope * 1e6, error * 1e6, start, at, late, trust, used)


def line_through(
    times: Float64[Tensor, " point"], values: Float64[Tensor, " point"]
) -> tuple[float, float, float]:
    """Return slope, value at 0, and the standard error of the slope, by least squares.

    Raises:
        ValueError: if there are fewer than three points.

    >>> times = torch.arange(4).double()
    >>> line_through(times, 1 + 2 * times)
    (2.0, 1.0, 0.0)
    """
    if len(times) < 3:
        raise ValueError(f"a line with its error takes 3 points, got {len(times)}")
    centred = times - times.mean()
    size = float(centred.square().sum())
    slope = float(centred @ (values - values.mean())) / size
    start = float(values.mean()) - slope * float(times.mean())
    off = values - start - slope * times
    return slope, start, math.sqrt(float(off.square().sum()) / (len(times) - 2) / size)


def _near_the_line(times: Tensor, values: Tensor, used: Tensor) -> Tensor:
    """Return which values lie near the line through the medians of the slopes (Theil and Sen)."""
    at, late = times[used], values[used]
    first, second = torch.triu_indices(len(at), len(at), 1)
    slope = ((late[second] - late[first]) / (at[second] - at[first])).median()
    off = values - slope * times
    off = (off - off[used].median()).abs()
    return off <= max(4 * float(off[used].median()), 0.02)
