"""The short-time Fourier transform, its inverse, and the search for a lost phase."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from avtutor.spectral.config import SpectrogramConfig, n_frames, padded_window, window
from avtutor.units import power_to_db


def check_samples(samples: Tensor, config: SpectrogramConfig) -> None:
    """Refuse a sound that is too short for one frame, or that is not made of real floats.

    Raises:
        TypeError: unless `samples` is a float32 or float64 tensor.
        ValueError: if there are fewer samples than one window, or than the reflection needs.
    """
    if not isinstance(samples, Tensor) or samples.dtype not in (torch.float32, torch.float64):
        kind = samples.dtype if isinstance(samples, Tensor) else type(samples).__name__
        raise TypeError(f"samples must be a float32 or float64 tensor, got {kind}")
    n_samples = samples.shape[-1] if samples.ndim else 0
    least = max(config.win_length, config.n_fft // 2 + 1)
    if n_samples < least:
        raise ValueError(
            f"samples must hold at least {least} values on the time axis "
            f"(n_fft {config.n_fft}, win_length {config.win_length}), got {n_samples}"
        )


def stft(
    samples: Float[Tensor, "*batch time"], config: SpectrogramConfig
) -> Complex[Tensor, "*batch freq frame"]:
    """Return the short-time Fourier transform: one spectrum for each frame.

    Args:
        samples: sound at ``config.sample_rate`` Hz, float32 or float64.
        config: window, hop and transform length.
    Raises:
        ValueError: if `samples` is shorter than one window.
    Source: Allen and Rabiner 1977, A unified approach to short-time Fourier analysis.
    Lesson: 03_spectrogram

    >>> stft(torch.zeros(2, 16000), SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([2, 257, 101])
    """
    check_samples(samples, config)
    flat = samples.reshape(-1, samples.shape[-1])
    spectrum = torch.stft(
        flat,
        n_fft=config.n_fft,
        hop_length=config.hop_length,
        win_length=config.win_length,
        window=window(config, dtype=samples.dtype).to(samples.device),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    return spectrum.reshape(*samples.shape[:-1], *spectrum.shape[-2:])


def power(
    samples: Float[Tensor, "*batch time"], config: SpectrogramConfig
) -> Float[Tensor, "*batch freq frame"]:
    """Return the power spectrogram: the squared magnitude of the `stft`.

    Args:
        samples: sound at ``config.sample_rate`` Hz.
        config: window, hop and transform length.
    Raises:
        ValueError: if `samples` is shorter than one window.
    Lesson: 03_spectrogram

    >>> power(torch.zeros(16000), SpectrogramConfig(sample_rate=16000)).shape
    torch.Size([257, 101])
    """
    spectrum = stft(samples, config)
    return spectrum.real.square() + spectrum.imag.square()


def _overlap_envelope(config: SpectrogramConfig, frames: int, like: Tensor) -> Tensor:
    """Return the sum of the squared windows at every sample of the padded sound."""
    win = padded_window(config, dtype=like.dtype).to(like.device)
    return _overlap_add(win.square()[:, None].expand(-1, frames), config.hop_length)


def _overlap_add(
    frames: Float[Tensor, "*batch n_fft frame"], hop_length: int
) -> Float[Tensor, "*batch time"]:
    """Return the sum of the frames, each laid `hop_length` samples after the one before."""
    *batch, n_fft, n = frames.shape
    length = n_fft + hop_length * (n - 1)
    flat = torch.nn.functional.fold(
        frames.reshape(-1, n_fft, n), (1, length), kernel_size=(1, n_fft), stride=(1, hop_length)
    )
    return flat.reshape(*batch, length)


def istft(
    spectrum: Complex[Tensor, "*batch freq frame"],
    config: SpectrogramConfig,
    *,
    length: int | None = None,
) -> Float[Tensor, "*batch time"]:
    """Return the sound whose `stft` comes nearest to `spectrum`.

    Each frame is turned back, windowed once more and added up; the sum is divided by the sum of
    the squared windows. Where no window reaches (a hop longer than the window) that sum is zero
    and nothing can be turned back: such settings are refused. Behind the last frame's centre a
    single window fades out, and rounding grows with it.

    Args:
        spectrum: complex, as `stft` returns it.
        config: the settings that `spectrum` was made with.
        length: samples to return, at most what the frames cover; default
            ``hop_length * (frames - 1)``, the part between first and last centre.
    Raises:
        ValueError: if `spectrum` has another number of frequencies than `config`, if `length` is
            not covered by the frames, or if the windows leave a gap (the NOLA condition).
    Source: Griffin and Lim 1984, equation 6.
    Lesson: 03_spectrogram

    >>> config = SpectrogramConfig(sample_rate=16000)
    >>> samples = torch.linspace(-1, 1, 1600)
    >>> torch.allclose(istft(stft(samples, config), config), samples, atol=1e-6)
    True
    """
    if spectrum.shape[-2] != config.n_freqs:
        raise ValueError(
            f"spectrum must have {config.n_freqs} frequencies (n_fft {config.n_fft}), "
            f"got {spectrum.shape[-2]}"
        )
    n, half = spectrum.shape[-1], config.n_fft // 2
    covered = config.n_fft + config.hop_length * (n - 1) - half
    length = config.hop_length * (n - 1) if length is None else length
    if not 0 < length <= covered:
        raise ValueError(f"length must be from 1 to {covered} for {n} frames, got {length}")
    frames = torch.fft.irfft(spectrum, n=config.n_fft, dim=-2)
    win = padded_window(config, dtype=frames.dtype).to(frames.device)
    total = _overlap_add(frames * win[:, None], config.hop_length)
    envelope = _overlap_envelope(config, n, frames)[half : half + length]
    if float(envelope.min()) < 1e-11:
        raise ValueError(
            f"the windows must overlap to be inverted (NOLA), got hop_length {config.hop_length} "
            f"with a {config.window} window of {config.win_length} samples"
        )
    return total[..., half : half + length] / envelope


def spectral_convergence(
    estimate: Float[Tensor, "*batch freq frame"], target: Float[Tensor, "*batch freq frame"]
) -> float:
    """Return how far two magnitude spectrograms are apart, in dB: 0 is all of it, -40 is 1 %.

    ``20 log10(‖estimate - target‖ / ‖target‖)``, Frobenius norms, no lower than -100 dB. It is
    the measure for a phase that was made up: sample by sample the waves need not agree, since
    even the sign of a sound cannot be known from its magnitude.

    Raises:
        ValueError: if the shapes differ, or `target` is zero everywhere.
    Source: Sturmel and Daudet 2011, Signal reconstruction from STFT magnitude.
    Lesson: 03_spectrogram

    >>> round(spectral_convergence(torch.full((2, 2), 1.1), torch.ones(2, 2)))
    -20
    """
    if estimate.shape != target.shape:
        raise ValueError(
            f"estimate must have the shape of target {list(target.shape)}, "
            f"got {list(estimate.shape)}"
        )
    norm = float(target.norm())
    if norm == 0:
        raise ValueError("target must not be zero everywhere")
    return power_to_db((float((estimate - target).norm()) / norm) ** 2)


def griffin_lim(
    magnitude: Float[Tensor, "*batch freq frame"],
    config: SpectrogramConfig,
    *,
    n_iter: int = 32,
    momentum: float = 0.99,
    length: int | None = None,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "*batch time"]:
    """Return a sound whose spectrogram has this magnitude: the phase is guessed, then mended.

    Each round goes to the sound and back, which makes neighbouring frames agree, and puts the
    wanted magnitude on the phase that came out.

    Args:
        magnitude: the square root of `power`.
        config: the settings that `magnitude` was made with.
        n_iter: rounds.
        momentum: how far each round leans on the one before; 0 is the original of 1984.
        length: samples to return, as in `istft`.
        generator: source of the first, random phase; None starts from seed 0.
    Raises:
        ValueError: if `momentum` is not in [0, 1), `n_iter` or a magnitude is negative, or
            `length` does not give as many frames as `magnitude` has.
    Source: Griffin and Lim 1984; momentum: Perraudin, Balazs and Sondergaard 2013.
    Lesson: 03_spectrogram

    >>> config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=64)
    >>> griffin_lim(torch.ones(129, 26), config).shape
    torch.Size([1600])
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be at least 0 and below 1, got {momentum}")
    if n_iter < 0:
        raise ValueError(f"n_iter must be at least 0, got {n_iter}")
    if bool((magnitude < 0).any()):
        raise ValueError(f"magnitude must not be negative, got {float(magnitude.min()):g}")
    if generator is None:
        generator = torch.Generator(magnitude.device).manual_seed(0)
    n = magnitude.shape[-1]
    length = config.hop_length * (n - 1) if length is None else length
    if n_frames(length, config) != n:
        raise ValueError(
            f"length must give the {n} frames of magnitude, "
            f"got {length}, which gives {n_frames(length, config)}"
        )
    turn = torch.rand(
        magnitude.shape, generator=generator, dtype=magnitude.dtype, device=magnitude.device
    )
    angles = torch.polar(torch.ones_like(turn), 2 * torch.pi * turn)
    previous = torch.zeros_like(angles)
    for _ in range(n_iter):
        samples = istft(magnitude * angles, config, length=length)
        rebuilt = stft(samples, config)
        ahead = rebuilt - previous * (momentum / (1 + momentum))
        angles = ahead / ahead.abs().clamp(min=1e-16)
        previous = rebuilt
    return istft(magnitude * angles, config, length=length)
