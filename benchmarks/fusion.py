"""Two senses: the best of ours beside MultiBench's ways, and what a step of training takes.

The accuracies are those of `experiments.peers`, all trained in this run: the same encoders, noisy
pairs, passes and choice of the epoch, over five seeds (of split, noise and weights), with the
interval of the paired differences. Of ours that method counts which is best on the validation
sides; the test sides have no say in it.

The steps: the same net with two encoders, fed by our loader (sounds decoded once, noise and
spectrograms batch by batch in a thread), and by a data set that does all of it for one item at a
time, in ``__getitem__``: with its recordings as files, and with their samples in memory.
"""

import importlib
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import soundfile
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from avtutor import _torchaudio
from avtutor.augment import AddNoise, ToSpectrogram
from avtutor.augment.sounds import mix_at_snr
from avtutor.batch import Batch
from avtutor.datasets import Pairs, handwritten_digits, synthetic_digits
from avtutor.datasets.seen_heard import CLASSES, RATE, SECONDS, pictures_of
from avtutor.datasets.sounds import load_sounds
from avtutor.media import write_audio
from avtutor.models import FusionConfig, fusion_net
from avtutor.training import Minibatches, Prepared
from benchmarks.table import Row, faster

ITEMS, BATCH, ROUNDS = 320, 64, 3
SNR_DB = {"audio": -9.0, "image": -8.0}
SIZE = int(RATE * SECONDS)

Triple = tuple[Tensor, Tensor, Tensor]


class OneByOne(Dataset[tuple[Tensor, Tensor, int]]):
    """A pair at a time: samples, noise, torchaudio's features; a picture, noise.

    Args:
        pairs: whose samples and pictures.
        files: where each sound lies, to be decoded and resampled; None takes the samples.
    """

    def __init__(self, pairs: Pairs, files: Sequence[Path] | None = None) -> None:
        self.batch, self.files = pairs.batch(), files
        self.log_mel = _torchaudio.log_mel_module(
            sample_rate=8000, n_fft=256, win_length=256, hop_length=80, n_mels=40, f_min=0.0,
            f_max=4000.0,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.batch)

    def __getitem__(self, place: int) -> tuple[Tensor, Tensor, int]:
        picture = self.batch.inputs["image"][place]
        sound = noisy(self.sound(place), SNR_DB["audio"])
        levels = self.log_mel(sound)
        levels = (levels - levels.max()).clamp(min=-60)
        return levels, noisy(picture, SNR_DB["image"]), int(self.batch.labels[place])

    def sound(self, place: int) -> Tensor:
        """Return the samples of one sound."""
        if self.files is None:
            return self.batch.inputs["audio"][place]
        samples, rate = soundfile.read(self.files[place], dtype="float32")
        sound = _torchaudio.resample(
            torch.from_numpy(samples), from_rate=rate, to_rate=RATE, zeros=24, rolloff=0.945
        )
        return torch.nn.functional.pad(sound[:SIZE], (0, max(0, SIZE - len(sound))))


def noisy(clean: Tensor, snr_db: float) -> Tensor:
    """Return one sound or picture with white noise."""
    flat = clean.flatten()[None]
    mean = flat.mean() if clean.ndim > 1 else torch.zeros(())
    ratio = torch.tensor([snr_db])
    mixed = mix_at_snr(flat - mean, torch.randn(flat.shape), snr_db=ratio) + mean
    return mixed.reshape(clean.shape)


def seconds_of_a_pass(pass_of: Callable[[], Iterable[Triple]]) -> float:
    """Return the seconds of one pass of training over all pairs."""
    torch.manual_seed(0)
    model = fusion_net(FusionConfig("concat")).train()
    optimizer = torch.optim.AdamW(model.parameters())
    start = time.perf_counter()
    for levels, pictures, labels in pass_of():
        logits = model({"audio": levels, "image": pictures})
        loss = torch.nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return time.perf_counter() - start


def triples(batches: Iterable[Batch]) -> Iterable[Triple]:
    """Return spectrograms, pictures and labels of each batch."""
    return ((b.inputs["audio"], b.inputs["image"], b.labels) for b in batches)


def seconds_of_each(folder: Path) -> dict[str, float]:
    """Return the seconds of a pass, the best of several, for each way to feed the net."""
    said, written = synthetic_digits(language="en")[:ITEMS], handwritten_digits()[:ITEMS]
    files = []
    for number, one in enumerate(said):
        files.append(folder / f"{number}.flac")
        write_audio(one.load(), files[-1])
    sounds = load_sounds(said, sample_rate=RATE, classes=CLASSES, seconds=SECONDS)
    pictures, labels = pictures_of(written), sounds.labels
    alike = [(pictures.labels == label).nonzero()[:, 0] for label in range(len(CLASSES))]
    seen = torch.stack([alike[label][n % len(alike[label])] for n, label in enumerate(labels)])
    pairs = Pairs({"audio": sounds, "image": pictures},
                  {"audio": torch.arange(len(sounds)), "image": seen})  # fmt: skip
    loader = Prepared(
        Minibatches(pairs, batch_size=BATCH, shuffle_seed=0), AddNoise(SNR_DB), ToSpectrogram()
    )
    ready = list(triples(loader))
    from_files, from_memory = OneByOne(pairs, files), OneByOne(pairs)

    def loaded(data: OneByOne, workers: int) -> Callable[[], Iterable[Triple]]:
        return lambda: DataLoader(data, batch_size=BATCH, shuffle=True, num_workers=workers)

    passes: dict[str, Callable[[], Iterable[Triple]]] = {
        "ours": lambda: triples(loader),
        "files": loaded(from_files, 0),
        "files, two workers": loaded(from_files, 2),
        "memory": loaded(from_memory, 0),
        "ready": lambda: ready,
    }
    best = dict.fromkeys(passes, float("inf"))
    for _, (name, pass_of) in itertools.product(range(ROUNDS), passes.items()):
        best[name] = min(best[name], seconds_of_a_pass(pass_of))
    return best


def accuracies() -> list[Row]:
    """Train every method with five seeds, and put the best of ours beside each of theirs."""
    # It trains in one thread, and finds the recordings where the course has them.
    table = importlib.import_module("experiments.14_peers").run()
    best, rows = table["best of ours"], []
    mean = {name: sum(values) / len(values) for name, values in table["test"].items()}
    for name in ("audio", "image"):
        rows.append(Row(f"digits seen and heard, {name} alone", f"{mean[name]:.3f}"))
    for peer, found in table["ahead"][best].items():
        rows.append(
            Row(
                f"digits seen and heard, {best}",
                f"{mean[best]:.3f}",
                f"{peer} {mean[peer]:.3f}; ahead by {found['mean']:+.3f} "
                f"({found['low']:+.3f} to {found['high']:+.3f}, {len(table['seeds'])} seeds)",
                goal="ahead, and the interval above 0",
                met=found["low"] > 0,
            )
        )
    return rows


def steps() -> list[Row]:
    """Measure passes of training, fed by each loader in turn; the best of each counts."""
    if _torchaudio.load() is None:
        raise RuntimeError(f"there is nothing to compare with: {_torchaudio.why_missing()}")
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        best = seconds_of_each(Path(folder))
    what = f"two encoders, a pass over {ITEMS} noisy pairs"
    rows = [
        faster(what, seconds=best["ours"], other=f"one by one, {shown}",
               other_seconds=best[name], at_least=2)
        for name, shown in (("files", "from files"), ("memory", "from samples in memory"))
    ]  # fmt: skip
    for name, shown in (
        ("files, two workers", "one by one, from files, two workers"),
        ("ready", "the net alone, on batches that are ready"),
    ):
        rows.append(Row(what, f"{best['ours'] * 1e3:.0f} ms", f"{shown} {best[name] * 1e3:.0f} ms",
                        best[name] / best["ours"]))  # fmt: skip
    return rows


def main() -> list[Row]:
    """Measure the steps first, while the machine is fresh, then train."""
    return [*steps(), *accuracies()]
