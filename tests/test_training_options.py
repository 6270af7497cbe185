"""fit's options for parts of a model: rates, a look at the gradients, a watcher."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training import Classification, Minibatches, TrainConfig, fit

ONE = Batch(inputs={"x": torch.ones(1, 1)}, labels=torch.zeros(1), groups=("a",))
SGD = TrainConfig(
    epochs=1, optimizer="sgd", schedule="constant", learning_rate=1.0, weight_decay=0.0
)


class Parts(nn.Module):
    """Three numbers, two of them in one part; the gradient of each is 1."""

    def __init__(self) -> None:
        super().__init__()
        self.ear = nn.ParameterDict(
            {"inner": nn.Parameter(torch.zeros(1)), "outer": nn.Parameter(torch.zeros(1, 1))}
        )
        self.eye = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.ear["inner"] + self.ear["outer"][0] + self.eye

    def numbers(self) -> list[float]:
        return [self.ear["inner"].item(), self.ear["outer"].item(), self.eye.item()]


def falling(model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    total = model(batch.inputs["x"]).sum()
    return total, {"total": total.detach()}


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({}, [-1.0, -1.0, -1.0]),
        ({"ear": 0.25}, [-0.25, -0.25, -1.0]),
        ({"ear": 0.25, "ear.inner": 2.0}, [-2.0, -0.25, -1.0]),
        ({"ear.inner": 2.0, "ear": 0.25}, [-2.0, -0.25, -1.0]),
        ({"eye": 0.0}, [-1.0, -1.0, 0.0]),
    ],
)
def test_a_rate_is_a_factor_on_the_steps_of_a_part(
    rates: dict[str, float], expected: list[float]
) -> None:
    model = Parts()
    fit(model, [ONE], None, replace(SGD, rates=rates), objective=falling)
    assert model.numbers() == pytest.approx(expected)


def test_a_rate_follows_the_schedule_and_the_history_names_the_schedules_own() -> None:
    """AdamW's first step is as long as the learning rate: 1/25 of the top of one cycle."""
    model = Parts()
    config = TrainConfig(epochs=1, learning_rate=1.0, rates={"eye": 0.5}, weight_decay=0.0)
    history = fit(model, [ONE, ONE], None, replace(config, epochs=1), objective=falling)
    assert model.numbers()[2] == pytest.approx(0.5 * model.numbers()[0], rel=1e-5)
    assert history.epochs[0].learning_rate == pytest.approx(1e-4)


def test_rates_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="rates must be 0 or more, got -1.0 for 'ear'"):
        TrainConfig(rates={"ear": -1.0})
    with pytest.raises(ValueError, match="rates names 'nose', and no parameter"):
        fit(Parts(), [ONE], None, replace(SGD, rates={"nose": 2.0}), objective=falling)


@dataclass(frozen=True)
class Halved:
    """Halves the gradient of the eye, after it was taken and before it is clipped."""

    log_as: str = "eye/gradient"

    def __call__(self, model: nn.Module, batch: Batch, /) -> tuple[Tensor, Mapping[str, Tensor]]:
        return falling(model, batch)

    def after_backward(self, model: nn.Module) -> dict[str, Tensor]:
        assert isinstance(model, Parts)
        gradient = model.eye.grad
        assert gradient is not None
        gradient.mul_(0.5)
        return {self.log_as: gradient.norm()}


def test_an_objective_may_change_the_gradients_and_log_them() -> None:
    model = Parts()
    history = fit(model, [ONE], [ONE], SGD, objective=Halved())
    assert model.numbers() == pytest.approx([-1.0, -1.0, -0.5])
    assert history.values("train", "eye/gradient") == [0.5]
    assert "eye/gradient" not in history.epochs[0].valid


def test_gradients_are_changed_before_they_are_clipped() -> None:
    """Length √(1 + 1 + 1/4) = 1.5, cut to 0.75: all are halved once more."""
    model = Parts()
    fit(model, [ONE], None, replace(SGD, clip_norm=0.75), objective=Halved())
    assert model.numbers() == pytest.approx([-0.5, -0.5, -0.25], rel=1e-4)


def test_a_watcher_sees_every_epoch_and_may_decide() -> None:
    seen: list[bool] = []

    def watch(model: nn.Module) -> dict[str, float]:
        seen.append(model.training or torch.is_grad_enabled())
        return {"probe": -abs(model.eye.item() + 2)}

    model = Parts()
    config = replace(SGD, epochs=4, monitor="probe", higher_is_better=True)
    history = fit(model, [ONE], [ONE], config, objective=falling, watch=watch)
    assert seen == [False] * 4
    assert history.best == 2  # with momentum: -1, -2.9, -5.61 and further
    assert history.values("valid", "probe") == pytest.approx([-1.0, -0.9, -3.61, -7.049])


def test_a_watcher_changes_nothing_even_where_it_draws() -> None:
    """Dropout draws from the same generator: without the fork the weights would differ."""
    x = torch.linspace(-1, 1, 24)[:, None]
    data = Batch(inputs={"x": x}, labels=(x[:, 0] > 0).long(), groups=("a",) * 24)

    def trained(*, watched: bool) -> Tensor:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 2))
        loader = Minibatches(data, batch_size=8, shuffle_seed=0)
        watch = (lambda model: {"drawn": float(torch.rand(()))}) if watched else None
        fit(model, loader, loader, TrainConfig(epochs=3), watch=watch)
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    assert torch.equal(trained(watched=True), trained(watched=False))


def test_names_that_clash_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two values to log have the name 'total'"):
        fit(Parts(), [ONE], [ONE], SGD, objective=falling, watch=lambda model: {"total": 1.0})
    with pytest.raises(ValueError, match="two values to log have the name 'total'"):
        fit(Parts(), [ONE], None, SGD, objective=Halved(log_as="total"))
    with pytest.raises(TypeError, match="watch must return values by name, got float"):
        fit(Parts(), [ONE], [ONE], SGD, objective=falling, watch=lambda model: 1.0)  # type: ignore[arg-type, return-value]


def test_a_training_with_other_rates_is_another_training(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    fit(Parts(), [ONE], None, replace(SGD, rates={"eye": 0.5}), objective=falling, checkpoint=path)
    with pytest.raises(ValueError, match="its config was"):
        fit(Parts(), [ONE], None, SGD, objective=falling, checkpoint=path)


def test_a_broken_off_training_with_rates_and_changed_gradients_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    config = TrainConfig(epochs=4, rates={"eye": 0.5}, schedule="constant")

    class BrokenOff(Exception):
        """The power went."""

    def stop(model: nn.Module) -> dict[str, float]:
        seen.append(1)
        if len(seen) == 3:
            raise BrokenOff
        return {}

    seen: list[int] = []
    whole, resumed = Parts(), Parts()
    fit(whole, [ONE], None, config, objective=Halved())
    with pytest.raises(BrokenOff):
        fit(resumed, [ONE], None, config, objective=Halved(), checkpoint=path, watch=stop)
    fit(resumed, [ONE], None, config, objective=Halved(), checkpoint=path)
    assert resumed.numbers() == whole.numbers()


def test_an_objective_without_the_method_is_as_before() -> None:
    loader = [Batch(inputs={"x": torch.eye(2)}, labels=torch.tensor([0, 1]), groups=("a", "b"))]
    history = fit(
        nn.Linear(2, 2), loader, loader, TrainConfig(epochs=1), objective=Classification()
    )
    assert sorted(history.epochs[0].train) == ["accuracy", "loss"]
