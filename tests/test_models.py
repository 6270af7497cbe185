"""Networks: sizes known by hand, padding that changes nothing, and what is refused."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from avtutor.models import (
    LeNet,
    LeNetConfig,
    MaskedBatchNorm,
    RawWaveformCNN,
    RawWaveformConfig,
    SincFilters,
    SpectrogramCNN,
    SpectrogramCNNConfig,
    centre_frequencies,
    cost,
    masked_mean,
)
from avtutor.units import hz_to_mel

HISTORICAL = LeNetConfig(input_shape=(1, 32, 32), n_classes=10, variant="historical", padding=0)


def test_the_cost_of_lenet_5_by_hand() -> None:
    """156 + 2416 + 48120 + 10164 + 850 parameters; no layer multiplies by its bias."""
    found = cost(LeNet(HISTORICAL), torch.zeros(3, 1, 32, 32))
    rows = [layer for layer in found.layers if layer.parameters]
    assert [layer.parameters for layer in rows] == [156, 2416, 48120, 10164, 850]
    assert [layer.output_shape for layer in rows[:2]] == [(6, 28, 28), (16, 10, 10)]
    expected = [28 * 28 * 6 * 25, 10 * 10 * 16 * 150, 400 * 120, 120 * 84, 84 * 10]
    assert [layer.multiplies for layer in rows] == expected
    assert (found.parameters, found.multiplies) == (61706, sum(expected))


def test_the_parts_of_both_lenets() -> None:
    def kinds(model: nn.Module) -> list[str]:
        return [type(part).__name__ for part in model.modules() if not list(part.children())]

    assert kinds(LeNet(HISTORICAL)) == [
        *["Conv2d", "ScaledTanh", "AvgPool2d"] * 2,
        *["Flatten", "Linear", "ScaledTanh", "Linear", "ScaledTanh", "Dropout", "Linear"],
    ]
    assert kinds(LeNet(LeNetConfig(input_shape=(1, 8, 8), n_classes=10))) == [
        *["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"] * 2,
        *["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Dropout", "Linear"],
    ]


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 64, 101), (3, 28, 31), (1, 4, 4)])
@pytest.mark.parametrize("variant", ["modern", "historical"])
def test_one_lenet_for_every_picture(shape: tuple[int, int, int], variant: Any) -> None:
    model = LeNet(LeNetConfig(input_shape=shape, n_classes=7, variant=variant))
    logits = model(torch.randn(4, *shape, generator=torch.Generator().manual_seed(0)))
    assert logits.shape == (4, 7)
    logits[:, 0].sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def settled(model: nn.Module, *inputs: Tensor) -> nn.Module:
    """Give batch norms statistics other than 0 and 1, biases other than 0, and eval mode."""
    torch.manual_seed(5)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(module.weight, 0.5, 2.0)
            nn.init.normal_(module.bias)
    model.train()
    for _ in range(3):
        model(*inputs)
    return model.double().eval()


def networks() -> list[tuple[str, nn.Module, Tensor]]:
    torch.manual_seed(1)
    frames = 30 * torch.randn(5, 20, 45) - 40  # levels in dB
    samples = 0.3 * torch.randn(5, 2300)
    spectral = SpectrogramCNN(SpectrogramCNNConfig(n_mels=20, n_classes=4))
    greatest = SpectrogramCNN(SpectrogramCNNConfig(n_mels=20, n_classes=4, pooling="mean_max"))
    found: list[tuple[str, nn.Module, Tensor]] = [
        ("spectrogram", spectral, frames),
        ("greatest", greatest, frames),
    ]
    for front_end in ("learned", "sinc"):
        config = RawWaveformConfig(sample_rate=8000, n_classes=4, front_end=front_end, n_filters=8)
        found.append((front_end, RawWaveformCNN(config), samples))
    return found


@pytest.mark.parametrize(("name", "model", "x"), networks(), ids=lambda value: str(value)[:11])
def test_padding_changes_no_logit(name: str, model: nn.Module, x: Tensor) -> None:
    """Alone and in a batch, after noise, silence or 0 dB as padding: the same to 1e-10."""
    settled(model, x)
    x = x.double()
    size = x.shape[-1]
    lengths = torch.tensor([size, size - 1, size - 7, size // 3, 1])
    with torch.no_grad():
        alone = torch.cat([model(item[None, ..., :n]) for item, n in zip(x, lengths, strict=True)])
        assert alone.std(dim=0).min() > 1e-3, "all clips look alike"
        for filler in (0.0, 37.0, -80.0):
            padded = torch.full((*x.shape[:-1], size + 13), filler, dtype=torch.float64)
            for row, item, n in zip(padded, x, lengths, strict=True):
                row[..., :n] = item[..., :n]
            assert torch.allclose(model(padded, lengths), alone, rtol=0, atol=1e-10)
        unmasked = model(padded)
        assert not torch.allclose(unmasked, alone, atol=1e-3), "the test could not fail"


@pytest.mark.parametrize(("name", "model", "x"), networks(), ids=lambda value: str(value)[:11])
def test_padding_changes_no_gradient_either(name: str, model: nn.Module, x: Tensor) -> None:
    """In training, batch norm too leaves the padding out."""
    lengths = torch.tensor([x.shape[-1] - 3 * i for i in range(5)])
    gradients = []
    settled(model, x).train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    for extra in (0, 64):
        padded = nn.functional.pad(x.double(), (0, extra), value=9.0)
        model.zero_grad()
        model(padded, lengths).square().sum().backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    assert len(gradients[0]) == len(list(model.parameters()))
    for short, long in zip(*gradients, strict=True):
        assert torch.allclose(short, long, rtol=1e-8, atol=1e-10)


def test_masked_batch_norm_by_hand_and_against_the_plain_one() -> None:
    """The values 1, 3 and 2 have mean 2, variance 2/3, and 1 without bias."""
    norm = MaskedBatchNorm(1)
    mask = torch.tensor([[[True, True]], [[True, False]]])
    got = norm(torch.tensor([[[1.0, 3.0]], [[2.0, 99.0]]]), mask)
    one = 1 / math.sqrt(2 / 3 + norm.eps)
    assert got.flatten().tolist() == pytest.approx([-one, one, 0.0, 0.0])
    assert norm.running_mean is not None and norm.running_var is not None
    assert norm.running_mean.item() == pytest.approx(0.2)
    assert norm.running_var.item() == pytest.approx(1.0)  # 0.9 · 1 + 0.1 · 1
    x = torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    plain, masked = nn.BatchNorm2d(3), MaskedBatchNorm(3)
    mask_all = torch.ones(4, 1, 1, 6, dtype=torch.bool)
    assert torch.allclose(masked(x, mask_all), plain(x), atol=1e-6)
    # With the last two steps masked, it is the plain one of the first four.
    cut = mask_all.clone()
    cut[..., 4:] = False
    assert torch.allclose(masked(x, cut)[..., :4], plain(x[..., :4]), atol=1e-5)
    assert torch.allclose(masked.running_var, plain.running_var)  # type: ignore[arg-type]
    assert masked.num_batches_tracked == plain.num_batches_tracked == 2


@pytest.mark.parametrize("shape", [(3, 2, 5), (3, 2, 4, 5)])
def test_the_gradient_of_masked_batch_norm_is_that_of_its_values(shape: tuple[int, ...]) -> None:
    """Against differences of the values (torch.autograd.gradcheck), padding included."""
    g = torch.Generator().manual_seed(0)
    norm = MaskedBatchNorm(2).double()
    mask = (torch.arange(5) < torch.tensor([5, 2, 4])[:, None]).reshape(
        3, *(1,) * (len(shape) - 2), 5
    )

    def values(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return torch.func.functional_call(norm, {"weight": weight, "bias": bias}, (x, mask))

    inputs = [
        torch.randn(*size, generator=g, dtype=torch.float64, requires_grad=True)
        for size in (shape, (2,), (2,))
    ]
    assert torch.autograd.gradcheck(values, inputs)


def test_a_pause_dilutes_the_mean_and_not_the_greatest_value() -> None:
    torch.manual_seed(2)
    model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=16, n_classes=3, pooling="mean_max")).eval()
    word = 10 * torch.randn(1, 16, 40)
    with torch.no_grad():
        alone = model.embed(word)
        paused = model.embed(nn.functional.pad(word, (0, 80)))  # 0 is the average level here
    (mean, top), (mean_paused, top_paused) = (x.chunk(2, dim=1) for x in (alone, paused))
    assert float(mean_paused.mean() / mean.mean()) < 0.5
    assert float(top_paused.mean() / top.mean()) == pytest.approx(1.0, abs=0.05)


def test_masked_mean_by_hand() -> None:
    x = torch.tensor([[[1.0, 3.0, 50.0], [2.0, 2.0, 60.0]], [[5.0, 6.0, 7.0], [0.0, 0.0, 3.0]]])
    mask = torch.tensor([[[True, True, False]], [[True, True, True]]])
    assert masked_mean(x, mask).tolist() == [[2.0, 2.0], [6.0, 1.0]]


def test_sinc_filters_are_band_passes_side_by_side_on_the_mel_scale() -> None:
    bank = SincFilters(8, 401, sample_rate=8000)
    bands = bank.bands().detach()
    mels = hz_to_mel(bands)
    assert bands[0, 0].item() == pytest.approx(30.0, rel=1e-3)
    assert bands[-1, 1].item() == pytest.approx(4000.0, rel=1e-3)
    assert torch.allclose(bands[1:, 0], bands[:-1, 1], rtol=1e-4)
    assert mels.diff(dim=1).std() < 0.5
    response = torch.fft.rfft(bank.filters().detach(), n=8000).abs()  # a bin a Hz
    for number, (low, high) in enumerate(bands.tolist()):
        assert response[number, round((low + high) / 2)].item() == pytest.approx(1.0, abs=0.06)
        outside = torch.cat([response[number, : int(low) - 60], response[number, int(high) + 60 :]])
        if low > 60:
            assert outside.max() < 0.02
    centres = centre_frequencies(bank.filters(), 8000)
    assert ((centres > bands[:, 0]) & (centres < bands[:, 1])).all()


def test_a_sinc_filter_passes_its_tone_and_stops_another() -> None:
    bank = SincFilters(8, 401, sample_rate=8000)
    low, high = bank.bands()[4].tolist()
    times = torch.arange(8000) / 8000
    for frequency, expected in (((low + high) / 2, 1.0), (2 * high, 0.0)):
        tone = torch.sin(2 * math.pi * frequency * times)[None, None]
        peak = bank(tone)[0, 4, 1000:-1000].abs().max().item()
        assert peak == pytest.approx(expected, abs=0.02)


def test_the_bands_of_sinc_filters_are_learned() -> None:
    model = RawWaveformCNN(RawWaveformConfig(sample_rate=8000, n_classes=2, front_end="sinc"))
    assert isinstance(model.front_end, SincFilters)
    model(torch.randn(2, 4000, generator=torch.Generator().manual_seed(0)))[:, 0].sum().backward()
    for parameter in (model.front_end.low, model.front_end.width):
        assert parameter.grad is not None and parameter.grad.abs().max() > 0
    assert model.filters().shape == (64, 81)


def test_what_the_front_ends_cost() -> None:
    """64 filters of 81 samples at 8000 / 4 = 2000 positions; 2 numbers a filter, or 81."""
    for front_end, parameters in (("learned", 64 * 81), ("sinc", 64 * 2)):
        config = RawWaveformConfig(sample_rate=8000, n_classes=10, front_end=front_end)  # type: ignore[arg-type]
        first = cost(RawWaveformCNN(config), torch.zeros(2, 8000)).layers[0]
        assert (first.name, first.parameters) == ("front_end", parameters)
        assert first.multiplies == 2000 * 64 * 81 and first.output_shape == (64, 2000)


def test_cost_counts_a_shared_layer_twice_and_leaves_the_model_alone() -> None:
    layer = nn.Linear(3, 3)
    model = nn.Sequential(layer, nn.Dropout(), layer)
    model[1].eval()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    found = cost(model, torch.ones(2, 3))
    assert (found.parameters, found.multiplies) == (12, 18)
    assert model.training and layer.training and not model[1].training
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    grouped = cost(nn.Conv2d(4, 6, (3, 1), groups=2), torch.zeros(1, 4, 5, 2))
    assert grouped.multiplies == 6 * 3 * 2 * (2 * 3)


CNN = SpectrogramCNN(SpectrogramCNNConfig(n_mels=16, n_classes=3))
RAW = RawWaveformCNN(RawWaveformConfig(sample_rate=8000, n_classes=3))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LeNetConfig((1, 8), 10), r"\(channel, height, width\)"),
        (lambda: LeNetConfig((1, 0, 8), 10), r"got \(1, 0, 8\)"),
        (lambda: LeNetConfig((1, 8, 8), 10, variant="old"), "modern or historical, got 'old'"),
        (lambda: LeNetConfig((1, 8, 8), 10, padding=0), "too small .* padding 0"),
        (lambda: LeNetConfig((1, 8, 8), 0), "n_classes, widths and hidden must be at least 1"),
        (lambda: LeNetConfig((1, 8, 8), 10, dropout=1.0), "dropout must be in"),
        (lambda: LeNet(HISTORICAL)(torch.zeros(1, 1, 28, 28)), r"got \[1, 1, 28, 28\]"),
        (lambda: SpectrogramCNNConfig(n_mels=7, n_classes=3), "n_mels must be at least 8"),
        (lambda: SpectrogramCNNConfig(n_mels=8, n_classes=3, widths=(1, 2)), "four widths"),
        (lambda: SpectrogramCNNConfig(8, 3, pooling="max"), "mean or mean_max, got 'max'"),  # type: ignore[arg-type]
        (lambda: CNN(torch.zeros(2, 15, 9)), r"\[batch, 16, frame\], got \[2, 15, 9\]"),
        (lambda: CNN(torch.zeros(2, 16, 9), torch.tensor([9])), r"shape \[2\], got \[1\]"),
        (lambda: CNN(torch.zeros(2, 16, 9), torch.tensor([9, 0])), "1 to 9, got 0 to 9"),
        (lambda: CNN(torch.zeros(2, 16, 9), torch.tensor([10, 9])), "1 to 9, got 9 to 10"),
        (lambda: RawWaveformConfig(8000, 3, front_end="mel"), "learned or sinc, got 'mel'"),
        (lambda: RawWaveformConfig(8000, 3, filter_length=80), "filter_length must be odd"),
        (lambda: RawWaveformConfig(0, 3), "sample_rate must be above 60 Hz, got 0"),
        (lambda: RawWaveformConfig(8000, 3, widths=(1, 2)), "three widths"),
        (lambda: RAW(torch.zeros(2, 1, 99)), r"\[batch, time\], got \[2, 1, 99\]"),
        (lambda: RAW(torch.zeros(2, 99), torch.tensor([100, 5])), "1 to 99, got 5 to 100"),
        (lambda: centre_frequencies(torch.zeros(1, 3), 0), "above 0 Hz"),
        (lambda: cost(nn.Linear(2, 2)), "what the model is called with"),
        (lambda: cost(nn.GRU(2, 2), torch.zeros(1, 3, 2)), "no rule to count .* of GRU$"),
        (
            lambda: MaskedBatchNorm(1)(torch.ones(1, 1, 2), torch.tensor([[[True, False]]])),
            "more than one value a channel",
        ),
    ],
)
def test_bad_input(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
