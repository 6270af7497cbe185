"""Experiment 16_creatures: its measures on readings whose truth is known, and its loader."""

import json
from pathlib import Path

import pytest
import torch
from scipy import linalg
from torch import Tensor, nn

from avtutor.datasets import Bestiary
from avtutor.models import (
    CallEncoder,
    ConditionalVAE,
    CreatureReader,
    GeneratorConfig,
    LatentFlow,
    PictureVAE,
)
from avtutor.models.reader import ONLY_SEEN, Reading
from avtutor.synth import drawn_creatures
from avtutor.training import read_checkpoint
from experiments import creature_measures as measures
from experiments.creature_nets import Settled
from experiments.creatures import (
    BATCH,
    Pool,
    SeenAnew,
    correlation,
    errors,
    halved,
    judged,
    rounded,
)

FOLDER = Path(__file__).resolve().parents[1] / "experiments"


def read(truth: Tensor, only_seen: Tensor | None = None) -> Reading:
    """Return a reading without an error."""
    size, shape, hue, texture, limbs = truth.unbind(dim=1)
    others = torch.zeros(len(truth), len(ONLY_SEEN)) if only_seen is None else only_seen
    return Reading(size, shape, hue, texture, limbs.long(), others)


def truth_of(n: int, seed: int = 0) -> Tensor:
    return drawn_creatures(torch.arange(n), seed=seed).table()


def test_errors_are_in_their_units() -> None:
    truth = torch.tensor([[1.0, 0.5, 350.0, 0.2, 4.0], [0.8, 0.5, 10.0, 0.2, 3.0]])
    off = truth + torch.tensor([[0.1, -0.2, 20.0, 0.3, 1.0], [-0.2, 0.1, -30.0, 0.1, 0.0]])
    off[:, 2] %= 360
    found = errors(read(off), truth)
    assert torch.allclose(found["size"], torch.tensor([0.1, 0.25]))
    assert torch.allclose(found["hue"], torch.tensor([20.0, 30.0]), atol=1e-4)  # around the circle
    assert found["limbs"].tolist() == [0, 1]
    assert torch.allclose(found["shape"], torch.tensor([0.2, 0.1]))
    assert torch.allclose(found["texture"], torch.tensor([0.3, 0.1]))


def test_a_perfect_reading_and_one_of_other_creatures() -> None:
    truth = truth_of(4000)
    best = judged(read(truth), truth)
    assert (best["size"], best["hue"], best["limbs"]) == (0, 0, 1)
    assert best["shape, correlation"] == best["texture, correlation"] == 1
    chance = judged(read(truth.roll(1, 0)), truth)
    # Two independent hues are 90 degrees apart in the median, two shapes a third in the mean.
    assert chance["hue"] == pytest.approx(90, abs=4)
    assert chance["limbs"] == pytest.approx(0.2, abs=0.03)
    assert chance["shape"] == pytest.approx(1 / 3, abs=0.02)
    assert abs(chance["texture, correlation"]) < 0.06


def test_the_correlation_is_that_of_torch() -> None:
    a, b = torch.randn(50), torch.randn(50)
    assert correlation(a, a + b) == pytest.approx(
        float(torch.corrcoef(torch.stack([a, a + b]))[0, 1]), abs=1e-5
    )
    assert correlation(a, torch.ones(50)) == 0


def test_what_is_told_does_not_vary_and_what_is_not_told_does() -> None:
    n, draws = 800, 4
    truth, draw = truth_of(n), torch.Generator().manual_seed(0)
    places = torch.randn(n, len(ONLY_SEEN), generator=draw)
    anew = torch.randn(draws * n, len(ONLY_SEEN), generator=draw)
    found = measures.spreads(
        read(truth.repeat(draws, 1), anew), read(truth, places), truth, places, draws=draws
    )
    for name in ("size", "shape", "hue", "texture", "limbs"):
        assert found[name]["ratio"] == pytest.approx(0, abs=2e-3)
    for name in ONLY_SEEN:
        assert found[name]["ratio"] == pytest.approx(1, abs=0.1)
        assert abs(found[name]["correlation"]) < 0.08
        assert found[name]["correlation, real picture"] == 1
    # Hues at random: points on a circle vary by 1.
    assert found["hue"]["real"] == pytest.approx(1, abs=0.03)
    told = measures.spreads(
        read(truth.repeat(draws, 1), places.repeat(draws, 1)),
        read(truth, places),
        truth,
        places,
        draws=draws,
    )
    assert all(told[name]["ratio"] == pytest.approx(0, abs=1e-3) for name in ONLY_SEEN)
    assert all(told[name]["correlation"] > 0.999 for name in ONLY_SEEN)


def test_legs_and_ranges_are_counted() -> None:
    truth = truth_of(300)
    wrong = truth.clone()
    wrong[:, 4] = (wrong[:, 4] + 1).clamp(max=6)
    table = measures.legs(read(wrong), truth)
    assert [row.index(1.0) for row in table] == [1, 2, 3, 4, 4]
    rows = measures.by_range(read(wrong), truth, torch.linspace(15, 39.9, 300))
    assert sum(rows[f"limbs, {n}"]["pictures"] for n in range(2, 7)) == 300
    assert [rows[f"limbs, {n}"]["limbs"] for n in (2, 5, 6)] == [0, 0, 1]
    assert sum(rows[f"snr, third {n}"]["pictures"] for n in (1, 2, 3)) == 300
    assert rows["snr, third 1"]["pictures"] == pytest.approx(100, abs=2)


def test_the_distance_of_frechet_is_that_of_its_formula() -> None:
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(400, 5, generator=draw)
    b = torch.randn(400, 5, generator=draw) @ torch.randn(5, 5, generator=draw) + 1
    first, second = (torch.cov(x.double().T).numpy() for x in (a, b))
    root = linalg.sqrtm(first @ second).real
    apart = float((a.double().mean(0) - b.double().mean(0)).square().sum())
    expected = apart + (first + second - 2 * root).trace()
    assert measures.frechet(a, b) == pytest.approx(expected, rel=1e-6)
    assert measures.frechet(a, a) == pytest.approx(0, abs=1e-9)


def test_pictures_tell_themselves_apart_only_where_they_differ() -> None:
    torch.manual_seed(0)
    reader = CreatureReader(32).eval()
    draw = torch.Generator().manual_seed(0)
    real, more, same, other = (torch.rand(200, 3, 32, 32, generator=draw) for _ in range(4))
    alike, unlike = (measures.looks(reader, x, real, more) for x in (same, other * 0.5))
    assert alike["told apart"] == pytest.approx(0.5, abs=0.12)
    assert unlike["told apart"] > 0.95
    assert unlike["frechet"] > 10 * alike["frechet"]


def test_a_pool_keeps_its_calls_and_draws_its_pictures_anew() -> None:
    pool = Pool.made(128, seed=3, first=7)
    batch = Bestiary(128, seed=3, first=7, size=None).select(torch.arange(128))
    assert torch.equal(pool.truth, batch.labels)
    assert torch.allclose(pool.audio.float(), batch.inputs["audio"], atol=0.1)
    loader = SeenAnew(pool, seed=0)
    seen = []
    for epoch in range(2):
        loader.set_epoch(epoch)
        batches = list(loader)
        assert len(batches) == len(loader) == 128 // BATCH
        labels = torch.cat([batch.labels for batch in batches])
        back = labels[:, 0].argsort()
        seen.append(torch.cat([batch.inputs["image"] for batch in batches])[back])
        assert torch.equal(labels[back], pool.truth[pool.truth[:, 0].argsort()])
        for one in batches:  # the call is that of the creature that is seen
            row = (pool.truth == one.labels[0]).all(dim=1).nonzero()[0, 0]
            assert torch.equal(one.inputs["audio"][0], pool.audio[row].float())
    assert (seen[0] - seen[1]).abs().amax(dim=(1, 2, 3)).min() > 0.05


def test_weights_are_kept_as_they_were_judged() -> None:
    torch.manual_seed(0)
    net = CreatureReader(32).eval()
    rounded(net)
    kept = halved(net, "reader")
    other = CreatureReader(32).eval()
    other.load_state_dict({name.removeprefix("reader."): v for name, v in kept.items()})
    pictures = torch.rand(4, 3, 32, 32)
    assert torch.equal(net(pictures)[0], other(pictures)[0])
    assert kept["reader.values.weight"].dtype == torch.float16


def test_a_settled_net_stays_as_it_is_in_training() -> None:
    inner = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    inner(torch.randn(8, 3))  # leaves the means that it began with
    net = nn.Sequential(Settled(inner), nn.Linear(4, 2))
    before = {name: value.clone() for name, value in inner.state_dict().items()}
    net.train()
    assert not inner.training and not inner[1].training and net[1].training
    x = torch.randn(8, 3) + 5
    net(x).sum().backward()
    assert all(torch.equal(value, before[name]) for name, value in inner.state_dict().items())
    assert all(one.grad is None for one in inner.parameters())
    assert net[1].weight.grad is not None
    with torch.no_grad():
        assert torch.equal(net[0](x), inner.eval()(x))


@torch.no_grad()
def test_the_kept_nets_draw_what_they_hear() -> None:
    """As a lesson does it: from the file alone, creatures that are in no part of the experiment."""
    kept, facts = read_checkpoint(FOLDER / "16_creatures.safetensors")

    def weights(name: str) -> dict[str, Tensor]:
        return {k.removeprefix(name): v for k, v in kept.items() if k.startswith(name)}

    numbers = {name: tuple(v) if isinstance(v, list) else v for name, v in facts["config"].items()}
    config = GeneratorConfig(**numbers)
    ear = CallEncoder(config, n_frames=facts["frames"])
    kinds = {"flow": lambda: LatentFlow(PictureVAE(config), ear)}
    kinds["conditional vae"] = lambda: ConditionalVAE(config, ear)
    net, reader = kinds[facts["generator"]]().eval(), CreatureReader(32).eval()
    net.load_state_dict(weights("generator."))
    reader.load_state_dict(weights("reader."))
    batch = Bestiary(256, seed=0, first=5_000_000).select(torch.arange(256))
    source = torch.Generator().manual_seed(0)
    pictures = net.draw(batch.inputs["audio"], generator=source)
    found = judged(reader.read(pictures), batch.labels)
    table = json.loads((FOLDER / "16_creatures.json").read_text())["result"]["rows"][0]
    drawn = table["drawn"]
    for name, off in (("size", 0.02), ("hue", 5.0), ("limbs", 0.12), ("texture", 0.06)):
        assert found[name] == pytest.approx(drawn[name], abs=off)
    # The same pictures beside the calls of other creatures are at chance.
    wrong = judged(reader.read(pictures), batch.labels.roll(1, 0))
    assert wrong["limbs"] < 0.35 and wrong["hue"] > 70 and wrong["size"] > 2 * found["size"]
