"""Gradient modulation, blending weights and probes: by hand, and beside another program."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import RidgeClassifier
from torch import nn

from avtutor.batch import Batch
from avtutor.models.fusing import Concatenate
from avtutor.models.fusion import FusionNet
from avtutor.training import (
    Epoch,
    GradientModulation,
    History,
    Learned,
    LinearProbe,
    Minibatches,
    SensesClassification,
    blending_weights,
    learned,
    linear_probe,
    modulation_factors,
    sense_features,
)
from avtutor.training.modulation import scores_alone
from tests.two_senses import small_data, small_net


def test_coefficients_by_hand() -> None:
    found = modulation_factors({"audio": 0.6, "image": 0.2}, alpha=0.3)
    assert found == {"audio": pytest.approx(1 - math.tanh(0.3 * 3.0)), "image": 1.0}
    assert modulation_factors({"audio": 0.4, "image": 0.4}, alpha=0.3) == {
        "audio": 1.0,
        "image": 1.0,
    }
    three = modulation_factors({"a": 0.6, "b": 0.2, "c": 0.4}, alpha=0.5)
    assert three == {"a": pytest.approx(1 - math.tanh(0.5 * 2.0)), "b": 1.0, "c": 1.0}


def linear_net(bias: tuple[float, float]) -> tuple[FusionNet, Batch]:
    """Features as they are, a linear head W = [[1, 2], [3, -1]] over (audio, image)."""
    head = nn.Linear(2, 2)
    head.weight.data = torch.tensor([[1.0, 2.0], [3.0, -1.0]])
    head.bias.data = torch.tensor(bias)
    encoders = {}
    for name in ("audio", "image"):
        encoders[name] = nn.Linear(1, 1, bias=False)
        encoders[name].weight.data.fill_(1.0)
    net = FusionNet(encoders, Concatenate({"audio": 1, "image": 1}), head)
    batch = Batch(
        inputs={"audio": torch.tensor([[0.5], [1.0]]), "image": torch.tensor([[1.0], [-1.0]])},
        labels=torch.tensor([0, 1]),
        groups=("a", "b"),
    )
    return net, batch


def share(right: float, wrong: float) -> float:
    return 1 / (1 + math.exp(wrong - right))


@pytest.mark.parametrize("dropped", [False, True])
def test_scores_are_those_of_the_paper_on_a_linear_head(dropped: bool) -> None:
    """softmax(W_u φ_u + b/2) at the right class, the mean over the batch; dropout or not."""
    net, batch = linear_net(bias=(0.4, -0.2))
    if dropped:
        net.head = nn.Sequential(nn.Dropout(0.5), net.head).train()
    features = dict(batch.inputs)
    found = scores_alone(net, features, batch.present, batch.labels)
    audio = (share(0.5 + 0.2, 1.5 - 0.1) + share(3.0 - 0.1, 1.0 + 0.2)) / 2
    image = (share(2.0 + 0.2, -1.0 - 0.1) + share(1.0 - 0.1, -2.0 + 0.2)) / 2
    assert found == {"audio": pytest.approx(audio, rel=1e-6), "image": pytest.approx(image)}


def test_a_sense_that_nobody_has_is_scored_as_a_guess() -> None:
    net, batch = linear_net(bias=(0.0, 0.0))
    present = {**batch.present, "audio": torch.tensor([False, False])}
    assert scores_alone(net, dict(batch.inputs), present, batch.labels)["audio"] == 0.5


def gradients(objective, net: FusionNet, batch: Batch):  # noqa: ANN001, ANN202
    loss, log = objective(net, batch)
    loss.backward()
    after = objective.after_backward(net)
    return {k: p.grad.clone() for k, p in net.named_parameters() if p.grad is not None}, log, after


def test_gradients_are_scaled_in_the_encoder_that_is_ahead_and_nowhere_else() -> None:
    net, batch = linear_net(bias=(0.0, 0.0))
    plain, _, _ = gradients(SensesClassification(), net.train(), batch)
    net.zero_grad()
    slowed = GradientModulation(SensesClassification(), alpha=0.5, noise=False)
    found, log, after = gradients(slowed, net, batch)
    factor = 1 - math.tanh(0.5 * log["image/score"] / log["audio/score"])
    assert log["image/score"] > log["audio/score"] and after["audio/coefficient"] == 1.0
    assert after["image/coefficient"] == pytest.approx(factor)
    # The length is taken before the scaling.
    image = "encoders.image.weight"
    assert after["image/gradient"] == pytest.approx(float(plain[image].abs()))
    for name, value in plain.items():
        torch.testing.assert_close(found[name], value * (factor if name == image else 1.0))


def test_the_noise_has_the_spread_of_the_gradient() -> None:
    torch.manual_seed(0)
    encoders = {name: nn.Linear(40, 50) for name in ("audio", "image")}
    net = FusionNet(encoders, Concatenate({"audio": 50, "image": 50}), nn.Linear(100, 3)).train()
    batch = Batch(
        inputs={name: torch.randn(30, 40) for name in encoders},
        labels=torch.arange(30) % 3,
        groups=("a",) * 30,
    )
    plain, _, _ = gradients(SensesClassification(), net, batch)
    net.zero_grad()
    found, _, after = gradients(GradientModulation(SensesClassification(), alpha=0.2), net, batch)
    for name in encoders:
        before = plain[f"encoders.{name}.weight"]
        added = found[f"encoders.{name}.weight"] - after[f"{name}/coefficient"] * before
        assert float(added.std() / before.std()) == pytest.approx(1.0, abs=0.08)
        assert abs(float(added.mean() / before.std())) < 0.1
        bias = f"encoders.{name}.bias"
        torch.testing.assert_close(found[bias], after[f"{name}/coefficient"] * plain[bias])
    torch.testing.assert_close(found["head.weight"], plain["head.weight"])


def test_modulation_looks_without_a_trace() -> None:
    """In eval mode nothing is looked at; in training the net is left as it was."""
    net, data = small_net().eval(), small_data(12)
    loss, log = GradientModulation(SensesClassification())(net, data)
    assert "audio/score" not in log
    assert loss.item() == pytest.approx(SensesClassification()(net, data)[0].item())
    GradientModulation(SensesClassification())(net.train(), data)
    assert all(part.training for part in net.modules()) and not net.fusion._forward_pre_hooks


@pytest.mark.bad_input
def test_modulation_refuses() -> None:
    with pytest.raises(ValueError, match="alpha must be 0 or more"):
        GradientModulation(SensesClassification(), alpha=-1.0)
    with pytest.raises(ValueError, match="alpha must be 0 or more"):
        modulation_factors({"a": 0.5, "b": 0.5}, alpha=float("nan"))
    with pytest.raises(ValueError, match="two senses or more"):
        modulation_factors({"a": 0.5}, alpha=0.1)
    net, batch = linear_net(bias=(0.0, 0.0))
    shares = dataclasses.replace(batch, labels=torch.eye(2))
    with pytest.raises(ValueError, match="class numbers"):
        GradientModulation(SensesClassification())(net.train(), shares)
    early = FusionNet(
        {"audio": nn.Identity(), "image": nn.Identity()},
        Concatenate({"audio": 1, "image": 1}),
        nn.Linear(2, 2),
    )
    with pytest.raises(ValueError, match="each encoder must have weights"):
        GradientModulation(SensesClassification())(early.train(), batch)


def test_blending_weights_by_hand() -> None:
    """w = G / O² / Z: 1.2 / 0.3² = 13.33, 0.8 / 0.4² = 5, 1.5 / 1.0² = 1.5."""
    found = blending_weights(
        {
            "audio": Learned.between((2.3, 2.3), (0.8, 1.1)),
            "image": Learned.between((2.2, 2.3), (1.0, 1.5)),
            "joint": Learned.between((2.3, 2.4), (-0.2, 0.9)),
        }
    )
    total = 1.2 / 0.09 + 0.8 / 0.16 + 1.5 / 1.0
    assert found == {
        "audio": pytest.approx(1.2 / 0.09 / total),
        "image": pytest.approx(0.8 / 0.16 / total),
        "joint": pytest.approx(1.5 / total),
    }


def test_what_taught_nothing_has_no_weight_and_none_has_all() -> None:
    found = blending_weights(
        {"a": Learned(-0.5, 0.1), "b": Learned(1.0, 0.0), "c": Learned(1.0, 1.0)}
    )
    # Below 0.01 nats, overfitting counts as 0.01: 1 / 0.0001 beside 1.
    assert found == {"a": 0.0, "b": pytest.approx(10000 / 10001), "c": pytest.approx(1 / 10001)}
    assert Learned(1.0, 0.5).ratio == 0.5 and Learned(-1.0, 0.5).ratio == math.inf


def history() -> History:
    losses = [(2.3, 2.3), (1.5, 1.7), (0.9, 1.4), (0.4, 1.6)]
    epochs = [
        Epoch(i + 1, 0.1, {"loss": t}, {"loss": v, "seen/loss": t + 0.1}, 1.0)
        for i, (t, v) in enumerate(losses)
    ]
    return History(tuple(epochs), best=3)


def test_what_was_learned_between_two_epochs() -> None:
    one = learned(history(), start=1)
    assert (one.generalisation, one.overfitting) == (pytest.approx(0.9), pytest.approx(0.5))
    late = learned(history(), start=2, end=4, train=("valid", "seen/loss"))
    assert (late.generalisation, late.overfitting) == (pytest.approx(0.1), pytest.approx(1.0))


@pytest.mark.bad_input
def test_blending_refuses() -> None:
    with pytest.raises(ValueError, match="must have taught something"):
        blending_weights({"a": Learned(-0.5, 0.1)})
    with pytest.raises(ValueError, match="least must be above 0"):
        blending_weights({"a": Learned(0.5, 0.1)}, least=0.0)
    for start, end in ((0, 3), (3, 3), (1, 5)):
        with pytest.raises(ValueError, match="two epochs of 1 to 4"):
            learned(history(), start=start, end=end)
    with pytest.raises(ValueError, match="has no 'audio/loss'"):
        learned(history(), train=("train", "audio/loss"))


@pytest.mark.parametrize("strength", [0.1, 30.0])
def test_the_probe_is_the_ridge_classifier_of_scikit_learn(strength: float) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(400, 12, generator=generator) * torch.logspace(-2, 2, 12)
    labels = (x[:, 0] * 100 + torch.randn(400, generator=generator)).sign().long() + 1
    labels = torch.where(x[:, 5] > 1, 3, labels).clamp(max=3)
    probe = LinearProbe.fitted(x[:200], labels[:200], n_classes=4, strength=strength)
    scaled = (x - x[:200].mean(dim=0)) / x[:200].std(dim=0, correction=0)
    theirs = RidgeClassifier(alpha=strength).fit(scaled[:200].numpy(), labels[:200].numpy())
    expected = theirs.decision_function(scaled[200:].numpy())  # targets -1 and 1, ours 0 and 1
    present = sorted(set(labels[:200].tolist()))
    np.testing.assert_allclose(2 * probe(x[200:])[:, present] - 1, expected, atol=2e-4)
    found = linear_probe(
        (x[:200], labels[:200]), (x[200:], labels[200:]), n_classes=4, strength=strength
    )
    assert found == theirs.score(scaled[200:].numpy(), labels[200:].numpy()) and found > 0.6


def test_a_feature_that_does_not_vary_is_of_no_use_and_does_no_harm() -> None:
    x = torch.tensor([[0.0, 7.0], [1.0, 7.0], [2.0, 7.0], [3.0, 7.0]])
    labels = torch.tensor([0, 0, 1, 1])
    assert linear_probe((x, labels), (x, labels), n_classes=2) == 1.0
    moved = torch.tensor([[0.0, 9.0]])
    probe = LinearProbe.fitted(x, labels, n_classes=2)
    torch.testing.assert_close(probe(moved), probe(x[:1]))


def test_features_of_the_items_that_have_the_sense() -> None:
    data = dataclasses.replace(small_data(10), present={"audio": torch.arange(10) < 6})
    net = small_net().train()
    features, labels = sense_features(net, "audio", Minibatches(data, batch_size=4))
    expected = net.eval().encoders["audio"](data.inputs["audio"][:6])
    torch.testing.assert_close(features, expected)
    assert labels.tolist() == data.labels[:6].tolist()
    net.train()
    sense_features(net, "image", [data])
    assert net.training


@pytest.mark.bad_input
def test_probes_refuse() -> None:
    x, labels = torch.zeros(2, 3), torch.tensor([0, 1])
    with pytest.raises(ValueError, match="strength must be above 0"):
        LinearProbe.fitted(x, labels, n_classes=2, strength=0.0)
    with pytest.raises(ValueError, match="from 0 to 0, got 0 to 1"):
        LinearProbe.fitted(x, labels, n_classes=1)
    with pytest.raises(ValueError, match="as many items, got 2 and 1"):
        LinearProbe.fitted(x, labels[:1], n_classes=2)
    with pytest.raises(ValueError, match="sense must be one of"):
        sense_features(small_net(), "touch", [small_data(4)])
    deaf = dataclasses.replace(small_data(4), present={"audio": torch.zeros(4, dtype=torch.bool)})
    with pytest.raises(ValueError, match="no item has the sense 'audio'"):
        sense_features(small_net(), "audio", [deaf])
