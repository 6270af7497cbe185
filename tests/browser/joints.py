"""Towers and an autoencoder that were never trained, with statistics as if they had been."""

import torch
from avtutor.models import BimodalAutoencoder, LeNetConfig, Rescaled, Towers
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.waveform import Waveform
from avtutor.widgets.joined import SENSES, Space, space_of
from tests.browser.sounds import medley
from torch import Tensor, nn

FRONT = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=20)
DIGITS = [str(digit) for digit in range(10)]
SIZES = {"audio": 84, "image": 84}
SHAPES = {"audio": (20, 41), "image": (1, 8, 8)}


def encoders(shapes: dict[str, tuple[int, ...]]) -> dict[str, nn.Module]:
    """Return the encoders of lesson 15."""
    n_mels, n_frames = shapes["audio"]
    heard = ImageEncoder(LeNetConfig((1, n_mels, n_frames), 10, padding=0))
    seen = ImageEncoder(LeNetConfig(shapes["image"], 10))  # type: ignore[arg-type]
    return {"audio": nn.Sequential(nn.Unflatten(1, (1, n_mels)), heard), "image": seen}


def drawn(net: nn.Module, seed: int) -> nn.Module:
    """Return the net with every number drawn: no factor is 1, no mean is 0."""
    g = torch.Generator().manual_seed(seed)
    for name, values in net.state_dict().items():
        if values.dtype != torch.float32:
            continue
        part = name.split(".")[-1]
        drawing = torch.randn(values.shape, generator=g)
        if part == "running_var":
            values.copy_(0.3 + drawing.abs())
        elif values.ndim > 1:
            values.copy_(drawing * (2 / values[0].numel()) ** 0.5)
        elif part == "weight":
            values.copy_(1 + 0.3 * drawing)
        else:
            values.copy_(drawing * 0.3)
    return net.eval()


@torch.no_grad()
def towers(
    *, shapes: dict[str, tuple[int, ...]] = SHAPES, size: int = 32, hidden: int = 0, seed: int = 0
) -> Towers:
    """Return towers whose numbers are drawn."""
    net = Towers(encoders(shapes), SIZES, size=size, hidden=hidden)
    drawn(net, seed)
    g = torch.Generator().manual_seed(9)
    levels = -60 * torch.rand(40, 1, 1, generator=g) * torch.rand(40, *shapes["audio"], generator=g)
    some = {"audio": levels, "image": torch.rand(40, *shapes["image"], generator=g) ** 2}
    for sense, x in some.items():  # embeddings in all directions, not all about their mean
        projection = net.projections[sense]
        last = projection[-1] if isinstance(projection, nn.Sequential) else projection
        last.bias.data.sub_(projection(net.features(sense, x)).mean(dim=0))
    return net


def autoencoder(
    *,
    shapes: dict[str, tuple[int, ...]] = SHAPES,
    size: int = 32,
    hidden: int = 40,
    seed: int = 1,
) -> BimodalAutoencoder:
    """Return an autoencoder whose numbers are drawn; lesson 15's decoders have 128 hidden."""
    shared = nn.Sequential(
        nn.Linear(168, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, size)
    )
    ends = {"audio": (-40.0, 20.0), "image": (0.3, 0.4)}
    decoders = {}
    for sense, (centre, spread) in ends.items():
        n = int(torch.tensor(shapes[sense]).prod())
        last = Rescaled(shapes[sense], centre=centre, spread=spread)
        decoders[sense] = nn.Sequential(
            nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, n), last
        )
    net = BimodalAutoencoder(encoders(shapes), SIZES, shared, decoders)
    drawn(net, seed)
    return net


def pairs(n: int, *, again: int = 1) -> tuple[dict[str, Tensor], dict[str, Waveform]]:
    """Return pictures and recordings of `n` digits, each `again` times, by the same names."""
    names = [f"{digit} {'abcdefgh'[k]}" for digit in DIGITS[:n] for k in range(again)]
    rough = medley(1.5, 8000)
    pictures, sounds = {}, {}
    for number, name in enumerate(names):
        g = torch.Generator().manual_seed(number)
        pictures[name] = torch.rand(8, 8, generator=g) ** 2
        start = 0.69 * (0.618 * number % 1)
        sounds[name] = rough.slice(start, start + 0.8)
    return pictures, sounds


@torch.no_grad()
def spaces(met: Towers, drawing: BimodalAutoencoder, inputs: dict[str, Tensor]) -> dict[str, Space]:
    """Return the two spaces of a batch of inputs."""
    meeting = torch.stack([met.embed(sense, inputs[sense]) for sense in SENSES])
    shared = torch.stack([drawing.embed({sense: inputs[sense]}) for sense in SENSES])
    return {"towers": space_of(meeting, unit=True), "autoencoder": space_of(shared, unit=False)}


def inputs(pictures: dict[str, Tensor], sounds: dict[str, Waveform]) -> dict[str, Tensor]:
    """Return pictures and levels as a batch."""
    samples = torch.cat([sound.samples for sound in sounds.values()])
    return {
        "audio": below_peak(log_mel(samples, FRONT), 60.0),
        "image": torch.stack(list(pictures.values()))[:, None],
    }
