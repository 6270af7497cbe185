"""Explanations: maps known by hand, curves computed by hand, and sounds taken apart."""

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, map_coordinates, uniform_filter
from torch import Tensor, nn

from avtutor.explain import (
    Curve,
    activations,
    deletion,
    energy_map,
    first_filters,
    grad_cam,
    input_gradient,
    insertion,
    listen_to,
    mean_curve,
    noise_floor,
    occlusion,
    random_blobs,
    ranking,
    scaled,
    to_bins,
    top_share,
    untrained,
)
from avtutor.models import (
    LeNet,
    LeNetConfig,
    RawWaveformCNN,
    RawWaveformConfig,
    SincFilters,
    SpectrogramCNN,
    SpectrogramCNNConfig,
)
from avtutor.spectral import SpectrogramConfig, mel_frequencies, n_frames, stft

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def linear(weights: Tensor) -> Callable[[Tensor], Tensor]:
    """Two classes: the logit of the first is the sum of weights times cells, the other is 0."""

    def model(pictures: Tensor) -> Tensor:
        logit = (pictures * weights).flatten(1).sum(dim=1)
        return torch.stack([logit, torch.zeros_like(logit)], dim=1)

    return model


def patch_model(value: float = 0.25) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Return a model that looks at 3 × 4 cells only, and the map that says so."""
    weights = torch.zeros(10, 12, dtype=torch.float64)
    weights[2:5, 6:10] = value
    return linear(weights), weights


@functools.cache
def _digits_net() -> SpectrogramCNN:
    torch.manual_seed(3)
    model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10))
    for _ in range(20):
        model(20 * torch.randn(8, 40, 60) - 40)
    return model


def digits_net() -> SpectrogramCNN:
    """Return a SpectrogramCNN whose batch norms have seen levels in dB."""
    return copy.deepcopy(_digits_net())


PICTURE = (20 * noise(40, 51, seed=2) - 40).float()


# Occlusion


def test_occlusion_of_single_cells_is_the_linear_model_itself() -> None:
    weights, picture = noise(6, 7), noise(6, 7, seed=1)
    found = occlusion(linear(weights), picture, target=0, fill=0.5, patch=(1, 1), score="logit")
    assert torch.allclose(found, weights * (picture - 0.5), atol=1e-12)


def test_occlusion_by_patches_is_two_moving_sums() -> None:
    """Each patch costs the sum over it; a cell has the mean of the patches over it.

    Away from the edges, at stride 1, that is a moving sum and a moving mean (SciPy's).
    """
    weights, picture = noise(12, 14), noise(12, 14, seed=1)
    found = occlusion(
        linear(weights), picture, target=0, fill=0.0, patch=(3, 5), stride=(1, 1), score="logit"
    )
    cost = (weights * picture).numpy()
    expected = uniform_filter(15 * uniform_filter(cost, (3, 5), mode="constant"), (3, 5))
    inner = (slice(2, -2), slice(4, -4))
    assert np.allclose(found.numpy()[inner], expected[inner], atol=1e-12)
    corner = cost[:3, :5].sum()  # one patch alone covers the corner
    assert math.isclose(float(found[0, 0]), corner, abs_tol=1e-12)


def test_occlusion_covers_every_cell_whatever_the_stride() -> None:
    """11 columns, patches of 4, stride 3: patches at 0, 2, 5, 7 (evenly spread), none left out."""
    found = occlusion(
        linear(torch.ones(5, 11, dtype=torch.float64)),
        torch.ones(5, 11, dtype=torch.float64),
        target=0,
        fill=0.0,
        patch=(5, 4),
        stride=(5, 3),
        score="logit",
    )
    assert torch.equal(found, torch.full((5, 11), 20.0, dtype=torch.float64))


def test_the_fill_decides_what_occlusion_finds() -> None:
    """A quiet patch that the class needs quiet: 0 dB finds it, its own level finds nothing."""
    weights = torch.zeros(8, 8)
    weights[2:4, 2:4] = -1.0
    picture = torch.full((8, 8), -60.0)
    at: dict[str, Any] = {"target": 0, "patch": (2, 2), "stride": (2, 2), "score": "logit"}
    loud = occlusion(linear(weights), picture, fill=0.0, **at)
    assert float(loud.max()) == 240.0 and float(loud[6, 6]) == 0.0
    assert float(occlusion(linear(weights), picture, fill=-60.0, **at).abs().max()) == 0.0


def test_probability_and_logit_of_the_chosen_class() -> None:
    """Both classes: the probabilities' costs are opposite, and known by hand for one cell."""
    model, _ = patch_model()
    picture = torch.ones(10, 12, dtype=torch.float64)
    at: dict[str, Any] = {"fill": 0.0, "patch": (1, 1)}
    first = occlusion(model, picture, target=0, **at)
    sigmoid = 1 / (1 + math.exp(-3.0)) - 1 / (1 + math.exp(-2.75))
    assert math.isclose(float(first[2, 6]), sigmoid, abs_tol=1e-12)
    assert torch.allclose(occlusion(model, picture, target=1, **at), -first, atol=1e-12)
    assert float(first[0, 0]) == 0.0


def test_the_batch_size_changes_nothing_and_channels_are_hidden_together() -> None:
    model = LeNet(LeNetConfig(input_shape=(3, 12, 16), n_classes=5)).eval().double()
    picture = noise(3, 12, 16)
    fill = picture.mean(dim=-1, keepdim=True)  # [channel, row, 1]
    at: dict[str, Any] = {"target": 2, "fill": fill, "patch": (4, 6)}
    whole = occlusion(model, picture, **at)
    assert whole.shape == (12, 16) and float(whole.abs().max()) > 0
    assert torch.allclose(occlusion(model, picture, batch_size=1, **at), whole, atol=1e-12)
    hidden = picture.clone()
    hidden[:, :4, :6] = fill[..., 0][:, :4, None]
    with torch.no_grad():
        p = model(torch.stack([picture, hidden])).softmax(dim=1)[:, 2]
    assert math.isclose(float(whole[0, 0]), float(p[0] - p[1]), abs_tol=1e-12)


# Gradients


def test_the_input_gradient_agrees_with_finite_differences() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    picture = noise(3, 4)
    found = input_gradient(model, picture, target=1)
    for row in range(3):
        for column in range(4):
            step = torch.zeros(3, 4, dtype=torch.float64)
            step[row, column] = 1e-6
            with torch.no_grad():
                up, down = model(torch.stack([picture + step, picture - step]))[:, 1]
            slope = abs(float(up - down)) / 2e-6
            assert math.isclose(float(found[row, column]), slope, abs_tol=1e-7)


def test_grad_cam_is_cam_where_a_mean_and_a_dense_layer_follow() -> None:
    """There the weight of a map is the dense layer's, over the number of cells: Selvaraju 2017,
    appendix A. The interpolation is SciPy's, with the centres of cells half a cell from the edge.
    """
    torch.manual_seed(1)
    conv = nn.Conv2d(1, 6, 3, padding=1, stride=2)
    dense = nn.Linear(6, 4)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 9)), conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), dense
    ).double()
    picture = noise(9, 13)
    maps = model[:3](picture[None])[0]  # [6, 5, 7]
    coarse = torch.relu(torch.tensordot(dense.weight[2], maps, dims=1)).detach().numpy() / 35
    rows = np.clip((np.arange(9) + 0.5) * 5 / 9 - 0.5, 0, 4)
    columns = np.clip((np.arange(13) + 0.5) * 7 / 13 - 0.5, 0, 6)
    expected = map_coordinates(coarse, np.meshgrid(rows, columns, indexing="ij"), order=1)
    found = grad_cam(model, picture, target=2, layer="2")
    assert np.allclose(found.numpy(), expected, atol=1e-12) and expected.max() > 0.001


def test_the_gradient_times_the_change_is_the_cost_of_single_cells_where_all_is_linear() -> None:
    weights, picture = noise(2, 6, 7), noise(2, 6, 7, seed=1)
    fill = noise(2, 6, 1, seed=2)
    at: dict[str, Any] = {"target": 0, "fill": fill}
    found = input_gradient(linear(weights), picture, **at)
    cost = occlusion(linear(weights), picture, patch=(1, 1), score="logit", **at)
    assert torch.allclose(found, cost, atol=1e-12)
    assert torch.equal(
        input_gradient(linear(weights), picture, target=0), weights.abs().amax(dim=0)
    )


def test_unpooled_the_map_adds_up_to_the_logit() -> None:
    """After the last ReLU of a SpectrogramCNN come a mean over time and a dense layer.

    With a frame for each cell of the layer no interpolation is in the way; all weights of the
    dense layer are made positive, so that no product is cut off.
    """
    model = digits_net()
    with torch.no_grad():
        model.classifier.weight.abs_()
        logits = model.eval()(PICTURE[None])[0]
    expected = float((logits[4] - model.classifier.bias[4]).detach())
    maps = model.norms[3](model.convs[3](last_input(model)), torch.ones(1, 1, 1, 7).bool())
    products = torch.relu(maps)[0] * model.classifier.weight[4].reshape(64, 5, 1) / 7
    coarse = products.sum(dim=0).detach()  # [5, 7]
    assert math.isclose(float(coarse.sum()), expected, rel_tol=1e-5)
    fine = nn.functional.interpolate(coarse[None, None], size=(40, 51), mode="bilinear")[0, 0]
    found = grad_cam(model, PICTURE, target=4, layer="norms.3", pooled=False)
    assert torch.allclose(found, fine, rtol=1e-4, atol=1e-6)
    pooled = grad_cam(model, PICTURE, target=4, layer="norms.3")
    assert not torch.allclose(pooled, fine, rtol=0.05)


def last_input(model: SpectrogramCNN) -> Tensor:
    """Return what goes into the last convolution of a SpectrogramCNN for the picture."""
    kept: list[Tensor] = []
    hook = model.convs[3].register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0]))
    with torch.no_grad():
        model(PICTURE[None])
    hook.remove()
    return kept[0]


def state(model: nn.Module) -> list[Tensor]:
    return [values.clone() for values in model.state_dict().values()]


@pytest.mark.parametrize("grads", [True, False])
def test_looking_changes_nothing_in_the_model(grads: bool) -> None:
    """Modes (mixed), values, buffers, gradients, hooks and random state are as they were."""
    model = digits_net().train()
    model.norms[1].eval()
    for parameter in model.parameters():
        parameter.requires_grad_(grads)
        parameter.grad = torch.full_like(parameter, 7.0) if grads else None
    before, modes = state(model), [part.training for part in model.modules()]
    picture, rng = PICTURE.clone(), torch.get_rng_state()
    at: dict[str, Any] = {"target": 4, "fill": -60.0}
    with torch.no_grad():
        cam = grad_cam(model, picture, target=4, layer="norms.2")
        input_gradient(model, picture, target=4)
    with torch.inference_mode():
        assert torch.equal(grad_cam(model, picture, target=4, layer="norms.2"), cam)
    activations(model, picture, layer="convs.0")
    occlusion(model, picture, patch=(8, 8), **at)
    deletion(model, picture, cam, **at)
    untrained(model, seed=0)
    with pytest.raises(ValueError, match="no class|target"):
        grad_cam(model, picture, target=10, layer="norms.2")
    assert all(torch.equal(a, b) for a, b in zip(state(model), before, strict=True))
    assert [part.training for part in model.modules()] == modes
    assert all(not part._forward_hooks for part in model.modules())
    assert torch.equal(picture, PICTURE) and torch.equal(torch.get_rng_state(), rng)
    for parameter in model.parameters():
        assert parameter.requires_grad == grads
        assert parameter.grad is None if not grads else bool((parameter.grad == 7.0).all())


def test_a_model_that_fails_gets_its_modes_back_and_loses_its_hook() -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 1)

        def forward(self, pictures: Tensor) -> Tensor:
            self.conv(pictures[:, None])
            raise ArithmeticError("in the middle")

    model = Broken().train()
    for look in (
        lambda: grad_cam(model, PICTURE, target=0, layer="conv"),
        lambda: occlusion(model, PICTURE, target=0, fill=0.0, patch=(8, 8)),
    ):
        with pytest.raises(ArithmeticError):
            look()
        assert model.training and model.conv.training and not model.conv._forward_hooks


def test_in_training_mode_the_answer_is_that_of_eval_mode() -> None:
    """Dropout and batch statistics would give another map each time."""
    model = digits_net().train()
    at: dict[str, Any] = {"target": 4, "fill": -60.0, "patch": (20, 20)}
    found = occlusion(model, PICTURE, **at), grad_cam(model, PICTURE, target=4, layer="norms.3")
    model.eval()
    assert torch.equal(found[0], occlusion(model, PICTURE, **at))
    assert torch.equal(found[1], grad_cam(model, PICTURE, target=4, layer="norms.3"))


def test_a_layer_followed_by_an_operation_in_place_is_seen_as_it_was() -> None:
    conv = nn.Conv2d(1, 2, 1)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 3)), conv, nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(24, 2)
    )
    picture = noise(3, 4).float()
    seen = activations(model, picture, layer="1")
    assert torch.equal(seen, conv(picture[None, None])[0].detach()) and float(seen.min()) < 0
    grad_cam(model, picture, target=0, layer="1")


# Curves


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_deletion_and_insertion_of_the_true_map_by_hand() -> None:
    """12 of 120 cells count, 0.25 each: after k of them the logit is 3 - 0.25 k, then 0."""
    model, weights = patch_model()
    picture = torch.ones(10, 12, dtype=torch.float64)
    at: dict[str, Any] = {"target": 0, "fill": 0.0, "n_steps": 120}
    deleted = deletion(model, picture, weights, **at)
    inserted = insertion(model, picture, weights, **at)
    falling = [sigmoid(max(3 - 0.25 * k, 0.0)) for k in range(121)]
    rising = [sigmoid(min(0.25 * k, 3.0)) for k in range(121)]
    assert np.allclose(deleted.probabilities, falling, atol=1e-12)
    assert np.allclose(inserted.probabilities, rising, atol=1e-12)
    area = (sum(falling) - (falling[0] + falling[-1]) / 2) / 120
    assert math.isclose(deleted.area, area, abs_tol=1e-6)
    assert torch.allclose(deleted.shares, torch.arange(121) / 120)
    coarse = deletion(model, picture, weights, **{**at, "n_steps": 10})
    assert np.allclose(coarse.probabilities, falling[::12], atol=1e-12)


def test_the_true_map_beats_blobs_energy_and_equal_cells() -> None:
    """Each of them, and their mean by a wide margin; a blob may lie on the patch by luck."""
    model, weights = patch_model()
    g = torch.Generator().manual_seed(0)
    picture = torch.ones(10, 12, dtype=torch.float64) + 0.01 * noise(10, 12)
    at: dict[str, Any] = {"target": 0, "fill": 0.0, "n_steps": 40}
    sizes = [0.0, 1.0, 2.0] * 9
    others = [random_blobs((10, 12), size=size, generator=g) for size in sizes]
    others += [energy_map(picture), torch.zeros(10, 12)]
    deleted = [deletion(model, picture, map, **at).area for map in others]
    inserted = [insertion(model, picture, map, **at).area for map in others]
    best = deletion(model, picture, weights, **at).area
    assert best < min(deleted) - 0.01 and best < np.mean(deleted) - 0.15
    best = insertion(model, picture, weights, **at).area
    assert best > max(inserted) + 0.01 and best > np.mean(inserted) + 0.15


def test_at_each_step_the_top_share_is_gone() -> None:
    """What is deleted at a share is what `top_share` returns for it, ties included."""
    seen: list[Tensor] = []

    def model(pictures: Tensor) -> Tensor:
        seen.append(pictures)
        return torch.zeros(len(pictures), 2)

    map = torch.tensor([[1.0, 1.0, 0.0], [1.0, 2.0, 0.0]])
    curve = deletion(model, torch.ones(2, 3), map, target=0, fill=-1.0, n_steps=6, seed=5)
    for picture, share in zip(seen[0], curve.shares.tolist(), strict=True):
        assert torch.equal(picture == -1, top_share(map, share, seed=5))
    insertion(model, torch.ones(2, 3), map, target=0, fill=-1.0, n_steps=6, seed=5)
    assert torch.equal(seen[1], -seen[0])


def test_equal_cells_are_drawn_and_not_taken_row_by_row() -> None:
    flat = torch.zeros(20, 30)
    mask = top_share(flat, 0.25)
    assert int(mask.sum()) == 150
    per_row = mask.sum(dim=1)
    assert int(per_row[10:].sum()) > 50, "low frequencies first"
    assert not torch.equal(mask, top_share(flat, 0.25, seed=1))
    assert torch.equal(mask, top_share(flat, 0.25))
    ordered = ranking(torch.tensor([[5.0, 5.0, 9.0, -1.0]])).tolist()
    assert ordered[0] == 2 and ordered[3] == 3 and sorted(ordered) == [0, 1, 2, 3]


@pytest.mark.parametrize(("share", "n"), [(0.0, 0), (0.26, 3), (0.5, 6), (1.0, 12)])
def test_top_share_takes_the_highest_and_counts_to_the_nearest_cell(share: float, n: int) -> None:
    map = noise(3, 4)
    mask = top_share(map, share)
    assert int(mask.sum()) == n
    if 0 < n < 12:
        assert float(map[mask].min()) > float(map[~mask].max())


def test_large_maps_with_many_levels_keep_their_order() -> None:
    map = torch.arange(2**24, 2**24 + 6, dtype=torch.float64).reshape(2, 3)  # float32 merges them
    assert ranking(map).tolist() == [5, 4, 3, 2, 1, 0]


def test_the_mean_of_curves() -> None:
    shares = torch.tensor([0.0, 0.5, 1.0])
    first = Curve(shares, torch.tensor([1.0, 0.5, 0.0]))
    second = Curve(shares, torch.tensor([0.5, 0.5, 0.5]))
    mean = mean_curve([first, second])
    assert mean.probabilities.tolist() == [0.75, 0.5, 0.25] and mean.area == 0.5


# Baselines


def test_blobs_are_blurred_noise_of_equal_spread_everywhere() -> None:
    """The blur is SciPy's; at the edges the spread is that of the middle."""
    blobs = random_blobs((300, 400), size=3.0, generator=torch.Generator().manual_seed(1))
    raw = random_blobs((318, 418), size=0.0, generator=torch.Generator().manual_seed(1))
    expected = gaussian_filter(raw.numpy(), 3.0, truncate=3.0)[9:-9, 9:-9]
    assert np.corrcoef(expected.ravel(), blobs.numpy().ravel())[0, 1] > 0.99999
    assert abs(float(blobs.std()) - 1) < 0.1 and abs(float(blobs[:, :3].std()) - 1) < 0.2
    again = random_blobs((300, 400), size=3.0, generator=torch.Generator().manual_seed(1))
    assert torch.equal(blobs, again)


def test_the_untrained_copy_has_other_weights_and_the_same_shape() -> None:
    model = digits_net()
    blank, again = untrained(model, seed=1), untrained(model, seed=1)
    assert isinstance(blank, SpectrogramCNN)
    for (name, old), new, same in zip(
        model.named_parameters(), blank.parameters(), again.parameters(), strict=True
    ):
        assert torch.equal(new, same)
        if new.ndim > 1:
            assert not bool((old == new).any()), name
    assert any(
        not torch.equal(a, b)
        for a, b in zip(blank.parameters(), untrained(model, seed=2).parameters(), strict=True)
    )


def test_energy_and_noise_floor() -> None:
    picture = torch.stack([torch.arange(11.0).repeat(2, 1), torch.full((2, 11), 4.0)])
    assert torch.equal(energy_map(picture)[0], torch.arange(11.0) / 2)
    levels = torch.randperm(1001, generator=torch.Generator().manual_seed(0)).float()
    assert noise_floor(levels.reshape(7, 143)) == 100.0  # quantiles need no interpolation here
    assert noise_floor(levels.reshape(7, 143), share=0.0) == 0.0
    assert noise_floor(picture, share=1.0) == 10.0


# Filters


def test_the_first_filters_of_every_network() -> None:
    lenet = LeNet(LeNetConfig(input_shape=(1, 8, 8), n_classes=10))
    assert torch.equal(first_filters(lenet), lenet.features[0].weight[:, 0])
    colour = LeNet(LeNetConfig(input_shape=(3, 8, 8), n_classes=10))
    assert torch.equal(first_filters(colour), colour.features[0].weight)
    assert first_filters(digits_net()).shape == (16, 3, 3)
    for front_end in ("learned", "sinc"):
        raw = RawWaveformCNN(
            RawWaveformConfig(sample_rate=8000, n_classes=4, front_end=front_end, n_filters=8)
        )
        found = first_filters(raw)
        assert torch.equal(found, raw.filters()) and found.shape == (8, 81)
        assert not found.requires_grad
    bare = SincFilters(4, 81, sample_rate=8000)
    assert torch.equal(first_filters(bare), bare.filters())
    found = first_filters(lenet)
    found.zero_()
    assert float(lenet.features[0].weight.detach().abs().max()) > 0, "it is a copy"


# Back to sound


def tones(*hz: float, seconds: float = 0.5, sample_rate: int = 8000) -> Tensor:
    t = torch.arange(round(seconds * sample_rate), dtype=torch.float64) / sample_rate
    return torch.stack([0.3 * torch.sin(2 * math.pi * f * t) for f in hz])


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        SpectrogramConfig(sample_rate=8000, n_mels=64, f_min=100.0, f_max=3000.0),
        SpectrogramConfig(sample_rate=16000, n_mels=128),  # bands narrower than bins
    ],
)
def test_mel_to_bins_is_a_straight_line_between_centres(config: SpectrogramConfig) -> None:
    map = torch.rand(config.n_mels, 3, generator=torch.Generator().manual_seed(0)).double()
    hz = np.arange(config.n_freqs) * config.sample_rate / config.n_fft
    centres = mel_frequencies(config).double().numpy()
    inside = (hz >= config.f_min) & (hz <= config.f_max)
    for frame in range(3):
        expected = np.where(inside, np.interp(hz, centres, map[:, frame].numpy()), 0.0)
        assert np.allclose(to_bins(map, config)[:, frame], expected, atol=1e-5)


def amplitude_db(samples: Tensor, hz: float) -> float:
    """The level of one tone in the middle of a sound, in dB, by projection."""
    inner = samples[800:-800]
    t = torch.arange(len(inner), dtype=torch.float64) / 8000
    wave = torch.exp(-2j * math.pi * hz * t)
    return 20 * math.log10(2 * abs(complex((inner * wave).mean())))


@pytest.mark.parametrize("scale", ["mel", "linear"])
def test_one_of_two_tones_is_kept(scale: str) -> None:
    """Within 1 dB what is kept, more than 20 dB down what is not; the other way in the rest."""
    low, high = tones(500.0, 2000.0)
    sound = low + high
    frames = n_frames(len(sound), CONFIG)
    rows = mel_frequencies(CONFIG) if scale == "mel" else torch.arange(129) * 31.25
    map = (rows < 1100).double()[:, None].expand(-1, frames)
    heard = listen_to(map, sound, CONFIG, scale=scale)
    before = amplitude_db(sound, 500.0), amplitude_db(sound, 2000.0)
    assert abs(amplitude_db(heard.kept, 500.0) - before[0]) < 1
    assert amplitude_db(heard.kept, 2000.0) < before[1] - 20
    assert abs(amplitude_db(heard.left, 2000.0) - before[1]) < 1
    assert amplitude_db(heard.left, 500.0) < before[0] - 20


@pytest.mark.parametrize("n_samples", [256, 999, 1040, 4321])
def test_kept_and_left_add_up_to_the_sound(n_samples: int) -> None:
    """Both are turned back on their own, so this is no tautology; whatever the length."""
    samples = 0.5 * noise(n_samples).float().clamp(-2, 2)
    map = torch.rand(40, n_frames(n_samples, CONFIG), generator=torch.Generator().manual_seed(1))
    heard = listen_to(map, samples, CONFIG)
    assert heard.kept.shape == samples.shape and heard.kept.dtype == torch.float32
    assert float((heard.kept + heard.left - samples).abs().max()) < 1e-5
    assert float(heard.kept.abs().max()) > 0.05 and float(heard.left.abs().max()) > 0.05


def test_a_map_of_a_moment_keeps_that_moment() -> None:
    (sound,) = tones(1000.0)
    map = torch.zeros(40, n_frames(len(sound), CONFIG), dtype=torch.float64)
    map[:, 20:31] = 1.0  # 0.2 s to 0.3 s
    kept = listen_to(map, sound, CONFIG).kept
    assert float(kept[:1400].abs().max()) < 0.003  # half a window, 16 ms, before 0.2 s
    assert float(kept[2600:].abs().max()) < 0.003
    assert torch.allclose(kept[1760:2240], sound[1760:2240], atol=1e-9)


def test_several_sounds_at_once() -> None:
    sounds = noise(3, 1000).float()
    maps = torch.rand(3, 40, n_frames(1000, CONFIG), generator=torch.Generator().manual_seed(1))
    heard = listen_to(maps, sounds, CONFIG)
    for sound, map, kept in zip(sounds, maps, heard.kept, strict=True):
        assert torch.allclose(listen_to(map, sound, CONFIG).kept, kept, atol=1e-6)


def test_what_the_network_could_not_see_is_left() -> None:
    """With bands from 300 to 3000 Hz, a tone at 100 Hz is left by a map of ones."""
    config = SpectrogramConfig(
        sample_rate=8000, n_fft=512, hop_length=80, f_min=300.0, f_max=3000.0
    )
    low, high = tones(100.0, 1000.0)
    map = torch.ones(64, n_frames(len(low), config), dtype=torch.float64)
    heard = listen_to(map, low + high, config)
    assert amplitude_db(heard.kept, 100.0) < amplitude_db(low, 100.0) - 40
    assert abs(amplitude_db(heard.kept, 1000.0) - amplitude_db(high, 1000.0)) < 0.1


def test_scaled() -> None:
    assert torch.equal(scaled(torch.full((2, 2), -3.0)), torch.zeros(2, 2))
    assert torch.equal(scaled(torch.tensor([[8.0, 2.0]])), torch.tensor([[1.0, 0.25]]))


# Both kinds of network, from end to end


@pytest.mark.parametrize("kind", ["spectrogram", "lenet"])
def test_every_map_of_both_networks(kind: str) -> None:
    model: nn.Module
    if kind == "spectrogram":
        model, picture, layer = digits_net(), PICTURE, "norms.3"
    else:
        torch.manual_seed(0)
        model = LeNet(LeNetConfig(input_shape=(1, 40, 51), n_classes=10))
        picture, layer = PICTURE[None], "features.6"
    target = int(model.eval()(picture[None]).argmax())
    at: dict[str, Any] = {"target": target, "fill": noise_floor(picture)}
    maps = [
        occlusion(model, picture, patch=(8, 8), score="logit", **at),
        grad_cam(model, picture, target=target, layer=layer),
        input_gradient(model, picture, target=target),
        occlusion(untrained(model, seed=0), picture, patch=(8, 8), **at),
        energy_map(picture),
    ]
    for map in maps:
        assert map.shape == (40, 51) and bool(map.isfinite().all()) and float(map.std()) > 0
        curve = deletion(model, picture, map, **at)
        assert 0 < curve.area < 1
        with torch.no_grad():
            p = model(picture[None]).softmax(dim=1)[0, target]
        assert math.isclose(float(curve.probabilities[0]), float(p), abs_tol=1e-6)


# Bad input

SOURCE = torch.Generator()
HOLED = PICTURE.clone()
HOLED[3, 4] = math.nan
TO: dict[str, Any] = {"target": 0, "fill": -60.0}
CAM: dict[str, Any] = {"target": 0, "layer": "norms.3"}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda m: deletion(m, PICTURE, torch.zeros(40, 50), **TO),
            ValueError,
            r"rows and columns of the picture, \[40, 51\], got \[40, 50\]",
        ),
        (lambda m: insertion(m, PICTURE, torch.zeros(1, 40, 51), **TO), ValueError, "row, column"),
        (lambda m: deletion(m, PICTURE, HOLED, **TO), ValueError, "map must be finite"),
        (lambda m: deletion(m, HOLED, PICTURE, **TO), ValueError, "picture must be finite"),
        (lambda m: deletion(m, PICTURE, PICTURE, n_steps=0, **TO), ValueError, "1 to the 2040"),
        (lambda m: deletion(m, PICTURE, PICTURE, n_steps=2041, **TO), ValueError, "got 2041"),
        (lambda m: top_share(HOLED, 0.5), ValueError, "map must be finite"),
        (lambda m: top_share(PICTURE, 1.01), ValueError, r"share must be in \[0, 1\], got 1.01"),
        (lambda m: top_share(PICTURE, -0.1), ValueError, "share must be"),
        (lambda m: top_share(PICTURE, math.nan), ValueError, "share must be"),
        (lambda m: noise_floor(PICTURE, share=2.0), ValueError, "share must be"),
        (
            lambda m: ranking(torch.zeros(2, 2, dtype=torch.int64)),
            TypeError,
            "floats, got torch.int64",
        ),
        (
            lambda m: grad_cam(m, PICTURE, target=0, layer="conv9"),
            ValueError,
            r"no layer 'conv9', there are normalise, convs, convs.0, .*classifier",
        ),
        (lambda m: grad_cam(m, PICTURE, target=0, layer="pool"), ValueError, "ran 3 times"),
        (lambda m: grad_cam(m, PICTURE, target=0, layer="classifier"), ValueError, r"\[1, 10\]"),
        (lambda m: grad_cam(lambda x: m(x), PICTURE, **CAM), TypeError, "nn.Module"),
        (lambda m: grad_cam(m, PICTURE.long(), **CAM), TypeError, "floats"),
        (lambda m: grad_cam(m, HOLED, **CAM), ValueError, "picture must be finite"),
        (lambda m: activations(m, PICTURE, layer=""), ValueError, "no layer ''"),
        (
            lambda m: occlusion(lambda x: m(x)[:, 0], PICTURE, patch=(8, 8), **TO),
            ValueError,
            r"logits \[batch, class\], for 1 pictures \[1, class\], got \[1\]",
        ),
        (lambda m: occlusion(lambda x: m(x)[:0], PICTURE, patch=(8, 8), **TO), ValueError, "0, 10"),
        (lambda m: occlusion(lambda x: None, PICTURE, patch=(8, 8), **TO), TypeError, "NoneType"),
        (
            lambda m: occlusion(lambda x: m(x) * math.nan, PICTURE, patch=(8, 8), **TO),
            ValueError,
            "NaN",
        ),
        (lambda m: occlusion(m, PICTURE, patch=(41, 8), **TO), ValueError, "1 to 40 rows, got 41"),
        (lambda m: occlusion(m, PICTURE, patch=(8, 0), **TO), ValueError, "columns, got 0"),
        (
            lambda m: occlusion(m, PICTURE, patch=(8, 8), stride=(8, 9), **TO),
            ValueError,
            "stride must be from 1 to the 8 columns",
        ),
        (
            lambda m: occlusion(m, PICTURE, patch=(8, 8), target=10, fill=0.0),
            ValueError,
            "class from 0 to 9, got 10",
        ),
        (lambda m: occlusion(m, PICTURE, patch=(8, 8), target=-1, fill=0.0), ValueError, "got -1"),
        (
            lambda m: occlusion(m, PICTURE, patch=(8, 8), target=0, fill=math.nan),
            ValueError,
            "fill must be finite",
        ),
        (
            lambda m: occlusion(m, PICTURE, patch=(8, 8), target=0, fill=torch.zeros(40)),
            ValueError,
            r"spread over the picture \[40, 51\].*got \[40\]",
        ),
        (lambda m: occlusion(m, PICTURE, patch=(8, 8), score="odds", **TO), ValueError, "odds"),
        (lambda m: occlusion(m, PICTURE[0], patch=(8, 8), **TO), ValueError, "row, column"),
        (
            lambda m: input_gradient(lambda x: m(x).detach(), PICTURE, target=0),
            ValueError,
            "depend on the picture",
        ),
        (lambda m: first_filters(nn.Linear(2, 2)), ValueError, "no convolution"),
        (
            lambda m: random_blobs((0, 4), size=1.0, generator=torch.Generator()),
            ValueError,
            "shape",
        ),
        (lambda m: random_blobs((4, 4), size=-1.0, generator=SOURCE), ValueError, "size"),
        (lambda m: untrained(Free(), seed=0), ValueError, "reset_parameters"),
        (lambda m: mean_curve([]), ValueError, "at least one"),
    ],
)
def test_bad_input_is_named(
    call: Callable[[nn.Module], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(digits_net())


class Free(nn.Module):
    """A layer that nobody knows how to start anew."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"map": torch.zeros(40, 50)}, ValueError, r"shape \[40, 51\].*got \[40, 50\]"),
        ({"map": torch.zeros(39, 51)}, ValueError, r"\[40, 51\]: the mel rows"),
        ({"scale": "linear"}, ValueError, r"\[129, 51\]: the linear rows"),
        ({"scale": "bark"}, ValueError, "'mel' or 'linear', got 'bark'"),
        ({"map": torch.full((40, 51), 1.5)}, ValueError, "from 0 to 1, got 1.5 to 1.5"),
        ({"map": torch.full((40, 51), math.nan)}, ValueError, "from 0 to 1"),
        ({"map": torch.ones(40, 51, dtype=torch.bool)}, TypeError, "floats, got torch.bool"),
        ({"samples": torch.zeros(100)}, ValueError, "at least 256"),
        ({"samples": torch.zeros(4000, dtype=torch.int16)}, TypeError, "float32 or float64"),
    ],
)
def test_what_cannot_be_listened_to(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"map": torch.zeros(40, 51), "samples": torch.zeros(4000), **change}
    scale = given.pop("scale", "mel")
    with pytest.raises(error, match=message):
        listen_to(given["map"], given["samples"], CONFIG, scale=scale)


@pytest.mark.bad_input
def test_to_bins_and_scaled_refuse() -> None:
    with pytest.raises(ValueError, match=r"\[\*batch, 40, frame\] \(n_mels\), got \[39, 5\]"):
        to_bins(torch.zeros(39, 5), CONFIG)
    with pytest.raises(ValueError, match="finite"):
        scaled(HOLED)


def test_the_phase_is_that_of_the_sound() -> None:
    """Where the map is the same everywhere, what is kept is the sound, only quieter."""
    sound = noise(2000)
    map = torch.full((40, n_frames(2000, CONFIG)), 0.5, dtype=torch.float64)
    kept = listen_to(map, sound, CONFIG).kept
    assert torch.allclose(kept, 0.5 * sound, atol=1e-9)
    assert torch.allclose(stft(kept, CONFIG), 0.5 * stft(sound, CONFIG), atol=1e-8)
