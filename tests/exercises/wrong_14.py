"""Wrong answers to the exercises of lesson 14: the function, and a phrase of its diagnosis."""

import torch


def _share(values):  # noqa: ANN001, ANN202
    return values / values.sum()


def _gap(ts, te, vs, ve):  # noqa: ANN001, ANN202
    return (ve - te) - (vs - ts)


def _both(drawn, audio, image):  # noqa: ANN001, ANN202
    return drawn >= audio, drawn >= image


def _beside(drawn, audio, image):  # noqa: ANN001, ANN202
    return drawn >= audio, ~((drawn >= audio) & (drawn < audio + image))


def _fresh(drawn, audio, image):  # noqa: ANN001, ANN202
    new = torch.rand(len(drawn))
    return _beside(new.argsort().argsort() / len(new), audio, image)


WRONG = {
    "14.blend": [
        (lambda ts, te, vs, ve: (vs - ve) / _gap(ts, te, vs, ve) ** 2, "sum to 1"),
        (lambda ts, te, vs, ve: _share((vs - ve) / _gap(ts, te, vs, ve)), "squared"),
        (lambda ts, te, vs, ve: _share((ts - te) / _gap(ts, te, vs, ve) ** 2), "falls anyhow"),
        (lambda ts, te, vs, ve: _share((vs - ve) / (ve - te) ** 2), "gap at the start"),
        (lambda ts, te, vs, ve: _share(_gap(ts, te, vs, ve) ** 2 / (vs - ve)), "other way round"),
        (lambda ts, te, vs, ve: _share(1 / _gap(ts, te, vs, ve) ** 2), "what was learned"),
        (lambda ts, te, vs, ve: _share((vs - ve) / _gap(ts, te, vs, ve) ** 2), "taught nothing"),
    ],
    "14.gave_up": [
        (
            lambda runs, alone: [n for n, r in runs.items() if r["audio/probe"][-1] > alone - 0.03],
            "still learned",
        ),
        (
            lambda runs, alone: [
                n for n, r in runs.items() if max(r["audio/probe"]) < alone - 0.03
            ],
            "not the best",
        ),
        (
            lambda runs, alone: [n for n, r in runs.items() if r["audio/probe"][0] < alone - 0.03],
            "begins low",
        ),
        (
            lambda runs, alone: [n for n, r in runs.items() if r["audio/gradient"][-1] < 0.03],
            "almost 0",
        ),
        (lambda runs, alone: [n for n, r in runs.items() if r["accuracy"][-1] < alone], "low"),
        (
            lambda runs, alone: [n for n, r in runs.items() if r["accuracy"][-1] > 0.92],
            "high training accuracy",
        ),
        (lambda runs, alone: "quick", "list of names"),
        (lambda runs, alone: [], "no run at all"),
    ],
    "14.drop": [
        (_both, "lose both"),
        (
            lambda drawn, audio, image: tuple(~mask for mask in _beside(drawn, audio, image)),
            "wrong way round",
        ),
        (lambda drawn, audio, image: _beside(drawn, image, audio), "exchanged"),
        (lambda drawn, audio, image: (drawn >= audio, drawn >= -1), "picture is missing in 0.00"),
        (_fresh, "use the numbers"),
        (lambda drawn, audio, image: drawn >= audio, "two masks"),
        (lambda drawn, audio, image: ((drawn >= audio).float(), (drawn >= 0).float()), "bool"),
    ],
}
