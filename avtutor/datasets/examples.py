"""A handful of short sounds, each called by one word: for the ear, for figures, for first tries."""

from avtutor.datasets.bundled import bundled_root
from avtutor.datasets.voices import voices
from avtutor.media import read_audio
from avtutor.waveform import Waveform

# One sentence in five languages, each by one voice at 16 kHz.
_WEASELS = {
    "speech": ("en", "allison", 'a woman says "Weasels have eaten our phone system" in English'),
    "speech_es": ("es", "allison", "the same sentence in Spanish, by the same woman"),
    "speech_fr": ("fr", "june", "the same sentence in French"),
    "speech_it": ("it", "carlo", "the same sentence in Italian, by a man"),
    "speech_ru": ("ru", "ivrvoice", "the same sentence in Russian"),
}
# Whole files, or their beginning, at 44.1 kHz.
_FILES = {
    "lion": ("tuxpaint/sounds/animals/mammals/cats/lion.ogg", "a lion growls"),
    "dog": ("tuxpaint/sounds/animals/mammals/dogs/dog.ogg", "a dog barks"),
    "blackbird": ("tuxpaint/sounds/animals/birds/blackbird.ogg", "a blackbird sings"),
    "cymbal": ("tuxpaint/sounds/hobbies/music/percussion/cymbal_crash.ogg", "a cymbal crashes"),
    "drums": ("tuxpaint/sounds/hobbies/music/percussion/drumkit.ogg", "a drum kit is played"),
    "violin": ("tuxpaint/sounds/hobbies/music/string/violin.ogg", "a violin is played"),
    "piano": ("gcompris/sounds/instruments/piano.ogg", "a piano is played"),
    "bell": ("gcompris/sounds/instruments/triangle.ogg", "a triangle rings"),
    "gong": ("gcompris/sounds/noises/gong.ogg", "a gong is struck"),
    "rain": ("gcompris/sounds/noises/rain.ogg", "rain falls in a garden"),
    "music": (
        "gcompris/sounds/music/ireland.ogg",
        "a fiddle plays The Wind that Shakes the Barley",
    ),
    "cello": ("tuxpaint/sounds/hobbies/music/string/cello.ogg", "a cello is played"),
}


def examples() -> dict[str, str]:
    """Return the names that `example` knows, each with what is heard.

    Lesson: 01_what_is_sound

    >>> examples()["lion"]
    'a lion growls'
    """
    spoken = {name: heard for name, (_, _, heard) in _WEASELS.items()}
    return spoken | {name: heard for name, (_, heard) in _FILES.items()}


def example(name: str) -> Waveform:
    """Return one of the example sounds: speech at 16 kHz, the others at the rate of their file.

    Raises:
        ValueError: if there is no example of that name.
    Lesson: 01_what_is_sound

    >>> example("lion")
    Waveform(1 channel, 1.828 s at 44100 Hz)
    """
    if name in _WEASELS:
        language, speaker, _ = _WEASELS[name]
        spoken = voices(language=language, speaker=speaker)
        (said,) = (said for said in spoken if said.source.endswith("/tt-weasels.g722"))
        return said.load()
    if name in _FILES:
        return read_audio(bundled_root() / _FILES[name][0])
    raise ValueError(f"no example {name!r}; there are {', '.join(examples())}")
