"""Wrong answers to the exercises of lesson 00: the function, and a phrase of its diagnosis."""

import torch

WRONG = {
    "00.baseline": [
        (lambda labels: 1 / len(labels.unique()), "equally frequent"),
        (lambda labels: 1 / (int(labels.max()) + 1), "need not all occur"),
        (lambda labels: float(torch.bincount(labels).max()), "divide by the number of labels"),
        (lambda labels: float(labels.mode().values), "the label itself"),
    ],
    "00.both_sides": [
        (lambda train, test: set(train) & set(test), "a list, sorted"),
        (lambda train, test: sorted(v for v in train if v in test), "each voice once"),
        (lambda train, test: sorted(set(train) | set(test)), "every voice of either list"),
        (lambda train, test: sorted(set(train) ^ set(test)), "one side only"),
        (lambda train, test: sorted(set(train) & set(test), reverse=True), "not sorted"),
    ],
}
