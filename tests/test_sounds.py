"""load_sounds and the pictures of a batch: lengths, the cache, what cannot be read."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from avtutor.batch import Batch
from avtutor.datasets import AudioFolder, Recording, Sounds, load_sounds
from avtutor.media import write_audio
from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel, log_mel_batch
from avtutor.synth import sine, white_noise
from avtutor.waveform import Waveform

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=20)


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("AVTUTOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def recordings(root: Path, *seconds: float, sample_rate: int = 8000) -> list[Recording]:
    """Write tones of these lengths, one a file, of two classes and a voice each."""
    root.mkdir(exist_ok=True)
    found = []
    for number, length in enumerate(seconds):
        path = root / f"{number}.wav"
        write_audio(sine(440.0, seconds=length, sample_rate=sample_rate), path)
        found.append(Recording("ab"[number % 2], f"voice {number}", "", path))
    return found


def test_a_batch_holds_the_samples_of_the_files_and_zeros_after_them(tmp_path: Path) -> None:
    items = recordings(tmp_path / "x", 0.5, 0.25, 0.1)
    sounds = load_sounds(items, sample_rate=8000)
    batch = sounds.select([2, 0])
    assert batch.lengths["sound"].tolist() == [800, 4000]
    assert batch.labels.tolist() == [0, 0] and batch.groups == ("voice 2", "voice 0")
    for row, item in enumerate((items[2], items[0])):
        n = int(batch.lengths["sound"][row])
        expected = item.load().samples[0]
        assert torch.allclose(batch.inputs["sound"][row, :n], expected, atol=0.51 / 32768)
        assert not batch.inputs["sound"][row, n:].any()


def test_sounds_are_mixed_and_resampled(tmp_path: Path) -> None:
    tone = sine(440.0, seconds=0.5, sample_rate=16000).samples
    path = tmp_path / "two.wav"
    write_audio(Waveform(torch.cat([tone, -tone * 0.5]), 16000), path)
    batch = load_sounds([Recording("a", "v", "", path)], sample_rate=8000).batch()
    expected = sine(440.0, seconds=0.5, sample_rate=8000).samples[0] / 4
    inner = slice(100, -100)  # away from where the filter meets the ends
    assert torch.allclose(batch.inputs["sound"][0, inner], expected[inner], atol=2e-3)


def test_a_fixed_length_cuts_as_much_from_both_ends(tmp_path: Path) -> None:
    items = recordings(tmp_path / "x", 0.5, 0.1)
    whole = load_sounds(items, sample_rate=8000).batch()
    cut = load_sounds(items, sample_rate=8000, seconds=0.25).batch()
    assert cut.inputs["sound"].shape == (2, 2000)
    assert cut.lengths["sound"].tolist() == [2000, 800]
    assert torch.equal(cut.inputs["sound"][0], whole.inputs["sound"][0, 1000:3000])
    assert torch.equal(cut.inputs["sound"][1, :800], whole.inputs["sound"][1, :800])


def test_the_second_time_nothing_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = recordings(tmp_path / "x", 0.2, 0.1)
    first = load_sounds(items, sample_rate=8000).batch()
    monkeypatch.setattr(Recording, "load", lambda self: pytest.fail("decoded again"))
    assert torch.equal(load_sounds(items, sample_rate=8000).batch().inputs["sound"],
                       first.inputs["sound"])  # fmt: skip
    with pytest.raises(pytest.fail.Exception, match="decoded again"):
        load_sounds(items, sample_rate=16000)


def test_a_changed_file_is_decoded_again(tmp_path: Path) -> None:
    items = recordings(tmp_path / "x", 0.2)
    load_sounds(items, sample_rate=8000)
    write_audio(sine(880.0, seconds=0.2, sample_rate=8000), items[0].path)
    os.utime(items[0].path, ns=(1, 1))
    changed = load_sounds(items, sample_rate=8000).batch().inputs["sound"][0]
    assert torch.allclose(changed, items[0].load().samples[0], atol=0.51 / 32768)


def test_a_cache_that_was_cut_short_is_made_again(tmp_path: Path, cache: Path) -> None:
    items = recordings(tmp_path / "x", 0.2)
    first = load_sounds(items, sample_rate=8000).batch().inputs["sound"]
    (file,) = cache.glob("sounds-*/samples.int16")
    file.write_bytes(file.read_bytes()[:100])
    assert torch.equal(load_sounds(items, sample_rate=8000).batch().inputs["sound"], first)
    assert [path.name for path in cache.glob("*.partial")] == []


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("AVTUTOR_CACHE", str(tmp_path / "file"))
    assert len(load_sounds(recordings(tmp_path / "x", 0.2), sample_rate=8000)) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_what_cannot_be_read_is_named_in_one_message(tmp_path: Path, kept: bool) -> None:
    items = recordings(tmp_path / "x", 0.2, 0.1, 0.3)
    items[0].path.write_bytes(b"nonsense")
    items[1].path.unlink() if not kept else items[1].path.write_bytes(b"RIFF")
    for _ in range(2):  # the second time, what was kept says it
        with pytest.raises(ValueError, match=r"2 of 3 sounds cannot be read") as raised:
            load_sounds(items, sample_rate=8000)
        assert all(f"{n}.wav" in str(raised.value) for n in (0, 1))
        good = load_sounds(items, sample_rate=8000, skip_unreadable=True, classes=["a", "b"])
        assert good.groups == ("voice 2",) and len(good.skipped) == 2
    with pytest.raises(ValueError, match="none of the sounds can be read"):
        load_sounds(items[:2], sample_rate=8000, skip_unreadable=True)


def test_a_folder_of_ones_own_goes_the_same_way(tmp_path: Path) -> None:
    for name in ("cat/tom/1.wav", "cat/tom/2.wav", "dog/rex/1.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write_audio(white_noise(seconds=0.1, sample_rate=8000, seed=1), tmp_path / name)
    sounds = load_sounds(AudioFolder(tmp_path), sample_rate=8000)
    assert sounds.classes == ("cat", "dog") and sounds.groups == ("tom", "tom", "rex")
    assert repr(sounds) == "Sounds(3 of 2 classes and 2 groups, 0.0 min at 8000 Hz)"


@pytest.mark.bad_input
def test_wrong_input_is_refused(tmp_path: Path) -> None:
    items = recordings(tmp_path / "x", 0.2, 0.1)
    for call, message in (
        (lambda: load_sounds([], sample_rate=8000), "at least one sound"),
        (lambda: load_sounds(items, sample_rate=0), "above 0 Hz"),
        (lambda: load_sounds(items, sample_rate=8000, classes=["a"]), "got 'b'"),
        (lambda: load_sounds(items, sample_rate=8000, seconds=0.0), "at least one sample"),
        (lambda: load_sounds(items, sample_rate=8000).select([]), "got none"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ValueError, match="add up"):
        Sounds(np.zeros(3, np.int16), [2], sample_rate=8000, classes=["a"], labels=["a"],
               groups=["g"])  # fmt: skip


def a_batch(*lengths: int, size: int | None = None) -> Batch:
    """Noise of these lengths, padded with 1, which no picture may show."""
    size = size or max(lengths)
    g = torch.Generator().manual_seed(3)
    samples = 0.1 * torch.randn(len(lengths), size, generator=g)
    for row, n in enumerate(lengths):
        samples[row, n:] = 1.0
    return Batch(
        inputs={"sound": samples},
        lengths={"sound": torch.tensor(lengths)},
        labels=torch.zeros(len(lengths), dtype=torch.int64),
        groups=tuple("abcdef"[: len(lengths)]),
    )


def test_each_picture_is_that_of_the_clip_alone() -> None:
    batch = a_batch(4000, 1000, 2345)
    pictures = log_mel_batch(batch, CONFIG)
    assert pictures.lengths["sound"].tolist() == [51, 13, 30]
    for row, n in enumerate((4000, 1000, 2345)):
        alone = log_mel(batch.inputs["sound"][row, :n], CONFIG)
        assert torch.equal(pictures.inputs["sound"][row, :, : alone.shape[-1]], alone)
        rest = pictures.inputs["sound"][row, :, alone.shape[-1] :]
        assert torch.equal(rest, torch.full_like(rest, -100.0))


def test_padding_changes_no_logit_from_the_samples_on() -> None:
    """A clip alone, and beside longer ones with anything in its padding."""
    torch.manual_seed(0)
    model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=20, n_classes=5)).eval()
    together = log_mel_batch(a_batch(1000, 6000, 2345), CONFIG)
    logits = model(together.inputs["sound"], together.lengths["sound"])
    for row, n in enumerate((1000, 6000, 2345)):
        short = a_batch(1000, 6000, 2345).select([row])
        alone = log_mel_batch(
            Batch(inputs={"sound": short.inputs["sound"][:, :n]}, labels=short.labels,
                  groups=short.groups), CONFIG)  # fmt: skip
        assert torch.allclose(model(alone.inputs["sound"])[0], logits[row], atol=1e-5)
    unmasked = model(together.inputs["sound"])  # the lengths do matter
    assert not torch.allclose(unmasked[0], logits[0], atol=1e-2)


def test_below_peak_by_hand() -> None:
    levels = torch.tensor([[[-10.0, -50.0], [-69.0, -71.0]], [[5.0, -100.0], [0.0, 4.0]]])
    expected = torch.tensor([[[0.0, -40.0], [-59.0, -60.0]], [[0.0, -60.0], [-5.0, -1.0]]])
    assert torch.equal(below_peak(levels), expected)


@pytest.mark.bad_input
def test_pictures_of_wrong_batches_are_refused() -> None:
    with pytest.raises(ValueError, match="no input 'voice', it has"):
        log_mel_batch(a_batch(4000), CONFIG, name="voice")
    with pytest.raises(ValueError, match=r"item 1, of the group 'b': .* .256 samples., got 255"):
        log_mel_batch(a_batch(4000, 255), CONFIG)
    with pytest.raises(ValueError, match="must be .batch, time"):
        log_mel_batch(log_mel_batch(a_batch(4000), CONFIG), CONFIG)
    with pytest.raises(ValueError, match="range_db must be above 0"):
        below_peak(torch.zeros(1, 2, 2), range_db=0.0)
