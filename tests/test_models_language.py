"""Networks that name a language: sizes known by hand, masks, and what is refused."""

import pytest
import torch

from avtutor.models import (
    ConvBody,
    ConvSettings,
    GRUHead,
    LanguageCNN,
    LanguageCNNConfig,
    cost,
)

HEADS = ("mean", "statistics", "attention", "tdnn", "gru", "transformer", "transformer_unordered")


def compact(head: str = "mean") -> LanguageCNN:
    torch.manual_seed(0)
    config = LanguageCNNConfig.compact(n_classes=3, head=head)  # type: ignore[arg-type]
    return LanguageCNN(config).eval()


@pytest.mark.parametrize("head", HEADS)
def test_padding_changes_no_logit(head: str) -> None:
    """And no clip leans on what stands in the padding."""
    model = compact(head)
    x = -30 + 10 * torch.randn(3, 40, 130, generator=torch.Generator().manual_seed(0))
    model.train()
    model(x)  # the norms get statistics
    model.eval()
    lengths = torch.tensor([130, 77, 8])
    found = model(x, lengths)
    for number, n in enumerate(lengths.tolist()):
        alone = model(x[number : number + 1, :, :n])
        torch.testing.assert_close(found[number : number + 1], alone, rtol=0, atol=1e-4)
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_the_compact_net_by_hand() -> None:
    found = cost(compact(), torch.zeros(1, 40, 100))
    convs = [16 * 25, 32 * 16 * 9, 48 * 32 * 9, 64 * 48 * 9]
    project = 64 * (64 * 5) + 64
    norms = 2 * (40 + 16 + 32 + 48 + 64)
    assert found.parameters == sum(convs) + project + norms + 64 * 3 + 3
    cells = [20 * 50, 20 * 50, 10 * 25, 5 * 13]
    assert (
        found.multiplies
        == sum(n * size for n, size in zip(convs, cells, strict=True)) + 13 * 64 * 320 + 64 * 3
    )
    assert 20_000 <= found.parameters <= 90_000


def test_the_net_of_2015_by_hand() -> None:
    """Six strides of 2: 256 x 772 becomes 4 x 13."""
    config = LanguageCNNConfig.contest_2015()
    with torch.device("meta"):
        parameters = sum(p.numel() for p in LanguageCNN(config).parameters())
    sizes = [(1, 32, 7), (32, 64, 5), (64, 64, 3), (64, 128, 3), (128, 128, 3), (128, 256, 3)]
    convs = sum(before * after * k * k + after for before, after, k in sizes)
    assert config.n_steps(772) == 13 and config.n_head_channels == 256 * 4
    dense = (256 * 4 * 13 + 1) * 1024 + 1025 * 1024 + 1025 * 176
    assert parameters == convs + dense


def test_what_the_sources_report_of_2016() -> None:
    """54 steps for the GRU, of 858 columns; 500 units."""
    config = LanguageCNNConfig.contest_2016_gru()
    assert config.n_steps(858) == 54
    model = LanguageCNN(config, head=GRUHead(config.n_head_channels, width=500)).eval()
    with torch.no_grad():
        steps, lengths = model.body(torch.zeros(1, 128, 858))
    assert steps.shape == (1, config.n_head_channels, 54) and lengths.tolist() == [54]
    assert model.embed(torch.zeros(1, 128, 858)).shape == (1, 500)
    assert [conv.channels for conv in LanguageCNNConfig.contest_2016().convs] == [
        *(16, 32, 64, 128, 128, 256)
    ]


def test_what_a_step_looks_at() -> None:
    """The gradient of one step reaches as many frames as the config says, and no more."""
    torch.manual_seed(0)
    config = LanguageCNNConfig.compact(n_classes=2)
    body = ConvBody(config).eval()
    x = torch.randn(1, 40, 400, requires_grad=True)
    steps, lengths = body(x)
    assert steps.shape[-1] == config.n_steps(400) == int(lengths)
    touched = torch.zeros(400, dtype=torch.bool)
    for channel in range(64):
        (grad,) = torch.autograd.grad(steps[0, channel, 25], x, retain_graph=True)
        touched |= grad[0].abs().sum(dim=0) > 0
    reach = touched.nonzero().flatten()
    assert config.steps_per_frame == 8
    assert config.receptive_field - 8 <= reach.max() - reach.min() + 1 <= config.receptive_field


def test_a_head_of_ones_own() -> None:
    config = LanguageCNNConfig.compact(n_classes=2)
    model = LanguageCNN(config, head=GRUHead(config.n_head_channels, width=7))
    assert model.embed(torch.zeros(2, 40, 50)).shape == (2, 7)


@pytest.mark.bad_input
def test_bad_input() -> None:
    flat = LanguageCNNConfig(8, 2, convs=(ConvSettings(4),), head="flatten", n_frames=20)
    with pytest.raises(ValueError, match=r"every clip must have 20 frames, got \[21\]"):
        LanguageCNN(flat)(torch.zeros(1, 8, 21))
    with pytest.raises(ValueError, match=r"every clip must have 20 frames, got \[12, 20\]"):
        LanguageCNN(flat)(torch.zeros(2, 8, 20), torch.tensor([20, 12]))
    with pytest.raises(ValueError, match="a head of your own has none left"):
        LanguageCNN(flat, head=GRUHead(16))
    with pytest.raises(ValueError, match=r"shape \[batch, 40, frame\], got \[1, 39, 50\]"):
        compact()(torch.zeros(1, 39, 50))
    with pytest.raises(ValueError, match="n_frames goes with the head 'flatten'"):
        LanguageCNNConfig(8, 2, convs=(ConvSettings(4),), n_frames=20)
    with pytest.raises(ValueError, match="at least one convolution"):
        LanguageCNNConfig(8, 2, convs=())
    with pytest.raises(ValueError, match="kernel and pool must be odd, got 4 and 3"):
        ConvSettings(4, kernel=4)
    with pytest.raises(ValueError, match="pool_stride must be at most pool"):
        ConvSettings(4, pool=1)
