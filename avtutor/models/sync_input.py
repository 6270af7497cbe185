"""What the two towers are given: grey pictures at an even rate, and log-mel columns."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor
from torch.nn import functional as F

from avtutor.clip import Clip
from avtutor.spectral import SpectrogramConfig, below_peak, columns_at, log_mel


@dataclass(frozen=True)
class SyncConfig:
    """The settings of `SyncTowers` and of its input.

    Args:
        n_frames: pictures of a window.
        frame_rate: of the pictures, a second; a clip with another one is read at this one.
        size: height and width of a picture, in pixels.
        sample_rate: of the sound, in Hz.
        n_mels: mel bands.
        hop_length: samples from one column to the next.
        range_db: how far below its loudest cell a sound is looked at, in dB.
        width: channels of the first layer of the picture tower; the others follow.
        n_features: of an embedding.
        reach: the largest offset, in frames, to both sides.
    Raises:
        ValueError: if a count is below 1, there are fewer than two pictures, or a window is not a
            whole number of columns.
    Lesson: 17_in_sync

    >>> SyncConfig().n_columns, SyncConfig().n_candidates
    (20, 31)
    """

    n_frames: int = 5
    frame_rate: float = 25.0
    size: int = 32
    sample_rate: int = 16000
    n_mels: int = 40
    hop_length: int = 160
    range_db: float = 50.0
    width: int = 16
    n_features: int = 64
    reach: int = 15

    def __post_init__(self) -> None:
        for name in ("size", "n_mels", "width", "n_features", "reach"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.n_frames < 2:
            raise ValueError(f"n_frames must be at least 2 to see a motion, got {self.n_frames}")
        if not self.frame_rate > 0:
            raise ValueError(f"frame_rate must be above 0, got {self.frame_rate}")
        exact = self.n_frames / self.frame_rate * self.sample_rate / self.hop_length
        if abs(exact - round(exact)) > 1e-6 or exact < 12:
            raise ValueError(
                "a window must be a whole number of columns, at least 12: "
                f"{self.n_frames} pictures at {self.frame_rate:g} a second are {exact:g}"
            )

    @property
    def n_columns(self) -> int:
        """The number of columns that belong to a window."""
        return round(self.n_frames / self.frame_rate * self.sample_rate / self.hop_length)

    @property
    def n_candidates(self) -> int:
        """The number of offsets: chance is one in so many."""
        return 2 * self.reach + 1

    @property
    def spectrogram(self) -> SpectrogramConfig:
        """The front end of the sound tower."""
        return SpectrogramConfig(
            sample_rate=self.sample_rate, hop_length=self.hop_length, n_mels=self.n_mels
        )


@dataclass(frozen=True, eq=False)
class SyncInput:
    """A clip as the towers see it.

    Args:
        pictures: differences of successive grey pictures, [frame - 1, height, width].
        levels: log-mel columns, from 0 (``range_db`` below the loudest) to 1.
        first: the column that belongs to each picture, [frame]; it may lie outside of the sound.
        times: of the pictures, [frame], in seconds.
    """

    pictures: Float[Tensor, "step height width"]
    levels: Float[Tensor, "mel column"]
    first: Tensor
    times: Float64[Tensor, " frame"]


def sync_input(clip: Clip, config: SyncConfig) -> SyncInput:
    """Return a clip as the towers see it: grey, small, at an even rate, with its columns.

    At each time of the even rate the nearest picture is taken. Which column belongs to it is told
    by `spectral.columns_at`; where the sound has not begun yet the number is below 0.

    Args:
        clip: with sound, and at least one window long.
        config: the settings.
    Raises:
        ValueError: if there is no sound, or the clip is shorter than a window.
    Lesson: 17_in_sync

    >>> from avtutor.synth import SceneConfig, scene
    >>> one = sync_input(scene(SceneConfig("balls"), seed=0).clip, SyncConfig())
    >>> one.pictures.shape, one.levels.shape, one.first[:4].tolist()
    (torch.Size([74, 32, 32]), torch.Size([40, 301]), [0, 4, 8, 12])
    """
    if clip.waveform is None:
        raise ValueError("the clip must have sound, got None")
    start, end = float(clip.frame_times[0]), float(clip.frame_times[-1])
    n = int((end - start) * config.frame_rate + 1 + 1e-6)
    if n < config.n_frames:
        raise ValueError(
            f"the clip must hold at least {config.n_frames} pictures at {config.frame_rate:g} a "
            f"second, got {n}"
        )
    times = start + torch.arange(n, dtype=torch.float64) / config.frame_rate
    middles = (clip.frame_times[1:] + clip.frame_times[:-1]) / 2
    nearest = torch.searchsorted(middles, times)
    grey = clip.frames.float().mean(dim=-1) / 255
    if grey.shape[1:] != (config.size, config.size):
        grey = F.interpolate(
            grey[:, None], size=(config.size, config.size), mode="bilinear", antialias=True
        )[:, 0]
    sound = clip.waveform.mono().resample(config.sample_rate).samples[0]
    levels = below_peak(log_mel(sound, config.spectrogram), config.range_db)
    # Columns of the clip's clock, on which the sound may begin later: by whole columns and a rest.
    since = times - clip.waveform_start
    lead = max(0, -int((since[0] * config.sample_rate / config.hop_length).floor()))
    moved = since + lead * config.hop_length / config.sample_rate
    columns = columns_at(moved, moved, config.spectrogram, n_columns=10**9)
    return SyncInput(
        pictures=grey[nearest].diff(dim=0),
        levels=levels / config.range_db + 1,
        first=columns.nearest - lead,
        times=times,
    )
