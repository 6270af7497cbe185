"""Many sounds as data for a network: decoded once, at one rate, cut into batches."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from avtutor.batch import Batch
from avtutor.datasets.decoded import FULL_SCALE, cache_folder
from avtutor.datasets.recordings import Item
from avtutor.datasets.splits import number_labels
from avtutor.media import MediaError
from avtutor.progress import ProgressLine
from avtutor.units import seconds_to_samples

INPUT = "sound"
"""The name of the sound in a batch."""

AT_ONCE = 256
"""Items decoded before their samples are written away."""

Decoded = tuple[np.ndarray, list[int], list[MediaError]]
"""All samples, the length of each item (0 where it cannot be read), and the reasons."""

_FORMAT = "1"  # of the files in the cache; another number makes them anew


class Sounds:
    """Mono sounds of one sampling rate with their labels and groups; `load_sounds` makes them.

    The samples are 16-bit numbers, mapped from a file where they come from the cache: a batch is
    copied out of it, and only that takes memory.

    Args:
        samples: all sounds, one after another, int16.
        lengths: the samples of each.
        sample_rate: in Hz.
        classes: the names of the classes; a label's number is its place among them.
        labels: the label of each sound, one of `classes`.
        groups: what a fair split keeps on one side: the voice or recording of each sound.
        seconds: how long every item of a batch is; None is as long as the longest in it.
        skipped: what could not be read, and was left out.
    Raises:
        ValueError: if the parts do not fit together, or a label is none of the classes.
    Lesson: 05_real_recordings
    """

    def __init__(
        self,
        samples: np.ndarray,
        lengths: Sequence[int],
        *,
        sample_rate: int,
        classes: Sequence[str],
        labels: Sequence[str],
        groups: Sequence[str],
        seconds: float | None = None,
        skipped: Sequence[MediaError] = (),
    ) -> None:
        if sum(lengths) != len(samples) or not len(lengths) == len(labels) == len(groups):
            raise ValueError(
                f"lengths, labels and groups must be of one number, and the lengths add up to "
                f"{len(samples)} samples, got {len(lengths)}, {len(labels)}, {len(groups)} and "
                f"{sum(lengths)}"
            )
        self.sample_rate = sample_rate
        self.classes = tuple(classes)
        self.groups = tuple(groups)
        self.labels = number_labels(labels, classes=classes)
        self.lengths = torch.tensor(lengths, dtype=torch.int64)
        self.size = None if seconds is None else seconds_to_samples(seconds, sample_rate)
        if self.size is not None and self.size < 1:
            raise ValueError(f"seconds must be at least one sample, got {seconds}")
        self.skipped = tuple(skipped)
        self._samples = samples
        self._starts = np.concatenate([[0], np.cumsum(lengths)])

    def __len__(self) -> int:
        """Return the number of sounds."""
        return len(self.groups)

    def select(self, items: Int[Tensor, " item"] | Sequence[int]) -> Batch:
        """Return some sounds as a Batch: ``{"sound": [batch, time]}``, float32 in [-1, 1].

        A sound shorter than the batch is followed by zeros, and its length says so. One that is
        longer than ``seconds`` loses as much at its beginning as at its end.

        Raises:
            ValueError: if no items are asked for.
        """
        rows = torch.as_tensor(items, dtype=torch.int64)
        if rows.numel() == 0:
            raise ValueError("items must name at least one sound, got none")
        lengths = self.lengths[rows]
        size = int(lengths.max()) if self.size is None else self.size
        cut = (lengths - size).clamp(min=0) // 2
        lengths = lengths.clamp(max=size)
        block = np.zeros((len(rows), size), dtype=np.float32)
        for place, (row, first, n) in enumerate(
            zip(rows.tolist(), cut.tolist(), lengths.tolist(), strict=True)
        ):
            start = self._starts[row] + first
            block[place, :n] = self._samples[start : start + n]
        return Batch(
            inputs={INPUT: torch.from_numpy(block).div_(FULL_SCALE)},
            lengths={INPUT: lengths},
            labels=self.labels[rows],
            groups=[self.groups[row] for row in rows.tolist()],
        )

    def batch(self) -> Batch:
        """Return all sounds as one Batch: for data that fit into memory."""
        return self.select(range(len(self)))

    def __repr__(self) -> str:
        """Name how much there is: never the samples."""
        minutes = len(self._samples) / self.sample_rate / 60
        return (
            f"Sounds({len(self)} of {len(self.classes)} classes and {len(set(self.groups))} "
            f"groups, {minutes:.1f} min at {self.sample_rate} Hz)"
        )


def load_sounds(
    items: Sequence[Item],
    *,
    sample_rate: int,
    classes: Sequence[str] | None = None,
    seconds: float | None = None,
    skip_unreadable: bool = False,
    cache: bool = True,
) -> Sounds:
    """Decode the sounds of a data set, mix them to mono, and resample them to one rate.

    That is done once on a machine: the result is kept in the cache folder (see
    `avtutor.datasets.decoded`), and is made again where a file has another length or time. Items
    that do not come from a file (without ``path``) are not kept.

    Args:
        items: recordings, each with a label, a group and ``load()``.
        sample_rate: of the result, in Hz.
        classes: the names of the classes in their order. Default: the labels, sorted. Give the
            test side the classes of the training side.
        seconds: how long every item of a batch is; None is as long as the longest in it.
        skip_unreadable: leave out what cannot be read, and list it in ``Sounds.skipped``.
        cache: keep the decoded samples on disk; False decodes anew and writes nothing.
    Raises:
        ValueError: if there are no items; a label is none of the `classes`; or if files cannot be
            read and `skip_unreadable` is not set: one message names them all.
    Lesson: 05_real_recordings

    >>> from avtutor.datasets import spoken_digits
    >>> said = load_sounds(spoken_digits(language="it"), sample_rate=8000)
    >>> said
    Sounds(29 of 10 classes and 3 groups, 0.3 min at 8000 Hz)
    >>> said.select([0, 1])
    Batch(2 items, sound [2, 3680])
    """
    if not items:
        raise ValueError("items must hold at least one sound, got none")
    if sample_rate < 1:
        raise ValueError(f"sample_rate must be above 0 Hz, got {sample_rate}")
    labels = [item.label for item in items]
    number_labels(labels, classes=sorted(set(labels)) if classes is None else classes)
    key = _key(items, sample_rate) if cache else None
    found = None if key is None else _kept(cache_folder() / key)
    samples, lengths, skipped = found or _decode(items, sample_rate, key)
    if skipped and not skip_unreadable:
        listed = "\n".join(f"  {error}" for error in skipped)
        raise ValueError(
            f"{len(skipped)} of {len(items)} sounds cannot be read; pass skip_unreadable=True to "
            f"leave them out\n{listed}"
        )
    good = [item for item, n in zip(items, lengths, strict=True) if n]
    if not good:
        raise ValueError("none of the sounds can be read:\n" + "\n".join(map(str, skipped)))
    labels = [item.label for item in good]
    return Sounds(
        samples,
        [n for n in lengths if n],
        sample_rate=sample_rate,
        classes=sorted(set(labels)) if classes is None else classes,
        labels=labels,
        groups=[item.group for item in good],
        seconds=seconds,
        skipped=skipped,
    )


def _key(items: Sequence[Item], sample_rate: int) -> str | None:
    """Return the name of what these items are kept under; None where one is not of a file."""
    digest = hashlib.sha256(f"{_FORMAT} {sample_rate}".encode())
    stamps: dict[Path, str] = {}
    for item in items:
        path = getattr(item, "path", None)
        if not isinstance(path, Path) or not path.is_file():
            return None
        if path not in stamps:
            status = path.stat()
            stamps[path] = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
        span = (getattr(item, "start", None), getattr(item, "end", None))
        digest.update(f"{stamps[path]} {span}\n".encode())
    return f"sounds-{digest.hexdigest()[:20]}"


def _kept(folder: Path) -> Decoded | None:
    """Return what a folder of the cache holds, if it is whole."""
    try:
        lengths = np.load(folder / "lengths.npy").tolist()
        samples = np.memmap(folder / "samples.int16", dtype="<i2", mode="r")
        skipped = json.loads((folder / "skipped.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or not readable as such
        return None
    if sum(lengths) != len(samples):
        return None
    return samples, lengths, [MediaError(path, reason) for path, reason in skipped]


def _decode(items: Sequence[Item], sample_rate: int, key: str | None) -> Decoded:
    """Return the samples, the length of each item, and what failed; keep it under the key.

    Where it is kept, the samples go to a file as they come, so that they need not fit into
    memory; the folder gets its name in one step when it is whole.
    """
    partial = None
    if key is not None:
        try:
            cache_folder().mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(suffix=".partial", dir=cache_folder()))
        except OSError:  # a cache that cannot be written is no reason to stop
            partial = None
    lengths: list[int] = []
    skipped: list[MediaError] = []
    blocks = [np.zeros(0, dtype="<i2")]
    try:
        for found in _decoded_blocks(items, sample_rate):
            skipped += [error for error in found if isinstance(error, MediaError)]
            good = [sound for sound in found if isinstance(sound, np.ndarray)]
            lengths += [len(sound) if isinstance(sound, np.ndarray) else 0 for sound in found]
            if partial is None:
                blocks += good
                continue
            with (partial / "samples.int16").open("ab") as file:
                file.writelines(sound.tobytes() for sound in good)
        if partial is None or key is None or not any(lengths):
            return np.concatenate(blocks), lengths, skipped
        np.save(partial / "lengths.npy", np.array(lengths, dtype=np.int64))
        errors = json.dumps([(str(error.path), error.reason) for error in skipped])
        (partial / "skipped.json").write_text(errors, encoding="utf-8")
        return _renamed(partial, cache_folder() / key)
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _renamed(partial: Path, kept: Path) -> Decoded:
    """Give a whole folder its name, unless another program was faster, and return its content."""
    if (there := _kept(kept)) is not None:
        return there
    shutil.rmtree(kept, ignore_errors=True)  # a broken one
    try:
        os.rename(partial, kept)
    except OSError:  # between these two lines another program was faster
        pass
    if (there := _kept(kept)) is None:
        raise OSError(f"{kept} was written and cannot be read; delete it and try again")
    return there


def _decoded_blocks(
    items: Sequence[Item], sample_rate: int
) -> Iterator[list[np.ndarray | MediaError]]:
    """Yield the decoded sounds in their order, some at a time, on all cores."""

    def decoded(item: Item) -> np.ndarray | MediaError:
        try:
            sound = item.load().mono().resample(sample_rate)
        except MediaError as error:
            return error
        whole = (sound.samples[0] * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1)
        return whole.to(torch.int16).numpy().astype("<i2", copy=False)

    with ThreadPoolExecutor(os.cpu_count()) as pool, ProgressLine() as line:
        for start in range(0, len(items), AT_ONCE):
            yield list(pool.map(decoded, items[start : start + AT_ONCE]))
            line.show(f"decoded {min(start + AT_ONCE, len(items))} of {len(items)} sounds")
