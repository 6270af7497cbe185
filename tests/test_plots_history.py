"""plots.history: the lines hold the numbers, and the kept epoch is marked."""

import matplotlib.pyplot as plt
import pytest

from avtutor import plots
from avtutor.training import Epoch, History

EPOCHS = (
    Epoch(1, 0.1, {"loss": 0.9, "accuracy": 0.4}, {"loss": 0.8, "accuracy": 0.5}, 1.0),
    Epoch(2, 0.1, {"loss": 0.5, "accuracy": 0.7}, {"loss": 0.6, "accuracy": 0.6}, 1.0),
    Epoch(3, 0.1, {"loss": 0.2, "accuracy": 0.9}, {"loss": 0.7, "accuracy": 0.6}, 1.0),
)


def test_history_draws_both_parts_and_marks_the_kept_epoch() -> None:
    ax = plots.history(plt.figure().subplots(), History(EPOCHS, best=2), title="It learns")
    train, valid, kept = ax.get_lines()
    assert (list(train.get_xdata()), list(train.get_ydata())) == ([1, 2, 3], [0.9, 0.5, 0.2])
    assert list(valid.get_ydata()) == [0.8, 0.6, 0.7]
    assert (list(kept.get_xdata()), list(kept.get_ydata())) == ([2], [0.6])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("epoch", "loss", "It learns")
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["train", "validation", "kept"]
    plt.close("all")


def test_history_without_validation_and_of_another_value() -> None:
    epochs = tuple(Epoch(e.number, 0.1, e.train, {}, 1.0) for e in EPOCHS)
    ax = plots.history(plt.figure().subplots(), History(epochs, best=3), name="accuracy")
    (train,) = ax.get_lines()
    assert list(train.get_ydata()) == [0.4, 0.7, 0.9] and ax.get_ylabel() == "accuracy"
    plt.close("all")


@pytest.mark.bad_input
def test_history_refuses_what_it_cannot_draw() -> None:
    ax = plt.figure().subplots()
    with pytest.raises(ValueError, match="at least one epoch"):
        plots.history(ax, History())
    with pytest.raises(ValueError, match=r"train has no 'recall', it has \['accuracy', 'loss'\]"):
        plots.history(ax, History(EPOCHS, best=2), name="recall")
    plt.close("all")
