"""A learner's own videos: one folder a class."""

from pathlib import Path

from avtutor.datasets.folder import ClassFolder
from avtutor.datasets.recordings import VideoFile
from avtutor.media import iter_clips

VIDEO_SUFFIXES = frozenset(
    ".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .ts .webm .wmv".split()
)
"""Names of files that are taken for videos end in one of these, in upper or lower case."""


class ClipFolder(ClassFolder[VideoFile]):
    """The video files of a folder in which each sub-folder is a class.

    Of every file the first half second is read, picture and sound, to see that it can be; that a
    file is broken further on is found when it is loaded. Nothing is kept. Hidden files and files
    that do not end like a video are passed over.

    Args:
        root: the folder.
        group: from the path of a file, what a fair split keeps on one side. Default: the folder
            below that of the class, or else the file itself (`group_by_folder`). Videos of one
            person, or cut from one film, must be told by it.
        skip_unreadable: leave out the files that cannot be read, and list them in `skipped`.
    Raises:
        ValueError: if there is no such folder, no class in it, a video outside of a class, a
            class without a video; or if files cannot be read and `skip_unreadable` is not set:
            one message names them all, each with the reason.
    Lesson: 12_two_clocks

    >>> from avtutor.datasets import bundled_root
    >>> ClipFolder(bundled_root() / "no_such_folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: ...no_such_folder: there is no such folder
    """

    kind = "video"
    suffixes = VIDEO_SUFFIXES

    def _item(self, label: str, group: str, path: Path) -> VideoFile:
        next(iter_clips(path, seconds=0.5, max_height=16))
        return VideoFile(label, group, "", path)
