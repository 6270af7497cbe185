"""Figures of sounds and of networks. The only room that knows matplotlib and seaborn.

Every function that draws does so on the `ax` that it is given, and returns it.
"""

from avtutor.plots.maps import attribution, curves, filters
from avtutor.plots.results import accuracies, confusion, history, voices
from avtutor.plots.sounds import log_frequency_axis, spectrogram, spectrum, waveform
from avtutor.plots.style import COLOURS, use_style

__all__ = [
    "COLOURS",
    "accuracies",
    "attribution",
    "confusion",
    "curves",
    "filters",
    "history",
    "log_frequency_axis",
    "spectrogram",
    "spectrum",
    "use_style",
    "voices",
    "waveform",
]
