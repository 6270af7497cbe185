"""Lesson 17: how often the hand-made offset is right at each confidence, and the fit behind it.

Rendered clips with all dials turned at random, a third of them with the sound of another clip.
Half of them fit the weights of `avtutor.sync.confidence`, the other half tests them. Then the two
real clips with a speaker, their sound shifted by known amounts.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from avtutor.clip import Clip
from avtutor.datasets import phones, videos, voices
from avtutor.sync import (
    PeakSigns,
    cross_correlation,
    largest_offset,
    motion_change,
    onset_strength,
    peak_of,
    shares_left,
    signs_of,
)
from avtutor.synth import Scene, SceneConfig, mouth_scene, scene

DATA = ("festvox-ru", "psychopy")
N_CLIPS = 1800
KINDS = ("balls", "strings", "metronome", "mouth")
SHARES = (0.4, 0.25, 0.1, 0.25)
FRAME = 0.04
SHIFTS = (-0.4, -0.16, 0.0, 0.16, 0.4)
LEAST = (0.5, 0.8, 0.9, 0.95)
"""Confidences from which on a clip counts as sure."""


@dataclass(frozen=True)
class Row:
    """One clip: what it is, its signs, and by how much the peak is off; None: no peak."""

    kind: str
    own: bool
    signs: PeakSigns | None
    off: float

    @property
    def right(self) -> bool:
        """Whether the sound is its own, and the offset found to a frame."""
        return self.own and abs(self.off) <= FRAME


class Draw:
    """Numbers drawn one after another."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def share(self) -> float:
        """Return a number from 0 to 1."""
        return float(torch.rand((), generator=self.generator))

    def below(self, n: int) -> int:
        """Return a whole number below n."""
        return int(torch.randint(n, (), generator=self.generator))

    def between(self, low: float, high: float) -> float:
        """Return a number from low to high."""
        return low + (high - low) * self.share()


def noise_of(draw: Draw) -> dict[str, float | None]:
    """Return the noise of both senses: none in half of the clips."""
    return {
        name: draw.between(0, 30) if draw.share() < 0.5 else None
        for name in ("snr_sound_db", "snr_picture_db")
    }


def events(kind: str, draw: Draw) -> tuple[Scene, Scene]:
    """Return a scene with dials turned at random, and another with the same dials."""
    settings: dict[str, Any] = {
        "kind": kind,
        "seconds": (1.5, 2.0, 3.0, 4.0, 6.0, 10.0)[draw.below(6)],
        "frame_rate": (24.0, 25.0, 30.0, 50.0)[draw.below(4)],
        "offset": draw.between(-0.5, 0.5),
        **noise_of(draw),
    }
    if draw.share() < 0.5:
        settings["n_unseen"] = 1 + draw.below(5)
    for name in ("share_seen", "share_heard"):
        if draw.share() < 0.3:
            settings[name] = draw.between(0.3, 1)
    if kind != "metronome":
        settings["n_silent"] = draw.below(3) if draw.share() < 0.5 else 0
        settings["n_objects"] = 1 + int(draw.share() < 0.3)
    config = SceneConfig(**settings)
    seeds = [draw.below(2**40) for _ in range(2)]
    return scene(config, seed=seeds[0]), scene(config, seed=seeds[1])


def speech(said: list[Any], draw: Draw) -> tuple[Scene, Scene]:
    """Return a drawn mouth that says a part of a sentence, and another that says another."""
    seconds = (2.0, 3.0, 4.0, 6.0)[draw.below(4)]
    offset, noise = draw.between(-0.5, 0.5), noise_of(draw)
    made = []
    for _ in range(2):
        utterance = said[draw.below(len(said))]
        waveform = utterance.load()
        last = min(seconds, waveform.duration)
        start = draw.between(0, waveform.duration - last)
        labels = [(one.start, one.end, one.name) for one in phones(utterance)]
        made.append(
            mouth_scene(
                waveform, labels, seed=draw.below(2**40), start=start, end=start + last,
                offset=offset, **noise,
            )
        )  # fmt: skip
    return made[0], made[1]


def measured(clip: Clip) -> tuple[PeakSigns | None, float]:
    """Return the signs of the peak, and where it is."""
    picture, sound = motion_change(clip), onset_strength(clip)
    reach = min(0.6, largest_offset(picture, sound))
    curve = cross_correlation(picture, sound, max_offset=reach)
    return signs_of(picture, sound, curve), peak_of(curve)[0]


def rows_of(n: int) -> list[Row]:
    """Return the clips, drawn and measured."""
    draw = Draw(17)
    said = [one for one in voices(speaker="shmyrev") if one.end - one.start > 2.5]
    rows = []
    for number in range(n):
        share, kind = draw.share(), KINDS[-1]
        for name, part in zip(KINDS, SHARES, strict=True):
            if share < part:
                kind = name
                break
            share -= part
        one, other = speech(said, draw) if kind == "mouth" else events(kind, draw)
        own = draw.share() < 2 / 3
        clip = one.clip
        if not own:
            clip = Clip(clip.frames, clip.frame_times, other.clip.waveform)
        signs, seconds = measured(clip)
        rows.append(Row(kind, own, signs, seconds - one.truth.offset))
        if number % 200 == 0:
            print(number, flush=True)
    return rows


def features(rows: list[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Return a constant and logarithms of height and moments, what is left, and what was right."""
    signs = [row.signs for row in rows if row.signs is not None]
    numbers = torch.tensor([[1.0, one.height, one.moments] for one in signs]).double()
    numbers[:, 1:] = numbers[:, 1:].log()
    left = torch.tensor([shares_left(one) for one in signs]).double()
    right = torch.tensor([row.right for row in rows if row.signs is not None]).double()
    return numbers, left, right


def fitted(rows: list[Row]) -> Tensor:
    """Return the weights of greatest likelihood."""
    numbers, left, right = features(rows)
    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        share = (left * torch.sigmoid(numbers @ weights)).clamp(1e-6, 1 - 1e-6)
        found = -(right * share.log() + (1 - right) * (1 - share).log()).mean()
        found.backward()
        return found

    optimizer.step(loss)
    return weights.detach()


def sure(signs: PeakSigns | None, weights: Tensor) -> float:
    """Return the confidence that these weights give."""
    if signs is None:
        return 0.0
    numbers, left, _ = features([Row("", True, signs, 0.0)])
    return float(left * torch.sigmoid(numbers @ weights))


def coverage(pairs: list[tuple[float, bool]]) -> dict[str, Any]:
    """Return what share is sure, and what share of that is right, from each confidence on."""
    table: dict[str, Any] = {"clips": len(pairs)}
    for least in LEAST:
        some = [right for confidence, right in pairs if confidence >= least]
        share = round(sum(some) / len(some), 4) if some else None
        table[f"from {least:g}"] = {"sure": round(len(some) / len(pairs), 4), "right": share}
    return table


def real(weights: Tensor) -> dict[str, Any]:
    """Return the same for windows of 4 s of the two real clips, taken to be in time as they are.

    Right is what lies within two pictures of the shift.
    """
    table = {}
    for name in ("talking_head", "test_movie"):
        clip = videos()[name].load(max_height=64)
        pairs, offsets = [], []
        for begin in range(int(clip.duration) - 3):
            for shift in SHIFTS:
                part = clip.shift_sound(shift).slice(float(begin), begin + 4.0)
                signs, seconds = measured(part)
                off = seconds - shift
                pairs.append((sure(signs, weights), abs(off) <= 2 / clip.frame_rate))
                offsets.append(round(1000 * off))
        table[name] = {**coverage(pairs), "off by, in ms": offsets}
    return table


def run() -> dict[str, Any]:
    """Return the weights, how they hold on clips that they were not fitted to, and on real ones."""
    torch.set_num_threads(1)
    rows = rows_of(N_CLIPS)
    weights = torch.tensor([round(value, 2) for value in fitted(rows[::2]).tolist()]).double()
    test = rows[1::2]
    pairs = [(sure(row.signs, weights), row.right) for row in test]
    bins = []
    for k in range(10):
        some = [(c, r) for c, r in pairs if k / 10 <= c < (k + 1) / 10 or (k == 9 and c == 1)]
        if some:
            share = sum(right for _, right in some) / len(some)
            mean = sum(confidence for confidence, _ in some) / len(some)
            bins.append({"clips": len(some), "said": round(mean, 4), "right": round(share, 4)})
    kinds = {
        f"{kind}, {'own' if own else 'another'}": coverage(
            [
                pair
                for row, pair in zip(test, pairs, strict=True)
                if (row.kind, row.own) == (kind, own)
            ]
        )
        for kind in KINDS
        for own in (True, False)
    }
    found = {
        "weights": weights.tolist(),
        "test": coverage(pairs),
        "bins": bins,
        "kinds": kinds,
        "real clips": real(weights),
    }
    print(found, flush=True)
    return found
