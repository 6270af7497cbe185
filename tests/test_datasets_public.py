"""Public data sets and a learner's own folder, on small folders of the same layout."""

import hashlib
import io
import os
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from avtutor.datasets import (
    AudioFolder,
    Item,
    Recording,
    audit_labels,
    audit_split,
    calls,
    esc50,
    fsdd,
    group_split,
    handwritten_digits,
    leave_one_group_out,
    speech_commands,
    spoken_digits,
    voices,
    windows,
)
from avtutor.datasets.download import CHUNK, Archive, fetch
from avtutor.datasets.fsdd import VARIABLE
from avtutor.datasets.handwritten import BLOCK_STARTS
from avtutor.media import write_audio
from avtutor.synth import sine

REAL_FSDD = os.environ.get(VARIABLE, "")
TONE = sine(440.0, seconds=0.05, sample_rate=8000)


@pytest.fixture(autouse=True)
def _nothing_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (VARIABLE, "AVTUTOR_ESC50", "AVTUTOR_SPEECH_COMMANDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AVTUTOR_CACHE", str(tmp_path / "cache"))


def sounds(root: Path, *names: str) -> Path:
    """Write a short tone under each of the names, and return the folder."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_audio(TONE, root / name)
    return root


# Free Spoken Digit Dataset

DIGITS = [
    f"{digit}_{speaker}_{index}.wav"
    for digit in (0, 7)
    for speaker in ("ann", "bob_b")
    for index in (0, 4, 5, 49)
]


@pytest.mark.parametrize("inside", ["recordings", ".", "fsdd-1.0.9/recordings"])
def test_fsdd_is_found_in_its_folder(tmp_path: Path, inside: str) -> None:
    root = tmp_path / "fsdd"
    sounds(root / inside, *DIGITS)
    every = fsdd(root)
    assert len(every) == 16
    assert {said.label for said in every} == {"0", "7"}
    assert {said.group for said in every} == {"ann", "bob_b"}
    assert {said.path.stem.split("_")[-1] for said in fsdd(root, part="test")} == {"0", "4"}
    assert {said.path.stem.split("_")[-1] for said in fsdd(root, part="train")} == {"5", "49"}
    assert [said.path.name for said in fsdd(root, speaker="ann", part="test")] == [
        "0_ann_0.wav",
        "0_ann_4.wav",
        "7_ann_0.wav",
        "7_ann_4.wav",
    ]
    assert every[0].load().sample_rate == 8000


def test_fsdd_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sounds(tmp_path / "mine", *DIGITS[:3])
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert len(fsdd()) == 3
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(ValueError, match=r"no folder .*gone \(AVTUTOR_FSDD names it\)"):
        fsdd()


def test_fsdd_says_how_to_get_it() -> None:
    with pytest.raises(ValueError, match="set AVTUTOR_FSDD to it; or pass download=True"):
        fsdd()


def test_a_folder_of_something_else_is_no_fsdd(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FSDD: no sound file in"):
        fsdd(tmp_path)
    sounds(tmp_path, "0_ann_1.wav", "hello.wav", "11_ann_1.wav")
    with pytest.raises(ValueError, match="digit_speaker_index.wav, got 11_ann_1.wav, hello.wav"):
        fsdd(tmp_path)


def test_an_unknown_part_or_voice_of_fsdd(tmp_path: Path) -> None:
    sounds(tmp_path, *DIGITS)
    with pytest.raises(ValueError, match="no part 'valid'; there are test, train"):
        fsdd(tmp_path, part="valid")
    with pytest.raises(ValueError, match="no speaker 'cyd'; there are ann, bob_b"):
        fsdd(tmp_path, speaker="cyd")


@pytest.mark.skipif(not REAL_FSDD, reason=f"{VARIABLE} names no folder with the real recordings")
def test_the_real_fsdd() -> None:
    every = fsdd(REAL_FSDD)
    assert len(every) == 3000
    assert len(fsdd(REAL_FSDD, part="test")) == 300
    assert {said.label for said in every} == set("0123456789")
    groups = [said.group for said in every]
    assert {name: groups.count(name) for name in set(groups)} == dict.fromkeys(
        ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"], 500
    )
    for said in every[::100]:
        sound = said.load()
        assert (sound.sample_rate, sound.n_channels) == (8000, 1)
        assert 0.1 < sound.duration < 2.5 and float(sound.samples.abs().max()) > 0.01
    train, test = fsdd(REAL_FSDD, part="train"), fsdd(REAL_FSDD, part="test")
    with pytest.raises(ValueError, match="6 of 6 test groups are in training too: 'george'"):
        audit_split([said.group for said in train], [said.group for said in test])
    for split in leave_one_group_out(groups):
        assert (len(split.train), len(split.test)) == (2500, 500)
        audit_labels([every[n].label for n in split.train], [every[n].label for n in split.test])


# Speech Commands


def commands(root: Path) -> Path:
    sounds(
        root,
        "yes/0a_nohash_0.wav",
        "yes/0a_nohash_1.wav",
        "yes/0b_nohash_0.wav",
        "no/0a_nohash_0.wav",
        "no/0c_nohash_0.wav",
        "_background_noise_/running_tap.wav",
    )
    (root / "validation_list.txt").write_text("yes/0b_nohash_0.wav\n")
    (root / "testing_list.txt").write_text("no/0c_nohash_0.wav\n")
    return root


def test_speech_commands(tmp_path: Path) -> None:
    root = commands(tmp_path)
    every = speech_commands(root)
    assert [(said.label, said.group, said.part) for said in every] == [
        ("no", "0a", "train"),
        ("no", "0c", "test"),
        ("yes", "0a", "train"),
        ("yes", "0a", "train"),
        ("yes", "0b", "valid"),
    ]
    assert [said.group for said in speech_commands(root, part="test")] == ["0c"]
    assert {said.label for said in speech_commands(root, words=["yes"])} == {"yes"}
    assert every[0].load().n_samples == TONE.n_samples


def test_bad_speech_commands(tmp_path: Path) -> None:
    root = commands(tmp_path)
    with pytest.raises(ValueError, match="no word 'maybe'; there are no, yes"):
        speech_commands(root, words=["no", "maybe"])
    with pytest.raises(ValueError, match="no part 'dev'; there are test, train, valid"):
        speech_commands(root, part="dev")
    sounds(root, "yes/hello.wav")
    with pytest.raises(ValueError, match="person_nohash_number.wav, got .*hello.wav"):
        speech_commands(root)
    (root / "testing_list.txt").unlink()
    with pytest.raises(ValueError, match="there is no testing_list.txt in"):
        speech_commands(root)
    with pytest.raises(ValueError, match="set AVTUTOR_SPEECH_COMMANDS to it"):
        speech_commands()


def test_speech_commands_without_a_sound(tmp_path: Path) -> None:
    for name in ("validation_list.txt", "testing_list.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "yes").mkdir()
    with pytest.raises(ValueError, match="no sound file in the folders"):
        speech_commands(tmp_path)


# ESC-50


def clips(root: Path) -> Path:
    sounds(root / "audio", "1-100-A-0.wav", "1-100-B-0.wav", "2-200-A-36.wav")
    (root / "meta").mkdir()
    (root / "meta" / "esc50.csv").write_text(
        "filename,fold,target,category,esc10,src_file,take\n"
        "1-100-A-0.wav,1,0,dog,True,100,A\n"
        "1-100-B-0.wav,1,0,dog,True,100,B\n"
        "2-200-A-36.wav,2,36,vacuum_cleaner,False,200,A\n"
    )
    return root


def test_esc50(tmp_path: Path) -> None:
    root = clips(tmp_path)
    assert [(clip.label, clip.group, clip.part) for clip in esc50(root)] == [
        ("dog", "100", "1"),
        ("dog", "100", "1"),
        ("vacuum_cleaner", "200", "2"),
    ]
    assert [clip.path.name for clip in esc50(root, fold=2)] == ["2-200-A-36.wav"]
    assert esc50(root)[0].load().n_samples == TONE.n_samples


def test_bad_esc50(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no meta/esc50.csv in"):
        esc50(tmp_path)
    root = clips(tmp_path)
    with pytest.raises(ValueError, match="no fold '6'; there are 1, 2"):
        esc50(root, fold=6)
    (root / "audio" / "1-100-B-0.wav").unlink()
    with pytest.raises(ValueError, match="1 of 3 files are not in .*: 1-100-B-0.wav"):
        esc50(root)
    (root / "meta" / "esc50.csv").write_text("filename,target\na.wav,1\n")
    with pytest.raises(
        ValueError, match="category, filename, fold, src_file, got filename, target"
    ):
        esc50(root)
    with pytest.raises(ValueError, match="ESC-50 is not on this machine: get it from https://git"):
        esc50()


# A folder of one's own


def test_a_folder_of_classes(tmp_path: Path) -> None:
    root = sounds(
        tmp_path, "dog/rex/01.wav", "dog/rex/02.flac", "cat/01.WAV", "cat/rex/1.ogg", "cat/02.wav"
    )
    (root / "cat" / "notes.txt").write_text("not a sound")
    (root / "cat" / ".hidden.wav").write_text("not one either")
    (root / ".cache").mkdir()
    folder = AudioFolder(root)
    assert folder.classes == ("cat", "dog")
    assert list(zip(folder.labels, folder.groups, strict=True)) == [
        ("cat", "cat/01.WAV"),
        ("cat", "cat/02.wav"),
        ("cat", "rex"),
        ("dog", "rex"),
        ("dog", "rex"),
    ]
    assert len(folder) == 5 and folder[-1].path.name == "02.flac"
    assert folder[3].load().n_samples == TONE.n_samples
    assert folder.skipped == ()
    assert repr(folder) == f"AudioFolder({str(root)!r}: 5 items, 2 classes)"


def test_groups_by_a_function(tmp_path: Path) -> None:
    root = sounds(tmp_path, "dog/rex-1.wav", "dog/rex-2.wav", "cat/tom-1.wav", "cat/tim-1.wav")
    folder = AudioFolder(root, group=lambda path: path.stem.split("-")[0])
    assert folder.groups == ("tim", "tom", "rex", "rex")
    split = group_split(folder.groups, test_share=0.5)
    assert len(split.test) == 2


def unreadable(root: Path) -> Path:
    sounds(root, "dog/1.wav", "dog/2.wav", "cat/1.wav", "cat/2.wav", "cat/3.wav")
    (root / "dog" / "2.wav").write_text("this is no sound")
    whole = (root / "cat" / "2.wav").read_bytes()
    (root / "cat" / "2.wav").write_bytes(whole[: len(whole) // 2])
    (root / "cat" / "3.wav").write_bytes(b"")
    return root


def test_unreadable_files_are_named_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        AudioFolder(unreadable(tmp_path))
    first, *lines = str(caught.value).splitlines()
    assert first.endswith(
        "3 of 5 files cannot be read; pass skip_unreadable=True to leave them out"
    )
    assert [line.strip().split(":")[0].replace(os.sep, "/") for line in lines] == [
        "cat/2.wav",
        "cat/3.wav",
        "dog/2.wav",
    ]
    assert lines[1].endswith("the file is empty (0 bytes)")


def test_the_others_are_used_if_the_caller_says_so(tmp_path: Path) -> None:
    folder = AudioFolder(unreadable(tmp_path), skip_unreadable=True)
    assert [item.path.name for item in folder] == ["1.wav", "1.wav"]
    assert folder.labels == ("cat", "dog")
    assert [error.path.name for error in folder.skipped] == ["2.wav", "3.wav", "2.wav"]
    with pytest.raises(ValueError, match="'cat' has 1, 'dog' has 1"):
        audit_labels(folder.labels, folder.labels)


def test_a_folder_in_which_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "1.wav").write_text("this is no sound")
    for skip in (False, True):
        with pytest.raises(ValueError, match="1 of 1 files cannot be read\n"):
            AudioFolder(tmp_path, skip_unreadable=skip)


def test_folders_that_are_no_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="gone: there is no such folder"):
        AudioFolder(tmp_path / "gone")
    with pytest.raises(ValueError, match="must hold one sub-folder a class, got none"):
        AudioFolder(tmp_path)
    (tmp_path / "emu").mkdir()
    sounds(tmp_path, "cat/1.wav")
    with pytest.raises(ValueError, match="no sound file in the folder of emu$"):
        AudioFolder(tmp_path)
    sounds(tmp_path, "stray.wav")
    with pytest.raises(ValueError, match="must be in the folder of a class, got stray.wav"):
        AudioFolder(tmp_path)


# Handwritten digits


def test_handwritten_digits_are_real_pictures_in_blocks() -> None:
    every = handwritten_digits()
    assert len(every) == 1797
    assert [sum(item.digit == n for item in every) for n in range(10)] == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
    ]  # fmt: skip
    picture = every[17].load()
    assert picture.dtype == torch.float32 and 0 <= picture.min() and picture.max() <= 1
    picture.zero_()
    assert float(every[17].load().max()) > 0.5  # each call gives a copy
    blocks = [item.block for item in every]
    assert blocks == sorted(blocks) and set(blocks) == set(range(14))
    for block, (start, end) in enumerate(zip(BLOCK_STARTS, BLOCK_STARTS[1:], strict=False)):
        assert blocks.index(block) == start and blocks.count(block) == end - start
    assert {every[n].group for n in (0, 129)} == {"block 00"} != {every[130].group}


def nearest_neighbour(train: tuple[int, ...], test: tuple[int, ...]) -> float:
    every = handwritten_digits()
    pictures = torch.stack([item.load().flatten() for item in every])
    digits = torch.tensor([item.digit for item in every])
    distances = torch.cdist(pictures[list(test)], pictures[list(train)])
    found = digits[list(train)][distances.argmin(dim=1)]
    return float((found == digits[list(test)]).double().mean())


def test_hands_that_were_seen_are_easier_than_blocks_that_were_not() -> None:
    items = handwritten_digits()
    apart = [group_split([item.group for item in items], seed=seed) for seed in range(5)]
    mixed = [group_split([str(item.row) for item in items], seed=seed) for seed in range(5)]
    unseen = sum(nearest_neighbour(split.train, split.test) for split in apart) / 5
    seen = sum(nearest_neighbour(split.train, split.test) for split in mixed) / 5
    assert seen > 0.98
    assert 0.9 < unseen < seen - 0.01


# All of them


def test_all_items_are_of_one_kind(tmp_path: Path) -> None:
    root = sounds(tmp_path, "0_ann_0.wav")
    said = voices(language="it", part="test")
    items: list[object] = [
        fsdd(root)[0],
        AudioFolder(sounds(tmp_path / "own", "a/1.wav"))[0],
        spoken_digits(language="ko")[0],
        calls(animal="cow")[0],
        said[0],
        windows(said, seconds=1.0)[0],
    ]
    for item in items:
        assert isinstance(item, Item)
        assert item.label and item.group and item.load().n_samples > 0
    assert [item.label for item in items if isinstance(item, Item)][:4] == ["0", "a", "0", "cow"]
    assert isinstance(handwritten_digits()[0].label, str)


# Downloads, from a server on this machine


class Server:
    """Serves one file; `cut` breaks the connection once after so many bytes."""

    def __init__(self, content: bytes, *, ranges: bool = True) -> None:
        self.content, self.ranges, self.cut, self.status = content, ranges, 0, 200
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers.get("Range")
                outer.asked.append(wanted)
                start = int(wanted[6:-1]) if wanted and outer.ranges else 0
                body = outer.content[start:]
                self.send_response(206 if start else outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if outer.cut:
                    body, outer.cut = body[: outer.cut], 0
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def archive(self) -> Archive:
        url = f"http://127.0.0.1:{self.http.server_port}/digits.tar.gz"
        return Archive("digits-1", url, hashlib.sha256(self.content).hexdigest())


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(content: bytes, *, ranges: bool = True) -> Server:
        servers.append(Server(content, ranges=ranges))
        return servers[-1]

    yield start
    for server in servers:
        server.http.shutdown()
        server.http.server_close()


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    """A tar archive with the layout of a release."""
    sounds(tmp_path / "made", *DIGITS)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(tmp_path / "made", "release-1/recordings")
        noise = torch.randint(256, (5 * CHUNK,), generator=torch.Generator().manual_seed(0))
        info = tarfile.TarInfo("release-1/noise.bin")
        info.size = len(noise)
        tar.addfile(info, io.BytesIO(bytes(noise.tolist())))  # does not compress
    return buffer.getvalue()


def test_a_download_is_checked_unpacked_and_kept(
    serve: Callable[..., Server],
    packed: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    server = serve(packed)
    monkeypatch.setattr(sys.modules["avtutor.datasets.fsdd"], "ARCHIVE", server.archive())
    assert len(fsdd(download=True)) == 16
    assert len(fsdd()) == 16 and len(fsdd(download=True)) == 16
    assert server.asked == [None]
    assert os.listdir(tmp_path / "cache" / "datasets") == ["digits-1"]
    assert capfd.readouterr() == ("", "")  # no progress where nobody watches a terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_the_progress_is_shown_on_one_line(
    serve: Callable[..., Server], packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    fetch(serve(packed).archive())
    text = terminal.getvalue()
    assert f"of {len(packed) / 1e6:.1f} MB" in text
    assert text.count("\n") == 1 and text.count("\r") >= 5


def test_a_wrong_checksum_is_refused(
    serve: Callable[..., Server], packed: bytes, tmp_path: Path
) -> None:
    right = serve(packed).archive()
    wrong = Archive(right.name, right.url, "0" * 64)
    with pytest.raises(ValueError, match="(?i)hash"):
        fetch(wrong)
    assert os.listdir(tmp_path / "cache" / "datasets") == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_was_cut_off_is_taken_up_again(
    serve: Callable[..., Server], packed: bytes, ranges: bool
) -> None:
    server = serve(packed, ranges=ranges)
    server.cut = 3 * CHUNK + 1000
    with pytest.raises(ConnectionError, match="the next call goes on from there"):
        fetch(server.archive())
    folder = fetch(server.archive())
    assert server.asked == [None, f"bytes={3 * CHUNK}-"]
    assert len(list(folder.rglob("*.wav"))) == 16


def test_a_server_that_does_not_give_the_file(serve: Callable[..., Server]) -> None:
    server = serve(b"")
    server.status = 404
    with pytest.raises(ConnectionError, match="could not be downloaded .404"):
        fetch(server.archive())
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        fetch(server.archive())


def test_an_archive_cannot_write_outside_of_its_folder(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../outside.txt"))
    with pytest.raises(tarfile.OutsideDestinationError):
        fetch(serve(buffer.getvalue()).archive())
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_recording_names_its_group_and_not_its_path() -> None:
    assert repr(Recording("7", "theo", "test", Path("x.wav"))) == (
        "Recording(label='7', group='theo', part='test')"
    )
