"""A training under way: what its next step depends on, and how that is written and read."""

import dataclasses
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from avtutor.progress import ProgressLine
from avtutor.training.checkpoint import (
    check_fit,
    describe,
    optimizer_tensors,
    read_checkpoint,
    restore_optimizer,
    write_checkpoint,
)
from avtutor.training.config import TrainConfig, learning_rate_at
from avtutor.training.history import Epoch, History, NonFiniteLossError
from avtutor.training.loading import Loader
from avtutor.training.objectives import Objective
from avtutor.training.passes import Means, batches_of

Watch = Callable[[nn.Module], Mapping[str, float]]
"""What is called with the model after each epoch, and returns values to note."""


class Run:
    """A training under way: all that its next step depends on."""

    def __init__(
        self,
        fabric: Fabric,
        model: nn.Module,
        config: TrainConfig,
        objective: Objective,
        line: ProgressLine,
        n_batches: int,
    ) -> None:
        self.fabric, self.config, self.objective, self.line = fabric, config, objective, line
        self.n_batches = n_batches
        self.model = model
        self.optimizer, self.factors = _optimizer(model, config)
        self.wrapped, self.wrapped_optimizer = fabric.setup(model, self.optimizer)
        self.history = History()
        self.best = _clone(model.state_dict())

    def is_over(self) -> bool:
        """Return whether no epoch is left, or the last ones brought nothing better."""
        return self.history.ending == "stopped early" or (
            len(self.history.epochs) == self.config.epochs
        )

    def one_epoch(self, train: Loader, valid: Loader | None, watch: Watch | None = None) -> None:
        """Go through the training data once, look at the validation data, and note it."""
        start = time.perf_counter()
        number = len(self.history.epochs) + 1
        trained = self._train(train, number)
        validated = self._validate(valid, number) if valid is not None else {}
        if watch is not None:
            validated = _joined(validated, self._watched(watch))
        total = self.n_batches * self.config.epochs
        rate = learning_rate_at(number * self.n_batches - 1, total, self.config)
        epoch = Epoch(number, rate, trained, validated, time.perf_counter() - start)
        best = self.history.best
        if valid is None or self._is_better(validated):
            best, self.best = number, _clone(self.model.state_dict())
        patience = self.config.patience
        stop = patience is not None and valid is not None and number - best >= patience
        self.history = History(
            (*self.history.epochs, epoch), best, "stopped early" if stop else "finished"
        )

    def _train(self, loader: Loader, number: int) -> dict[str, float]:
        if hasattr(loader, "set_epoch"):
            loader.set_epoch(number - 1)
        self.wrapped.train()
        means = Means()
        total = self.n_batches * self.config.epochs
        for i, batch in enumerate(batches_of(loader, "train")):
            step = (number - 1) * self.n_batches + i
            rate = learning_rate_at(step, total, self.config)
            for group, factor in zip(self.optimizer.param_groups, self.factors, strict=True):
                group["lr"] = rate * factor
            batch = batch.to(self.fabric.device)
            self.wrapped_optimizer.zero_grad()
            loss, log = self.objective(self.wrapped, batch)
            self._check(loss, f"epoch {number}, batch {i + 1} of {self.n_batches}")
            self.fabric.backward(loss)
            if hasattr(self.objective, "after_backward"):
                log = _joined(log, self.objective.after_backward(self.model))
            if self.config.clip_norm is not None:
                self.fabric.clip_gradients(
                    self.wrapped,
                    self.wrapped_optimizer,
                    max_norm=self.config.clip_norm,
                    error_if_nonfinite=False,
                )
            self.wrapped_optimizer.step()
            means.add(loss.detach(), log, len(batch))
            self.line.show(
                f"epoch {number} of {self.config.epochs} · batch {i + 1} of {self.n_batches}"
                f" · loss {float(loss.detach()):.3f}"
            )
        return means.values()

    def _watched(self, watch: Watch) -> dict[str, float]:
        """Return what a watcher finds; what it draws at random is not missed in the training."""
        self.wrapped.eval()
        cuda = [self.fabric.device] if self.fabric.device.type == "cuda" else []
        with torch.no_grad(), torch.random.fork_rng(devices=cuda):
            found = watch(self.model)
        if not isinstance(found, Mapping):
            raise TypeError(f"watch must return values by name, got {type(found).__name__}")
        return {name: float(value) for name, value in found.items()}

    def _validate(self, loader: Loader, number: int) -> dict[str, float]:
        self.wrapped.eval()
        means = Means()
        with torch.no_grad():
            for i, batch in enumerate(batches_of(loader, "valid")):
                batch = batch.to(self.fabric.device)
                loss, log = self.objective(self.wrapped, batch)
                where = f"epoch {number}, batch {i + 1} of {len(loader)} of the validation data"
                self._check(loss, where)
                means.add(loss, log, len(batch))
        return means.values()

    def _check(self, loss: Tensor, where: str) -> None:
        """Stop at a loss that is not one finite number."""
        if loss.ndim != 0:
            raise ValueError(f"the loss must be one number, got the shape {list(loss.shape)}")
        if not torch.isfinite(loss):
            best = self.history.best
            kept = f"those of epoch {best}" if best else "those it came with"
            raise NonFiniteLossError(
                f"the loss is {float(loss.detach())} in {where}; the model's weights are {kept}",
                self.history,
            )

    def _is_better(self, values: Mapping[str, float]) -> bool:
        name = self.config.monitor
        if name not in values:
            raise ValueError(f"monitor must be one of {sorted(values)}, got {name!r}")
        if not math.isfinite(values[name]):
            raise ValueError(f"{name}, which chooses the best epoch, is {values[name]}")
        if not self.history.best:
            return True
        before = self.history.epochs[self.history.best - 1].valid[name]
        return values[name] > before if self.config.higher_is_better else values[name] < before

    def load_best(self) -> None:
        """Give the model the weights of the best epoch, and leave it in eval mode."""
        self.model.load_state_dict(self.best)
        self.wrapped.eval()
        self.model.eval()

    def _identity(self) -> dict[str, Any]:
        """Return what two trainings must share to be the same one."""
        return {
            "model": describe(self.model),
            "objective": describe(self.objective),
            "config": dataclasses.asdict(self.config),
            "batches in an epoch": self.n_batches,
        }

    def save(self, path: Path) -> None:
        """Write everything that the next epoch depends on."""
        tensors = {"random.cpu": torch.get_rng_state()}
        if self.fabric.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.fabric.device)
        for prefix, part in (
            ("model", self.model.state_dict()),
            ("best", self.best),
            ("optimizer", optimizer_tensors(self.optimizer)),
        ):
            tensors |= {f"{prefix}.{name}": values for name, values in part.items()}
        facts = {"training": self._identity(), "history": dataclasses.asdict(self.history)}
        write_checkpoint(path, tensors, facts)

    def restore(self, path: Path) -> None:
        """Go back to where `save` was called; ValueError if that was another training."""
        tensors, facts = read_checkpoint(path)
        if not {"training", "history"} <= set(facts):
            raise ValueError(f"{path} is not the checkpoint of a training")
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
        for name, values in tensors.items():
            prefix, _, rest = name.partition(".")
            parts.setdefault(prefix, {})[rest] = values
        for part in ("model", "best"):
            check_fit(self.model.state_dict(), parts[part], str(path))
        for name, now in self._identity().items():
            if (then := facts["training"].get(name)) != now:
                raise ValueError(
                    f"{path} is of another training: its {name} was {then}, this one's is {now}"
                )
        self.model.load_state_dict(parts["model"])
        restore_optimizer(self.optimizer, parts["optimizer"])
        self.best = parts["best"]
        torch.set_rng_state(parts["random"]["cpu"])
        if "cuda" in parts["random"]:
            torch.cuda.set_rng_state(parts["random"]["cuda"], self.fabric.device)
        history = facts["history"]
        epochs = tuple(Epoch(**epoch) for epoch in history["epochs"])
        self.history = History(epochs, history["best"], history["ending"])


def _optimizer(model: nn.Module, config: TrainConfig) -> tuple[torch.optim.Optimizer, list[float]]:
    """Return the optimiser, and for each of its groups the factor on the learning rate.

    Only weights with two axes or more decay.
    """
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if not trained:
        raise ValueError("the model must have weights to train, got none")
    for start in config.rates:
        if not any(name.startswith(start) for name, _ in trained):
            raise ValueError(f"rates names {start!r}, and no parameter to train begins so")
    sets: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, p in trained:
        fitting = [start for start in config.rates if name.startswith(start)]
        factor = config.rates[max(fitting, key=len)] if fitting else 1.0
        sets.setdefault((factor, p.ndim < 2), []).append(p)
    order = sorted(sets, key=lambda key: (key[0] != 1.0, key))
    groups = [
        {"params": sets[key], "weight_decay": 0.0 if key[1] else config.weight_decay}
        for key in order
    ]
    factors = [key[0] for key in order]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.learning_rate, momentum=0.9), factors
    return torch.optim.AdamW(groups, lr=config.learning_rate), factors


def _joined(values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    if both := sorted(set(values) & set(more)):
        raise ValueError(f"two values to log have the name {both[0]!r}")
    return {**values, **more}


def _clone(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: values.detach().clone() for name, values in state.items()}
