"""The words of spoken names, and which pictures share one."""

from pathlib import Path

import pytest

from avtutor.datasets import names
from avtutor.datasets.name_words import edit_distance, same_name, word_distance, words_of
from avtutor.datasets.names import SpokenName


def said(key: str, language: str, text: str) -> SpokenName:
    """Return a name without a sound."""
    return SpokenName(language, "somebody", key, text, Path("none"), 0.0, 1.0, "")


def test_words_in_plain_latin_letters() -> None:
    assert words_of("¡Un barco de vela!") == ("barco", "vela")
    assert words_of("Sur l'embarcadère.") == ("embarcadere",)
    assert words_of("Рождественская ёлка.") == ("rozhdestvenskaya", "elka")
    assert words_of("Щъркел, йод.") == ("shtarkel", "yod")
    assert words_of("La.") == ("la",)  # small words only are kept
    assert words_of("") == ()


def test_the_edit_distance_of_known_pairs() -> None:
    assert edit_distance("kitten", "sitting") == pytest.approx(3 / 7)
    assert edit_distance("tigre", "tigr") == pytest.approx(1 / 5)
    assert edit_distance("abc", "abc") == 0.0
    assert edit_distance("", "abc") == 1.0
    assert edit_distance("ab", "ba") == 1.0  # a swap is two changes


def test_the_nearest_words_count_and_short_ones_do_not() -> None:
    assert word_distance(("leon", "marino"), ("lion",)) == 0.25
    assert word_distance(("ab",), ("ab",)) == 1.0
    assert word_distance((), ("lion",)) == 1.0


def test_pictures_are_joined_by_any_language_and_through_others() -> None:
    some = [
        said("a", "es", "Una lápida."), said("b", "es", "una lápida"), said("b", "bg", "Камък."),
        said("c", "bg", "Камък."), said("d", "es", "Камък."), said("e", "fr", ""),
        said("f", "fr", ""), said("a", "fr", "Une tombe."),
    ]  # fmt: skip
    found = same_name(some)
    assert found["a"] == found["b"] == found["c"]
    assert len({found[key] for key in "adef"}) == 4  # another language, and no text, join nothing
    assert sorted(set(found.values())) == [0, 1, 2, 3]


def test_the_bundled_names() -> None:
    found = same_name(names())
    assert len(found) == 658
    flowers = {found[f"plants/flowers/flower{number}"] for number in (1, 2, 3, 5, 6, 8)}
    assert len(flowers) == 1
    assert found["animals/mammals/cats/lion"] != found["animals/mammals/aquatic/sea_lion"]
    assert 540 < len(set(found.values())) < 600
