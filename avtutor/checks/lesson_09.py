"""The graders of lesson 09."""

from avtutor.checks.grading import Answer, compare, exercise


@exercise("09.leaks")
def leaks(answer: Answer) -> str | None:
    """Two groups on both sides, given out of order and more than once."""
    train, test = ["zoe", "ann", "bob", "ann", "zoe"], ["cyd", "zoe", "ann", "zoe"]
    got = answer(train, test)
    if isinstance(got, set):
        return "return a sorted list: a set has no order"
    if not isinstance(got, list):
        return f"return a list of names, got {type(got).__name__}"
    hints = {
        ("zoe", "ann"): "sort the names",
        ("ann", "zoe", "zoe"): "each name once, however many items it has",
        ("zoe", "ann", "zoe"): "each name once, and sorted",
        ("ann", "bob", "cyd", "zoe"): "those are on either side; asked is who is on both",
        ("bob",): "those are in training only; asked is who is on both",
        ("cyd",): "those are in the test only; asked is who is on both",
    }
    if tuple(got) == ("ann", "zoe"):
        if answer(["ann"], ["bob"]) != []:
            return "where nobody is on both sides the list is empty"
        return None
    return hints.get(tuple(got), f"the groups on both sides are ann and zoe, got {got}")


@exercise("09.explained_by")
def explained_by(answer: Answer) -> str | None:
    """One control explains all, none does, one lies above the claim, one just inside."""
    cases = [
        (0.96, {"silence": 0.40, "mean spectrum": 0.93, "pitch": 0.55}, "mean spectrum"),
        (0.96, {"silence": 0.40, "mean spectrum": 0.52, "pitch": 0.55}, "nothing"),
        (0.80, {"silence": 0.95, "mean spectrum": 0.75, "pitch": 0.30}, "silence"),
        (0.81, {"silence": 0.20, "mean spectrum": 0.30, "pitch": 0.72}, "pitch"),
    ]
    hints = [
        "the best control is the one that counts",
        "no control comes within 0.1 of the claim: the answer is 'nothing'",
        "a control above the claim explains it too, and the best one is named",
        "0.72 lies within 0.1 of 0.81",
    ]
    for (claimed, controls, expected), hint in zip(cases, hints, strict=True):
        got = answer(claimed, dict(controls))
        if got != expected:
            return f"claimed {claimed}, controls {controls}: got {got!r}; {hint}"
    return None


@exercise("09.balanced")
def balanced(answer: Answer) -> str | None:
    """Eight Spanish clips, all right; two English ones, one of them right."""
    right, labels = [True] * 8 + [True, False], ["es"] * 8 + ["en"] * 2
    return compare(
        answer(right, labels),
        0.75,
        what="the balanced accuracy",
        slips={
            "that is the share of all clips: take the share in each class first": 0.9,
            "that is the worst class; asked is the mean over the classes": 0.5,
            "divide by the number of classes": 1.5,
            "divide each class by its own number of clips, not by all": 0.45,
        },
    ) or compare(
        answer([True, False, True], ["a", "b", "c"]),
        2 / 3,
        what="the value for three classes",
    )
