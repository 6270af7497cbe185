"""What experiment 16_creatures stands on: creatures to train and to test, nets, and measures.

The numbers of creatures say who is in which part: those to train begin at 0, those to choose at
`VALID`, those to test at `TEST`, and those that only the reader of pictures saw at `READER`. The
seed of a run is the seed of its creatures too, so that no two runs share one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.datasets import Bestiary, FreshBatches
from avtutor.models import (
    ConditionalVAE,
    CreatureReader,
    GeneratorConfig,
    LatentFlow,
    PictureVAE,
)
from avtutor.models.reader import Reading, reading_loss
from avtutor.synth import Creatures, Seen, pictures
from avtutor.training import Drawing, TrainConfig, fit, read_checkpoint
from avtutor.training.objectives import Log

VALID, TEST, READER, PAINTED = 1_000_000, 2_000_000, 3_000_000, 4_000_000
VAE_PASSES, READ_PASSES = 28, 10
EDGE_PASSES, EDGE_WEIGHT = 26, 8.0
CONFIG = GeneratorConfig(widths=(192, 64, 32, 12))
LED_CONFIG = replace(CONFIG, hidden=384)
"""Of the generators that calls lead; a VAE of pictures is the same with both."""
N_FRAMES = 161
BATCH = 32
Generator = ConditionalVAE | LatentFlow


class Reads:
    """The objective of a reader: what `reading_loss` says."""

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Log]:
        """Return the loss; nothing else is logged."""
        return reading_loss(*model(batch.inputs["image"]), batch.labels), {}


@dataclass(frozen=True, eq=False)
class Pool:
    """Creatures whose calls are kept, and whose pictures are drawn anew each time.

    Args:
        audio: spectrograms, [item, mel, frame]; in half precision, since levels are in dB.
        truth: the five numbers of each, [item, 5].
    """

    audio: Tensor
    truth: Tensor

    @classmethod
    def made(cls, n: int, *, seed: int, first: int = 0) -> "Pool":
        """Return the first `n` creatures of a seed from number `first` on."""
        data = Bestiary(n, seed=seed, first=first, size=None)
        parts = [data.select(part) for part in torch.arange(n).split(256)]
        return cls(
            torch.cat([part.inputs["audio"].half() for part in parts]),
            torch.cat([part.labels for part in parts]),
        )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.truth)


def unseen(n: int, seed: int, first: int, *, heard: bool = True) -> Batch:
    """Return creatures that no net was trained on, with picture, call and all their numbers."""
    data = Bestiary(n, seed=seed, first=first, heard=heard, with_seen=True)
    parts = [data.select(rows) for rows in torch.arange(n).split(256)]
    return Batch(
        inputs={name: torch.cat([p.inputs[name] for p in parts]) for name in parts[0].inputs},
        labels=torch.cat([p.labels for p in parts]),
        groups=tuple(group for p in parts for group in p.groups),
    )


@dataclass
class SeenAnew:
    """A loader of a pool in another order each pass, each creature in another place and light.

    Args:
        pool: the creatures.
        seed: of the order and of what is only seen.
        heard: whether the calls are in the batches.
        batch_size: creatures in a batch.
    """

    pool: Pool
    seed: int
    heard: bool = True
    batch_size: int = BATCH

    def __post_init__(self) -> None:
        self._epoch = 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next; `fit` does."""
        self._epoch = number

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        return len(self.pool) // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        n = len(self.pool)
        draw = torch.Generator().manual_seed(1000 * self.seed + self._epoch)
        for rows in torch.randperm(n, generator=draw).split(self.batch_size)[: len(self)]:
            truth = self.pool.truth[rows]
            seen = Seen.drawn(rows + n * self._epoch, seed=1000 + self.seed)
            inputs = {"image": pictures(Creatures.from_table(truth), seen, size=32)}
            if self.heard:
                inputs["audio"] = self.pool.audio[rows].float()
            yield Batch(inputs=inputs, labels=truth, groups=("",) * len(rows))


def reader_of_pictures(seed: int) -> CreatureReader:
    """Return a reader trained on real renders, no picture twice."""
    torch.manual_seed(seed)
    net = CreatureReader(32)
    data = Bestiary(4096, seed=seed, first=READER, heard=False, with_seen=True)
    config = TrainConfig(epochs=READ_PASSES, learning_rate=3e-3, seed=seed, clip_norm=5.0)
    fit(net, FreshBatches(data, batch_size=64), None, config, objective=Reads())
    return net


def picture_vae(seed: int) -> PictureVAE:
    """Return a VAE of pictures alone, no picture twice.

    It begins as an almost plain autoencoder, with little noise on its latents.
    """
    torch.manual_seed(seed)
    net = PictureVAE(CONFIG)
    with torch.no_grad():
        net.encoder.dense.bias[CONFIG.n_latents :] = -4.0
    data = Bestiary(4096, seed=seed, first=PAINTED, heard=False)
    config = TrainConfig(epochs=VAE_PASSES, learning_rate=3e-3, seed=seed)
    fit(net, FreshBatches(data, batch_size=BATCH), None, config, objective=Drawing())
    return net


def sharpened(net: PictureVAE, seed: int) -> None:
    """Train a VAE of pictures further, in place, on new pictures: thin things count more."""
    net.edge_weight = EDGE_WEIGHT
    net.train().requires_grad_(True)
    data = Bestiary(4096, seed=seed, first=PAINTED + 1_000_000, heard=False)
    config = TrainConfig(epochs=EDGE_PASSES, learning_rate=3e-3, seed=seed + 1)
    fit(net, FreshBatches(data, batch_size=BATCH), None, config, objective=Drawing())


@torch.no_grad()
def drawn_again(vae: PictureVAE, real: Tensor) -> Tensor:
    """Return pictures as they are drawn from what the VAE tells of them: the mean, no noise."""
    parts = [vae.decoder(vae.encoder(some)[0]) for some in real.split(256)]
    return torch.cat(parts)


@torch.no_grad()
def rounded(net: nn.Module) -> None:
    """Round the weights of a net to half precision, in place: as they are kept in a file."""
    for values in net.state_dict().values():
        if values.is_floating_point():
            values.copy_(values.half())


def halved(net: nn.Module, name: str) -> dict[str, Tensor]:
    """Return the weights of a rounded net in half precision, their names after `name`."""
    return {
        f"{name}.{key}": values.half() if values.is_floating_point() else values
        for key, values in net.state_dict().items()
    }


Net = TypeVar("Net", bound=nn.Module)


def loaded(net: Net, path: Path, name: str) -> Net:
    """Return a net with the weights that a file keeps after `name`, in eval mode."""
    start, tensors = f"{name}.", read_checkpoint(path)[0]
    kept = {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}
    net.load_state_dict(kept)
    return net.eval()


def kept_pictures(path: Path, *, vae: Path | None = None) -> tuple[PictureVAE, CreatureReader]:
    """Return the VAE and the reader that 16_pictures keeps; the VAE of another file if given."""
    return loaded(PictureVAE(CONFIG), vae or path, "vae"), loaded(
        CreatureReader(32), path, "reader"
    )


@torch.no_grad()
def drawn(net: Generator, audio: Tensor, *, draws: int, seed: int) -> Tensor:
    """Return several pictures of each call, [draw, item, 3, 32, 32]."""
    source = torch.Generator().manual_seed(seed)
    net.eval()
    parts = [
        torch.cat([net.draw(some, generator=source) for some in audio.float().split(256)])
        for _ in range(draws)
    ]
    return torch.stack(parts)


def errors(reading: Reading, truth: Tensor) -> dict[str, Tensor]:
    """Return how far off each attribute is, of each picture.

    "size": in shares of the true one; "hue": in degrees around the circle; "limbs": 1 where the
    number is right; "shape" and "texture": as they are.

    Args:
        reading: of pictures.
        truth: [item, 5], see `Creature`.
    """
    size, shape, hue, texture, limbs = truth[:, :5].unbind(dim=1)
    return {
        "size": (reading.size / size - 1).abs(),
        "hue": ((reading.hue - hue + 180) % 360 - 180).abs(),
        "limbs": (reading.limbs == limbs.round().long()).float(),
        "shape": (reading.shape - shape).abs(),
        "texture": (reading.texture - texture).abs(),
    }


def correlation(a: Tensor, b: Tensor) -> float:
    """Return the correlation of two rows of numbers; 0 where one does not vary."""
    a, b = a.double() - a.double().mean(), b.double() - b.double().mean()
    return float((a * b).mean() / (a.square().mean() * b.square().mean()).sqrt().clamp(min=1e-12))


def judged(reading: Reading, truth: Tensor) -> dict[str, float]:
    """Return the measures of all attributes over pictures.

    The median error of the size (share) and of the hue (degrees), the share of pictures with the
    right number of legs, and for shape and texture the mean error and the correlation.
    """
    found = errors(reading, truth)
    return {
        "size": round(float(found["size"].median()), 4),
        "hue": round(float(found["hue"].median()), 2),
        "limbs": round(float(found["limbs"].mean()), 4),
        "shape": round(float(found["shape"].mean()), 4),
        "shape, correlation": round(correlation(reading.shape, truth[:, 1]), 4),
        "texture": round(float(found["texture"].mean()), 4),
        "texture, correlation": round(correlation(reading.texture, truth[:, 3]), 4),
    }


def part(reading: Reading, rows: Tensor) -> Reading:
    """Return what was read of some of the pictures."""
    return replace(reading, **{name: values[rows] for name, values in vars(reading).items()})


def in_goals(found: dict[str, float]) -> float:
    """Return one number by which to choose: errors of size, hue and legs in units of their goals.

    The goals are .10, 15 degrees and .10 wrong: below 1 all three are met on average.
    """
    return round((found["size"] / 0.10 + found["hue"] / 15 + (1 - found["limbs"]) / 0.10) / 3, 4)
