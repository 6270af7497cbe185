"""The graders of lesson 12."""

import math
from typing import Any

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("12.on_screen")
def on_screen(answer: Answer) -> str | None:
    """Pictures at uneven times: 0.1, 0.2, 0.6, 0.7 s."""
    times = torch.tensor([0.1, 0.2, 0.6, 0.7], dtype=torch.float64)
    return (
        compare(
            answer(0.25, times),
            1,
            what="the picture at 0.25 s, with pictures at 0.1, 0.2, 0.6 and 0.7 s,",
            slips={"numbers begin with 0: how many have come, less one": 2},
        )
        or compare(
            answer(0.55, times),
            1,
            what="the picture at 0.55 s, with pictures at 0.1, 0.2, 0.6 and 0.7 s,",
            slips={
                "the nearest picture is not the one on the screen: it stays until the next comes": 2,
                "do not divide by a frame rate: these pictures are not evenly spaced": 3,
            },
        )
        or compare(
            answer(0.6, times),
            2,
            what="the picture at 0.6 s, the very moment at which picture 2 comes,",
            slips={"at its own time a picture is on the screen: <=, not <": 1},
        )
        or compare(
            answer(0.0, times),
            0,
            what="the picture before the first one's time",
            slips={"before the first picture it is the first: not -1, which is the last": -1},
        )
        or compare(answer(9.0, times), 3, what="the picture at the end")
    )


@exercise("12.column_of")
def column_of(answer: Answer) -> str | None:
    """At 0.917 s, with a sound that begins at 0.25 s: column 66.7."""
    exact = (0.917 - 0.25) * 16000 / 160
    return compare(
        answer(0.917, 0.25, 16000, 160),
        67,
        what="the column at 0.917 s, with a sound from 0.25 s on,",
        slips={
            "the sound begins at waveform_start: count from there": round(0.917 * 100),
            "the sign: a sound that begins later has fewer columns behind it": round(1.167 * 100),
            "the nearest column is asked for: int and // take the one before": 66,
            "a number of a column is whole: round it": exact,
            "samples are not columns: divide by hop_length": round((0.917 - 0.25) * 16000),
            "one column each hop_length samples: is sample_rate missing?": round(0.667 * 160),
            "a column is centred on its sample: half a window is not to be taken off": 65,
        },
    ) or compare(
        answer(1.0, -0.5, 8000, 64), 188, what="the column for a sound that begins before 0 s"
    )


@exercise("12.hold_back")
def hold_back(answer: Answer) -> str | None:
    """Late by 80 ms, early by 40 ms, in step."""
    cases = ((0.080, "picture", 0.080), (-0.040, "sound", 0.040), (0.0, "sound", 0.0))
    for offset, sense, seconds in cases:
        got = answer(offset)
        if problem := _pair(got):
            return problem
        shown = f"offset {1000 * offset:+.0f} ms"
        other = "sound" if sense == "picture" else "picture"
        if offset == 0:
            right = got[0] == sense and got[1] == 0
            return None if right else f"{shown}: hold back the sound by 0"
        if got[1] < 0:
            return f"{shown}: a player cannot look ahead; hold back the other one instead"
        if got[0] == other and offset > 0:
            return f"{shown}: the sound is late already; held back, it is later still"
        if got[0] == other:
            return f"{shown}: the sound is early; the picture cannot be held back to mend that"
        if math.isclose(got[1], 1000 * seconds, rel_tol=1e-6):
            return f"{shown}: seconds are asked for, got {got[1]:g}"
        if not math.isclose(got[1], seconds, rel_tol=1e-6):
            return f"{shown}: hold back the {sense} by the offset, got {got[1]:g} s"
    return None


def _pair(got: Any) -> str | None:
    if not isinstance(got, tuple | list) or len(got) != 2:
        return f"return two things, which one and by how many seconds, got {got!r}"
    if got[0] not in ("sound", "picture"):
        return f"the first must be 'sound' or 'picture', got {got[0]!r}"
    if isinstance(got[1], bool) or not isinstance(got[1], int | float):
        return f"the second must be a number of seconds, got {got[1]!r}"
    return None


@exercise("12.what_is_wrong")
def what_is_wrong(answer: Answer) -> str | None:
    """Seven pairs of offsets, with what each slip says to them."""
    cases = {
        (0.160, 0.163, 600.0): "offset",
        (-0.120, -0.118, 60.0): "offset",
        (0.005, -0.008, 60.0): "in step",
        (0.010, 0.130, 120.0): "drift",
        (0.150, -0.090, 240.0): "drift",
        (0.0, -4.875, 60.0): "wrong rate",
        (0.0, 0.100, 5.0): "wrong rate",
    }
    hints = {
        ("offset", "in step"): "it does not change, but it is not near 0",
        ("offset", "drift"): "it has hardly changed: an offset is not a drift",
        ("drift", "offset"): "it has changed by more than 20 ms: an offset stays",
        ("drift", "wrong rate"): "divide the change by the seconds that it took",
        ("drift", "in step"): "it has changed by more than 20 ms",
        ("wrong rate", "drift"): "more than 1 % of the time: no two clocks differ by that much",
        ("wrong rate", "offset"): "it has changed: an offset stays",
        ("wrong rate", "in step"): "it has changed by more than 20 ms",
        ("in step", "wrong rate"): "divide the change by the seconds that it took",
        ("offset", "wrong rate"): "divide the change by the seconds that it took",
        ("in step", "offset"): "both are within 20 ms of 0, above or below",
        ("in step", "drift"): "both are within 20 ms of 0, above or below",
    }
    names = set(cases.values())
    for (first, last, seconds), expected in cases.items():
        got = answer(first, last, seconds)
        if got == expected:
            continue
        if got not in names:
            words = ", ".join(sorted(names))
            return f"return one of {words}; got {got!r}"
        hint = hints.get((expected, got), f"that is {expected}")
        if last < first - 0.02 and got in ("offset", "in step"):
            hint = "it has fallen, which is a change as well: take its absolute value"
        shown = f"{1000 * first:+.0f} ms, then {1000 * last:+.0f} ms after {seconds:g} s"
        return f"{shown}: {hint}"
    return None
