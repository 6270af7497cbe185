"""Training throughput on lesson 06's spoken digits: the loader of the course, and a naive one.

Both feed the same LeNet with the same clips, the same front end and batches of the same size, and
take the same training step. Each clip is a file of its own, FLAC at 16 kHz. The naive loader does
what many tutorials do: for one item at a time, in ``__getitem__``, it decodes, resamples and
computes torchaudio's features. The last row says how far the loader is from being the limit: the
same steps on batches that are ready, in comparison.
"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import soundfile
import torch
from torch.utils.data import DataLoader, Dataset

from avtutor import _torchaudio
from avtutor.batch import Batch
from avtutor.datasets import Recording, load_sounds, synthetic_digits
from avtutor.media import write_audio
from avtutor.models import LeNet, LeNetConfig
from avtutor.spectral import SpectrogramConfig, log_mel_batch
from avtutor.training import Minibatches, Prepared
from benchmarks.table import Row, faster

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
SECONDS, SIZE, FRAMES = 0.8, 6400, 81
CLIPS, BATCH, ROUNDS = 640, 64, 3

Pairs = Iterable[tuple[torch.Tensor, torch.Tensor]]


class Naive(Dataset[tuple[torch.Tensor, int]]):
    """One clip at a time: decode, resample, cut or pad, features."""

    def __init__(self, items: Sequence[Recording]) -> None:
        self.items = items
        self.log_mel = _torchaudio.log_mel_module(
            sample_rate=8000, n_fft=256, win_length=256, hop_length=80, n_mels=40, f_min=0.0,
            f_max=4000.0,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        item = self.items[place]
        samples, rate = soundfile.read(item.path, dtype="float32")
        sound = _torchaudio.resample(
            torch.from_numpy(samples), from_rate=rate, to_rate=8000, zeros=24, rolloff=0.945
        )
        sound = torch.nn.functional.pad(sound[:SIZE], (0, max(0, SIZE - len(sound))))
        return self.log_mel(sound)[None], int(item.label)


def files(folder: Path) -> list[Recording]:
    """Write the clips, each to a file of its own."""
    found = []
    for number, said in enumerate(synthetic_digits()[:CLIPS]):
        path = folder / f"{number}.flac"
        write_audio(said.load(), path)
        found.append(Recording(said.label, said.group, "", path))
    return found


def pictures(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the batch as pictures for a LeNet."""
    levels = log_mel_batch(batch, CONFIG).inputs["sound"]
    return replace(batch, inputs={"sound": levels[:, None]}, lengths={})


def seconds_of_a_pass(pass_of: Callable[[], Pairs]) -> float:
    """Return the seconds of one pass of training over all clips, without the first steps."""
    torch.manual_seed(0)
    model = LeNet(LeNetConfig(input_shape=(1, 40, FRAMES), n_classes=10)).train()
    optimizer = torch.optim.AdamW(model.parameters())
    start = time.perf_counter()
    for images, labels in pass_of():
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return time.perf_counter() - start


def pairs(batches: Iterable[Batch]) -> Pairs:
    """Return pictures and labels of each batch."""
    return ((batch.inputs["sound"], batch.labels) for batch in batches)


def seconds_of_each(items: Sequence[Recording]) -> dict[str, float]:
    """Return the seconds of a pass, the best of several, for each way to feed the network."""
    sounds = load_sounds(items, sample_rate=8000, seconds=SECONDS)
    loader = Prepared(Minibatches(sounds, batch_size=BATCH, shuffle_seed=0), pictures)
    ready = list(pairs(loader))
    passes: dict[str, Callable[[], Pairs]] = {
        "ours": lambda: pairs(loader),
        "naive": lambda: DataLoader(Naive(items), batch_size=BATCH, shuffle=True),
        "two workers": lambda: DataLoader(
            Naive(items), batch_size=BATCH, shuffle=True, num_workers=2
        ),
        "ready": lambda: ready,
    }
    best = dict.fromkeys(passes, float("inf"))
    for _, (name, pass_of) in itertools.product(range(ROUNDS), passes.items()):
        best[name] = min(best[name], seconds_of_a_pass(pass_of))
    return best


def main() -> list[Row]:
    """Measure passes of training, fed by each loader in turn; the best of each counts."""
    if _torchaudio.load() is None:
        raise RuntimeError(f"there is nothing to compare with: {_torchaudio.why_missing()}")
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        best = seconds_of_each(files(Path(folder)))
    what = f"LeNet, a pass over {CLIPS} spoken digits"
    share = best["ready"] / best["ours"]
    return [
        faster(what, seconds=best["ours"], other="naive loader", other_seconds=best["naive"],
               at_least=3),
        Row(what, f"{best['ours'] * 1e3:.0f} ms",
            f"naive loader, two workers {best['two workers'] * 1e3:.0f} ms",
            best["two workers"] / best["ours"]),
        Row("of that, the network alone", f"{100 * share:.0f} %",
            goal="at least 50 %: the model is the limit", met=share >= 0.5),
    ]  # fmt: skip
