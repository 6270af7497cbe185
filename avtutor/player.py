"""Sound and clips in a notebook or a page: players that keep the level as it is."""

import base64
import html
import io
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import soundfile
from torch.nn.functional import pad

from avtutor.clip import Clip
from avtutor.media import write_clip
from avtutor.waveform import Waveform

_MP3_RATES = (16000, 22050, 24000, 32000, 44100, 48000)
_WRITE_BLOCK = 65536
_BEST = 0.0  # the least that MP3 leaves out, at a variable bit rate


def mp3_bytes(waveform: Waveform) -> bytes:
    """Return the sound as MP3, at its own level.

    A rate that MP3 or the browser lacks, or one below 16 kHz, is raised to the next that they
    have: the encoder leaves out the highest eighth of the band, and this keeps the sound's own
    band below that. Two encodings of one sound are equal byte for byte on one machine.

    Raises:
        ValueError: if samples lie beyond [-1, 1], which a loudspeaker would clip, or if there are
            more than two channels.
    Lesson: 01_what_is_sound

    >>> import torch
    >>> sound = Waveform(torch.zeros(1, 8000), 8000)
    >>> mp3_bytes(sound) == mp3_bytes(sound)
    True
    """
    waveform = _playable(waveform)
    rate, samples = waveform.sample_rate, waveform.samples.numpy().T
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        rate,
        waveform.n_channels,
        "MPEG_LAYER_III",
        format="MP3",
        compression_level=_BEST,
        bitrate_mode="VARIABLE",
    ) as sound:
        for start in range(0, len(samples), _WRITE_BLOCK):
            sound.write(samples[start : start + _WRITE_BLOCK])
    return buffer.getvalue()


def _playable(waveform: Waveform) -> Waveform:
    """Return the sound at a rate that browsers play."""
    peak = float(waveform.samples.abs().max())
    if peak > 1:
        raise ValueError(f"samples must lie in [-1, 1] to be played, got {peak:.4g}; scale them")
    if waveform.n_channels > 2:
        raise ValueError(f"one or two channels can be played, got {waveform.n_channels}")
    rate = next((r for r in _MP3_RATES if r >= waveform.sample_rate), _MP3_RATES[-1])
    if rate != waveform.sample_rate:
        waveform = waveform.resample(rate)
    return Waveform(waveform.samples.clamp(-1, 1), rate)  # the filter may overshoot a little


class Player:
    """What `play` and `play_side_by_side` return: shown in a notebook as players with labels."""

    def __init__(self, sounds: Mapping[str, Waveform]) -> None:
        if not sounds:
            raise ValueError("there must be at least one sound to play, got none")
        self.sounds = dict(sounds)

    @cached_property
    def html(self) -> str:
        """The players as HTML, with the sound inside."""
        figures = []
        for label, waveform in self.sounds.items():
            data = base64.b64encode(mp3_bytes(waveform)).decode()
            name = html.escape(label, quote=True)
            figures.append(
                '<figure style="margin:0.3em 1em 0.3em 0;display:inline-block">'
                f'<figcaption style="font-size:90%">{name}</figcaption>'
                f'<audio controls preload="auto" aria-label="{name}" '
                f'src="data:audio/mpeg;base64,{data}"></audio></figure>'
            )
        return "<div>" + "".join(figures) + "</div>"

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Name each sound and its length, for readers without HTML."""
        return "\n".join(
            f"♪ {label}: {sound.duration:.2f} s" for label, sound in self.sounds.items()
        )


def play(waveform: Waveform, *, label: str) -> Player:
    """Return a player for one sound, at its own level: nothing is normalised.

    Args:
        waveform: what to play, one or two channels in [-1, 1].
        label: what is heard, shown above the player and read by screen readers.
    Lesson: 01_what_is_sound

    >>> import torch
    >>> play(Waveform(torch.zeros(1, 8000), 8000), label="silence")
    ♪ silence: 1.00 s
    """
    return Player({label: waveform})


def play_side_by_side(sounds: Mapping[str, Waveform]) -> Player:
    """Return one player a sound, in order, so that they can be compared at their own levels.

    Args:
        sounds: label → sound.
    Raises:
        ValueError: if there are no sounds.
    Lesson: 01_what_is_sound

    >>> import torch
    >>> quiet = Waveform(torch.zeros(1, 8000), 8000)
    >>> play_side_by_side({"before": quiet, "after": quiet})
    ♪ before: 1.00 s
    ♪ after: 1.00 s
    """
    return Player(sounds)


def mp4_bytes(clip: Clip) -> bytes:
    """Return the clip as MP4 (H.264 and AAC), its sound at its own level.

    The rate of the sound is raised as for `mp3_bytes`, and a picture of an odd width or height
    gets its last column or line twice, since browsers show even sizes only.

    Raises:
        ValueError: if samples lie beyond [-1, 1], or if there are more than two channels.
    Lesson: 12_two_clocks
    """
    if clip.waveform is not None:
        clip = replace(clip, waveform=_playable(clip.waveform))
    if clip.width % 2 or clip.height % 2:
        planes = clip.frames.permute(0, 3, 1, 2).float()
        wider = pad(planes, (0, clip.width % 2, 0, clip.height % 2), mode="replicate")
        clip = replace(clip, frames=wider.permute(0, 2, 3, 1).to(clip.frames.dtype).contiguous())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_clip(clip, path)
        return path.read_bytes()


class ClipPlayer:
    """What `play_clip` returns: shown in a notebook as a video with its label."""

    def __init__(self, clip: Clip, label: str, height: int | None) -> None:
        self.clip, self.label, self.height = clip, label, height or clip.height

    @cached_property
    def html(self) -> str:
        """The player as HTML, with the video inside."""
        data = base64.b64encode(mp4_bytes(self.clip)).decode()
        name = html.escape(self.label, quote=True)
        return (
            '<figure style="margin:0.3em 1em 0.3em 0;display:inline-block">'
            f'<figcaption style="font-size:90%">{name}</figcaption>'
            f'<video controls playsinline preload="auto" aria-label="{name}" '
            f'height="{self.height}" src="data:video/mp4;base64,{data}"></video></figure>'
        )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Name the clip and its length, for readers without HTML."""
        return f"▶ {self.label}: {self.clip.duration:.2f} s"


def play_clip(clip: Clip, *, label: str, height: int | None = None) -> ClipPlayer:
    """Return a player for a clip, its sound as late or early as it is, at its own level.

    Args:
        clip: what to play; small and short, since it is kept in the notebook.
        label: what is seen and heard, shown above the player and read by screen readers.
        height: lines on the screen; None is those of the clip. Controls want about 150.
    Lesson: 12_two_clocks

    >>> import torch
    >>> times = torch.arange(30, dtype=torch.float64) / 30
    >>> play_clip(Clip(torch.zeros(30, 2, 2, 3, dtype=torch.uint8), times, None), label="black")
    ▶ black: 1.00 s
    """
    return ClipPlayer(clip, label, height)
