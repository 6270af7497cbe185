"""What every explorer has: sounds sent once, a page of its own, a still picture."""

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import numpy as np
import traitlets

from avtutor.media import read_audio
from avtutor.waveform import Waveform
from avtutor.widgets.colours import MAGMA

FOLDER = Path(__file__).parent
LEAST_SAMPLES = 64
MOST_SAMPLES = 20_000_000
"""All recordings together: 40 MB on their way to the page, 20 minutes at 16 kHz."""

Value = TypeVar("Value", str, int)
Recording = Waveform | str | Path
Recordings = Recording | Mapping[str, Recording]


@cache
def page_script(face: str) -> str:
    """Return the JavaScript of a widget: the shared pieces and its own face, as one module."""
    pieces = sorted((FOLDER / "shared").glob("*.js")) + [FOLDER / f"{face}.js"]
    texts = [piece.read_text(encoding="utf-8") for piece in pieces]
    return "\n".join([f'const COLOUR_ANCHORS = "{MAGMA}";', *texts])


@cache
def page_style() -> str:
    """Return the style sheet that all widgets share."""
    return (FOLDER / "shared" / "style.css").read_text(encoding="utf-8")


def read_recordings(recordings: Recordings) -> dict[str, Waveform]:
    """Return the recordings by name, files read and channels mixed into one.

    Raises:
        ValueError: unless there is a sound of at least 64 samples under every name.
        MediaError: if a file cannot be read.
    """
    required = "recordings must be a Waveform, the path of a sound file, or a dict of them by name"
    if not isinstance(recordings, Mapping):
        name = Path(recordings).stem if isinstance(recordings, str | Path) else "recording"
        recordings = {name: recordings}
    if not recordings:
        raise ValueError(f"{required}, got an empty dict")
    sounds = {}
    for name, recording in recordings.items():
        if not isinstance(name, str):
            raise ValueError(f"{required}, got {name!r} as a name")
        if isinstance(recording, str | Path):
            recording = read_audio(recording)
        if not isinstance(recording, Waveform):
            raise ValueError(f"{required}, got {type(recording).__name__} under {name!r}")
        if recording.n_samples < LEAST_SAMPLES:
            raise ValueError(
                f"a recording must hold at least {LEAST_SAMPLES} samples, "
                f"got {recording.n_samples} under {name!r}"
            )
        sounds[name] = recording.mono()
    total = sum(sound.n_samples for sound in sounds.values())
    if total > MOST_SAMPLES:
        raise ValueError(
            f"recordings must hold at most {MOST_SAMPLES} samples together, got {total}; "
            "Waveform.slice takes a part"
        )
    return sounds


def pack_sounds(sounds: Mapping[str, Waveform]) -> tuple[list[dict[str, Any]], bytes]:
    """Return a description of each sound, and all samples as little-endian int16.

    The step of a sound is 1 / 32768, or what its peak needs where that is more.
    """
    entries, blocks, first = [], [], 0
    for name, sound in sounds.items():
        samples = sound.samples[0].double().numpy()
        step = max(1 / 32768, float(np.abs(samples).max()) / 32767)
        blocks.append(np.rint(samples / step).astype("<i2"))
        entries.append(
            {
                "name": name,
                "sample_rate": sound.sample_rate,
                "first": first,
                "n_samples": sound.n_samples,
                "step": step,
            }
        )
        first += sound.n_samples
    return entries, b"".join(block.tobytes() for block in blocks)


class Explorer(anywidget.AnyWidget):
    """The common part of the explorers; use one of them."""

    sounds: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    sound = traitlets.Bytes().tag(sync=True)

    face = ""
    settings: tuple[str, ...] = ()
    constants: tuple[str, ...] = ("sounds",)
    """What the page is given besides the settings, and never changes."""
    blocks: tuple[str, ...] = ("sound",)
    """Constants that are bytes."""

    def samples(self, name: str) -> np.ndarray:
        """Return the samples of one recording as the page has them, float64, [time]."""
        entry = next(entry for entry in self.sounds if entry["name"] == name)
        steps = np.frombuffer(
            self.sound, dtype="<i2", count=entry["n_samples"], offset=2 * entry["first"]
        )
        samples: np.ndarray = steps.astype(np.float64) * entry["step"]
        return samples

    def sample_rate(self, name: str) -> int:
        """Return the sampling rate of one recording, in Hz."""
        return int(next(entry["sample_rate"] for entry in self.sounds if entry["name"] == name))

    def still(self) -> bytes:
        """Return the picture as it is at first, as PNG, for where scripts do not run."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        raise NotImplementedError

    def to_html(self) -> str:
        """Return the widget as a piece of a page that needs no kernel and loads nothing.

        Where scripts do not run, the still picture stays.
        """
        values = {name: getattr(self, name) for name in (*self.constants, *self.settings)}
        for name in self.blocks:
            values[name] = base64.b64encode(getattr(self, name)).decode("ascii")
        values["blocks"] = self.blocks
        data = json.dumps(values).replace("<", "\\u003c")
        script = page_script(self.face).replace("</", "<\\/")
        key = hashlib.sha256(data.encode()).hexdigest()[:12]
        picture = base64.b64encode(self.still()).decode("ascii")
        return (
            f'<div class="avt-place" data-avtutor="{key}">\n'
            f'<img alt="{html.escape(self.describe())}" style="max-width: 100%"'
            f' src="data:image/png;base64,{picture}">\n'
            f'<script type="application/json">{data}</script>\n</div>\n'
            f"<style>\n{page_style()}</style>\n"
            f'<script type="module">\n{script}\n'
            f"mountStatic(document.querySelector('[data-avtutor=\"{key}\"]:not([data-mounted])'), "
            "{ render });\n</script>\n"
        )

    @traitlets.validate("recording")
    def _check_recording(self, proposal: dict[str, Any]) -> str:
        names = [str(entry["name"]) for entry in self.sounds]
        return one_of("recording", str(proposal["value"]), names)

    def __repr__(self) -> str:
        """Name the recordings and the settings: the same text in every run."""
        sounds = ", ".join(entry["name"] for entry in self.sounds)
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({sounds}; {settings})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data["text/plain"] = repr(self)
        data["image/png"] = base64.b64encode(self.still()).decode("ascii")
        metadata = {**metadata, "image/png": {"alt": self.describe()}}
        return data, metadata


def one_of(name: str, value: Value, allowed: Iterable[Value]) -> Value:
    """Return `value` if it is one of those allowed.

    Raises:
        ValueError: if it is not; the message names what is required.

    >>> one_of("window", "hann", ["hann", "hamming"])
    'hann'
    """
    allowed = list(allowed)
    if value not in allowed:
        required = ", ".join(map(str, allowed))
        raise ValueError(f"{name} must be one of {required}, got {value!r}")
    return value


def within(name: str, value: int, least: int, most: int) -> int:
    """Return `value` if it lies between two limits, both included.

    Raises:
        ValueError: if it does not; the message names what is required.

    >>> within("range_db", 80, 10, 120)
    80
    """
    if not least <= value <= most:
        raise ValueError(f"{name} must be from {least} to {most}, got {value}")
    return value
