"""SpectrogramExplorer: one picture of a sound, and every setting that shaped it."""

from typing import Any

import numpy as np
import torch
import traitlets
from jaxtyping import Float

from avtutor import spectral
from avtutor.spectral import SpectrogramConfig
from avtutor.units import power_to_db
from avtutor.widgets.base import (
    Explorer,
    Recordings,
    one_of,
    pack_sounds,
    page_script,
    page_style,
    read_recordings,
    within,
)
from avtutor.widgets.still import spectrogram_still

STILL_SECONDS = 3.0
LIMITS = {
    "win_length": (0, 8192),
    "hop_length": (1, 8192),
    "n_mels": (2, 256),
    "top_db": (-60, 70),
    "range_db": (10, 120),
}


def compute(
    samples: Float[np.ndarray, " time"],
    config: SpectrogramConfig,
    *,
    mel: bool,
    top_db: float,
    range_db: float,
) -> Float[np.ndarray, "row frame"]:
    """Return what the explorer paints: levels in dB, cut to the range that is shown.

    The page has the same function in JavaScript, and a test holds the two equal.

    Args:
        samples: sound in [-1, 1], float64.
        config: front end settings.
        mel: one row a mel band, else one a Fourier bin.
        top_db: the brightest level.
        range_db: from the darkest to the brightest.
    Raises:
        ValueError: if `samples` is shorter than one window.
    Lesson: 03_spectrogram

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256)
    >>> compute(np.zeros(8000), config, mel=False, top_db=0.0, range_db=80.0).shape
    (129, 51)
    """
    sound = torch.from_numpy(samples)
    power = spectral.mel(sound, config) if mel else spectral.power(sound, config)
    levels: np.ndarray = power_to_db(power).clamp(top_db - range_db, top_db).numpy()
    return levels


class SpectrogramExplorer(Explorer):
    """Show a sound as a spectrogram whose settings move it at once.

    Everything is computed in the page, so it also works without a kernel. The settings can be
    read and set from Python while it is shown.

    Args:
        recordings: a Waveform, the path of a sound file, or a dict of them by name. Channels are
            mixed into one; samples reach the page as 16-bit numbers.
        n_fft: length of one Fourier transform: a power of two from 64 to 8192.
        win_length: length of the window in samples, at most `n_fft`; None is `n_fft`.
        hop_length: samples from one frame to the next.
        window: hann, hamming, blackman, rectangular or gaussian.
        n_mels: number of mel bands, 2 to 256; None is a linear axis, one row a Fourier bin.
        top_db: the brightest level in dB; None is the loudest of the first recording.
        range_db: from the darkest to the brightest, in dB.
    Raises:
        ValueError: if there is nothing to show, or a setting lies outside its range.
    Lesson: 03_spectrogram

    >>> from avtutor.synth import chirp
    >>> glide = chirp(200.0, 3000.0, seconds=1.0, sample_rate=8000)
    >>> explorer = SpectrogramExplorer({"glide": glide}, n_fft=256, top_db=40)
    >>> explorer.n_fft = 512
    """

    _esm = page_script("spectrogram")
    _css = page_style()

    recording = traitlets.Unicode().tag(sync=True)
    n_fft = traitlets.Int(512).tag(sync=True)
    win_length = traitlets.Int(0).tag(sync=True)  # 0: as long as n_fft
    hop_length = traitlets.Int(160).tag(sync=True)
    window = traitlets.Unicode("hann").tag(sync=True)
    scale = traitlets.Unicode("linear").tag(sync=True)
    n_mels = traitlets.Int(64).tag(sync=True)
    top_db = traitlets.Int(0).tag(sync=True)
    range_db = traitlets.Int(80).tag(sync=True)

    face = "spectrogram"
    settings = (
        "recording", "n_fft", "win_length", "hop_length", "window", "scale", "n_mels", "top_db",
        "range_db",
    )  # fmt: skip

    def __init__(
        self,
        recordings: Recordings,
        *,
        n_fft: int = 512,
        win_length: int | None = None,
        hop_length: int = 160,
        window: str = "hann",
        n_mels: int | None = None,
        top_db: int | None = None,
        range_db: int = 80,
    ) -> None:
        sounds = read_recordings(recordings)
        entries, block = pack_sounds(sounds)
        name = next(iter(sounds))
        super().__init__(
            sounds=entries,
            sound=block,
            recording=name,
            n_fft=n_fft,
            win_length=win_length or 0,
            hop_length=hop_length,
            window=window,
            scale="linear" if n_mels is None else "mel",
            n_mels=64 if n_mels is None else n_mels,
            range_db=range_db,
        )
        self.top_db = self._loudest() if top_db is None else top_db

    @property
    def config(self) -> SpectrogramConfig:
        """The settings as the rest of the package takes them."""
        return self._config_for(self.n_fft)

    def _config_for(self, n_fft: int) -> SpectrogramConfig:
        return SpectrogramConfig(
            sample_rate=self.sample_rate(self.recording),
            n_fft=n_fft,
            win_length=min(self.win_length or n_fft, n_fft),
            hop_length=self.hop_length,
            n_mels=self.n_mels,
            window=self.window,
        )

    def _levels(self, top_db: float, range_db: float) -> tuple[np.ndarray, SpectrogramConfig]:
        """Return the first seconds as they are painted."""
        rate = self.sample_rate(self.recording)
        samples = self.samples(self.recording)[: round(STILL_SECONDS * rate)]
        longest = 2 ** int(np.log2(samples.size))  # a page does the same: no n_fft beyond the sound
        config = self._config_for(min(self.n_fft, longest))
        mel = self.scale == "mel"
        return compute(samples, config, mel=mel, top_db=top_db, range_db=range_db), config

    def _loudest(self) -> int:
        levels, _ = self._levels(200.0, 400.0)
        return int(np.clip(np.ceil(levels.max()), -60, 70))

    def still(self) -> bytes:
        """Return the first three seconds as PNG."""
        levels, config = self._levels(float(self.top_db), float(self.range_db))
        return spectrogram_still(
            levels,
            config,
            mel=self.scale == "mel",
            title=f"{self.recording} · n_fft {config.n_fft} · hop_length {config.hop_length} "
            f"· {self.window}",
            top_db=float(self.top_db),
            range_db=float(self.range_db),
        )

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        return (
            f"Spectrogram of {self.recording}: time from left to right, frequency from bottom to "
            f"top, level as brightness over {self.range_db} dB"
        )

    @traitlets.validate("window")
    def _check_window(self, proposal: dict[str, Any]) -> str:
        return one_of("window", str(proposal["value"]), spectral.WINDOWS)

    @traitlets.validate("scale")
    def _check_scale(self, proposal: dict[str, Any]) -> str:
        return one_of("scale", str(proposal["value"]), ["linear", "mel"])

    @traitlets.validate("n_fft")
    def _check_n_fft(self, proposal: dict[str, Any]) -> int:
        return one_of("n_fft", int(proposal["value"]), [1 << k for k in range(6, 14)])

    @traitlets.validate("win_length", "hop_length", "n_mels", "top_db", "range_db")
    def _check_number(self, proposal: dict[str, Any]) -> int:
        name = str(proposal["trait"].name)
        return within(name, int(proposal["value"]), *LIMITS[name])
