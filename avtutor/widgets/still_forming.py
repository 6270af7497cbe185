"""The still picture of forming pictures, for pages where scripts do not run."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from avtutor.spectral import SpectrogramConfig
from avtutor.widgets.forming import Formed
from avtutor.widgets.still import (
    BLACK,
    COLOURS,
    GREY,
    WHITE,
    _draw_spectrogram,
    _font,
    as_png,
)

LEFT, RIGHT = 372, 746
ON_THE_WAY = 6


def as_image(picture: Float[np.ndarray, "channel height width"]) -> Image.Image:
    """Return pixels from 0 to 1 as an image: colours, or ink on paper where there is one channel.

    >>> as_image(np.ones((1, 2, 2))).getpixel((0, 0))
    (0, 0, 0)
    """
    values = np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    if len(values) == 1:
        values = np.repeat(255 - values, 3, axis=0)
    return Image.fromarray(np.ascontiguousarray(values[:3].transpose(1, 2, 0)))


def forming_still(
    formed: Formed,
    config: SpectrogramConfig,
    *,
    title: str,
    step: int,
    range_db: float,
    truth: UInt8[np.ndarray, "channel height width"] | None,
) -> bytes:
    """Return the spectrogram, the draws at one step, and the way of the first draw, as PNG.

    Args:
        formed: what is heard and drawn.
        config: front end settings.
        title: what stands above.
        step: of the draws.
        range_db: where the colours of the spectrogram begin, below the loudest.
        truth: what it was; None leaves it out.
    """
    page = Image.new("RGB", (760, 336), WHITE)
    _draw_spectrogram(
        page, (44, 48, 300, 282), formed.levels, config, mel=True, top_db=0.0, range_db=range_db
    )
    draw = ImageDraw.Draw(page)
    draw.rectangle([0, 0, 760, 36], fill=WHITE)
    draw.text((14, 10), title, BLACK, _font(14), anchor="lt")
    draw.text((8, 34), "kHz, mel", BLACK, _font(12), anchor="lt")
    draw.text((314, 34), "dB", BLACK, _font(12), anchor="lt")
    last = len(formed.pictures) - 1
    shown = list(formed.pictures[step])
    names = [f"draw {number + 1}" for number in range(len(shown))]
    if truth is not None:
        shown.append(truth / 255)
        names.append("what it was")
    draw.text((LEFT, 10), f"step {step} of {last}", BLACK, _font(13), anchor="lt")
    _row(page, shown, names, top=34, most=112)
    steps = np.unique(np.linspace(0, last, ON_THE_WAY).round().astype(int))
    draw.text((LEFT, 186), "the way of draw 1, step", BLACK, _font(13), anchor="lt")
    way = [formed.pictures[number, 0] for number in steps]
    _row(page, way, [str(number) for number in steps], top=210, most=80)
    return as_png(page.quantize(COLOURS + 160, dither=Image.Dither.NONE))


def _row(
    page: Image.Image, pictures: list[np.ndarray], names: list[str], *, top: int, most: int
) -> None:
    """Draw pictures beside each other, with names under them."""
    draw = ImageDraw.Draw(page)
    place = min(most + 8, (RIGHT - LEFT) / len(pictures))
    for number, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        image = as_image(picture)
        scale = (place - 8) / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        x = round(LEFT + number * place)
        page.paste(image.resize(size, Image.Resampling.NEAREST), (x, top))
        draw.rectangle([x - 1, top - 1, x + size[0], top + size[1]], outline=GREY)
        middle = (x + size[0] / 2, top + size[1] + 5)
        draw.text(middle, name, BLACK, _font(12 if len(name) < 7 else 10), anchor="mt")
