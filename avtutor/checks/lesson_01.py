"""The graders of lesson 01."""

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("01.cut")
def cut(answer: Answer) -> str | None:
    # At 16000 Hz, 2.01 s is 32159.999999999996 samples and 2.03 s is 32479.999999999996.
    samples = torch.stack([torch.arange(40_000.0), -torch.arange(40_000.0)])
    got = answer(samples, 16_000, 2.01, 2.03)
    shape = list(getattr(got, "shape", []))
    if shape == [2, 40_000] or shape[:1] == [0]:
        return "you cut the channels: time is the last axis, samples[:, first:last]"
    if shape == [2, 321] and float(got[0, -1]) == 32480:
        return "the sample at end is still in your part: it goes up to it, but without it"
    if shape == [2, 7840]:
        return "you take end for a length: it is a time, counted from the start of the sound"
    return compare(
        got,
        samples[:, 32_160:32_480],
        what="the part from 2.01 s to 2.03 s at 16000 Hz",
        rtol=0.0,  # the samples count from 0 to 39999, and one off must be seen
        atol=1e-6,
        slips={
            "int() cuts off: 2.01 * 16000 is 32159.999… in floats; round() finds the nearest "
            "sample": samples[:, 32_159:32_479],
            "you take the part one sample too late: the first sample is number 0": samples[
                :, 32_161:32_481
            ],
        },
    ) or compare(
        answer(samples, 8000, 0.0, 0.5),
        samples[:, :4000],
        what="the part from 0 to 0.5 s at 8000 Hz",
        slips={"the rate looks fixed at 16000 Hz: use sample_rate": samples[:, :8000]},
    )


@exercise("01.to_level")
def to_level(answer: Answer) -> str | None:
    samples = torch.tensor([[0.1, -0.4, 0.2, 0.3], [0.0, 0.05, -0.1, 0.05]])
    rms = samples.square().mean().sqrt()
    level = -26.0
    amplitude, power = 10 ** (level / 20), 10 ** (level / 10)
    each = samples.square().mean(dim=-1, keepdim=True).sqrt()
    return compare(
        answer(samples, level),
        samples * amplitude / rms,
        what="the sound at -26 dBFS",
        slips={
            "10 ** (level / 10) is a ratio of powers: samples are amplitudes, so divide by 20": (
                samples * power / rms
            ),
            "you scale the highest sample to the level: the rms is asked for": (
                samples * amplitude / samples.abs().max()
            ),
            "you divide by the mean square: its root, the rms, is an amplitude": (
                samples * amplitude / rms**2
            ),
            "you scale each channel alone: the balance between them is lost; take the rms over "
            "all samples": samples * amplitude / each,
            "you change the level by so many dB, whatever it was: divide by the sound's own rms": (
                samples * amplitude
            ),
            "a level is not added to samples: dB add where amplitudes multiply": samples + level,
            "the sign of the level looks turned round: below full scale, dBFS are negative": (
                samples / amplitude / rms
            ),
        },
    )


@exercise("01.to_codes")
def to_codes(answer: Answer) -> str | None:
    samples = torch.tensor([-1.3, -1.0, -0.8, -0.3, -0.1, 0.0, 0.1, 0.3, 0.45, 0.7, 0.99, 1.0, 1.2])
    bits, steps = 3, 4
    rounded = torch.round(samples * steps)
    got = answer(samples, bits)
    result = compare(
        got,
        rounded.clamp(-steps, steps - 1),
        what="the row of codes for 3 bits",
        slips={
            "your codes are not clipped: with 3 bits they run from -4 to 3": rounded,
            "your codes reach +4: with 3 bits there are 8 of them, -4 to 3, since 0 is one": (
                rounded.clamp(-steps, steps)
            ),
            "you clip the lowest too early: -4 is a code as well": (
                rounded.clamp(1 - steps, steps - 1)
            ),
            "you cut off towards 0 (int, trunc): round to the nearest step": (
                torch.trunc(samples * steps).clamp(-steps, steps - 1)
            ),
            "you always round down (floor): round to the nearest step": (
                torch.floor(samples * steps).clamp(-steps, steps - 1)
            ),
            "your steps are twice too fine: 2 ** bits codes from -1 to 1 make 2 ** (bits - 1) "
            "steps a unit": torch.round(samples * 2 * steps).clamp(-2 * steps, 2 * steps - 1),
            "your steps are twice too fine, and then clipped: 2 ** (bits - 1) steps make a unit": (
                torch.round(samples * 2 * steps).clamp(-steps, steps - 1)
            ),
            "-1.0 should be the code -4: there are 4 steps to a unit, not 3": (
                torch.round(samples * (steps - 1)).clamp(-steps, steps - 1)
            ),
            "your codes begin at 0: 0.0 should be the code 0, and -1.0 the code -4": (
                rounded.clamp(-steps, steps - 1) + steps
            ),
            "you return sample values again: the codes, whole numbers, are asked for": (
                rounded.clamp(-steps, steps - 1) / steps
            ),
        },
    )
    if result is None and got.dtype is not torch.int64:
        return f"the codes are right, but their dtype is {got.dtype}: .to(torch.int64)"
    return result or compare(
        answer(samples, 16),
        torch.round(samples * 32_768).clamp(-32_768, 32_767),
        what="the row of codes for 16 bits",
        slips={"the number of bits looks fixed at 3: use bits": rounded.clamp(-steps, steps - 1)},
    )


@exercise("01.seen_speed")
def seen_speed(answer: Answer) -> str | None:
    # 4.25 turns a second of 8 spokes are 34 spokes a second; 34 - 2 * 20 = -6, or -0.75 turns.
    return (
        compare(
            answer(4.25, 8, 20.0),
            -0.75,
            what="the speed seen of 8 spokes at 4.25 turns and 20 frames a second",
            slips={
                "this wheel is seen to turn backwards: keep the sign, leave abs out": 0.75,
                "you follow one marked spoke: count spokes, turns_per_second * n_spokes": 4.25,
                "these are spokes a second: divide by n_spokes to come back to turns": -6.0,
                "you take off too few frame rates: the nearest whole number of them, round(…), "
                "leaves the smallest speed, which may be backwards": 1.75,
                "you fold at half of the frame rate: whole frame rates are taken off": 0.5,
                "these are degrees a second: turns a second are asked for": -270.0,
                "these are turns a frame: turns a second are asked for": -0.0375,
            },
        )
        or compare(
            answer(0.5, 8, 20.0),
            0.5,
            what="the speed seen of 8 spokes at 0.5 turns and 20 frames a second",
            slips={
                "a slow wheel is seen as it is: 4 spokes in 20 frames need no folding": -2.0,
                "a slow wheel is seen as it is, with the frame rate taken off 0 times": -4.5,
            },
        )
        or compare(
            answer(7.0, 3, 24.0),
            -1.0,
            what="the speed seen of 3 spokes at 7 turns and 24 frames a second",
        )
    )
