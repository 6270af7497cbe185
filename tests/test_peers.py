"""What our ways of training two senses are compared with: by hand, and beside our own."""

import pytest
import torch
from torch import nn

from avtutor.batch import Batch
from avtutor.training import Learned, blending_weights
from experiments import multibench, peers


class Ones(nn.Module):
    """An encoder that returns its input, and says how long that is."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.n_features = n_features
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * x


def encoders() -> nn.ModuleDict:
    return nn.ModuleDict({"audio": Ones(2), "image": Ones(1)})


def batch(n: int, seed: int = 0) -> Batch:
    source = torch.Generator().manual_seed(seed)
    labels = torch.randint(10, (n,), generator=source)
    audio = torch.stack([labels.float(), torch.randn(n, generator=source)], dim=1)
    image = labels[:, None].float() + torch.randn(n, 1, generator=source)
    return Batch(inputs={"audio": audio, "image": image}, labels=labels, groups=("a",) * n)


def test_late_fusion_is_two_dense_layers_on_all_features() -> None:
    torch.manual_seed(0)
    net, data = multibench.LateFusion(encoders()), batch(4)
    both = torch.cat([data.inputs["audio"], data.inputs["image"]], dim=1)
    first, second = net.head[0], net.head[2]  # type: ignore[index]
    expected = torch.relu(both @ first.weight.T + first.bias) @ second.weight.T + second.bias
    torch.testing.assert_close(net(net.features(data)), expected)
    loss, log = multibench.joint_loss(net, data)
    torch.testing.assert_close(loss, nn.functional.cross_entropy(expected, data.labels))
    assert float(log["accuracy"]) == (expected.argmax(1) == data.labels).float().mean()


def test_a_blending_weight_by_hand() -> None:
    """The validation loss fell by 0.5; the gap grew from 0 to 1."""
    assert multibench.blend_weight((2.0, 2.0), (0.5, 1.5)) == pytest.approx(0.5)
    assert multibench.blend_weight((2.0, 2.0), (1.0, 2.5)) == 0
    assert multibench.blend_weight((2.0, 2.0), (1.0, 1.0)) == pytest.approx(1 / 0.01**2)


def test_blending_weights_agree_with_ours() -> None:
    moments = {"audio": ((2.3, 2.3), (0.9, 1.4)), "joint": ((2.2, 2.4), (0.3, 1.6))}
    raw = {name: multibench.blend_weight(*pair) for name, pair in moments.items()}
    ours = blending_weights({name: Learned.between(*pair) for name, pair in moments.items()})
    assert {name: one / sum(raw.values()) for name, one in raw.items()} == pytest.approx(ours)


def test_blending_trains_what_has_a_weight_and_keeps_its_copies_apart() -> None:
    torch.manual_seed(0)
    data = (batch(100), batch(60, 1), batch(60, 2))
    blending = multibench.Blending(data, rate=1e-2, seed=0, super_epoch=4)
    model = multibench.Blended(encoders())
    before = {name: values.clone() for name, values in model.state_dict().items()}
    weights = blending.weights(model, 0)
    assert sum(weights.values()) == pytest.approx(1)
    for name, values in model.state_dict().items():
        assert torch.equal(values, before[name]), name
    blending.train(model, {"audio": 1.0, "image": 0.0, "joint": 0.0}, 0)
    changed = {
        name for name, values in model.state_dict().items() if not torch.equal(values, before[name])
    }
    assert "heads.audio.0.weight" in changed
    assert not [name for name in changed if name.startswith(("heads.image", "joint.head"))]


def test_the_head_is_trained_on_and_the_encoders_stay() -> None:
    torch.manual_seed(0)
    data = (batch(200), batch(60, 1), batch(60, 2))
    model = multibench.Blended(encoders())
    net = multibench.Blending(data, rate=1e-2, seed=0, super_epoch=4).tuned_head(model)
    assert multibench.judged(net, data[0])[0] < multibench.judged(model.joint, data[0])[0]
    assert torch.equal(net.encoders["audio"].scale, model.joint.encoders["audio"].scale)  # type: ignore[union-attr, arg-type]


def test_how_far_ahead_by_hand() -> None:
    """Differences 0.1, 0.2 and 0.3: mean 0.2, and 4.303 times 0.1 / sqrt(3)."""
    found = peers.ahead([0.5, 0.7, 0.9], [0.4, 0.5, 0.6])
    assert found == {"mean": 0.2, "low": pytest.approx(-0.0484), "high": pytest.approx(0.4484)}
