"""Offsets by the towers that ship: right where they were trained, and described as measured."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from avtutor.clip import Clip
from avtutor.models.sync import SyncTowers
from avtutor.models.sync_input import SyncConfig, sync_input
from avtutor.sync import by_towers, load_sync_model, measure_offset, tower_curve
from avtutor.sync.towers import WEIGHTS, SyncModel, tower_confidence
from avtutor.synth import SceneConfig, scene
from avtutor.training import read_checkpoint
from avtutor.waveform import Waveform

ROOT = Path(__file__).resolve().parents[1]
STRANGE = "towers, sure of another's sound"
TABLE = json.loads((ROOT / "experiments/17_shipped.json").read_text(encoding="utf-8"))["result"]


@pytest.fixture(scope="module")
def random_towers() -> SyncTowers:
    torch.manual_seed(0)
    return SyncTowers(SyncConfig(width=4, n_features=16)).eval()


def clip_of(seed: int, offset: float, **settings: object) -> Clip:
    config = SceneConfig("balls", seconds=3.0, offset=offset)
    return scene(replace(config, **settings), seed=seed).clip  # type: ignore[arg-type]


def test_the_curve_is_the_mean_over_windows(random_towers: SyncTowers) -> None:
    """By hand, with a sound that begins late, so that not all windows have all offsets."""
    clip = clip_of(1, 0.0).shift_sound(0.31)
    curve, n_windows = tower_curve(clip, random_towers, max_offset=0.3)
    seen = sync_input(clip, random_towers.config)
    assert n_windows == 71 and len(curve.values) == 61
    with torch.no_grad():
        similar = random_towers(seen.pictures[None], seen.levels[None], torch.arange(71))[0]
    sums, counts = torch.zeros(61).double(), torch.zeros(61).double()
    for window in range(71):
        columns = int(seen.first[window]) + torch.arange(-30, 31)
        there = (columns >= 0) & (columns < similar.shape[1])
        if not there.any():
            continue
        values = similar[window, columns[there]].double()
        sums[there] += values - values.mean()
        counts[there] += 1
    assert counts.min() < counts.max()
    expected = sums / counts * (counts / counts.max()).sqrt()
    assert torch.allclose(curve.values, expected, atol=1e-6)
    assert torch.allclose(curve.times, torch.arange(-30, 31).double() / 100)


@pytest.mark.parametrize("offset", [-0.43, 0.0, 0.16])
def test_the_shipped_towers_find_an_offset(offset: float) -> None:
    errors = []
    for seed in range(5):
        found = measure_offset(clip_of(seed, offset), method="towers")
        errors.append(abs(found.seconds - offset))
    assert sorted(errors)[3] < 0.02


def test_the_sign_is_that_of_shift_sound() -> None:
    clip = clip_of(3, 0.0)
    moved = measure_offset(clip.shift_sound(0.2), method="towers", max_offset=0.5)
    assert moved.seconds - measure_offset(clip, method="towers").seconds == pytest.approx(
        0.2, abs=0.01
    )


def test_another_sound_is_trusted_less() -> None:
    own, other = [], []
    for seed in range(8):
        clip, strange = clip_of(seed, 0.0), clip_of(100 + seed, 0.0)
        own.append(measure_offset(clip, method="towers").confidence)
        mixed = Clip(clip.frames, clip.frame_times, strange.waveform)
        other.append(measure_offset(mixed, method="towers").confidence)
    assert sum(own) / 8 > sum(other) / 8 + 0.3


def test_with_nothing_to_go_by_the_confidence_is_0() -> None:
    clip = clip_of(0, 0.0)
    still = Clip(clip.frames[:1].expand_as(clip.frames).clone(), clip.frame_times, clip.waveform)
    quiet = Clip(clip.frames, clip.frame_times, Waveform(torch.zeros(1, 48000), 16000))
    for one in (still, quiet):
        found = measure_offset(one, method="towers")
        assert (found.seconds, found.confidence) == (0.0, 0.0)


def test_the_confidence_is_the_formula() -> None:
    weights = (1.0, 2.0, 0.5)
    score = 1 + 2 * torch.tensor(0.3).log() + 0.5 * torch.tensor(40.0).log()
    expected = float(torch.sigmoid(score)) * (1 - 0.8**6)
    assert tower_confidence((0.3, 0.8), 40, weights) == pytest.approx(expected, abs=1e-6)
    assert tower_confidence(None, 40, weights) == 0


def test_the_file_is_small_and_says_what_the_table_says() -> None:
    _, facts = read_checkpoint(WEIGHTS)
    assert WEIGHTS.stat().st_size <= 2_000_000
    assert facts == {name: TABLE[name] for name in facts}
    assert TABLE["shipped"]
    shares = TABLE["mean share within 40 ms"]
    assert shares["towers"] > shares["by hand"]


def test_the_card_states_the_numbers_of_the_table() -> None:
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    for kind, row in TABLE["kinds"].items():
        line = next(line for line in card.splitlines() if line.startswith(f"| {kind} |"))
        cells = [cell.strip() for cell in line.split("|")[2:-1]]
        sure = row["towers, right when sure"]
        assert cells == [
            f"{row['towers, within 40 ms']:.2f}",
            f"{row['by hand, within 40 ms']:.2f}",
            f"{row['towers, median error in ms']:.1f}",
            f"{row['by hand, median error in ms']:.1f}",
            f"{row['towers, sure']:.2f}",
            "" if sure is None else f"{sure:.2f}",
            f"{row[STRANGE]:.2f}",
        ]


@pytest.mark.bad_input
def test_what_is_refused(tmp_path: Path, random_towers: SyncTowers) -> None:
    clip = clip_of(0, 0.0)
    model = SyncModel(random_towers, (0.0, 1.0, 0.0))
    with pytest.raises(ValueError, match="max_offset must be at most 2.6"):
        by_towers(clip, model, max_offset=2.8)
    with pytest.raises(ValueError, match="max_offset must be above 0 s, got 0"):
        by_towers(clip, model, max_offset=0.0)
    with pytest.raises(ValueError, match="the clip must have sound, got None"):
        by_towers(Clip(clip.frames, clip.frame_times, None), model)
    with pytest.raises(ValueError, match="max_offset must be at most 0.000 s"):
        by_towers(clip.shift_sound(20.0), model)
    with pytest.raises(ValueError, match="cannot be read"):
        load_sync_model(tmp_path / "none.safetensors")
    with pytest.raises(ValueError, match="is no sync model"):
        load_sync_model(WEIGHTS.with_name("language.safetensors"))
