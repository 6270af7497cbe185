"""Lesson 17: two towers on bouncing balls: what they learn, where they stick at chance, and where.

Towers train on scenes that are made as they go, and are tested on scenes of other seeds. Three
seeds learn rightly. The same seeds learn with time stamps that are wrong by a random amount a clip,
wrong by a constant, and from pairs with negatives that are too near; and each of them mended.
"""

import math
from typing import Any

import torch
from torch import Tensor

from avtutor.models.sync import SyncTowers, candidate_scores, over_context, stacked
from avtutor.models.sync_input import sync_input
from avtutor.models.sync_training import SyncRecipe, train_towers
from avtutor.sync import Curve, cross_correlation, motion_change, onset_strength, peak_of
from avtutor.synth import Scene, SceneConfig, scene

SEEDS = (0, 1, 2)
STEPS, FEWER = 300, 100
N_TEST = 100
SECONDS = 5.0
CONTEXTS = {"0.2": 1, "0.5": 8, "1.0": 21, "2.0": 46}
"""Seconds of picture that are looked at, and windows in them: 0.2 s for the first, 0.04 s each."""

HARDER = {
    "clean": {},
    "noise": {"snr_sound_db": 10.0, "snr_picture_db": 15.0},
    "a silent ball": {"n_silent": 1},
    "unseen sounds": {"n_unseen": 6},
    "strings, never trained": {"kind": "strings"},
}
BASE = 10_000_000  # the first seed of a scene to test on; those of training are far larger


def median(values: list[float]) -> float:
    """Return the middle value."""
    return float(torch.tensor(values).median())


def mean(values: list[float]) -> float:
    """Return the mean."""
    return float(torch.tensor(values, dtype=torch.float64).mean())


def rounded(value: float, places: int = 4) -> float:
    """Return what is stored."""
    return round(float(value), places)


def test_scene(number: int, frames: float, settings: dict[str, Any]) -> Scene:
    """Return a scene whose sound is so many frames late."""
    given = {"kind": "balls", "seconds": SECONDS, "size": 32, "offset": frames / 25, **settings}
    return scene(SceneConfig(**given), seed=BASE + number)


def scores_of(towers: SyncTowers, one: Scene, *, sound: Scene | None = None) -> Tensor:
    """Return the similarity of each window at each offset in steps of 10 ms, [window, offset]."""
    config = towers.config
    seen = sync_input(one.clip, config)
    heard = seen if sound is None else sync_input(sound.clip, config)
    pictures, _, first = stacked([seen])
    starts = torch.arange(config.reach, first.shape[1] - config.reach - config.n_frames + 1)
    offsets = torch.arange(-4 * config.reach, 4 * config.reach + 1)
    with torch.no_grad():
        found = candidate_scores(towers, pictures, heard.levels[None], first, starts, offsets)
    return found[0]


def fine_peak(scores: Tensor) -> float:
    """Return the offset in seconds where the mean over the windows is highest."""
    n = scores.shape[1] // 2
    offsets = torch.arange(-n, n + 1, dtype=torch.float64) * 0.01
    return peak_of(Curve(offsets, scores.mean(dim=0)))[0]


def against_context(towers: SyncTowers, settings: dict[str, Any]) -> dict[str, Any]:
    """Return how often the best of 31 offsets is within a frame, over contexts of each length."""
    generator = torch.Generator().manual_seed(1)
    shares: dict[str, list[float]] = {name: [] for name in CONTEXTS}
    errors: dict[str, list[float]] = {name: [] for name in ("1.0", "2.0")}
    by_hand: dict[str, list[float]] = {name: [] for name in ("1.0", "2.0")}
    events = []
    reach = towers.config.reach
    for number in range(N_TEST):
        late = int(torch.randint(-reach, reach + 1, (), generator=generator))
        scores = scores_of(towers, test_scene(number, late, settings))
        for name, n in CONTEXTS.items():
            best = over_context(scores[None, :, ::4], n)[0].argmax(dim=1) - reach
            shares[name].append(float(((best - late).abs() <= 1).float().mean()))
        # Offsets between the frames, to be told to the millisecond.
        exact = late + float(torch.rand((), generator=generator)) - 0.5
        exact = max(min(exact, reach - 1.0), 1.0 - reach)
        one = test_scene(number, exact, settings)
        scores = scores_of(towers, one)
        picture, sound = motion_change(one.clip), onset_strength(one.clip)
        for name in errors:
            some = scores[20 : 20 + CONTEXTS[name]]
            errors[name].append(fine_peak(some) - exact / 25)
            begin = (reach + 20) / 25
            end = begin + float(name)
            seen = picture.between(begin, end)
            curve = cross_correlation(seen, sound, max_offset=0.6)
            by_hand[name].append(peak_of(curve)[0] - exact / 25)
            if name == "2.0":
                times = one.truth.event_times[one.truth.seen & one.truth.heard]
                events.append(float(((times >= begin) & (times < end)).sum()))
    return {
        "within one frame": {name: rounded(mean(values)) for name, values in shares.items()},
        "events in 2 s": rounded(mean(events), 2),
        "frames a second": 25,
        "between frames": {
            name: {
                "towers, median error in ms": rounded(1000 * median([abs(e) for e in values]), 2),
                "towers, bias in ms": rounded(1000 * median(values), 2),
                "towers, within 40 ms": rounded(mean([abs(e) <= 0.04 for e in values])),
                "by hand, median error in ms": rounded(
                    1000 * median([abs(e) for e in by_hand[name]]), 2
                ),
                "by hand, within 40 ms": rounded(mean([abs(e) <= 0.04 for e in by_hand[name]])),
            }
            for name, values in errors.items()
        },
    }


def mismatched(towers: SyncTowers) -> dict[str, float]:
    """Return how high the peak stands above the mean, for its own sound and for another's."""
    own, other, hits = [], [], []
    for number in range(N_TEST):
        one = test_scene(number, 0, {})
        for sound, into in ((None, own), (test_scene(number + 5000, 0, {}), other)):
            curve = scores_of(towers, one, sound=sound)[10:56].mean(dim=0)
            into.append(float(curve.max() - curve.mean()))
            if sound is not None:
                hits.append(float((curve.argmax() - 60).abs() <= 4))
    a, b = torch.tensor(own), torch.tensor(other)
    return {
        "peak above the mean, own sound": rounded(median(own)),
        "peak above the mean, another's": rounded(median(other)),
        "own above another's, share of pairs": rounded(float((a[:, None] > b).float().mean())),
        "another's within one frame of 0": rounded(mean(hits)),
    }


def places(towers: SyncTowers) -> dict[str, float]:
    """Return how often the warmest place is nearer to the ball that is heard than to the other.

    Two balls of which one is heard, 64 pixels; then the other one is heard instead, and nothing
    else is changed. At each impact, and for the clip as a whole.
    """
    at_events: list[float] = []
    of_clips: list[float] = []
    moved: list[float] = []
    for number in range(N_TEST):
        columns = []
        for sounding in (0, 1):
            settings = SceneConfig(
                "balls", seconds=3.0, size=64, n_silent=1, first_sounding=sounding
            )
            one = scene(settings, seed=BASE + number)
            hits, column, total = _hits(towers, one, sounding)
            at_events += hits
            of_clips.append(float(total))
            columns.append(column)
        apart = one.truth.positions[:, 1, 1].mean() - one.truth.positions[:, 0, 1].mean()
        moved.append(float((columns[1] - columns[0]) * apart.sign() > 0))
    return {
        "chance": 0.5,
        "hits at impacts": rounded(mean(at_events)),
        "impacts": len(at_events),
        "hits over clips of 3 s": rounded(mean(of_clips)),
        "the heat moves to the other ball when the other is heard": rounded(mean(moved)),
    }


def _hits(towers: SyncTowers, one: Scene, sounding: int) -> tuple[list[float], float, bool]:
    """Return a hit or none for each impact, the mean column of the heat, and the whole clip's."""
    config = towers.config
    pictures, levels, first = stacked([sync_input(one.clip, config)])
    n_frames = first.shape[1]
    starts = torch.arange(n_frames - config.n_frames - 1)
    with torch.no_grad():
        heat = towers.heat(pictures, levels, starts)[0]  # [window, column, place]
    own = heat[torch.arange(len(starts)), first[0, starts]]  # [window, place]
    side = int(own.shape[1] ** 0.5)
    cell = 64 / side
    times = one.truth.event_times[one.truth.heard & one.truth.seen]
    hits, votes, columns = [], torch.zeros(2), []
    for time in times.tolist():
        start = round(time * 25) - config.n_frames // 2
        if not 0 <= start < len(starts):
            continue
        place = int(own[start].argmax())
        at = torch.tensor([(place // side + 0.5) * cell, (place % side + 0.5) * cell])
        balls = one.truth.positions[start + config.n_frames // 2]
        distance = (balls - at).norm(dim=1)
        hits.append(float(distance[sounding] < distance[1 - sounding]))
        votes[int(distance.argmin())] += 1
        columns.append(float(at[1]))
    return hits, mean(columns), bool(votes[sounding] > votes[1 - sounding])


def wrong(name: str, recipe: SyncRecipe) -> dict[str, Any]:
    """Train by a recipe, and return where its loss ends, and what it makes of test scenes."""
    towers, losses = train_towers(recipe, each=lambda k, loss: told(name, k, loss))
    reach = towers.config.reach
    offsets, hits = [], []
    for number in range(N_TEST):
        scores = scores_of(towers, test_scene(number, 0, {}))[20:66]
        offsets.append(fine_peak(scores))
        best = int(scores[:, ::4].mean(dim=0).argmax()) - reach
        hits.append(float(abs(best) <= 1))
    pairs = recipe.objective == "pairs"
    return {
        "chance": rounded(math.log(2) if pairs else math.log(towers.config.n_candidates)),
        "loss of each tenth": tenths(losses),
        "within one frame, 2 s": rounded(mean(hits)),
        "median offset in ms of clips in time": rounded(1000 * median(offsets), 1),
    }


def tenths(losses: list[float]) -> list[float]:
    """Return the mean loss over each tenth of the training."""
    return [rounded(float(part.mean())) for part in torch.tensor(losses).tensor_split(10)]


def told(name: str, step: int, loss: float) -> None:
    """Say how far it is."""
    if step % 50 == 0:
        print(name, step, round(loss, 3), flush=True)


def run() -> dict[str, Any]:
    """Return a row for each seed, one for each of the mistakes, and chance."""
    torch.set_num_threads(1)
    rows = []
    for seed in SEEDS:
        towers, losses = train_towers(
            SyncRecipe(seed=seed, steps=STEPS), each=lambda k, loss: told("right", k, loss)
        )
        row: dict[str, Any] = {"seed": seed, "loss of each tenth": tenths(losses)}
        row["scenes"] = {name: against_context(towers, kw) for name, kw in HARDER.items()}
        row["another clip's sound"] = mismatched(towers)
        row["where"] = places(towers)
        print(row, flush=True)
        rows.append(row)
    mistakes: dict[str, dict[str, Any]] = {
        "right, candidates": {},
        "stamps random": {"stamps": "random"},
        "stamps 200 ms late": {"stamps": "constant"},
        "pairs, negatives within a frame": {"objective": "pairs", "farthest": 1},
        "pairs, negatives within 15 frames": {"objective": "pairs"},
    }
    return {
        "parameters": sum(p.numel() for p in towers.parameters()),
        "chance, candidates": rounded(math.log(31)),
        "chance, pairs": rounded(math.log(2)),
        "chance, within one frame": rounded(3 / 31),
        "rows": rows,
        "stuck and mended": {
            name: [wrong(name, SyncRecipe(seed=seed, steps=FEWER, **kw)) for seed in SEEDS]
            for name, kw in mistakes.items()
        },
    }
