"""Who speaks: every voice in the folder, where its clips lie, and how many seconds are taken."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import soundfile
from fetch import unpacked
from sound import decode

Clips = Iterator[tuple[Path, str]]
"""Source files with the words that are said in them ("" where the source does not tell)."""


@dataclass(frozen=True)
class Voice:
    """One voice in one language from one package; ``seconds`` limits what is taken of it.

    Clips whose names are in ``include`` are taken first (the examples of the lessons).
    """

    folder: str
    language: str
    speaker: str
    credit: str
    package: str
    licence: str
    clips: Callable[[], Clips]
    seconds: float = 300.0
    include: tuple[str, ...] = ()
    shortest: float = 1.0
    longest: float = 20.0

    @property
    def file(self) -> str:
        """The file name of the reel."""
        return f"{self.language}_{self.speaker}.opus"


TONES = re.compile(r"^(beep|beeperr|.*-2tone|confbridge-(join|leave)|tt-monkeys)$")
"""Asterisk's files that are no speech."""


def asterisk(package: str, folder: str) -> Callable[[], Clips]:
    """Prompts of a telephone exchange; their words are not in the package."""

    def clips() -> Clips:
        root = unpacked(package) / "usr/share/asterisk/sounds" / folder
        for path in sorted(root.rglob("*.*")):
            part = path.relative_to(root).parts[0]
            copy = folder.startswith("fr_CA") and path.stem == "spy-skinny"  # of the English
            if path.is_file() and part != "silence" and not TONES.match(path.stem) and not copy:
                yield path, ""

    return clips


def drascula(package: str, language: str, role: str) -> Callable[[], Clips]:
    """One role of the game: ``role`` is the letters before the number, "" for the hero."""

    def clips() -> Clips:
        root = unpacked(package) / "usr/share/scummvm/drascula" / language
        for path in sorted(root.glob(f"{role}[0-9]*.ALS")):
            yield path, ""

    return clips


def fillets(language: str, role: str) -> Callable[[], Clips]:
    """One of the two fish: "m" is the small one, "v" the big one; words from the game's script."""

    def clips() -> Clips:
        root = unpacked(f"fillets-ng-data-{language}") / "usr/share/games/fillets-ng/sound"
        scripts = unpacked("fillets-ng-data") / "usr/share/games/fillets-ng/script"
        line = re.compile(r'dialogId\("([^"]+)".*?\)\s*dialogStr\("((?:[^"\\]|\\.)*)"\)', re.S)
        for path in sorted(root.rglob(f"*-{role}-*.ogg")):
            script = scripts / path.relative_to(root).parts[0] / f"dialogs_{language}.lua"
            words = dict(line.findall(script.read_text("utf-8"))) if script.exists() else {}
            yield path, words.get(path.stem, "").replace('\\"', '"')

    return clips


def festvox() -> Clips:
    """Sentences read for speech synthesis, with their transcripts ('+' marks a stress)."""
    root = unpacked("festvox-ru") / "usr/share/festival/voices/russian/msu_ru_nsh_clunits"
    listed = re.findall(r'\( (\S+) "(.*)" \)', (root / "etc/txt.done.data").read_text("utf-8"))
    for name, words in listed:
        yield root / "wav" / f"{name}.wav", words


def hedgewars(pack: str) -> Callable[[], Clips]:
    """One pack of exclamations; the names of the files are roughly what is shouted."""

    def clips() -> Clips:
        root = unpacked("hedgewars-data") / "usr/share/games/hedgewars/Data/Sounds/voices" / pack
        for path in sorted(root.glob("*.ogg")):
            if not re.match(r"(Jump|Ow|Ooff|Firepunch|Kamikaze|Laugh|Hmm|Melon|Nooo)", path.stem):
                yield path, ""

    return clips


def pocketsphinx() -> Clips:
    """Five sentences of an audio book."""
    root = unpacked("pocketsphinx-testdata") / "usr/share/pocketsphinx/test/data/librivox"
    text = (root / "transcription").read_text("utf-8")
    for words, name in re.findall(r"<s> (.*) </s> \((\S+)\)", text):
        yield root / f"{name}.wav", words


def _duration(path: Path) -> float:
    """Seconds of a source file, without decoding it where the header tells."""
    if path.suffix in (".ogg", ".wav"):
        return soundfile.info(str(path)).duration
    if path.suffix == ".g722":
        return path.stat().st_size / 8000
    if path.suffix == ".gsm":
        return path.stat().st_size / 33 * 0.02
    samples, rate = decode(path)
    return len(samples) / rate


def chosen(voice: Voice) -> list[tuple[Path, str]]:
    """Return the clips of a voice that are taken, in the order of their names.

    Which ones is decided by the hash of the name: spread over the whole source, and the same
    in every run. A clip is taken whole or not at all. Copies (same bytes) are taken once.
    """
    order = sorted(
        voice.clips(),
        key=lambda clip: (
            clip[0].stem not in voice.include,
            hashlib.sha256(clip[0].name.encode()).digest(),
        ),
    )
    taken, seen, total = [], set(), 0.0
    for path, words in order:
        content = path.read_bytes()
        seconds = _duration(path)
        if content in seen or not voice.shortest <= seconds <= voice.longest:
            continue
        if total + seconds <= voice.seconds:
            seen.add(content)
            taken.append((path, words))
            total += seconds
    return sorted(taken, key=lambda clip: clip[0].as_posix())


ALLISON = "Allison Smith (theivrvoice.com), sponsored by Digium, Inc."
CORE = "asterisk-core-sounds-{}-g722"
WELL_KNOWN = ("tt-weasels", "demo-congrats", "vm-goodbye", "auth-thankyou")

VOICES = [
    Voice("asterisk", "en", "allison", ALLISON, CORE.format("en"), "CC-BY-SA-3.0",
          asterisk(CORE.format("en"), "en_US_f_Allison"), 400, WELL_KNOWN),
    Voice("asterisk", "es", "allison", ALLISON, CORE.format("es"), "CC-BY-SA-3.0",
          asterisk(CORE.format("es"), "es_MX_f_Allison"), 400, WELL_KNOWN),
    Voice("asterisk", "fr", "june", "June Wallack (junewallack.com), sponsored by Digium, Inc., "
          "Unlimitel, BGM Informatique", CORE.format("fr"), "CC-BY-SA-3.0",
          asterisk(CORE.format("fr"), "fr_CA_f_June"), 300, WELL_KNOWN),
    Voice("asterisk", "it", "carlo", "Carlo Flora (carloflora.com, segreterietelefoniche.it); "
          "text translated by Silvia Petrin", CORE.format("it"), "CC-BY-3.0",
          asterisk(CORE.format("it"), "it_IT_m_Carlo"), 300, WELL_KNOWN),
    Voice("asterisk", "ru", "ivrvoice", "Maxim Topal (ivrvoice.ru)", CORE.format("ru"),
          "CC-BY-3.0", asterisk(CORE.format("ru"), "ru_RU_f_IvrvoiceRU"), 300, WELL_KNOWN),
]  # fmt: skip


def digits_of(voice: Voice) -> list[Path]:
    """Return the takes of 0 to 9 of a voice that counts, else none."""
    found = [path for path, _ in voice.clips() if re.fullmatch(r"digits/\d", _tail(path))]
    return sorted(found) if len(found) == 10 else []


def _tail(path: Path) -> str:
    """Return folder and name of a clip, without its suffix."""
    return f"{path.parent.name}/{path.stem}"
