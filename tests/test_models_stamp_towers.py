"""The ear and the eye for stamps: padding, order, whitened pixels."""

import pytest
import torch
from torch import nn

from avtutor.models import PixelEncoder, SoundEncoder, stamp_towers


def pictures(n: int = 60) -> torch.Tensor:
    """Return pictures that vary more in one way than in others."""
    g = torch.Generator().manual_seed(0)
    return torch.rand(n, 3, 8, 8, generator=g) * torch.linspace(0.1, 5, 8)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    ear = SoundEncoder(24).eval()
    x = torch.randn(2, 24, 60)
    x[1, :, 37:] = 0.0
    lengths = torch.tensor([60, 37])
    alone = ear(x[1:, :, :37], torch.tensor([37]))
    assert torch.allclose(ear(x, lengths)[1:], alone, atol=1e-5)
    wild = x.clone()
    wild[1, :, 37:] = 99.0
    assert torch.allclose(ear(wild, lengths), ear(x, lengths), atol=1e-5)
    assert torch.equal(ear(x), ear(x, torch.tensor([60, 60])))


def test_the_ear_reads_order() -> None:
    torch.manual_seed(0)
    ear = SoundEncoder(24).eval()
    x = torch.randn(1, 24, 64)
    with torch.no_grad():
        assert float((ear(x) - ear(x.flip(-1))).abs().max()) > 1e-3


def test_whitened_pixels_are_those_of_a_singular_value_decomposition() -> None:
    some = pictures()
    eye = PixelEncoder(some, n_components=10).eval()
    found = eye.components(some)
    assert torch.allclose(found.mean(dim=0), torch.zeros(10), atol=1e-4)
    assert torch.allclose(found.T @ found / 59, torch.eye(10), atol=1e-3)
    # The first component is the direction in which the pictures vary most.
    covariance = torch.cov(some.flatten(1).T.double())
    values, vectors = torch.linalg.eigh(covariance)
    first = (some.flatten(1).double() - some.flatten(1).double().mean(0)) @ vectors[:, -1]
    assert abs(float(torch.corrcoef(torch.stack([first, found[:, 0].double()]))[0, 1])) > 0.9999
    assert torch.allclose(eye.components(some[:1]), found[:1], atol=1e-5)


def test_towers_have_an_embedding_of_length_1_for_each_sense_and_learn() -> None:
    torch.manual_seed(0)
    towers = stamp_towers(pictures(), n_mels=24, size=16, n_components=10)
    inputs = {"audio": torch.randn(3, 24, 40), "image": pictures(3)}
    found = towers(inputs, lengths={"audio": torch.tensor([40, 20, 30])})
    assert {name: tuple(x.shape) for name, x in found.items()} == {
        "audio": (3, 16),
        "image": (3, 16),
    }
    assert all(torch.allclose(x.norm(dim=1), torch.ones(3), atol=1e-5) for x in found.values())
    (found["audio"] * found["image"]).sum().backward()
    without = [name for name, p in towers.named_parameters() if p.grad is None]
    assert without == ["log_scale"]
    assert "encoders.image.basis" in towers.state_dict()  # so a fingerprint depends on it


@pytest.mark.bad_input
def test_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="n_components must be from 1 to 59"):
        PixelEncoder(pictures(), n_components=60)
    with pytest.raises(ValueError, match="192 values each"):
        PixelEncoder(pictures(), n_components=5)(torch.rand(1, 3, 9, 9))
    with pytest.raises(ValueError, match="shape \\[batch, 24, frame\\]"):
        SoundEncoder(24)(torch.zeros(1, 40, 60))
    with pytest.raises(ValueError, match="n_mels must be at least 8"):
        SoundEncoder(7)
    with pytest.raises(ValueError, match="lengths"):
        SoundEncoder(24)(torch.zeros(1, 24, 60), torch.tensor([61]))


def test_dropout_is_where_it_is_said() -> None:
    eye = PixelEncoder(pictures(), n_components=5, dropout=0.5)
    assert sum(isinstance(layer, nn.Dropout) for layer in eye.modules()) == 2
    torch.manual_seed(0)
    assert not torch.equal(eye(pictures(2)), eye(pictures(2)))
    assert torch.equal(eye.eval()(pictures(2)), eye.eval()(pictures(2)))
