"""Who speaks: every voice in the folder, where its clips lie, and how many seconds are taken."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import soundfile
from fetch import unpacked
from sound import Reel, decode

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
            if not path.is_symlink():  # the Spanish package links to English clips
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
        return float(soundfile.info(str(path)).duration)
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
DRASCULA = {"": 300, "D": 300, "VB": 300, "BJ": 300, "I": 300, "L": 300, "E": 300, "T": 300,
            "B": 300, "P": 300}  # fmt: skip
"""Roles by the letters of their files, and the most seconds taken of each."""

HEDGEWARS = {
    "British": "en", "Classic": "en", "Default": "en", "HillBilly": "en", "Mobster": "en",
    "Pirate": "en", "Robot": "en", "Russian": "en", "Singer": "en", "Surfer": "en",
    "Default_es": "es", "Default_ru": "ru",
}  # fmt: skip
"""Packs by folder; "Russian" speaks English with an accent."""

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
    Voice("asterisk-es-co", "es", "july", "July E. Jiménez (Avatar Ltda.)",
          "asterisk-prompt-es-co", "GPL-2.0-only", asterisk("asterisk-prompt-es-co", "es"), 400),
    Voice("asterisk-fr-armelle", "fr", "armelle", "Armelle Desjardins, Michel Gutierrez",
          "asterisk-prompt-fr-armelle", "LicenseRef-armelle",
          asterisk("asterisk-prompt-fr-armelle", "fr")),
    Voice("asterisk-it-menardi", "it", "paola", "Marco Menardi and his wife Paola Dal Zot, "
          "http://www.voip.ammdomus.it", "asterisk-prompt-it-menardi-wav", "CC-BY-SA-3.0-IT",
          asterisk("asterisk-prompt-it-menardi-wav", "it_IT_f_Menardi")),
    *(
        Voice("drascula", language, f"drascula_{role.lower() or 'main'}_{language}",
              "Alcachofa Soft S.L.", package, "LicenseRef-drascula",
              drascula(package, language, role), seconds)
        for language, package in (("en", "drascula"), ("es", "drascula-spanish"))
        for role, seconds in DRASCULA.items()
    ),
    *(
        Voice("fillets", language, f"fillets_{role}_{language}",
              "ALTAR interactive and the authors of Fish Fillets NG",
              f"fillets-ng-data-{language}", "GPL-2.0-only", fillets(language, role))
        for language in ("cs", "nl")
        for role in ("m", "v")
    ),
    Voice("festvox-ru", "ru", "shmyrev", "Nickolay V. Shmyrev", "festvox-ru",
          "LicenseRef-festvox-ru", festvox, 600),
    *(
        Voice("hedgewars", language, f"hedgewars_{pack.lower()}", "Andrey Korotaev and the "
              "Hedgewars project", "hedgewars-data", "GFDL-1.3-only", hedgewars(pack), 120,
              shortest=0.5)
        for pack, language in HEDGEWARS.items()
    ),
    Voice("pocketsphinx", "en", "librivox", "a reader of LibriVox, by way of Carnegie Mellon "
          "University and Alpha Cephei", "pocketsphinx-testdata", "BSD-2-Clause", pocketsphinx),
]  # fmt: skip


def digits_of(voice: Voice) -> list[Path]:
    """Return the takes of 0 to 9 of a voice that counts, else none."""
    found = [path for path, _ in voice.clips() if re.fullmatch(r"digits/\d", _tail(path))]
    return sorted(found) if len(found) == 10 else []


def _tail(path: Path) -> str:
    """Return folder and name of a clip, without its suffix."""
    return f"{path.parent.name}/{path.stem}"


def phones(reel: Reel) -> list[dict[str, str]]:
    """Return the phones of the reel of festvox-ru, each with its stretch of the file.

    A label file holds, after a line "#", the end of each phone in seconds, a colour and a name.
    """
    rows = []
    for row, path in zip(reel.rows, reel.sources, strict=True):
        label = path.parent.parent / "lab" / f"{path.stem}.lab"
        start, offset = 0.0, float(row["start"])
        for line in label.read_text("utf-8").split("#\n", 1)[1].splitlines():
            end, _, phone = line.split()
            span = {"start": f"{offset + start:.4f}", "end": f"{offset + float(end):.4f}"}
            rows.append({"file": row["file"], **span, "phone": phone})
            start = float(end)
    return rows
