"""Training: one loop, one kind of batch, and checkpoints that take up where they were left."""

from avtutor.training.blending import Learned, blending_weights, learned
from avtutor.training.checkpoint import read_checkpoint, write_checkpoint
from avtutor.training.config import TrainConfig, learning_rate_at
from avtutor.training.generation import Drawing, DrawingSeen, TaughtByEye
from avtutor.training.history import Epoch, History, NonFiniteLossError
from avtutor.training.joint import BelongTogether, Contrastive, Reconstruction, others, unexplained
from avtutor.training.loading import (
    Loader,
    Minibatches,
    Prepared,
    SimilarLengths,
    Step,
    derived_seed,
)
from avtutor.training.loop import fit
from avtutor.training.modulation import GradientModulation, modulation_factors
from avtutor.training.objectives import Classification, Objective
from avtutor.training.passes import evaluate
from avtutor.training.probes import LinearProbe, linear_probe, probe_senses, sense_features
from avtutor.training.senses import FrozenSenses, ModalityDropout, SensesClassification

__all__ = [
    "BelongTogether",
    "Classification",
    "Contrastive",
    "Drawing",
    "DrawingSeen",
    "Epoch",
    "FrozenSenses",
    "GradientModulation",
    "History",
    "Learned",
    "LinearProbe",
    "Loader",
    "Minibatches",
    "ModalityDropout",
    "NonFiniteLossError",
    "Objective",
    "Prepared",
    "Reconstruction",
    "SensesClassification",
    "SimilarLengths",
    "Step",
    "TaughtByEye",
    "TrainConfig",
    "blending_weights",
    "derived_seed",
    "evaluate",
    "fit",
    "learned",
    "learning_rate_at",
    "linear_probe",
    "modulation_factors",
    "others",
    "probe_senses",
    "read_checkpoint",
    "sense_features",
    "unexplained",
    "write_checkpoint",
]
