"""Losses of several senses, senses left out, encoders kept: by hand, and through `fit`."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.models.fusing import Concatenate
from avtutor.models.fusion import FusionNet
from avtutor.training import (
    FrozenSenses,
    GradientModulation,
    Minibatches,
    ModalityDropout,
    SensesClassification,
    TrainConfig,
    evaluate,
    fit,
    probe_senses,
)
from avtutor.training.senses import gradient_norm
from tests.two_senses import small_data, small_net

EACH = {"joint": 1.0, "audio": 0.5, "image": 0.25}


def two_items(**present: list[bool]) -> Batch:
    return Batch(
        inputs={
            "audio": torch.tensor([[1.0], [2.0]]),
            "image": torch.tensor([[3.0], [0.0]]),
        },
        present={name: torch.tensor(values) for name, values in present.items()},
        labels=torch.tensor([0, 1]),
        groups=("a", "b"),
    )


def bare(*weights: float) -> nn.Linear:
    """Return a layer from one feature to two logits, without bias."""
    layer = nn.Linear(1, 2, bias=False)
    layer.weight.data = torch.tensor([[w] for w in weights])
    return layer


def hand_net() -> FusionNet:
    """Joint logits are (audio, image); the audio head gives (a, 0), the image head (0, i)."""
    return FusionNet(
        {"audio": bare_identity(), "image": bare_identity()},
        Concatenate({"audio": 1, "image": 1}),
        nn.Identity(),
        sense_heads={"audio": bare(1.0, 0.0), "image": bare(0.0, 1.0)},
    )


def bare_identity() -> nn.Module:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(1.0)
    return layer


def lost(right: float, wrong: float) -> float:
    """The cross-entropy of two logits."""
    return math.log1p(math.exp(wrong - right))


def test_losses_by_hand() -> None:
    loss, log = SensesClassification(EACH)(hand_net(), two_items())
    joint = (lost(1, 3) + lost(0, 2)) / 2
    audio = (lost(1, 0) + lost(0, 2)) / 2
    image = (lost(0, 3) + lost(0, 0)) / 2
    assert float(loss.detach()) == pytest.approx(joint + 0.5 * audio + 0.25 * image, rel=1e-6)
    assert {k: pytest.approx(float(v), rel=1e-6) for k, v in log.items()} == {
        "joint/loss": joint, "accuracy": 0.0,
        "audio/loss": audio, "audio/accuracy": 0.5,
        "image/loss": image, "image/accuracy": 0.0,
    }  # fmt: skip


def test_a_head_judges_only_the_items_that_have_its_sense() -> None:
    _, log = SensesClassification(EACH)(hand_net(), two_items(audio=[False, True]))
    assert float(log["audio/loss"]) == pytest.approx(lost(0, 2), rel=1e-6)
    assert float(log["joint/loss"]) == pytest.approx((lost(0, 3) + lost(0, 2)) / 2, rel=1e-6)


def test_a_head_without_any_item_guesses_and_teaches_nothing() -> None:
    net = hand_net()
    loss, log = SensesClassification({"audio": 1.0, "joint": 1.0})(
        net, two_items(audio=[False, False])
    )
    assert float(log["audio/loss"]) == pytest.approx(math.log(2))
    assert float(log["audio/accuracy"]) == 0.5
    loss.backward()
    assert net.sense_heads["audio"].weight.grad is None


def test_only_losses_with_a_weight_teach() -> None:
    net = hand_net()
    objective = SensesClassification({"joint": 1.0})
    loss, log = objective(net, two_items())
    loss.backward()
    assert net.sense_heads["audio"].weight.grad is None and "audio/loss" in log
    # d(joint)/d(audio weight) = mean of (share of class 0 - is it class 0) * audio
    share = [1 / (1 + math.exp(3 - 1)), 1 / (1 + math.exp(0 - 2))]
    expected = ((share[0] - 1) * 1 + share[1] * 2) / 2
    found = objective.after_backward(net)
    assert found["audio/gradient"] == pytest.approx(abs(expected), rel=1e-5)
    assert gradient_norm(net.encoders["audio"]) == found["audio/gradient"]


def test_label_smoothing_in_training_only() -> None:
    net, smooth = hand_net(), SensesClassification(label_smoothing=0.2)
    expected = (0.9 * lost(1, 3) + 0.1 * lost(3, 1) + 0.9 * lost(0, 2) + 0.1 * lost(2, 0)) / 2
    assert float(smooth(net.train(), two_items())[0].detach()) == pytest.approx(expected, rel=1e-6)
    plain = float(SensesClassification()(net, two_items())[0].detach())
    assert float(smooth(net.eval(), two_items())[0].detach()) == pytest.approx(plain)


def test_a_net_of_one_sense_takes_its_own_of_a_batch_of_two() -> None:
    net = small_net(senses=("image",))
    found = evaluate(net, [small_data(9)], objective=SensesClassification(senses=("image",)))
    assert found["joint/loss"] == found["loss"] and "image/accuracy" in found


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: SensesClassification({"joint": -1.0}), "0 or more"),
        (lambda: SensesClassification({"joint": 0.0}), "one above 0"),
        (lambda: SensesClassification({"joint": float("nan")}), "finite"),
        (lambda: SensesClassification(label_smoothing=1.0), "label_smoothing"),
        (lambda: SensesClassification({"touch": 1.0})(hand_net(), two_items()), "touch"),
        (lambda: SensesClassification(senses=("touch",))(hand_net(), two_items()), "touch"),
        (lambda: ModalityDropout(SensesClassification(), {"audio": -0.1}), "0 or more"),
        (lambda: ModalityDropout(SensesClassification(), {"a": 0.6, "b": 0.6}), "at most 1"),
        (
            lambda: ModalityDropout(SensesClassification(), {"touch": 0.5}).thinned(two_items()),
            "touch",
        ),
        (
            lambda: FrozenSenses(SensesClassification(), ("touch",))(hand_net(), two_items()),
            "touch",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, phrase: str) -> None:  # noqa: ANN001
    with pytest.raises(ValueError, match=phrase):
        make()


def test_another_model_is_refused() -> None:
    with pytest.raises(TypeError, match="FusionNet, got Linear"):
        SensesClassification()(nn.Linear(1, 2), two_items())


def thinned(seed: int, n: int = 4000) -> Batch:
    torch.manual_seed(seed)
    dropout = ModalityDropout(SensesClassification(), {"audio": 0.5, "image": 0.2})
    return dropout.thinned(small_data(n))


def test_dropout_takes_its_shares_and_never_all() -> None:
    present = thinned(0).present
    assert bool((present["audio"] | present["image"]).all())
    # Four standard deviations of 4000 draws.
    assert 1 - float(present["audio"].float().mean()) == pytest.approx(0.5, abs=0.032)
    assert 1 - float(present["image"].float().mean()) == pytest.approx(0.2, abs=0.026)


def test_dropout_is_the_same_for_the_same_seed() -> None:
    first, again, other = (thinned(seed).present["audio"] for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_dropout_leaves_the_only_sense_of_an_item() -> None:
    batch = dataclasses.replace(small_data(300), present={"image": torch.arange(300) % 2 == 0})
    found = ModalityDropout(SensesClassification(), {"audio": 1.0}).thinned(batch)
    assert torch.equal(found.present["audio"], torch.arange(300) % 2 == 1)
    assert torch.equal(found.present["image"], batch.present["image"])


def test_dropout_in_training_only() -> None:
    net, data = hand_net(), two_items()
    dropout = ModalityDropout(SensesClassification(), {"audio": 1.0})
    both, deaf = (lost(1, 3) + lost(0, 2)) / 2, (lost(0, 3) + lost(0, 0)) / 2
    assert float(dropout(net.eval(), data)[0].detach()) == pytest.approx(both, rel=1e-6)
    assert float(dropout(net.train(), data)[0].detach()) == pytest.approx(deaf, rel=1e-6)


def trained(objective, net: FusionNet, epochs: int = 3, **options):  # noqa: ANN001, ANN202
    config = TrainConfig(epochs=epochs, learning_rate=0.02, **options)
    return fit(
        net,
        Minibatches(small_data(96), batch_size=16, shuffle_seed=0),
        Minibatches(small_data(60, seed=1), batch_size=60),
        config,
        objective=objective,
        watch=probe_senses([small_data(96)], [small_data(60, seed=1)], n_classes=3),
    )


def test_frozen_senses_keep_weights_and_running_statistics() -> None:
    net = small_net()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    trained(FrozenSenses(SensesClassification(EACH), ("audio",)), net)
    changed = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    assert not [name for name in changed if name.startswith("encoders.audio")]
    assert {"encoders.image.0.weight", "encoders.image.1.running_mean"} <= changed
    assert "head.1.weight" in changed and "sense_heads.audio.weight" in changed
    assert all(p.requires_grad for p in net.parameters())


def test_a_rate_of_a_sense() -> None:
    """At 0 the weights of an encoder stay; its running statistics do not."""
    net = small_net()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    trained(SensesClassification(), net, rates={"encoders.audio": 0.0})
    after = net.state_dict()
    assert torch.equal(after["encoders.audio.0.weight"], before["encoders.audio.0.weight"])
    assert not torch.equal(after["encoders.image.0.weight"], before["encoders.image.0.weight"])
    assert not torch.equal(
        after["encoders.audio.1.running_mean"], before["encoders.audio.1.running_mean"]
    )


def test_encoders_trained_apart_go_on_together() -> None:
    nets = {}
    for name in ("audio", "image"):
        nets[name] = small_net(seed=5, senses=(name,))
        trained(SensesClassification(senses=(name,)), nets[name])
    joint, data = small_net(seed=6), small_data(20)
    joint.load_encoders(nets)
    joint.eval()
    for name, net in nets.items():
        alone = net.encode({name: data.inputs[name]})[name]
        assert torch.equal(joint.encode(dict(data.inputs))[name], alone)
    history = trained(FrozenSenses(SensesClassification(), ("audio", "image")), joint)
    assert history.values("train", "audio/gradient") == [0.0] * 3
    for name, net in nets.items():
        alone = net.encode({name: data.inputs[name]})[name]
        assert torch.equal(joint.encode(dict(data.inputs))[name], alone)
    assert history.values("valid", "accuracy")[-1] > 0.8


def everything() -> ModalityDropout:
    """All objectives around each other."""
    inner = SensesClassification(EACH, label_smoothing=0.1)
    return ModalityDropout(GradientModulation(inner, alpha=0.5), {"audio": 0.3, "image": 0.3})


def test_history_keeps_each_sense() -> None:
    history = trained(everything(), small_net())
    for name in ("audio", "image"):
        for value in ("loss", "accuracy", "gradient", "score", "coefficient"):
            assert len(history.values("train", f"{name}/{value}")) == 3
        probes = history.values("valid", f"{name}/probe")
        assert len(probes) == 3 and min(probes) > 0.6  # a guess: one third
        assert len(history.values("valid", f"{name}/accuracy")) == 3
    assert min(history.values("train", "audio/gradient")) > 0


class Broken(Minibatches):
    """Fails in the third pass."""

    def __iter__(self) -> Iterator[Batch]:
        for batch in super().__iter__():
            if self._epoch == 2:
                raise InterruptedError
            yield batch


def test_a_training_taken_up_again_ends_with_the_same_weights(tmp_path: Path) -> None:
    config = TrainConfig(epochs=5, learning_rate=0.02)
    data = small_data(96)
    whole = small_net()
    fit(whole, Minibatches(data, batch_size=16, shuffle_seed=0), None, config,
        objective=everything())  # fmt: skip
    broken, path = small_net(), tmp_path / "run.safetensors"
    with pytest.raises(InterruptedError):
        fit(broken, Broken(data, batch_size=16, shuffle_seed=0), None, config,
            objective=everything(), checkpoint=path)  # fmt: skip
    again = small_net(seed=9)
    history = fit(again, Minibatches(data, batch_size=16, shuffle_seed=0), None, config,
                  objective=everything(), checkpoint=path)  # fmt: skip
    assert len(history.epochs) == 5
    expected = whole.state_dict()
    assert all(torch.equal(v, expected[k]) for k, v in again.state_dict().items())


def test_a_checkpoint_of_another_objective_is_refused(tmp_path: Path) -> None:
    path, data = tmp_path / "run.safetensors", [small_data(12)]
    config = TrainConfig(epochs=1)
    fit(small_net(), data, None, config, objective=everything(), checkpoint=path)
    other = dataclasses.replace(everything(), share={"audio": 0.4})
    with pytest.raises(ValueError, match="its objective was ModalityDropout"):
        fit(small_net(), data, None, config, objective=other, checkpoint=path)
