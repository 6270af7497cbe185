"""Drawn mouths that say the labelled sentences."""

from collections.abc import Iterator, Sequence
from typing import Literal

import torch

from avtutor.datasets.phones import phones
from avtutor.datasets.voices import Utterance
from avtutor.synth import Scene, mouth_scene


def mouths(
    utterances: Sequence[Utterance],
    *,
    seed: int,
    seconds: float = 3.0,
    frame_rate: float = 25.0,
    size: int = 64,
    offset: float = 0.0,
    drift: float = 0.0,
    snr_sound_db: float | None = None,
    snr_picture_db: float | None = None,
    missing: Literal["sound", "picture"] | None = None,
) -> Iterator[Scene]:
    """Yield the sentences in parts, each with a mouth that says it and a face of its own.

    The sound is real; the mouth is drawn from the labels and the level (see `mouth_scene`). What
    is left of a sentence behind its last whole part is not used.

    Args:
        utterances: of the voice "shmyrev", which has labels.
        seed: of the faces and the noise.
        seconds: length of a part.
        frame_rate, size, offset, drift, snr_sound_db, snr_picture_db, missing: as in
            `SceneConfig`.
    Raises:
        ValueError: if `seconds` is not above 0, an utterance has no labels, or a dial is out of its
            range.
    Lesson: 17_in_sync

    >>> from avtutor.datasets import voices
    >>> sentences = voices(speaker="shmyrev")
    >>> next(mouths(sentences, seed=0)).clip
    Clip(75 frames of 64 x 64, 1 channel at 16000 Hz, 3.000 s)
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds}")
    labelled = [
        (utterance, [(phone.start, phone.end, phone.name) for phone in phones(utterance)])
        for utterance in utterances
    ]

    def made() -> Iterator[Scene]:
        root = torch.Generator().manual_seed(seed)
        for utterance, labels in labelled:
            waveform = utterance.load()
            for k in range(int(waveform.duration / seconds + 1e-6)):
                yield mouth_scene(
                    waveform,
                    labels,
                    seed=int(torch.randint(2**62, (), generator=root)),
                    start=k * seconds,
                    end=(k + 1) * seconds,
                    frame_rate=frame_rate,
                    size=size,
                    offset=offset,
                    drift=drift,
                    snr_sound_db=snr_sound_db,
                    snr_picture_db=snr_picture_db,
                    missing=missing,
                )

    return made()
