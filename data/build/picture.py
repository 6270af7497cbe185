"""Make pictures small."""

import io
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 128
"""Longest side of a picture, in pixels."""


def shrink(source: Path, side: int = SIDE) -> bytes:
    """Return a picture as PNG with its transparency, its longest side at most ``side``."""
    if source.suffix == ".svg":
        command = ["rsvg-convert", "-w", str(side), "-h", str(side), "-a", str(source)]
        drawn = subprocess.run(command, check=True, capture_output=True).stdout
        image = Image.open(io.BytesIO(drawn)).convert("RGBA")
    else:
        image = Image.open(source).convert("RGBA")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    Image.fromarray(_coarser(np.array(image))).save(out, "PNG", optimize=True)
    return out.getvalue()


def _coarser(pixels: np.ndarray) -> np.ndarray:
    """Return colours in steps of 4 and transparency in steps of 8: a quarter smaller as PNG."""
    colours = np.minimum((pixels[..., :3].astype(int) + 2) // 4 * 4, 255)
    opacity = np.minimum((pixels[..., 3:].astype(int) + 4) // 8 * 8, 255)
    return np.where(opacity > 0, np.concatenate([colours, opacity], axis=2), 0).astype(np.uint8)
