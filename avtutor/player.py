"""Sound in a notebook or a page: a player that keeps the level as it is."""

import base64
import html
import io
from collections.abc import Mapping
from functools import cached_property

import soundfile

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
    peak = float(waveform.samples.abs().max())
    if peak > 1:
        raise ValueError(f"samples must lie in [-1, 1] to be played, got {peak:.4g}; scale them")
    if waveform.n_channels > 2:
        raise ValueError(f"one or two channels can be played, got {waveform.n_channels}")
    rate = next((r for r in _MP3_RATES if r >= waveform.sample_rate), _MP3_RATES[-1])
    if rate != waveform.sample_rate:
        waveform = waveform.resample(rate)
    samples = waveform.samples.clamp(-1, 1).numpy().T  # the filter may overshoot a little
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
