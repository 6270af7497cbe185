"""The graders of lesson 10."""

from avtutor.checks.grading import Answer, compare, exercise


@exercise("10.receptive_field")
def receptive_field(answer: Answer) -> str | None:
    """Kernels 5, 3, 3, 3 with strides 2, 1, 2, 1: 1 + 4 + 4 + 4 + 8."""
    return compare(
        answer([5, 3, 3, 3], [2, 1, 2, 1]),
        21,
        what="the receptive field",
        slips={
            "the first frame counts too: begin with 1": 20,
            "strides matter: after a stride of 2, neighbours lie 2 frames apart": 11,
            "a kernel of k reaches k - 1 further, not k": 1 + 5 + 6 + 6 + 12,
            "a layer's own stride counts for the layers after it: jump after adding": 1
            + 8
            + 4
            + 8
            + 8,
            "kernels add up, they do not multiply": 135,
        },
    ) or compare(
        answer([7], [3]),
        7,
        what="the receptive field of one layer",
    )


@exercise("10.taps")
def taps(answer: Answer) -> str | None:
    """The output at 20 of a kernel of 5 with dilation 3."""
    return compare(
        answer(20, 5, 3),
        [14, 17, 20, 23, 26],
        what="the list of steps",
        slips={
            "the middle tap is at step: half of the taps come before it": [20, 23, 26, 29, 32],
            "the output looks ahead too: half of the taps come after step": [8, 11, 14, 17, 20],
            "neighbouring taps stand dilation steps apart": [18, 19, 20, 21, 22],
            "from the earliest to the latest": [26, 23, 20, 17, 14],
            "dilation is the distance itself: 1 means neighbours": [12, 16, 20, 24, 28],
        },
    ) or compare(answer(0, 3, 1), [-1, 0, 1], what="the list for a kernel of 3, dilation 1")


@exercise("10.verdict")
def verdict(answer: Answer) -> str | None:
    """Four cases with chance at one third, and one with chance at one half."""
    cases = {
        (0.35, 0.99, 1 / 3): "incapable",
        (0.34, 0.36, 1 / 3): "untrained",
        (0.98, 0.99, 1 / 3): "memorised",
        (0.97, 0.34, 1 / 3): "memorised",
        (0.52, 0.95, 0.5): "incapable",
    }
    hints = {
        ("incapable", "untrained"): "the same training did teach the control",
        ("untrained", "incapable"): "the control has not learned either: the training may be bad",
        ("memorised", "incapable"): "it did learn its training clips; look at those first",
        ("memorised", "untrained"): "it learned its training clips, whatever the control did",
        ("incapable", "memorised"): "memorised means: right on its own training clips",
        ("untrained", "memorised"): "at chance on its training clips it has memorised nothing",
    }
    for (train, control, chance), expected in cases.items():
        got = answer(train, control, chance)
        if got == expected:
            continue
        shown = f"train {train:.2f}, control {control:.2f}, chance {chance:.2f}"
        if got not in set(cases.values()):
            return f"return one of the three words, got {got!r}"
        if chance == 0.5:
            return (
                f"{shown}: within 0.1 of chance counts as at chance, and chance is not always 1/3"
            )
        return f"{shown}: {hints[expected, got]}"
    return None
