"""The graders of lesson 00."""

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("00.baseline")
def baseline(answer: Answer) -> str | None:
    """Labels 0, 2, 2, 2, 5: the most frequent one is named right in 3 of 5 cases."""
    labels = torch.tensor([0, 2, 2, 2, 5])
    return compare(
        answer(labels),
        0.6,
        what="the share",
        slips={
            "one divided by the number of classes: right only if all are equally frequent": 1 / 3,
            "one divided by the highest label + 1: labels need not all occur": 1 / 6,
            "that is how often the most frequent label occurs; divide by the number of labels": 3.0,
            "that is the label itself; asked is the share that it reaches": 2.0,
            "one divided by the number of items: count the most frequent label instead": 1 / 5,
        },
    )


@exercise("00.both_sides")
def both_sides(answer: Answer) -> str | None:
    """Voices that repeat within a list, and some on both sides."""
    got = answer(["june", "carlo", "june", "ana"], ["june", "ana", "bo", "june"])
    if isinstance(got, set | tuple):
        return f"return a list, sorted; you return a {type(got).__name__}"
    if not isinstance(got, list):
        return f"return a list of names; you return a {type(got).__name__}"
    if got == ["ana", "june"]:
        empty = answer(["june"], ["bo"])
        if empty != []:
            return f"with no voice on both sides the list is empty; you return {empty!r}"
        return None
    if sorted(got) == ["ana", "june"]:
        return "the right voices, but not sorted"
    if sorted(set(got)) == ["ana", "june"]:
        return "each voice once: yours stand there as often as they have clips"
    if sorted(set(got)) == ["ana", "bo", "carlo", "june"]:
        return "that is every voice of either list; asked are those in both"
    if set(got) <= {"carlo", "bo"}:
        return "those are the voices on one side only: the opposite"
    return f"expected ['ana', 'june'] for voices june, carlo, ana and june, ana, bo; got {got!r}"
