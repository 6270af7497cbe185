"""Noise in an ear or an eye, senses that are missing, and the front end, as steps of a loader."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from avtutor.augment import FRONT, AddNoise, DropSenses, ToSpectrogram, mix_pictures_at_snr
from avtutor.batch import Batch
from avtutor.spectral import below_peak, log_mel
from avtutor.training import Minibatches, Prepared


def both(n: int = 6) -> Batch:
    """Return sounds and pictures of many levels: the ratio must not depend on the level."""
    g = torch.Generator().manual_seed(7)
    level = torch.logspace(-2, 0, n)
    time = torch.arange(6400) / 8000
    sound = torch.sin(2 * torch.pi * 440 * time) * (time < 0.5) * level[:, None]
    picture = torch.rand(n, 1, 8, 8, generator=g) * level[:, None, None, None] + 0.3
    return Batch(
        inputs={"audio": sound, "image": picture},
        labels=torch.arange(n),
        groups=tuple(map(str, range(n))),
    )


def decibels(signal: Tensor, noise: Tensor) -> Tensor:
    """Return the ratio of the powers of each row in dB, computed in float64."""
    power = [values.flatten(1).double().square().mean(dim=1) for values in (signal, noise)]
    return 10 * (power[0] / power[1]).log10()


@pytest.mark.parametrize("snr_db", [-12.0, 0.0, 7.5, 30.0])
def test_the_ratio_measured_is_the_one_asked_for(snr_db: float) -> None:
    clean = both()
    noisy = AddNoise({"audio": snr_db, "image": snr_db})(clean, torch.Generator().manual_seed(0))
    sound, picture = clean.inputs["audio"], clean.inputs["image"]
    found = decibels(sound, noisy.inputs["audio"] - sound)
    assert torch.allclose(found, torch.full_like(found, snr_db), atol=0.01)
    varying = picture - picture.mean(dim=(1, 2, 3), keepdim=True)
    found = decibels(varying, noisy.inputs["image"] - picture)
    assert torch.allclose(found, torch.full_like(found, snr_db), atol=0.01)


def test_a_range_is_drawn_evenly_and_each_sense_draws_its_own() -> None:
    clean = both(400)
    noisy = AddNoise({"audio": (-10.0, 20.0), "image": (-10.0, 20.0)})(
        clean, torch.Generator().manual_seed(0)
    )
    sound, picture = clean.inputs["audio"], clean.inputs["image"]
    heard = decibels(sound, noisy.inputs["audio"] - sound)
    varying = picture - picture.mean(dim=(1, 2, 3), keepdim=True)
    seen = decibels(varying, noisy.inputs["image"] - picture)
    for ratios in (heard, seen):
        assert ratios.min() > -10.01 and ratios.max() < 20.01
        assert abs(float(ratios.mean()) - 5) < 4 * 30 / 12**0.5 / 20
        assert abs(float(ratios.std()) - 30 / 12**0.5) < 1
    # Correlations of 400 independent pairs have a deviation of 1/20.
    assert abs(float(torch.corrcoef(torch.stack([heard, seen]))[0, 1])) < 0.2


def test_noise_is_white_and_the_seed_decides() -> None:
    clean = both()
    step = AddNoise({"audio": 0.0, "image": None})
    first, again, other = (
        step(clean, torch.Generator().manual_seed(seed)).inputs["audio"] for seed in (0, 0, 1)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    noise = (first - clean.inputs["audio"])[0].double()
    power = torch.fft.rfft(noise).abs().square()[2:-1].view(3, -1).mean(dim=1)
    assert power.max() / power.min() < 1.3  # thirds of the spectrum are equally strong
    assert torch.equal(clean.inputs["audio"], both().inputs["audio"])  # the input is as it was


def test_a_flat_picture_and_a_silent_sound_stay_as_they_are() -> None:
    flat = Batch(
        inputs={"audio": torch.zeros(1, 800), "image": torch.full((1, 1, 8, 8), 0.5)},
        labels=torch.zeros(1, dtype=torch.int64),
        groups=("a",),
    )
    noisy = AddNoise({"audio": 0.0, "image": 0.0})(flat, torch.Generator().manual_seed(0))
    assert not noisy.inputs["audio"].any()
    assert torch.allclose(noisy.inputs["image"], flat.inputs["image"])


def test_a_share_of_a_sense_is_missing_and_never_both() -> None:
    batch = both(4000)
    step = DropSenses({"audio": 0.5, "image": 0.3})
    dropped = step(batch, torch.Generator().manual_seed(0))
    gone = {sense: ~dropped.present[sense] for sense in batch.inputs}
    assert not (gone["audio"] & gone["image"]).any()
    # Binomial: a deviation of 0.008.
    assert abs(float(gone["audio"].float().mean()) - 0.5) < 0.03
    assert abs(float(gone["image"].float().mean()) - 0.3) < 0.03
    for sense, missing in gone.items():
        assert not dropped.inputs[sense][missing].any()
        assert torch.equal(dropped.inputs[sense][~missing], batch.inputs[sense][~missing])
    again = step(batch, torch.Generator().manual_seed(0))
    assert torch.equal(again.present["audio"], dropped.present["audio"])


def test_all_of_one_sense_can_be_missing_and_none() -> None:
    batch = both()
    blind = DropSenses({"image": 1.0})(batch, torch.Generator().manual_seed(0))
    assert blind.present["audio"].all() and not blind.present["image"].any()
    whole = DropSenses({"image": 0.0})(batch, torch.Generator().manual_seed(0))
    assert whole.present["image"].all()


def test_the_front_end_is_the_one_of_the_package() -> None:
    batch = both()
    levels = ToSpectrogram()(batch, torch.Generator()).inputs["audio"]
    assert levels.shape == (6, 40, 81)
    expected = below_peak(log_mel(batch.inputs["audio"], FRONT), 60.0)
    assert torch.equal(levels, expected)
    assert levels.amax() == 0 and levels.amin() == -60
    assert torch.allclose(levels[0], levels[-1], atol=0.1)  # 40 dB louder, and the same picture
    whole = ToSpectrogram()(batch, torch.Generator())
    assert torch.equal(whole.inputs["image"], batch.inputs["image"])
    assert whole.lengths["audio"].tolist() == [81] * 6


def test_steps_follow_each_other_in_a_loader_and_give_the_same_again() -> None:
    steps = (AddNoise({"audio": 5.0, "image": 5.0}), ToSpectrogram(), DropSenses({"audio": 0.5}))
    loader = Prepared(Minibatches(both(), batch_size=4), *steps, seed=3)
    first, again = list(loader), list(loader)
    for one, other in zip(first, again, strict=True):
        assert one.inputs["audio"].shape[1:] == (40, 81)
        assert torch.equal(one.inputs["image"], other.inputs["image"])
        assert torch.equal(one.present["audio"], other.present["audio"])
    loader.set_epoch(1)
    assert not torch.equal(next(iter(loader)).inputs["image"], first[0].inputs["image"])


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: AddNoise({"audio": (20.0, 0.0)}), "snr_db of 'audio' must be"),
        (lambda: AddNoise({"audio": float("nan")}), "both finite"),
        (lambda: AddNoise({"smell": 0.0})(both(), torch.Generator()), "no input 'smell'"),
        (
            lambda: AddNoise({"audio": 0.0})(
                ToSpectrogram()(both(), torch.Generator()), torch.Generator()
            ),
            r"must be \[batch, time\] or .* got \[6, 40, 81\]",
        ),
        (lambda: DropSenses({"audio": 1.2}), "from 0 to 1, got 1.2"),
        (lambda: DropSenses({"audio": 0.6, "image": 0.5}), "add up to at most 1"),
        (lambda: DropSenses({"smell": 0.5})(both(), torch.Generator()), "no input 'smell'"),
        (
            lambda: DropSenses({"image": 1.0})(
                DropSenses({"audio": 1.0})(both(), torch.Generator()), torch.Generator()
            ),
            "6 would lose their only one",
        ),
        (lambda: ToSpectrogram(sense="image")(both(), torch.Generator()), r"\[6, 1, 8, 8\]"),
        (lambda: ToSpectrogram(sense="smell")(both(), torch.Generator()), "no such input"),
        (
            lambda: mix_pictures_at_snr(
                torch.ones(1, 1, 8, 8), torch.ones(1, 1, 4, 4), snr_db=torch.zeros(1)
            ),
            "the shape of pictures",
        ),
    ],
)
def test_what_is_refused(make: Callable[[], object], phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        make()
