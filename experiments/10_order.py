"""Lesson 10: heads over time on the task in which order is the label, three seeds.

All train on clips whose tokens begin early. They are tested on such clips, on clips that begin
later, on longer clips, and on tokens in random order; then they train and are tested on clips
without quiet around the tokens, where the edges of the clip give the order away.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.models import TDNN, ConvSettings, LanguageCNN, LanguageCNNConfig
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.synth import OrderTask, TokenClips
from avtutor.training import Minibatches, TrainConfig, evaluate, fit

SEEDS = (0, 1, 2)
N_TRAIN, N_TEST = 900, 1200
FRONT_END = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=128, n_mels=16)
RANGE_DB = 50.0
TASK = OrderTask(slack_seconds=0.6)
TIGHT = OrderTask(margin_seconds=0.0, slack_seconds=0.0)
EARLY, LATE = (0.0, 0.1), (0.9, 1.0)
CONVS = (
    ConvSettings(12, kernel=5, stride=2, pool=1, pool_stride=1),
    ConvSettings(24),
    ConvSettings(32, pool=1, pool_stride=1),
)
CONFIG = LanguageCNNConfig(n_rows=16, n_classes=3, convs=CONVS, projection=32, dropout=0.0)
KINDS = (
    "mean", "statistics", "attention", "transformer without positions", "TDNN of 1 tap",
    "flatten", "tdnn", "gru", "transformer",
)  # fmt: skip
POOLED = ("mean", "statistics", "attention")
SLOW = {"gru", "transformer", "transformer without positions"}


def pictures(clips: TokenClips) -> Batch:
    """Return the log-mel pictures of clips, with their classes."""
    levels = below_peak(log_mel(clips.samples, FRONT_END), RANGE_DB)
    return Batch(
        inputs={"sound": levels},
        lengths={"sound": torch.full((len(levels),), levels.shape[-1])},
        labels=clips.labels,
        groups=[str(item) for item in range(len(levels))],
    )


def drawn(
    n_items: int,
    seed: int,
    *,
    task: OrderTask = TASK,
    within: tuple[float, float] = EARLY,
    shuffled: bool = False,
) -> Batch:
    """Return pictures of the task; `shuffled` orders have nothing to do with the label."""
    generator = torch.Generator().manual_seed(seed)
    orders = None
    if shuffled:
        orders = torch.rand(n_items, task.n_tokens, generator=generator).argsort(dim=1).tolist()
    return pictures(task.draw(n_items, generator=generator, within=within, orders=orders))


def model_of(kind: str, n_frames: int, seed: int) -> nn.Module:
    """Return one of the networks; all have the same convolutions."""
    torch.manual_seed(seed)
    if kind == "flatten":
        return LanguageCNN(replace(CONFIG, head="flatten", n_frames=n_frames))
    if kind == "TDNN of 1 tap":  # as many layers, and about as many numbers
        return LanguageCNN(CONFIG, head=TDNN(32, width=128, kernel=1, dilations=(1, 1, 1)))
    names: dict[str, Any] = {"transformer without positions": "transformer_unordered"}
    return LanguageCNN(replace(CONFIG, head=names.get(kind, kind)))


def trained(kind: str, data: Batch, seed: int) -> nn.Module:
    """Return a network that has learned these clips."""
    model = model_of(kind, data.inputs["sound"].shape[-1], seed)
    slow = kind in SLOW
    config = TrainConfig(epochs=20 if slow else 12, learning_rate=3e-3 if slow else 1e-2, seed=seed)
    fit(model, Minibatches(data, batch_size=50, shuffle_seed=seed), None, config)
    return model


def right(model: nn.Module, data: Batch) -> float | None:
    """Return the share of right answers; None where the network cannot take such clips."""
    try:
        return round(evaluate(model, Minibatches(data, batch_size=200))["accuracy"], 4)
    except ValueError:  # it flattens, and these clips have another length
        return None


def one(kind: str, seed: int) -> dict[str, float | int | None]:
    """Train one network on clips that begin early, and test it everywhere."""
    train = drawn(N_TRAIN, 1000 + seed)
    model = trained(kind, train, seed)
    longer = replace(TASK, margin_seconds=0.7)
    found: dict[str, float | int | None] = {
        "seed": seed,
        "parameters": sum(p.numel() for p in model.parameters()),
        "train": right(model, train),
        "same place": right(model, drawn(N_TEST, 2000 + seed)),
        "later": right(model, drawn(N_TEST, 2000 + seed, within=LATE)),
        "longer": right(model, drawn(N_TEST, 2000 + seed, task=longer)),
        "tokens shuffled": right(model, drawn(N_TEST, 3000 + seed, shuffled=True)),
    }
    if kind in POOLED:
        tight = trained(kind, drawn(N_TRAIN, 1000 + seed, task=TIGHT), seed)
        found["no margins"] = right(tight, drawn(N_TEST, 2000 + seed, task=TIGHT))
    print(kind, found, flush=True)
    return found


def run() -> dict[str, Any]:
    """Return a row for each network and seed, and the receptive field that gaps must exceed."""
    torch.set_num_threads(1)
    window, hop = FRONT_END.n_fft, FRONT_END.hop_length
    field = ((CONFIG.receptive_field - 1) * hop + window) / FRONT_END.sample_rate
    rows = {kind: [one(kind, seed) for seed in SEEDS] for kind in KINDS}
    return {"receptive field in seconds": round(field, 4), "rows": rows}
