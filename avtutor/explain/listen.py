"""From a map back to sound: what a network looked at, and what it left."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from avtutor.spectral import SpectrogramConfig, frequencies, istft, mel_filterbank, stft


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound taken apart by a map; the two parts add up to it.

    Args:
        kept: what lies where the map is high.
        left: the rest.
    """

    kept: Float[Tensor, "*batch time"]
    left: Float[Tensor, "*batch time"]


def to_bins(
    map: Float[Tensor, "*batch mel frame"], config: SpectrogramConfig
) -> Float[Tensor, "*batch freq frame"]:
    """Return a map over mel bands as a map over Fourier bins.

    ``out(f) = Σ_m w_m(f) map(m) / Σ_m w_m(f)``, with the triangles w of `mel_filterbank`: between
    the centres of two bands that is a straight line in Hz. Below the first centre and above the
    last the outer bands go on, up to ``f_min`` and ``f_max``; beyond those the network was shown
    nothing, and the map is 0.

    Raises:
        ValueError: if there are not ``config.n_mels`` rows.

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, n_mels=40)
    >>> to_bins(torch.ones(40, 3), config).shape
    torch.Size([129, 3])
    """
    if map.ndim < 2 or map.shape[-2] != config.n_mels:
        raise ValueError(
            f"map must have the shape [*batch, {config.n_mels}, frame] (n_mels), "
            f"got {list(map.shape)}"
        )
    weights = mel_filterbank(config, dtype=map.dtype).to(map.device)
    hz = frequencies(config).to(map.device)
    # On the outer edges themselves no triangle is above 0.
    for band, on_edge in ((0, hz == config.f_min), (-1, hz == config.f_max)):
        weights[band] = torch.where(on_edge, torch.ones_like(weights[band]), weights[band])
    total = weights.sum(dim=0)
    weights = torch.where(total > 0, weights / total, 0.0)
    return weights.T @ map


def listen_to(
    map: Float[Tensor, "*batch row frame"],
    samples: Float[Tensor, "*batch time"],
    config: SpectrogramConfig,
    *,
    scale: str = "mel",
) -> Heard:
    """Take a sound apart by a map: what was kept, and what was left.

    Each cell of the `stft` is multiplied by the map, and by 1 minus it; both are turned back with
    the phase that the sound has. No phase is guessed, and the parts add up to the sound. A map
    with hard edges rings.

    Args:
        map: from 0 (left) to 1 (kept): ``top_share(map, 0.2).float()``, or a map that was scaled
            (see `scaled`).
        samples: the sound at ``config.sample_rate`` Hz, with as many frames as the map.
        config: the settings of the picture that the map explains.
        scale: what the rows are: ``"mel"`` bands, brought to bins by `to_bins`, or ``"linear"``,
            the bins themselves.
    Raises:
        TypeError: if `samples` is no tensor of float32 or float64, or `map` none of floats.
        ValueError: if the map has other rows or frames than the sound's spectrogram, a value that
            is not in [0, 1], or `scale` is unknown.
    Source: Wang and Chen 2018, Supervised speech separation based on deep learning: masks.
    Lesson: 08_what_it_heard

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
    >>> sound = torch.sin(torch.arange(4000) * 0.3)
    >>> heard = listen_to(torch.full((40, 51), 0.25), sound, config)
    >>> bool((heard.kept - 0.25 * sound).abs().max() < 1e-5)
    True
    """
    rows = {"mel": config.n_mels, "linear": config.n_freqs}
    if scale not in rows:
        raise ValueError(f"scale must be 'mel' or 'linear', got {scale!r}")
    if not isinstance(map, Tensor) or not map.is_floating_point():
        kind = map.dtype if isinstance(map, Tensor) else type(map).__name__
        raise TypeError(f"map must be a tensor of floats, got {kind}")
    spectrum = stft(samples, config)
    expected = (*samples.shape[:-1], rows[scale], spectrum.shape[-1])
    if map.shape != expected:
        raise ValueError(
            f"map must have the shape {list(expected)}: the {scale} rows and the frames of the "
            f"sound's spectrogram, got {list(map.shape)}"
        )
    if not bool(((map >= 0) & (map <= 1)).all()):  # False for NaN
        raise ValueError(
            f"map must be from 0 to 1, got {float(map.min()):g} to {float(map.max()):g}"
        )
    gain = map.to(samples.dtype)
    gain = to_bins(gain, config) if scale == "mel" else gain
    n = samples.shape[-1]
    return Heard(
        istft(spectrum * gain, config, length=n), istft(spectrum * (1 - gain), config, length=n)
    )


def scaled(map: Float[Tensor, "row column"]) -> Float[Tensor, "row column"]:
    """Return a map from 0 to 1: what is below 0 is set to 0, the highest cell to 1.

    A map that is nowhere above 0 becomes 0 everywhere.

    Raises:
        ValueError: if the map is not finite.

    >>> scaled(torch.tensor([[-1.0, 0.0], [1.0, 4.0]]))
    tensor([[0.0000, 0.0000],
            [0.2500, 1.0000]])
    """
    if not bool(map.isfinite().all()):
        raise ValueError("map must be finite, got NaN or infinity in it")
    above = map.clamp(min=0)
    top = above.max()
    return above / top if float(top) > 0 else above
