"""Public data sets of spoken languages, on small folders of the same layout."""

from pathlib import Path

import pytest

from avtutor.datasets import (
    Item,
    audit_split,
    common_voice,
    contest_2015,
    group_split,
    voxlingua107,
)
from avtutor.datasets.contest_2015 import TABLE
from avtutor.media import MediaError, write_audio
from avtutor.synth import sine

TONE = sine(440.0, seconds=0.2, sample_rate=16000)


@pytest.fixture(autouse=True)
def _nothing_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMMON_VOICE", "VOXLINGUA107", "CONTEST_2015"):
        monkeypatch.delenv(f"AVTUTOR_{name}", raising=False)


def sound(path: Path) -> None:
    """Write a short tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_audio(TONE, path)


# Common Voice

HEAD = "client_id\tpath\tsentence\tup_votes"
ROWS = {
    ("cs", "train"): ["ann\tcs_1.mp3\tDobrý den\t2", 'bob\tcs_2.mp3\t"Ano, řekl\t2'],
    ("cs", "dev"): ["cid\tcs_3.mp3\tNe\t3"],
    ("cs", "test"): ["dan\tcs_4.mp3\tJo\t2"],
    ("fy-NL", "train"): ["eve\tfy_1.mp3\tGoeie\t2"],
    ("fy-NL", "dev"): [],
    ("fy-NL", "test"): ["ann\tfy_2.mp3\tJa\t2"],
}


def corpus(root: Path) -> Path:
    """Write a folder in the layout of Common Voice."""
    for (language, part), rows in ROWS.items():
        (root / language).mkdir(parents=True, exist_ok=True)
        (root / language / f"{part}.tsv").write_text(
            "\n".join([HEAD, *rows]) + "\n", encoding="utf-8"
        )
        for row in rows:
            sound(root / language / "clips" / row.split("\t")[1])
    return root


def test_common_voice(tmp_path: Path) -> None:
    every = common_voice(corpus(tmp_path))
    assert [(said.label, said.group, said.part, said.path.name) for said in every] == [
        ("cs", "ann", "train", "cs_1.mp3"),
        ("cs", "bob", "train", "cs_2.mp3"),
        ("cs", "cid", "dev", "cs_3.mp3"),
        ("cs", "dan", "test", "cs_4.mp3"),
        ("fy-NL", "eve", "train", "fy_1.mp3"),
        ("fy-NL", "ann", "test", "fy_2.mp3"),
    ]
    assert all(isinstance(said, Item) for said in every)
    assert every[0].load().sample_rate == 16000
    assert every[0].load().n_samples >= TONE.n_samples


def test_parts_and_languages_of_common_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVTUTOR_COMMON_VOICE", str(corpus(tmp_path)))
    assert [said.group for said in common_voice(part="test")] == ["dan", "ann"]
    assert [said.group for said in common_voice(languages=["fy-NL"])] == ["eve", "ann"]


def test_a_person_in_two_languages_is_one_group(tmp_path: Path) -> None:
    every = common_voice(corpus(tmp_path))
    groups = [said.group for said in every]
    split = group_split(groups, test_share=0.3)
    audit_split([groups[i] for i in split.train], [groups[i] for i in split.test])
    assert {0, 5} <= set(split.train) or {0, 5} <= set(split.test)
    cs, fy = common_voice(tmp_path, languages=["cs"]), common_voice(tmp_path, languages=["fy-NL"])
    with pytest.raises(ValueError, match="ann"):
        audit_split([said.group for said in cs], [said.group for said in fy])


def test_bad_common_voice(tmp_path: Path) -> None:
    root = corpus(tmp_path)
    with pytest.raises(ValueError, match="no part 'valid'; there are dev, test, train"):
        common_voice(root, part="valid")
    with pytest.raises(ValueError, match="no language 'nl'; there are cs, fy-NL"):
        common_voice(root, languages=["cs", "nl"])
    (root / "cs" / "clips" / "cs_4.mp3").unlink()
    with pytest.raises(ValueError, match=r"1 of 6 listed files are missing: .*cs_4\.mp3"):
        common_voice(root)
    (root / "cs" / "train.tsv").write_text("speaker\tpath\nann\tcs_1.mp3\n")
    with pytest.raises(ValueError, match="needs client_id, path, got speaker, path"):
        common_voice(root)
    (root / "cs" / "train.tsv").unlink()
    with pytest.raises(ValueError, match=r"there is no train\.tsv in .*cs"):
        common_voice(root)
    with pytest.raises(ValueError, match="set AVTUTOR_COMMON_VOICE to it"):
        common_voice()


def test_common_voice_without_a_clip(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a folder a language with clips/, got none"):
        common_voice(tmp_path)
    root = corpus(tmp_path)
    with pytest.raises(ValueError, match="Common Voice: the tables list no recording"):
        common_voice(root, part="dev", languages=["fy-NL"])


# VoxLingua107

VIDEOS = [
    "et/-a_B3xyz90Q__U__S1---0001.000-0005.500.wav",
    "et/-a_B3xyz90Q__U__S2---0010.000-0015.250.wav",
    "et/k---9876543---0100.000-0104.000.wav",
    "lv/ABCDEFGHIJK---0500.640-0515.500.wav",
    "dev/et/00000000000__U__S7---0000.000-0003.000.wav",
]


def videos(root: Path) -> Path:
    """Write a folder in the layout of VoxLingua107."""
    for name in VIDEOS:
        sound(root / name)
    return root


def test_voxlingua107(tmp_path: Path) -> None:
    every = voxlingua107(videos(tmp_path))
    assert [(said.label, said.group, said.part) for said in every] == [
        ("et", "-a_B3xyz90Q", "train"),
        ("et", "-a_B3xyz90Q", "train"),
        ("et", "k---9876543", "train"),
        ("lv", "ABCDEFGHIJK", "train"),
        ("et", "00000000000", "dev"),
    ]
    assert every[0].load().n_samples == TONE.n_samples


def test_parts_and_languages_of_voxlingua107(tmp_path: Path) -> None:
    root = videos(tmp_path)
    assert [said.group for said in voxlingua107(root, part="dev")] == ["00000000000"]
    assert [said.group for said in voxlingua107(root, languages=["lv"])] == ["ABCDEFGHIJK"]


def test_bad_voxlingua107(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="VoxLingua107: no sound file in the folders of"):
        voxlingua107(tmp_path)
    root = videos(tmp_path)
    with pytest.raises(ValueError, match="no part 'test'; there are dev, train"):
        voxlingua107(root, part="test")
    with pytest.raises(ValueError, match="no language 'fi'; there are et, lv"):
        voxlingua107(root, languages=["fi"])
    sound(root / "lv" / "short---0000.000-0003.000.wav")
    with pytest.raises(ValueError, match=r"video---start-end\.wav, got .*short"):
        voxlingua107(root)
    with pytest.raises(ValueError, match="set AVTUTOR_VOXLINGUA107 to it"):
        voxlingua107()


# The contest of 2015


def contest(root: Path, *, inside: str = "mp3") -> Path:
    """Write a folder in the layout of the contest."""
    lines = ["a1.mp3,Estonian", "b2.mp3, Haitian Creole ", "c3.mp3,Estonian"]
    for line in lines:
        sound(root / inside / line.split(",")[0])
    (root / TABLE).write_text("\n".join(["File,Language", *lines]) + "\n\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("inside", ["mp3", "."])
def test_contest_2015(tmp_path: Path, inside: str) -> None:
    every = contest_2015(contest(tmp_path, inside=inside))
    assert [(said.label, said.group) for said in every] == [
        ("Estonian", "a1.mp3"),
        ("Haitian Creole", "b2.mp3"),
        ("Estonian", "c3.mp3"),
    ]
    assert every[2].load().sample_rate == 16000
    some = contest_2015(tmp_path, languages=["Haitian Creole"])
    assert [said.path.name for said in some] == ["b2.mp3"]


def test_bad_contest_2015(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no trainingData\.csv in"):
        contest_2015(tmp_path)
    root = contest(tmp_path)
    with pytest.raises(ValueError, match="no language 'Latin'; there are Estonian, Haitian Creole"):
        contest_2015(root, languages=["Latin"])
    (root / "mp3" / "a1.mp3").write_bytes(b"no sound")
    with pytest.raises(MediaError, match=r"a1\.mp3"):
        contest_2015(root)[0].load()
    (root / "mp3" / "a1.mp3").unlink()
    with pytest.raises(ValueError, match=r"1 of 3 listed files are missing: .*a1\.mp3"):
        contest_2015(root)
    with pytest.raises(ValueError, match="set AVTUTOR_CONTEST_2015 to it"):
        contest_2015()


@pytest.mark.parametrize("line", ["a1.mp3", "a1.mp3,", "a1.mp3,Estonian,ann", ",Estonian"])
def test_bad_line_of_contest_2015(tmp_path: Path, line: str) -> None:
    root = contest(tmp_path)
    (root / TABLE).write_text(f"File,Language\n{line}\n")
    with pytest.raises(ValueError, match=f"line 2 of .* must be file,language, got {line}$"):
        contest_2015(root)


def test_contest_2015_without_a_line(tmp_path: Path) -> None:
    root = contest(tmp_path)
    (root / TABLE).write_text("File,Language\n")
    with pytest.raises(ValueError, match="the tables list no recording"):
        contest_2015(root)
