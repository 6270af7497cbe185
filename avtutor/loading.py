"""Trained models by their name, or from a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, overload

from avtutor import language
from avtutor.sync import towers
from avtutor.training import read_checkpoint

SHIPPED = {"language": language.WEIGHTS, "sync": towers.WEIGHTS}
"""The models that come with the package, by name; beside each file lies its card."""

_Model = language.LanguageModel | towers.SyncModel
_LOADERS: dict[str, Callable[[Path], _Model]] = {
    "LanguageCNN": language.load_language_model,
    "SyncTowers": towers.load_sync_model,
}


@overload
def load_model(source: Literal["language"]) -> language.LanguageModel: ...


@overload
def load_model(source: Literal["sync"]) -> towers.SyncModel: ...


@overload
def load_model(source: str | Path) -> language.LanguageModel | towers.SyncModel: ...


def load_model(source: str | Path) -> language.LanguageModel | towers.SyncModel:
    """Return a trained model, ready to be used: by `identify`, or by `sync.by_towers`.

    Args:
        source: the name of a model that comes with the package, or a file of weights.
    Raises:
        ValueError: if there is neither such a name nor such a file, the file is cut off, or it
            does not say which model it is of.
    Lesson: 00_start_here

    >>> load_model("language").classes
    ('en', 'es', 'other')
    """
    path = SHIPPED.get(str(source), Path(source))
    if not path.exists():
        raise ValueError(
            f"source must be one of {', '.join(sorted(SHIPPED))}, or a file, got {str(source)!r}"
        )
    _, facts = read_checkpoint(path)
    name = facts.get("model")
    if name not in _LOADERS:
        raise ValueError(
            f"{path} must be the weights of one of {', '.join(sorted(_LOADERS))}, got {name!r}"
        )
    return _LOADERS[name](path)
