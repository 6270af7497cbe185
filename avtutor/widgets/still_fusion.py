"""The still picture of the fusion explorer, for pages where scripts do not run."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from avtutor.spectral import SpectrogramConfig
from avtutor.widgets.fused import Sensed
from avtutor.widgets.noisy import NO_NOISE
from avtutor.widgets.still import (
    BLACK,
    BLUE,
    COLOURS,
    GREY,
    PALE,
    WHITE,
    _draw_spectrogram,
    _font,
    as_png,
)

PURPLE, ORANGE, GROUND = (138, 92, 194), (196, 98, 16), (242, 244, 247)
ROW = 24


def side_of(best: int | None, truth: tuple[int | None, int | None]) -> str:
    """Return in words whom an answer sides with; `truth` is the class seen and the one heard.

    >>> side_of(3, (3, 7)), side_of(7, (None, 7)), side_of(1, (3, 3))
    ('as seen', 'right', 'wrong')
    """
    seen, heard = truth
    if best is None:
        return "no answer"
    if seen is None or heard is None or seen == heard:
        return "right" if best == (heard if seen is None else seen) else "wrong"
    return "as seen" if best == seen else "as heard" if best == heard else "neither"


def in_words(
    bests: Sequence[int | None], truth: tuple[int | None, int | None], classes: Sequence[str]
) -> str:
    """Return what is seen and heard, and how many networks side with it, as the page says it.

    >>> in_words([1, 1, None, 0], (1, 1), ["one", "two"])
    'seen and heard: two · 2 of 3 are right'
    >>> in_words([1, 1, 2, 0], (0, 1), ["one", "two", "three"])
    'seen: one, heard: two · 1 of 4 goes with the picture, 2 with the sound, 1 with neither'
    """
    sides = Counter(side_of(best, truth) for best in bests if best is not None)
    total = sides.total()
    seen, heard = truth
    given = "nothing seen, " if seen is None else f"seen: {classes[seen]}, "
    given += "nothing heard" if heard is None else f"heard: {classes[heard]}"
    if seen is not None and seen == heard:
        given = f"seen and heard: {classes[seen]}"
    if not total:
        return f"{given} · no net can answer"
    if seen is None or heard is None or seen == heard:
        right = sides["right"]
        return f"{given} · {right} of {total} {'is' if right == 1 else 'are'} right"
    eye = sides["as seen"]
    return (
        f"{given} · {eye} of {total} {'goes' if eye == 1 else 'go'} with the picture, "
        f"{sides['as heard']} with the sound, {sides['neither']} with neither"
    )


def fusion_still(
    sensed: Sensed,
    config: SpectrogramConfig,
    *,
    title: str,
    range_db: float,
    image_snr: int,
    audio_snr: int,
    truth: tuple[int | None, int | None],
    classes: Sequence[str],
) -> bytes:
    """Return the picture, the spectrogram and a row for each network as PNG.

    Args:
        sensed: what is given and what is answered.
        config: front end settings.
        title: what stands above.
        range_db: where the colours of the spectrogram begin, below the loudest.
        image_snr, audio_snr: of the noise, in dB.
        truth: the numbers of the class seen and the class heard; None where missing.
        classes: their names.
    """
    height = max(336, 84 + ROW * len(sensed.logits))
    page = Image.new("RGB", (760, height), WHITE)
    draw = ImageDraw.Draw(page)
    draw.text((14, 12), title, BLACK, _font(14), anchor="lt")
    seen, heard = truth
    if seen is not None:
        grey = _grey(sensed.picture)
        scale = min(100 / grey.width, 100 / grey.height)
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        page.paste(grey.resize(size, Image.Resampling.NEAREST), (14, 40))
        draw.rectangle([13, 39, 14 + size[0], 40 + size[1]], outline=GREY)
    if heard is not None:
        strip = Image.new("RGB", (760, 336), WHITE)
        _draw_spectrogram(
            strip, (44, 162, 290, 294), sensed.levels, config, mel=True, top_db=0.0,
            range_db=range_db,
        )  # fmt: skip
        page.paste(strip.crop((0, 150, 340, 336)), (0, 150))
        draw.text((12, 158), "kHz", BLACK, _font(12), anchor="lb")
    for y, name, snr, there in (
        (48, "picture noise", image_snr, seen is not None),
        (90, "sound noise", audio_snr, heard is not None),
    ):
        text = "missing" if not there else "none" if snr >= NO_NOISE else f"{snr} dB"
        draw.text((128, y), name, BLACK, _font(13), anchor="lt")
        draw.text((128, y + 16), text, BLACK, _font(12), anchor="lt")
    _draw_rows(draw, (352, 46, 746, height - 8), sensed, truth, classes)
    return as_png(page.quantize(COLOURS + 24, dither=Image.Dither.NONE))


def _grey(picture: np.ndarray) -> Image.Image:
    """Return 0 as white and 1 as black, in a wider range where noise needs it."""
    low, high = min(0.0, float(picture.min())), max(1.0, float(picture.max()))
    return Image.fromarray(np.rint(255 * (high - picture) / (high - low)).astype(np.uint8))


def _draw_rows(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    sensed: Sensed,
    truth: tuple[int | None, int | None],
    classes: Sequence[str],
) -> None:
    left, top, right, _ = box
    first, last = left + 112, right - 122
    step = (last - first) / len(classes)
    seen, heard = truth
    colours = {n: BLUE if seen == heard else c for n, c in ((heard, ORANGE), (seen, PURPLE))}
    for number, name in enumerate(classes):
        colour = colours.get(number, BLACK)
        draw.text((first + (number + 0.5) * step, top), name[:3], colour, _font(12), anchor="mt")
    for row, name in enumerate(sensed.logits):
        y = top + 18 + row * ROW
        middle = y + ROW / 2 - 1
        draw.text((left, middle), name[:17], BLACK, _font(12), anchor="lm")
        draw.rectangle([first, y, last, y + ROW - 4], fill=GROUND)
        shares, best = sensed.shares(name), sensed.says(name)
        if shares is not None and best is not None:
            for number, share in enumerate(shares):
                x = first + number * step
                box_of = [x + 2, y + (1 - share) * (ROW - 5), x + step - 2, y + ROW - 4]
                draw.rectangle(box_of, fill=colours.get(number, PALE))
            said = f"{classes[best][:3]} {shares[best]:.2f}"
            draw.text((last + 8, middle), said, BLACK, _font(12), anchor="lm")
        draw.text((right, middle), side_of(best, truth), BLACK, _font(12), anchor="rm")
