"""VerdictExplorer: what a network says while the learner alters the spectrogram it is given."""

import copy
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import traitlets

from avtutor.models import SpectrogramCNN
from avtutor.spectral import WINDOWS, SpectrogramConfig, n_frames
from avtutor.widgets.altered import LEVELS, Alterations, Entered, Verdict, alter, compute, enter
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
from avtutor.widgets.still import verdict_still
from avtutor.widgets.weights import pack_network

__all__ = ["Alterations", "Entered", "Verdict", "VerdictExplorer", "alter", "compute", "enter"]

MOST_FRAMES = 400
"""The longest picture: the network answers within a frame of the screen up to about 100."""
N_FFT = tuple(1 << k for k in range(6, 14))
BRUSHES = ("erase", "paint", "look")
BRUSH_SIZES = (1, 40)


class VerdictExplorer(Explorer):
    """Show what a network says to a sound while its spectrogram is flipped, moved, hidden, painted.

    The network runs in the page, at every move, so it also works without a kernel. Alterations
    are done to the picture that the network is given: first the flips, then the shifts, then what
    is hidden, then the brush. Each can be read and set from Python while it is shown; `reset`
    undoes them.

    Args:
        recordings: a Waveform, the path of a sound file, or a dict of them by name, at the rate
            of `config`. Channels are mixed into one; samples reach the page as 16-bit numbers.
        model: a trained network. What is shown is its state now; later training changes nothing.
        config: the front end that it was trained with.
        classes: the names of its classes, in their order.
        level: how levels enter the network, as in its training: "below peak", dB below the
            loudest of each recording; or "as recorded".
        range_db: where levels below the peak are cut (`spectral.below_peak`); not used with
            levels as recorded.
    Raises:
        TypeError: if `model` is not a SpectrogramCNN.
        ValueError: if recordings, model, config and classes do not fit each other, or a setting
            lies outside its range.
    Lesson: 07_not_a_photo, 08_what_it_heard

    >>> from avtutor.models import SpectrogramCNNConfig
    >>> from avtutor.synth import chirp
    >>> glide = chirp(200.0, 3000.0, seconds=0.5, sample_rate=8000)
    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    >>> model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=2))
    >>> explorer = VerdictExplorer({"glide": glide}, model, config, classes=["up", "down"])
    >>> explorer.flip_time = True
    >>> explorer.verdict().logits.shape
    (2,)
    """

    _esm = page_script("verdict")
    _css = page_style()

    front_end: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    network: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    classes: traitlets.List[str] = traitlets.List().tag(sync=True)
    level = traitlets.Unicode("below peak").tag(sync=True)
    range_db = traitlets.Float(60.0).tag(sync=True)
    most_frames = traitlets.Int(MOST_FRAMES).tag(sync=True)

    recording = traitlets.Unicode().tag(sync=True)
    flip_time = traitlets.Bool(False).tag(sync=True)
    flip_frequency = traitlets.Bool(False).tag(sync=True)
    shift_frames = traitlets.Int(0).tag(sync=True)
    shift_bands = traitlets.Int(0).tag(sync=True)
    hide_low = traitlets.Int(0).tag(sync=True)
    hide_high = traitlets.Int(0).tag(sync=True)
    hide_start = traitlets.Int(0).tag(sync=True)
    hide_end = traitlets.Int(0).tag(sync=True)
    erased: traitlets.List[list[int]] = traitlets.List().tag(sync=True)
    painted: traitlets.List[list[int]] = traitlets.List().tag(sync=True)
    brush = traitlets.Unicode("erase").tag(sync=True)
    brush_size = traitlets.Int(5).tag(sync=True)

    face = "verdict"
    constants = (
        "sounds", "front_end", "network", "classes", "level", "range_db", "most_frames",
    )  # fmt: skip
    blocks = ("sound", "weights")
    alterations = (
        "flip_time", "flip_frequency", "shift_frames", "shift_bands", "hide_low", "hide_high",
        "hide_start", "hide_end", "erased", "painted",
    )  # fmt: skip
    settings = ("recording", *alterations, "brush", "brush_size")

    def __init__(
        self,
        recordings: Recordings,
        model: SpectrogramCNN,
        config: SpectrogramConfig,
        *,
        classes: Sequence[str],
        level: str = "below peak",
        range_db: float = 60.0,
    ) -> None:
        description, weights = pack_network(model)
        _check_config(config, model)
        one_of("level", level, LEVELS)
        if not 0 < range_db <= 200:
            raise ValueError(f"range_db must be above 0 and at most 200 dB, got {range_db:g}")
        sounds = read_recordings(recordings)
        for name, sound in sounds.items():
            _check_sound(name, sound.sample_rate, sound.n_samples, config)
        entries, block = pack_sounds(sounds)
        super().__init__(
            sounds=entries,
            sound=block,
            front_end=asdict(config),
            network=description,
            weights=weights,
            classes=_checked_classes(classes, model),
            level=level,
            range_db=float(range_db),
            recording=next(iter(sounds)),
        )
        self._config = config
        self._model = copy.deepcopy(model).eval()

    def reset(self) -> None:
        """Undo all alterations."""
        with self.hold_sync():
            for name in self.alterations:
                self.set_trait(name, self.traits()[name].default())

    def verdict(self, *, untouched: bool = False) -> Verdict:
        """Return the picture that is shown now and the network's answer, computed here.

        Args:
            untouched: for the recording without the alterations.
        """
        alterations = Alterations(
            flip_time=self.flip_time,
            flip_frequency=self.flip_frequency,
            shift_frames=self.shift_frames,
            shift_bands=self.shift_bands,
            hidden_bands=(self.hide_low, self.hide_high),
            hidden_frames=(self.hide_start, self.hide_end),
            erased=self.erased,
            painted=self.painted,
        )
        return compute(
            self.samples(self.recording),
            self._config,
            self._model,
            Alterations() if untouched else alterations,
            level=self.level,
            range_db=self.range_db,
        )

    def _said(self) -> str:
        """Return what the network says, and said before, in words."""
        before = self.classes[int(self.verdict(untouched=True).logits.argmax())]
        now = self.classes[int(self.verdict().logits.argmax())]
        return f"says {now}" if now == before else f"said {before}, now says {now}"

    def still(self) -> bytes:
        """Return the picture and the shares of the classes as PNG."""
        samples = self.samples(self.recording)
        picture = enter(samples, self._config, level=self.level, range_db=self.range_db)
        now, before = self.verdict(), self.verdict(untouched=True)
        return verdict_still(
            now.levels,
            self._config,
            title=f"{self.recording} · {self._said()}",
            top_db=picture.peak,
            range_db=self._shown_range(picture),
            shares=dict(zip(self.classes, now.shares.tolist(), strict=True)),
            before=before.shares.tolist(),
        )

    def _shown_range(self, picture: Entered) -> float:
        """Return from how far below the loudest the colours begin, in dB."""
        below_peak = self.level == "below peak"
        return self.range_db if below_peak else max(picture.peak - picture.floor, 1.0)

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        return (
            f"Spectrogram of {self.recording} as the network gets it, and the share of each class: "
            f"the network {self._said()}"
        )

    @traitlets.validate("shift_bands", "hide_low", "hide_high")
    def _check_bands(self, proposal: dict[str, Any]) -> int:
        name, most = str(proposal["trait"].name), int(self.front_end["n_mels"])
        least = -most if name.startswith("shift") else 0
        return within(name, int(proposal["value"]), least, most)

    @traitlets.validate("shift_frames", "hide_start", "hide_end")
    def _check_frames(self, proposal: dict[str, Any]) -> int:
        name = str(proposal["trait"].name)
        least = -MOST_FRAMES if name.startswith("shift") else 0
        return within(name, int(proposal["value"]), least, MOST_FRAMES)

    @traitlets.validate("erased", "painted")
    def _check_runs(self, proposal: dict[str, Any]) -> list[list[int]]:
        name, most = str(proposal["trait"].name), int(self.front_end["n_mels"])
        for run in proposal["value"]:
            whole = len(run) == 3 and all(isinstance(number, int) for number in run)
            if not whole or not (0 <= run[0] < most and 0 <= run[1] < run[2] <= MOST_FRAMES):
                raise ValueError(
                    f"{name} must be a list of [band, first frame, frame after the last], bands "
                    f"from 0 to {most - 1} and frames from 0 to {MOST_FRAMES}, got {run}"
                )
        return [list(run) for run in proposal["value"]]

    @traitlets.validate("brush")
    def _check_brush(self, proposal: dict[str, Any]) -> str:
        return one_of("brush", str(proposal["value"]), BRUSHES)

    @traitlets.validate("brush_size")
    def _check_brush_size(self, proposal: dict[str, Any]) -> int:
        return within("brush_size", int(proposal["value"]), *BRUSH_SIZES)


def _check_config(config: SpectrogramConfig, model: SpectrogramCNN) -> None:
    """Refuse a front end that the page does not have, or that is not the network's."""
    one_of("n_fft", config.n_fft, N_FFT)
    one_of("window", config.window, WINDOWS)
    if config.n_mels != model.config.n_mels:
        raise ValueError(
            f"config.n_mels must be {model.config.n_mels}, the bands of the model, "
            f"got {config.n_mels}"
        )


def _check_sound(name: str, sample_rate: int, n_samples: int, config: SpectrogramConfig) -> None:
    if sample_rate != config.sample_rate:
        raise ValueError(
            f"recordings must be at {config.sample_rate} Hz, the rate of config, "
            f"got {sample_rate} Hz under {name!r}; Waveform.resample changes it"
        )
    least = max(config.win_length, config.n_fft // 2 + 1)
    frames = n_frames(n_samples, config)
    if n_samples < least or frames > MOST_FRAMES:
        raise ValueError(
            f"a recording must hold at least {least} samples and at most {MOST_FRAMES} frames, "
            f"got {n_samples} samples, {frames} frames under {name!r}"
        )


def _checked_classes(classes: Sequence[str], model: SpectrogramCNN) -> list[str]:
    names = list(classes)
    n_classes = model.config.n_classes
    strings = all(isinstance(name, str) and name for name in names)
    if not strings or len(names) != n_classes or len(set(names)) != n_classes:
        raise ValueError(f"classes must be {n_classes} different names, got {names}")
    return names
