"""Clips: two clocks in one object, cut and shifted; and which columns belong to which picture."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avtutor.clip import Clip
from avtutor.spectral import SpectrogramConfig, columns_at, columns_of, log_mel, n_frames
from avtutor.waveform import Waveform

CONFIG = SpectrogramConfig(sample_rate=16000)


def made(times: list[float], n_samples: int = 48000, start: float = 0.0, rate: int = 16000) -> Clip:
    """Return a clip whose pictures and samples carry their numbers."""
    frames = torch.arange(len(times), dtype=torch.uint8)[:, None, None, None].expand(-1, 2, 3, 3)
    samples = torch.arange(n_samples, dtype=torch.float32)[None]
    sound = Waveform(samples, rate) if n_samples else None
    return Clip(frames, torch.tensor(times, dtype=torch.float64), sound, start)


THIRTY = [k / 30 for k in range(90)]


def test_what_a_clip_says_of_itself() -> None:
    clip = made(THIRTY, start=-0.25)
    assert (clip.n_frames, clip.height, clip.width) == (90, 2, 3)
    assert (clip.start, clip.waveform_end) == (-0.25, 2.75)
    assert clip.end == pytest.approx(3.0) and clip.duration == pytest.approx(3.25)
    assert clip.frame_rate == pytest.approx(30)
    assert repr(clip) == "Clip(90 frames of 3 x 2, 1 channel at 16000 Hz, 3.250 s)"
    assert repr(made([0.0, 0.5], 0)) == "Clip(2 frames of 3 x 2, no sound, 1.000 s)"
    two = Waveform(torch.zeros(2, 8000), 8000)
    one = Clip(torch.zeros(1, 1, 1, 3, dtype=torch.uint8), torch.zeros(1).double(), two)
    assert repr(one) == "Clip(1 frame of 1 x 1, 2 channels at 8000 Hz, 1.000 s)"
    assert math.isnan(one.frame_rate)


def test_when_a_picture_ends() -> None:
    uneven = made([0.0, 0.1, 0.2, 0.7], 0)
    assert uneven.frame_ends.tolist() == [0.1, 0.2, 0.7, pytest.approx(0.8)]  # the median is 0.1
    assert made([0.5], 16000).frame_ends.tolist() == [1.0]  # an only one, as long as the sound
    assert made([0.5], 0).frame_ends.tolist() == [0.5]
    assert made([0.5], 0).duration == 0


def test_a_slice_cuts_both_by_their_times() -> None:
    part = made(THIRTY, start=0.5).slice(1.0, 2.0)
    assert part.frames[:, 0, 0, 0].tolist() == list(range(30, 60))
    assert part.frame_times.tolist() == THIRTY[30:60]  # on the same clock
    assert part.waveform.samples[0, [0, -1]].tolist() == [8000, 23999]
    assert part.waveform_start == 1.0
    assert part.slice(1.5, 2.0).waveform.samples[0, 0] == 16000
    # The picture that is shown already when the part begins is not in it.
    assert made(THIRTY).slice(1.01, 1.1).frames[0, 0, 0, 0] == 31
    # Where the part lies before the sound, there is none.
    assert made(THIRTY, start=1.5).slice(0.0, 1.5).waveform is None
    assert made(THIRTY, start=1.5).slice(0.0, 1.6).waveform_start == 1.5


def test_rounding_of_a_limit_moves_no_picture() -> None:
    assert 0.1 * 3 > 9 / 30
    assert made(THIRTY).slice(0.1 * 3, 1.0).frames[0, 0, 0, 0] == 9
    assert made(THIRTY).slice(0.0, 0.1 * 3).n_frames == 9


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=40),
    st.floats(-1.0, 1.0),
    st.floats(0.05, 3.0),
    st.sampled_from([8000, 16000, 44100]),
)
def test_parts_put_together_are_the_whole(
    steps: list[int], start: float, edge: float, rate: int
) -> None:
    times = (np.cumsum(steps) / 100.0).tolist()
    clip = made(times, 2 * rate, start, rate)
    if not times[0] < edge - 1e-6 or not times[-1] >= edge:
        return
    before, after = clip.slice(clip.start, edge), clip.slice(edge)
    assert torch.equal(torch.cat([before.frames, after.frames]), clip.frames)
    assert torch.equal(torch.cat([before.frame_times, after.frame_times]), clip.frame_times)
    parts = [part.waveform.samples for part in (before, after) if part.waveform is not None]
    assert torch.equal(torch.cat(parts, dim=1), clip.waveform.samples)
    for part in (before, after):
        if part.waveform is not None:  # each sample is heard when it was
            first = float(part.waveform.samples[0, 0])
            assert part.waveform_start == pytest.approx(start + first / rate, abs=1e-9)


def test_shift_and_resample_change_one_thing() -> None:
    clip = made(THIRTY)
    later = clip.shift_sound(0.16)
    assert later.waveform_start == 0.16 and later.waveform is clip.waveform
    assert later.frames is clip.frames and later.frame_times is clip.frame_times
    assert clip.waveform_start == 0
    lower = later.resample(8000)
    assert (lower.waveform.sample_rate, lower.waveform.n_samples) == (8000, 24000)
    assert lower.waveform_start == 0.16 and lower.frames is clip.frames
    silent = made(THIRTY, 0)
    assert silent.resample(8000) is silent


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"frames": torch.zeros(2, 4, 4, 3)}, TypeError, "must be a uint8 tensor, got torch.fl"),
        ({"frames": [1]}, TypeError, "frames must be a uint8 tensor, got list"),
        ({"frames": torch.zeros(2, 3, 4, 4).byte()}, ValueError, r"width, 3\], got \[2, 3, 4, 4\]"),
        ({"frames": torch.zeros(0, 4, 4, 3).byte()}, ValueError, "frames must not be empty"),
        ({"frame_times": torch.zeros(2)}, TypeError, "must be a float64 tensor, got torch.float32"),
        ({"frame_times": torch.arange(3).double()}, ValueError, r"of the 2 frames, got .* \[3\]"),
        ({"frame_times": torch.tensor([0.0, math.nan]).double()}, ValueError, "must be finite"),
        ({"frame_times": torch.tensor([0.5, 0.5]).double()}, ValueError,
         "must increase, got 0.500000 s for frame 0 and 0.500000 s for frame 1"),
        ({"waveform": torch.zeros(1, 5)}, TypeError, "a Waveform or None, got Tensor"),
        ({"waveform_start": math.inf}, ValueError, "waveform_start must be finite, got inf"),
        ({"waveform": None, "waveform_start": 0.1}, ValueError, "must be 0 without sound, got 0.1"),
    ],
)  # fmt: skip
def test_bad_clips_are_refused(change: dict, error: type, message: str) -> None:
    fields = {
        "frames": torch.zeros(2, 4, 4, 3, dtype=torch.uint8),
        "frame_times": torch.tensor([0.0, 1.0], dtype=torch.float64),
        "waveform": Waveform(torch.zeros(1, 100), 8000),
    }
    Clip(**fields)
    with pytest.raises(error, match=message):
        Clip(**(fields | change))


@pytest.mark.bad_input
def test_bad_slices_and_shifts() -> None:
    clip = made(THIRTY)
    for start, end in ((1.0, 1.0), (2.0, 1.0), (math.nan, None)):
        with pytest.raises(ValueError, match="start must be below end"):
            clip.slice(start, end)
    with pytest.raises(ValueError, match=r"no frame from 5 to 6 s; they run from 0 to 2.96667 s"):
        clip.slice(5.0, 6.0)
    with pytest.raises(ValueError, match="must have sound to shift, got None"):
        made(THIRTY, 0).shift_sound(0.1)


# --- columns ---


@pytest.mark.parametrize("start", [0.0, 0.1234, -0.4])
@pytest.mark.parametrize("rate", [(16000, 160), (44100, 512), (16000, 533)])
@pytest.mark.parametrize("step", [1 / 30, 1001 / 30000, 1 / 25])
def test_the_nearest_column_is_within_half_a_hop(
    start: float, rate: tuple[int, int], step: float
) -> None:
    config = SpectrogramConfig(sample_rate=rate[0], hop_length=rate[1])
    times = [start + 0.01 + k * step for k in range(200)]
    clip = made(times, 10 * rate[0], start, rate[0])
    columns = columns_of(clip, config)
    centres = clip.waveform_start + columns.nearest.double() * rate[1] / rate[0]
    half = rate[1] / rate[0] / 2
    assert bool(columns.covered.all())
    assert float((centres - clip.frame_times).abs().max()) <= half * (1 + 1e-5)
    # In whole numbers, as an independent count.
    for k in (0, 7, 199):
        exact = (times[k] - start) * rate[0] / rate[1]
        assert abs(int(columns.nearest[k]) - exact) <= 0.5 + 1e-6


def test_every_column_belongs_to_one_frame() -> None:
    columns = columns_of(made(THIRTY), CONFIG)
    counts = columns.stop - columns.first
    assert counts.unique().tolist() == [3, 4]  # 16000 / 160 / 30 = 3.33
    assert torch.equal(columns.stop[:-1], columns.first[1:])
    assert columns.first[0] == 0 and columns.stop[-1] == 300
    assert counts[:6].tolist() == [4, 3, 3, 4, 3, 3]  # a centre on the edge is the later frame's


def test_frames_that_the_sound_does_not_reach() -> None:
    clip = made(THIRTY, 16000, start=1.0)  # from 1 to 2 s: 101 columns, the last on its end
    columns = columns_of(clip, CONFIG)
    covered = columns.covered.nonzero()[:, 0]
    assert covered.tolist() == list(range(30, 61))
    assert columns.nearest[:30].unique().tolist() == [0]
    assert columns.nearest[61:].unique().tolist() == [100]
    counts = columns.stop - columns.first
    assert counts[:30].sum() == 0 and counts[61:].sum() == 0 and counts.sum() == 101


def test_a_flash_and_a_click_meet() -> None:
    sound = torch.zeros(1, 48000)
    sound[0, 24000] = 1.0  # at 1.5 s: frame 45
    frames = torch.zeros(90, 2, 3, 3, dtype=torch.uint8)
    frames[45] = 255
    times = torch.tensor(THIRTY, dtype=torch.float64)
    clip = Clip(frames, times, Waveform(sound, 16000)).shift_sound(0.2)  # heard in frame 51
    loud = int(log_mel(clip.waveform.samples[0], CONFIG).sum(dim=0).argmax())
    columns = columns_of(clip, CONFIG)
    holder = ((columns.first <= loud) & (loud < columns.stop)).nonzero()[:, 0].tolist()
    assert holder == [51]
    assert int(columns.nearest[51]) == loud == 150
    assert n_frames(48000, CONFIG) == 301


def test_three_hours_in_no_hop_is_lost() -> None:
    k = 3 * 3600 * 30 - 1  # float32 would be off by half a millisecond here
    times = torch.tensor([k / 30], dtype=torch.float64)
    columns = columns_at(times, times + 1 / 30, CONFIG, n_columns=2_000_000)
    assert int(columns.nearest) == round(k * 10 / 3)


@pytest.mark.bad_input
def test_columns_of_what_has_none() -> None:
    with pytest.raises(ValueError, match="the clip must have sound, got None"):
        columns_of(made(THIRTY, 0), CONFIG)
    with pytest.raises(ValueError, match="at the 8000 Hz of config .* got 16000 Hz"):
        columns_of(made(THIRTY), SpectrogramConfig(sample_rate=8000))
    times = torch.zeros(2, dtype=torch.float64)
    with pytest.raises(ValueError, match="n_columns must be at least 1, got 0"):
        columns_at(times, times, CONFIG, n_columns=0)
    with pytest.raises(ValueError, match=r"one shape, got \[2\] and \[1\]"):
        columns_at(times, times[:1], CONFIG, n_columns=5)
