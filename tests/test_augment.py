"""Augmentations measured: ratios in dB, gains, responses, places of tones, widths of stripes."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from avtutor.augment import (
    add_noise,
    equalise,
    mix_at_snr,
    mixup,
    random_equaliser,
    random_gain,
    random_shift,
    random_warp,
    spec_augment,
    warp_frequencies,
    warped,
)
from avtutor.spectral import SpectrogramConfig, frequencies, log_mel, mel_frequencies, power
from avtutor.synth import sine
from avtutor.units import hz_to_mel, mel_to_hz

RATE = 16_000


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*shape: int, seed: int = 7) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=seeded(seed))


def decibels(ratio: Tensor) -> Tensor:
    return 10 * ratio.log10()


SOUNDS = noise(4, 4000)
PICTURES = noise(4, 40, 100) - 20.0
ROWS = mel_frequencies(SpectrogramConfig(sample_rate=RATE, n_mels=40))
EVERY: dict[str, Callable[[torch.Generator], Tensor]] = {
    "add_noise": lambda g: add_noise(SOUNDS, snr_db=(0.0, 20.0), generator=g),
    "bank": lambda g: add_noise(SOUNDS, snr_db=(0.0, 9.0), generator=g, bank=noise(9000)),
    "random_gain": lambda g: random_gain(SOUNDS, db=(-12.0, 6.0), generator=g),
    "random_shift": lambda g: random_shift(SOUNDS, max_samples=800, generator=g),
    "random_equaliser": lambda g: random_equaliser(
        SOUNDS, sample_rate=RATE, max_db=9.0, generator=g
    ),
    "random_warp": lambda g: random_warp(PICTURES, frequencies=ROWS, sample_rate=RATE, generator=g),
    "spec_augment": lambda g: spec_augment(PICTURES, max_bins=12, max_frames=40, generator=g),
    "mixup": lambda g: mixup(
        PICTURES, torch.tensor([0, 1, 2, 3]), n_classes=4, alpha=1.0, generator=g
    )[0],
}


@pytest.mark.parametrize("name", EVERY)
def test_the_input_is_not_changed_and_the_seed_decides(name: str) -> None:
    sounds, pictures = SOUNDS.clone(), PICTURES.clone()
    state = torch.random.get_rng_state()
    first = EVERY[name](seeded(1))
    assert torch.equal(SOUNDS, sounds) and torch.equal(PICTURES, pictures)
    assert torch.equal(torch.random.get_rng_state(), state)  # nothing from the global generator
    assert torch.equal(first, EVERY[name](seeded(1)))
    assert not torch.equal(first, EVERY[name](seeded(2)))
    assert first.dtype == torch.float32 and bool(first.isfinite().all())


@pytest.mark.parametrize("name", [name for name in EVERY if name != "mixup"])
def test_each_item_is_drawn_for_itself(name: str) -> None:
    one = SOUNDS[:1].expand(64, -1), PICTURES[:1].expand(64, -1, -1)
    made = {
        "add_noise": lambda g: add_noise(one[0], snr_db=(0.0, 20.0), generator=g),
        "bank": lambda g: add_noise(one[0], snr_db=(0.0, 9.0), generator=g, bank=noise(9000)),
        "random_gain": lambda g: random_gain(one[0], db=(-12.0, 6.0), generator=g),
        "random_shift": lambda g: random_shift(one[0], max_samples=800, generator=g),
        "random_equaliser": lambda g: random_equaliser(
            one[0], sample_rate=RATE, max_db=9.0, generator=g
        ),
        "random_warp": lambda g: random_warp(
            one[1], frequencies=ROWS, sample_rate=RATE, generator=g
        ),
        "spec_augment": lambda g: spec_augment(one[1], max_bins=12, max_frames=40, generator=g),
    }[name](seeded())
    assert len({tuple(item.flatten().tolist()) for item in made}) >= 60


def test_the_ratio_of_signal_to_noise_is_the_one_asked_for() -> None:
    wanted = torch.tensor([-5.0, 0.0, 10.0, 30.0])
    sounds, added = (
        noise(4, 8000) * torch.tensor([[0.1], [1.0], [2.0], [5.0]]),
        noise(4, 8000, seed=8),
    )
    rest = mix_at_snr(sounds, added, snr_db=wanted).double() - sounds
    measured = decibels(sounds.double().square().mean(1) / rest.square().mean(1))
    assert torch.allclose(measured, wanted.double(), atol=0.01)


def test_padding_gets_no_noise_and_counts_in_no_ratio() -> None:
    sounds = noise(2, 8000)
    sounds[1, 2000:] = 0.0
    lengths = torch.tensor([8000, 2000])
    made = add_noise(sounds, snr_db=(10.0, 10.0), generator=seeded(), lengths=lengths)
    assert bool((made[1, 2000:] == 0).all())
    rest = (made - sounds)[1, :2000]
    ratio = decibels(sounds[1, :2000].square().mean() / rest.square().mean())
    assert float(ratio) == pytest.approx(10.0, abs=0.01)


def test_drawn_ratios_fill_their_range() -> None:
    sounds = noise(200, 2000)
    rest = add_noise(sounds, snr_db=(5.0, 25.0), generator=seeded()) - sounds
    ratios = decibels(sounds.square().mean(1) / rest.square().mean(1))
    assert 4.99 < ratios.min() < 6.5 and 23.5 < ratios.max() < 25.01
    assert float(ratios.mean()) == pytest.approx(15.0, abs=1.5)


def test_white_noise_is_white_and_a_bank_is_cut_somewhere_else_for_each() -> None:
    rest = add_noise(torch.ones(50, 4096), snr_db=(0.0, 0.0), generator=seeded()) - 1.0
    spectrum = torch.fft.rfft(rest).abs().square().mean(0)[1:-1].reshape(-1, 89).mean(1)
    assert float(decibels(spectrum.max() / spectrum.min())) < 1.5
    bank = torch.arange(1.0, 1001.0)
    made = add_noise(torch.ones(40, 10), snr_db=(0.0, 0.0), generator=seeded(), bank=bank) - 1.0
    starts = (made[:, 0] / (made[:, 1] - made[:, 0])).round()  # of a straight line: its start
    assert len(set(starts.tolist())) > 30
    assert 1 <= starts.min() < 100 and 900 < starts.max() <= 991


def test_a_silent_item_stays_silent() -> None:
    assert bool((add_noise(torch.zeros(1, 500), snr_db=(0.0, 0.0), generator=seeded()) == 0).all())


def test_gains_in_db() -> None:
    louder = random_gain(SOUNDS, db=(6.0206, 6.0206), generator=seeded())
    assert torch.allclose(louder, 2 * SOUNDS, rtol=1e-4)
    sounds = noise(200, 50)
    gains = 20 * (random_gain(sounds, db=(-12.0, 6.0), generator=seeded()) / sounds)[:, 0].log10()
    assert -12.01 < gains.min() < -11 and 5 < gains.max() < 6.01


def test_shifts_fill_with_zeros_and_nothing_comes_round() -> None:
    counting = torch.arange(1.0, 11.0).repeat(300, 1)
    made = random_shift(counting, max_samples=3, generator=seeded())
    seen = set()
    for row in made.tolist():
        later = row.index(1.0) if 1.0 in row else -int(row[0] - 1)
        expected = [float(n - later + 1) if 1 <= n - later + 1 <= 10 else 0.0 for n in range(10)]
        assert row == expected
        seen.add(later)
    assert seen == {-3, -2, -1, 0, 1, 2, 3}


def test_the_response_of_the_equaliser_is_the_one_given() -> None:
    gains = torch.tensor([[0.0, 12.0, -6.0, 3.0, -12.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    impulse = torch.zeros(2, 16_384)
    impulse[:, 8192] = 1.0
    made = equalise(impulse, gains, sample_rate=RATE)
    response = 20 * torch.fft.rfft(made).abs().log10()
    points = mel_to_hz(torch.linspace(0.0, hz_to_mel(RATE / 2), 5))
    measured = response[:, (points / RATE * 16_384).round().long()]
    assert torch.allclose(measured, gains, atol=0.2)
    assert torch.allclose(made[1], impulse[1], atol=1e-6)
    half_way = mel_to_hz(1.5 * hz_to_mel(RATE / 2) / 4)  # straight in mel: (12 - 6) / 2
    assert float(response[0, round(half_way / RATE * 16_384)]) == pytest.approx(3.0, abs=0.2)
    assert int(made[0].abs().argmax()) == 8192  # no delay


@pytest.mark.parametrize("place", [0, 999])
def test_a_filtered_click_does_not_come_out_at_the_other_end(place: int) -> None:
    click = torch.zeros(1, 1000)
    click[0, place] = 1.0
    made = equalise(click, torch.tensor([[6.0, -6.0, 6.0, -6.0]]), sample_rate=RATE)
    far = made[0, 950:] if place == 0 else made[0, :50]
    assert float(far.abs().max()) < 1e-3


def test_drawn_channels_stay_within_their_gains() -> None:
    impulse = torch.zeros(100, 8192)
    impulse[:, 4096] = 1.0
    made = random_equaliser(impulse, sample_rate=RATE, max_db=9.0, generator=seeded())
    response = 20 * torch.fft.rfft(made).abs().log10()
    assert float(response.abs().max()) < 9.3
    assert float(response.max()) > 8.0 and float(response.min()) < -8.0


@pytest.mark.parametrize("alpha", [0.9, 0.95, 1.05, 1.1])
@pytest.mark.parametrize("frequency", [300.0, 1000.0, 2500.0, 5000.0])
def test_a_tone_moves_to_alpha_times_its_frequency(alpha: float, frequency: float) -> None:
    config = SpectrogramConfig(sample_rate=RATE, n_fft=1024)
    rows = frequencies(config)
    here, there = (
        power(sine(f, seconds=0.5, sample_rate=RATE).samples, config)
        for f in (frequency, alpha * frequency)
    )
    moved = warp_frequencies(here, torch.tensor([alpha]), frequencies=rows, sample_rate=RATE)
    centre = (moved.sum(2) * rows).sum() / moved.sum()
    assert float(centre) == pytest.approx(alpha * frequency, abs=RATE / 1024 / 4)
    assert abs(int(moved.sum(2).argmax()) - int(there.sum(2).argmax())) <= 1


@pytest.mark.parametrize("alpha", [0.9, 1.1])
@pytest.mark.parametrize("frequency", [500.0, 1500.0, 3000.0])
def test_so_does_it_on_the_mel_axis_in_db(alpha: float, frequency: float) -> None:
    config = SpectrogramConfig(sample_rate=RATE, n_fft=1024, n_mels=64)
    rows = mel_frequencies(config)
    here, there = (
        log_mel(sine(f, seconds=0.5, sample_rate=RATE).samples, config)
        for f in (frequency, alpha * frequency)
    )
    moved = warp_frequencies(here, torch.tensor([alpha]), frequencies=rows, sample_rate=RATE)
    found, wanted = int(moved[0, :, 20].argmax()), int(there[0, :, 20].argmax())
    assert abs(found - wanted) <= 1
    assert abs(found - int(here[0, :, 20].argmax())) >= 1


def test_the_warp_is_straight_below_the_knee_and_keeps_the_ends() -> None:
    line = torch.linspace(0.0, 8000.0, 801)
    for alpha in (0.9, 1.0, 1.1):
        bent = warped(line, alpha, sample_rate=RATE)
        assert bool((bent.diff() > 0).all())
        assert float(bent[0]) == 0.0 and float(bent[-1]) == pytest.approx(8000.0)
        straight = line <= 0.85 * 8000 / max(alpha, 1.0)
        assert torch.allclose(bent[straight], alpha * line[straight])
    assert torch.equal(warped(line, 1.0, sample_rate=RATE), line)


def test_what_was_at_a_row_is_found_where_the_warp_puts_it() -> None:
    rows = torch.linspace(0.0, 8000.0, 513)
    hills = torch.sin(rows / 900.0)[None, :, None].repeat(3, 1, 5)
    there = warp_frequencies(
        hills, torch.tensor([0.9, 1.0, 1.1]), frequencies=rows, sample_rate=RATE
    )
    assert torch.equal(there[1], hills[1])
    for n, alpha in ((0, 0.9), (2, 1.1)):
        at = warped(rows, alpha, sample_rate=RATE)  # the hill of row r now stands at `at[r]`
        nearest = (at / 8000 * 512).round().long()
        assert float((there[n, nearest, 0] - hills[n, :, 0]).abs().max()) < 0.02


def test_a_shift_by_mel_bands_is_no_warp() -> None:
    step = hz_to_mel(4000.0) / 41
    factors = [mel_to_hz(hz_to_mel(f) + 4 * step) / f for f in (200.0, 2000.0)]
    assert factors == pytest.approx([1.92, 1.28], abs=0.015)


def runs(hidden: Tensor) -> list[int]:
    """Return the lengths of the stretches of True."""
    lengths, now = [], 0
    for value in [*hidden.tolist(), False]:
        if not value and now:
            lengths.append(now)
        now = now + 1 if value else 0
    return lengths


def test_stripes_have_all_widths_up_to_the_greatest_and_reach_all_places() -> None:
    picture = torch.ones(400, 20, 30)
    made = spec_augment(picture, max_bins=4, max_frames=6, fill=0.0, generator=seeded()) == 0
    by_row, by_column = made.all(dim=2), made.all(dim=1)
    assert torch.equal(made, by_row[:, :, None] | by_column[:, None, :])
    for hidden, greatest in ((by_row, 4), (by_column, 6)):
        stripes = [runs(item) for item in hidden]
        assert all(len(found) <= 1 for found in stripes)
        assert {sum(found) for found in stripes} == set(range(greatest + 1))
        assert bool(hidden.any(dim=0).all())


def test_as_many_stripes_as_asked_for_and_none_where_none_is() -> None:
    picture = torch.ones(200, 60, 80)
    made = spec_augment(
        picture,
        max_bins=5,
        max_frames=5,
        n_bin_masks=2,
        n_frame_masks=0,
        fill=0.0,
        generator=seeded(),
    )
    hidden = made == 0
    assert not bool(hidden.all(dim=1).any())
    assert max(len(runs(item)) for item in hidden.all(dim=2)) == 2
    nothing = spec_augment(picture, max_bins=0, max_frames=0, fill=0.0, generator=seeded())
    assert torch.equal(nothing, picture)


def test_without_a_value_stripes_are_filled_with_the_mean_of_their_item() -> None:
    pictures = noise(8, 20, 30) + torch.arange(8.0)[:, None, None]
    made = spec_augment(pictures, max_bins=8, max_frames=8, generator=seeded())
    for picture, changed in zip(pictures, made, strict=True):
        new = changed[changed != picture]
        assert torch.allclose(new, picture.mean().expand_as(new), atol=1e-6)
    assert bool((made != pictures).any())


def test_mixup_mixes_items_and_labels_in_the_same_shares() -> None:
    items = torch.eye(64).reshape(64, 8, 8)
    mixed, shares = mixup(items, torch.arange(64), n_classes=64, alpha=0.5, generator=seeded())
    assert torch.allclose(mixed.flatten(1), shares)
    assert torch.allclose(shares.sum(1), torch.ones(64))
    assert int((shares > 0).sum(1).max()) == 2


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_shares_of_mixup_are_beta_distributed(alpha: float) -> None:
    n = 20_000
    own = mixup(
        torch.zeros(n, 1), torch.arange(n) % 2, n_classes=2, alpha=alpha, generator=seeded()
    )
    # Where both labels are equal the share cannot be seen; elsewhere it is that of the item.
    shares = own[1].gather(1, (torch.arange(n) % 2)[:, None])[:, 0]
    shares = shares[(shares > 0) & (shares < 1)]
    assert float(shares.mean()) == pytest.approx(0.5, abs=0.02)
    assert float(shares.var()) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.06)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: mix_at_snr(SOUNDS, SOUNDS[:2], snr_db=torch.zeros(4)),
            ValueError,
            r"noise must have the shape of samples \[4, 4000\], got \[2, 4000\]",
        ),
        (
            lambda: mix_at_snr(SOUNDS, torch.zeros(4, 4000), snr_db=torch.zeros(4)),
            ValueError,
            "noise must not be silent",
        ),
        (
            lambda: mix_at_snr(SOUNDS, SOUNDS, snr_db=torch.full((4,), math.nan)),
            ValueError,
            "snr_db must be finite",
        ),
        (
            lambda: add_noise(SOUNDS, snr_db=(20.0, 0.0), generator=seeded()),
            ValueError,
            "snr_db must be .* got \\(20.0, 0.0\\)",
        ),
        (
            lambda: add_noise(SOUNDS, snr_db=(0.0, 9.0), generator=seeded(), bank=torch.ones(50)),
            ValueError,
            "bank must hold at least 4000 samples, got 50",
        ),
        (
            lambda: random_gain(SOUNDS[0], db=(0.0, 0.0), generator=seeded()),
            ValueError,
            r"samples must have the shape \[batch, time\] and not be empty, got \[4000\]",
        ),
        (
            lambda: random_gain(
                torch.zeros(2, 9, dtype=torch.int16), db=(0, 0), generator=seeded()
            ),
            TypeError,
            "samples must be a tensor of floats, got torch.int16",
        ),
        (
            lambda: random_shift(SOUNDS, max_samples=4000, generator=seeded()),
            ValueError,
            "max_samples must be from 0 to 3999, got 4000",
        ),
        (
            lambda: equalise(SOUNDS, torch.zeros(4, 1), sample_rate=RATE),
            ValueError,
            r"gains_db must be \[4, point\] with 2 points or more, got \[4, 1\]",
        ),
        (
            lambda: random_equaliser(SOUNDS, sample_rate=RATE, max_db=-3.0, generator=seeded()),
            ValueError,
            "max_db must be at least 0 and finite, got -3.0",
        ),
        (
            lambda: random_warp(
                PICTURES, frequencies=ROWS[:9], sample_rate=RATE, generator=seeded()
            ),
            ValueError,
            r"frequencies must be \[40\], one a row, got \[9\]",
        ),
        (
            lambda: random_warp(
                PICTURES, frequencies=ROWS.flip(0), sample_rate=RATE, generator=seeded()
            ),
            ValueError,
            "frequencies must be ascending",
        ),
        (
            lambda: warp_frequencies(
                PICTURES, torch.tensor([1.0, 1.0, 0.0, 1.0]), frequencies=ROWS, sample_rate=RATE
            ),
            ValueError,
            "alpha must be above 0",
        ),
        (
            lambda: warped(ROWS, 1.1, sample_rate=RATE, knee=1.0),
            ValueError,
            "knee must be above 0 and below 1, got 1.0",
        ),
        (
            lambda: spec_augment(PICTURES, max_bins=41, max_frames=3, generator=seeded()),
            ValueError,
            "max_bins must be from 0 to 40, got 41",
        ),
        (
            lambda: mixup(PICTURES, torch.arange(4), n_classes=3, alpha=1.0, generator=seeded()),
            ValueError,
            "labels must be from 0 to 2, got 0 to 3",
        ),
        (
            lambda: mixup(PICTURES, torch.arange(4), n_classes=4, alpha=0.0, generator=seeded()),
            ValueError,
            "alpha must be above 0 and finite, got 0.0",
        ),
    ],
)
def test_bad_input_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
