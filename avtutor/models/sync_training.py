"""Train the two towers on rendered scenes, rightly, and wrongly in ways that are met with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from avtutor.models.sync import (
    SyncTowers,
    balanced_loss,
    candidate_loss,
    candidate_scores,
    over_context,
    stacked,
)
from avtutor.models.sync_input import SyncConfig, sync_input
from avtutor.synth import SceneConfig, scene
from avtutor.synth.world import SceneKind

Objective = Literal["candidates", "pairs"]
Stamps = Literal["right", "constant", "random"]

SECONDS = 2.2
"""Length of a clip to train on: 21 windows that have all their offsets in it."""


@dataclass(frozen=True)
class SyncRecipe:
    """How the towers are trained.

    Args:
        seed: of the weights, and of the scenes.
        steps: how many batches; each is made of new scenes.
        batch: clips in each.
        learning_rate: the highest; it rises over a tenth of the steps, and falls to 0.
        objective: "candidates" names the right offset among all (chance: the logarithm of their
            number), "pairs" tells a pair that belongs together from one that does not, as many of
            each (chance: the logarithm of 2).
        stamps: "right"; or the sound of the clips is late and nobody says so: by `late` in all of
            them ("constant"), or by a random amount to both sides ("random").
        late: of "constant", in seconds.
        kinds: of scenes, each as often as the others.
        farthest: the largest offset of a negative, in frames; None is all that the config has.
    Raises:
        ValueError: if `objective` or `stamps` is none of these, `kinds` names none or a periodic
            one, a count is below 1, or `farthest` is.
    Lesson: 17_in_sync
    """

    seed: int = 0
    steps: int = 300
    batch: int = 16
    learning_rate: float = 3e-3
    objective: Objective = "candidates"
    stamps: Stamps = "right"
    late: float = 0.2
    kinds: tuple[SceneKind, ...] = ("balls",)
    farthest: int | None = None

    def __post_init__(self) -> None:
        if self.objective not in get_args(Objective):
            raise ValueError(
                f"objective must be one of {get_args(Objective)}, got {self.objective!r}"
            )
        if self.stamps not in get_args(Stamps):
            raise ValueError(f"stamps must be one of {get_args(Stamps)}, got {self.stamps!r}")
        if min(self.steps, self.batch) < 1:
            raise ValueError(
                f"steps and batch must be at least 1, got {self.steps} and {self.batch}"
            )
        if not self.kinds or not set(self.kinds) <= {"balls", "strings"}:
            raise ValueError(f"kinds must be some of balls and strings, got {self.kinds}")
        if self.farthest is not None and self.farthest < 1:
            raise ValueError(f"farthest must be at least 1, got {self.farthest}")


def training_scene(
    generator: torch.Generator, *, kind: SceneKind = "balls", size: int, offset: float
) -> SceneConfig:
    """Return the settings of a scene to train on: one object or two, with and without noise.

    Four in ten have a second object that is not heard, one or two in ten two that are. A
    metronome is no scene to train on: with even beats, every offset of a beat is as right as 0.

    Args:
        generator: of what is drawn.
        kind: of the scene.
        size: of the picture.
        offset: in seconds.
    """
    second, sound, level, picture, grain = torch.rand(5, generator=generator).tolist()
    return SceneConfig(
        kind,
        seconds=SECONDS,
        size=size,
        offset=offset,
        n_silent=int(second < 0.4),
        n_objects=1 + int(second > 0.85),
        snr_sound_db=None if sound < 0.4 else 5 + 25 * level,
        snr_picture_db=None if picture < 0.4 else 10 + 20 * grain,
    )


def training_batch(
    recipe: SyncRecipe, config: SyncConfig, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the clips of one step, as `stacked` gives them; the same for the same numbers.

    Lesson: 17_in_sync
    """
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    inputs = []
    for k in range(recipe.batch):
        offset = recipe.late if recipe.stamps == "constant" else 0.0
        if recipe.stamps == "random":
            drawn = int(torch.randint(-config.reach, config.reach + 1, (), generator=generator))
            offset = drawn / config.frame_rate
        settings = training_scene(
            generator, kind=recipe.kinds[k % len(recipe.kinds)], size=config.size, offset=offset
        )
        seed = int(torch.randint(2**62, (), generator=generator))
        inputs.append(sync_input(scene(settings, seed=seed).clip, config))
    return stacked(inputs)


def train_towers(
    recipe: SyncRecipe,
    config: SyncConfig | None = None,
    *,
    each: Callable[[int, float], None] | None = None,
) -> tuple[SyncTowers, list[float]]:
    """Return towers that were trained by a recipe, and the loss of each step.

    The similarities are averaged over one window, over a few, or over all of the clip, in turns:
    a single window often shows nothing, and an average over many is easier to tell.

    Args:
        recipe: how.
        config: of the towers; None is the usual one.
        each: is called with the number of each step and its loss.
    """
    config = SyncConfig() if config is None else config
    torch.manual_seed(recipe.seed)
    towers = SyncTowers(config)
    optimizer = torch.optim.AdamW(towers.parameters(), lr=recipe.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=max(recipe.steps, 2), pct_start=0.1
    )
    generator = torch.Generator().manual_seed(recipe.seed)
    losses = []
    for step in range(recipe.steps):
        loss = _loss(towers, training_batch(recipe, config, step), recipe, step, generator)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if each is not None:
            each(step, losses[-1])
    return towers.eval(), losses


def _loss(
    towers: SyncTowers,
    batch: tuple[Tensor, Tensor, Tensor],
    recipe: SyncRecipe,
    step: int,
    generator: torch.Generator,
) -> Tensor:
    config = towers.config
    pictures, levels, first = batch
    reach = config.reach if recipe.farthest is None else min(recipe.farthest, config.reach)
    offsets = torch.arange(-reach, reach + 1)
    columns = offsets * (config.n_columns // config.n_frames)
    starts = torch.arange(config.reach, first.shape[1] - config.reach - config.n_frames + 1)
    scores = candidate_scores(towers, pictures, levels, first, starts, columns)
    n_windows = (1, 6, len(starts))[step % 3]
    place = int(torch.randint(len(starts) - n_windows + 1, (), generator=generator))
    some = over_context(scores[:, place : place + n_windows], n_windows)[:, 0]
    logits = towers.scale.exp() * some + towers.shift
    if recipe.objective == "candidates":
        return candidate_loss(logits, reach)
    other = torch.randint(1, 2 * reach + 1, (len(logits), 1), generator=generator)
    negative = logits.gather(1, (reach + other) % (2 * reach + 1))[:, 0]
    return balanced_loss(logits[:, reach], negative)
