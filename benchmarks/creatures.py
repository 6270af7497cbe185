"""How many creatures a second: pictures of 48 pixels, calls of 1.6 s at 8 kHz, and both as a batch.

On one thread, in seconds of the processor, so that other work on the machine counts less. Beside
the batch stands the training step that it feeds: that of the conditional VAE of lesson 16.
"""

import time
from collections.abc import Callable

import torch

from avtutor.datasets import Bestiary
from avtutor.models import CallEncoder, ConditionalVAE, GeneratorConfig
from avtutor.synth import Heard, Seen, calls, drawn_creatures, pictures
from avtutor.training import Drawing
from benchmarks.table import Row

BATCH, ROUNDS = 64, 5
GOAL = 500  # a second


def seconds_of(work: Callable[[], object]) -> float:
    """Return the median seconds of the processor, after one round to warm up."""
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return sorted(taken)[ROUNDS // 2]


def main() -> list[Row]:
    torch.set_num_threads(1)
    items = torch.arange(BATCH)
    some = drawn_creatures(items, seed=0)
    seen, heard = Seen.drawn(items, seed=0), Heard.drawn(items, seed=0)
    data = Bestiary(BATCH, seed=0)
    config = GeneratorConfig()
    model = ConditionalVAE(config, CallEncoder(config, n_frames=161))
    optimizer = torch.optim.AdamW(model.parameters())
    batch = data.select(items)

    def step() -> None:
        optimizer.zero_grad()
        loss, _ = Drawing()(model, batch)
        torch.autograd.backward(loss)
        optimizer.step()

    rows = []
    for name, work in (
        ("creatures, pictures of 48 px", lambda: pictures(some, seen, size=48)),
        ("creatures, calls of 1.6 s at 8 kHz", lambda: calls(some, heard, sample_rate=8000)),
    ):
        rate = BATCH / seconds_of(work)
        rows.append(Row(name, f"{rate:.0f} / s", goal=f"at least {GOAL} / s", met=rate >= GOAL))
    made, learned = seconds_of(lambda: data.select(items)), seconds_of(step)
    rows.append(
        Row(
            "creatures, a batch of 64 with log-mel",
            f"{1000 * made:.0f} ms",
            f"the training step on it {1000 * learned:.0f} ms",
            learned / made,
        )
    )
    return rows
