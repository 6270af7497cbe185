"""Log-mel pictures of a batch of sounds of different lengths, and levels below the peak."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.batch import Batch
from avtutor.spectral.bands import log_mel
from avtutor.spectral.config import SpectrogramConfig, n_frames
from avtutor.units import POWER_FLOOR, power_to_db


def log_mel_batch(batch: Batch, config: SpectrogramConfig, *, name: str = "sound") -> Batch:
    """Return the batch with one input as log-mel spectrograms, [batch, mel, frame] in dB.

    Each sound is taken at its own length, as if it were alone: what it is padded with does not
    enter its last frames. The lengths become numbers of frames; the frames after them have the
    level of digital silence, -100 dB.

    Args:
        batch: with the input `name`, sounds [batch, time] at ``config.sample_rate`` Hz.
        config: front end settings.
        name: of the input.
    Raises:
        ValueError: if there is no such input, it is not [batch, time], or a sound is shorter
            than one window.
    Lesson: 05_real_recordings

    >>> sounds = {"sound": torch.zeros(2, 16000)}
    >>> short = {"sound": torch.tensor([16000, 8000])}
    >>> batch = Batch(inputs=sounds, lengths=short, labels=torch.arange(2), groups=("a", "b"))
    >>> pictures = log_mel_batch(batch, SpectrogramConfig(sample_rate=16000))
    >>> pictures, pictures.lengths["sound"].tolist()
    (Batch(2 items, sound [2, 64, 101]), [101, 51])
    """
    if name not in batch.inputs:
        raise ValueError(f"the batch has no input {name!r}, it has {sorted(batch.inputs)}")
    samples, lengths = batch.inputs[name], batch.lengths[name]
    if samples.ndim != 2:
        raise ValueError(f"{name} must be [batch, time], got {list(samples.shape)}")
    frames = torch.tensor([n_frames(n, config) for n in lengths.tolist()], device=samples.device)
    silence = float(power_to_db(torch.tensor(POWER_FLOOR)))
    size = n_frames(samples.shape[1], config)
    levels = samples.new_full((len(samples), config.n_mels, size), silence)
    for n in sorted(set(lengths.tolist())):
        rows = (lengths == n).nonzero()[:, 0]
        if n < config.win_length:
            raise ValueError(
                f"item {int(rows[0])}, of the group {batch.groups[int(rows[0])]!r}: a sound must "
                f"be at least one window long ({config.win_length} samples), got {n}"
            )
        levels[rows, :, : n_frames(n, config)] = log_mel(samples[rows, :n], config)
    return replace(
        batch,
        inputs={**batch.inputs, name: levels},
        lengths={**batch.lengths, name: frames},
    )


def below_peak(
    levels: Float[Tensor, "*batch row frame"], range_db: float = 60.0
) -> Float[Tensor, "*batch row frame"]:
    """Return levels in dB below each item's own peak, cut at `range_db` under it.

    The loudest cell becomes 0 and the quietest at least ``-range_db``: how near the microphone
    was no longer matters, nor what the room did far below the voice.

    Args:
        levels: in dB.
        range_db: above 0.
    Raises:
        ValueError: if `range_db` is not above 0.
    Lesson: 05_real_recordings

    >>> below_peak(torch.tensor([[-20.0, -50.0, -100.0]]), range_db=60.0)
    tensor([[  0., -30., -60.]])
    """
    if not 0 < range_db < float("inf"):
        raise ValueError(f"range_db must be above 0 and finite, got {range_db}")
    return (levels - levels.amax(dim=(-2, -1), keepdim=True)).clamp(min=-range_db)
