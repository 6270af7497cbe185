"""Pictures of things, the sounds they make, and their names said aloud in several languages."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from avtutor.datasets.bundled import bundled_root, known, read_tables
from avtutor.media import read_audio
from avtutor.waveform import Waveform


@dataclass(frozen=True)
class Stamp:
    """A picture of a thing, with its sound where there is one.

    Args:
        key: its place in the collection, such as "animals/mammals/cats/lion".
        name: what it shows, in English.
        category: "animals", "food", …
        picture: the PNG file, at most 128 pixels a side, its ground transparent.
        sound: the sound file, or None.
        recording: the group that a fair split keeps on one side: stamps whose sounds were cut
            from one recording share it; "" without a sound.
        named: whether `names` has it in every language.
    """

    key: str
    name: str
    category: str
    picture: Path = field(repr=False)
    sound: Path | None = field(repr=False)
    recording: str = field(repr=False)
    named: bool = field(repr=False)

    @property
    def group(self) -> str:
        """What a fair split keeps on one side: the recording, or the stamp where it is silent."""
        return self.recording or self.key

    def load_picture(self, *, ground: int = 255) -> UInt8[Tensor, "height width 3"]:
        """Return the picture in red, green and blue, laid on a plain ground.

        Args:
            ground: the grey that shows where the picture is transparent: 0 black, 255 white.
        Raises:
            ValueError: if ``ground`` is not in 0 to 255.
        """
        if not 0 <= ground <= 255:
            raise ValueError(f"ground must be in 0 to 255, got {ground}")
        with Image.open(self.picture) as file:
            image = file.convert("RGBA")
        plain = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        return torch.from_numpy(np.array(Image.alpha_composite(plain, image).convert("RGB")))

    def load(self) -> Waveform:
        """Return the sound, at the rate of its file.

        Raises:
            ValueError: if the stamp has no sound.
            MediaError: if the file cannot be read.
        """
        if self.sound is None:
            raise ValueError(f"the stamp {self.key!r} has no sound; see stamps(with_sound=True)")
        return read_audio(self.sound)


@cache
def _every_stamp(root: Path) -> tuple[Stamp, ...]:
    return tuple(
        Stamp(
            row["stamp"],
            row["name"],
            row["category"],
            folder / row["picture"],
            folder / row["sound"] if row["sound"] else None,
            row["recording"],
            row["named"] == "yes",
        )
        for folder, row in read_tables("stamps")
    )


def stamps(*, category: str | None = None, with_sound: bool = False) -> tuple[Stamp, ...]:
    """Return the bundled pictures, all or those of one category or with a sound.

    Raises:
        ValueError: if there is no such category.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> animals = stamps(category="animals", with_sound=True)
    >>> animals[0].load_picture().shape[-1]
    3
    """
    every = _every_stamp(bundled_root())
    known("category", category, (stamp.category for stamp in every))
    return tuple(
        stamp
        for stamp in every
        if category in (None, stamp.category) and (stamp.sound or not with_sound)
    )


def stamp(name: str) -> Stamp:
    """Return one stamp by its key, or by the end of it where that is enough.

    Raises:
        ValueError: if none is called so, or several are.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> stamp("cats/lion").name
    'A lion.'
    """
    every = _every_stamp(bundled_root())
    exact = [found for found in every if found.key == name]
    ends = exact or [found for found in every if found.key.endswith(f"/{name}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        keys = ", ".join(found.key for found in ends)
        raise ValueError(f"{name!r} may be any of {keys}; give more of the key")
    near = [found.key for found in every if name.lower() in found.key.lower()][:8]
    hint = f"; near it: {', '.join(near)}" if near else "; stamps() returns all of them"
    raise ValueError(f"no stamp {name!r}{hint}")
