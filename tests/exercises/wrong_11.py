"""Wrong answers to the exercises of lesson 11: the function, and a phrase of its diagnosis."""

import torch

WRONG = {
    "11.steps": [
        (lambda n, taps, stride, padding: (n + padding - taps) // stride + 1, "both sides"),
        (lambda n, taps, stride, padding: (n + 2 * padding - taps) // stride, "add 1"),
        (lambda n, taps, stride, padding: (n - taps) // stride + 1, "without the padding"),
        (lambda n, taps, stride, padding: (n + 2 * padding) // stride + 1, "take its taps off"),
        (lambda n, taps, stride, padding: (n + 2 * padding - taps) / stride + 1, "divide and round down"),
        (lambda n, taps, stride, padding: -(-(n + 2 * padding - taps) // stride) + 1, "not up"),
    ],
    "11.centre": [
        (lambda taps, rate: float(torch.fft.rfft(taps, n=2048).abs().argmax()), "number of the bin"),
        (lambda taps, rate: float(torch.fft.rfft(taps, n=2048).abs().max()), "magnitude itself"),
        (
            lambda taps, rate: float(torch.fft.rfft(taps).abs().argmax()) * rate / len(taps),
            "over 2048 points",
        ),
        (
            lambda taps, rate: float(torch.fft.rfft(taps, n=2048).abs().argmax()) * rate / 1025,
            "not 1025",
        ),
    ],
    "11.first_layer_multiplies": [
        (lambda filters, taps, stride, n: filters * taps * n, "divide by the stride"),
        (lambda filters, taps, stride, n: filters * taps * (n // stride), "round up"),
        (lambda filters, taps, stride, n: filters * -(-n // stride), "for each tap"),
        (lambda filters, taps, stride, n: taps * -(-n // stride), "of the filters"),
    ],
}
