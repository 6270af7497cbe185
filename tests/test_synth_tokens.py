"""The order task: what is in a clip, where, and that nothing but the order tells the class."""

import pytest
import torch

from avtutor.synth import OrderTask

TASK = OrderTask()


def drawn(n_items: int = 60, task: OrderTask = TASK, seed: int = 0):  # noqa: ANN201
    return task.draw(n_items, generator=torch.Generator().manual_seed(seed))


def test_every_clip_holds_every_token_once_and_classes_are_equally_frequent() -> None:
    clips = drawn()
    assert (clips.tokens.sort(dim=1).values == torch.arange(3)).all()
    assert clips.labels.bincount().tolist() == [20, 20, 20]
    assert {tuple(row) for row in clips.tokens[clips.labels == 2].tolist()} == {(2, 0, 1)}


def test_a_token_sounds_where_its_onset_says_and_at_its_pitch() -> None:
    clips = drawn(12)
    for samples, tokens, onsets in zip(clips.samples, clips.tokens, clips.onsets, strict=True):
        for token, onset in zip(tokens.tolist(), onsets.tolist(), strict=True):
            first = round(onset * 8000)
            piece = samples[first : first + 800]
            peak = int(torch.fft.rfft(piece * torch.hann_window(800)).abs().argmax()) * 10
            assert abs(peak / (250 * 2**token) - 1) < 0.05 + 10 / (250 * 2**token)
            assert 10 ** (-12.5 / 20) < piece.abs().max() < 10 ** (-5.5 / 20)


def test_between_the_tokens_there_is_noise_alone() -> None:
    clips = drawn(20)
    quiet = torch.ones_like(clips.samples, dtype=torch.bool)
    for row, onsets in enumerate(clips.onsets):
        for onset in onsets.tolist():
            first = round(onset * 8000)
            quiet[row, first : first + 800] = False
    assert quiet[:, :3200].all() and quiet[:, -3200:].all()  # the margins
    level = 20 * clips.samples[quiet].std().log10()
    assert float(level) == pytest.approx(-60, abs=0.1)
    gaps = clips.onsets.diff(dim=1) - 0.1
    assert 0.4 - 1e-6 <= gaps.min() < 0.42 and 0.48 < gaps.max() <= 0.5 + 1e-6


def test_the_mean_spectrum_does_not_tell_the_class() -> None:
    """What a mean over all of the time sees: classes differ by less than their own clips do."""
    clips = drawn(600)
    spectra = torch.fft.rfft(clips.samples).abs().square()
    bands = torch.stack([spectra[:, 500:800].sum(1), spectra[:, 1100:1400].sum(1)], dim=1).log()
    means = torch.stack([bands[clips.labels == label].mean(dim=0) for label in range(3)])
    assert (means.max(0).values - means.min(0).values).max() < 0.3 * bands.std(dim=0).min()


def test_the_same_seed_gives_the_same_clips() -> None:
    assert torch.equal(drawn(5, seed=3).samples, drawn(5, seed=3).samples)
    assert not torch.equal(drawn(5, seed=3).samples, drawn(5, seed=4).samples)


def test_orders_of_ones_own_keep_the_labels() -> None:
    generator = torch.Generator().manual_seed(0)
    clips = TASK.draw(4, generator=generator, orders=[(2, 1, 0)] * 4)
    assert clips.tokens.tolist() == [[2, 1, 0]] * 4
    assert sorted(clips.labels.tolist()) == [0, 0, 1, 2]


def test_early_and_late_clips() -> None:
    early, late = (
        TASK.draw(50, generator=torch.Generator().manual_seed(0), within=within)
        for within in ((0.0, 0.1), (0.9, 1.0))
    )
    assert early.onsets[:, 0].min() >= 0.4 - 1e-6 and early.onsets[:, 0].max() <= 0.44 + 1e-6
    assert late.onsets[:, 0].min() >= 0.76 - 1e-6


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_tokens": 5}, "n_tokens must be from 2 to 4 at 8000 Hz, got 5"),
        ({"token_seconds": 0.0}, "token_seconds must be at least two samples"),
        ({"gap_seconds": -0.1}, "gap_seconds must be at least 0, got -0.1"),
        ({"slack_seconds": float("nan")}, "slack_seconds must be at least 0, got nan"),
    ],
)
def test_bad_settings(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OrderTask(**settings)  # type: ignore[arg-type]


@pytest.mark.bad_input
def test_bad_draws() -> None:
    with pytest.raises(ValueError, match="n_items must be at least 1, got 0"):
        drawn(0)
    with pytest.raises(ValueError, match=r"within must be in order from 0 to 1, got \(0.5, 0.1\)"):
        TASK.draw(2, generator=torch.Generator(), within=(0.5, 0.1))
    with pytest.raises(ValueError, match="2 permutations of 0 to 2, got 1"):
        TASK.draw(2, generator=torch.Generator(), orders=[(0, 1, 2)])
    with pytest.raises(ValueError, match="1 permutations of 0 to 2"):
        TASK.draw(1, generator=torch.Generator(), orders=[(0, 1, 1)])
