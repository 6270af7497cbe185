"""Checkpoints: tensors and JSON in one file, which is either whole or not there.

The format is safetensors, whose header holds the JSON: one file is renamed in one step, so that
the numbers and what is said of them cannot come from two moments. Nothing in it is pickled, so
that reading one runs no code.
"""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

_KEY = "avtutor"


def write_checkpoint(
    path: str | Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]
) -> None:
    """Write tensors and facts to `path`; a file that is there is replaced in one step.

    Whoever is stopped while writing leaves the old file as it was.

    Args:
        path: where; its folder is made if it is not there.
        tensors: by name.
        facts: what JSON can hold.
    Source: Hugging Face, safetensors: the format.
    Lesson: 06_the_same_cnn
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A clone, since the format refuses two names for the same memory, as tied weights have.
    alone = {name: values.detach().cpu().contiguous().clone() for name, values in tensors.items()}
    content = save(alone, metadata={_KEY: json.dumps(facts)})
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def read_checkpoint(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the facts of a checkpoint.

    Raises:
        ValueError: if there is no such file, it is cut off, or it is no checkpoint.
    Lesson: 06_the_same_cnn
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    try:
        tensors = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        facts = json.loads(header["__metadata__"][_KEY])
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{path} is cut off, or not a checkpoint: {error}") from error
    return tensors, facts


def describe(thing: object) -> str:
    """Return a line that tells one model or objective from another, the same in each run.

    >>> describe(torch.nn.Linear(2, 3))
    'Linear'
    """
    config = getattr(thing, "config", None)
    if dataclasses.is_dataclass(config):
        return f"{type(thing).__name__}({config!r})"
    if dataclasses.is_dataclass(thing):
        return repr(thing)
    return getattr(thing, "__qualname__", type(thing).__name__)


def check_fit(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], where: str) -> None:
    """Refuse tensors that do not have the names and shapes of a model's.

    Raises:
        ValueError: naming what is missing, what is too much, and which shapes differ.
    """
    problems = [f"{name} is missing" for name in expected if name not in found]
    problems += [f"{name} is not in the model" for name in found if name not in expected]
    problems += [
        f"{name} is {list(found[name].shape)} there and {list(values.shape)} in the model"
        for name, values in expected.items()
        if name in found and found[name].shape != values.shape
    ]
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ValueError(f"{where} is of another model: {'; '.join(problems[:3])}{more}")


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return an optimiser's memory as tensors, named by weight and kind."""
    return {
        f"{number}.{kind}": torch.as_tensor(values)
        for number, memory in optimizer.state_dict()["state"].items()
        for kind, values in memory.items()
        if values is not None
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimiser the memory that `optimizer_tensors` returned."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, values in tensors.items():
        number, _, kind = name.partition(".")
        state.setdefault(int(number), {})[kind] = values
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
