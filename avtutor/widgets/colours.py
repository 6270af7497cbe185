"""The colours of the pictures, handed to the pages and used for the still ones."""

import numpy as np
from jaxtyping import UInt8

# Every eighth colour of matplotlib's magma (CC0, Nathaniel Smith and Stefan van der Walt): even
# steps look even, and it reads the same without colour vision.
MAGMA = (
    "000004 030312 0a0822 130d34 1d1147 29115a 36106b 440f76 51127c 5d177f 6a1c81 762181 832681 "
    "902a81 9c2e7f aa337d b73779 c43c75 d0416f dc4869 e75263 ef5d5e f56b5c f9795d fc8961 fd9869 "
    "fea772 feb67c fec488 fed395 fde2a3 fcf0b2 fcfdbf"
)


def palette(count: int = 256) -> UInt8[np.ndarray, "count 3"]:
    """Return `count` colours from dark to bright, as red, green and blue from 0 to 255.

    >>> palette(2).tolist()
    [[0, 0, 4], [252, 253, 191]]
    """
    anchors = np.array([[int(hue[i : i + 2], 16) for i in (0, 2, 4)] for hue in MAGMA.split()])
    at = np.linspace(0, len(anchors) - 1, count)
    channels = [np.interp(at, np.arange(len(anchors)), anchors[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
