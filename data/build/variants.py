"""Measure every variant of eSpeak NG: what ``synthetic.LEFT_OUT`` was decided by.

    python data/build/variants.py       pitch and level of each variant, and the nearest before it

Each says ten English digits with the same settings. The distance of two variants is the root mean
square difference of their log-mel spectrograms in dB, each clip 60 dB deep and stretched to one
length: what is left when level and rate are taken away. A variant that is nearer than NEAR to one
that is taken is left out: split by voice, the two would be on both sides.
"""

import numpy as np
import torch
from render import render
from sound import RATE, at_rate
from stats import levels, pitch
from synthetic import LEFT_OUT, WORDS, trimmed, variants_there

from avtutor.spectral import SpectrogramConfig, log_mel

NEAR = 5.0
"""Decibels."""

WHISPERS = "whispers: no pitch"
CONFIG = SpectrogramConfig(sample_rate=RATE, n_mels=40)
SHAPE = (40, 24)


def picture(samples: np.ndarray) -> torch.Tensor:
    """Return the spectrogram of a clip, 60 dB deep, of one size for all."""
    mel = log_mel(torch.from_numpy(samples), CONFIG)
    mel = (mel - mel.max()).clamp(min=-60)
    return torch.nn.functional.interpolate(mel[None, None], SHAPE, mode="bilinear")[0, 0]


def main() -> None:
    """Run from the command line."""
    names, words = variants_there(), WORDS["en"].split()
    plan = [
        {"voice": f"en-us+{name}", "text": word, "rate": "150", "pitch": "50", "range": "50"}
        for name in names
        for word in words
    ]
    said, rate = render("espeak", plan)
    clips = [trimmed(at_rate(samples, rate)) for samples in said]
    pictures = torch.stack([picture(clip) for clip in clips]).reshape(len(names), len(words), -1)
    taken: list[int] = []
    near: list[str] = []
    for number, name in enumerate(names):
        own = np.concatenate(clips[number * len(words) : (number + 1) * len(words)])
        apart = {
            other: float((pictures[number] - pictures[other]).square().mean().sqrt())
            for other in taken
        }
        nearest = min(apart, key=apart.__getitem__) if apart else None
        line = f"{name:13} {pitch(own, RATE):4.0f} Hz {levels(own, RATE)[0]:4.0f} dB"
        if nearest is not None:
            line += f"  {apart[nearest]:4.1f} dB from {names[nearest]}"
        if name in LEFT_OUT[WHISPERS]:
            line += "  left out: whispers"
        elif nearest is not None and apart[nearest] < NEAR:
            line += "  left out: near"
            near.append(name)
        else:
            taken.append(number)
        print(line)
    print(f"{len(taken)} taken; near another: {', '.join(near)}")


if __name__ == "__main__":
    main()
