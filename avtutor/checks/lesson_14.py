"""The graders of lesson 14."""

import torch
from torch import Tensor

from avtutor.checks.grading import Answer, compare, exercise


@exercise("14.blend")
def blend(answer: Answer) -> str | None:
    """Three losses; then three of which one taught nothing."""
    train = torch.tensor([2.3, 2.2, 2.4]), torch.tensor([0.8, 1.0, 0.2])
    valid = torch.tensor([2.3, 2.3, 2.5]), torch.tensor([1.1, 1.5, 1.3])
    learned = valid[0] - valid[1]
    gap = (valid[1] - train[1]) - (valid[0] - train[0])

    def share(values: Tensor) -> Tensor:
        return values / values.sum()

    raw = learned / gap.square()
    fell = train[0] - train[1]
    end = valid[1] - train[1]
    found = compare(
        answer(train[0], train[1], valid[0], valid[1]),
        share(raw),
        what="the row of weights",
        slips={
            "the weights must sum to 1: divide by their sum": raw,
            "overfitting counts squared: G / O²": share(learned / gap),
            "what was learned is the fall of the validation loss; the training loss falls anyhow": (
                share(fell / gap.square())
            ),
            "overfitting is by how much the gap grew: take off the gap at the start": share(
                learned / end.square()
            ),
            "the other way round: much overfitting must give a small weight": share(
                gap.square() / learned
            ),
            "overfitting alone is half of it: multiply by what was learned": share(
                1 / gap.square()
            ),
        },
    )
    if found:
        return found
    worse = torch.tensor([1.1, 2.5, 1.3])
    raw = (valid[0] - worse).clamp(min=0) / ((worse - train[1]) - (valid[0] - train[0])).square()
    signed = (valid[0] - worse) / ((worse - train[1]) - (valid[0] - train[0])).square()
    return compare(
        answer(train[0], train[1], valid[0], worse),
        share(raw),
        what="the row of weights, where the second validation loss rose,",
        slips={
            "a loss that taught nothing (its validation loss rose) has weight 0, not a negative "
            "one": share(signed),
        },
    )


@exercise("14.gave_up")
def gave_up(answer: Answer) -> str | None:
    """Five runs; in two of them the ear ends far below what it can alone."""
    runs = {
        "slow": _run([0.30, 0.45, 0.60], [0.20, 0.21, 0.19], [0.50, 0.60, 0.65]),
        "quick": _run([0.70, 0.95, 0.99], [0.30, 0.05, 0.01], [0.50, 0.57, 0.58]),
        "heads": _run([0.70, 0.96, 0.98], [0.60, 0.08, 0.01], [0.55, 0.62, 0.66]),
        "late": _run([0.20, 0.50, 0.90], [0.02, 0.30, 0.10], [0.20, 0.50, 0.65]),
        "fell": _run([0.60, 0.90, 0.95], [0.40, 0.10, 0.15], [0.60, 0.66, 0.57]),
    }
    got = answer(runs, 0.65)
    if isinstance(got, str) or not isinstance(got, list | tuple | set):
        return f"return a list of names, got {type(got).__name__}"
    names = sorted(got, key=str)
    slips = {
        ("fell", "quick"): None,
        ("heads", "late", "slow"): "those are the runs in which the ear still learned",
        ("quick",): "look at the last epoch, not the best: one of the ears was good and fell back",
        ("fell", "late", "quick", "slow"): (
            "a probe that begins low may still rise: look at the last epoch"
        ),
        ("fell", "heads", "late", "quick", "slow"): (
            "a probe that begins low may still rise: look at the last epoch"
        ),
        ("heads", "quick"): (
            "a gradient of almost 0 is what a learned task leaves too: ask the probe"
        ),
        ("slow",): "low accuracy of the whole net is not a silent ear: ask the probe of the ear",
        ("quick", "heads", "fell"): "high training accuracy says nothing of the ear: ask its probe",
        (): "no run at all: a probe more than 0.03 below the one of the ear alone counts",
    }
    for wrong, diagnosis in slips.items():
        if tuple(names) == tuple(sorted(wrong)):
            return diagnosis
    return f"got {names}: compare the last value of audio/probe with alone - 0.03, run by run"


def _run(
    accuracy: list[float], gradient: list[float], probe: list[float]
) -> dict[str, list[float]]:
    return {"accuracy": accuracy, "audio/gradient": gradient, "audio/probe": probe}


@exercise("14.drop")
def drop(answer: Answer) -> str | None:
    """A thousand even numbers in mixed order, with two pairs of shares."""
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(0))
    drawn = ((torch.arange(1000) + 0.5) / 1000)[order]
    for audio, image in ((0.3, 0.2), (0.6, 0.4)):
        got = answer(drawn, audio, image)
        if not isinstance(got, tuple | list) or len(got) != 2:
            return "return two masks: which items have the sound, and which the picture"
        if not all(isinstance(mask, Tensor) and mask.dtype == torch.bool for mask in got):
            return "both masks must be tensors of bool: compare `drawn` with something"
        if not all(mask.shape == drawn.shape for mask in got):
            return f"each mask must have one value an item, {len(drawn)}, got {list(got[0].shape)}"
        shown = f"with shares of {audio} and {image}"
        heard, seen = got
        empty = int((~heard & ~seen).sum())
        lost = 1 - float(heard.double().mean()), 1 - float(seen.double().mean())
        if abs(lost[0] - (1 - audio)) < 0.02 and abs(lost[1] - (1 - image)) < 0.02:
            return f"{shown}: True means that the item has the sense; yours are the wrong way round"
        if empty:
            return (
                f"{shown}: {empty} of 1000 items lose both: the two shares must lie beside each "
                "other in [0, 1), not over each other"
            )
        if abs(lost[0] - image) < 0.02 < abs(audio - image) and abs(lost[1] - audio) < 0.02:
            return f"{shown}: sound and picture are exchanged: the sound is lost with share_audio"
        for name, found, wanted in (("sound", lost[0], audio), ("picture", lost[1], image)):
            if abs(found - wanted) > 0.02:
                return f"{shown}: the {name} is missing in {found:.2f} of the items, not {wanted}"
        again = answer(drawn.flip(0), audio, image)
        if not torch.equal(again[0].flip(0), heard):
            return "use the numbers in `drawn`: each item's fate is its own number's, and no other"
    return None
