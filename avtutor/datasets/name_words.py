"""The words of spoken names, comparable across scripts; and which pictures have the same name."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from avtutor.datasets.names import SpokenName

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a i  e yu ya".split(" "),
        strict=True,
    )
)
# What says nothing of the thing: articles, prepositions, "a pair of", "some".
_SMALL = frozenset(
    "un una el la los las de del en y con par unos unas algunos algunas le les l des du d et a au "
    "aux avec une paire sur pour dans v na s so ot za i po dlya iz chift nyakolko edin edna".split()
)
LEAST_LETTERS = 3
"""Shorter words are alike by chance."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a name in plain Latin letters, without articles and the like.

    Cyrillic is written as it is read, accents fall away. A name that has small words only keeps
    them.

    Lesson: 16_hear_a_roar_see_a_lion

    >>> words_of("Un león."), words_of("Лъв."), words_of("Большая голубая цапля.")
    (('leon',), ('lav',), ('bolshaya', 'golubaya', 'tsaplya'))
    """
    plain = unicodedata.normalize("NFC", text.casefold()).replace("ё", "е")
    letters = "".join(_CYRILLIC.get(letter, letter) for letter in plain)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", letters)
        if not unicodedata.combining(letter)
    )
    every = re.findall(r"[a-z0-9]+", bare)
    return tuple(word for word in every if word not in _SMALL) or tuple(every)


@lru_cache(maxsize=1 << 18)
def edit_distance(first: str, second: str) -> float:
    """Return how many letters must be put in, left out or replaced, as a share of the longer word.

    Source: Levenshtein 1966.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> edit_distance("leon", "lion"), edit_distance("lev", "lav"), edit_distance("", "")
    (0.25, 0.3333333333333333, 0.0)
    """
    costs = list(range(len(second) + 1))
    for row, letter in enumerate(first, start=1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(second, start=1):
            here = min(costs[column] + 1, costs[column - 1] + 1, before + (letter != other))
            before, costs[column] = costs[column], here
    return costs[-1] / max(len(first), len(second), 1)


def word_distance(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the `edit_distance` of the two words that are most alike, one of each name.

    Words shorter than three letters do not count; where nothing is left, it is 1.

    Args:
        first, second: of `words_of`.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> word_distance(words_of("Un león marino."), words_of("Un lion."))
    0.25
    """
    pairs = [
        (one, other)
        for one in first
        for other in second
        if min(len(one), len(other)) >= LEAST_LETTERS
    ]
    return min((edit_distance(one, other) for one, other in pairs), default=1.0)


def same_name(names: Sequence[SpokenName]) -> dict[str, int]:
    """Return a number for each picture: the same where a name is said of both, in any language.

    Two pictures that are called the same cannot be told apart by a name: each is a right answer
    for it, and a split must not tear them apart. (And in this collection the recording of the one
    is often a copy of that of the other.) What is called like one and like another joins them.

    Args:
        names: of all languages.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.datasets import names
    >>> found = same_name(names())
    >>> found["animals/mammals/cats/lion"] == found["animals/mammals/cats/lion-2"]
    True
    """
    root = {name.key: name.key for name in names}

    def top(key: str) -> str:
        while root[key] != key:
            key = root[key]
        return key

    first: dict[tuple[str, str], str] = {}
    for name in names:
        text = " ".join(re.findall(r"\w+", name.text.casefold()))
        if not text:
            continue
        other = first.setdefault((name.language, text), name.key)
        root[top(name.key)] = top(other)
    numbers = {key: number for number, key in enumerate(sorted({top(key) for key in root}))}
    return {key: numbers[top(key)] for key in root}
