"""Each fusion by hand, what it makes of a missing sense, and the nets that are made of them."""

import math
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from avtutor.models import (
    KINDS,
    AverageLogits,
    BottleneckFusion,
    CommonGrid,
    Concatenate,
    FusionConfig,
    FusionNet,
    GatedFusion,
    LearnedMix,
    LeNet,
    LowRankFusion,
    SpectrogramCNN,
    fusion_net,
    latent_net,
    sense_net,
)
from avtutor.models.bottleneck import AttentionBlock

SIZES = {"audio": 2, "image": 1}
FEATURES = {"audio": torch.tensor([[1.0, 2.0]] * 3), "image": torch.tensor([[3.0]] * 3)}
THERE = {"audio": torch.tensor([True, True, False]), "image": torch.tensor([True, False, True])}
ALL = {sense: torch.ones(3, dtype=torch.bool) for sense in SIZES}


def set_to(layer: nn.Module, weight: list[list[float]], bias: list[float]) -> None:
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))  # type: ignore[operator, union-attr]
        layer.bias.copy_(torch.tensor(bias))  # type: ignore[operator, union-attr]


def test_the_grid_by_hand() -> None:
    """Two rows become one: their mean. One column becomes two: the same twice."""
    join = CommonGrid({"audio": (2, 2), "image": (1, 1, 1)}, grid=(1, 2))
    x = {
        "audio": torch.tensor([[[1.0, 2.0], [5.0, 8.0]]] * 3),
        "image": torch.full((3, 1, 1, 1), 7),
    }
    x["image"] = x["image"].float()
    expected = torch.tensor([[[[3.0, 5.0]], [[7.0, 7.0]]],
                             [[[3.0, 5.0]], [[0.0, 0.0]]],
                             [[[0.0, 0.0]], [[7.0, 7.0]]]])  # fmt: skip
    torch.testing.assert_close(join(x, THERE), expected)
    assert join.n_channels == 2


def test_a_picture_on_a_finer_grid_by_hand() -> None:
    """Between the centres of two columns the value rises evenly; beyond them it stays."""
    join = CommonGrid({"image": (1, 1, 2)}, grid=(1, 4))
    x = {"image": torch.tensor([[[[0.0, 4.0]]]])}
    found = join(x, {"image": torch.tensor([True])})
    torch.testing.assert_close(found, torch.tensor([[[[0.0, 1.0, 3.0, 4.0]]]]))


def test_the_grid_is_what_pytorch_resizes_to() -> None:
    x = torch.randn(2, 40, 81, generator=torch.Generator().manual_seed(0))
    join = CommonGrid({"audio": (40, 81)}, grid=(32, 32))
    expected = nn.functional.interpolate(
        x[:, None], (32, 32), mode="bilinear", align_corners=False, antialias=True
    )
    found = join({"audio": x}, {"audio": torch.ones(2, dtype=torch.bool)})
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_concatenation_by_hand() -> None:
    expected = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    torch.testing.assert_close(Concatenate(SIZES)(FEATURES, THERE), expected)


SAID = {
    "audio": torch.tensor([[math.log(1), math.log(3)]] * 3) + 5,
    "image": torch.tensor([[math.log(4), math.log(1)]] * 3) - 2,
}


def test_averaged_logits_by_hand() -> None:
    """Shares of 1/4, 3/4 and of 4/5, 1/5; what is added to all logits of a sense is forgotten."""
    found = AverageLogits()(SAID, THERE)
    shares = torch.tensor([[(1 / 4 * 4 / 5) ** 0.5, (3 / 4 * 1 / 5) ** 0.5],
                           [1 / 4, 3 / 4], [4 / 5, 1 / 5]])  # fmt: skip
    torch.testing.assert_close(found, shares.log())


def test_averaged_logits_give_the_shares_of_averaged_log_softmax() -> None:
    plain = (SAID["audio"] + SAID["image"]) / 2
    torch.testing.assert_close(AverageLogits()(SAID, ALL).softmax(1), plain.softmax(1))


def test_a_learned_mix_by_hand() -> None:
    """Weights 3/4 and 1/4 for the first class, 1/2 each for the second."""
    mix = LearnedMix(("audio", "image"), 2)
    with torch.no_grad():
        mix.scores.copy_(torch.tensor([[math.log(3), 0.0], [0.0, 0.0]]))
    first = 3 / 4 * math.log(1 / 4) + 1 / 4 * math.log(4 / 5)
    second = (math.log(3 / 4) + math.log(1 / 5)) / 2
    expected = torch.tensor([[first, second], [math.log(1 / 4), math.log(3 / 4)],
                             [math.log(4 / 5), math.log(1 / 5)]])  # fmt: skip
    torch.testing.assert_close(mix(SAID, THERE), expected)


def test_a_learned_mix_begins_as_the_average() -> None:
    mix = LearnedMix(("audio", "image"), 2)
    torch.testing.assert_close(mix(SAID, THERE), AverageLogits()(SAID, THERE))


def gated() -> GatedFusion:
    gate = GatedFusion(SIZES, width=1)
    set_to(gate.values["audio"], [[0.5, 0.0]], [0.0])
    set_to(gate.values["image"], [[0.0]], [-0.5])
    set_to(gate.gates["audio"], [[0.0, 0.0, 1.0]], [math.log(3)])  # it looks at the picture
    set_to(gate.gates["image"], [[0.0, 1.0, 0.0]], [1.0])
    return gate


def test_a_gate_by_hand() -> None:
    """Scores 3 + log 3 and 2 + 1: the sound has three quarters."""
    expected = 0.75 * math.tanh(0.5) + 0.25 * math.tanh(-0.5)
    found = gated()(FEATURES, THERE)[:, 0].tolist()
    assert found == pytest.approx([expected, math.tanh(0.5), math.tanh(-0.5)])


def test_a_gate_is_the_gated_multimodal_unit() -> None:
    """``z = sigmoid(W [x, y])``, where W is the difference of our two."""
    torch.manual_seed(0)
    gate = GatedFusion({"audio": 5, "image": 3}, width=4)
    x, y = torch.randn(6, 5), torch.randn(6, 3)
    weight = gate.gates["audio"].weight - gate.gates["image"].weight
    bias = gate.gates["audio"].bias - gate.gates["image"].bias
    z = torch.sigmoid(torch.cat([x, y], dim=1) @ weight.T + bias)
    expected = z * gate.values["audio"](x).tanh() + (1 - z) * gate.values["image"](y).tanh()
    there = torch.ones(6, dtype=torch.bool)
    found = gate({"audio": x, "image": y}, {"audio": there, "image": there})
    torch.testing.assert_close(found, expected)


def test_a_product_by_hand() -> None:
    """(x₁ + 1)(y + 2) + (x₂)(−y) + 10, and with zeros in the place of what is missing."""
    product = LowRankFusion(SIZES, width=1, rank=2)
    set_to(product.factors["audio"], [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    set_to(product.factors["image"], [[1.0], [-1.0]], [2.0, 0.0])
    with torch.no_grad():
        product.bias.fill_(10.0)
    expected = torch.tensor([[2.0 * 5 + 2 * -3 + 10], [2.0 * 2 + 10], [1.0 * 5 + 10]])
    torch.testing.assert_close(product(FEATURES, THERE), expected)


def test_a_product_is_the_whole_tensor_at_low_rank() -> None:
    torch.manual_seed(0)
    product = LowRankFusion({"audio": 5, "image": 3}, width=4, rank=2)
    x, y = torch.randn(6, 5), torch.randn(6, 3)
    parts = []
    for sense, size in (("audio", 5), ("image", 3)):
        layer = product.factors[sense]
        whole = torch.cat([layer.weight, layer.bias[:, None]], dim=1)
        parts.append(whole.reshape(2, 4, size + 1))
    tensor = torch.einsum("rwi,rwj->wij", *parts)
    one = torch.ones(6, 1)
    outer = torch.cat([x, one], dim=1)[:, :, None] * torch.cat([y, one], dim=1)[:, None]
    there = torch.ones(6, dtype=torch.bool)
    found = product({"audio": x, "image": y}, {"audio": there, "image": there})
    torch.testing.assert_close(found, torch.einsum("wij,bij->bw", tensor, outer))


def torch_block(block: AttentionBlock, width: int) -> nn.TransformerEncoderLayer:
    """Return PyTorch's own layer with the weights of ours."""
    other = nn.TransformerEncoderLayer(
        width, 1, 2 * width, dropout=0.0, activation="relu", batch_first=True, norm_first=True
    ).eval()
    with torch.no_grad():
        other.self_attn.in_proj_weight.copy_(block.qkv.weight)
        other.self_attn.in_proj_bias.copy_(block.qkv.bias)
    pairs = [
        (other.self_attn.out_proj, block.out), (other.linear1, block.dense[0]),
        (other.linear2, block.dense[2]), (other.norm1, block.first),
        (other.norm2, block.second),
    ]  # fmt: skip
    for theirs, ours in pairs:
        theirs.load_state_dict(ours.state_dict())
    return other


def test_attention_agrees_with_pytorch() -> None:
    torch.manual_seed(0)
    block = AttentionBlock(8)
    x = torch.randn(3, 5, 8)
    torch.testing.assert_close(block(x), torch_block(block, 8)(x), rtol=0, atol=1e-5)


def test_the_bottleneck_is_the_equations_of_its_source() -> None:
    """With PyTorch's layers, one item at a time, so that what it lacks is not there at all."""
    torch.manual_seed(0)
    join = BottleneckFusion({"audio": 5, "image": 3}, width=8, n_tokens=3, n_shared=2, depth=3)
    with torch.no_grad():
        join.shared.normal_()
        join.norm.weight.normal_()
        join.norm.bias.normal_()
    features = {"audio": torch.randn(3, 5), "image": torch.randn(3, 3)}
    found = join(features, THERE)
    for item in range(3):
        has = [sense for sense in features if THERE[sense][item]]
        tokens = {s: join.tokens[s](features[s][item]).reshape(1, 3, 8) for s in has}
        shared = join.shared[None]
        for layer in join.layers:
            heard = []
            for sense in has:
                block = torch_block(layer[sense], 8)  # type: ignore[index]
                both = block(torch.cat([tokens[sense], shared], dim=1))
                tokens[sense] = both[:, :3]
                heard.append(both[:, 3:])
            shared = sum(heard) / len(heard)  # type: ignore[assignment]
        pooled = [join.norm(tokens[sense]).mean(dim=1) for sense in has]
        expected = sum(pooled)[0] / len(pooled)  # type: ignore[index]
        torch.testing.assert_close(found[item], expected, rtol=0, atol=1e-5)


def test_the_senses_speak_through_the_bottleneck() -> None:
    """What one sense's tokens become depends on the other; with no token shared it would not."""
    torch.manual_seed(0)
    join = BottleneckFusion(SIZES, width=4)
    other = {**FEATURES, "image": FEATURES["image"] + 1}
    with torch.no_grad():
        join.tokens["image"].weight.mul_(3)
        before, after = join(FEATURES, ALL), join(other, ALL)
        direct = join.norm(_own_tokens(join, other)).mean(1) / 2
        direct -= join.norm(_own_tokens(join, FEATURES)).mean(1) / 2
    assert not torch.allclose(after - before, direct, atol=1e-4)


def _own_tokens(join: BottleneckFusion, features: Mapping[str, Tensor]) -> Tensor:
    """Return the tokens of the picture alone, as if there were no sound."""
    x = join.tokens["image"](features["image"]).reshape(3, 4, 4)
    shared = join.shared.expand(3, -1, -1)
    for layer in join.layers:
        both = layer["image"](torch.cat([x, shared], dim=1))  # type: ignore[index]
        x, shared = both[:, :4], both[:, 4:]
    return x


def fusions() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    sizes = {"audio": 2, "image": 2}
    return {
        "concat": Concatenate(sizes),
        "late": AverageLogits(),
        "mix": LearnedMix(tuple(sizes), 2),
        "gated": GatedFusion(sizes, width=4),
        "bottleneck": BottleneckFusion(sizes, width=4),
        "low_rank": LowRankFusion(sizes, width=4),
    }


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "early"])
def test_a_filler_in_the_features_changes_nothing(kind: str) -> None:
    join = fusions()[kind]
    x = {sense: torch.randn(3, 2, requires_grad=True) for sense in THERE}
    filled = {s: v.masked_fill(~THERE[s][:, None], 9.0).detach() for s, v in x.items()}
    found = join(x, THERE)
    torch.testing.assert_close(found, join(filled, THERE))
    found.square().sum().backward()
    for sense, values in x.items():
        assert values.grad is not None
        assert bool(values.grad.isfinite().all())
        assert [bool(row.any()) for row in values.grad] == THERE[sense].tolist()


def digits(n: int = 5) -> dict[str, Tensor]:
    source = torch.Generator().manual_seed(3)
    return {
        "audio": 60 * torch.rand(n, 40, 81, generator=source) - 60,
        "image": torch.rand(n, 1, 8, 8, generator=source),
    }


def made(kind: str, **settings: object) -> FusionNet:
    torch.manual_seed(0)
    return fusion_net(FusionConfig(kind, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_judged_alone_whatever_the_others_lack(kind: str) -> None:
    net, x = made(kind).eval(), digits()
    there = {
        "audio": torch.tensor([True, True, False, True, False]),
        "image": torch.tensor([True, False, True, True, True]),
    }
    found = net(x, present=there)
    assert found.shape == (5, 10)
    for item in range(5):
        own = {s: values[item : item + 1] for s, values in x.items() if there[s][item]}
        torch.testing.assert_close(found[item : item + 1], net(own), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_learns_from_both_senses(kind: str) -> None:
    """Four pairs that only both senses tell apart, from latent vectors."""
    torch.manual_seed(1)
    net = latent_net(kind, {"audio": 2, "image": 2}, n_classes=4)
    first, second = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    x = {"audio": torch.eye(2)[first], "image": torch.eye(2)[second]}
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(200):
        loss = nn.functional.cross_entropy(net(x), torch.arange(4))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert net(x).argmax(dim=1).tolist() == [0, 1, 2, 3]
    for sense in x:
        alone = net({sense: x[sense]})
        assert alone.shape == (4, 4) and bool(alone.isfinite().all())


def test_one_sense_alone_is_the_network_of_its_lesson() -> None:
    torch.manual_seed(0)
    config = FusionConfig("late")
    ears, eyes, x = sense_net("audio", config), sense_net("image", config), digits()
    encoder = ears.encoders["audio"]
    cnn = SpectrogramCNN(encoder.cnn.config)  # type: ignore[union-attr, arg-type]
    cnn.load_state_dict({**encoder.cnn.state_dict(),  # type: ignore[union-attr, operator]
                         "classifier.weight": ears.head[1].weight,  # type: ignore[index]
                         "classifier.bias": ears.head[1].bias})  # type: ignore[index] # fmt: skip
    lengths = torch.tensor([81, 70, 33, 8, 1])
    found = ears.eval()({"audio": x["audio"]}, lengths={"audio": lengths})
    torch.testing.assert_close(found, cnn.eval()(x["audio"], lengths))
    lenet = LeNet(eyes.encoders["image"].lenet.config)  # type: ignore[union-attr, arg-type]
    lenet.features.load_state_dict(eyes.encoders["image"].lenet.features.state_dict())  # type: ignore[union-attr, operator]
    for number, layer in ((1, 1), (3, 3)):
        own = eyes.encoders["image"].lenet.classifier[number]  # type: ignore[union-attr, index]
        lenet.classifier[layer].load_state_dict(own.state_dict())
    lenet.classifier[6].load_state_dict(eyes.head[1].state_dict())  # type: ignore[index]
    torch.testing.assert_close(eyes.eval()({"image": x["image"]}), lenet.eval()(x["image"]))


@pytest.mark.parametrize(
    ("depth", "n_features", "n_joint"), [(0, 120 + 64, 2), (1, 120 + 84, 2), (2, 64 + 64, 1)]
)
def test_concatenation_at_a_chosen_depth(depth: int, n_features: int, n_joint: int) -> None:
    net = made("concat", depth=depth)
    assert isinstance(net.fusion, Concatenate)
    assert net.fusion.n_features == n_features
    assert sum(isinstance(layer, nn.Linear) for layer in net.head.modules()) == n_joint
    net.load_encoders({s: sense_net(s, FusionConfig("concat", depth=depth)) for s in net.senses})  # type: ignore[arg-type]
    assert net(digits()).shape == (5, 10)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "early"])
def test_heads_of_the_senses(kind: str) -> None:
    logits, own = made(kind, sense_heads=True)(digits(), per_sense=True)
    assert logits.shape == own["audio"].shape == own["image"].shape == (5, 10)
    assert bool(made(kind).sense_heads) == (kind in ("late", "mix"))


def n_parameters(module: nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())


def test_what_the_fusions_cost_by_hand() -> None:
    a, b, w = 120, 84, 64
    block = 2 * 2 * w + (w + 1) * 3 * w + (w + 1) * w + (w + 1) * 2 * w + (2 * w + 1) * w
    tokens = (a + b + 2) * 4 * w
    expected = {
        "early": 0,
        "concat": 0,
        "late": 0,
        "mix": 2 * 10,
        "gated": (a + b + 2) * w + 2 * (a + b + 1) * w,
        "bottleneck": tokens + 2 * w + 2 * 2 * block + 2 * w,
        "low_rank": 4 * w * (a + b + 2) + w,
    }
    assert {kind: n_parameters(made(kind).fusion) for kind in KINDS} == expected


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FusionConfig("joint"), "kind must be one of early, .*, got 'joint'"),
        (lambda: FusionConfig("concat", depth=3), "depth must be 0, 1 or 2, got 3"),
        (lambda: FusionConfig("concat", dropout=1.0), r"dropout must be in \[0, 1\), got 1.0"),
        (lambda: FusionConfig("gated", width=0), "must be at least 1, got 10, 81, 0 and"),
        (lambda: FusionConfig("early", sense_heads=True), "'early' has no encoders"),
        (lambda: sense_net("smell", FusionConfig("late")), "one of audio, image, got 'smell'"),  # type: ignore[arg-type]
        (lambda: latent_net("joint", {"audio": 2}, n_classes=2), "kind must be one of"),
        (lambda: latent_net("late", {"audio": 0}, n_classes=2), r"at least 1, got \{'audio': 0\}"),
        (
            lambda: latent_net("early", {"audio": 2}, n_classes=2, sense_heads=True),
            "'early' has no encoders",
        ),
        (lambda: Concatenate({}), r"must hold a sense, each number at least 1, got \{\}"),
        (lambda: GatedFusion(SIZES, width=0), "each number at least 1"),
        (lambda: LearnedMix(("audio",), 0), "each number at least 1"),
        (lambda: BottleneckFusion(SIZES, width=4, depth=1), "depth must be at least 2, .* got 1"),
        (lambda: CommonGrid({"audio": (4,)}), "two or three numbers from 1, got"),
    ],
)
def test_bad_input(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
