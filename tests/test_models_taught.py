"""An eye that teaches: what it sees, how different pictures are to it, and an ear that imitates."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from avtutor.batch import Batch
from avtutor.datasets import Bestiary
from avtutor.models import (
    ConditionalVAE,
    CreatureReader,
    GeneratorConfig,
    PictureVAE,
    TaughtEar,
    imitation,
    seen_apart,
)
from avtutor.models.reader import N_LIMBS, N_VALUES
from avtutor.models.taught import stages
from avtutor.synth import Creature, Creatures, Seen, pictures
from avtutor.training import Drawing, DrawingSeen, TaughtByEye, TrainConfig, fit, read_checkpoint

SMALL = GeneratorConfig(widths=(12, 8, 8, 6), n_latents=6, n_features=4)
EYE = Path(__file__).resolve().parents[1] / "experiments" / "16_eye.safetensors"


def untrained(seed: int = 0) -> CreatureReader:
    torch.manual_seed(seed)
    return CreatureReader(32).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def eye() -> CreatureReader:
    """The eye of experiment 16_eye, which has learned."""
    net = CreatureReader(32)
    tensors = read_checkpoint(EYE)[0]
    net.load_state_dict(
        {k.removeprefix("eye."): v for k, v in tensors.items() if k.startswith("eye.")}
    )
    return net.eval().requires_grad_(False)


class Flat(nn.Module):
    """An ear for tests: four numbers of a spectrogram."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 4)

    def forward(self, spectrograms: Tensor) -> Tensor:
        found: Tensor = self.layer(spectrograms.flatten(1))
        return found


def some(n: int = 8) -> Batch:
    data = Bestiary(n, seed=3, heard=False).select(torch.arange(n))
    audio = torch.randn(n, 2, 3, generator=torch.Generator().manual_seed(0))
    inputs = {"image": data.inputs["image"], "audio": audio}
    return Batch(inputs=inputs, labels=data.labels, groups=data.groups)


def test_the_last_stage_is_what_the_eye_answers_from() -> None:
    eye, images = untrained(), torch.rand(3, 3, 32, 32)
    found = stages(eye, images)
    assert torch.allclose(eye.limbs(found[-1]), eye(images)[1])
    assert torch.allclose(found[1], eye.body[:15](images).flatten(1), atol=1e-6)
    assert torch.allclose(found[0], eye.body[:9](images).flatten(1), atol=1e-6)


def test_the_difference_is_that_of_the_formula() -> None:
    eye, drawn, real = untrained(), torch.rand(3, 3, 32, 32), torch.rand(3, 3, 32, 32)
    eye.limbs.weight.mul_(100)  # so sure of itself that the legs count
    expected = torch.zeros(3)
    for a, b in zip(stages(eye, drawn), stages(eye, real), strict=True):
        expected += ((a - b).norm(dim=1) / b.norm(dim=1)) ** 2
    said, goal = (eye(images)[1].log_softmax(dim=1) for images in (drawn, real))
    expected += functional.kl_div(said, goal, log_target=True, reduction="none").sum(dim=1)
    assert torch.allclose(seen_apart(eye, drawn, real), expected, atol=1e-5)
    assert torch.equal(seen_apart(eye, real, real), torch.zeros(3))


def test_the_gradient_goes_to_what_was_drawn_and_not_into_the_eye() -> None:
    eye = untrained()
    drawn, real = torch.rand(2, 3, 32, 32, requires_grad=True), torch.rand(2, 3, 32, 32)
    (slope,) = torch.autograd.grad(seen_apart(eye, drawn, real).sum(), drawn)
    assert slope.flatten(1).norm(dim=1).min() > 0
    assert all(one.grad is None for one in eye.parameters())


def test_a_leg_counts_more_than_its_pixels(eye: CreatureReader) -> None:
    """One leg more against another light: fewer pixels differ, and an eye sees more of it."""
    four, five = (Creatures.of(Creature(1.1, 0.3, 200.0, 0.2, n)) for n in (4, 5))
    plain = Seen.plain(1)
    darker = Seen(**vars(plain) | {"light": plain.light - 0.15})
    real, leg, dark = (
        pictures(one, seen, size=32) for one, seen in ((four, plain), (five, plain), (four, darker))
    )
    assert (leg - real).square().sum() < (dark - real).square().sum()
    assert seen_apart(eye, leg, real) > 3 * seen_apart(eye, dark, real)


def test_imitation_is_error_and_divergence() -> None:
    g = torch.Generator().manual_seed(0)
    values, goals = torch.randn(5, N_VALUES, generator=g), torch.randn(5, N_VALUES, generator=g)
    logits, legs = torch.randn(5, N_LIMBS, generator=g), torch.randn(5, N_LIMBS, generator=g)
    divergence = functional.kl_div(
        logits.log_softmax(1), legs.log_softmax(1), log_target=True, reduction="batchmean"
    )
    expected = N_VALUES * functional.mse_loss(values, goals) + 0.5 * divergence
    assert float(imitation(values, logits, goals, legs)) == pytest.approx(float(expected), rel=1e-5)
    assert float(imitation(goals, legs, goals, legs)) == pytest.approx(0, abs=1e-6)


def test_an_ear_learns_what_the_eye_says_and_no_label() -> None:
    """Ears taught with wrong labels are the same ears: the labels are not looked at."""
    eye, batch = untrained(), some(16)
    wrong = Batch(inputs=batch.inputs, labels=batch.labels * 0, groups=batch.groups)
    config, ears, losses = TrainConfig(epochs=40, learning_rate=0.03, seed=0), [], []
    for data in (batch, wrong):
        torch.manual_seed(0)
        ears.append(TaughtEar(Flat(), 4))
        history = fit(ears[-1], [data], None, config, objective=TaughtByEye(eye))
        losses.append([epoch.train["loss"] for epoch in history.epochs])
    assert losses[0][-1] < 0.7 * losses[0][0]
    assert losses[0] == losses[1]
    # What it says is what it would be read as, in the units of a reading.
    values, _ = ears[0](batch.inputs["audio"])
    reading = ears[0].read(batch.inputs["audio"])
    assert torch.allclose(reading.size, values[:, 0].exp())
    assert torch.allclose(reading.shape, values[:, 3])


@pytest.mark.parametrize("hears", [False, True])
def test_an_eye_of_no_weight_changes_nothing(hears: bool) -> None:
    batch = some()
    torch.manual_seed(0)
    model = ConditionalVAE(SMALL, Flat()) if hears else PictureVAE(SMALL)
    found = []
    for objective in (Drawing(), DrawingSeen(untrained(), 0.0), DrawingSeen(untrained(), 10.0)):
        torch.manual_seed(1)
        found.append(objective(model, batch))
    for name, value in found[0][1].items():
        assert float(value) == pytest.approx(float(found[1][1][name]), rel=1e-5)
    assert torch.allclose(found[0][0], found[1][0], rtol=1e-5)
    more = found[2][0] - found[1][0]
    assert float(more.detach()) == pytest.approx(10 * float(found[2][1]["seen"]), rel=1e-3)


def test_an_eye_that_looks_on_stays_as_it_is() -> None:
    eye, model = untrained(), PictureVAE(SMALL)
    before = {name: value.clone() for name, value in eye.state_dict().items()}
    config = TrainConfig(epochs=2, learning_rate=1e-2)
    fit(model, [some()], None, config, objective=DrawingSeen(eye))
    for name, value in eye.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="weight must be 0 or more, got -1"):
        DrawingSeen(untrained(), -1.0)
    with pytest.raises(ValueError, match=r"must be \[batch, 3, 32, 32\], got \[2, 3, 16, 16\]"):
        stages(untrained(), torch.zeros(2, 3, 16, 16))
