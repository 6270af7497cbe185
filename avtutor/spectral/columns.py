"""Which columns of a spectrogram belong to which picture of a video."""

from dataclasses import dataclass

from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from avtutor.clip import Clip
from avtutor.spectral.config import SpectrogramConfig, n_frames

_TIE = 1e-6  # share of a hop by which a time may miss a centre or an edge: rounding, not time


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a spectrogram that belong to each frame of a video, all [frame].

    Args:
        nearest: the column whose centre is nearest to the frame's time stamp.
        covered: whether that is within half a hop. It is not where the frame lies before the
            sound or behind it; `nearest` is then the first column or the last.
        first: the first column whose centre falls within the time of the frame, from its time
            stamp to that of the next one.
        stop: the column behind the last of those; equal to `first` where there are none.
    """

    nearest: Int64[Tensor, " frame"]
    covered: Bool[Tensor, " frame"]
    first: Int64[Tensor, " frame"]
    stop: Int64[Tensor, " frame"]


def columns_of(clip: Clip, config: SpectrogramConfig) -> Columns:
    """Return, for each frame of a clip, the columns of its spectrogram that belong to it.

    Column c is centred on sample ``c * hop_length`` (`SpectrogramConfig`), so it is heard at
    ``waveform_start + c * hop_length / sample_rate``. At 16 kHz, a hop of 160 and 30 frames a
    second there are 3.33 columns a frame: three or four, and every column belongs to one frame.

    Args:
        clip: with sound, at the rate of `config`.
        config: the settings of the spectrogram.
    Raises:
        ValueError: if the clip has no sound, or its rate is not that of `config`.
    Lesson: 12_two_clocks

    >>> import torch
    >>> from avtutor.waveform import Waveform
    >>> times = torch.arange(4, dtype=torch.float64) / 30
    >>> sound = Waveform(torch.zeros(1, 16000), 16000)
    >>> clip = Clip(torch.zeros(4, 2, 2, 3, dtype=torch.uint8), times, sound)
    >>> columns = columns_of(clip, SpectrogramConfig(sample_rate=16000))
    >>> columns.nearest
    tensor([ 0,  3,  7, 10])
    >>> columns.first, columns.stop
    (tensor([ 0,  4,  7, 10]), tensor([ 4,  7, 10, 14]))
    """
    if clip.waveform is None:
        raise ValueError("the clip must have sound, got None")
    if clip.waveform.sample_rate != config.sample_rate:
        raise ValueError(
            f"the sound must be at the {config.sample_rate} Hz of config (see Clip.resample), "
            f"got {clip.waveform.sample_rate} Hz"
        )
    return columns_at(
        clip.frame_times - clip.waveform_start,
        clip.frame_ends - clip.waveform_start,
        config,
        n_columns=n_frames(clip.waveform.n_samples, config),
    )


def columns_at(
    times: Float64[Tensor, " frame"],
    ends: Float64[Tensor, " frame"],
    config: SpectrogramConfig,
    *,
    n_columns: int,
) -> Columns:
    """Return the columns that belong to the stretches from `times` to `ends`.

    What `columns_of` does, for times that are in no clip.

    Args:
        times: where each stretch begins, in seconds from the first sample of the sound.
        ends: where it ends; that moment is not in it.
        config: the settings of the spectrogram.
        n_columns: how many columns the spectrogram has.
    Raises:
        ValueError: if ``n_columns`` is below 1, or `times` and `ends` differ in shape.
    Lesson: 12_two_clocks

    >>> import torch
    >>> times = torch.tensor([0.0, 0.04], dtype=torch.float64)
    >>> columns_at(times, times + 0.04, SpectrogramConfig(sample_rate=16000), n_columns=7).stop
    tensor([4, 7])
    """
    if n_columns < 1:
        raise ValueError(f"n_columns must be at least 1, got {n_columns}")
    if times.shape != ends.shape:
        raise ValueError(
            f"times and ends must have one shape, got {list(times.shape)} and {list(ends.shape)}"
        )
    hops = times.double() * config.sample_rate / config.hop_length
    behind = ends.double() * config.sample_rate / config.hop_length
    nearest = hops.round().clamp(0, n_columns - 1)
    return Columns(
        nearest=nearest.long(),
        covered=(hops - nearest).abs() <= 0.5 + _TIE,
        first=(hops - _TIE).ceil().clamp(0, n_columns).long(),
        stop=(behind - _TIE).ceil().clamp(0, n_columns).long(),
    )
