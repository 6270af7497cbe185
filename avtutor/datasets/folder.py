"""A learner's own files: one folder a class."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar, overload

from avtutor.datasets.recordings import Recording, VideoFile
from avtutor.media import MediaError, read_audio

SUFFIXES = frozenset(
    ".aac .aif .aiff .au .caf .flac .m4a .mp3 .mp4 .oga .ogg .opus .w64 .wav .webm .wma".split()
)
"""Names of files that are taken for sound files end in one of these, in upper or lower case."""


def group_by_folder(path: Path, root: Path) -> str:
    """Return the group of a file by the folder that it is in.

    ``dog/rex/01.wav`` is of the group "rex", and so is ``cat/rex/01.wav``: one name, one voice.
    A file that lies in the folder of its class is a group by itself.

    >>> group_by_folder(Path("data/dog/rex/01.wav"), Path("data"))
    'rex'
    >>> group_by_folder(Path("data/dog/01.wav"), Path("data"))
    'dog/01.wav'
    """
    inside = path.relative_to(root)
    return path.parent.name if len(inside.parts) > 2 else inside.as_posix()


ItemT = TypeVar("ItemT", Recording, VideoFile)


class ClassFolder(Sequence[ItemT], Generic[ItemT]):
    """The files of a folder in which each sub-folder is a class: what `AudioFolder` and
    `ClipFolder` share.

    A subclass says which files it takes, tries to read one, and makes an item of it.
    """

    kind: ClassVar[str]
    suffixes: ClassVar[frozenset[str]]

    @abstractmethod
    def _item(self, label: str, group: str, path: Path) -> ItemT:
        """Return the item for a file.

        Raises:
            MediaError: if the file cannot be read.
        """

    def __init__(
        self,
        root: Path | str,
        *,
        group: Callable[[Path], str] | None = None,
        skip_unreadable: bool = False,
    ) -> None:
        self.root = Path(root)
        self._items: list[ItemT] = []
        self.skipped: tuple[MediaError, ...] = ()
        unreadable = []
        for label, paths in self._classes().items():
            for path in paths:
                named = group_by_folder(path, self.root) if group is None else group(path)
                try:
                    self._items.append(self._item(label, named, path))
                except MediaError as error:
                    unreadable.append(error)
        if unreadable and not skip_unreadable:
            raise ValueError(_summary(self.root, unreadable, len(self._items)))
        self.skipped = tuple(unreadable)
        if not self._items:
            raise ValueError(_summary(self.root, unreadable, 0))

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, in alphabetical order."""
        return tuple(sorted({item.label for item in self._items}))

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each item."""
        return tuple(item.label for item in self._items)

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each item."""
        return tuple(item.group for item in self._items)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> ItemT: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ItemT]: ...
    def __getitem__(self, place: int | slice) -> ItemT | Sequence[ItemT]:
        """Return an item, or several of them."""
        return self._items[place]

    def __iter__(self) -> Iterator[ItemT]:
        """Go through the items, class by class, in order of their paths."""
        return iter(self._items)

    def __repr__(self) -> str:
        """Name the folder and how much is in it."""
        name = type(self).__name__
        return f"{name}({str(self.root)!r}: {len(self)} items, {len(self.classes)} classes)"

    def _takes(self, path: Path) -> bool:
        hidden = path.name.startswith(".")
        return path.suffix.lower() in self.suffixes and not hidden and path.is_file()

    def _classes(self) -> dict[str, list[Path]]:
        """Return the files of each class."""
        root, kind = self.root, self.kind
        if not root.is_dir():
            raise ValueError(f"{root}: there is no such folder")
        outside = sorted(path.name for path in root.iterdir() if self._takes(path))
        if outside:
            shown = ", ".join(outside[:5]) + (", …" if len(outside) > 5 else "")
            raise ValueError(f"{root}: {kind} files must be in the folder of a class, got {shown}")
        found = {
            folder.name: sorted(path for path in folder.rglob("*") if self._takes(path))
            for folder in sorted(root.iterdir())
            if folder.is_dir() and not folder.name.startswith(".")
        }
        if not found:
            raise ValueError(f"{root}: the folder must hold one sub-folder a class, got none")
        if empty := [label for label, paths in found.items() if not paths]:
            raise ValueError(f"{root}: no {kind} file in the folder of {', '.join(empty)}")
        return found


class AudioFolder(ClassFolder[Recording]):
    """The sound files of a folder in which each sub-folder is a class.

    Every file is read once to see that it can be read; the sounds are not kept. Hidden files
    and files that do not end like a sound file are passed over.

    Args:
        root: the folder.
        group: from the path of a file, what a fair split keeps on one side. Default: the folder
            below that of the class, or else the file itself (`group_by_folder`). Files cut from
            one recording, or said by one person, must be told by it.
        skip_unreadable: leave out the files that cannot be read, and list them in `skipped`.
    Raises:
        ValueError: if there is no such folder, no class in it, a sound file outside of a class,
            a class without a sound file; or if files cannot be read and `skip_unreadable` is not
            set: one message names them all, each with the reason.
    Lesson: 05_real_recordings

    >>> from avtutor.datasets import bundled_root
    >>> AudioFolder(bundled_root() / "no_such_folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: ...no_such_folder: there is no such folder
    """

    kind = "sound"
    suffixes = SUFFIXES

    def _item(self, label: str, group: str, path: Path) -> Recording:
        read_audio(path)
        return Recording(label, group, "", path)


def _summary(root: Path, errors: list[MediaError], n_good: int) -> str:
    lines = [f"  {error.path.relative_to(root)}: {error.reason}" for error in errors]
    hint = "; pass skip_unreadable=True to leave them out" if n_good else ""
    return "\n".join(
        [f"{root}: {len(errors)} of {len(errors) + n_good} files cannot be read{hint}", *lines]
    )
