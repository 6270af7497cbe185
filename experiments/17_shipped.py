"""Lesson 17: the towers that ship: trained on balls and strings, compared with the hand-made way.

Clips of 3 s with offsets from -0.5 to 0.5 s that neither has seen. The weights are written if the
towers are nearer more often than the hand-made curves, over the kinds that they were trained on.
"""

import dataclasses
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avtutor.clip import Clip
from avtutor.datasets import phones, videos, voices
from avtutor.models.sync import SyncTowers
from avtutor.models.sync_training import SyncRecipe, train_towers
from avtutor.sync import cross_correlation, motion_change, onset_strength, peak_of, tower_curve
from avtutor.sync.confidence import height_and_rival
from avtutor.synth import Scene, SceneConfig, mouth_scene, scene
from avtutor.training import write_checkpoint

DATA = ("festvox-ru", "psychopy")
RECIPE = SyncRecipe(seed=0, steps=800, kinds=("balls", "strings"))
WEIGHTS = Path(__file__).parents[1] / "avtutor/models/weights/sync.safetensors"
SECONDS = 3.0
N_TEST, N_FIT = 100, 150
BASE = 20_000_000  # the first seed of a scene to fit and to test on
TRAINED: dict[str, dict[str, Any]] = {
    "balls": {"kind": "balls"},
    "balls, noise": {"kind": "balls", "snr_sound_db": 10.0, "snr_picture_db": 15.0},
    "balls, one of them silent": {"kind": "balls", "n_silent": 1},
    "balls, unseen sounds": {"kind": "balls", "n_unseen": 6},
    "strings": {"kind": "strings"},
    "strings, one of them silent": {"kind": "strings", "n_silent": 1},
    "strings, unseen sounds": {"kind": "strings", "n_unseen": 6},
}
OTHERS = ("balls at 30 a second", "drawn mouths")
SHIFTS = (-0.4, -0.16, 0.0, 0.16, 0.4)
LEAST = 0.8


def drawn(kind: str, number: int, offset: float) -> Scene:
    """Return a scene of a kind whose sound is late by `offset`."""
    if kind == "drawn mouths":
        said = [one for one in voices(speaker="shmyrev") if one.end - one.start > SECONDS]
        one = said[number % len(said)]
        labels = [(phone.start, phone.end, phone.name) for phone in phones(one)]
        return mouth_scene(
            one.load(), labels, seed=BASE + number, end=SECONDS, size=64, offset=offset
        )
    settings = TRAINED.get(kind, {"kind": "balls", "frame_rate": 30.0})
    config = SceneConfig(**{"seconds": SECONDS, "size": 64, "offset": offset, **settings})
    return scene(config, seed=BASE + number)


def by_hand(clip: Clip) -> float:
    """Return what the curves say."""
    return peak_of(cross_correlation(motion_change(clip), onset_strength(clip), max_offset=0.6))[0]


def features(signs: tuple[float, float] | None, n_windows: int) -> list[float]:
    """Return height, what a rival leaves, and windows."""
    height, rival = signs if signs is not None else (1e-9, 1.0)
    return [max(height, 1e-9), 1 - rival**6, float(n_windows)]


def fitted(rows: Tensor, right: Tensor) -> Tensor:
    """Return the weights of `tower_confidence` of greatest likelihood."""
    numbers = torch.stack([torch.ones(len(rows)).double(), rows[:, 0].log(), rows[:, 2].log()], 1)
    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        share = (rows[:, 1] * torch.sigmoid(numbers @ weights)).clamp(1e-6, 1 - 1e-6)
        found = -(right * share.log() + (1 - right) * (1 - share).log()).mean()
        found = found + 1e-3 * weights.square().sum()
        found.backward()
        return found

    optimizer.step(loss)
    return weights.detach()


def confidences(rows: Tensor, weights: Tensor) -> Tensor:
    """Return the confidence of each."""
    score = weights[0] + weights[1] * rows[:, 0].log() + weights[2] * rows[:, 2].log()
    return rows[:, 1] * torch.sigmoid(score)


def clips_to_fit(towers: SyncTowers) -> tuple[Tensor, Tensor]:
    """Return the features of clips of 1.5 to 6 s, a third with another's sound, and what is right.

    Mouths are among them, so that what was not trained is met with caution.
    """
    generator = torch.Generator().manual_seed(5)
    rows, right = [], []
    for kind in (*TRAINED, "drawn mouths"):
        for number in range(N_FIT):
            share, late, length = torch.rand(3, generator=generator).tolist()
            offset = late - 0.5
            clip = drawn(kind, 5000 + number, offset).clip
            if share < 1 / 3:
                clip = Clip(
                    clip.frames,
                    clip.frame_times,
                    drawn(kind, 9000 + number, offset).clip.waveform,
                )
            clip = clip.slice(0.0, 1.5 + 1.5 * length)
            curve, n_windows = tower_curve(clip, towers)
            rows.append(features(height_and_rival(curve), n_windows))
            right.append(float(share >= 1 / 3 and abs(peak_of(curve)[0] - offset) <= 0.04))
    return torch.tensor(rows).double(), torch.tensor(right).double()


def compared(towers: SyncTowers, kind: str, weights: Tensor) -> dict[str, Any]:
    """Return both ways side by side on one kind of scene."""
    generator = torch.Generator().manual_seed(6)
    errors: dict[str, list[float]] = {"towers": [], "by hand": []}
    rows, other = [], []
    for number in range(N_TEST):
        offset = float(torch.rand((), generator=generator)) - 0.5
        clip = drawn(kind, number, offset).clip
        curve, n_windows = tower_curve(clip, towers)
        errors["towers"].append(peak_of(curve)[0] - offset)
        errors["by hand"].append(by_hand(clip) - offset)
        rows.append(features(height_and_rival(curve), n_windows))
        strange = Clip(
            clip.frames, clip.frame_times, drawn(kind, 2000 + number, offset).clip.waveform
        )
        curve, n_windows = tower_curve(strange, towers)
        other.append(features(height_and_rival(curve), n_windows))
    found: dict[str, Any] = {}
    for way, values in errors.items():
        off = torch.tensor(values).abs()
        found[f"{way}, within 40 ms"] = round(float((off <= 0.04).double().mean()), 4)
        found[f"{way}, median error in ms"] = round(1000 * float(off.median()), 2)
    sure = confidences(torch.tensor(rows).double(), weights) >= LEAST
    right = torch.tensor(errors["towers"]).abs() <= 0.04
    found["towers, sure"] = round(float(sure.double().mean()), 4)
    found["towers, right when sure"] = (
        round(float(right[sure].double().mean()), 4) if bool(sure.any()) else None
    )
    strange_sure = confidences(torch.tensor(other).double(), weights) >= LEAST
    found["towers, sure of another's sound"] = round(float(strange_sure.double().mean()), 4)
    print(kind, found, flush=True)
    return found


def real(towers: SyncTowers, weights: Tensor) -> dict[str, Any]:
    """Return the same for windows of 4 s of two real clips, taken to be in time, then shifted."""
    table = {}
    for name in ("talking_head", "test_movie"):
        clip = videos()[name].load(max_height=64)
        rows, off = [], []
        for begin in range(int(clip.duration) - 3):
            for shift in SHIFTS:
                part = clip.shift_sound(shift).slice(float(begin), begin + 4.0)
                curve, n_windows = tower_curve(part, towers)
                rows.append(features(height_and_rival(curve), n_windows))
                off.append(peak_of(curve)[0] - shift)
        sure = confidences(torch.tensor(rows).double(), weights) >= LEAST
        right = torch.tensor(off).abs() <= 2 / clip.frame_rate
        table[name] = {
            "clips": len(off),
            "right": round(float(right.double().mean()), 4),
            "sure": round(float(sure.double().mean()), 4),
            "right when sure": round(float(right[sure].double().mean()), 4) if sure.any() else None,
        }
    return table


def told(step: int, loss: float) -> None:
    """Say how far it is."""
    if step % 100 == 0:
        print(step, round(loss, 3), flush=True)


def run() -> dict[str, Any]:
    """Return the comparison, and write the weights if the towers are better."""
    torch.set_num_threads(1)
    towers, losses = train_towers(RECIPE, each=told)
    weights = fitted(*clips_to_fit(towers))
    weights = torch.tensor([round(value, 3) for value in weights.tolist()], dtype=torch.float64)
    print(weights, flush=True)
    table = {kind: compared(towers, kind, weights) for kind in (*TRAINED, *OTHERS)}
    shares = {
        way: sum(table[kind][f"{way}, within 40 ms"] for kind in TRAINED) / len(TRAINED)
        for way in ("towers", "by hand")
    }
    better = shares["towers"] > shares["by hand"]
    facts = {
        "model": "SyncTowers",
        "config": dataclasses.asdict(towers.config),
        "confidence": weights.tolist(),
        "seed": RECIPE.seed,
        "steps": RECIPE.steps,
    }
    if better:
        write_checkpoint(WEIGHTS, towers.state_dict(), facts)
    return {
        **facts,
        "loss of the last tenth": round(sum(losses[-80:]) / 80, 4),
        "mean share within 40 ms": {way: round(share, 4) for way, share in shares.items()},
        "shipped": better,
        "kinds": table,
        "real clips": real(towers, weights),
    }
