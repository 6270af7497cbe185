"""Sounds as sums of modes: sines that begin at once and die away, each at its own rate."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

QUIET = math.log(1000.0)
"""A mode is followed until it has fallen by this many nepers: 60 dB."""
LONGEST = 1.5
"""The longest that an event is heard, in seconds."""
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Modes:
    """How events sound: ``sum over k of a_k exp(-d_k t) sin(2π f_k t)`` from t = 0 on.

    All float64, [event, mode].

    Args:
        frequencies: f, in Hz.
        decays: d, in 1 / s.
        amplitudes: a; 0 for a mode that is not there.
    """

    frequencies: Float64[Tensor, "event mode"]
    decays: Float64[Tensor, "event mode"]
    amplitudes: Float64[Tensor, "event mode"]

    def __getitem__(self, index: Tensor) -> "Modes":
        """Return the modes of some events."""
        return Modes(self.frequencies[index], self.decays[index], self.amplitudes[index])

    def below(self, frequency: float) -> "Modes":
        """Return the modes without those at or above a frequency, in Hz."""
        there = self.frequencies < frequency
        return Modes(self.frequencies, self.decays, self.amplitudes * there)

    def joined(self, other: "Modes") -> "Modes":
        """Return these events and then the others, which have as many modes."""
        return Modes(
            torch.cat([self.frequencies, other.frequencies]),
            torch.cat([self.decays, other.decays]),
            torch.cat([self.amplitudes, other.amplitudes]),
        )

    @property
    def lengths(self) -> Float64[Tensor, " event"]:
        """How long each event is heard, in seconds: until its slowest mode has fallen by 60 dB."""
        there = torch.where(self.amplitudes > 0, self.decays, torch.inf)
        return (QUIET / there.amin(dim=1)).clamp(max=LONGEST)


def loudest(times: Float64[Tensor, " event"], modes: Modes) -> float:
    """Return what the sum of the events never exceeds.

    At the time of each event, that is the sum of all amplitudes, each as far as it has died away.

    >>> one = torch.ones(2, 1, dtype=torch.float64)
    >>> loudest(torch.tensor([0.0, 1.0]).double(), Modes(440 * one, one, one)) == 1 + math.exp(-1)
    True
    """
    if not len(times):
        return 0.0
    since = times[:, None] - times  # [at, event]
    peaks = modes.amplitudes.abs().sum(dim=1)
    slowest = modes.decays.amin(dim=1)
    left = torch.where(since >= 0, torch.exp(-slowest * since.clamp(min=0)), 0.0)
    return float((left @ peaks).max())


def rung(
    times: Float64[Tensor, " event"],
    modes: Modes,
    *,
    start: float,
    step: float,
    n_samples: int,
) -> Float64[Tensor, " time"]:
    """Return the sum of the events at the times ``start + step * n``.

    Every event begins exactly at its time, between two samples too: the first of its samples is
    the value that the sum of sines has there.

    Args:
        times: when each event begins, in seconds.
        modes: how each sounds.
        start: time of the first sample, in seconds.
        step: seconds from one sample to the next.
        n_samples: how many.

    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> at = torch.tensor([0.5], dtype=torch.float64)
    >>> rung(at, Modes(one, 0 * one, one), start=0.0, step=0.25, n_samples=5).round(decimals=6) + 0
    tensor([0., 0., 0., 1., 0.], dtype=torch.float64)
    """
    total = torch.zeros(n_samples, dtype=torch.float64)
    firsts = ((times - start) / step - 1e-9).ceil().long()
    stops = (firsts + (modes.lengths / step).ceil().long()).clamp(max=n_samples)
    firsts = firsts.clamp(min=0)
    rates = torch.complex(-modes.decays, 2 * math.pi * modes.frequencies)
    weights = torch.complex(modes.amplitudes, torch.zeros_like(modes.amplitudes))
    within = step * torch.arange(_BLOCK, dtype=torch.float64)
    for event in (firsts < stops).nonzero()[:, 0].tolist():
        first, stop = int(firsts[event]), int(stops[event])
        blocks = torch.arange(0, stop - first, _BLOCK, dtype=torch.float64)
        since = start + step * (first + blocks) - times[event]
        # exp(r (s + w)) = exp(r s) exp(r w): few exponentials, and one product of matrices.
        coarse = weights[event] * torch.exp(since[:, None] * rates[event])  # [block, mode]
        fine = torch.exp(rates[event][:, None] * within)  # [mode, time]
        total[first:stop] += (coarse @ fine).imag.flatten()[: stop - first]
    return total
