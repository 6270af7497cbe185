"""The world of two senses with a known optimum: theory, the inverse, and each of its dials."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from avtutor.synth import LatentSense, LatentWorld, Optimum, observed, optimum


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def world(n_classes: int, audio: float, image: float, **options: object) -> LatentWorld:
    senses = {
        "audio": LatentSense(width=max(12, n_classes), noise=audio),
        "image": LatentSense(width=20, noise=image),
    }
    return LatentWorld(senses=senses, n_classes=n_classes, **options)  # type: ignore[arg-type]


def in_theory(d_prime: float, n_classes: int) -> float:
    """Return the accuracy for symbols that are orthogonal and equally far: one integral.

    The true symbol's score is normal around d'/sqrt(2), the others' around 0, all with deviation
    1; it wins where all others lie below (Green and Swets 1966; Proakis, equation 4.4-13).
    """
    return float(
        quad(
            lambda x: norm.pdf(x - d_prime / 2**0.5) * norm.cdf(x) ** (n_classes - 1),
            -12,
            12 + d_prime,
        )[0]
    )


def close(found: Optimum, expected: float) -> bool:
    return abs(found.accuracy - expected) < 4 * found.error


@pytest.mark.parametrize("noise", [0.3, 0.5, 1.0, 2.0])
def test_two_classes_are_told_apart_as_theory_says(noise: float) -> None:
    two = world(2, noise, 1.0)
    assert abs(in_theory(1 / noise, 2) - norm.cdf(1 / noise / 2)) < 1e-6  # the integral itself
    found = optimum(two, senses=("audio",))
    assert found.error < 0.002
    assert close(found, norm.cdf(1 / noise / 2))


@pytest.mark.parametrize("n_classes", [2, 10])
def test_of_two_senses_d_prime_adds_in_quadrature(n_classes: int) -> None:
    both = world(n_classes, 0.6, 0.8)
    together = (0.6**-2 + 0.8**-2) ** 0.5
    assert close(optimum(both), in_theory(together, n_classes))
    assert close(optimum(both, senses=("image",)), in_theory(1 / 0.8, n_classes))
    # A miss must be seen: d' added plainly, or the better sense alone, are far off.
    assert not close(optimum(both), in_theory(1 / 0.6 + 1 / 0.8, n_classes))
    assert not close(optimum(both), in_theory(1 / 0.6, n_classes))


def test_other_noise_than_that_of_the_world() -> None:
    given = world(4, 0.3, 0.3)
    assert optimum(given, noise={"audio": 0.7, "image": 0.9}) == optimum(world(4, 0.7, 0.9))
    ranged = optimum(given, senses=("audio",), noise={"audio": (0.4, 1.6)})
    # Evenly in dB between 0.4 and 1.6.
    expected = quad(lambda t: in_theory(1 / (0.4 * 4**t), 4), 0, 1)[0]
    assert close(ranged, expected)


def test_missing_senses_mix_the_optima() -> None:
    given = world(4, 0.5, 0.9)
    found = optimum(given, missing={"audio": 0.3, "image": 0.2})
    alone = {name: in_theory(1 / given.senses[name].noise, 4) for name in given.senses}
    both = in_theory((0.5**-2 + 0.9**-2) ** 0.5, 4)
    assert close(found, 0.3 * alone["image"] + 0.2 * alone["audio"] + 0.5 * both)


def test_senses_that_tell_different_things_need_each_other() -> None:
    """Four classes, one bit in each sense: alone half of the cases, together the product."""
    bits = {
        "audio": LatentSense(width=4, noise=0.4, tells=(0, 0, 1, 1)),
        "image": LatentSense(width=4, noise=0.7, tells=(0, 1, 0, 1)),
    }
    four = LatentWorld(senses=bits, n_classes=4)
    heard, seen = norm.cdf(1 / 0.4 / 2), norm.cdf(1 / 0.7 / 2)
    assert close(optimum(four, senses=("audio",)), heard / 2)
    assert close(optimum(four, senses=("image",)), seen / 2)
    assert close(optimum(four), heard * seen)


@pytest.mark.parametrize("bend", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("width", [12, 600])
def test_the_rendering_loses_nothing(bend: float, width: int) -> None:
    senses = {"audio": LatentSense(width=width, noise=0.8), "image": LatentSense()}
    given = LatentWorld(senses=senses, bend=bend)
    drawn = given.draw(50, generator=seeded())
    for name in given.senses:
        back = given.invert(name, drawn.batch.inputs[name])
        assert torch.allclose(back, drawn.latents[name], atol=2e-4)
    observer = given.scores(
        {name: given.invert(name, x) for name, x in drawn.batch.inputs.items()}, drawn.noise
    )
    assert torch.equal(
        observer.argmax(dim=1), given.scores(drawn.latents, drawn.noise).argmax(dim=1)
    )


def test_what_is_seen_is_turned_and_bent() -> None:
    given = world(4, 0.5, 0.5)
    latents = torch.eye(12)
    straight, bent = replace(given, bend=0.0), given
    turned = straight.render("audio", latents)
    assert torch.allclose(turned @ turned.T, torch.eye(12), atol=1e-5)
    assert not torch.allclose(turned.abs(), latents, atol=0.2)
    bent_values = torch.asinh(2 * turned) / 2
    assert torch.allclose(bent.render("audio", latents), bent_values, atol=1e-5)
    other = replace(given, bend=0.0, seed=1).render("audio", latents)
    assert not torch.allclose(turned, other, atol=0.2)


def test_draws_are_of_the_seed_and_balanced() -> None:
    given = world(5, 0.5, 0.9)
    one, same, other = (given.draw(500, generator=seeded(s)) for s in (0, 0, 1))
    assert torch.equal(one.batch.inputs["image"], same.batch.inputs["image"])
    assert not torch.equal(one.batch.inputs["image"], other.batch.inputs["image"])
    assert one.batch.labels.bincount().tolist() == [100] * 5
    noise = {name: one.latents[name].clone() for name in given.senses}
    for name, values in noise.items():
        values[torch.arange(500), one.batch.labels] -= 0.5**0.5
        assert abs(float(values.std()) / given.senses[name].noise - 1) < 0.05
        assert abs(float(values.mean())) < 0.03
    cross = torch.corrcoef(torch.stack([noise["audio"][:, 0], noise["image"][:, 0]]))[0, 1]
    assert abs(float(cross)) < 0.2


def test_conflicts_and_missing_senses_are_marked() -> None:
    given = world(5, 0.05, 0.05)
    drawn = given.draw(3000, generator=seeded(), missing={"image": 0.4}, conflict=0.5)
    heard, seen = drawn.classes["audio"], drawn.classes["image"]
    assert torch.equal(drawn.batch.labels, heard)
    assert abs(float((heard != seen).float().mean()) - 0.5) < 0.04
    assert ((seen - heard) % 5).bincount(minlength=5)[1:].min() > 300  # all others, evenly
    assert drawn.latents["image"].argmax(dim=1).eq(seen).all()  # little noise: the symbol is seen
    gone = ~drawn.batch.present["image"]
    assert abs(float(gone.float().mean()) - 0.4) < 0.04
    assert not drawn.batch.inputs["image"][gone].any() and drawn.batch.present["audio"].all()
    with_conflict = observed(given, given.draw(4000, generator=seeded(), conflict=1.0))
    assert abs(float(with_conflict.mean()) - 0.5) < 0.04  # equally noisy: it believes either


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: LatentSense(noise=0.0), "noise must be above 0"),
        (lambda: LatentSense(width=2, tells=(0, 2)), "from 0 to 1"),
        (lambda: LatentWorld(senses={}), "at least 1 sense"),
        (lambda: LatentWorld(senses={"a": LatentSense()}, n_classes=1), "2 classes"),
        (lambda: LatentWorld(senses={"a": LatentSense(width=5)}), "a: width must be at least 10"),
        (
            lambda: LatentWorld(senses={"a": LatentSense(tells=(0, 1))}, n_classes=3),
            "tells must name 3 symbols, got 2",
        ),
        (lambda: LatentWorld(senses={"a": LatentSense()}, bend=-1.0), "bend must be at least 0"),
        (lambda: world(4, 0.5, 0.5).draw(0, generator=seeded()), "n_items"),
        (
            lambda: world(4, 0.5, 0.5).draw(
                9, generator=seeded(), missing={"audio": 0.6, "image": 0.6}
            ),
            "shares from 0 to 1",
        ),
        (lambda: world(4, 0.5, 0.5).draw(9, generator=seeded(), conflict=2.0), "shares from 0"),
        (
            lambda: world(4, 0.5, 0.5).draw(9, generator=seeded(), noise={"audio": (2.0, 1.0)}),
            "noise of 'audio' must be",
        ),
        (
            lambda: world(4, 0.5, 0.5).draw(9, generator=seeded(), noise={"smell": 1.0}),
            "got 'smell'",
        ),
        (lambda: optimum(world(4, 0.5, 0.5), senses=("smell",)), "one of audio, image"),
        (lambda: optimum(world(4, 0.5, 0.5), noise={"smell": 1.0}), "one of audio, image"),
        (lambda: optimum(world(4, 0.5, 0.5), n_items=1), "at least 2"),
    ],
)
def test_what_is_refused(make: Callable[[], object], phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        make()
