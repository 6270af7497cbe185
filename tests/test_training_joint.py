"""Objectives of a joint representation: by hand, and what they train."""

import math

import pytest
import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.models import BimodalAutoencoder, PairHead, PairNet, Towers
from avtutor.training import (
    BelongTogether,
    Contrastive,
    Minibatches,
    Reconstruction,
    TrainConfig,
    evaluate,
    fit,
    others,
    unexplained,
)
from avtutor.training.checkpoint import describe
from tests.two_senses import small_data


def batch_of(audio: list[list[float]], image: list[list[float]], labels: list[int]) -> Batch:
    return Batch(
        inputs={"audio": torch.tensor(audio), "image": torch.tensor(image)},
        labels=torch.tensor(labels),
        groups=("a",) * len(labels),
    )


def bare_towers() -> Towers:
    towers = Towers({"audio": nn.Identity(), "image": nn.Identity()}, {"audio": 2, "image": 2})
    for name in towers.senses:
        towers.projections[name] = nn.Identity()
    towers.log_scale.data.fill_(0.0)
    return towers


def encoder(n: int) -> nn.Module:
    return nn.Sequential(nn.Linear(n, 16), nn.ReLU())


def small_towers(seed: int = 0) -> Towers:
    torch.manual_seed(seed)
    return Towers({"audio": encoder(4), "image": encoder(6)}, {"audio": 16, "image": 16}, size=4)


def small_autoencoder(seed: int = 0) -> BimodalAutoencoder:
    torch.manual_seed(seed)
    return BimodalAutoencoder(
        {"audio": encoder(4), "image": encoder(6)},
        {"audio": 16, "image": 16},
        nn.Linear(32, 4),
        {"audio": nn.Linear(4, 4), "image": nn.Linear(4, 6)},
    )


# Reconstruction


class Remembering(nn.Module):
    """A stand-in for the shared layers: it notes what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Tensor] = []
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        self.given.append(x.detach())
        return x * self.weight


def remembering() -> tuple[BimodalAutoencoder, Remembering]:
    shared = Remembering()
    halves = [nn.Linear(2, 1, bias=False) for _ in range(2)]
    halves[0].weight.data = torch.tensor([[1.0, 0.0]])
    halves[1].weight.data = torch.tensor([[0.0, 1.0]])
    senses = {"audio": nn.Identity(), "image": nn.Identity()}
    sizes = {"audio": 1, "image": 1}
    return BimodalAutoencoder(
        senses, sizes, shared, {"audio": halves[0], "image": halves[1]}
    ), shared


def test_the_error_is_a_share_of_what_varies() -> None:
    target = torch.tensor([[0.0, 7.0], [4.0, 7.0]])
    assert float(unexplained(target, target)) == 0.0
    assert float(unexplained(target + torch.tensor([1.0, 0.0]), target)) == pytest.approx(2 / 8)
    assert float(unexplained(1000 * target.mean(dim=0).expand(2, 2), 1000 * target)) == 1.0


def test_in_training_a_sense_is_taken_away_and_asked_for_all_the_same() -> None:
    net, shared = remembering()
    n = 3000
    values = torch.arange(1.0, n + 1)[:, None]
    batch = Batch(
        inputs={"audio": values, "image": values}, labels=torch.zeros(n).long(), groups=("a",) * n
    )
    net.train()
    torch.manual_seed(0)
    loss, log = Reconstruction({"audio": 0.5, "image": 0.2})(net, batch)
    given = shared.given[0]
    lost = (given == 0).float().mean(dim=0)
    assert lost.tolist() == pytest.approx([0.5, 0.2], abs=0.03)
    assert bool((given != 0).any(dim=1).all())  # never both
    # What was taken away is drawn as 0: its squares are what is not explained.
    varies = (values - values.mean()).square().sum()
    expected = values[given[:, 0] == 0].square().sum() / varies
    assert float(log["audio/error"]) == pytest.approx(float(expected), rel=1e-4)
    assert float(loss.detach()) == pytest.approx(
        float(log["audio/error"] + log["image/error"]) / 2, rel=1e-5
    )
    net.eval()
    loss, _ = Reconstruction()(net, batch)
    assert float(loss.detach()) == 0.0 and bool((shared.given[1] != 0).all())


def test_what_an_item_never_had_is_not_asked_for() -> None:
    net, _ = remembering()
    batch = Batch(
        inputs={"audio": torch.tensor([[1.0], [3.0], [9.0]]), "image": torch.ones(3, 1) * 5},
        present={"audio": torch.tensor([True, True, False]), "image": torch.tensor([True] * 3)},
        labels=torch.zeros(3).long(),
        groups=("a",) * 3,
    )
    _, log = Reconstruction()(net.eval(), batch)
    assert float(log["audio/error"]) == 0.0  # the third would be drawn as 0, and is 9


def test_an_autoencoder_learns_to_draw_one_sense_from_the_other() -> None:
    train, valid = small_data(300, audio=0.1, image=0.1), small_data(90, 1, audio=0.1, image=0.1)

    def heard(share: dict[str, float]) -> float:
        net = small_autoencoder()
        loader = Minibatches(train, batch_size=50, shuffle_seed=0)
        config = TrainConfig(epochs=40, learning_rate=0.02)
        fit(net, loader, None, config, objective=Reconstruction(share))
        found = net({"audio": valid.inputs["audio"]}).reconstructions["image"]
        return float(unexplained(found, valid.inputs["image"]).detach())

    with_loss, without = heard({"audio": 1 / 3, "image": 1 / 3}), heard({})
    assert with_loss < 0.6 * without


@pytest.mark.bad_input
def test_reconstruction_refuses() -> None:
    with pytest.raises(ValueError, match="share must be 0 or more, together at most 1"):
        Reconstruction({"audio": 0.6, "image": 0.6})
    batch = batch_of([[1.0], [2.0]], [[1.0], [2.0]], [0, 1])
    net, _ = remembering()
    with pytest.raises(ValueError, match="share names 'smell', the model has"):
        Reconstruction({"smell": 0.5})(net.train(), batch)
    with pytest.raises(TypeError, match="of type BimodalAutoencoder, got Linear"):
        Reconstruction()(nn.Linear(1, 1), batch)
    alone = Batch(inputs={"audio": torch.ones(2, 1)}, labels=torch.arange(2), groups=("a", "b"))
    with pytest.raises(ValueError, match="the batch has no \\['image'\\]"):
        Reconstruction()(net, alone)


# Contrastive


def test_the_contrastive_loss_by_hand() -> None:
    batch = batch_of(
        [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [0, 1, 2]
    )
    # Cosines: rows (1, 0, 0), (0, 1, 1), (1, 0, 0).
    e = math.e
    rows = [math.log((e + 2) / e), math.log((1 + 2 * e) / e), math.log(e + 2)]
    columns = [math.log((2 * e + 1) / e), math.log((e + 2) / e), math.log(e + 2)]
    loss, log = Contrastive("apart")(bare_towers(), batch)
    assert float(loss.detach()) == pytest.approx((sum(rows) + sum(columns)) / 6, rel=1e-5)
    assert float(log["temperature"]) == pytest.approx(1.0)


def test_other_items_of_one_label_are_left_out() -> None:
    batch = batch_of(
        [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [5, 5, 6]
    )
    apart, _ = Contrastive("apart")(bare_towers(), batch)
    left, log = Contrastive()(bare_towers(), batch)
    e = math.e
    assert float(left) == pytest.approx((2 * math.log(1 + 1 / e) + math.log(1 + 2 / e)) / 3)
    assert float(apart) > float(left) + 0.2
    assert float(log["accuracy"]) == 1.0


def test_towers_learn_and_at_first_the_loss_is_near_chance() -> None:
    train = small_data(300, audio=0.3, image=0.3)
    valid = small_data(90, 1, audio=0.3, image=0.3)
    towers = small_towers()
    towers.log_scale.data.fill_(0.0)
    loader = Minibatches(valid, batch_size=90)
    objective = Contrastive("apart")
    before = evaluate(towers, loader, objective=objective)["loss"]
    assert before == pytest.approx(math.log(90), abs=0.5)
    named = Contrastive()
    fit(
        towers,
        Minibatches(train, batch_size=60, shuffle_seed=0),
        None,
        TrainConfig(epochs=30, learning_rate=0.02),
        objective=named,
    )
    assert evaluate(towers, loader, objective=named)["accuracy"] > 0.8
    # Thirty items of each label share all that both senses know: a third of them is as good.
    assert evaluate(towers, loader, objective=objective)["accuracy"] < 0.2


@pytest.mark.bad_input
def test_contrastive_refuses() -> None:
    with pytest.raises(ValueError, match="same_label must be 'apart' or 'left out', got 'in'"):
        Contrastive("in")
    batch = batch_of([[1.0, 0.0]], [[1.0, 0.0]], [0])
    with pytest.raises(ValueError, match="at least two items, one of them wrong, got 1"):
        Contrastive()(bare_towers(), batch)
    with pytest.raises(TypeError, match="of type Towers, got Identity"):
        Contrastive()(nn.Identity(), batch)


# Do they belong together?


def test_others_have_another_label_and_are_drawn_evenly() -> None:
    labels = torch.tensor([0, 0, 1, 2])
    torch.manual_seed(0)
    drawn = torch.stack([others(labels)[0][:, 0] for _ in range(4000)])
    for item, allowed in ((0, {2, 3}), (2, {0, 1, 3})):
        counts = torch.bincount(drawn[:, item], minlength=4) / 4000
        assert set(counts.nonzero()[:, 0].tolist()) == allowed
        assert counts[counts > 0].tolist() == pytest.approx(
            [1 / len(allowed)] * len(allowed), abs=0.04
        )
    assert others(torch.zeros(3).long())[1].tolist() == [[False]] * 3
    mixed = torch.stack([others(torch.zeros(3).long(), apart=False)[0] for _ in range(50)])
    assert set(mixed[:, 0, 0].tolist()) == {1, 2}
    rows, there = others(labels, 3)
    assert there.tolist() == [[True, True, False]] * 2 + [[True] * 3] * 2
    assert {frozenset(row) for row in rows[2:].tolist()} == {
        frozenset({0, 1, 3}),
        frozenset({0, 1, 2}),
    }


def test_the_pair_loss_by_hand_and_at_chance() -> None:
    net = PairNet(bare_towers(), PairHead(2, "distance"))
    batch = batch_of([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], [0, 1])
    loss, log = BelongTogether()(net, batch)
    positive, negative = 3.0, 3 - 3 * math.sqrt(2)
    expected = (math.log(1 + math.exp(-positive)) + math.log(1 + math.exp(negative))) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    assert float(log["accuracy"]) == 1.0
    net.head.level.data.fill_(0.0)
    net.head.slope.data.fill_(0.0)
    loss, log = BelongTogether()(net, batch)
    assert float(loss) == pytest.approx(math.log(2))
    assert float(log["accuracy"]) == 0.5  # never "yes"


def test_right_and_wrong_pairs_weigh_the_same_however_many() -> None:
    net = PairNet(bare_towers(), PairHead(2, "distance"))
    net.head.slope.data.fill_(0.0)  # every pair has the logit 3
    eye = torch.eye(2).repeat(2, 1).tolist()
    batch = batch_of(eye, eye, [0, 1, 2, 3])
    expected = (math.log(1 + math.exp(-3)) + math.log(1 + math.exp(3))) / 2
    for n_wrong in (1, 3):
        loss, log = BelongTogether(n_wrong=n_wrong)(net, batch)
        assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)
        assert float(log["accuracy"]) == 0.5  # always "yes"


@pytest.mark.parametrize("kind", ["concat", "distance"])
def test_both_heads_learn_which_belong_together(kind: str) -> None:
    net = PairNet(small_towers(), PairHead(4, kind, hidden=16))  # type: ignore[arg-type]
    train, valid = small_data(300, image=0.5), small_data(200, seed=1, image=0.5)
    fit(
        net,
        Minibatches(train, batch_size=50, shuffle_seed=0),
        None,
        TrainConfig(epochs=40, learning_rate=0.02),
        objective=BelongTogether(),
    )
    loader = Minibatches(valid, batch_size=200)
    assert evaluate(net, loader, objective=BelongTogether())["accuracy"] > 0.85


@pytest.mark.bad_input
def test_belong_together_refuses() -> None:
    net = PairNet(bare_towers(), PairHead(2, "distance"))
    with pytest.raises(ValueError, match="at least two items, so that there is a wrong pair"):
        BelongTogether()(net, batch_of([[1.0, 0.0]], [[1.0, 0.0]], [0]))
    with pytest.raises(ValueError, match="n_wrong must be at least 1, got 0"):
        BelongTogether(n_wrong=0)
    with pytest.raises(TypeError, match="of type PairNet, got Towers"):
        BelongTogether()(bare_towers(), batch_of([[1.0, 0.0]], [[1.0, 0.0]], [0]))


def test_objectives_have_one_text_each() -> None:
    """Checkpoints compare these texts."""
    assert describe(Contrastive()) == "Contrastive(same_label='left out')"
    assert describe(Reconstruction({"audio": 1.0})) == "Reconstruction(share={'audio': 1.0})"
