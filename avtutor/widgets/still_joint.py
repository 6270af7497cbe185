"""The still picture of a map of a joint space, for pages where scripts do not run."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from avtutor.widgets.colours import palette
from avtutor.widgets.joined import SENSES, Item, Joined, Space, other
from avtutor.widgets.still import BLACK, BLUE, COLOURS, GREY, RED, WHITE, _font, as_png
from avtutor.widgets.still_fusion import ORANGE, PURPLE

PAST = {"audio": "heard", "image": "seen"}
PLURAL = {"audio": "sounds", "image": "pictures"}
N_NEAREST = 5
LINE = (206, 212, 218)
HEIGHT = 440
Box = tuple[int, int, int, int]


def side_of(label: int, wanted: Sequence[int]) -> str:
    """Return in words whom an item goes with; `wanted` is the class of A, of B, or of both.

    >>> side_of(3, [3]), side_of(3, [8]), side_of(3, [3, 8]), side_of(3, [3, 3])
    ('right', 'wrong', 'like A', 'right')
    """
    if len(set(wanted)) == 1:
        return "right" if label == wanted[0] else "wrong"
    return "like A" if label == wanted[0] else "like B" if label == wanted[1] else "neither"


def wanted_of(ends: tuple[Item, Item], share: int, labels: Sequence[int]) -> list[int]:
    """Return the class of A at one end of the line, of B at the other, of both between.

    >>> wanted_of((("audio", 0), ("image", 1)), 40, [3, 8])
    [3, 8]
    """
    first, second = (labels[pair] for _, pair in ends)
    return [first] if share == 0 else [second] if share == 100 else [first, second]


def in_words(
    found: Joined,
    *,
    first: Item,
    second: Item,
    share: int,
    names: Sequence[str],
    labels: Sequence[int],
    classes: Sequence[str],
) -> str:
    """Return where the point is and what is near it, as the page says it."""
    ends = [f"{names[pair]}, {PAST[sense]}" for sense, pair in (first, second)]
    nearest = [int(labels[pair]) for pair in found.order[:N_NEAREST]]
    wanted = wanted_of((first, second), share, labels)
    sides = [side_of(label, wanted) for label in nearest]
    listed = ", ".join(classes[label] for label in nearest)
    near = f"nearest {PLURAL[found.asked]}: {listed}"
    if len(set(wanted)) == 1:
        counted = f"{sides.count('right')} of {len(sides)} right"
    else:
        counted = ", ".join(
            f"{sides.count(side)} {side}" for side in ("like A", "like B", "neither")
        )
    if 0 < share < 100:
        return f"{share} % of the way from {ends[0]}, to {ends[1]} · {near} · {counted}"
    pair = (second if share else first)[1]
    rank = found.order.tolist().index(pair) + 1
    which = "B" if share else "A"
    return (
        f"{which}: {ends[1 if share else 0]} · {near} · {counted} · "
        f"its own is number {rank} of {len(found.order)}"
    )


def joint_still(
    found: Joined,
    space: Space,
    inputs: Mapping[str, Sequence[np.ndarray]],
    *,
    title: str,
    said: str,
    space_name: str,
    first_direction: int,
    ends: tuple[Item, Item],
    labels: Sequence[int],
    classes: Sequence[str],
    range_db: float,
) -> bytes:
    """Return the map, A, B and what is drawn between them as PNG.

    Args:
        found: what there is at the point.
        space: whose map is drawn.
        inputs: of each sense's items: levels [mel, frame] in dB, grey values [height, width].
        title: what stands above.
        said: what stands under it.
        space_name: of whom the space is.
        first_direction: of the two that are shown.
        ends: A and B.
        labels: the class of each pair.
        classes: their names.
        range_db: where the colours of a spectrogram begin, below the loudest.
    """
    page = Image.new("RGB", (760, HEIGHT), WHITE)
    draw = ImageDraw.Draw(page)
    draw.text((14, 10), title, BLACK, _font(14), anchor="lt")
    draw.text((14, 30), said, BLACK, _font(12), anchor="lt")
    _draw_map(
        draw, (14, 52, 474, HEIGHT - 26), found, space, first_direction, ends, labels, classes
    )
    kept = space.shares[first_direction : first_direction + 2].sum()
    note = f"{space_name}: {100 * kept:.0f} % of the variance is in these two directions"
    draw.text((14, HEIGHT - 18), note, BLACK, _font(12), anchor="lt")
    shown = [{sense: inputs[sense][pair] for sense in SENSES} for _, pair in ends]
    columns = (("A", shown[0]), ("between", found.drawn), ("B", shown[1]))
    for column, (name, values) in enumerate(columns):
        left = 490 + 90 * column
        draw.text((left, 56), name, BLACK, _font(12), anchor="lt")
        grey = np.clip(values["image"].reshape(values["image"].shape[-2:]), 0, 1)
        picture = Image.fromarray(np.rint(255 * (1 - grey)).astype(np.uint8))
        page.paste(picture.resize((80, 80), Image.Resampling.NEAREST), (left, 76))
        draw.rectangle([left - 1, 75, left + 80, 156], outline=GREY)
        share = np.clip(values["audio"][::-1] / range_db + 1, 0, 1)
        cells = palette(COLOURS)[np.rint(share * (COLOURS - 1)).astype(np.uint8)]
        sound = Image.fromarray(cells).resize((80, 80), Image.Resampling.NEAREST)
        page.paste(sound, (left, 166))
    for row, sense in enumerate(SENSES[::-1]):
        near = [classes[labels[pair]] for pair in found.read[sense][:N_NEAREST]]
        y = 262 + 40 * row
        what = {"image": "picture", "audio": "sound"}[sense]
        draw.text((490, y), f"drawn {what}, as its tower takes it:", BLACK, _font(12), anchor="lt")
        text = f"nearest {PLURAL[other(sense)]} {', '.join(near)}"
        draw.text((490, y + 16), text, BLACK, _font(12), anchor="lt")
    for y, colour, name in ((350, ORANGE, "heard"), (370, PURPLE, "seen")):
        box = (490, y, 502, y + 12)
        (draw.ellipse if name == "heard" else draw.rectangle)(box, fill=colour)
        draw.text((510, y + 6), name, BLACK, _font(12), anchor="lm")
    return as_png(page.quantize(COLOURS + 24, dither=Image.Dither.NONE))


def _draw_map(
    draw: ImageDraw.ImageDraw,
    box: Box,
    found: Joined,
    space: Space,
    first_direction: int,
    ends: tuple[Item, Item],
    labels: Sequence[int],
    classes: Sequence[str],
) -> None:
    """Draw all items, the lines between partners, the path, and the nearest of the point."""
    left, top, right, bottom = box
    draw.rectangle(box, outline=LINE)
    places = space.place(space.vectors, first_direction)
    low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    scale = float(np.min(np.array([right - left - 40, bottom - top - 40]) / (high - low + 1e-9)))
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    turned = np.array([scale, -scale])
    at = middle + (places - (low + high) / 2) * turned
    for heard, seen in zip(*at, strict=True):
        draw.line([*heard, *seen], fill=LINE)
    draw.line([tuple(p) for p in middle + (found.path - (low + high) / 2) * turned], BLACK, 2)
    for number, sense in enumerate(SENSES):
        for (x, y), label in zip(at[number], labels, strict=True):
            shape = draw.ellipse if sense == "audio" else draw.rectangle
            shape((x - 6, y - 6, x + 6, y + 6), fill=ORANGE if sense == "audio" else PURPLE)
            draw.text((x, y), classes[label][:2], WHITE, _font(10), anchor="mm")
    wanted = {labels[pair] for _, pair in ends}
    for pair in found.order[:N_NEAREST]:
        x, y = at[SENSES.index(found.asked), pair]
        colour = BLUE if labels[pair] in wanted else RED
        draw.ellipse((x - 10, y - 10, x + 10, y + 10), outline=colour, width=2)
    for name, (sense, pair) in zip("AB", ends, strict=True):
        x, y = at[SENSES.index(sense), pair]
        draw.ellipse((x - 10, y - 10, x + 10, y + 10), outline=BLACK, width=2)
        place = (x + 12, y - 12)
        # With an edge of white, so that it is read among markers, too.
        draw.text(place, name, BLACK, _font(15), anchor="lm", stroke_width=3, stroke_fill=WHITE)
    x, y = middle + (found.place - (low + high) / 2) * turned
    draw.polygon([(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], fill=BLACK, outline=WHITE)
