"""What the experiments on drawn digits share: voices and handwriting in parts, nets, training.

A generator learns from sounds and pictures of the same digit, and never sees a label. The picture
of a sound is drawn anew each time from all training pictures of its digit.

What the nets are made of was chosen with seed 0, by the pictures drawn for the validation voices.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from avtutor.augment import SpeechRecipe
from avtutor.batch import Batch
from avtutor.datasets import (
    Sounds,
    handwritten_digits,
    load_sounds,
    seen_and_heard,
    synthetic_digits,
)
from avtutor.datasets.recordings import Item
from avtutor.datasets.seen_heard import pictures_of
from avtutor.models import (
    ConditionalVAE,
    GeneratorConfig,
    LatentFlow,
    LeNet,
    LeNetConfig,
    PictureVAE,
    SpectrogramCNN,
    SpectrogramCNNConfig,
)
from avtutor.spectral import SpectrogramConfig
from avtutor.training import (
    Classification,
    Drawing,
    Minibatches,
    Prepared,
    SimilarLengths,
    TrainConfig,
    fit,
)

CLASSES = tuple("0123456789")
FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=24)
RECIPE = SpeechRecipe(
    config=FRONT,
    range_db=60.0,
    margin_seconds=0.15,
    max_cut=0.1,
    snr_db=(0.0, 50.0),
    factor=(0.75, 1.4),
    max_bins=3,
    max_frames=4,
)
CONFIG = GeneratorConfig(
    picture_shape=(1, 8, 8),
    n_mels=FRONT.n_mels,
    n_latents=16,
    n_features=32,
    widths=(64, 48, 24),
    hidden=256,
    deviation=0.1,
)
PASSES, BATCH, RATE = 24, 44, 5e-3
CONTROL_PASSES = 8
"""Of the flow that learns from shuffled pairs."""
FURTHER = TrainConfig(epochs=10, learning_rate=3e-3)


@dataclass(frozen=True)
class Part:
    """The sounds and the pictures of one part of the data."""

    sounds: Sounds
    pictures: Batch


def heard(said: Sequence[Item]) -> Sounds:
    """Return spoken digits as sounds at the front end's rate, each as long as it is."""
    return load_sounds(said, sample_rate=FRONT.sample_rate, classes=CLASSES)


def parts(seed: int) -> tuple[Part, Part, Part]:
    """Return what trains, chooses and tests: the voices and blocks of `seen_and_heard`."""
    said, written = synthetic_digits(language="en"), handwritten_digits()
    found = []
    for pairs in seen_and_heard(seed=seed, sizes=(2000, 600, 1000)):
        voices, blocks = set(pairs.groups_of("audio")), set(pairs.groups_of("image"))
        sounds = heard([one for one in said if one.group in voices])
        found.append(Part(sounds, pictures_of([one for one in written if one.group in blocks])))
    train, valid, test = found
    return train, valid, test


class Kept:
    """Passes through the data that were prepared once, for all nets that learn from them."""

    def __init__(self, passes: list[list[Batch]]) -> None:
        self.passes, self._epoch = passes, 0

    def set_epoch(self, number: int) -> None:
        """Say which pass comes next."""
        self._epoch = number

    def __len__(self) -> int:
        """Return the number of batches of one pass."""
        return len(self.passes[0])

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass."""
        return iter(self.passes[self._epoch % len(self.passes)])


def prepared(sounds: Sounds, seed: int) -> Kept:
    """Return altered spectrograms of the sounds, other ones in each pass."""
    loader = Prepared(SimilarLengths(sounds, batch_size=BATCH, seed=seed), RECIPE, seed=seed)
    passes = []
    for number in range(PASSES):
        loader.set_epoch(number)
        passes.append(list(loader))
    return Kept(passes)


def plain(sounds: Sounds) -> list[Batch]:
    """Return spectrograms of the sounds as they are, in order."""
    return list(Prepared(Minibatches(sounds, batch_size=100), RECIPE.plain()))


class Illustrated:
    """Gives each sound a picture of its digit, drawn anew: a step for `Prepared`.

    Args:
        pictures: what is drawn from.
        shuffled: a control: the picture is of any digit.
    """

    def __init__(self, pictures: Batch, *, shuffled: bool = False) -> None:
        self.pictures, self.shuffled = pictures.inputs["image"], shuffled
        self.order = pictures.labels.argsort()
        self.counts = pictures.labels.bincount(minlength=len(CLASSES))

    def drawn(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        """Return one picture of each digit that is asked for."""
        share = torch.rand(len(labels), generator=generator, dtype=torch.float64)
        places = (share * self.counts[labels]).long()
        return self.pictures[self.order[(self.counts.cumsum(0) - self.counts)[labels] + places]]

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return the batch with pictures."""
        labels = batch.labels
        if self.shuffled:
            labels = torch.randint(len(CLASSES), labels.shape, generator=generator)
        return replace(batch, inputs={**batch.inputs, "image": self.drawn(labels, generator)})


def ear(n_values: int) -> SpectrogramCNN:
    """Return an untrained net from spectrograms to some values."""
    return SpectrogramCNN(
        SpectrogramCNNConfig(
            n_mels=FRONT.n_mels, n_classes=n_values, widths=(8, 16, 32, 48), pooling="mean_max"
        )
    )


def reader(pictures: Batch, seed: int) -> LeNet:
    """Return a classifier of pictures that has learned from these; no generator has its parts."""
    torch.manual_seed(100 + seed)
    net = LeNet(LeNetConfig((1, 8, 8), len(CLASSES), dropout=0.3))
    loader = Minibatches(pictures, batch_size=64, shuffle_seed=100 + seed)
    config = TrainConfig(epochs=15, learning_rate=1e-2, seed=100 + seed)
    fit(net, loader, None, config, objective=Classification("image"))
    return net.eval()


def recogniser(passes: Kept, seed: int) -> SpectrogramCNN:
    """Return a classifier of sounds: the generators' ear, their sounds, and the labels."""
    torch.manual_seed(seed)
    net = ear(len(CLASSES))
    config = TrainConfig(epochs=PASSES, learning_rate=RATE, seed=seed)
    fit(net, passes, None, config, objective=Classification("sound", label_smoothing=0.1))
    return net.eval()


def conditional_vae(
    passes: Kept, pictures: Batch, seed: int, *, deviation: float
) -> ConditionalVAE:
    """Return a trained conditional VAE."""
    torch.manual_seed(seed)
    net = ConditionalVAE(
        replace(CONFIG, n_latents=8, deviation=deviation), ear(CONFIG.n_features), edge_weight=0.0
    )
    loader = Prepared(passes, Illustrated(pictures), seed=seed)
    config = TrainConfig(epochs=PASSES, learning_rate=RATE, seed=seed)
    fit(net, loader, None, config, objective=Drawing(audio="sound"))
    return net.eval()


def picture_vae(pictures: Batch, seed: int) -> PictureVAE:
    """Return a VAE that has learned these pictures."""
    torch.manual_seed(seed)
    net = PictureVAE(CONFIG, edge_weight=0.0)
    loader = Minibatches(pictures, batch_size=50, shuffle_seed=seed, drop_last=True)
    config = TrainConfig(epochs=30, learning_rate=RATE, seed=seed)
    fit(net, loader, None, config, objective=Drawing())
    return net.eval()


def untrained_flow() -> LatentFlow:
    """Return a flow as it is before training, to load weights into."""
    return LatentFlow(PictureVAE(CONFIG, edge_weight=0.0), ear(CONFIG.n_features), n_draws=16)


def flow(
    passes: Kept, vae: PictureVAE, pictures: Batch, seed: int, *, shuffled: bool = False
) -> LatentFlow:
    """Return a trained flow in the latents of a VAE.

    First the ear and the way learn together; then the way goes on alone with what the ear makes
    of the same sounds, which costs little.
    """
    torch.manual_seed(seed)
    net = LatentFlow(vae, ear(CONFIG.n_features), n_draws=16)
    step = Illustrated(pictures, shuffled=shuffled)
    n_passes = CONTROL_PASSES if shuffled else PASSES
    config = TrainConfig(epochs=n_passes, learning_rate=RATE, seed=seed)
    objective = Drawing(audio="sound")
    fit(net, Prepared(passes, step, seed=seed), None, config, objective=objective)
    alone = LatentFlow(vae, nn.Identity(), n_draws=4)
    alone.velocity = net.velocity
    loader = Minibatches(features(net, passes), batch_size=256, shuffle_seed=seed, drop_last=True)
    config = replace(FURTHER, seed=seed)
    fit(alone, Prepared(loader, step, seed=seed), None, config, objective=objective)
    return net.eval()


@torch.no_grad()
def features(net: LatentFlow, passes: Kept) -> Batch:
    """Return what a trained ear makes of half of the passes."""
    batches = [batch for one in passes.passes[::2] for batch in one]
    made = [net.eval().hear(one.inputs["sound"], one.lengths["sound"]) for one in batches]
    return Batch(
        inputs={"sound": torch.cat(made)},
        labels=torch.cat([one.labels for one in batches]),
        groups=[group for one in batches for group in one.groups],
    )
