"""ClipPlayer: a clip whose sound can be moved against its pictures, and what tells how far."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import traitlets
from PIL import Image
from torch.nn.functional import interpolate

from avtutor.clip import Clip
from avtutor.sync import Curve, motion_change, offset_between, onset_strength
from avtutor.widgets.aligned import MOST_MS, STEP_MS, Aligned, compute
from avtutor.widgets.base import (
    LEAST_SAMPLES,
    Explorer,
    one_of,
    pack_sounds,
    page_script,
    page_style,
    within,
)
from avtutor.widgets.still_clip import clip_still

__all__ = ["Aligned", "ClipPlayer", "compute"]

MOST_LINES = 96
MOST_SECONDS = 10.0
"""The longest clip: what is sent is a large picture of all frames, and the sound."""
MOST_FRAMES = 400
REACH = MOST_MS / 1000
COLUMNS = 16
QUALITY = 88


class ClipPlayer(Explorer):
    """Show clips with a slider that moves the sound against the pictures, and what matches.

    The slider runs from -500 to +500 ms; plus makes the sound later, as in `Clip.shift_sound`.
    Beside the pictures stand, on one time axis, how suddenly the motion changes and how strongly
    sounds begin, the two curves of `avtutor.sync.measure_offset`; and how well they match at each
    shift. Where the match is best, the clip is in step, as far as the confidence goes
    (`avtutor.sync.OffsetEstimate`). All of it runs in the page, so it also works without a
    kernel. The pictures follow the clock of the sound: what is seen and what is heard are as far
    apart as the slider says, to a frame of the screen.

    Args:
        clips: a Clip, or a dict of them by name, each with at least three frames, at most 400,
            and sound, at most 10 s. Pictures with more than 96 lines are sent smaller; channels
            are mixed into one.
        offset_ms: where the slider stands, in ms; a multiple of 10 from -500 to 500.
        frame: which picture is shown, counted from 0.
    Raises:
        ValueError: if a clip cannot be shown, or a setting lies outside its range.
    Lesson: 12_two_clocks

    >>> from avtutor.waveform import Waveform
    >>> times = torch.arange(50, dtype=torch.float64) / 25
    >>> frames = torch.zeros(50, 16, 16, 3, dtype=torch.uint8)
    >>> frames[20:22] = 255  # a flash at 0.8 s
    >>> samples = torch.zeros(1, 16000)
    >>> samples[0, 7200:7360] = 0.5  # a click at 0.9 s: 0.45 s into the sound, which begins late
    >>> clip = Clip(frames, times, Waveform(samples, 16000), 0.45)
    >>> player = ClipPlayer({"flash and click": clip}, offset_ms=-100)
    >>> player
    ClipPlayer(flash and click; clip='flash and click', offset_ms=-100, frame=0)
    """

    _esm = page_script("clip_player")
    _css = page_style()

    clips: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    curves = traitlets.Bytes().tag(sync=True)
    sheet = traitlets.Bytes().tag(sync=True)

    clip = traitlets.Unicode().tag(sync=True)
    offset_ms = traitlets.Int(0).tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)

    face = "clip_player"
    constants = ("sounds", "clips")
    blocks = ("sound", "curves", "sheet")
    settings = ("clip", "offset_ms", "frame")

    def __init__(
        self, clips: Clip | Mapping[str, Clip], *, offset_ms: int = 0, frame: int = 0
    ) -> None:
        given = _checked_clips(clips)
        sounds = {name: clip.waveform.mono() for name, clip in given.items() if clip.waveform}
        small = {name: _smaller(clip) for name, clip in given.items()}
        entries, curves, sheets = [], [], []
        place, offset = 0, 0
        for name, clip in given.items():
            picture, sound = _curves(clip)
            jpeg, layout = _sheet(small[name])
            entries.append(
                {
                    "name": name,
                    "start": clip.start,
                    "end": clip.end,
                    "sound_start": clip.waveform_start,
                    "confidence": offset_between(picture, sound, max_offset=REACH).confidence,
                    "frame_times": clip.frame_times.tolist(),
                    "frame_ends": clip.frame_ends.tolist(),
                    "curves": {
                        "first": place,
                        "n_picture": len(picture.times),
                        "n_sound": len(sound.times),
                    },
                    "sheet": [offset, len(jpeg)],
                    **layout,
                }
            )
            for curve in (picture, sound):
                curves += [curve.times.double(), curve.values.double()]
                place += 2 * len(curve.times)
            sheets.append(jpeg)
            offset += len(jpeg)
        described, block = pack_sounds(sounds)
        self._small = small
        super().__init__(
            sounds=described,
            sound=block,
            clips=entries,
            curves=torch.cat(curves).numpy().astype("<f8").tobytes(),
            sheet=b"".join(sheets),
            clip=next(iter(given)),
            offset_ms=offset_ms,
            frame=frame,
        )

    def curves_of(self, name: str) -> tuple[Curve, Curve]:
        """Return change of motion and onset strength of one clip, as the page has them."""
        where = self._entry(name)["curves"]
        values = np.frombuffer(self.curves, dtype="<f8")[where["first"] :]
        ends = np.cumsum([where[n] for n in ("n_picture", "n_picture", "n_sound", "n_sound")])
        parts = [torch.from_numpy(part.copy()) for part in np.split(values, ends)]
        return Curve(parts[0], parts[1]), Curve(parts[2], parts[3])

    def aligned(self) -> Aligned:
        """Return the match at each shift for the clip that is shown, computed here."""
        return compute(*self.curves_of(self.clip))

    def still(self) -> bytes:
        """Return four pictures of the clip, its curves and their match as PNG."""
        clip = self._small[self.clip]
        picture, sound = self.curves_of(self.clip)
        return clip_still(
            clip, picture, sound, self.aligned(), title=self._title(), offset_ms=self.offset_ms
        )

    def _title(self) -> str:
        best, sure = self.aligned().best, self._entry(self.clip)["confidence"]
        said = "no best match"
        if best is not None:
            said = f"best match at {_signed(best)} ms, confidence {sure:.2f}"
        return f"{self.clip} · sound shifted by {_signed(float(self.offset_ms))} ms, {said}"

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        return f"Frames, change of motion, onset strength and their match: {self._title()}"

    def _entry(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.clips if entry["name"] == name)

    @traitlets.validate("clip")
    def _check_clip(self, proposal: dict[str, Any]) -> str:
        names = [str(entry["name"]) for entry in self.clips]
        return one_of("clip", str(proposal["value"]), names)

    @traitlets.validate("offset_ms")
    def _check_offset(self, proposal: dict[str, Any]) -> int:
        value = within("offset_ms", int(proposal["value"]), -MOST_MS, MOST_MS)
        if value % STEP_MS:
            raise ValueError(f"offset_ms must be a multiple of {STEP_MS}, got {value}")
        return value

    @traitlets.validate("frame")
    def _check_frame(self, proposal: dict[str, Any]) -> int:
        most = max(len(entry["frame_times"]) for entry in self.clips) - 1
        return within("frame", int(proposal["value"]), 0, most)


def _signed(ms: float) -> str:
    return f"{ms:+.0f}" if round(ms) else "0"


def _curves(clip: Clip) -> tuple[Curve, Curve]:
    """Return how suddenly the motion changes, and how strongly sounds begin."""
    return motion_change(clip), onset_strength(clip)


def _checked_clips(clips: Clip | Mapping[str, Clip]) -> dict[str, Clip]:
    """Refuse what cannot be shown."""
    required = "clips must be a Clip or a dict of them by name"
    if not isinstance(clips, Mapping):
        clips = {"clip": clips}
    if not clips:
        raise ValueError(f"{required}, got an empty dict")
    for name, clip in clips.items():
        if not isinstance(name, str) or not isinstance(clip, Clip):
            raise ValueError(f"{required}, got {type(clip).__name__} under {name!r}")
        if clip.waveform is None or clip.waveform.n_samples < LEAST_SAMPLES:
            got = 0 if clip.waveform is None else clip.waveform.n_samples
            raise ValueError(
                f"a clip must have a sound of at least {LEAST_SAMPLES} samples, "
                f"got {got} under {name!r}"
            )
        if not (3 <= clip.n_frames <= MOST_FRAMES and clip.duration <= MOST_SECONDS):
            raise ValueError(
                f"a clip must hold 3 to {MOST_FRAMES} frames and last at most {MOST_SECONDS:g} s, "
                f"got {clip.n_frames} frames, {clip.duration:.2f} s under {name!r}; "
                "Clip.slice takes a part"
            )
    return dict(clips)


def _smaller(clip: Clip) -> Clip:
    """Return the clip without sound, its pictures at no more than 96 lines."""
    frames = clip.frames
    if clip.height > MOST_LINES:
        width = max(1, round(clip.width * MOST_LINES / clip.height))
        planes = frames.permute(0, 3, 1, 2).float()
        scaled = interpolate(planes, (MOST_LINES, width), mode="bilinear", antialias=True)
        frames = scaled.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    return Clip(frames, clip.frame_times, None)


def _sheet(clip: Clip) -> tuple[bytes, dict[str, Any]]:
    """Return all pictures on one large one, as JPEG, and where each of them lies.

    Each has a place of whole blocks of 16 pixels, its edges continued, so that none shows in its
    neighbour.
    """
    high, wide = -(-clip.height // 16) * 16, -(-clip.width // 16) * 16
    pad = ((0, 0), (0, high - clip.height), (0, wide - clip.width), (0, 0))
    tiles = np.pad(clip.frames.numpy(), pad, mode="edge")
    rows = -(-clip.n_frames // COLUMNS)
    sheet = np.zeros((rows * COLUMNS, high, wide, 3), np.uint8)
    sheet[: clip.n_frames] = tiles
    whole = sheet.reshape(rows, COLUMNS, high, wide, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    picture = Image.fromarray(whole.reshape(rows * high, COLUMNS * wide, 3))
    picture.save(buffer, "jpeg", quality=QUALITY, subsampling=0)
    layout = {"width": clip.width, "height": clip.height, "columns": COLUMNS, "tile": [wide, high]}
    return buffer.getvalue(), layout
