"""Wrong answers to the exercises of lesson 08: the function, and a phrase of its diagnosis."""

import torch


def _filled(picture, rows, columns, fill):
    hidden = picture.clone()
    hidden[rows, columns] = fill
    return hidden


def _weights(gradients):
    return gradients.mean(dim=(1, 2), keepdim=True)


WRONG = {
    "08.hide": [
        (
            lambda p, top, start, patch, fill: _filled(
                p, slice(top, top + patch[1]), slice(start, start + patch[0]), fill
            ),
            "other way round",
        ),
        (
            lambda p, top, start, patch, fill: _filled(
                p, slice(top, patch[0]), slice(start, patch[1]), fill
            ),
            "start plus its size",
        ),
        (
            lambda p, top, start, patch, fill: _filled(
                p, slice(top, top + patch[0]), slice(start, start + patch[1]), 0.0
            ),
            "0 is loud",
        ),
        (lambda p, top, start, patch, fill: _filled(p, top, start, fill), "only one cell"),
    ],
    "08.area": [
        (lambda shares, p: float(p.mean()), "mean height"),
        (lambda shares, p: float((shares.diff() * p[:-1]).sum()), "left height"),
        (lambda shares, p: float((shares.diff() * (p[:-1] + p[1:])).sum()), "divide their sum"),
        (lambda shares, p: float(torch.trapezoid(p)), "1 wide"),
    ],
    "08.cam": [
        (lambda maps, g: (_weights(g) * maps).sum(dim=0), "relu at the end"),
        (lambda maps, g: torch.relu(_weights(g) * maps).sum(dim=0), "after the sum"),
        (lambda maps, g: torch.relu((g * maps).sum(dim=0)), "cell by cell"),
        (lambda maps, g: torch.relu((20 * _weights(g) * maps).sum(dim=0)), "not the sum"),
    ],
}
