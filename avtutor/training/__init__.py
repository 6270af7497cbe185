"""Training: one loop, one kind of batch, and checkpoints that take up where they were left."""

from avtutor.training.checkpoint import read_checkpoint, write_checkpoint
from avtutor.training.config import TrainConfig, learning_rate_at
from avtutor.training.history import Epoch, History, NonFiniteLossError
from avtutor.training.loading import (
    Loader,
    Minibatches,
    Prepared,
    SimilarLengths,
    Step,
    derived_seed,
)
from avtutor.training.loop import fit
from avtutor.training.objectives import Classification, Objective
from avtutor.training.passes import evaluate

__all__ = [
    "Classification",
    "Epoch",
    "History",
    "Loader",
    "Minibatches",
    "NonFiniteLossError",
    "Objective",
    "Prepared",
    "SimilarLengths",
    "Step",
    "TrainConfig",
    "derived_seed",
    "evaluate",
    "fit",
    "learning_rate_at",
    "read_checkpoint",
    "write_checkpoint",
]
