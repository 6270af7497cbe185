"""The two towers: what they are given, what they compare, and what chance gives."""

import math
from dataclasses import replace

import pytest
import torch

from avtutor.clip import Clip
from avtutor.models.sync import (
    SyncTowers,
    balanced_loss,
    candidate_loss,
    candidate_scores,
    over_context,
    stacked,
)
from avtutor.models.sync_input import SyncConfig, sync_input
from avtutor.models.sync_training import SyncRecipe, train_towers, training_batch
from avtutor.spectral import below_peak, columns_of, log_mel
from avtutor.synth import SceneConfig, scene

CONFIG = SyncConfig()
SMALL = SyncConfig(width=4, n_features=16)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return scene(SceneConfig("balls", seconds=2.2, size=32), seed=0).clip


@pytest.fixture(scope="module")
def towers() -> SyncTowers:
    torch.manual_seed(0)
    return SyncTowers(SMALL).eval()


# What goes in


def test_the_input_is_differences_and_columns(clip: Clip) -> None:
    got = sync_input(clip, CONFIG)
    grey = clip.frames.float().mean(dim=-1) / 255
    assert torch.allclose(got.pictures, grey[1:] - grey[:-1])
    levels = below_peak(log_mel(clip.waveform.samples[0], CONFIG.spectrogram), 50.0)
    assert torch.allclose(got.levels, levels / 50 + 1)
    assert float(got.levels.max()) == 1 and float(got.levels.min()) >= 0
    assert torch.equal(got.first, columns_of(clip, CONFIG.spectrogram).nearest)


def test_a_late_sound_has_its_columns_earlier(clip: Clip) -> None:
    first = sync_input(clip, CONFIG).first
    for columns in (3, 40, -25):
        moved = sync_input(clip.shift_sound(columns * 0.01), CONFIG).first
        assert torch.equal(moved, first - columns)  # below 0 where nothing is heard yet


def test_another_rate_is_read_at_the_nearest_picture() -> None:
    fast = scene(SceneConfig("balls", seconds=2.0, size=32, frame_rate=50.0), seed=1).clip
    slow = Clip(fast.frames[::2], fast.frame_times[::2], fast.waveform)
    got, expected = sync_input(fast, CONFIG), sync_input(slow, CONFIG)
    assert torch.equal(got.pictures, expected.pictures)
    assert torch.equal(got.first, expected.first)
    large = scene(SceneConfig("balls", seconds=2.0, size=64), seed=1).clip
    assert sync_input(large, CONFIG).pictures.shape == (49, 32, 32)


@pytest.mark.bad_input
def test_input_that_does_not_fit(clip: Clip) -> None:
    with pytest.raises(ValueError, match="the clip must have sound, got None"):
        sync_input(Clip(clip.frames, clip.frame_times, None), CONFIG)
    with pytest.raises(ValueError, match="at least 5 pictures at 25 a second, got 4"):
        sync_input(clip.slice(0.0, 0.16), CONFIG)
    with pytest.raises(ValueError, match="n_frames must be at least 2"):
        SyncConfig(n_frames=1)
    with pytest.raises(ValueError, match="a whole number of columns"):
        SyncConfig(frame_rate=30.0, n_frames=4)
    with pytest.raises(ValueError, match="reach must be at least 1, got 0"):
        SyncConfig(reach=0)
    one, other = sync_input(clip, CONFIG), sync_input(clip.slice(0.0, 1.0), CONFIG)
    with pytest.raises(ValueError, match="the clips must have one length"):
        stacked([one, other])


# The network


def test_embeddings_have_length_1_and_windows_their_own_sound(
    towers: SyncTowers, clip: Clip
) -> None:
    pictures, levels, _ = stacked([sync_input(clip, SMALL)] * 2)
    starts = torch.tensor([0, 7, 20])
    maps, heard = towers.maps(pictures, starts), towers.sound(levels)
    assert torch.allclose(maps.norm(dim=2), torch.ones(()), atol=1e-5)
    assert torch.allclose(heard.norm(dim=1), torch.ones(()), atol=1e-5)
    # A window of sound is SMALL.n_columns long, and no more of it is looked at.
    alone = towers.sound(levels[:, :, 30 : 30 + SMALL.n_columns])
    assert torch.allclose(alone[..., 0], heard[..., 30], atol=1e-5)
    # A window of pictures is n_frames long.
    moved = pictures.clone()
    moved[:, 7 + SMALL.n_frames - 1 :] = 0.3
    assert torch.allclose(towers.maps(moved, starts)[:, :2], maps[:, :2], atol=1e-5)
    # Each pair by itself.
    found = towers(pictures, levels, starts)
    by_hand = (maps[0, 1].flatten(1).T @ heard[0, :, 12]).max()
    assert torch.allclose(found[0, 1, 12], by_hand, atol=1e-5)


def test_the_heat_moves_with_the_picture(towers: SyncTowers) -> None:
    """The tower is the same everywhere, but for the edges."""
    g = torch.Generator().manual_seed(3)
    pictures = torch.zeros(1, 4, 32, 32)
    pictures[:, :, 10:14, 10:14] = torch.rand(1, 4, 4, 4, generator=g)
    levels = torch.rand(1, SMALL.n_mels, SMALL.n_columns, generator=g)
    starts = torch.tensor([0])
    one = towers.heat(pictures, levels, starts)[0, 0, 0].unflatten(0, (8, 8))
    other = towers.heat(pictures.roll(8, dims=3), levels, starts)[0, 0, 0].unflatten(0, (8, 8))
    assert torch.allclose(one[1:6, 1:5], other[1:6, 3:7], atol=1e-5)
    assert one.std() > 1e-4


def test_candidates_are_the_columns_at_each_offset(towers: SyncTowers, clip: Clip) -> None:
    pictures, levels, first = stacked([sync_input(clip, SMALL)])
    starts, offsets = torch.tensor([16, 20]), torch.tensor([-8, 0, 12])
    got = candidate_scores(towers, pictures, levels, first, starts, offsets)
    everything = towers(pictures, levels, starts)
    for w, start in enumerate((16, 20)):
        for c, offset in enumerate((-8, 0, 12)):
            assert got[0, w, c] == everything[0, w, 4 * start + offset]
    with pytest.raises(ValueError, match=r"from 0 to 201, got -4 to"):
        candidate_scores(towers, pictures, levels, first, torch.tensor([1]), torch.tensor([-8]))


def test_the_context_is_a_running_mean() -> None:
    scores = torch.arange(10.0)[None, :, None].repeat(1, 1, 2)
    assert torch.equal(over_context(scores, 4)[0, :, 0], torch.arange(7.0) + 1.5)
    assert torch.equal(over_context(scores, 1), scores)


# Chance


def test_chance_is_the_logarithm_of_the_choices() -> None:
    for n in (2, 31, 121):
        loss = candidate_loss(torch.full((5, n), 0.7), n // 2)
        assert float(loss) == pytest.approx(math.log(n), rel=1e-6)
    assert float(balanced_loss(torch.zeros(7), torch.zeros(7))) == pytest.approx(math.log(2))
    sure = candidate_loss(torch.tensor([[0.0, 20.0, 0.0]]), torch.tensor([1]))
    assert float(sure) < 1e-6
    assert float(balanced_loss(torch.full((4,), 20.0), torch.full((4,), -20.0))) < 1e-6
    # By the formula: -log(sigmoid(2)) and -log(1 - sigmoid(1)), and their mean.
    by_hand = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))) / 2
    assert float(balanced_loss(torch.tensor([2.0]), torch.tensor([1.0]))) == pytest.approx(by_hand)


# Training


def test_the_same_recipe_gives_the_same_towers() -> None:
    recipe = SyncRecipe(steps=2, batch=2)
    (one, losses), (other, again) = (train_towers(recipe, SMALL) for _ in range(2))
    assert losses == again
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    _, third = train_towers(replace(recipe, seed=1), SMALL)
    assert third != losses


def test_stamps_are_wrong_as_asked() -> None:
    right, constant, random = (
        training_batch(SyncRecipe(batch=6, stamps=stamps), CONFIG, 0)[1]
        for stamps in ("right", "constant", "random")
    )
    again = training_batch(SyncRecipe(batch=6), CONFIG, 0)[1]
    assert torch.equal(right, again)
    assert not torch.equal(right, constant) and not torch.equal(constant, random)
    # The constant is 20 columns: the same sounds, so much later, up to their noise.
    late, early = constant[:, :, 60:200], right[:, :, 40:180]
    assert (late - early).abs().median() < 0.05 < (late - right[:, :, 60:200]).abs().mean()


@pytest.mark.parametrize("objective", ["candidates", "pairs"])
def test_a_few_steps_leave_chance_behind(objective: str) -> None:
    """On the same clips again and again: whether gradients arrive everywhere."""
    torch.manual_seed(0)
    towers = SyncTowers(SMALL)
    before = [p.clone() for p in towers.parameters()]
    pictures, levels, first = training_batch(SyncRecipe(batch=8), SMALL, 0)
    starts, offsets = torch.arange(15, 36), torch.arange(-15, 16) * 4
    optimizer = torch.optim.AdamW(towers.parameters(), lr=1e-2)
    losses = []
    for step in range(12):
        scores = candidate_scores(towers, pictures, levels, first, starts, offsets).mean(dim=1)
        logits = towers.scale.exp() * scores + towers.shift
        if objective == "candidates":
            loss = candidate_loss(logits, 15)
        else:
            loss = balanced_loss(logits[:, 15], logits[:, (step * 7) % 15])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]
    moved = [not torch.equal(a, b) for a, b in zip(before, towers.parameters(), strict=True)]
    assert sum(moved) >= len(moved) - 1  # the shift of all candidates alike moves nothing


@pytest.mark.bad_input
def test_a_recipe_is_checked() -> None:
    with pytest.raises(ValueError, match="objective must be one of"):
        SyncRecipe(objective="guess")
    with pytest.raises(ValueError, match="stamps must be one of"):
        SyncRecipe(stamps="wrong")
    with pytest.raises(ValueError, match="steps and batch must be at least 1, got 0 and 16"):
        SyncRecipe(steps=0)
    with pytest.raises(ValueError, match="kinds must be some of balls and strings"):
        SyncRecipe(kinds=("balls", "metronome"))
    with pytest.raises(ValueError, match="farthest must be at least 1, got 0"):
        SyncRecipe(farthest=0)
