"""The still picture of the clip player, for pages where scripts do not run."""

import numpy as np
from PIL import Image, ImageDraw

from avtutor.clip import Clip
from avtutor.sync import Curve
from avtutor.widgets.aligned import MOST_MS, Aligned
from avtutor.widgets.still import (
    BLACK,
    BLUE,
    COLOURS,
    GREY,
    RED,
    WHITE,
    _font,
    as_png,
    draw_axis,
    round_ticks,
)

PURPLE, GROUND = (138, 92, 194), (242, 244, 247)
SHOWN = 4


def clip_still(
    clip: Clip, picture: Curve, sound: Curve, aligned: Aligned, *, title: str, offset_ms: int
) -> bytes:
    """Return four pictures of a clip, its two curves and their match as PNG.

    Args:
        clip: small pictures with their times.
        picture: change of motion.
        sound: onset strength, drawn `offset_ms` later than it is.
        aligned: the match at each shift.
        title: what stands above.
        offset_ms: where the slider stands.
    """
    page = Image.new("RGB", (760, 336), WHITE)
    draw = ImageDraw.Draw(page)
    draw.text((14, 12), title, BLACK, _font(14), anchor="lt")
    _draw_frames(page, clip)
    box = (268, 46, 744, 146)
    start, end = float(clip.frame_times[0]), float(clip.frame_ends[-1])
    draw.rectangle(box, fill=GROUND)
    for curve, later, colour in ((picture, 0, BLUE), (sound, offset_ms / 1000, RED)):
        times, values = curve.times.numpy(), curve.values.numpy()
        x = box[0] + (times + later - start) / (end - start) * (box[2] - box[0])
        y = box[3] - values / max(float(values.max()), 1e-12) * (box[3] - box[1] - 6)
        inside = (x >= box[0]) & (x <= box[2])
        draw.line(list(zip(x[inside], y[inside], strict=True)), fill=colour, width=2)
    draw.text((268, 42), "change of motion", BLUE, _font(12), anchor="lb")
    draw.text((380, 42), "onset strength", RED, _font(12), anchor="lb")
    draw_axis(
        draw, box, round_ticks(start, end, 6),
        lambda t: box[0] + (t - start) / (end - start) * (box[2] - box[0]), side="bottom",
    )  # fmt: skip
    draw.text((744, 168), "time (s)", BLACK, _font(12), anchor="rt")
    _draw_match(draw, (268, 200, 744, 292), aligned, offset_ms)
    return as_png(page.quantize(COLOURS + 24, dither=Image.Dither.NONE))


def _draw_frames(page: Image.Image, clip: Clip) -> None:
    """Draw four pictures, evenly spread, in two rows."""
    places = np.linspace(0, clip.n_frames - 1, SHOWN).round().astype(int)
    scale = min(108 / clip.width, 124 / clip.height)
    size = (max(1, round(clip.width * scale)), max(1, round(clip.height * scale)))
    for n, k in enumerate(places):
        small = Image.fromarray(clip.frames[int(k)].numpy()).resize(size, Image.Resampling.BILINEAR)
        left, top = 14 + (n % 2) * 112, 46 + (n // 2) * 144
        page.paste(small, (left, top))
        text = f"{float(clip.frame_times[int(k)]):.2f} s"
        ImageDraw.Draw(page).text((left, top + size[1] + 3), text, BLACK, _font(11), anchor="lt")


def _draw_match(
    draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], aligned: Aligned, offset_ms: int
) -> None:
    left, top, right, bottom = box
    lowest = min(-0.25, float(aligned.match.min()))

    def x_of(ms: float) -> float:
        return left + (ms + MOST_MS) / (2 * MOST_MS) * (right - left)

    def y_of(match: float) -> float:
        return top + (1 - match) / (1 - lowest) * (bottom - top)

    draw.rectangle(box, fill=GROUND)
    draw.line([left, y_of(0.0), right, y_of(0.0)], fill=GREY)
    curve = zip(aligned.shifts.tolist(), aligned.match.tolist(), strict=True)
    draw.line([(x_of(ms), y_of(match)) for ms, match in curve], fill=PURPLE, width=2)
    if aligned.best is not None:
        best = x_of(aligned.best)
        draw.line([best, y_of(float(aligned.match.max())), best, bottom], fill=PURPLE)
    stand = x_of(float(offset_ms))
    draw.line([stand, top, stand, bottom], fill=BLACK, width=2)
    draw.text((left, top - 4), "match at each shift", PURPLE, _font(12), anchor="lb")
    draw_axis(draw, box, [1.0, 0.5, 0.0], y_of, side="left")
    draw_axis(draw, box, round_ticks(float(-MOST_MS), float(MOST_MS), 10), x_of, side="bottom")
    draw.text((right, bottom + 24), "shift of the sound (ms)", BLACK, _font(12), anchor="rt")
