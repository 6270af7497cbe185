"""Wrong answers to the exercises of lesson 09: the function, and a phrase of its diagnosis."""


def _shares(right, labels):  # noqa: ANN001, ANN202
    return [
        sum(good for good, one in zip(right, labels, strict=True) if one == label)
        / labels.count(label)
        for label in set(labels)
    ]


WRONG = {
    "09.leaks": [
        (lambda train, test: set(train) & set(test), "a set has no order"),
        (lambda train, test: sorted(one for one in test if one in train), "however many items"),
        (lambda train, test: sorted(set(train) | set(test)), "on either side"),
        (lambda train, test: sorted(set(train) - set(test)), "in training only"),
        (lambda train, test: sorted(set(test) - set(train)), "in the test only"),
        (lambda train, test: [one for one in dict.fromkeys(train) if one in test], "sort the names"),
    ],
    "09.explained_by": [
        (lambda claimed, controls: max(controls, key=controls.get), "the answer is 'nothing'"),
        (lambda claimed, controls: min(controls, key=controls.get), "best control is the one"),
        (
            lambda claimed, controls: next(
                (n for n, v in controls.items() if abs(v - claimed) <= 0.1), "nothing"
            ),
            "above the claim",
        ),
        (
            lambda claimed, controls: max(
                (n for n, v in controls.items() if v >= 0.9 * claimed),
                key=controls.get,
                default="nothing",
            ),
            "lies within 0.1 of 0.81",
        ),
    ],
    "09.balanced": [
        (lambda right, labels: sum(right) / len(right), "share in each class first"),
        (lambda right, labels: min(_shares(right, labels)), "worst class"),
        (lambda right, labels: sum(_shares(right, labels)), "number of classes"),
        (
            lambda right, labels: sum(
                sum(good for good, one in zip(right, labels, strict=True) if one == label)
                / len(labels)
                for label in set(labels)
            )
            / len(set(labels)),
            "its own number of clips",
        ),
    ],
}
