"""Pictures and sounds of the same things, drawn as pairs: what a network with two senses learns."""

from collections.abc import Mapping, Sequence
from copy import copy

import torch
from jaxtyping import Int
from torch import Tensor

from avtutor.batch import Batch
from avtutor.datasets.sounds import Sounds
from avtutor.datasets.splits import audit_split

Source = Sounds | Batch


class Pairs:
    """Rows of two or more senses that belong together; `pair` draws them.

    Each row names one item of every source. A batch holds one input a sense, under the sense's
    name, and the groups of all senses, joined.

    Args:
        sources: for each sense its items: `Sounds` that were loaded with ``seconds``, or a Batch
            of one input. The silence that a sound was filled up with belongs to it.
        rows: for each sense, which item of its source stands in each row.
    Raises:
        ValueError: if there is no row, the senses of `sources` and `rows` differ, they have not
            equally many rows, a row is none of the source's, or the items of a row differ in
            their label.
    Lesson: 13_fusion

    >>> eye = Batch(inputs={"x": torch.zeros(2, 64)}, labels=torch.arange(2), groups=("a", "b"))
    >>> ear = Batch(inputs={"x": torch.zeros(2, 99)}, labels=torch.arange(2), groups=("c", "d"))
    >>> rows = {"audio": torch.tensor([1, 0]), "image": torch.tensor([1, 0])}
    >>> pairs = Pairs({"audio": ear, "image": eye}, rows)
    >>> pairs
    Pairs(2 rows of audio and image)
    >>> pairs.select([0]).groups
    ('d + b',)
    """

    def __init__(
        self, sources: Mapping[str, Source], rows: Mapping[str, Int[Tensor, " row"]]
    ) -> None:
        if set(sources) != set(rows) or not sources:
            raise ValueError(
                f"sources and rows must be of the same senses, got {sorted(sources)} and "
                f"{sorted(rows)}"
            )
        for sense, source in sources.items():
            _check_source(sense, source)
        counts = {sense: len(places) for sense, places in rows.items()}
        if len(set(counts.values())) != 1 or not min(counts.values()):
            raise ValueError(f"every sense must have equally many rows, at least 1, got {counts}")
        for sense, places in rows.items():
            low, high, last = int(places.min()), int(places.max()), len(sources[sense]) - 1
            if low < 0 or high > last:
                raise ValueError(f"rows of {sense!r} must be from 0 to {last}, got {low} to {high}")
        self._sources = dict(sources)
        self._rows = {sense: rows[sense].clone() for sense in sources}
        for sense in self.senses[1:]:
            differ = (self.labels_of(sense) != self.labels).nonzero()[:, 0]
            if len(differ):
                row = int(differ[0])
                raise ValueError(
                    f"labels must be the same in all senses of a row: in row {row} they are "
                    f"{int(self.labels[row])} ({self.senses[0]}) and "
                    f"{int(self.labels_of(sense)[row])} ({sense}), in {len(differ)} of "
                    f"{len(self)} rows they differ"
                )

    @property
    def senses(self) -> tuple[str, ...]:
        """The names of the senses, in the order of the sources."""
        return tuple(self._sources)

    @property
    def labels(self) -> Int[Tensor, " row"]:
        """The class of each row: that of the first sense, where they were made to differ."""
        return self.labels_of(self.senses[0])

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of each row, those of all senses joined: ``"voice + block"``."""
        return tuple(
            map(" + ".join, zip(*(self.groups_of(one) for one in self.senses), strict=True))
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows[self.senses[0]])

    def labels_of(self, sense: str) -> Int[Tensor, " row"]:
        """Return the class that one sense shows in each row.

        Raises:
            ValueError: if there is no such sense.
        """
        return self._source(sense).labels[self._rows[sense]]

    def groups_of(self, sense: str) -> tuple[str, ...]:
        """Return the group of each row in one sense: its voice, or its block of pictures.

        Raises:
            ValueError: if there is no such sense.
        """
        groups = self._source(sense).groups
        return tuple(groups[row] for row in self._rows[sense].tolist())

    def select(self, items: Int[Tensor, " item"] | Sequence[int]) -> Batch:
        """Return some rows as a Batch with one input a sense.

        Raises:
            ValueError: if no rows are asked for.
        """
        rows = torch.as_tensor(items, dtype=torch.int64)
        if rows.numel() == 0:
            raise ValueError("items must name at least one row, got none")
        inputs = {}
        for sense, source in self._sources.items():
            (inputs[sense],) = source.select(self._rows[sense][rows]).inputs.values()
        groups = self.groups
        return Batch(
            inputs=inputs,
            labels=self.labels[rows],
            groups=[groups[row] for row in rows.tolist()],
        )

    def batch(self) -> Batch:
        """Return all rows as one Batch: for data that fit into memory."""
        return self.select(range(len(self)))

    def shuffled_by(self, n: int, *, sense: str | None = None) -> "Pairs":
        """Return the pairs with one sense moved on by `n` rows: what belonged together comes apart.

        A control: whoever still is as right as before does not look at both. The labels are those
        of the first sense.

        Args:
            n: how many rows; what is pushed over the end comes in at the beginning.
            sense: the one that is moved; default: the last.
        Raises:
            ValueError: if there is no such sense, or `n` moves nothing.
        """
        if n % len(self) == 0:
            raise ValueError(f"n must not be a multiple of the {len(self)} rows, got {n}")
        moved = self.senses[-1] if sense is None else sense
        self._source(moved)
        return self._with({moved: self._rows[moved].roll(n)})

    def conflicting(self, seed: int) -> "Pairs":
        """Return the pairs with the items of the last sense exchanged, so that no row agrees.

        Each row keeps its item of the other senses, and gets one of another class. What each
        sense shows is told by `labels_of`.

        Args:
            seed: of what is exchanged.
        Raises:
            ValueError: if there is only one sense, or one class is in more than half of the rows:
                not every row can get another one then.
        """
        if len(self.senses) < 2:
            raise ValueError(f"a conflict needs two senses, got {self.senses[0]!r} alone")
        shown = self.labels_of(self.senses[-1])
        most = int(shown.bincount().max())
        if 2 * most > len(self):
            raise ValueError(
                f"a conflict needs classes of at most half of the {len(self)} rows, got {most}"
            )
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self), generator=generator)
        for row in (shown[order] == shown).nonzero()[:, 0].tolist():
            # Where classes met by chance, exchange with a row of which both are of other classes.
            # (Such a row there is, as no class has more than half; it may be mended already.)
            if shown[order[row]] != shown[row]:
                continue
            others = ((shown != shown[row]) & (shown[order] != shown[row])).nonzero()[:, 0]
            other = int(others[torch.randint(len(others), (1,), generator=generator)])
            order[[row, other]] = order[[other, row]]
        rows = self._rows[self.senses[-1]][order]
        return self._with({self.senses[-1]: rows})

    def _with(self, rows: Mapping[str, Tensor]) -> "Pairs":
        """Return the pairs with other rows; that labels agree is not asked again."""
        other = copy(self)
        other._rows = {**self._rows, **rows}
        return other

    def _source(self, sense: str) -> Source:
        if sense not in self._sources:
            raise ValueError(f"sense must be one of {', '.join(self._sources)}, got {sense!r}")
        return self._sources[sense]

    def __repr__(self) -> str:
        """Name the senses and how many rows there are: never the values."""
        return (
            f"Pairs({len(self)} row{'' if len(self) == 1 else 's'} of {' and '.join(self.senses)})"
        )


def _check_source(sense: str, source: Source) -> None:
    if isinstance(source, Sounds):
        if source.size is None:
            raise ValueError(
                f"{sense!r}: sounds of a pair must be equally long; load them with seconds=…"
            )
    elif len(source.inputs) != 1:
        raise ValueError(f"{sense!r} must have one input, got {sorted(source.inputs)}")


def pair(senses: Mapping[str, Source], *, n: int, seed: int) -> Pairs:
    """Draw pairs: for each row a class, and from every sense an item of that class.

    All classes are equally many (as far as `n` allows), in random order. Of each class and sense
    every item is drawn once before one is drawn again, independently of the other senses: the
    class is all that the items of a row share.

    Args:
        senses: for each its items, as for `Pairs`.
        n: the number of rows, at least one a class.
        seed: of everything that is drawn.
    Raises:
        ValueError: if the classes of two senses differ, or `n` is below their number.
    Lesson: 13_fusion

    >>> eye = Batch(inputs={"x": torch.zeros(4, 64)}, labels=torch.arange(4) % 2, groups=("a",) * 4)
    >>> ear = Batch(inputs={"x": torch.zeros(2, 99)}, labels=torch.arange(2), groups=("b",) * 2)
    >>> pair({"audio": ear, "image": eye}, n=100, seed=0).labels.bincount()
    tensor([50, 50])
    """
    if not senses:
        raise ValueError("senses must name at least one, got none")
    found = {sense: sorted(set(one.labels.tolist())) for sense, one in senses.items()}
    first = next(iter(found))
    for sense, classes in found.items():
        if classes != found[first]:
            differ = sorted(set(classes) ^ set(found[first]))
            raise ValueError(
                f"all senses must have the same classes: {first!r} and {sense!r} differ in {differ}"
            )
    named = {sense: one.classes for sense, one in senses.items() if isinstance(one, Sounds)}
    if len(set(named.values())) > 1:
        raise ValueError(f"all senses must number their classes alike, got {named}")
    numbers = found[first]
    if n < len(numbers):
        raise ValueError(f"n must be at least {len(numbers)}, one row a class, got {n}")
    generator = torch.Generator().manual_seed(seed)
    labels = torch.tensor(numbers)[torch.arange(n) % len(numbers)]
    labels = labels[torch.randperm(n, generator=generator)]
    rows = {}
    for sense, source in senses.items():
        rows[sense] = torch.empty(n, dtype=torch.int64)
        for number in numbers:
            places = (labels == number).nonzero()[:, 0]
            items = (source.labels == number).nonzero()[:, 0]
            rounds = [
                items[torch.randperm(len(items), generator=generator)]
                for _ in range(-(-len(places) // len(items)))
            ]
            rows[sense][places] = torch.cat(rounds)[: len(places)]
    return Pairs(senses, rows)


def audit_pairs(train: Pairs, test: Pairs) -> None:
    """Refuse pairs of which some sense has a group on both sides.

    A voice that was heard in training helps in the test even where the picture is new, so that
    every sense is audited by itself.

    Raises:
        ValueError: if the senses of the two sides differ, or a sense has a group on both; the
            message names the sense and the groups.
    Lesson: 13_fusion

    >>> eye = Batch(inputs={"x": torch.zeros(2, 64)}, labels=torch.arange(2), groups=("a", "a"))
    >>> ear = Batch(inputs={"x": torch.zeros(2, 99)}, labels=torch.arange(2), groups=("c", "d"))
    >>> pairs = pair({"image": eye, "audio": ear}, n=2, seed=0)
    >>> audit_pairs(pairs, pairs)
    Traceback (most recent call last):
    ValueError: image: 1 of 1 test groups is in training too: 'a' (2 training and 2 test items)
    """
    if set(train.senses) != set(test.senses):
        raise ValueError(
            f"both sides must have the same senses, got {train.senses} and {test.senses}"
        )
    for sense in train.senses:
        try:
            audit_split(train.groups_of(sense), test.groups_of(sense))
        except ValueError as error:
            raise ValueError(f"{sense}: {error}") from error
