"""Sound, pictures and neural networks: the package behind the course.

Every room is imported by its name, so that what a script needs is all that it loads::

    from avtutor.media import read_audio
    from avtutor.spectral import SpectrogramConfig, log_mel

Only `load_model`, which gives a trained model by its name, is here too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avtutor.loading import load_model

__all__ = ["__version__", "load_model"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # What it needs is loaded when it is first asked for.
    if name == "load_model":
        from avtutor.loading import load_model

        return load_model
    raise AttributeError(f"module 'avtutor' has no attribute {name!r}")
