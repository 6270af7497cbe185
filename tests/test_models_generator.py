"""Generators: what the parts compute, that a way is learned, and that sound decides the picture."""

import math

import pytest
import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.datasets import Bestiary
from avtutor.models import (
    CallEncoder,
    ConditionalVAE,
    CreatureReader,
    GeneratorConfig,
    LatentFlow,
    PictureVAE,
)
from avtutor.models.generator_parts import divergence, misfit
from avtutor.models.reader import ONLY_SEEN, goals_of, reading_loss
from avtutor.training import Drawing, Minibatches, TrainConfig, fit

SMALL = GeneratorConfig(
    picture_shape=(1, 8, 8), n_mels=8, n_latents=2, n_features=3, widths=(16, 12, 8), hidden=48,
    deviation=0.2,
)  # fmt: skip


class Ear(nn.Module):
    """Hears the mean of the first three rows: a sound for which the truth is known."""

    def forward(self, sounds: torch.Tensor) -> torch.Tensor:
        return sounds[:, :3].mean(dim=2)


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_divergence_is_that_of_torch() -> None:
    mean, log_variance = torch.randn(5, 3, generator=source(0)), torch.randn(5, 3)
    ours = divergence(mean, log_variance)
    one = torch.distributions.Normal(mean, (log_variance / 2).exp())
    theirs = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0))
    assert torch.allclose(ours, theirs.sum(dim=1), atol=1e-5)


def test_the_misfit_is_a_negative_log_likelihood_and_counts_edges_on_top() -> None:
    drawn, real = torch.rand(2, 1, 8, 8, generator=source(0)), torch.rand(2, 1, 8, 8)
    one = torch.distributions.Normal(drawn, 0.3)
    likely = one.log_prob(real).sum(dim=(1, 2, 3)) + 64 * math.log(0.3 * math.sqrt(2 * math.pi))
    found = misfit(drawn, real, deviation=0.3, edge_weight=0.0)
    assert torch.allclose(found, -likely, rtol=1e-4)
    # A constant has no edges: it costs the same with and without them.
    flat = [misfit(drawn, drawn + 0.1, deviation=0.3, edge_weight=w) for w in (0.0, 5.0)]
    assert torch.allclose(*flat, rtol=1e-4)
    assert (misfit(drawn, real, deviation=0.3, edge_weight=1.0) > found).all()


def world(n: int, seed: int) -> Batch:
    """Return pictures of one bright row or column: the sound says where, not which of both."""
    draw = source(seed)
    place = torch.randint(8, (n,), generator=draw)
    across = torch.rand(n, generator=draw) < 0.5
    rows = nn.functional.one_hot(place, 8).float()[:, :, None].expand(n, 8, 8)
    pictures = torch.where(across[:, None, None], rows, rows.transpose(1, 2))[:, None]
    angle = 2 * math.pi * place / 8
    sounds = torch.zeros(n, 8, 20)
    sounds[:, 0], sounds[:, 1] = angle.cos()[:, None], angle.sin()[:, None]
    return Batch(
        inputs={"audio": sounds, "image": pictures.contiguous()},
        labels=torch.stack([place, across.long()], dim=1),
        groups=("a",) * n,
    )


def trained(model: nn.Module, epochs: int = 15) -> nn.Module:
    loader = Minibatches(world(1000, 0), batch_size=50, shuffle_seed=0)
    fit(model, loader, None, TrainConfig(epochs=epochs, learning_rate=1e-2), objective=Drawing())
    return model.eval()


def read(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where the bright line is in each picture, and whether it is a row."""
    rows, columns = pictures[:, 0].sum(dim=2), pictures[:, 0].sum(dim=1)
    across = rows.amax(dim=1) > columns.amax(dim=1)
    return torch.where(across, rows.argmax(dim=1), columns.argmax(dim=1)), across


@pytest.mark.parametrize("kind", ["vae", "flow"])
def test_what_is_heard_is_drawn_and_what_is_not_varies(kind: str) -> None:
    torch.manual_seed(0)
    if kind == "vae":
        model = trained(ConditionalVAE(SMALL, Ear(), edge_weight=0.0))
    else:
        model = trained(LatentFlow(trained(PictureVAE(SMALL, edge_weight=0.0)), Ear()))
    test = world(400, 1)
    with torch.no_grad():
        drawn = model.draw(test.inputs["audio"], generator=source(2))
    place, across = read(drawn)
    assert (place == test.labels[:, 0]).float().mean() > 0.6  # chance is 1 in 8
    assert 0.25 < across.float().mean() < 0.75
    for number in range(8):  # at each place both are drawn
        share = across[test.labels[:, 0] == number].float().mean()
        assert 0.1 < share < 0.9
    assert torch.equal(drawn, drawn_again(model, test))


@torch.no_grad()
def drawn_again(model: nn.Module, test: Batch) -> torch.Tensor:
    return model.draw(test.inputs["audio"], generator=source(2))  # type: ignore[operator]


def test_a_flow_leaves_the_pictures_vae_as_it_is() -> None:
    pictures = PictureVAE(SMALL)
    before = {name: values.clone() for name, values in pictures.state_dict().items()}
    trained(LatentFlow(pictures, Ear()), epochs=1)
    assert all(torch.equal(before[name], v) for name, v in pictures.state_dict().items())


def test_a_straight_way_needs_few_steps() -> None:
    """Where the velocity is constant, one step and many end at the same place."""
    model = LatentFlow(PictureVAE(SMALL), Ear())

    class East(nn.Module):
        def forward(self, latents, times, heard):  # noqa: ANN001, ANN202
            return torch.ones_like(latents)

    model.velocity = East()  # type: ignore[assignment]
    for n_steps in (1, 7):
        way = model.flow(torch.zeros(3, 3), generator=source(0), n_steps=n_steps)
        assert way.shape == (n_steps + 1, 3, 2)
        assert torch.allclose(way[-1], way[0] + 1, atol=1e-5)


def test_the_midpoint_method_is_of_second_order() -> None:
    """x' = x has the solution e x(0): half the step, a quarter of the error."""
    model = LatentFlow(PictureVAE(SMALL), Ear())

    class Growth(nn.Module):
        def forward(self, latents, times, heard):  # noqa: ANN001, ANN202
            return latents

    model.velocity = Growth()  # type: ignore[assignment]
    errors = []
    for n_steps in (8, 16):
        way = model.flow(torch.zeros(4, 3), generator=source(0), n_steps=n_steps)
        errors.append(float((way[-1] / way[0] - math.e).abs().max()))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)


def test_lengths_reach_a_sound_encoder_that_asks_for_them() -> None:
    class Counting(nn.Module):
        def forward(self, sounds, lengths):  # noqa: ANN001, ANN202
            return lengths[:, None].float().expand(-1, 3)

    model = ConditionalVAE(SMALL, Counting())
    batch = world(4, 0)
    assert math.isfinite(float(Drawing()(model, batch)[0].detach()))
    assert model.hear(batch.inputs["audio"], torch.tensor([1, 2, 3, 4]))[:, 0].tolist() == [
        1, 2, 3, 4,
    ]  # fmt: skip


def test_a_reader_is_asked_for_what_is_in_the_picture() -> None:
    labels = (
        Bestiary(6, seed=0, heard=False, size=16, with_seen=True).select(torch.arange(6)).labels
    )
    values, limbs = goals_of(labels)
    assert (limbs == labels[:, 4].long() - 2).all()
    assert torch.allclose(values[:, 0].exp(), labels[:, 0])
    assert values.abs().max() < 1.6  # all of about the same weight
    exact = nn.functional.one_hot(limbs, 5) * 100.0
    assert float(reading_loss(values, exact, labels)) < 1e-6

    class Told(CreatureReader):
        def forward(self, pictures):  # noqa: ANN001, ANN202
            return values, exact

    reading = Told(16).read(torch.zeros(6, 3, 16, 16))
    for got, column in (
        (reading.size, 0), (reading.shape, 1), (reading.hue, 2), (reading.texture, 3)
    ):  # fmt: skip
        assert torch.allclose(got, labels[:, column], rtol=1e-3, atol=1e-3)
    assert (reading.limbs == labels[:, 4]).all()
    assert torch.allclose(reading.only_seen[:, ONLY_SEEN.index("column")], labels[:, 6], atol=1e-5)


@pytest.mark.bad_input
def test_bad_settings_are_refused() -> None:
    ear = CallEncoder(GeneratorConfig(), n_frames=161)
    batch = world(2, 0)
    for make, phrase in (
        (lambda: GeneratorConfig(picture_shape=(3, 20, 32)), "multiples of 8"),
        (lambda: GeneratorConfig(widths=(8,)), "two or more"),
        (lambda: GeneratorConfig(n_mels=4), "at least 8, got 4"),
        (lambda: GeneratorConfig(deviation=0.0), "deviation above 0"),
        (lambda: CallEncoder(GeneratorConfig(), n_frames=3), "at least 16, got 3"),
        (lambda: ear(torch.zeros(1, 40, 100)), r"\[batch, 40, 161\], got \[1, 40, 100\]"),
        (lambda: CreatureReader(20), "multiple of 8"),
        (lambda: CreatureReader(32)(torch.zeros(1, 3, 48, 48)), r"\[batch, 3, 32, 32\]"),
        (lambda: goals_of(torch.zeros(1, 5)), "5 numbers and the 11 of Seen, got 5"),
        (
            lambda: LatentFlow(PictureVAE(SMALL), Ear()).flow(
                torch.zeros(1, 3), generator=source(0), n_steps=0
            ),
            "n_steps must be at least 1",
        ),
        (lambda: Drawing(image="picture")(PictureVAE(SMALL), batch), "no input 'picture'"),
        (lambda: Drawing(audio="sound")(ConditionalVAE(SMALL, Ear()), batch), "no input 'sound'"),
    ):
        with pytest.raises(ValueError, match=phrase):
            make()
