"""HearAndSee: a sound goes in, and pictures of what it could be form step by step."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
import traitlets
from torch import Tensor

from avtutor.spectral import SpectrogramConfig
from avtutor.waveform import Waveform
from avtutor.widgets.base import (
    Explorer,
    one_of,
    pack_sounds,
    page_script,
    page_style,
    read_recordings,
    within,
)
from avtutor.widgets.forming import (
    MOST_DRAWS,
    Formed,
    Generator,
    compute,
    entered,
    exact,
    takes_any_length,
)
from avtutor.widgets.generator_weights import pack_generator
from avtutor.widgets.senses import check_config
from avtutor.widgets.still_forming import forming_still

__all__ = ["Formed", "HearAndSee", "compute"]

MOST_SEEDS = 1000
MOST_STEPS = 64
MOST_SECONDS = 10.0


class HearAndSee(Explorer):
    """Show what a network hears in a sound, and the pictures that it draws of it, forming.

    One of the sounds is chosen, or one is recorded, or read from a file: those two stay in the
    page. Several pictures form from it at the same time, each from other noise, and a fader goes
    through the steps on the way. What the sound tells is the same in all of them; what it does not
    tell is not, and changes when they are drawn again. The network runs in the page, so it also
    works without a kernel. The noise is seeded: the same seed is the same noise, in the page and
    in Python.

    Args:
        model: a trained `LatentFlow` or `ConditionalVAE`. What is shown is its state now; later
            training changes nothing.
        recordings: Waveforms by name, at the rate of `config`. Samples reach the page as 16-bit
            numbers.
        config: the front end that it was trained with.
        seconds: how long a sound it takes, at most; of longer ones the loudest part is taken.
            Shorter ones are followed by silence, unless what hears takes any length (a
            `SpectrogramCNN`). Default: as long as the longest recording.
        truth: what some of the recordings are of, as pictures by the same names: pixels from 0
            to 1, [channel, height, width]. They are seen only when they are asked for.
        about: words that stand under these pictures.
        range_db: where levels below the loudest are cut (`spectral.below_peak`), as in training.
        n_draws: pictures of one sound.
        n_steps: into how many steps the way from noise to a picture is cut.
    Raises:
        TypeError: if `model` is another network, or a picture not a tensor.
        ValueError: if model, recordings, pictures and config do not fit each other, or a setting
            lies outside its range.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.datasets import Bestiary
    >>> from avtutor.datasets.bestiary import FRONT
    >>> from avtutor.models import CallEncoder, GeneratorConfig, LatentFlow, PictureVAE
    >>> config = GeneratorConfig()
    >>> model = LatentFlow(PictureVAE(config), CallEncoder(config, n_frames=161))
    >>> call, = Bestiary(1, seed=0, size=None, front=None).select(torch.tensor([0])).inputs["audio"]
    >>> HearAndSee(model, {"a call": Waveform.from_mono(call, 8000)}, FRONT)
    HearAndSee(a call; recording='a call', step=16, seed=0, truth_shown=False)
    """

    _esm = page_script("hear_and_see")
    _css = page_style()

    front_end: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    generator: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    truths: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    truth = traitlets.Bytes().tag(sync=True)
    n_samples = traitlets.Int().tag(sync=True)
    padded = traitlets.Bool(True).tag(sync=True)
    range_db = traitlets.Float(60.0).tag(sync=True)
    n_draws = traitlets.Int(4).tag(sync=True)
    n_steps = traitlets.Int(16).tag(sync=True)

    recording = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(16).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    truth_shown = traitlets.Bool(False).tag(sync=True)

    face = "hear_and_see"
    constants = (
        "sounds", "front_end", "generator", "truths", "n_samples", "padded", "range_db", "n_draws",
        "n_steps",
    )  # fmt: skip
    blocks = ("sound", "weights", "truth")
    settings = ("recording", "step", "seed", "truth_shown")

    def __init__(
        self,
        model: Generator,
        recordings: Mapping[str, Waveform],
        config: SpectrogramConfig,
        *,
        seconds: float | None = None,
        truth: Mapping[str, Tensor] | None = None,
        about: Mapping[str, str] | None = None,
        range_db: float = 60.0,
        n_draws: int = 4,
        n_steps: int = 16,
    ) -> None:
        packed, weights = pack_generator(model)
        check_config(config)
        if not 0 < range_db <= 200:
            raise ValueError(f"range_db must be above 0 and at most 200 dB, got {range_db:g}")
        within("n_draws", n_draws, 1, MOST_DRAWS)
        within("n_steps", n_steps, 1, MOST_STEPS)
        sounds = read_recordings(recordings)
        n_samples = _checked_length(sounds, config, seconds)
        exactly = exact(model)
        padded = not takes_any_length(exactly)
        _check_takes(exactly, config, n_samples)
        entries, block = pack_sounds(sounds)
        truths, pixels = _packed_truth(
            truth or {}, about or {}, list(sounds), exactly.config.picture_shape
        )
        super().__init__(
            sounds=entries,
            sound=block,
            front_end=asdict(config),
            generator=packed,
            weights=weights,
            truths=truths,
            truth=pixels,
            n_samples=n_samples,
            padded=padded,
            range_db=float(range_db),
            n_draws=n_draws,
            n_steps=n_steps,
            recording=next(iter(sounds)),
            step=n_steps,
        )
        self._config = config
        self._exactly = exactly

    def reset(self) -> None:
        """Go back to the last step and to the first noise, and hide the truth."""
        with self.hold_sync():
            self.step, self.seed, self.truth_shown = self.n_steps, 0, False

    def formed(self) -> Formed:
        """Return what the network hears and draws now, at every step, computed here."""
        return compute(
            self.samples(self.recording),
            self._exactly,
            self._config,
            from_rate=self._config.sample_rate,
            n_samples=self.n_samples,
            seed=self.seed,
            n_draws=self.n_draws,
            n_steps=self.n_steps,
            range_db=self.range_db,
            padded=self.padded,
        )

    def still(self) -> bytes:
        """Return the spectrogram, the draws as they are, and the way of the first one, as PNG."""
        return forming_still(
            self.formed(),
            self._config,
            title=self.recording,
            step=self.step,
            range_db=self.range_db,
            truth=self._truth_now(),
        )

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        drawn = "a picture" if self.n_draws == 1 else f"{self.n_draws} pictures"
        words = (
            f"The spectrogram of {self.recording}, {drawn} that a network draws of it, at step "
            f"{self.step} of {self.n_steps}, and the steps on the way"
        )
        return f"{words}; and what it was" if self._truth_now() is not None else words

    def _truth_now(self) -> np.ndarray | None:
        """Return the picture of what is heard, uint8, where it is there and asked for."""
        shape = tuple(self.generator["shape"])
        for number, entry in enumerate(self.truths):
            if entry["name"] == self.recording and self.truth_shown:
                size = int(np.prod(shape))
                pixels = np.frombuffer(self.truth, np.uint8, count=size, offset=number * size)
                return pixels.reshape(shape)
        return None

    @traitlets.validate("step")
    def _check_step(self, proposal: dict[str, Any]) -> int:
        return within("step", int(proposal["value"]), 0, self.n_steps)

    @traitlets.validate("seed")
    def _check_seed(self, proposal: dict[str, Any]) -> int:
        return within("seed", int(proposal["value"]), 0, MOST_SEEDS - 1)


def _checked_length(
    sounds: Mapping[str, Waveform], config: SpectrogramConfig, seconds: float | None
) -> int:
    """Return how many samples the network takes; refuse sounds at another rate, or none."""
    for name, sound in sounds.items():
        if sound.sample_rate != config.sample_rate:
            raise ValueError(
                f"recordings must be at {config.sample_rate} Hz, the rate of config, "
                f"got {sound.sample_rate} Hz under {name!r}; Waveform.resample changes it"
            )
    longest = max(sound.n_samples for sound in sounds.values())
    n_samples = longest if seconds is None else round(seconds * config.sample_rate)
    least = max(config.win_length, config.n_fft // 2 + 1)
    if not least <= n_samples <= MOST_SECONDS * config.sample_rate:
        raise ValueError(
            f"seconds must be from {least / config.sample_rate:g} to {MOST_SECONDS:g}, "
            f"got {n_samples / config.sample_rate:g}"
        )
    for name, sound in sounds.items():
        try:
            entered(
                sound.samples[0].double().numpy(),
                from_rate=config.sample_rate,
                config=config,
                n_samples=n_samples,
            )
        except ValueError as error:
            raise ValueError(f"recordings: under {name!r} {error}") from error
    return n_samples


def _check_takes(model: Generator, config: SpectrogramConfig, n_samples: int) -> None:
    """Refuse a front end or a length that the network was not made for."""
    shape = [config.n_mels, 1 + n_samples // config.hop_length]
    with torch.no_grad():
        try:
            heard = model.hear(torch.zeros(1, *shape, dtype=torch.float64))
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"model must take spectrograms {shape}: {error}") from error
    if heard.shape != (1, model.config.n_features):
        raise ValueError(
            f"what hears must give {model.config.n_features} features, got {list(heard.shape[1:])}"
        )


def _packed_truth(
    truth: Mapping[str, Tensor],
    about: Mapping[str, str],
    names: list[str],
    shape: tuple[int, int, int],
) -> tuple[list[dict[str, Any]], bytes]:
    """Return what is known of the pictures behind the sounds, and their pixels, 8 bits each."""
    for name in (*truth, *about):
        one_of("a name in truth and about", name, names)
    for name in about:
        one_of("a name in about", name, list(truth))
    pixels = []
    for name, picture in truth.items():
        if not isinstance(picture, Tensor):
            raise TypeError(f"truth must be tensors, got {type(picture).__name__} under {name!r}")
        if picture.shape != shape:
            raise ValueError(
                f"truth must be pictures {list(shape)} as the network draws them, "
                f"got {list(picture.shape)} under {name!r}"
            )
        values = picture.detach().cpu().double()
        if not bool(((values >= 0) & (values <= 1)).all()):
            raise ValueError(f"truth must be pixels from 0 to 1, got others under {name!r}")
        pixels.append((255 * values).round().to(torch.uint8).numpy().tobytes())
    known = [{"name": name, "about": about.get(name, "")} for name in truth]
    return known, b"".join(pixels)
