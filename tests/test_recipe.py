"""The recipe for speech: what each remedy changes, what it leaves, and the plain side."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from avtutor.augment import SpeechRecipe
from avtutor.batch import Batch
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel_batch, mel_edges
from avtutor.synth import sine
from avtutor.training import Minibatches, Prepared
from avtutor.units import hz_to_mel

RATE = 8000
CONFIG = SpectrogramConfig(sample_rate=RATE, n_fft=256, hop_length=80, n_mels=40)
FULL = SpeechRecipe(config=CONFIG)
NOTHING = replace(FULL.plain(), range_db=None)
LENGTHS = torch.tensor([4000, 3210, 1700])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch_of(samples: Tensor, lengths: Tensor | None = None) -> Batch:
    return Batch(
        inputs={"sound": samples},
        lengths={} if lengths is None else {"sound": lengths},
        labels=torch.arange(len(samples)),
        groups=[f"voice {n}" for n in range(len(samples))],
    )


def clips() -> Batch:
    """Return noises that swell and fade, of three lengths."""
    samples = 0.1 * torch.randn(3, 4000, generator=seeded(4))
    for row, n in enumerate(LENGTHS.tolist()):
        samples[row, :n] *= torch.hann_window(n)
        samples[row, n:] = 0
    return batch_of(samples, LENGTHS)


def tone(frequency: float, n: int = 1) -> Batch:
    return batch_of(sine(frequency, seconds=0.5, sample_rate=RATE).samples.repeat(n, 1))


def test_the_plain_side_is_the_front_end_and_the_level() -> None:
    made = FULL.plain()(clips(), seeded())
    wanted = log_mel_batch(clips(), CONFIG)
    assert made.lengths["sound"].tolist() == wanted.lengths["sound"].tolist() == [51, 41, 22]
    for item, n in enumerate([51, 41, 22]):
        own = below_peak(wanted.inputs["sound"][item, :, :n], FULL.range_db or 0)
        assert torch.equal(made.inputs["sound"][item, :, :n], own)
        assert bool((made.inputs["sound"][item, :, n:] == -(FULL.range_db or 0)).all())
    bare = NOTHING(clips(), seeded())
    assert torch.equal(bare.inputs["sound"], wanted.inputs["sound"])
    assert made.labels.tolist() == [0, 1, 2] and made.groups == clips().groups


def test_the_plain_side_draws_nothing() -> None:
    generator = seeded()
    before = generator.get_state()
    FULL.plain()(clips(), generator)
    assert torch.equal(generator.get_state(), before)


def test_how_loud_a_clip_was_recorded_does_not_matter() -> None:
    quiet = clips()
    quiet = batch_of(quiet.inputs["sound"] / 20, LENGTHS)
    here, there = (FULL.plain()(b, seeded()).inputs["sound"] for b in (clips(), quiet))
    assert torch.allclose(here, there, atol=1e-3)
    assert not torch.allclose(*(NOTHING(b, seeded()).inputs["sound"] for b in (clips(), quiet)))


def test_a_clip_alone_gives_the_picture_that_it_has_in_a_batch() -> None:
    together = FULL.plain()(clips(), seeded()).inputs["sound"]
    for item, n in enumerate(LENGTHS.tolist()):
        alone = FULL.plain()(batch_of(clips().inputs["sound"][item : item + 1, :n]), seeded())
        picture = alone.inputs["sound"][0]
        assert torch.allclose(picture, together[item, :, : picture.shape[1]], atol=1e-4)


REMEDIES: dict[str, dict[str, object]] = {
    "margins": {"margin_seconds": 0.2},
    "cut": {"max_cut": 0.2},
    "equaliser": {"equaliser_db": 10.0},
    "noise": {"snr_db": (10.0, 10.0)},
    "vocal tract": {"alpha": (0.8, 0.8)},
    "bend": {"bend": 0.3},
    "stretch": {"factor": (1.3, 1.3)},
    "uneven": {"time_bend": 0.3},
    "bands hidden": {"max_bins": 20},
    "frames hidden": {"max_frames": 20},
}


@pytest.mark.parametrize("name", REMEDIES)
def test_each_remedy_can_stand_alone_and_be_left_out(name: str) -> None:
    recipe = replace(FULL.plain(), **REMEDIES[name])  # type: ignore[arg-type]
    plain = FULL.plain()(clips(), seeded())
    made = recipe(clips(), seeded(2))
    same = torch.equal(made.lengths["sound"], plain.lengths["sound"])
    assert not same or not torch.allclose(made.inputs["sound"], plain.inputs["sound"], atol=0.5)
    assert recipe.plain() == FULL.plain()
    assert bool(made.inputs["sound"].isfinite().all())


@pytest.mark.parametrize("seed", range(5))
def test_the_full_recipe_keeps_padding_and_range_and_its_seed_decides(seed: int) -> None:
    batch = clips()
    before = batch.inputs["sound"].clone()
    state = torch.random.get_rng_state()
    made, again = (FULL(batch, seeded(seed)) for _ in range(2))
    assert torch.equal(made.inputs["sound"], again.inputs["sound"])
    assert torch.equal(batch.inputs["sound"], before)
    assert torch.equal(torch.random.get_rng_state(), state)  # nothing from the global generator
    other = FULL(batch, seeded(seed + 1)).inputs["sound"]
    assert other.shape != made.inputs["sound"].shape or not torch.equal(other, made.inputs["sound"])
    levels, mask = made.inputs["sound"], made.mask("sound")[:, None]
    assert float(levels.max()) <= 0 and float(levels.min()) == -(FULL.range_db or 0)
    assert bool((levels.masked_fill(mask, -50.0) == -(FULL.range_db or 0)).all())


def test_margins_are_of_their_length_and_hold_the_noise_of_the_room() -> None:
    batch = tone(1000.0, n=200)
    recipe = replace(FULL.plain(), margin_seconds=0.2, snr_db=(20.0, 20.0), noise_colour_db=0.0)
    lengths = recipe(batch, seeded()).lengths["sound"]
    assert int(lengths.min()) == 51 and 87 <= int(lengths.max()) <= 91  # 0.5 s to 0.9 s
    assert float((lengths - 51).float().mean()) == pytest.approx(9.5, abs=1.6)
    made = recipe._sounds(batch, seeded())
    samples = made.inputs["sound"]
    longest = int(made.lengths["sound"].argmax())
    before = samples[longest, :200].square().mean()
    inside = samples[longest].square().mean()
    assert float(10 * (inside / before).log10()) == pytest.approx(20.0, abs=1.0)


@pytest.mark.parametrize("alpha", [0.8, 1.2])
def test_a_tone_goes_where_the_vocal_tract_puts_it(alpha: float) -> None:
    made = replace(FULL.plain(), alpha=(alpha, alpha))(tone(1200.0), seeded()).inputs["sound"]
    rows = hz_to_mel(mel_edges(CONFIG)[1:-1])
    nearest = int((rows - hz_to_mel(1200.0 * alpha)).abs().argmin())
    assert abs(int(made[0, :, 25].argmax()) - nearest) <= 1


def test_the_channel_gives_bands_other_levels_and_noise_a_floor() -> None:
    batch = batch_of(0.1 * torch.randn(40, 8000, generator=seeded(1)))
    flat = FULL.plain()(batch, seeded()).inputs["sound"].mean(dim=2)
    recipe = replace(FULL.plain(), equaliser_db=10.0)
    change = recipe(batch, seeded()).inputs["sound"].mean(dim=2) - flat
    spread = change.amax(dim=1) - change.amin(dim=1)
    assert 8 < float(spread.mean()) < 20 and float(spread.max()) < 22
    silent = replace(FULL.plain(), snr_db=(15.0, 15.0), noise_colour_db=0.0)
    floor = silent(tone(1000.0), seeded()).inputs["sound"][0, 30:].mean()
    assert float(FULL.plain()(tone(1000.0), seeded()).inputs["sound"][0, 30:].mean()) < floor - 10


def test_it_is_a_step_of_a_loader() -> None:
    loader = Prepared(Minibatches(clips(), batch_size=2), FULL, seed=3)
    first, again = ([b.inputs["sound"] for b in loader] for _ in range(2))
    assert [len(x) for x in first] == [2, 1]
    assert all(torch.equal(x, y) for x, y in zip(first, again, strict=True))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SpeechRecipe(config=CONFIG, alpha=(1.2, 0.8)), "alpha must be"),
        (lambda: SpeechRecipe(config=CONFIG, range_db=0.0), "range_db must be above 0"),
        (lambda: SpeechRecipe(config=CONFIG, margin_seconds=-0.1), "margin_seconds must be"),
        (lambda: SpeechRecipe(config=CONFIG, max_bins=41), "max_bins must be from 0 to 40, got 41"),
        (lambda: FULL(Batch(inputs={"picture": torch.zeros(1, 4)}, labels=torch.zeros(1),
                            groups=("a",)), seeded()), "no input 'sound'"),
        (lambda: FULL.plain()(batch_of(torch.zeros(1, 100)), seeded()), "one window long"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
