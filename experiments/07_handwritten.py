"""Lesson 07: alterations of pictures of handwritten digits, tested on blocks never seen."""

from experiments.alterations import SEEDS, one_sense

EPOCHS = 8


def run() -> dict:
    """Return the table of `one_sense`."""
    table = one_sense("handwritten", epochs=EPOCHS)
    return {"seeds": list(SEEDS), "epochs": EPOCHS, "table": table}
