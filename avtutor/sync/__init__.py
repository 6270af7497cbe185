"""Are picture and sound in time? Offset and drift, by curves or by learned towers."""

from avtutor.sync.confidence import PeakSigns, confidence_of, moments, shares_left, signs_of
from avtutor.sync.correlation import cross_correlation, largest_offset, peak_of
from avtutor.sync.curves import (
    Curve,
    change_times,
    motion_change,
    motion_energy,
    onset_config,
    onset_strength,
    rises,
)
from avtutor.sync.drift import DriftEstimate, line_through, measure_drift
from avtutor.sync.estimate import OffsetEstimate, by_towers, measure_offset, offset_between
from avtutor.sync.files import measure_file, read_curves
from avtutor.sync.towers import SyncModel, load_sync_model, tower_curve

__all__ = [
    "Curve",
    "DriftEstimate",
    "OffsetEstimate",
    "PeakSigns",
    "SyncModel",
    "by_towers",
    "change_times",
    "confidence_of",
    "cross_correlation",
    "largest_offset",
    "line_through",
    "load_sync_model",
    "measure_drift",
    "measure_file",
    "measure_offset",
    "moments",
    "motion_change",
    "motion_energy",
    "offset_between",
    "onset_config",
    "onset_strength",
    "peak_of",
    "read_curves",
    "rises",
    "shares_left",
    "signs_of",
    "tower_curve",
]
