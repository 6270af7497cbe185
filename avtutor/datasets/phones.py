"""Where each sound of speech begins and ends: ten minutes of read Russian, labelled."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from avtutor.datasets.bundled import bundled_root, read_tables
from avtutor.datasets.voices import Utterance


@dataclass(frozen=True)
class Phone:
    """One sound of speech; the times count from the start of its utterance, in seconds."""

    name: str
    start: float
    end: float


@cache
def _every_phone(root: Path) -> dict[Path, list[Phone]]:
    found: dict[Path, list[Phone]] = {}
    for folder, row in read_tables("phones"):
        label = Phone(row["phone"], float(row["start"]), float(row["end"]))
        found.setdefault(folder / row["file"], []).append(label)
    return found


def phones(utterance: Utterance) -> tuple[Phone, ...]:
    """Return the labelled sounds of an utterance of the voice "shmyrev", in order.

    The labels come with the recordings, where they serve to build a synthetic voice; they follow
    each other without a gap, and "pau" is a pause.

    Raises:
        ValueError: if the voice is not labelled.
    Lesson: 17_in_sync

    >>> from avtutor.datasets import voices
    >>> phones(voices(speaker="shmyrev")[0])[0].name
    'pau'
    """
    labelled = _every_phone(bundled_root()).get(utterance.path)
    if labelled is None:
        raise ValueError(
            f"the voice {utterance.speaker!r} has no labels of phones; 'shmyrev' has them"
        )
    start, end = utterance.start - 1e-3, utterance.end + 1e-3
    return tuple(
        Phone(label.name, label.start - utterance.start, label.end - utterance.start)
        for label in labelled
        if start <= label.start and label.end <= end
    )
