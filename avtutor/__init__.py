"""Sound, pictures and neural networks: the package behind the course.

Every room is imported by its name, so that what a script needs is all that it loads::

    from avtutor.media import read_audio
    from avtutor.spectral import SpectrogramConfig, log_mel
"""

__version__ = "0.1.0"
