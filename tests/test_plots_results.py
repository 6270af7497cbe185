"""plots.voices and plots.confusion: what is drawn are the numbers that were given."""

import matplotlib.pyplot as plt
import pytest
import torch

from avtutor import plots


def test_voices_draws_each_as_a_dot_and_the_mean_with_its_interval() -> None:
    rows = {"known": [0.8, 0.9, 1.0], "unknown": [0.2, 0.4]}
    ax = plots.voices(plt.figure().subplots(), rows, line=0.1, title="A gap")
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[0.8, 0.9, 1.0], [0.2, 0.4]]
    assert all(list(dots[row].get_ydata()) == [row - 0.1] * n for row, n in ((0, 3), (1, 2)))
    ends = [tuple(bar.lines[2][0].get_segments()[0][:, 0]) for bar in ax.containers]
    # Student's t: 4.3027 and 12.706 for 2 and 1 degrees of freedom.
    half = 4.3027 * 0.1 / 3**0.5, 12.706 * 0.14142 / 2**0.5
    assert ends[0] == pytest.approx((0.9 - half[0], 0.9 + half[0]), abs=1e-4)
    assert ends[1] == pytest.approx((0.3 - half[1], 0.3 + half[1]), abs=1e-3)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["known", "unknown"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first row stands on top"
    assert ax.get_title() == "A gap"
    plt.close("all")


def test_confusion_writes_the_counts_where_they_belong() -> None:
    counts = torch.tensor([[5, 0], [2, 1]])
    ax = plots.confusion(plt.figure().subplots(), counts, names=("a", "b"))
    written = {tuple(text.get_position()): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "5", (0, 1): "2", (1, 1): "1"}, "(column, row)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer", "right answer")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]
    plt.close("all")


@pytest.mark.bad_input
def test_what_cannot_be_drawn_is_refused() -> None:
    ax = plt.figure().subplots()
    with pytest.raises(ValueError, match="at least one row"):
        plots.voices(ax, {}, line=0.1)
    with pytest.raises(ValueError, match="at least 2 values"):
        plots.voices(ax, {"one": [0.5]}, line=0.1)
    with pytest.raises(ValueError, match=r"got 3 names and \[2, 2\]"):
        plots.confusion(ax, torch.eye(2, dtype=torch.int64), names="abc")
    plt.close("all")
