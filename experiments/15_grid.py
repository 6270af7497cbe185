"""Lesson 15: wrong pairs that give themselves away, three seeds.

Sounds carry faint ticks every 40 ms, as a coder's frames leave them. A sound that belongs to its
picture is cut where the picture is: on the ticks. If wrong sounds are cut anywhere, the ticks of
one alone tell that it is wrong, and nobody has to look or listen. Four ways to train are compared:
a concatenation head and a distance head with wrong sounds cut anywhere, the concatenation head
with wrong sounds cut on the ticks like the right ones, and InfoNCE, whose wrong sounds are the
right ones of other pictures. Each is judged on wrong sounds cut on the ticks, with the pictures
hidden, and by search among sounds that are all cut on the ticks.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from avtutor.augment import ToSpectrogram
from avtutor.batch import Batch
from avtutor.datasets import Pairs, seen_and_heard
from avtutor.metrics import recall_at_k
from avtutor.models import LeNetConfig, PairHead, PairNet, Towers, info_nce
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.spectral import SpectrogramConfig
from avtutor.training import Minibatches, TrainConfig, fit, others
from experiments.joint import SIZE, encoders

SEEDS = (0, 1, 2)
FRONT = SpectrogramConfig(sample_rate=8000, n_fft=128, hop_length=80, n_mels=20)
"""Windows of 16 ms, short enough to see one tick and then none."""

SHIFTS = (0, 80, 160, 240)
"""Where a sound may be cut, in samples after a tick; a tick comes every 320 (40 ms)."""

TICK = 0.03
"""How high a tick is, as a share of the sound's peak: about 30 dB below it."""

N_WRONG = 8
CONFIG = TrainConfig(epochs=25, learning_rate=5e-3)
WAYS = {
    "concat, cut anywhere": ("concat", "anywhere"),
    "distance, cut anywhere": ("distance", "anywhere"),
    "concat, cut alike": ("concat", "alike"),
    "InfoNCE": ("distance", "partners"),
}


def ticking(pairs: Pairs) -> Batch:
    """Return pairs with their sounds as they are cut on the ticks, and at three other places."""
    batch = pairs.batch()
    samples = batch.inputs["audio"]
    peaks = samples.abs().amax(dim=1, keepdim=True)
    cuts = []
    for shift in SHIFTS:
        ticks = torch.zeros(samples.shape[1])
        ticks[(320 - shift) % 320 :: 320] = 1.0
        heard = Batch(
            inputs={"audio": samples + TICK * peaks * ticks},
            labels=batch.labels,
            groups=batch.groups,
        )
        cuts.append(ToSpectrogram(FRONT)(heard, torch.Generator()).inputs["audio"])
    return Batch(
        inputs={"audio": torch.stack(cuts, dim=1), "image": batch.inputs["image"]},
        labels=batch.labels,
        groups=batch.groups,
    )


@dataclass(frozen=True)
class Cut:
    """Which picture and sound belong together, with wrong sounds that are cut in one of the ways.

    Args:
        wrong: "anywhere" but on the ticks, "alike", or "partners": InfoNCE.
        hidden: show a blank page in place of every picture.
    """

    wrong: str
    hidden: bool = False

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss, and the share of right answers."""
        net: Any = getattr(model, "module", model)
        pictures = batch.inputs["image"]
        image = net.towers.embed("image", torch.zeros_like(pictures) if self.hidden else pictures)
        sounds = batch.inputs["audio"]
        heard = sounds[:, 0]
        if self.wrong == "anywhere":
            shift = torch.randint(1, len(SHIFTS), (len(batch),))
            # In one pass with the right ones: batch norm would tell two passes apart.
            heard = torch.cat([heard, sounds[torch.arange(len(batch)), shift]])
        cut = net.towers.embed("audio", heard)
        right, wrong = cut[: len(batch)], cut[-len(batch) :]
        if self.wrong == "partners":
            same = batch.labels[:, None] == batch.labels[None]
            return info_nce(right, image, scale=net.towers.scale, same=same), {}
        partner, there = others(batch.labels, N_WRONG)
        yes = net.head(right, image)
        no = net.head(wrong[partner], image[:, None].expand(-1, N_WRONG, -1))[there]
        loss = (nn.functional.softplus(-yes).mean() + nn.functional.softplus(no).mean()) / 2
        told = ((yes > 0).float().mean() + (no <= 0).float().mean()) / 2
        return loss, {"accuracy": told.detach()}


@torch.no_grad()
def told(net: PairNet, batch: Batch, cut: Cut, seed: int) -> float:
    """Return the share of right answers about pairs."""
    torch.manual_seed(seed)
    return round(float(cut(net.eval(), batch)[1]["accuracy"]), 4)


@torch.no_grad()
def found(net: PairNet, batch: Batch, *, by_head: bool) -> dict[str, float]:
    """Return recall@1 both ways among ten sounds and ten pictures, one a digit, over draws."""
    net.eval()
    audio = net.towers.embed("audio", batch.inputs["audio"][:, 0])
    image = net.towers.embed("image", batch.inputs["image"])
    scores = net.head.every_pair(audio, image) if by_head else audio @ image.T
    generator = torch.Generator().manual_seed(0)
    places = [(batch.labels == digit).nonzero()[:, 0] for digit in range(10)]
    ways: dict[str, list[float]] = {"audio to image": [], "image to audio": []}
    for _ in range(40):
        rows, columns = (
            torch.stack([p[torch.randint(len(p), (), generator=generator)] for p in places])
            for _ in range(2)
        )
        table = scores[rows][:, columns]
        ways["audio to image"].append(recall_at_k(table, torch.arange(10), k=1))
        ways["image to audio"].append(recall_at_k(table.T, torch.arange(10), k=1))
    return {way: round(sum(values) / len(values), 4) for way, values in ways.items()}


def towers() -> Towers:
    """Return untrained towers whose LeNet for sounds is as wide as these columns are many."""
    nets, sizes = encoders()
    heard = ImageEncoder(LeNetConfig((1, 20, 81), 10, padding=0))
    nets["audio"] = nn.Sequential(nn.Unflatten(1, (1, 20)), heard)
    return Towers(nets, sizes, size=SIZE)


def one(seed: int) -> dict[str, Any]:
    """Return the rows of one seed."""
    train, _, test = (ticking(pairs) for pairs in seen_and_heard(seed=seed))
    rows: dict[str, Any] = {}
    for name, (kind, wrong) in WAYS.items():
        torch.manual_seed(seed)
        net = PairNet(towers(), PairHead(SIZE, kind))  # type: ignore[arg-type]
        loader = Minibatches(train, batch_size=80, shuffle_seed=seed, drop_last=True)
        fit(net, loader, None, CONFIG, objective=Cut(wrong))
        row: dict[str, Any] = {"search": found(net, test, by_head=wrong != "partners")}
        if wrong != "partners":
            row["cut as in training"] = told(net, test, Cut(wrong), seed)
            row["cut alike"] = told(net, test, Cut("alike"), seed)
            row["cut as in training, no picture"] = told(net, test, Cut(wrong, hidden=True), seed)
        print(seed, name, row, flush=True)
        rows[name] = row
    return rows


def run() -> dict[str, Any]:
    """Return the rows of each seed."""
    torch.set_num_threads(1)
    return {
        "gallery": 10,
        "chance": {"search": 0.1, "told": 0.5},
        "tick in dB below the peak": 30.5,
        "rows": [one(seed) for seed in SEEDS],
    }
