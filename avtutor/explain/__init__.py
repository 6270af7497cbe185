"""What a network looked at: maps over a picture, how good they are, and how they sound."""

from avtutor.explain.baselines import energy_map, noise_floor, random_blobs, untrained
from avtutor.explain.curves import Curve, deletion, insertion, mean_curve, ranking, top_share
from avtutor.explain.filters import activations, first_filters
from avtutor.explain.gradients import grad_cam, input_gradient
from avtutor.explain.listen import Heard, listen_to, scaled, to_bins
from avtutor.explain.occlusion import occlusion

__all__ = [
    "Curve",
    "Heard",
    "activations",
    "deletion",
    "energy_map",
    "first_filters",
    "grad_cam",
    "input_gradient",
    "insertion",
    "listen_to",
    "mean_curve",
    "noise_floor",
    "occlusion",
    "random_blobs",
    "ranking",
    "scaled",
    "to_bins",
    "top_share",
    "untrained",
]
