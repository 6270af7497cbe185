"""The data sets: every clip is there and sounds, every group is named, bad input is refused."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from avtutor.datasets import (
    bundled_root,
    calls,
    credit,
    example,
    examples,
    names,
    phones,
    speakers,
    spoken_digits,
    stack,
    stamp,
    stamps,
    videos,
    voices,
    windows,
)
from avtutor.datasets.decoded import RATE, cache_folder, read_decoded
from avtutor.media import MediaError, audio_info, write_audio
from avtutor.waveform import Waveform

LANGUAGES = ["cs", "en", "es", "fr", "it", "nl", "ru"]
REELS = sorted((Path(__file__).resolve().parents[1] / "data").glob("*/*.opus"))


def spans_of(reel: Path) -> list[tuple[float, float]]:
    """Return start and end of every clip that the indexes beside a reel give."""
    found = []
    for table in sorted(reel.parent.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("file") == reel.name and "start" in row and "phone" not in row:
                    found.append((float(row["start"]), float(row["end"])))
    return sorted(found)


@pytest.mark.parametrize("reel", REELS, ids=lambda path: path.stem)
def test_every_clip_lies_in_its_file_apart_from_the_others_and_sounds(reel: Path) -> None:
    spans = spans_of(reel)
    total = round(audio_info(reel).duration * RATE)
    whole = read_decoded(reel, 0, total)
    assert torch.isfinite(whole).all()
    assert whole.abs().max() <= 1.0
    last = -1.0
    for start, end in spans:
        assert start * RATE == pytest.approx(round(start * RATE), abs=1e-3)
        assert last + 0.09 < start < end <= total / RATE
        clip = whole[round(start * RATE) : round(end * RATE)]
        assert float(clip.square().mean().sqrt()) > 1e-3, f"{reel.name} {start}: silent"
        last = end
    assert len(spans) >= 5


def test_languages_and_voices() -> None:
    assert sorted({said.language for said in voices()}) == LANGUAGES
    for language in LANGUAGES:
        assert len(speakers(language=language)) >= 2
    assert len(speakers(language="en")) >= 15
    assert len(speakers(language="es")) >= 10
    assert {said.language for said in voices(speaker="allison")} == {"en", "es"}


def test_an_utterance_has_the_length_that_it_states() -> None:
    for said in voices(part="test")[::50]:
        sound = said.load()
        assert (sound.sample_rate, sound.n_channels) == (RATE, 1)
        assert sound.duration == pytest.approx(said.duration, abs=1e-4)


def test_train_and_test_share_no_utterance() -> None:
    train, test = voices(part="train"), voices(part="test")
    assert not {said.source for said in train} & {said.source for said in test}
    assert len(train) + len(test) == len(voices())
    assert 0.15 < len(test) / len(voices()) < 0.26


def test_no_source_is_taken_twice() -> None:
    taken = [(said.channel, said.source) for said in voices() if said.channel != "drascula"]
    assert len(taken) == len(set(taken))


def test_windows_lie_inside_their_utterances_and_never_overlap() -> None:
    said = voices(language="fr", part="train")
    cut = windows(said, seconds=3.0)
    seen: dict[str, int] = {}
    for window in cut:
        assert window.duration == 3.0
        assert {piece.speaker for piece, _, _ in window.pieces} == {window.speaker}
        for piece, first, last in window.pieces:
            key = f"{piece.path} {piece.start}"
            assert seen.get(key, 0) <= first < last <= round(piece.duration * RATE)
            seen[key] = last
    spoken = sum(piece.duration for piece in said)
    assert spoken - 3.0 * len(speakers(language="fr")) <= 3.0 * len(cut) <= spoken


def test_a_window_is_its_utterances_one_after_the_other() -> None:
    said = voices(language="it", speaker="carlo", part="test")
    cut = windows(said, seconds=1.5)
    joined = torch.cat([piece.load().samples[0] for piece in said])
    expected = joined[: len(cut) * 24_000].reshape(-1, 24_000)
    assert torch.equal(stack(cut), expected)


def test_stamps_have_pictures_and_sounds() -> None:
    for found in stamps():
        assert found.picture.is_file()
    for found in stamps()[::25]:
        picture = found.load_picture()
        assert picture.dtype == torch.uint8 and picture.shape[-1] == 3
        assert max(picture.shape) <= 128
    heard = stamps(with_sound=True)
    assert len(heard) >= 130
    for found in heard[::10]:
        assert float(found.load().samples.abs().max()) > 0.01


def test_the_ground_shows_where_a_picture_is_transparent() -> None:
    lion = stamp("cats/lion")
    white, black = lion.load_picture(), lion.load_picture(ground=0)
    assert white.shape == black.shape
    assert (white[0, 0] == 255).all() and (black[0, 0] == 0).all()
    assert (white == black).all(dim=-1).float().mean() > 0.2


def test_the_same_pictures_are_named_in_every_language() -> None:
    keys = {
        language: [n.key for n in names(language=language)] for language in ("bg", "es", "fr", "ru")
    }
    assert len(set(map(tuple, keys.values()))) == 1
    assert len(keys["es"]) > 600
    assert {name.language for name in names()} == set(keys)
    named = {found.key for found in stamps() if found.named}
    assert named == set(keys["es"])
    assert all(name.text for name in names(language="ru"))


def test_ten_animals_have_three_recordings_or_more() -> None:
    animals = sorted({call.animal for call in calls()})
    assert len(animals) == 10
    for animal in animals:
        assert len({call.group for call in calls(animal=animal)}) >= 3
    for call in calls():
        assert call.load().duration > 0.2


def test_digits_of_eight_telephone_voices_are_whole() -> None:
    spoken = spoken_digits()
    asterisk = [said for said in spoken if said.path.parent.name.startswith("asterisk")]
    voices_of = {(said.language, said.speaker) for said in asterisk}
    assert len(voices_of) == 8
    for voice in voices_of:
        digits = [said.digit for said in asterisk if (said.language, said.speaker) == voice]
        assert sorted(digits) == list(range(10))
    assert len({said.language for said in spoken}) >= 22
    assert 0.1 < spoken[0].load().duration < 3


def test_phones_cover_their_utterance() -> None:
    for said in voices(speaker="shmyrev")[::10]:
        labels = phones(said)
        assert labels[0].start == pytest.approx(0, abs=1e-3)
        assert labels[-1].end == pytest.approx(said.duration, abs=0.05)
        for before, after in zip(labels, labels[1:], strict=False):
            assert before.end == pytest.approx(after.start, abs=1e-3)
        sound = said.load().samples[0]
        level = {True: [], False: []}
        for label in labels:
            part = sound[round(label.start * RATE) : round(label.end * RATE)]
            if len(part):
                level[label.name == "pau"].append(float(part.square().mean()))
        assert np.mean(level[False]) > 10 * np.mean(level[True])  # pauses are quiet


@pytest.mark.parametrize("name", examples())
def test_examples_sound(name: str) -> None:
    sound = example(name)
    assert 0.5 < sound.duration < 60
    assert 0.05 < float(sound.samples.abs().max()) < 1.3


def test_videos_are_there() -> None:
    assert all(video.path.stat().st_size > 100_000 for video in videos().values())


def test_credit_answers_for_every_path_of_an_item() -> None:
    assert credit(voices(speaker="paola")[0].path).licence == "CC-BY-SA-3.0-IT"
    assert "Menardi" in credit("asterisk-it-menardi/it_paola.opus").author


# Where the data are


def test_the_variable_goes_before_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(bundled_root() / "manifest.csv", tmp_path)
    monkeypatch.setenv("AVTUTOR_DATA", str(tmp_path))
    assert bundled_root() == tmp_path
    monkeypatch.setenv("AVTUTOR_DATA", "")
    assert bundled_root().name == "data"


@pytest.mark.bad_input
def test_missing_data_are_refused_naming_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVTUTOR_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="AVTUTOR_DATA names .*nowhere.*checkout.*data"):
        bundled_root()
    with pytest.raises(ValueError, match="AVTUTOR_DATA"):
        voices(language="es")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: voices(language="xx"), "no language 'xx'; there are cs, en, es, fr, it, nl, ru"),
        (
            lambda: voices(language="it", speaker="june"),
            "no speaker 'june' in 'it'; there are carlo, paola",
        ),
        (lambda: voices(part="valid"), "no part 'valid'; there are test, train"),
        (lambda: speakers(language="de"), "no language 'de'"),
        (
            lambda: windows(voices(language="it"), seconds=0.0),
            "seconds must be at least one sample",
        ),
        (
            lambda: windows(voices(speaker="librivox"), seconds=1e4),
            "no voice among the 5 utterances",
        ),
        (lambda: windows([], seconds=1.0), "no voice among the 0 utterances"),
        (lambda: stack([]), "windows must have one length, got no windows"),
        (lambda: stamps(category="dragons"), "no category 'dragons'; there are animals"),
        (lambda: stamp("griffin"), "no stamp 'griffin'"),
        (lambda: stamp("lion"), "'lion' may be any of .*cats/lion"),
        (
            lambda: stamp("cats/lion").load_picture(ground=256),
            "ground must be in 0 to 255, got 256",
        ),
        (lambda: stamp("cats/lion-2").load(), "has no sound"),
        (lambda: names(language="it"), "no language 'it'; there are bg, es, fr, ru"),
        (lambda: spoken_digits(language="xx"), "no language 'xx'"),
        (lambda: calls(animal="unicorn"), "no animal 'unicorn'; there are cat, chicken, cow"),
        (lambda: phones(voices(speaker="june")[0]), "has no labels of phones"),
        (lambda: example("unicorn"), "no example 'unicorn'; there are speech"),
        (lambda: credit("nothing.ogg"), "nothing.ogg is not in"),
    ],
)
def test_what_is_not_there_is_refused_by_name(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# The decoded cache


@pytest.fixture
def small_reel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVTUTOR_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "reel.wav"
    ramp = torch.linspace(-0.9, 0.9, 3200)
    write_audio(Waveform.from_mono(ramp, RATE), path)
    return path


def test_the_cache_gives_back_the_file(small_reel: Path) -> None:
    expected = torch.linspace(-0.9, 0.9, 3200)
    assert torch.allclose(read_decoded(small_reel, 100, 900), expected[100:900], atol=2**-16 + 1e-7)
    assert len(list(cache_folder().glob("reel-*.npy"))) == 1
    assert not list(cache_folder().glob("*.partial"))


def test_a_changed_file_is_decoded_again(small_reel: Path, tmp_path: Path) -> None:
    read_decoded(small_reel, 0, 10)
    other = tmp_path / "other.wav"
    write_audio(Waveform.from_mono(torch.full((3200,), 0.5), RATE), other)
    assert read_decoded(other, 0, 10).tolist() == [0.5] * 10


def test_a_cut_short_cache_file_is_made_again(small_reel: Path) -> None:
    cache_folder().mkdir()
    read_decoded(small_reel, 0, 10)
    (kept,) = cache_folder().glob("reel-*.npy")
    content = kept.read_bytes()
    kept.write_bytes(content[:200])
    from avtutor.datasets import decoded

    decoded._decoded.cache_clear()
    assert len(read_decoded(small_reel, 0, 3200)) == 3200
    assert kept.read_bytes() == content


def test_a_cache_that_cannot_be_written_does_no_harm(
    small_reel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").write_text("not a folder")
    monkeypatch.setenv("AVTUTOR_CACHE", str(tmp_path / "a_file" / "cache"))
    assert len(read_decoded(small_reel, 0, 3200)) == 3200


@pytest.mark.bad_input
def test_samples_outside_the_file_are_refused(small_reel: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 <= first < last <= 3200, got 3000 and 3300"):
        read_decoded(small_reel, 3000, 3300)
    with pytest.raises(MediaError, match="there is no such file"):
        read_decoded(tmp_path / "nothing.opus", 0, 1)
