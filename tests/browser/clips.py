"""A clip in which every hit is seen and heard, as late as asked."""

import torch
from avtutor.clip import Clip
from avtutor.waveform import Waveform

HITS = (0.31, 0.72, 0.95, 1.48, 1.66, 2.13, 2.59)
RATE = 16000


def hits(
    late: float = 0.0,
    *,
    seconds: float = 3.0,
    frame_rate: float = 25.0,
    height: int = 64,
    width: int = 80,
    start: float = 0.0,
) -> Clip:
    """Return a clip of a spot that jumps aside at each hit, with a click `late` s afterwards.

    Picture k is as red as 2 k, so that a picture on the screen says which it is.
    """
    times = torch.arange(round(seconds * frame_rate), dtype=torch.float64) / frame_rate
    moments = torch.tensor([hit for hit in HITS if hit < seconds], dtype=torch.float64)
    frames = torch.zeros(len(times), height, width, 3, dtype=torch.uint8)
    side = height // 4
    for k, time in enumerate(times.tolist()):
        jumps = int((moments <= time).sum())
        left = (7 * jumps % 5) * (width - side) // 4
        frames[k, side : 2 * side, left : left + side, 1:] = 220
        frames[k, :, :, 0] = 2 * k % 256
    clock = torch.arange(round(seconds * RATE)) / RATE
    samples = torch.zeros(len(clock))
    for hit in moments.tolist():
        after = clock - hit
        decay = torch.exp(-after.clamp(min=0) / 0.02) * (after >= 0)
        samples += 0.5 * decay * torch.sin(2 * torch.pi * 900 * after)
    waveform = Waveform.from_mono(samples.clamp(-1, 1).float(), RATE)
    return Clip(frames, times + start, waveform, start + late)
