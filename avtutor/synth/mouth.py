"""A drawn mouth that moves as speech does: its lips follow the labelled sounds of a recording."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from avtutor.clip import Clip
from avtutor.synth.drawing import between, over
from avtutor.synth.senses import GREY, generators, noisy_pictures, noisy_sound, painted
from avtutor.synth.world import Scene, Sense, Truth, check_senses
from avtutor.units import seconds_to_samples
from avtutor.waveform import Waveform

Phones = Sequence[tuple[float, float, str]]

SHAPES: dict[str, tuple[float, float]] = {
    "open": (1.0, 0.8),
    "middle": (0.7, 0.95),
    "spread": (0.4, 1.0),
    "round": (0.65, 0.45),
    "narrow": (0.3, 0.25),
    "closed": (0.0, 0.75),
    "lip on teeth": (0.08, 0.8),
    "pushed out": (0.3, 0.45),
    "other": (0.25, 0.8),
    "rest": (0.0, 0.7),
}
"""How far the mouth is open, and how wide it is drawn, both 0 to 1."""
_NAMES = {
    "open": "a aa ae ay",
    "middle": "e ee",
    "spread": "i ii y yy",
    "round": "o oo",
    "narrow": "u uu ur",
    "closed": "m mm b bb p pp",
    "lip on teeth": "f ff v vv",
    "pushed out": "sh zh ch sch",
    "rest": "pau sil",
}
SHAPE_OF = {name: shape for shape, names in _NAMES.items() for name in names.split()}
"""The shape of the mouth for a sound of speech; "other" for what is not in it."""
VOWELS = {name for name, shape in SHAPE_OF.items() if shape in tuple(SHAPES)[:5]}

SMOOTH = 0.02
"""Standard deviation in seconds of the Gaussian over which the lips go from shape to shape."""
EARLY = 0.02
"""By so many seconds the lips are ahead of the labels. Those put the beginning of a vowel behind
the release of the sound before it: what is heard grows most 20 ms before the label (mean over the
1040 vowels of 30 sentences), and that is where lips part."""
RANGE_DB = 30.0
"""So far below the loudest place, the mouth is open half as far for the same sound."""
_GRID = 200  # shapes a second, between which those of the pictures are found
_WINDOW = 0.04  # over which the level is measured, in seconds
_LIPS, _DARK, _TEETH = (0.72, 0.28, 0.30), (0.20, 0.05, 0.07), (0.93, 0.90, 0.84)
_TAPS = 32


def mouth_scene(
    waveform: Waveform,
    phones: Phones,
    *,
    seed: int,
    start: float = 0.0,
    end: float | None = None,
    early: float = EARLY,
    frame_rate: float = 25.0,
    size: int = 64,
    offset: float = 0.0,
    drift: float = 0.0,
    snr_sound_db: float | None = None,
    snr_picture_db: float | None = None,
    missing: Sense | None = None,
) -> Scene:
    """Return a recording of speech with a mouth that says it, and the truth of it.

    Vowels open the mouth, the more the louder they are; m, b and p close it; o and u make it
    narrow. The events are the beginnings of the vowels, as far ahead of the labels as the lips.
    Sound that `offset` moves into the part from `start` to `end` is that of the recording around
    it; beyond its ends there is silence.

    The sound is moved by whole samples as it is. Between samples, or with drift, it is
    interpolated by a windowed sinc of 32 taps, which is exact to -50 dB up to 0.8 of half the rate.

    Args:
        waveform: the speech; the mean of its channels is taken.
        phones: start and end in seconds, and name, of each sound of it. Names are those of
            `SHAPE_OF`; another one gets an ordinary consonant, and a stretch without one a rest.
        seed: of the face, where it is in the picture, and the noise.
        start: of the part of the recording that becomes the clip, in seconds.
        end: of the part; None is the end of the recording.
        early: how far the lips are ahead of the labels, in seconds (see `EARLY`).
        frame_rate, size, offset, drift, snr_sound_db, snr_picture_db, missing: as in
            `SceneConfig`.
    Raises:
        ValueError: if the part is not in the recording, a phone does not end after it starts, or a
            dial is out of its range.
    Lesson: 17_in_sync

    >>> hum = Waveform(0.1 * torch.sin(torch.arange(16000) / 20)[None], 16000)
    >>> one = mouth_scene(hum, [(0.2, 0.5, "m"), (0.5, 0.8, "a")], seed=0)
    >>> one.clip
    Clip(25 frames of 64 x 64, 1 channel at 16000 Hz, 1.000 s)
    >>> one.truth.event_times
    tensor([0.4800], dtype=torch.float64)
    """
    stop = waveform.duration if end is None else end
    if not 0 <= start < stop <= waveform.duration + 1e-6:
        raise ValueError(
            f"start and end must satisfy 0 <= start < end <= {waveform.duration:.6g} s, "
            f"got start {start} and end {end}"
        )
    for first, last, name in phones:
        if not first < last:
            raise ValueError(f"a phone must end after it starts, got {name!r}, {first} to {last} s")
    phones = [(first - early, last - early, name) for first, last, name in phones]
    seconds = stop - start
    check_senses(
        seconds=seconds,
        frame_rate=frame_rate,
        size=size,
        offset=offset,
        drift=drift,
        snr_sound_db=snr_sound_db,
        snr_picture_db=snr_picture_db,
        missing=missing,
    )
    face, sound_noise, picture_noise = generators(seed, 3)
    mono = waveform.mono().samples[0]
    rate, pace = waveform.sample_rate, 1 + drift * 1e-6
    n_frames = round(seconds * frame_rate)
    frame_times = torch.arange(n_frames, dtype=torch.float64) / frame_rate
    shapes = lips(mono, phones, times=frame_times + start, sample_rate=rate)
    frames, positions, width = _faces(shapes, size=size, generator=face)
    if missing == "picture":
        frames = torch.full_like(frames, GREY)
    else:
        frames = noisy_pictures(frames, snr_db=snr_picture_db, generator=picture_noise)
    n_samples = seconds_to_samples(seconds, rate)
    samples = torch.zeros(n_samples)
    if missing != "sound":
        clean = read_at(
            mono.double(), first=(start - offset / pace) * rate, step=1 / pace, n_samples=n_samples
        )
        samples = noisy_sound(clean, snr_db=snr_sound_db, generator=sound_noise)

    times = sorted(first - start for first, _, name in phones if name in VOWELS)
    events = torch.tensor(times, dtype=torch.float64)
    heard_at = events * pace + offset
    in_picture = (events >= 0) & (events <= frame_times[-1])
    in_sound = (heard_at >= 0) & (heard_at < seconds)
    listed = in_picture | in_sound
    truth = Truth(
        event_times=events[listed],
        event_objects=torch.zeros(int(listed.sum()), dtype=torch.long),
        seen=(in_picture & (missing != "picture"))[listed],
        heard=(in_sound & (missing != "sound"))[listed],
        positions=positions,
        sounding=torch.tensor([True]),
        sizes=torch.tensor([width]),
        kinds=("mouth",),
        offset=float(offset),
        drift=float(drift),
    )
    return Scene(Clip(frames, frame_times, Waveform.from_mono(samples, rate)), truth)


def lips(
    samples: Float[Tensor, " time"],
    phones: Phones,
    *,
    times: Float64[Tensor, " frame"],
    sample_rate: int,
) -> Float[Tensor, "frame 2"]:
    """Return how far the mouth is open and how wide it is at some times, both 0 to 1.

    Args:
        samples: the speech, for its level.
        phones: start and end in seconds, and name.
        times: in seconds from the first sample.
        sample_rate: in Hz.
    """
    n = math.ceil(len(samples) / sample_rate * _GRID) + 1
    targets = torch.tensor(SHAPES["rest"]).repeat(n, 1)
    for first, last, name in phones:
        part = slice(max(math.ceil(first * _GRID), 0), max(math.ceil(last * _GRID), 0))
        targets[part] = torch.tensor(SHAPES[SHAPE_OF.get(name, "other")])
    targets[:, 0] *= _loudness(samples, n_steps=n, sample_rate=sample_rate)
    reach = round(4 * SMOOTH * _GRID)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / (SMOOTH * _GRID)).square())
    padded = torch.nn.functional.pad(targets.T[:, None], (reach, reach), mode="replicate")
    smooth = torch.nn.functional.conv1d(padded, (kernel / kernel.sum())[None, None])[:, 0].T
    at = (times * _GRID).clamp(0, n - 1)
    before = at.floor().long().clamp(max=n - 2)
    return torch.lerp(smooth[before], smooth[before + 1], (at - before)[:, None].float())


def _loudness(samples: Tensor, *, n_steps: int, sample_rate: int) -> Float[Tensor, " step"]:
    """Return 1 where the sound is loudest, and 0.5 where it is `RANGE_DB` softer or more."""
    window = max(round(_WINDOW * sample_rate), 1)
    power = torch.nn.functional.pad(samples.double().square(), (window, window)).cumsum(dim=0)
    middle = (torch.arange(n_steps) * sample_rate / _GRID).round().long() + window
    ahead = (middle + window // 2).clamp(max=len(power) - 1)
    mean = (power[ahead] - power[(middle - window // 2).clamp(max=len(power) - 1)]) / window
    level = 10 * torch.log10(mean.clamp(min=1e-10))
    return (1 + ((level - level.max()) / RANGE_DB).clamp(min=-1) / 2).float()


def _faces(
    shapes: Float[Tensor, "frame 2"], *, size: int, generator: torch.Generator
) -> tuple[UInt8[Tensor, "frame height width 3"], Float[Tensor, "frame 1 2"], float]:
    """Return pictures of the mouth, where its middle is, and half its width at rest."""
    draws = torch.rand(6, generator=generator).tolist()
    row, column = size * (0.4 + 0.2 * draws[0]), size * (0.44 + 0.12 * draws[1])
    half = size * (0.25 + 0.1 * draws[2])
    tone = torch.tensor([0.88, 0.68, 0.54]) * (0.55 + 0.45 * draws[3])
    light = torch.linspace(1.04, 0.92, size)[:, None, None]
    skin = (tone * light).expand(size, size, 3)
    lip = size * (0.045 + 0.025 * draws[4])
    most = size * (0.22 + 0.06 * draws[5])
    across = torch.arange(size) - column

    def paint(part: slice) -> Tensor:
        opening, width = shapes[part, :1] * most, shapes[part, 1:]
        along = across / (half * (0.55 + 0.45 * width))
        bulge = (1 - along.square()).clamp(min=0)
        upper, lower = row - 0.4 * opening * bulge, row + 0.6 * opening * bulge
        bow = 1 - 0.3 * torch.exp(-(along / 0.2).square())  # the dent in the upper lip
        inside = bulge > 0
        top = upper - lip * bow * bulge.sqrt()
        bottom = lower + 1.3 * lip * bulge.sqrt()
        seam = 0.35 * inside
        frames = skin.expand(len(opening), size, size, 3)
        frames = over(frames, torch.tensor(_LIPS), between(top, bottom, size=size))
        frames = over(frames, torch.tensor(_DARK), between(upper - seam, lower + seam, size=size))
        edge = torch.minimum(upper + 0.12 * most * bulge, lower)
        return over(frames, torch.tensor(_TEETH), between(upper, edge, size=size))

    frames = painted(paint, n_frames=len(shapes), size=size)
    place = torch.tensor([row, column]).expand(len(shapes), 1, 2).clone()
    rest = half * (0.55 + 0.45 * SHAPES["rest"][1])
    return frames, place, rest


def read_at(
    samples: Float64[Tensor, " time"], *, first: float, step: float, n_samples: int
) -> Float64[Tensor, " sample"]:
    """Return the sound at the places ``first + step * n``, counted in samples; 0 beyond its ends.

    Whole places are read as they are, others interpolated by a sinc under a Hann window.

    >>> read_at(torch.tensor([1.0, 2.0, 3.0]).double(), first=-1.0, step=1.0, n_samples=3)
    tensor([0., 1., 2.], dtype=torch.float64)
    """
    places = first + step * torch.arange(n_samples, dtype=torch.float64)
    if step == 1 and abs(first - round(first)) < 1e-6:
        places = places.round()
        inside = (places >= 0) & (places < len(samples))
        return torch.where(inside, samples[places.long().clamp(0, len(samples) - 1)], 0.0)
    padded = torch.nn.functional.pad(samples, (_TAPS, _TAPS))
    before = places.floor()
    taps = torch.arange(1 - _TAPS // 2, _TAPS // 2 + 1)
    found = []
    for some in torch.arange(n_samples).tensor_split(max(n_samples // 8192, 1)):
        away = (places - before)[some, None] - taps
        weights = torch.sinc(away) * torch.cos(math.pi * away / (_TAPS + 2)).square()
        at = (before[some, None].long() + taps + _TAPS).clamp(0, len(padded) - 1)
        found.append((padded[at] * weights).sum(dim=1))
    return torch.cat(found)
