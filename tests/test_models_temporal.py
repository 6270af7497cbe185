"""Heads over time: hand-written values, padding that changes nothing, and who reads an order."""

import pytest
import torch
from torch import Tensor, nn

from avtutor.models import (
    TDNN,
    AttentionPool,
    GRUHead,
    MeanPool,
    StatisticsPool,
    TransformerHead,
    cost,
    head,
    sines,
)

UNORDERED = ("mean", "statistics", "attention", "transformer_unordered")
ORDERED = ("tdnn", "gru", "transformer")


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    return head(name, 6).eval()  # type: ignore[arg-type]


def steps(seed: int = 0) -> Tensor:
    return torch.randn(3, 6, 20, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", UNORDERED + ORDERED)
def test_padding_changes_nothing(name: str) -> None:
    x, lengths = steps(), torch.tensor([20, 13, 1])
    found = made(name)(x, lengths)
    for number, n in enumerate(lengths.tolist()):
        alone = made(name)(x[number : number + 1, :, :n], torch.tensor([n]))
        torch.testing.assert_close(found[number : number + 1], alone, rtol=0, atol=1e-5)
    assert found.shape == (3, made(name).n_features)


@pytest.mark.parametrize("name", UNORDERED)
def test_global_pooling_forgets_the_order(name: str) -> None:
    x, full = steps(), torch.full((3,), 20)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    found, permuted = made(name)(x, full), made(name)(x[..., order], full)
    torch.testing.assert_close(found, permuted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ORDERED)
def test_the_others_read_it(name: str) -> None:
    x, full = steps(), torch.full((3,), 20)
    assert (made(name)(x, full) - made(name)(x.flip(-1), full)).abs().max() > 0.01


def test_statistics_by_hand() -> None:
    x = torch.tensor([[[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, 100.0]]])
    found = StatisticsPool(1)(x, torch.tensor([8]))
    torch.testing.assert_close(found, torch.tensor([[5.0, 2.0]]))
    assert MeanPool(1)(x, torch.tensor([8])).item() == 5


def test_a_constant_has_a_gradient() -> None:
    """The slope of a root is infinite at 0."""
    x = torch.ones(1, 1, 4, requires_grad=True)
    StatisticsPool(1)(x, torch.tensor([4])).sum().backward()
    assert x.grad is not None and bool(x.grad.isfinite().all())


def test_attention_shares_add_up_and_leave_padding_out() -> None:
    shares = AttentionPool(6).weights(steps(), torch.tensor([20, 13, 1]))
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(3))
    assert not shares[1, 13:].any() and shares[2, 0] == 1


def test_attention_with_a_known_score() -> None:
    """Scores 0 and log 3 give shares of one and three quarters."""
    pool = AttentionPool(1, width=1)
    with torch.no_grad():
        for layer, weight in (
            (pool.score[0], 1.0),
            (pool.score[2], float(torch.tensor(3.0).log())),
        ):
            layer.weight.fill_(weight)
            layer.bias.zero_()
        x = torch.tensor([[[0.0, 100.0]]])  # tanh gives 0 and 1
        assert pool(x, torch.tensor([2])).item() == pytest.approx(75)


def test_the_receptive_field_of_a_tdnn() -> None:
    torch.manual_seed(0)
    model = TDNN(1, width=4, kernel=3, dilations=(1, 3)).eval()
    assert model.receptive_field == 9
    x = torch.zeros(1, 1, 41, requires_grad=True)
    y = x
    for conv in model.convs:
        y = conv(y)
    y[0, :, 20].sum().backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero().flatten()
    assert touched.min() == 16 and touched.max() == 24


def test_a_gru_ends_where_the_clip_ends() -> None:
    """PyTorch's own unit, without packing, on each clip alone."""
    torch.manual_seed(0)
    model = GRUHead(6, width=5).eval()
    x, lengths = steps(), torch.tensor([7, 20, 2])
    found = model(x, lengths)
    for number, n in enumerate(lengths.tolist()):
        output, _ = nn.GRU.forward(model.gru, x[number : number + 1, :, :n].transpose(1, 2))
        torch.testing.assert_close(found[number], output[0, -1])


def test_what_heads_cost_by_hand() -> None:
    x, lengths = torch.zeros(2, 6, 20), torch.tensor([20, 20])
    assert cost(GRUHead(6, width=5), x, lengths).multiplies == 20 * 3 * 5 * (6 + 5)
    tdnn = cost(TDNN(6, width=4, kernel=3, dilations=(1, 2)), x, lengths)
    assert tdnn.multiplies == 20 * 4 * (6 * 3 + 4 * 3)
    one = TransformerHead(6, width=8, n_heads=2, depth=1)
    expected = 20 * (6 * 8 + 8 * 24 + 8 * 8 + 8 * 16 + 16 * 8) + 2 * 20 * 20 * 8
    assert cost(one, x, lengths).multiplies == expected


def test_positions_are_told_apart() -> None:
    table = sines(200, 64)
    distances = torch.cdist(table, table) + 9 * torch.eye(200)
    assert distances.min() > 0.3
    torch.testing.assert_close(table.square().sum(dim=1), torch.full((200,), 32.0))


def test_attention_agrees_with_pytorch() -> None:
    """`nn.TransformerEncoderLayer` with the same weights."""
    torch.manual_seed(0)
    model = TransformerHead(8, width=8, n_heads=2, depth=1, positions=False).eval()
    block = model.blocks[0]
    other = nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
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
    x = torch.randn(3, 11, 8)
    inside = torch.arange(11) < torch.tensor([[11], [4], [1]])
    found = block(x, inside)
    expected = other(x, src_key_padding_mask=~inside)
    torch.testing.assert_close(found[inside], expected[inside], rtol=0, atol=1e-5)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TDNN(4, kernel=4), "kernel must be an odd number from 1, got 4"),
        (lambda: TDNN(4, dilations=()), "dilations must be at least 1"),
        (lambda: TransformerHead(4, width=10, n_heads=4), "multiple of 2 and of n_heads"),
        (lambda: head("lstm", 4), "head must be one of mean, .* got 'lstm'"),  # type: ignore[arg-type]
        (
            lambda: MeanPool(4)(torch.zeros(2, 4, 5), torch.tensor([5, 6])),
            "from 1 to 5, got 5 to 6",
        ),
        (lambda: GRUHead(4)(torch.zeros(2, 4, 5), torch.tensor([5, 0])), "from 1 to 5, got 0 to 5"),
    ],
)
def test_bad_input(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
