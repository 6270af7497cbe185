"""Write sound files, whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from avtutor.media.errors import MediaError, PathLike
from avtutor.waveform import Waveform

# Format and sample type by suffix. Float WAV gives back exactly what was written.
_WRITERS = {
    ".wav": ("WAV", "FLOAT"),
    ".flac": ("FLAC", "PCM_24"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
}
_RATES = {
    "MPEG_LAYER_III": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "OPUS": (8000, 12000, 16000, 24000, 48000),
}
_WRITE_BLOCK = 65536  # the Vorbis and Opus encoders overflow their stack on longer pieces


def write_audio(waveform: Waveform, path: PathLike) -> None:
    """Write a Waveform to a file; the suffix chooses the format.

    .wav holds 32-bit floats, and so gives back exactly these samples; .flac 24-bit numbers; .mp3,
    .ogg (Vorbis) and .opus leave out what is hard to hear. A file appears whole or not at all.

    Args:
        waveform: what to write.
        path: where to; an existing file is replaced.
    Raises:
        MediaError: if the suffix is unknown, the folder is missing, the format does not have this
            rate, or samples beyond [-1, 1] would be clipped by it.
    Lesson: 01_what_is_sound

    >>> import torch
    >>> write_audio(Waveform(torch.zeros(1, 8000), 8000), "sound.xyz")
    Traceback (most recent call last):
    avtutor.media.errors.MediaError: sound.xyz: the suffix must be one of .flac .mp3 .ogg .opus .wav, got '.xyz'
    """
    target = Path(path)
    if target.suffix.lower() not in _WRITERS:
        known = " ".join(sorted(_WRITERS))
        raise MediaError(path, f"the suffix must be one of {known}, got {target.suffix!r}")
    container, encoding = _WRITERS[target.suffix.lower()]
    rates = _RATES.get(encoding)
    if rates and waveform.sample_rate not in rates:
        known = ", ".join(map(str, rates))
        raise MediaError(path, f"sample_rate must be one of {known}, got {waveform.sample_rate}")
    peak = float(waveform.samples.abs().max())
    if encoding != "FLOAT" and peak > 1:
        raise MediaError(path, f"samples must lie in [-1, 1] for this format, got {peak:.4g}")
    with whole_file(path) as temporary:
        try:
            with soundfile.SoundFile(
                temporary,
                "w",
                waveform.sample_rate,
                waveform.n_channels,
                encoding,
                format=container,
            ) as sound:
                samples = waveform.samples.numpy().T
                for start in range(0, len(samples), _WRITE_BLOCK):
                    sound.write(samples[start : start + _WRITE_BLOCK])
        except soundfile.LibsndfileError as error:
            raise MediaError(path, f"it could not be written ({error})") from error


@contextmanager
def whole_file(path: PathLike) -> Iterator[str]:
    """Give a name to write to, which becomes `path` once all went well.

    Raises:
        MediaError: if there is no such folder, or it cannot be written to.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise MediaError(path, f"there is no folder {target.parent}")
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=target.suffix)
        os.close(handle)
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise MediaError(path, f"it could not be written ({error})") from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
