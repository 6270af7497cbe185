"""Wrong answers to the exercises of lesson 12: the function, and a phrase of its diagnosis."""


def _shown(time, times):  # noqa: ANN001, ANN202
    return int((times <= time).sum()) - 1


def _wrong(first, last, seconds, *, absolute=True, rate=True, drift=True, near=0.02):  # noqa: ANN001, ANN202
    grown = abs(last - first) if absolute else last - first
    if rate and grown > 0.01 * seconds:
        return "wrong rate"
    if drift and grown > 0.02:
        return "drift"
    return "in step" if max(abs(first), abs(last)) <= near else "offset"


WRONG = {
    "12.on_screen": [
        (lambda time, times: int((times - time).abs().argmin()), "nearest picture"),
        (lambda time, times: max(int((times < time).sum()) - 1, 0), "<=, not <"),
        (lambda time, times: _shown(time, times), "not -1"),
        (lambda time, times: int((times <= time).sum()), "less one"),
        (
            lambda time, times: int(time * (len(times) - 1) / float(times[-1] - times[0]) + 0.5),
            "not evenly spaced",
        ),
    ],
    "12.column_of": [
        (lambda time, start, rate, hop: round(time * rate / hop), "count from there"),
        (lambda time, start, rate, hop: round((time + start) * rate / hop), "the sign"),
        (lambda time, start, rate, hop: int((time - start) * rate / hop), "nearest column"),
        (lambda time, start, rate, hop: (time - start) * rate / hop, "is whole"),
        (lambda time, start, rate, hop: round((time - start) * rate), "divide by hop_length"),
        (
            lambda time, start, rate, hop: round(((time - start) * rate - 256) / hop),
            "half a window",
        ),
    ],
    "12.hold_back": [
        (lambda offset: ("sound", offset), "later still"),
        (lambda offset: ("sound", -offset), "cannot look ahead"),
        (
            lambda offset: ("picture", 1000 * offset) if offset > 0 else ("sound", -1000 * offset),
            "seconds are asked for",
        ),
        (lambda offset: ("picture", abs(offset)), "cannot be held back"),
        (lambda offset: "picture", "two things"),
        (lambda offset: (offset, "picture"), "must be 'sound' or 'picture'"),
    ],
    "12.what_is_wrong": [
        (lambda first, last, seconds: _wrong(first, last, seconds, absolute=False), "has fallen"),
        (lambda first, last, seconds: _wrong(first, last, seconds, rate=False), "1 % of the time"),
        (lambda first, last, seconds: _wrong(first, last, seconds, drift=False), "an offset stays"),
        (lambda first, last, seconds: _wrong(first, last, seconds, near=1.0), "not near 0"),
        (lambda first, last, seconds: _wrong(first, last, 1.0), "divide the change"),
        (
            lambda first, last, seconds: "offset" if abs(first) > 0 else "in step",
            "above or below",
        ),
        (lambda first, last, seconds: "late", "return one of"),
    ],
}
