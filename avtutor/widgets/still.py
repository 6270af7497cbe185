"""Still pictures of the explorers, for pages where scripts do not run."""

import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from avtutor.spectral import SpectrogramConfig
from avtutor.units import hz_to_mel
from avtutor.widgets.colours import palette

COLOURS = 96
"""Colours of a picture: fewer make the file smaller; 96 over 80 dB are steps of 0.8 dB."""
BLACK, GREY, WHITE = (34, 38, 43), (140, 148, 156), (255, 255, 255)
BLUE, RED, PALE = (47, 109, 181), (209, 73, 91), (151, 182, 218)

Box = tuple[int, int, int, int]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """Return about `count` round values from `low` to `high`: 1, 2 or 5 apart, times ten.

    >>> round_ticks(0.0, 3.0, 6)
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    """
    raw = (high - low) / count
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(s for s in (power, 2 * power, 5 * power, 10 * power) if s >= 0.999 * raw)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [round(float(k * step), 10) for k in range(first, last + 1)]


def draw_axis(
    draw: ImageDraw.ImageDraw,
    box: Box,
    ticks: Sequence[float],
    at: Callable[[float], float],
    *,
    side: str,
) -> None:
    """Draw ticks and numbers at the left, right or bottom of a box."""
    left, top, right, bottom = box
    font = _font(12)
    for tick in ticks:
        text, place = f"{tick:g}", round(at(tick))
        if side == "bottom":
            draw.line([place, bottom, place, bottom + 4], fill=GREY)
            draw.text((place, bottom + 6), text, BLACK, font, anchor="mt")
        elif side == "left":
            draw.line([left - 4, place, left, place], fill=GREY)
            draw.text((left - 7, place), text, BLACK, font, anchor="rm")
        else:
            draw.line([right, place, right + 4, place], fill=GREY)
            draw.text((right + 7, place), text, BLACK, font, anchor="lm")


def as_png(picture: Image.Image) -> bytes:
    """Return the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def spectrogram_still(
    levels: np.ndarray,
    config: SpectrogramConfig,
    *,
    mel: bool,
    title: str,
    top_db: float,
    range_db: float,
) -> bytes:
    """Return a spectrogram with its axes as PNG; `levels` in dB, [row, frame]."""
    picture = Image.new("RGB", (760, 336), WHITE)
    _draw_spectrogram(
        picture, (64, 34, 684, 294), levels, config, mel=mel, top_db=top_db, range_db=range_db
    )
    ImageDraw.Draw(picture).text((64, 12), title, BLACK, _font(14), anchor="lt")
    return as_png(picture.quantize(COLOURS + 24, dither=Image.Dither.NONE))


def _draw_spectrogram(
    picture: Image.Image,
    box: Box,
    levels: np.ndarray,
    config: SpectrogramConfig,
    *,
    mel: bool,
    top_db: float,
    range_db: float,
) -> None:
    """Draw a spectrogram into a box, its axes and colour bar around it."""
    left, top, right, bottom = box
    rows = np.linspace(levels.shape[0] - 1, 0, bottom - top).round().astype(int)
    frames = np.linspace(0, levels.shape[1] - 1, right - left).round().astype(int)
    share = (levels[np.ix_(rows, frames)] - top_db + range_db) / range_db
    steps = np.rint(np.clip(share, 0, 1) * (COLOURS - 1)).astype(np.uint8)
    colours = palette(COLOURS)
    picture.paste(Image.fromarray(colours[steps]), (left, top))
    draw = ImageDraw.Draw(picture)
    seconds = max(levels.shape[1] - 1, 1) * config.hop_length / config.sample_rate
    draw_axis(
        draw, box, round_ticks(0.0, seconds, 7), lambda s: left + s / seconds * (right - left),
        side="bottom",
    )  # fmt: skip
    low, high = (config.f_min, config.f_max) if mel else (0.0, config.sample_rate / 2)
    low_mel, high_mel = hz_to_mel(low), hz_to_mel(high)

    def height_of(khz: float) -> float:
        if mel:
            share = (hz_to_mel(khz * 1000) - low_mel) / (high_mel - low_mel)
            bands = share * (config.n_mels + 1)
            return bottom - (bands - 0.5) / config.n_mels * (bottom - top)
        return bottom - khz * 1000 / high * (bottom - top)

    octaves = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    in_mel = [k for k in octaves if low < k * 1000 < high]
    ticks = in_mel if mel else round_ticks(0.0, high / 1000, 6)
    draw_axis(draw, box, ticks, height_of, side="left")
    draw.text((8, 12), "kHz, mel" if mel else "kHz", BLACK, _font(12), anchor="lt")
    draw.text((right, bottom + 24), "time (s)", BLACK, _font(12), anchor="rt")
    bar = (right + 14, top, right + 26, bottom)
    for y in range(top, bottom):
        hue = colours[round((bottom - 1 - y) / (bottom - 1 - top) * (COLOURS - 1))]
        draw.line([bar[0], y, bar[2], y], fill=tuple(int(c) for c in hue))
    draw_axis(
        draw, bar, round_ticks(top_db - range_db, top_db, 5),
        lambda db: bottom - (db - top_db + range_db) / range_db * (bottom - top), side="right",
    )  # fmt: skip
    draw.text((bar[0], 12), "dB", BLACK, _font(12), anchor="lt")


MOST_BARS = 14


def verdict_still(
    levels: np.ndarray,
    config: SpectrogramConfig,
    *,
    title: str,
    top_db: float,
    range_db: float,
    shares: Mapping[str, float],
    before: Sequence[float],
) -> bytes:
    """Return a mel spectrogram and the shares of the classes, those of before as lines, as PNG.

    Of many classes the first in the network's order of preference are shown.
    """
    picture = Image.new("RGB", (760, 336), WHITE)
    _draw_spectrogram(
        picture, (64, 34, 452, 294), levels, config, mel=True, top_db=top_db, range_db=range_db
    )
    draw = ImageDraw.Draw(picture)
    draw.text((76, 12), title, BLACK, _font(14), anchor="lt")
    left, right, top = 596, 706, 34
    draw.text((right, 12), "share (line: untouched)", BLACK, _font(12), anchor="rt")
    rows = list(zip(shares.items(), before, strict=True))
    best = max(shares.values())
    if len(rows) > MOST_BARS:
        rows = sorted(rows, key=lambda row: -row[0][1])[:MOST_BARS]
    step = 260 / len(rows)
    for number, ((name, share), was) in enumerate(rows):
        y = round(top + (number + 0.5) * step)
        half = min(8, round(step * 0.36))
        colour = BLUE if share == best else PALE
        draw.rectangle([left, y - half, right, y + half], fill=(242, 244, 247))
        draw.rectangle([left, y - half, left + share * (right - left), y + half], fill=colour)
        place = left + was * (right - left)
        draw.line([place, y - half, place, y + half], fill=BLACK, width=2)
        draw.text((left - 8, y), name[:10], BLACK, _font(12), anchor="rm")
        draw.text((right + 8, y), f"{share:.2f}", BLACK, _font(12), anchor="lm")
    return as_png(picture.quantize(COLOURS + 24, dither=Image.Dither.NONE))


def sampling_still(
    before: np.ndarray, after: np.ndarray, *, sample_rate: float, new_rate: float, title: str
) -> bytes:
    """Return two spectra, one under the other, as PNG; levels in dB at 0 to half of the rate."""
    low, high, half = -120.0, 6.0, sample_rate / 2
    picture = Image.new("RGB", (760, 340), WHITE)
    draw = ImageDraw.Draw(picture)
    draw.text((64, 12), title, BLACK, _font(14), anchor="lt")
    draw.text((8, 12), "dB", BLACK, _font(12), anchor="lt")
    rows = ((before, (64, 40, 740, 160), BLUE, "before", half),
            (after, (64, 176, 740, 296), RED, "after", new_rate / 2))  # fmt: skip
    for levels, box, colour, name, up_to in rows:
        left, top, right, bottom = box
        draw.rectangle(box, fill=(242, 244, 247))
        columns = np.linspace(0, levels.size, right - left + 1).astype(int)
        loudest = [levels[a : max(b, a + 1)].max() for a, b in zip(columns, columns[1:])]
        share = np.clip((np.array(loudest) - low) / (high - low), 0, 1)
        shown = round((right - left) * up_to / half)
        points = [(left + x, bottom - share[x] * (bottom - top)) for x in range(shown)]
        draw.line(points, fill=colour, width=2)
        draw.text((right - 6, top + 4), name, colour, _font(13), anchor="rt")

        def height_of(db: float, top: int = top, bottom: int = bottom) -> float:
            return bottom - (db - low) / (high - low) * (bottom - top)

        draw_axis(draw, box, [0.0, -40.0, -80.0, -120.0], height_of, side="left")
    edge = 64 + 676 * new_rate / sample_rate
    if new_rate < sample_rate:
        draw.line([edge, 40, edge, 296], fill=GREY)
    draw_axis(
        draw, rows[1][1], round_ticks(0.0, half / 1000, 7), lambda k: 64 + 676 * k * 1000 / half,
        side="bottom",
    )  # fmt: skip
    draw.text((740, 320), "frequency (kHz)", BLACK, _font(12), anchor="rt")
    return as_png(picture.quantize(64, dither=Image.Dither.NONE))
