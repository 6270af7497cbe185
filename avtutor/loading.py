"""Trained models by their name, or from a file."""

from pathlib import Path

from avtutor.language import WEIGHTS, LanguageModel, load_language_model
from avtutor.training import read_checkpoint

SHIPPED = {"language": WEIGHTS}
"""The models that come with the package, by name; beside each file lies its card."""

_LOADERS = {"LanguageCNN": load_language_model}


def load_model(source: str | Path) -> LanguageModel:
    """Return a trained model, ready to be used.

    Args:
        source: the name of a model that comes with the package, or a file of weights.
    Raises:
        ValueError: if there is neither such a name nor such a file, the file is cut off, or it
            does not say which model it is of.
    Lesson: 00_start_here

    >>> load_model("language").languages
    ('en',)
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
