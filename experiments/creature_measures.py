"""What 16_creatures looks at beside the errors: what varies, where it fails, how it looks."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from avtutor.datasets.bestiary import FRONT, RANGE_DB
from avtutor.models import CreatureReader
from avtutor.models.reader import ONLY_SEEN, Reading
from avtutor.spectral import below_peak, log_mel
from avtutor.synth import Heard, calls, drawn_creatures
from avtutor.synth.creatures import FEWEST, LARGEST, MOST, SMALLEST
from avtutor.training import linear_probe
from avtutor.units import db_to_amplitude
from experiments.creatures import TEST, Generator, correlation, drawn, errors, judged, part

HALF = 6400
"""Samples of half a call at 8000 Hz."""
SNRS = (20.0, 10.0, 5.0, 0.0, -5.0)
"""Levels of a call above the noise, in dB; training has 15 to 40."""


def numbers_of(reading: Reading) -> dict[str, Tensor]:
    """Return the numbers read whose spread is looked at; the hue is on a circle and apart."""
    known = {
        "size": reading.size,
        "shape": reading.shape,
        "texture": reading.texture,
        "limbs": reading.limbs.float(),
    }
    return known | dict(zip(ONLY_SEEN, reading.only_seen.unbind(dim=1), strict=True))


def spreads(
    reading: Reading, real: Reading, truth: Tensor, only_seen: Tensor, *, draws: int
) -> dict[str, dict[str, float]]:
    """Return how much each number varies between draws of a call, and what it owes to the truth.

    "draws": standard deviation over the draws of one call; "real": over real pictures; "ratio":
    the one by the other, near 0 for what the call tells and near 1 for what it does not.
    "correlation": of what is read in the draws with the truth of the call's own picture.

    Args:
        reading: of drawn pictures, the first draw of all items before the second one.
        real: of the real pictures of the same items.
        truth: the five numbers of each item.
        only_seen: the numbers of `ONLY_SEEN` of each item.
        draws: how many draws there are of each item.
    """
    found = {}
    others = dict(zip(ONLY_SEEN, only_seen.unbind(dim=1), strict=True))
    true = {"size": truth[:, 0], "shape": truth[:, 1], "texture": truth[:, 3]}
    true |= {"limbs": truth[:, 4]} | others
    of_real = numbers_of(real)
    for name, values in numbers_of(reading).items():
        within = float(values.view(draws, -1).var(dim=0).mean().sqrt())
        whole = float(of_real[name].std())
        found[name] = {
            "draws": round(within, 4),
            "real": round(whole, 4),
            "ratio": round(within / max(whole, 1e-9), 3),
            "correlation": round(correlation(values, true[name].repeat(draws)), 3),
            "correlation, real picture": round(correlation(of_real[name], true[name]), 3),
        }
    within, whole = _around(reading.hue.view(draws, -1)), _around(real.hue[:, None])
    found["hue"] = {"draws": round(within, 4), "real": round(whole, 4)}
    found["hue"]["ratio"] = round(within / max(whole, 1e-9), 3)
    return found


def _around(hues: Tensor) -> float:
    """Return how much angles vary along the first axis, as points on a circle of radius 1."""
    angles = torch.deg2rad(hues)
    varies = angles.cos().var(dim=0) + angles.sin().var(dim=0)
    return float(varies.mean().sqrt())


def legs(reading: Reading, truth: Tensor) -> list[list[float]]:
    """Return for each true number of legs the shares of what was drawn, from 2 to 6."""
    table = torch.zeros(MOST - FEWEST + 1, MOST - FEWEST + 1)
    places = (truth[:, 4].round().long() - FEWEST, reading.limbs - FEWEST)
    table.index_put_(places, torch.ones(len(truth)), accumulate=True)
    return [[round(float(v), 3) for v in row / row.sum().clamp(min=1)] for row in table]


def by_range(reading: Reading, truth: Tensor, snr_db: Tensor) -> dict[str, dict[str, float]]:
    """Return the measures in each third of each number, for each number of legs, and by noise."""
    ratio = (truth[:, 0] / SMALLEST).log() / torch.tensor(LARGEST / SMALLEST).log()
    shares = {
        "size": ratio,
        "shape": truth[:, 1],
        "hue": truth[:, 2] / 360,
        "texture": truth[:, 3],
        "snr": (snr_db - 15) / 25,
    }
    rows = {
        f"{name}, third {third + 1}": (share * 3).floor().clamp(0, 2) == third
        for name, share in shares.items()
        for third in range(3)
    }
    rows |= {f"limbs, {n}": truth[:, 4].round() == n for n in range(FEWEST, MOST + 1)}
    return {
        name: {"pictures": int(chosen.sum()), **judged(part(reading, chosen), truth[chosen])}
        for name, chosen in rows.items()
        if chosen.any()
    }


def levels(samples: Tensor) -> Tensor:
    """Return calls as a net hears them, [item, mel, frame]."""
    return below_peak(log_mel(samples, FRONT), RANGE_DB)


def asked_otherwise(
    net: Generator, reader: CreatureReader, *, n: int, seed: int
) -> dict[str, dict[str, float]]:
    """Return the measures of calls as none was in training: in more noise, cut, backwards."""
    items = torch.arange(n) + TEST
    some, heard = drawn_creatures(items, seed=seed), Heard.drawn(items, seed=seed)
    usual = calls(some, heard, sample_rate=8000)
    plain = calls(some, replace(heard, snr_db=torch.full((n,), torch.inf)), sample_rate=8000)
    loud = plain.square().mean(dim=1, keepdim=True).sqrt()
    noise = torch.randn(plain.shape, generator=torch.Generator().manual_seed(seed)) * loud
    sounds = {"usual": usual, "no noise": plain}
    sounds |= {f"{snr:.0f} dB": plain + noise * db_to_amplitude(-snr) for snr in SNRS}
    first = torch.arange(usual.shape[1]) < HALF
    sounds |= {"first half": usual * first, "second half": usual * ~first}
    sounds["backwards"] = usual.flip(1)
    return {
        name: judged(reader.read(drawn(net, levels(s), draws=1, seed=seed)[0]), some.table())
        for name, s in sounds.items()
    }


def two_at_once(net: Generator, reader: CreatureReader, *, n: int, seed: int) -> dict[str, float]:
    """Return what is drawn where two creatures of the same peak level call at once.

    "one of the two": the number of legs is that of the first or the second, or the hue (the size)
    is within 15 degrees (10 %) of one of theirs; "by chance" the same beside two other creatures.
    "both missed": neither the legs, nor the hue, nor the size are one of theirs.
    """
    items = torch.arange(2 * n) + TEST
    some, heard = drawn_creatures(items, seed=seed), Heard.drawn(items, seed=seed)
    heard = replace(heard, level_db=torch.full((2 * n,), -7.0))
    samples = calls(some, heard, sample_rate=8000)
    read = reader.read(drawn(net, levels(samples[:n] + samples[n:]), draws=1, seed=seed)[0])
    table = some.table()
    two, other = (table[:n], table[n:]), (table[:n].roll(1, 0), table[n:].roll(1, 0))
    found = {}
    for name, pair in (("", two), (", by chance", other)):
        near = [_near(read, truth) for truth in pair]
        for what in ("size", "hue", "limbs"):
            share = (near[0][what] | near[1][what]).float().mean()
            found[f"{what} of one of the two{name}"] = round(float(share), 4)
        same = [one["size"] & one["hue"] & one["limbs"] for one in near]
        found[f"all three of one and the same{name}"] = round(
            float((same[0] | same[1]).float().mean()), 4
        )
    most = torch.maximum(two[0][:, 4], two[1][:, 4])
    share = (read.limbs == most).float().mean()
    found["as many legs as the one with more"] = round(float(share), 4)
    return found


def _near(reading: Reading, truth: Tensor) -> dict[str, Tensor]:
    off = errors(reading, truth)
    return {"size": off["size"] <= 0.1, "hue": off["hue"] <= 15, "limbs": off["limbs"] > 0}


@torch.no_grad()
def looks(reader: CreatureReader, fake: Tensor, real: Tensor, more: Tensor) -> dict[str, float]:
    """Return how far drawn pictures are from real ones, by 128 numbers inside the reader.

    "frechet": the distance of Fréchet between two normal distributions with the same means and
    covariances; beside it that of real pictures from other real ones. "told apart": the accuracy
    of a linear classifier of drawn and real, on other pictures than it was fitted to; .5 is chance.
    "sure": the mean probability that the reader gives to its number of legs.

    Args:
        reader: of pictures.
        fake: drawn ones.
        real, more: real ones, none of them twice; all three equally many.
    Source: Heusel et al. 2017, GANs trained by a two time-scale update rule (with other features).
    """
    inside = {n: _features(reader, x) for n, x in (("fake", fake), ("real", real), ("more", more))}
    half = len(fake) // 2
    both = [torch.cat([inside["fake"][rows], inside["real"][rows]]) for rows in _halves(half)]
    labels = torch.cat([torch.zeros(half), torch.ones(half)]).long()
    told = linear_probe((both[0], labels), (both[1], labels), n_classes=2)
    found = {
        "frechet": round(frechet(inside["fake"], inside["real"]), 4),
        "frechet, real and real": round(frechet(inside["more"], inside["real"]), 4),
        "told apart": round(told, 4),
    }
    for name, values in (("drawn", inside["fake"]), ("real", inside["real"])):
        sure = nn.functional.softmax(reader.limbs(values), dim=1).amax(dim=1)
        found[f"sure, {name}"] = round(float(sure.mean()), 4)
    return found


def _halves(half: int) -> tuple[slice, slice]:
    return slice(0, half), slice(half, 2 * half)


def _features(reader: CreatureReader, pictures: Tensor) -> Tensor:
    return torch.cat([reader.body(some) for some in pictures.split(256)])


def frechet(a: Tensor, b: Tensor) -> float:
    """Return the distance of Fréchet between normal distributions fitted to two sets of points."""
    a, b = a.double(), b.double()
    first, second = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(first)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ second @ root).clamp(min=0).sqrt().sum()
    apart = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    return float(apart + first.trace() + second.trace() - 2 * cross)
