"""Wrong answers to the exercises of lesson 10: the function, and a phrase of its diagnosis."""

import math


def _field(kernels, strides, start=1, less=1, before=False):  # noqa: ANN001, ANN202
    field, jump = start, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        if before:
            jump *= stride
        field += (kernel - less) * jump
        if not before:
            jump *= stride
    return field


WRONG = {
    "10.receptive_field": [
        (lambda kernels, strides: _field(kernels, strides, start=0), "begin with 1"),
        (lambda kernels, strides: 1 + sum(k - 1 for k in kernels), "strides matter"),
        (lambda kernels, strides: _field(kernels, strides, less=0), "k - 1 further"),
        (lambda kernels, strides: _field(kernels, strides, before=True), "jump after adding"),
        (lambda kernels, strides: math.prod(kernels), "do not multiply"),
    ],
    "10.taps": [
        (lambda step, kernel, d: [step + d * tap for tap in range(kernel)], "come before it"),
        (
            lambda step, kernel, d: [step - d * tap for tap in range(kernel)][::-1],
            "come after step",
        ),
        (
            lambda step, kernel, d: [step + tap - kernel // 2 for tap in range(kernel)],
            "dilation steps apart",
        ),
        (
            lambda step, kernel, d: [step - d * (tap - kernel // 2) for tap in range(kernel)],
            "earliest to the latest",
        ),
        (
            lambda step, kernel, d: [step + (d + 1) * (t - kernel // 2) for t in range(kernel)],
            "1 means neighbours",
        ),
    ],
    "10.verdict": [
        (lambda train, control, chance: "incapable", "has not learned either"),
        (lambda train, control, chance: "untrained", "did teach the control"),
        (
            lambda train, control, chance: "incapable" if control > chance + 0.1 else "untrained",
            "look at those first",
        ),
        (
            lambda train, control, chance: (
                "untrained"
                if control < chance + 0.1
                else "memorised" if train > chance + 0.1 else "incapable"
            ),
            "whatever the control did",
        ),
        (
            lambda train, control, chance: (
                "memorised"
                if train > 0.44
                else "incapable" if control > 0.44 else "untrained"
            ),
            "not always 1/3",
        ),
        (lambda train, control, chance: "bad", "one of the three words"),
    ],
}
