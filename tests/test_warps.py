"""Warps and margins measured: where a tone and a click end, what stays, what padding does."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from avtutor.augment import bend_rows, bent, random_bend, random_margins, random_stretch, stretch
from avtutor.spectral import SpectrogramConfig, log_mel, mel_edges
from avtutor.synth import sine
from avtutor.units import hz_to_mel

RATE = 8000
CONFIG = SpectrogramConfig(sample_rate=RATE, n_fft=512, hop_length=80, n_mels=64)
BENDS = torch.tensor([[0.0, 0.0], [0.5, 0.0], [-0.5, 0.0], [0.0, 0.45], [0.3, -0.4]])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 5, n_frames: int = 60) -> Tensor:
    return torch.randn(n, 20, n_frames, generator=seeded(9)) - 40.0


def found_at(place: float, bends: Tensor) -> float:
    """Return the p with bent(p) = place, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        p = (low + high) / 2
        moved = p + sum(
            float(b) * math.sin(k * math.pi * p) / (k * math.pi)
            for k, b in enumerate(bends, start=1)
        )
        low, high = (p, high) if moved < place else (low, p)
    return low


def test_a_bend_keeps_the_ends_and_the_order() -> None:
    place = torch.linspace(0.0, 1.0, 401, dtype=torch.float64)[None]
    made = bent(place, BENDS.double())
    assert torch.allclose(made[:, 0], torch.zeros(5).double())
    assert torch.allclose(made[:, -1], torch.ones(5).double())
    assert torch.equal(made[0], place[0])
    assert bool((made.diff() > 0).all())
    slope = made.diff() * 400
    middle = (place[0, 1:] + place[0, :-1]) / 2
    for item, (first, second) in enumerate(BENDS.tolist()):
        wanted = 1 + first * (math.pi * middle).cos() + second * (2 * math.pi * middle).cos()
        assert torch.allclose(slope[item], wanted, atol=1e-4)


@pytest.mark.parametrize("frequency", [400.0, 1000.0, 2200.0])
def test_a_tone_ends_where_the_bend_puts_it(frequency: float) -> None:
    tone = log_mel(sine(frequency, seconds=0.4, sample_rate=RATE).samples, CONFIG)
    made = bend_rows(tone.repeat(5, 1, 1), BENDS)
    rows = hz_to_mel(mel_edges(CONFIG)[1:-1])  # at equal steps
    place = float((hz_to_mel(frequency) - rows[0]) / (rows[-1] - rows[0]))
    for item, bends in enumerate(BENDS):
        row = int(made[item, :, 20].argmax())
        assert row == pytest.approx(found_at(place, bends) * 63, abs=0.8)
    assert len({int(one[:, 20].argmax()) for one in made}) >= 4  # they did move


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.7])
@pytest.mark.parametrize("at", [0.1, 0.25, 0.4])
def test_a_click_ends_where_the_stretch_puts_it(factor: float, at: float) -> None:
    click = torch.zeros(1, 4001)
    click[0, round(at * RATE)] = 1.0
    levels = log_mel(click, CONFIG).repeat(5, 1, 1)  # 51 frames of 10 ms
    made, lengths = stretch(levels, torch.full((5,), factor), bends=BENDS)
    assert lengths.tolist() == [round(51 * factor)] * 5
    for item, bends in enumerate(BENDS):
        power = torch.pow(10.0, made[item].double() / 10).sum(dim=0)
        centre = float((power * torch.arange(len(power))).sum() / power.sum())
        wanted = found_at(at / 0.5, bends) * (int(lengths[item]) - 1)
        assert centre == pytest.approx(wanted, abs=0.7)


def test_nothing_is_done_at_no_strength() -> None:
    values = pictures()
    assert torch.equal(bend_rows(values, torch.zeros(5, 2)), values)
    made, lengths = stretch(values, torch.ones(5), bends=torch.zeros(5, 3))
    assert torch.equal(made, values) and lengths.tolist() == [60] * 5
    assert torch.equal(random_bend(values, bend=0.0, generator=seeded()), values)
    assert torch.equal(random_stretch(values, factor=(1.0, 1.0), generator=seeded())[0], values)


def test_the_first_and_the_last_frame_stay_the_first_and_the_last() -> None:
    values = pictures()
    lengths = torch.tensor([60, 41, 30, 7, 2])
    made, longer = stretch(values, torch.full((5,), 1.5), lengths=lengths, bends=BENDS)
    for item, (old, new) in enumerate(zip(lengths.tolist(), longer.tolist(), strict=True)):
        assert torch.allclose(made[item, :, 0], values[item, :, 0])
        assert torch.allclose(made[item, :, new - 1], values[item, :, old - 1], atol=1e-4)


def test_padding_stays_padding_and_enters_nothing() -> None:
    values = pictures()
    lengths = torch.tensor([60, 41, 30, 7, 1])
    factors = torch.tensor([0.8, 1.6, 1.0, 0.05, 1.0])
    made, new = stretch(values, factors, lengths=lengths, bends=BENDS, fill=-77.0)
    assert new.tolist() == [48, 66, 30, 1, 1] and made.shape == (5, 20, 66)
    loud = values.clone()
    for item, n in enumerate(lengths.tolist()):
        loud[item, :, n:] = 1e6
        assert bool((made[item, :, new[item] :] == -77.0).all())
    assert torch.equal(stretch(loud, factors, lengths=lengths, bends=BENDS, fill=-77.0)[0], made)
    alone, _ = stretch(
        values[1:2, :, :41], factors[1:2], lengths=lengths[1:2], bends=BENDS[1:2], fill=-77.0
    )
    assert torch.equal(alone[0], made[1])


def test_a_straight_line_in_time_stays_one_under_an_even_stretch() -> None:
    line = torch.linspace(0.0, 9.0, 10).expand(1, 1, 10)
    made, _ = stretch(line, torch.tensor([2.8]))
    assert torch.allclose(made[0, 0], torch.linspace(0.0, 9.0, 28), atol=1e-5)


def test_factors_are_drawn_as_often_below_one_as_above() -> None:
    values = torch.zeros(4000, 1, 100)
    _, lengths = random_stretch(values, factor=(0.5, 2.0), generator=seeded())
    assert (int(lengths.min()), int(lengths.max())) == (50, 200)
    assert float((lengths < 100).float().mean()) == pytest.approx(0.5, abs=0.03)
    octaves = (lengths / 100).log2()
    assert float(octaves.std()) == pytest.approx(2 / math.sqrt(12), abs=0.02)  # even in the log


def test_drawn_bends_stay_within_their_strength() -> None:
    ramp = torch.linspace(0.0, 1.0, 101)[:, None].expand(500, 101, 1).contiguous()
    by_row = random_bend(ramp, bend=0.4, generator=seeded())[..., 0]
    in_time, _ = random_stretch(
        ramp.transpose(1, 2), factor=(1.0, 1.0), bend=0.4, generator=seeded()
    )
    for slopes in (100 * by_row.diff(), 100 * in_time[:, 0].diff()):
        assert 0.6 - 1e-3 < float(slopes.min()) < 0.67 and 1.33 < float(slopes.max()) < 1.401


CLIPS = torch.arange(1.0, 1001.0).repeat(400, 1)


def test_margins_keep_the_order_of_what_is_left_and_fill_with_silence() -> None:
    made, lengths = random_margins(CLIPS, max_samples=300, max_cut=0.2, generator=seeded())
    starts, ends = [], []
    for row, n in zip(made, lengths.tolist(), strict=True):
        there = row.nonzero()[:, 0]
        first, last = int(there[0]), int(there[-1])
        assert bool((row[first : last + 1].diff() == 1).all())  # one piece, as it was
        assert n <= made.shape[1] and bool((row[n:] == 0).all())
        starts.append(first if first else 1 - int(row[first]))  # silence, or minus what was cut
        ends.append(n - 1 - last if n - 1 > last else int(row[last]) - 1000)
    for margins in (torch.tensor(starts).float(), torch.tensor(ends).float()):
        assert 290 <= margins.max() <= 300 and -200 <= margins.min() <= -190
        assert float((margins > 0).float().mean()) == pytest.approx(0.5, abs=0.08)
        assert float(margins[margins > 0].mean()) == pytest.approx(150, abs=20)
    both = torch.tensor([starts, ends]).float()
    assert abs(float(torch.corrcoef(both)[0, 1])) < 0.15  # each end by itself
    assert int(made.ne(0).any(dim=0).nonzero().max()) < made.shape[1]
    assert int(lengths.max()) == made.shape[1]


def test_padding_is_no_part_of_a_clip_with_margins() -> None:
    lengths = torch.full((400,), 500)
    made, new = random_margins(
        CLIPS, max_samples=50, max_cut=0.1, lengths=lengths, generator=seeded()
    )
    assert float(made.max()) == 500.0
    assert 400 <= int(new.min()) and int(new.max()) <= 600


def test_no_margins_change_nothing() -> None:
    made, lengths = random_margins(CLIPS, max_samples=0, generator=seeded())
    assert torch.equal(made, CLIPS) and lengths.tolist() == [1000] * 400


EVERY: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "random_bend": lambda x, g: random_bend(x, bend=0.3, generator=g),
    "random_stretch": lambda x, g: random_stretch(x, factor=(0.8, 1.25), generator=g)[0],
    "uneven": lambda x, g: random_stretch(x, factor=(1.0, 1.0), bend=0.3, generator=g)[0],
    "random_margins": lambda x, g: random_margins(
        x[:, 0], max_samples=40, max_cut=0.2, generator=g
    )[0],
}


@pytest.mark.parametrize("name", EVERY)
def test_the_input_is_not_changed_and_the_seed_decides(name: str) -> None:
    values = pictures()
    before, state = values.clone(), torch.random.get_rng_state()
    first = EVERY[name](values, seeded(1))
    assert torch.equal(values, before)
    assert torch.equal(torch.random.get_rng_state(), state)  # nothing from the global generator
    assert torch.equal(first, EVERY[name](values, seeded(1)))
    assert not torch.equal(first, EVERY[name](values, seeded(2)))
    assert first.dtype == torch.float32


@pytest.mark.parametrize("name", EVERY)
def test_each_item_is_drawn_for_itself(name: str) -> None:
    made = EVERY[name](pictures(1, 400).expand(40, -1, -1), seeded())
    assert len({tuple(item.flatten().tolist()) for item in made}) >= 30


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: bent(torch.zeros(1, 3), torch.tensor([[0.6, -0.4]])),
            ValueError,
            "must add up to less than 1, got 1",
        ),
        (
            lambda: bend_rows(pictures(), torch.zeros(4, 2)),
            ValueError,
            r"bends must be \[5, wave\], got \[4, 2\]",
        ),
        (
            lambda: stretch(pictures(), torch.tensor([1.0, 1.0, 0.0, 1.0, 1.0])),
            ValueError,
            r"factors must be \[5\] and above 0",
        ),
        (
            lambda: stretch(pictures(), torch.ones(5), lengths=torch.full((5,), 61)),
            ValueError,
            r"lengths must be \[5\], from 1 to 60",
        ),
        (lambda: stretch(torch.zeros(5, 3), torch.ones(5)), ValueError, "values must have"),
        (
            lambda: random_stretch(pictures(), factor=(0.0, 1.0), generator=seeded()),
            ValueError,
            r"factor must be \(low, high\), above 0",
        ),
        (
            lambda: random_stretch(pictures(), factor=(2.0, 1.0), generator=seeded()),
            ValueError,
            "factor must be",
        ),
        (
            lambda: random_bend(pictures(), bend=1.0, generator=seeded()),
            ValueError,
            "bend must be at least 0 and below 1, got 1.0",
        ),
        (
            lambda: random_bend(pictures().to(torch.int64), bend=0.1, generator=seeded()),
            TypeError,
            "tensor of floats",
        ),
        (
            lambda: random_margins(CLIPS, max_samples=-1, generator=seeded()),
            ValueError,
            "max_samples must be at least 0, got -1",
        ),
        (
            lambda: random_margins(CLIPS, max_samples=1, max_cut=0.5, generator=seeded()),
            ValueError,
            "max_cut must be at least 0 and below 0.5, got 0.5",
        ),
        (
            lambda: random_margins(
                CLIPS, max_samples=1, lengths=torch.full((400,), 1001), generator=seeded()
            ),
            ValueError,
            r"lengths must be \[400\], from 1 to 1000",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
