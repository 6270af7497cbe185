"""The synthetic digits: every one is there and sounds, voices are groups, real ones stay apart."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from avtutor.datasets import bundled_root, credit, spoken_digits, synthetic_digits
from avtutor.datasets.decoded import RATE
from avtutor.datasets.synthetic import SyntheticDigit

VOICES = {
    ("espeak", "en"): 73,
    ("espeak", "es"): 14,
    ("espeak", "fr"): 14,
    ("espeak", "it"): 14,
    ("espeak", "ru"): 14,
    ("pico", "de"): 1,
    ("pico", "en"): 2,
    ("pico", "es"): 1,
    ("pico", "fr"): 1,
    ("pico", "it"): 1,
}
"""Voices by engine and language."""

TAKES = {"espeak": 2, "pico": 5}
MARGIN = 0.02
"""Seconds that the trimming keeps on each side, at most."""


def of(engine: str) -> tuple[SyntheticDigit, ...]:
    return synthetic_digits(engine=engine)


@pytest.mark.parametrize("engine", sorted(TAKES))
def test_every_voice_says_every_digit_in_every_take(engine: str) -> None:
    said = of(engine)
    assert {one.engine for one in said} == {engine}
    languages = {language for name, language in VOICES if name == engine}
    assert {one.language for one in said} == languages
    for language in languages:
        here = [one for one in said if one.language == language]
        times = Counter((one.speaker, one.digit, one.take) for one in here)
        speakers = {one.speaker for one in here}
        assert len(speakers) == VOICES[engine, language]
        assert set(times.values()) == {1}
        assert len(times) == len(speakers) * 10 * TAKES[engine]
        assert here == list(synthetic_digits(engine=engine, language=language))


def test_the_voices_that_speak_five_languages_are_the_same_groups() -> None:
    groups = {
        language: {one.group for one in synthetic_digits(language=language)}
        for language in ("en", "es", "fr", "it", "ru")
    }
    assert groups["es"] == groups["fr"] == groups["it"] == groups["ru"] < groups["en"]
    assert "espeak_f1" in groups["es"]


def test_a_synthetic_voice_has_the_name_of_no_real_one() -> None:
    synthetic = {one.group for engine in TAKES for one in of(engine)}
    assert {name.split("_")[0] for name in synthetic} == set(TAKES)
    assert not synthetic & {one.group for one in spoken_digits()}


def test_the_real_digits_are_as_many_as_before() -> None:
    assert len(spoken_digits()) == 292
    assert not {one.path.parent.name for one in spoken_digits()} & set(TAKES)


@pytest.mark.parametrize("engine", sorted(TAKES))
def test_every_clip_decodes_is_as_long_as_it_says_and_sounds(engine: str) -> None:
    for one in of(engine):
        sound = one.load()
        assert (sound.sample_rate, sound.n_channels) == (RATE, 1)
        assert sound.duration == pytest.approx(one.end - one.start, abs=1e-4)
        assert 0.12 < sound.duration < 1.5, one
        level = 10 * float(sound.samples.square().mean().log10())
        assert -40 < level < -15, one
        assert float(sound.samples.abs().max()) < 1.0, one


@pytest.mark.parametrize(("engine", "language"), sorted(VOICES))
def test_each_voice_was_brought_to_one_level(engine: str, language: str) -> None:
    """All of its clips together: -23 dB, but for the file that was turned down as a whole."""
    by_voice: dict[str, list[SyntheticDigit]] = {}
    for one in synthetic_digits(engine=engine, language=language):
        by_voice.setdefault(one.speaker, []).append(one)
    levels = []
    for said in by_voice.values():
        sounds = [one.load().samples for one in said]
        energy = sum(float(sound.square().sum()) for sound in sounds)
        levels.append(energy / sum(sound.shape[-1] for sound in sounds))
    low, high = 10**-2.5, 10**-2.2
    assert all(low < level < high for level in levels)
    assert max(levels) < 10**0.15 * min(levels)  # the codec takes 1.2 dB of some voices


@pytest.mark.parametrize("engine", sorted(TAKES))
def test_clips_are_trimmed(engine: str) -> None:
    """A little into the clip, and a little before its end, there is sound within 55 dB."""
    frame = RATE // 100
    for one in of(engine)[::7]:
        samples = one.load().samples[0]
        power = samples[: len(samples) // frame * frame].reshape(-1, frame).square().mean(dim=1)
        loud = (power > power.max() * 10**-5.5).nonzero()[:, 0]
        assert int(loud[0]) * 0.01 <= MARGIN + 0.01, one
        assert (len(power) - 1 - int(loud[-1])) * 0.01 <= MARGIN + 0.01, one


@pytest.mark.parametrize("engine", sorted(TAKES))
def test_two_takes_differ_in_what_was_asked_for_and_in_sound(engine: str) -> None:
    with (bundled_root() / engine / "synthetic_digits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    settings = {
        (row["language"], row["speaker"], row["digit"], row["take"]): (
            row["rate"], row["pitch"], row["range"], row["text"],
        )
        for row in rows
    }  # fmt: skip
    for (language, speaker, digit, take), asked in settings.items():
        if take != "0":
            assert asked != settings[language, speaker, digit, "0"]
    lengths: dict[tuple[str, str, int], set[int]] = {}
    for one in of(engine):
        key = (one.language, one.speaker, one.digit)
        lengths.setdefault(key, set()).add(round((one.end - one.start) * RATE))
    differ = sum(len(found) > 1 for found in lengths.values())
    assert differ > 0.9 * len(lengths)


def test_one_voice_keeps_its_manner() -> None:
    """Rates of one voice lie within 30 words a minute, those of all voices far apart."""
    with (bundled_root() / "espeak" / "synthetic_digits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rates: dict[str, list[int]] = {}
    for row in rows:
        rates.setdefault(row["speaker"], []).append(int(row["rate"]))
    assert all(max(found) - min(found) <= 30 for found in rates.values())
    assert max(map(max, rates.values())) - min(map(min, rates.values())) > 60


def test_the_credit_says_that_they_are_synthetic() -> None:
    for engine, licence in (("espeak", "GPL-3.0-or-later"), ("pico", "Apache-2.0")):
        found = credit(of(engine)[0].path)
        assert found.licence == licence
        assert "synthetic" in found.author
        notice = (Path(bundled_root()) / engine / "NOTICE.txt").read_text("utf-8")
        assert "synthetic" in notice and "nobody spoke them" in notice


def test_label_is_the_digit() -> None:
    one = synthetic_digits(language="ru")[3]
    assert (one.label, one.group) == (str(one.digit), one.speaker)


@pytest.mark.bad_input
def test_what_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no engine 'festival'; there are espeak, pico"):
        synthetic_digits(engine="festival")
    with pytest.raises(ValueError, match="no language 'ru'; there are de, en, es, fr, it"):
        synthetic_digits(engine="pico", language="ru")
    with pytest.raises(ValueError, match="no language 'de'; there are en, es, fr, it, ru"):
        synthetic_digits(language="de")
