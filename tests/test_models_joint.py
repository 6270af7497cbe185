"""The bimodal autoencoder, the towers and their losses, pair heads and CCA: by hand, and beside
what others compute."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.cross_decomposition import CCA as TheirCCA
from torch import Tensor, nn
from torch.nn.functional import normalize

from avtutor.models import (
    CCA,
    BimodalAutoencoder,
    PairHead,
    PairNet,
    PartByPart,
    Rescaled,
    Towers,
    info_nce,
)

GOLDEN = json.loads((Path(__file__).parent / "golden" / "joint.json").read_text(encoding="utf-8"))


def times(*rows: list[float]) -> nn.Linear:
    """Return a layer without bias whose weights are given."""
    layer = nn.Linear(len(rows[0]), len(rows), bias=False)
    layer.weight.data = torch.tensor(rows)
    return layer


def autoencoder() -> BimodalAutoencoder:
    """Return one whose shared value is audio + 10 image; it draws ten times that, and its half."""
    return BimodalAutoencoder(
        {"audio": nn.Identity(), "image": nn.Identity()},
        {"audio": 1, "image": 1},
        times([1.0, 10.0]),
        {"image": times([0.5]), "audio": times([10.0])},
    )


# The autoencoder


def test_what_is_shared_and_what_is_drawn_from_it() -> None:
    inputs = {"audio": torch.tensor([[1.0], [2.0]]), "image": torch.tensor([[3.0], [4.0]])}
    found = autoencoder()(inputs)
    assert found.shared.tolist() == [[31.0], [42.0]]
    assert list(found.reconstructions) == ["audio", "image"]
    assert found.reconstructions["audio"].tolist() == [[310.0], [420.0]]
    assert found.reconstructions["image"].tolist() == [[15.5], [21.0]]


def test_an_absent_sense_is_zeros_and_drawn_from_the_other() -> None:
    inputs = {"audio": torch.tensor([[1.0], [2.0]]), "image": torch.tensor([[3.0], [4.0]])}
    there = torch.tensor([True, False])
    found = autoencoder()(inputs, present={"image": there})
    assert found.shared.tolist() == [[31.0], [2.0]]
    assert found.reconstructions["image"].tolist() == [[15.5], [1.0]]
    alone = autoencoder()({"image": inputs["image"]})
    assert alone.shared.tolist() == [[30.0], [40.0]]
    assert alone.reconstructions["audio"].tolist() == [[300.0], [400.0]]


def test_parts_keep_their_order_and_share_their_weights() -> None:
    net = PartByPart(nn.Sequential(nn.Flatten(), times([1.0, 100.0])), 3)
    x = torch.tensor([[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]])
    assert net(x).tolist() == [[201.0, 403.0, 605.0], [100.0, 0.0, 0.0]]


@pytest.mark.bad_input
def test_autoencoders_that_do_not_fit_together() -> None:
    one = {"audio": nn.Identity()}
    with pytest.raises(ValueError, match="two senses or more, got \\['audio'\\]"):
        BimodalAutoencoder(one, {"audio": 1}, nn.Identity(), one)
    two = {"audio": nn.Identity(), "image": nn.Identity()}
    sizes = {"audio": 1, "image": 1}
    with pytest.raises(ValueError, match="decoders must be those of .*, got \\['audio'\\]"):
        BimodalAutoencoder(two, sizes, nn.Identity(), one)
    with pytest.raises(ValueError, match="sizes must be those of .*, got \\['audio'\\]"):
        BimodalAutoencoder(two, {"audio": 1}, nn.Identity(), two)
    with pytest.raises(ValueError, match="none is present in"):
        none = torch.tensor([False])
        autoencoder()({"audio": torch.ones(1, 1)}, present={"audio": none})
    with pytest.raises(ValueError, match="3 equal parts, got 4"):
        PartByPart(nn.Flatten(), 3)(torch.zeros(1, 1, 4))
    with pytest.raises(ValueError, match="n_parts must be at least 1, got 0"):
        PartByPart(nn.Flatten(), 0)


def test_a_decoder_ends_in_the_units_of_the_input() -> None:
    found = Rescaled((1, 2), centre=-30.0, spread=20.0)(torch.tensor([[0.5, -1.5]]))
    assert found.tolist() == [[[-20.0, -60.0]]]


# The towers


def identity_towers() -> Towers:
    towers = Towers({"audio": nn.Identity(), "image": nn.Identity()}, {"audio": 2, "image": 2})
    for name in towers.senses:
        towers.projections[name] = nn.Identity()
    return towers


def test_embeddings_have_length_1_and_keep_their_direction() -> None:
    towers = identity_towers()
    found = towers({"audio": torch.tensor([[3.0, 4.0]]), "image": torch.tensor([[0.0, -2.0]])})
    assert torch.allclose(found["audio"], torch.tensor([[0.6, 0.8]]))
    assert found["image"].tolist() == [[0.0, -1.0]]
    assert torch.equal(towers.embed("audio", torch.tensor([[3.0, 4.0]])), found["audio"])


def test_the_scale_begins_at_its_temperature_and_ends_at_100() -> None:
    towers = identity_towers()
    assert float(towers.scale.detach()) == pytest.approx(1 / 0.07, rel=1e-5)
    towers.log_scale.data.fill_(9.0)
    assert float(towers.scale.detach()) == pytest.approx(100.0, rel=1e-5)


class Pooled(nn.Module):
    """The mean of the steps that are no padding."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return torch.stack([row[:, :n].mean(dim=1) for row, n in zip(x, lengths, strict=True)])


def test_lengths_reach_the_encoder_that_asks_for_them() -> None:
    towers = identity_towers()
    towers.encoders["audio"] = Pooled()
    x = torch.tensor([[[1.0, 9.0], [0.0, 9.0]]])
    found = towers({"audio": x}, lengths={"audio": torch.tensor([1])})
    assert found["audio"].tolist() == [[1.0, 0.0]]


@pytest.mark.bad_input
def test_towers_that_cannot_be() -> None:
    both, sizes = {"a": nn.Identity(), "b": nn.Identity()}, {"a": 2, "b": 2}
    with pytest.raises(ValueError, match="two senses or more"):
        Towers({"a": nn.Identity()}, {"a": 2})
    with pytest.raises(ValueError, match="sizes must be those of \\['a', 'b'\\], got \\['a'\\]"):
        Towers(both, {"a": 2})
    with pytest.raises(ValueError, match="temperature must be above 0.01, got 0.01"):
        Towers(both, sizes, temperature=0.01)
    with pytest.raises(ValueError, match="size must be at least 1"):
        Towers(both, sizes, size=0)
    towers = Towers(both, sizes)
    with pytest.raises(ValueError, match="sense must be one of \\['a', 'b'\\], got 'c'"):
        towers({"c": torch.zeros(1, 2)})
    with pytest.raises(ValueError, match="must give \\[1, feature\\], got \\[1, 2, 2\\]"):
        towers({"a": torch.zeros(1, 2, 2)})


# InfoNCE


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["temperature"]))
def test_info_nce_is_another_librarys(case: dict[str, float]) -> None:
    first, second = (torch.tensor(GOLDEN[k], dtype=torch.float64) for k in ("first", "second"))
    scale = 1 / case["temperature"]
    found = info_nce(first, second, scale=scale)
    assert float(found) == pytest.approx(case["distinct"], abs=1e-6)
    labels = torch.tensor(GOLDEN["labels"])
    same = labels[:, None] == labels[None]
    named = info_nce(first, second, scale=scale, same=same)
    assert float(named) == pytest.approx(case["names"], abs=1e-6)
    assert case["names"] < case["distinct"] - 1e-3  # the golden cases tell them apart
    single = info_nce(first.float(), second.float(), scale=scale)
    assert float(single) == pytest.approx(case["distinct"], rel=1e-4)


@pytest.mark.parametrize("n", [2, 31, 64])
def test_embeddings_that_say_nothing_cost_the_logarithm_of_the_batch(n: int) -> None:
    constant = normalize(torch.ones(n, 3), dim=1)
    for scale in (0.0, 14.0):
        assert float(info_nce(constant, constant, scale=scale)) == pytest.approx(math.log(n))


def test_info_nce_by_hand() -> None:
    eye = torch.eye(2)
    expected = math.log(1 + math.exp(-3))  # own partner 3, the other one 0
    assert float(info_nce(eye, eye, scale=3.0)) == pytest.approx(expected)
    # One direction asks rows (2, 0 | 2, 0), the other columns (2, 2 | 0, 0).
    second = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    first = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    rows = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(2))) / 2
    expected = (rows + math.log(2)) / 2
    assert float(info_nce(first, second, scale=2.0)) == pytest.approx(expected)


def test_the_same_name_is_no_wrong_answer_and_every_item_keeps_its_own() -> None:
    first = normalize(torch.randn(3, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    every = torch.ones(3, 3, dtype=torch.bool)
    assert float(info_nce(first, first, scale=10.0, same=every)) == 0.0
    pair = torch.eye(3, dtype=torch.bool)
    pair[0, 1] = pair[1, 0] = True
    first.requires_grad_()
    loss = info_nce(first, first.detach(), scale=10.0, same=pair)
    loss.backward()  # type: ignore[no-untyped-call]
    scores = 10 * (first @ first.T).detach()
    by_hand = [
        torch.logsumexp(scores[0, [0, 2]], 0) - scores[0, 0],
        torch.logsumexp(scores[1, [1, 2]], 0) - scores[1, 1],
        torch.logsumexp(scores[2], 0) - scores[2, 2],
    ]
    assert float(loss.detach()) == pytest.approx(float(torch.stack(by_hand).mean()), rel=1e-5)
    assert first.grad is not None and bool(first.grad.isfinite().all())


@pytest.mark.bad_input
def test_info_nce_refuses() -> None:
    with pytest.raises(ValueError, match="both be \\[batch, feature\\]"):
        info_nce(torch.zeros(2, 3), torch.zeros(3, 3), scale=1.0)
    with pytest.raises(ValueError, match="at least two items, one of them wrong, got 1"):
        info_nce(torch.zeros(1, 3), torch.zeros(1, 3), scale=1.0)
    with pytest.raises(ValueError, match="same must be bool and \\[2, 2\\]"):
        same = torch.ones(2, 2)
        info_nce(torch.zeros(2, 3), torch.zeros(2, 3), scale=1.0, same=same)


# Do they belong together?


def test_a_distance_head_knows_the_distance_and_nothing_else() -> None:
    head = PairHead(2, "distance")
    head.slope.data.fill_(-2.0)
    head.level.data.fill_(5.0)
    first, second = torch.tensor([[0.0, 0.0], [3.0, 0.0]]), torch.tensor([[3.0, 4.0], [3.0, 0.0]])
    assert head(first, second).tolist() == pytest.approx([-5.0, 5.0], abs=1e-4)
    assert torch.allclose(
        head.every_pair(first, second, block=1),
        torch.tensor([[-5.0, -1.0], [-3.0, 5.0]]),
        atol=1e-4,
    )
    assert sum(p.numel() for p in head.parameters()) == 2


def test_every_pair_is_the_head_asked_for_each() -> None:
    torch.manual_seed(0)
    head = PairHead(3, "concat", hidden=4)
    first, second = torch.randn(5, 3), torch.randn(7, 3)
    table = head.every_pair(first, second, block=2)
    assert table.shape == (5, 7)
    for i, j in ((0, 0), (4, 6), (2, 5)):
        assert torch.allclose(table[i, j], head(first[i], second[j]), atol=1e-6)
    assert not torch.allclose(table[0, 1], head(second[1], first[0]))  # the sides are not alike


def test_a_net_is_asked_about_partners() -> None:
    net = PairNet(identity_towers(), PairHead(2, "distance"))
    inputs = {
        "audio": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
        "image": torch.tensor([[1.0, 0.0], [-1.0, 0.0]]),
    }
    logits = net(inputs, torch.tensor([[0, 1], [1, 0]]))
    side = 3 - 3 * math.sqrt(2)
    expected = torch.tensor([[3.0, -3.0], [side, side]])
    assert torch.allclose(logits, expected, atol=1e-5)


@pytest.mark.bad_input
def test_pair_heads_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="kind must be one of .*, got 'sum'"):
        PairHead(2, "sum")  # type: ignore[arg-type]
    three = {name: nn.Identity() for name in "abc"}
    with pytest.raises(ValueError, match="towers must be of two senses"):
        PairNet(Towers(three, dict.fromkeys("abc", 2)), PairHead(64, "concat"))


# CCA


def views(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return two views of two hidden values, with noise of their own, mixed."""
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((n, 2))
    first = np.c_[hidden * [1.0, 0.8], rng.standard_normal((n, 2))] + 0.4 * rng.standard_normal(
        (n, 4)
    )
    second = np.c_[hidden * [-0.9, 1.1], rng.standard_normal((n, 1))] + 0.4 * rng.standard_normal(
        (n, 3)
    )
    mixed = first @ rng.standard_normal((4, 4)) + 3.0, second @ rng.standard_normal((3, 3))
    return torch.tensor(mixed[0]).float(), torch.tensor(mixed[1]).float()


def correlations(first: Tensor, second: Tensor) -> list[float]:
    return [
        float(np.corrcoef(first[:, k].numpy(), second[:, k].numpy())[0, 1])
        for k in range(first.shape[1])
    ]


def test_cca_finds_what_scikit_learn_finds() -> None:
    first, second = views(400)
    ours = CCA.fitted(first, second, penalty=1e-9, components=2)
    theirs = TheirCCA(n_components=2, max_iter=5000, tol=1e-12).fit(first, second)
    a, b = (torch.tensor(values) for values in theirs.transform(first, second))
    expected = correlations(a, b)
    found = correlations(ours.project("audio", first), ours.project("image", second))
    assert found == pytest.approx(expected, abs=1e-4)
    assert ours.correlations.tolist() == pytest.approx(expected, abs=1e-4)
    for k in range(2):
        direction = np.corrcoef(ours.project("audio", first)[:, k].numpy(), a[:, k].numpy())[0, 1]
        assert abs(direction) > 0.9999


def test_cca_by_theory() -> None:
    """One value seen twice with noise of variance v and w: correlation 1/sqrt((1+v)(1+w))."""
    rng = np.random.default_rng(1)
    n, v, w = 200_000, 0.5, 2.0
    hidden = rng.standard_normal(n)
    first = torch.tensor(
        np.c_[hidden + v**0.5 * rng.standard_normal(n), rng.standard_normal(n)]
    ).float()
    second = torch.tensor(
        np.c_[hidden + w**0.5 * rng.standard_normal(n), rng.standard_normal(n)]
    ).float()
    found = CCA.fitted(first, second, penalty=0.0, components=2)
    expected = 1 / math.sqrt((1 + v) * (1 + w))
    assert found.correlations.tolist() == pytest.approx([expected, 0.0], abs=0.008)
    projected = found.project("audio", first)
    assert torch.allclose(projected.T @ projected / n, torch.eye(2), atol=2e-3)  # whitened
    # A penalty as large as the mean variance: for two features of variance 1 + v and 1, by hand.
    mean_a, mean_b = (1 + v + 1) / 2, (1 + w + 1) / 2
    held = CCA.fitted(first, second, penalty=1.0, components=1)
    by_hand = 1 / math.sqrt((1 + v + mean_a) * (1 + w + mean_b))
    assert float(held.correlations[0]) == pytest.approx(by_hand, abs=0.008)


def test_without_a_penalty_few_items_are_always_correlated() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second, more, others = (torch.randn(20, 12, generator=generator) for _ in range(4))
    found = CCA.fitted(first, second, penalty=1e-6, components=1)
    assert float(found.correlations[0]) > 0.97  # noise beside noise
    new = correlations(found.project("audio", more), found.project("image", others))
    assert abs(new[0]) < 0.6
    held = CCA.fitted(first, second, penalty=10.0, components=1)
    assert float(held.correlations[0]) < 0.2


@pytest.mark.bad_input
def test_cca_refuses() -> None:
    x, y = views(30)
    with pytest.raises(ValueError, match="components must be from 1 to 3, got 4"):
        CCA.fitted(x, y, penalty=0.1, components=4)
    with pytest.raises(ValueError, match="penalty must be 0 or more"):
        CCA.fitted(x, y, penalty=-1.0, components=1)
    with pytest.raises(ValueError, match="with as many items, two or more"):
        CCA.fitted(x[:5], y, penalty=0.1, components=1)
    with pytest.raises(ValueError, match="must vary in all directions where penalty is 0"):
        CCA.fitted(torch.cat([x, x], dim=1), y, penalty=0.0, components=1)
    with pytest.raises(ValueError, match="features of 'image' must be finite"):
        CCA.fitted(x, y / 0, penalty=0.1, components=1)
    found = CCA.fitted(x, y, penalty=0.1, components=1)
    with pytest.raises(ValueError, match="sense must be one of .*, got 'touch'"):
        found.project("touch", x)
    with pytest.raises(ValueError, match="features of 'image' must be \\[item, 3\\]"):
        found.project("image", x)
