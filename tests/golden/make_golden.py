"""Make tests/golden/front_end.npz: what librosa computes from one short sound.

Run it with the extra `bench` installed: ``python tests/golden/make_golden.py``. The file holds
the sound as well, so that the test depends on no generator of random numbers, and the version of
librosa. It was made with librosa 0.11 and is meant to stay as it is.
"""

from pathlib import Path

import librosa
import numpy as np

HERE = Path(__file__).parent
SETTINGS = {
    "default": dict(n_fft=512, win_length=512, hop_length=160, n_mels=64, f_min=0.0, f_max=8000.0),
    "short_window": dict(
        n_fft=512, win_length=400, hop_length=160, n_mels=40, f_min=60.0, f_max=7600.0
    ),
    "odd_hop": dict(n_fft=256, win_length=256, hop_length=77, n_mels=23, f_min=20.0, f_max=4000.0),
}


def sound(sample_rate: int = 16000, n_samples: int = 8000) -> np.ndarray:
    """Return a gliding tone, a steady one, a click and some noise, float32."""
    t = np.arange(n_samples) / sample_rate
    noise = np.random.default_rng(20260101).standard_normal(n_samples)
    glide = np.sin(2 * np.pi * (200 * t + 3500 * t**2))
    total = 0.4 * glide + 0.1 * np.sin(2 * np.pi * 997 * t) + 0.01 * noise
    total[n_samples // 3] += 0.3
    return total.astype(np.float32)


def main() -> None:
    """Write the file."""
    samples = sound()
    arrays = {"samples": samples, "librosa": np.array(librosa.__version__)}
    for name, s in SETTINGS.items():
        common = dict(
            n_fft=s["n_fft"],
            win_length=s["win_length"],
            hop_length=s["hop_length"],
            window="hann",
            center=True,
            pad_mode="reflect",
        )
        wide = samples.astype(np.float64)
        power = np.abs(librosa.stft(wide, **common)) ** 2
        mel = librosa.feature.melspectrogram(
            y=wide,
            sr=16000,
            n_mels=s["n_mels"],
            fmin=s["f_min"],
            fmax=s["f_max"],
            htk=True,
            norm=None,
            power=2.0,
            dtype=np.float64,
            **common,
        )
        arrays[f"{name}.power"] = power.astype(np.float32)
        arrays[f"{name}.mel"] = mel.astype(np.float32)
    np.savez_compressed(HERE / "front_end.npz", **arrays)


if __name__ == "__main__":
    main()
