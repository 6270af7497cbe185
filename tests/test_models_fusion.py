"""Two senses in one net: who is run on which items, what is missing, and what is refused."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models import (
    AverageLogits,
    Concatenate,
    FusionConfig,
    FusionNet,
    ensemble,
    fusion_net,
    sense_net,
)

AUDIO = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
IMAGE = torch.tensor([[10.0], [20.0], [30.0]])
BOTH = {"audio": AUDIO, "image": IMAGE}
SOME = {
    "audio": torch.tensor([True, False, True]),
    "image": torch.tensor([True, True, False]),
}


def identities() -> dict[str, nn.Module]:
    return {"audio": nn.Identity(), "image": nn.Identity()}


def plain(**others: Mapping[str, nn.Module]) -> FusionNet:
    join = Concatenate({"audio": 2, "image": 1})
    return FusionNet(identities(), join, nn.Identity(), **others)


class Recorder(nn.Module):
    """An encoder that notes what it was called with, and returns a mean and a last step."""

    n_features = 2

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[list[int], list[int]]] = []

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        self.calls.append((list(x.shape), lengths.tolist()))
        last = x.gather(1, lengths[:, None] - 1)
        return torch.cat([x.mean(dim=1, keepdim=True), last], dim=1)


def test_both_senses_by_hand() -> None:
    expected = torch.tensor([[1.0, 2.0, 10.0], [3.0, 4.0, 20.0], [5.0, 6.0, 30.0]])
    torch.testing.assert_close(plain()(BOTH), expected)


def test_the_order_is_that_of_the_encoders() -> None:
    swapped = {"image": IMAGE, "audio": AUDIO}
    assert plain().senses == ("audio", "image")
    torch.testing.assert_close(plain()(swapped), plain()(BOTH))


def test_a_missing_sense_is_zeros_item_by_item() -> None:
    expected = torch.tensor([[1.0, 2.0, 10.0], [0.0, 0.0, 20.0], [5.0, 6.0, 0.0]])
    torch.testing.assert_close(plain()(BOTH, present=SOME), expected)
    features = plain().encode(BOTH, present=SOME)
    torch.testing.assert_close(features["image"], torch.tensor([[10.0], [20.0], [0.0]]))


def test_a_sense_that_is_not_given_is_missing_in_all_items() -> None:
    expected = torch.tensor([[0.0, 0.0, 10.0], [0.0, 0.0, 20.0], [0.0, 0.0, 30.0]])
    torch.testing.assert_close(plain()({"image": IMAGE}), expected)
    nowhere = torch.zeros(3, dtype=torch.bool)
    torch.testing.assert_close(plain()(BOTH, present={"audio": nowhere}), expected)


def test_an_encoder_sees_the_items_that_have_its_sense_and_their_lengths() -> None:
    ears = Recorder()
    net = FusionNet(
        {"audio": ears, "image": nn.Identity()},
        Concatenate({"audio": 2, "image": 1}),
        nn.Identity(),
    )
    lengths = {"audio": torch.tensor([1, 2, 2]), "image": torch.tensor([1, 1, 1])}
    found = net(BOTH, lengths=lengths, present=SOME)
    assert ears.calls == [([2, 2], [1, 2])]
    expected = torch.tensor([[1.5, 1.0, 10.0], [0.0, 0.0, 20.0], [5.5, 6.0, 0.0]])
    torch.testing.assert_close(found, expected)


def test_batch_norm_never_sees_a_filler() -> None:
    norm = nn.BatchNorm1d(2)
    net = FusionNet({"audio": norm, "image": nn.Identity()},
                    Concatenate({"audio": 2, "image": 1}), nn.Identity())  # fmt: skip
    filled = {"audio": AUDIO.clone(), "image": IMAGE}
    filled["audio"][1] = 1e6
    net(filled, present=SOME)
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, 0.1 * torch.tensor([3.0, 4.0]))


@pytest.mark.parametrize("filler", [float("nan"), 1e30])
def test_a_filler_changes_nothing(filler: float) -> None:
    filled = {"audio": AUDIO.clone(), "image": IMAGE.clone()}
    filled["audio"][1], filled["image"][2] = filler, filler
    torch.testing.assert_close(plain()(filled, present=SOME), plain()(BOTH, present=SOME))


def test_heads_of_the_senses_by_hand() -> None:
    heads = {"audio": nn.Linear(2, 2), "image": nn.Linear(1, 2)}
    for layer in heads.values():
        nn.init.ones_(layer.weight)
        nn.init.constant_(layer.bias, 0.5)
    logits, own = plain(sense_heads=heads)(BOTH, present=SOME, per_sense=True)
    torch.testing.assert_close(logits, plain()(BOTH, present=SOME))
    torch.testing.assert_close(own["audio"], torch.tensor([[3.5, 3.5], [0.0, 0.0], [11.5, 11.5]]))
    torch.testing.assert_close(own["image"], torch.tensor([[10.5, 10.5], [20.5, 20.5], [0.0, 0.0]]))


def test_late_fusion_takes_the_logits_of_the_heads() -> None:
    """Shares of 1/4 and 3/4 times shares of 1/2: their roots, and one alone as it is."""
    heads = {"audio": nn.Identity(), "image": nn.Identity()}
    net = FusionNet(identities(), AverageLogits(), nn.Identity(), sense_heads=heads)
    sound = torch.tensor([[0.0, 3.0], [0.0, 3.0]]).clamp(min=1).log()
    sight = torch.full((2, 2), 7.0)
    there = {"image": torch.tensor([True, False])}
    found, own = net({"audio": sound, "image": sight}, present=there, per_sense=True)
    expected = torch.tensor([[(1 / 8) ** 0.5, (3 / 8) ** 0.5], [1 / 4, 3 / 4]]).log()
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(own["image"], torch.tensor([[7.0, 7.0], [0.0, 0.0]]))
    alone = net({"audio": sound})
    torch.testing.assert_close(alone, torch.tensor([[1 / 4, 3 / 4], [1 / 4, 3 / 4]]).log())


def test_the_gradient_flows_to_what_is_present_only() -> None:
    sound, sight = AUDIO.clone().requires_grad_(), IMAGE.clone().requires_grad_()
    encoders = {"audio": nn.Linear(2, 2), "image": nn.Linear(1, 1)}
    net = FusionNet(encoders, Concatenate({"audio": 2, "image": 1}), nn.Linear(3, 2))
    net({"audio": sound, "image": sight}, present=SOME).sum().backward()
    assert sound.grad is not None and sight.grad is not None
    assert [bool(row.any()) for row in sound.grad] == SOME["audio"].tolist()
    assert [bool(row.any()) for row in sight.grad] == SOME["image"].tolist()
    net.zero_grad()
    net({"image": IMAGE}).sum().backward()
    assert all(one.grad is None for one in net.encoders["audio"].parameters())
    assert all(one.grad is not None for one in net.encoders["image"].parameters())


def test_it_is_called_with_the_parts_of_a_batch() -> None:
    batch = Batch(inputs=BOTH, present=SOME, labels=torch.zeros(3), groups=("a", "b", "c"))
    found = plain()(batch.inputs, lengths=batch.lengths, present=batch.present)
    torch.testing.assert_close(found, plain()(BOTH, present=SOME))


def test_encoders_are_loaded_as_copies() -> None:
    config = FusionConfig("concat")
    net, alone = fusion_net(config), sense_net("audio", config)
    before = {name: w.clone() for name, w in net.encoders["image"].state_dict().items()}
    net.load_encoders({"audio": alone})
    for name, weights in alone.encoders["audio"].state_dict().items():
        assert torch.equal(net.encoders["audio"].state_dict()[name], weights), name
    for name, weights in before.items():
        assert torch.equal(net.encoders["image"].state_dict()[name], weights), name
    with torch.no_grad():
        next(alone.parameters()).add_(1)
    ours, theirs = next(net.encoders["audio"].parameters()), next(alone.parameters())
    assert not torch.equal(ours, theirs)
    net.load_encoders({"audio": alone.encoders["audio"]})
    assert torch.equal(ours, theirs)


def sounds() -> Tensor:
    return torch.randn(4, 40, 81, generator=torch.Generator().manual_seed(0))


def pictures() -> Tensor:
    return torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def test_an_ensemble_is_the_mean_of_nets_that_were_trained_apart() -> None:
    torch.manual_seed(0)
    config = FusionConfig("concat")
    ears, eyes = sense_net("audio", config).eval(), sense_net("image", config).eval()
    both = ensemble({"audio": ears, "image": eyes})
    inputs = {"audio": sounds(), "image": pictures()}
    said = ears({"audio": inputs["audio"]}).log_softmax(dim=1)
    seen = eyes({"image": inputs["image"]}).log_softmax(dim=1)
    torch.testing.assert_close(both(inputs), (said + seen) / 2)
    torch.testing.assert_close(both({"image": inputs["image"]}), seen)
    assert not both.training
    twice = ensemble({"audio": ears, "again": sense_net("audio", config)})
    assert twice({"audio": inputs["audio"], "again": inputs["audio"]}).shape == (4, 10)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plain()({"audio": AUDIO, "image": IMAGE[:2]}),
            r"the same number of items, got \{'audio': 3, 'image': 2\}",
        ),
        (
            lambda: plain()({"audio": AUDIO, "smell": IMAGE}),
            r"inputs names \['smell'\], the net has \['audio', 'image'\]",
        ),
        (
            lambda: plain()(BOTH, present={"smell": SOME["audio"]}),
            r"present names \['smell'\]",
        ),
        (lambda: plain()(BOTH, lengths={"smell": torch.ones(3)}), r"lengths names \['smell'\]"),
        (
            lambda: plain()(BOTH, present={name: SOME["audio"] for name in BOTH}),
            r"at least one of \['audio', 'image'\]; none is present in \[1\]",
        ),
        (
            lambda: plain()({"audio": AUDIO}, present={"audio": SOME["audio"]}),
            r"none is present in \[1\]",
        ),
        (lambda: plain()({}), "inputs must hold at least one of .*, got none"),
        (
            lambda: plain()(BOTH, present={"audio": torch.ones(2, dtype=torch.bool)}),
            r"present of 'audio' must be bool and \[3\], got torch.bool \[2\]",
        ),
        (
            lambda: plain()(BOTH, present={"audio": torch.ones(3)}),
            r"must be bool and \[3\], got torch.float32 \[3\]",
        ),
        (
            lambda: plain()({"image": IMAGE}, present={"audio": SOME["audio"]}),
            "'audio' is marked as present, and inputs do not hold it",
        ),
        (lambda: plain()(BOTH, per_sense=True), "make the net with sense_heads"),
        (
            lambda: plain(sense_heads={"audio": nn.Identity()}),
            r"must be those of \['audio', 'image'\], got \['audio'\]",
        ),
        (
            lambda: FusionNet(identities(), AverageLogits(), nn.Identity()),
            r"sense_heads must be those of .* got \[\]",
        ),
        (lambda: FusionNet({}, Concatenate({"audio": 1}), nn.Identity()), "at least one sense"),
        (
            lambda: FusionNet(identities(), nn.Identity(), nn.Identity())({"image": IMAGE}),
            "'audio' is missing in all items, and its encoder does not say n_features",
        ),
        (
            lambda: plain().load_encoders({"smell": nn.Identity()}),
            r"nets names \['smell'\]",
        ),
        (
            lambda: fusion_net(FusionConfig("late")).load_encoders({"audio": nn.Linear(2, 2)}),
            "the weights for 'audio' do not fit",
        ),
        (
            lambda: plain().load_encoders({"audio": sense_net("image", FusionConfig("late"))}),
            r"the net for 'audio' has only \['image'\]",
        ),
        (
            lambda: ensemble({"audio": plain()}),
            r"the net 'audio' must have one sense, .* got \['audio', 'image'\] and Concatenate",
        ),
    ],
)
def test_bad_input(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
