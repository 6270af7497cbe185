"""The one training loop, from the first network to the last lesson."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn

from avtutor.progress import ProgressLine
from avtutor.training.config import TrainConfig
from avtutor.training.history import History, NonFiniteLossError
from avtutor.training.loading import Loader
from avtutor.training.objectives import Classification, Objective


def fit(
    model: nn.Module,
    train: Loader,
    valid: Loader | None,
    config: TrainConfig,
    *,
    objective: Objective = Classification(),  # noqa: B008  (frozen)
    checkpoint: str | Path | None = None,
    watch: Callable[[nn.Module], Mapping[str, float]] | None = None,
) -> History:
    """Train `model` in place, and leave it in eval mode with the weights of its best epoch.

    With a `checkpoint`, the state is written there after every epoch, and the same call takes up
    a training that was broken off, to the same end as an unbroken one. Called once more after
    the end, it loads what is there.

    Args:
        model: the network, on any device; it is moved to that of ``config.accelerator``.
        train: loader of the training data (see `Loader`).
        valid: loader of the data that choose the best epoch; None keeps the last one.
        config: how to train.
        objective: called with the model and a batch, returns the loss and what to log.
        checkpoint: the file for the state of the training.
        watch: called with the model after each epoch, in eval mode and without gradients; what it
            returns stands among the validation values of the `History`, by its names, and may be
            monitored. It changes nothing else: not even what is drawn at random afterwards.
    Raises:
        TypeError: if a loader gives something else than a Batch.
        ValueError: if a loader is empty or gives another number of batches than it says, the
            loss is not a single number, ``config.rates`` names no parameter, two values to log
            have the same name, or the checkpoint is cut off or of another training.
        NonFiniteLossError: (a ValueError) if the loss is infinite or no number. The model then
            has the weights of the best epoch before, or those it came with.
    Lesson: 06_the_same_cnn, 14_training_two_senses

    >>> from avtutor.batch import Batch
    >>> from avtutor.training import Minibatches
    >>> x = torch.linspace(-1, 1, 32)[:, None]
    >>> data = Batch(inputs={"x": x}, labels=(x[:, 0] > 0).long(), groups=("a",) * 32)
    >>> loader = Minibatches(data, batch_size=8, shuffle_seed=0)
    >>> fit(nn.Linear(1, 2), loader, loader, TrainConfig(epochs=10, learning_rate=0.3))
    History(10 epochs, finished, best 10)
    """
    # Here, since Lightning Fabric takes seconds to import, and figures need only a History.
    from lightning_fabric import Fabric

    from avtutor.training.run import Run

    for name, loader in (("train", train), ("valid", valid)):
        if loader is not None and len(loader) == 0:
            raise ValueError(f"{name} must hold at least one batch, got none")
    fabric = Fabric(accelerator=config.accelerator, devices=1)
    cuda = range(torch.cuda.device_count()) if fabric.device.type == "cuda" else ()
    with torch.random.fork_rng(devices=cuda), ProgressLine() as line:
        torch.manual_seed(config.seed)
        run = Run(fabric, model, config, objective, line, len(train))
        if checkpoint is not None and Path(checkpoint).exists():
            run.restore(Path(checkpoint))
        try:
            while not run.is_over():
                run.one_epoch(train, valid, watch)
                if checkpoint is not None:
                    run.save(Path(checkpoint))
        except NonFiniteLossError:
            run.load_best()
            raise
        run.load_best()
        return run.history
