"""The searches of experiments 16_names and 16_roar, on small inputs."""

import math
from pathlib import Path

import pytest
import torch

from avtutor.datasets import Stamp, names
from avtutor.datasets.name_words import word_distance
from avtutor.metrics import t_interval
from experiments.spoken_names import edit_distances, likeness, takes, word_distances
from experiments.stamp_sounds import (
    RATE,
    TREATMENTS,
    levels_of,
    levels_or_none,
    mean_spectrum,
    nearness,
    noisy,
    telephone,
    variants,
)
from experiments.stamps import (
    Altered,
    Found,
    Paired,
    best_of,
    called,
    heard_as,
    seen_as,
    summary,
    trained,
)


def tone(hertz: float, seconds: float = 1.0) -> torch.Tensor:
    """Return a tone of amplitude 0.5."""
    return 0.5 * torch.sin(2 * math.pi * hertz * torch.arange(int(seconds * RATE)) / RATE)


def power_db(samples: torch.Tensor) -> float:
    """Return the mean power in dB, without the ends, where a filter rings."""
    return float(10 * samples[2000:-2000].square().mean().log10())


def test_what_is_called_the_same() -> None:
    def made(key: str, name: str, recording: str = "") -> Stamp:
        return Stamp(key, name, "animals", Path(key), None, recording, True)

    some = [
        made("lion", "A lion."),
        made("lion-2", "Lion"),
        made("owl", "An owl.", "owls"),
        made("night", "A bird of the night.", "owls"),
        made("puma", "A puma."),
        made("cougar", "A cougar."),
        made("sea", "A sea lion."),
    ]
    spoken = {"puma": 3, "cougar": 3, "lion": 4, "sea": 5}
    labels = called(some, spoken).tolist()
    assert labels[0] == labels[1]  # by the English name
    assert labels[2] == labels[3]  # by the recording
    assert labels[4] == labels[5]  # by a name that was said
    assert len(set(labels)) == 4


def test_pairs_are_padded_and_keep_their_pictures() -> None:
    heard = [torch.full((8, n), float(n)) for n in (5, 3, 7)]
    pictures = torch.arange(4.0).reshape(4, 1, 1, 1).expand(4, 3, 2, 2)
    data = Paired(heard, pictures, [2, 0, 3], [7, 7, 9])
    batch = data.select(torch.tensor([2, 1]))
    assert batch.inputs["audio"].shape == (2, 8, 7)
    assert batch.inputs["audio"][1, 0].tolist() == [3.0] * 3 + [0.0] * 4
    assert batch.lengths["audio"].tolist() == [7, 3]
    assert batch.inputs["image"][:, 0, 0, 0].tolist() == [3.0, 0.0]
    assert batch.labels.tolist() == [9, 7]


def test_a_batch_is_altered_within_its_lengths_and_by_its_generator() -> None:
    data = Paired([torch.rand(24, n) for n in (60, 40)], torch.rand(2, 3, 4, 4), [0, 1], [0, 1])
    batch = data.select(torch.tensor([0, 1]))
    first, again, other = (Altered()(batch, torch.Generator().manual_seed(n)) for n in (1, 1, 2))
    assert torch.equal(first.inputs["audio"], again.inputs["audio"])
    assert not torch.equal(first.lengths["audio"], other.lengths["audio"])
    assert torch.equal(first.inputs["image"], batch.inputs["image"])
    for made in (first, other):
        for row, n in enumerate(made.lengths["audio"].tolist()):
            assert bool((made.inputs["audio"][row, :, n:] == 0).all())
            assert 0.79 * batch.lengths["audio"][row] <= n <= 1.26 * batch.lengths["audio"][row]


def test_a_picture_scores_as_its_best_sound() -> None:
    scores = torch.tensor([[0.1, 0.9, 0.4], [0.5, 0.2, -0.3]])
    found = best_of(scores, torch.tensor([2, 0, 2]), 4)
    low = -math.inf
    assert torch.allclose(found[:, [0, 2]], torch.tensor([[0.9, 0.4], [0.2, 0.5]]))
    assert found[:, [1, 3]].tolist() == [[low, low], [low, low]]


def test_pictures_of_the_same_name_are_hits() -> None:
    scores = torch.tensor([[0.9, 0.8, 0.1], [0.9, 0.5, 0.4]])
    found = Found.of(scores, torch.tensor([5, 6]), torch.tensor([6, 5, 5]), ["a", "b"])
    assert found.ranks.tolist() == [2, 1]
    part = found.only([False, True])
    assert part.ranks.tolist() == [1] and part.groups == ("b",)
    assert part.right.tolist() == [[True, False, False]]


def test_the_interval_is_over_groups_averaged_over_the_runs() -> None:
    right = torch.eye(20, dtype=torch.bool)[:4]
    groups = ("cow", "cow", "owl", "pig")
    runs = [Found(torch.tensor(ranks), right, groups) for ranks in ([1, 11, 1, 12], [1, 1, 20, 12])]
    table = summary(runs)
    assert table["recall@1"] == 0.5 and table["each@1"] == [0.5, 0.5]
    assert table["chance@10"] == 0.5 and table["times chance@10"] == 1.0
    assert (table["queries"], table["gallery"], table["groups"]) == (8, 20, 3)
    expected = t_interval([3 / 4, 1 / 2, 0.0])
    assert table["interval@10"] == [round(expected.low, 4), round(expected.high, 4)]


def test_towers_find_pairs_that_they_were_trained_on_and_chance_otherwise() -> None:
    g = torch.Generator().manual_seed(0)
    heard = [torch.randn(24, 12 + n % 5, generator=g) for n in range(40)]
    pictures = torch.rand(40, 3, 4, 4, generator=g)
    data = Paired(heard, pictures, list(range(40)), list(range(40)))
    towers = trained(data, seed=0, epochs=40)
    scores = heard_as(towers, heard) @ seen_as(towers, pictures).T
    found = Found.of(scores, data.labels, data.labels, data.labels.tolist())
    assert summary([found])["recall@1"] > 0.9
    alone = torch.cat([heard_as(towers, [x]) for x in heard])
    assert torch.allclose(alone, heard_as(towers, heard), atol=1e-4)
    new = [torch.randn(24, 14, generator=g) for _ in range(40)]
    other = Found.of(
        heard_as(towers, new) @ seen_as(towers, pictures).T, data.labels, data.labels, range(40)
    )
    assert summary([other])["recall@1"] < 0.2


def test_the_eye_is_whitened_by_what_it_may_know() -> None:
    data = Paired([torch.rand(24, 20)] * 4, torch.rand(9, 3, 4, 4), [0, 1, 2, 3], [0, 1, 2, 3])
    own = trained(data, seed=0, epochs=1).encoders["image"]
    more = trained(data, seed=0, epochs=1, known=data.pictures).encoders["image"]
    assert torch.allclose(own.mean, data.pictures[:4].flatten(1).mean(dim=0), atol=1e-6)
    assert torch.allclose(more.mean, data.pictures.flatten(1).mean(dim=0), atol=1e-6)


def test_the_telephone_passes_its_band_alone() -> None:
    for hertz, low, high in ((100, -999, -40), (1000, -1, 1), (3000, -2, 1), (5000, -999, -50)):
        sound = tone(hertz)
        assert low < power_db(telephone(sound)) - power_db(sound) < high


def test_noise_has_the_level_that_is_said() -> None:
    sound = tone(500.0)
    for snr in (0.0, 10.0):
        added = noisy(sound, snr, torch.Generator().manual_seed(0)) - sound
        assert power_db(sound) - power_db(added) == pytest.approx(snr, abs=0.2)


def test_treatments_cut_where_they_say() -> None:
    sound, g = tone(700.0, 2.0), torch.Generator().manual_seed(0)
    sizes = {name: len(change(sound, g)) / RATE for name, change in TREATMENTS.items()}
    assert sizes["first second"] == sizes["all together"] == 1.0
    assert sizes["first half second"] == 0.5
    assert {sizes[name] for name in list(TREATMENTS)[:5]} == {2.0}


def test_variants_differ_and_pauses_are_not_among_them() -> None:
    sound = torch.cat([tone(600.0), torch.zeros(2 * RATE)])
    (made,) = variants([sound], seed=3)
    assert len(made) == len({tuple(x.flatten()[:50].tolist()) for x in made})
    assert all(float(x.max()) > 4.4 for x in made)  # a pause would have been refused
    (again,) = variants([sound], seed=3)
    assert all(torch.equal(a, b) for a, b in zip(made, again, strict=True))
    assert levels_or_none(torch.zeros(RATE)) is None
    with pytest.raises(ValueError, match="silent"):
        levels_of(torch.zeros(RATE))


def test_the_mean_spectrum_knows_no_loudness_and_no_order() -> None:
    g = torch.Generator().manual_seed(0)
    levels = torch.rand(24, 30, generator=g)
    assert torch.allclose(mean_spectrum(levels + 2.0), mean_spectrum(levels), atol=1e-5)
    assert torch.allclose(mean_spectrum(levels.flip(1)), mean_spectrum(levels), atol=1e-5)
    known = [levels_of(tone(hertz)) for hertz in (300.0, 900.0, 2700.0)]
    near = nearness([levels_of(0.1 * tone(910.0))], known)
    assert int(near.argmax()) == 1


def test_distances_in_letters_are_those_of_the_package() -> None:
    first = [("leon",), ("azul", "mar"), ("el",), ("lev", "perro")]
    second = [("lion", "de"), ("lav",), ("mar", "leon"), ("la",)]
    found = word_distances(first, second)
    for row, one in enumerate(first):
        for column, other in enumerate(second):
            assert float(found[row, column]) == pytest.approx(word_distance(one, other))
    assert edit_distances(["leon"], ["lion", "leon"]).tolist() == [[0.25, 0.0]]


def test_copies_are_found_by_their_samples() -> None:
    g = torch.Generator().manual_seed(0)
    clip, other = torch.randn(4000, generator=g), torch.randn(4200, generator=g)
    moved = torch.cat([torch.zeros(300), 0.3 * clip]) + 0.01 * torch.randn(4300, generator=g)
    assert likeness(clip, moved) > 0.95
    assert likeness(clip, other) < 0.2
    some = names(language="es")[:1] * 3
    assert takes(some, [clip, other, moved]) == [0, 1, 0]
