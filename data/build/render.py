"""Render clips by a speech synthesiser, in a process of its own: ``render.py ENGINE PLAN SOUND``.

A synthesiser keeps a state: a clip depends a little on those before it. A fresh process that
says the whole plan in order gives the same samples each time, whatever else the build has done.
"""

import ctypes
import importlib
import json
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from fetch import unpacked

Clip = dict[str, str]
"""What is to be said and how: voice, text, rate, pitch, range."""

ESPEAK_RATE = 22_050
PICO_RATE = 16_000
VOLUME = 25
"""eSpeak's loudness, in percent: at 40 some variants are cut off at full scale."""

PICO_VOLUME = 0.5

NUMBERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}
"""espeak_PARAMETER of speak_lib.h."""

SYNCHRONOUS, DONT_EXIT, CHARACTERS, UTF8 = 2, 0x8000, 1, 1
"""Constants of speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS and so on."""


def by_espeak(plan: Iterable[Clip]) -> list[np.ndarray]:
    """Say every clip by eSpeak NG; the random numbers of breath and flutter are seeded for each."""
    folder = unpacked("espeakng-loader") / "espeakng_loader"
    engine = ctypes.CDLL(str(folder / "libespeak-ng.so"))
    engine.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    rate = engine.espeak_Initialize(SYNCHRONOUS, 0, str(folder).encode(), DONT_EXIT)
    if rate != ESPEAK_RATE:
        raise SystemExit(f"eSpeak NG must start at {ESPEAK_RATE} Hz, got {rate}")
    pieces: list[np.ndarray] = []

    def keep(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: object) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    short = ctypes.POINTER(ctypes.c_short)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, short, ctypes.c_int, ctypes.c_void_p)(keep)
    engine.espeak_SetSynthCallback(callback)
    said = []
    for clip in plan:
        if engine.espeak_SetVoiceByName(clip["voice"].encode()):
            raise SystemExit(f"eSpeak NG has no voice {clip['voice']}")
        for name, value in {**clip, "volume": str(VOLUME)}.items():
            if name in NUMBERS:
                engine.espeak_SetParameter(NUMBERS[name], int(value), 0)
        engine.espeak_ng_SetRandSeed(zlib.crc32(json.dumps(clip).encode()))
        text = clip["text"].encode()
        engine.espeak_Synth(text, len(text) + 1, 0, CHARACTERS, 0, UTF8, None, None)
        engine.espeak_Synchronize()
        said.append(np.concatenate(pieces))
        pieces.clear()
    return said


def by_pico(plan: Iterable[Clip]) -> list[np.ndarray]:
    """Say every clip by Pico; its rate and pitch are factors."""
    sys.path.insert(0, str(unpacked("py-nanotts")))
    engine = importlib.import_module("py_nanotts").NanoTTS()  # in the cache, not installed
    return [
        np.frombuffer(
            engine.speak(
                clip["text"],
                voice=clip["voice"],
                speed=float(clip["rate"]),
                pitch=float(clip["pitch"]),
                volume=PICO_VOLUME,
            ),
            dtype="<i2",
        )
        for clip in plan
    ]


ENGINES: dict[str, tuple[int, Callable[[Iterable[Clip]], list[np.ndarray]]]] = {
    "espeak": (ESPEAK_RATE, by_espeak),
    "pico": (PICO_RATE, by_pico),
}


def render(engine: str, plan: list[Clip]) -> tuple[list[np.ndarray], int]:
    """Return every clip of a plan, mono float32 in [-1, 1], and the sampling rate."""
    with tempfile.TemporaryDirectory() as folder:
        written, sound = Path(folder) / "plan.json", Path(folder) / "sound.npz"
        written.write_text(json.dumps(plan), "utf-8")
        command = [sys.executable, __file__, engine, str(written), str(sound)]
        subprocess.run(command, check=True)
        with np.load(sound) as file:
            samples, ends = file["samples"].astype(np.float32) / 32768, file["ends"]
    return np.split(samples, ends[:-1]), ENGINES[engine][0]


def main() -> None:
    """Run as the fresh process."""
    engine, plan, sound = sys.argv[1:]
    said = ENGINES[engine][1](json.loads(Path(plan).read_text("utf-8")))
    np.savez(sound, samples=np.concatenate(said), ends=np.cumsum([len(clip) for clip in said]))


if __name__ == "__main__":
    main()
