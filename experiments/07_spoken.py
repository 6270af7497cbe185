"""Lesson 07: alterations of spectrograms of spoken digits, tested on voices never heard."""

from experiments.alterations import SEEDS, one_sense

DATA = ("espeak",)
EPOCHS = 5


def run() -> dict:
    """Return the table of `one_sense`."""
    return {"seeds": list(SEEDS), "epochs": EPOCHS, "table": one_sense("spoken", epochs=EPOCHS)}
