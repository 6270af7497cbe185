"""Two words beside each other at whatever speed: dynamic time warping of their cepstra."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from avtutor.resample import resample
from avtutor.spectral import SpectrogramConfig, dct_matrix, log_mel
from avtutor.waveform import Waveform

FRONT = SpectrogramConfig(
    sample_rate=16000, n_fft=400, hop_length=320, n_mels=32, f_min=100.0, f_max=7000.0
)
N_CEPSTRA = 13
QUIET_DB, FLOOR_DB = 35.0, 50.0
"""Below the peak: what is cut off at both ends, and where levels end."""
FADES = 8.0
"""The higher a coefficient, the less it counts: e-fold after so many of them."""

AT_ONCE = 128
"""Clips that one is compared with together."""


def cepstra(sound: Waveform) -> Float[Tensor, "frame coefficient"]:
    """Return what of a clip is compared: its cepstra without the level, each evened over the clip.

    Silence at both ends is cut off. That each coefficient has mean 0 and deviation 1 takes away
    most of the channel and some of the voice.
    """
    samples = resample(sound.mono().samples[0], from_rate=sound.sample_rate, to_rate=16000)
    levels = log_mel(samples, FRONT)
    loud = levels.amax(dim=0)
    there = (loud > loud.max() - QUIET_DB).nonzero()[:, 0]
    levels = levels.clamp(min=float(levels.max()) - FLOOR_DB)[:, int(there[0]) : int(there[-1]) + 1]
    found = dct_matrix(N_CEPSTRA + 1, FRONT.n_mels, dtype=levels.dtype)[1:] @ levels
    found = found - found.mean(dim=1, keepdim=True)
    found = found / found.square().mean(dim=1, keepdim=True).sqrt().clamp(min=1e-3)
    return (found * torch.exp(-torch.arange(N_CEPSTRA) / FADES)[:, None]).T.contiguous()


def warped(
    one: Float[Tensor, "frame coefficient"],
    others: Float[Tensor, "item other_frame coefficient"],
    sizes: Tensor,
) -> Float[Tensor, " item"]:
    """Return how far a clip is from each of others, on the best way through both.

    A step forward in both counts its distance twice, a step in one of them once; the sum is divided
    by the frames of both.

    Args:
        one: the clip.
        others: clips, filled up to the longest.
        sizes: frames of each that are not filling, [item].
    Source: Sakoe and Chiba 1978, Dynamic programming algorithm optimization for spoken word
        recognition (the symmetric form without a slope constraint).
    """
    n, width = len(one), others.shape[1]
    apart = _distances(one, others)  # [frame, other_frame, item]
    # Each row one place further to the right: a column then holds what depends on the two before.
    filled = nn.functional.pad(apart, (0, 0, 0, n), value=torch.inf).flatten(0, 1)[:-n]
    leaning = filled.view(n, n + width - 1, len(others))
    before = apart.new_full((n, len(others)), torch.inf)
    now, ends = before.clone(), []
    now[0] = 2 * leaning[0, 0]
    for step in range(n + width - 1):
        if step:
            cost = leaning[:, step]
            best = torch.minimum(now, _down(now)).add_(cost)
            before, now = now, torch.minimum(best, _down(before).add_(cost, alpha=2))
        ends.append(now[-1].clone())
    last = torch.stack(ends)[n - 2 + sizes, torch.arange(len(others))]
    return last / (n + sizes)


def nearness(
    asked: Sequence[Float[Tensor, "frame coefficient"]],
    known: Sequence[Float[Tensor, "frame coefficient"]],
) -> Float[Tensor, "asked known"]:
    """Return how near each clip is to each known one: the negative of `warped`.

    Clips of about one length are compared together, so that little is filling.
    """
    found = torch.empty(len(asked), len(known))
    sizes = torch.tensor([len(x) for x in known])
    for some in sizes.argsort().split(AT_ONCE):
        clips = pad_sequence([known[i] for i in some.tolist()], batch_first=True)
        for row, one in enumerate(asked):
            found[row, some] = -warped(one, clips, sizes[some])
    return found


def _distances(one: Tensor, others: Tensor) -> Tensor:
    """Return the distances of all frames of one clip to all of others, the clips last."""
    columns = others.permute(2, 1, 0).flatten(1)  # [coefficient, other_frame * item]
    squares = one.square().sum(dim=1)[:, None] + columns.square().sum(dim=0)
    found = squares.sub_(one @ columns, alpha=2).clamp_(min=0).sqrt_()
    return found.view(len(one), others.shape[1], len(others))


def _down(rows: Tensor) -> Tensor:
    """Return the rows one place further down, and infinity above."""
    return nn.functional.pad(rows[:-1], (0, 0, 1, 0), value=torch.inf)
