"""The graders of lesson 08."""

import torch

from avtutor.checks.grading import Answer, compare, exercise


@exercise("08.hide")
def hide(answer: Answer) -> str | None:
    """A patch of 2 rows and 3 columns in a picture of 4 by 6."""
    picture = torch.arange(24.0).reshape(4, 6)
    expected, turned, up_to, one = (picture.clone() for _ in range(4))
    expected[1:3, 1:4] = -60.0
    turned[1:4, 1:3] = -60.0
    up_to[1:2, 1:3] = -60.0
    one[1, 1] = -60.0
    zero = picture.clone()
    zero[1:3, 1:4] = 0.0
    rest = torch.full_like(picture, -60.0)
    rest[1:3, 1:4] = picture[1:3, 1:4]
    return compare(
        answer(picture, 1, 1, (2, 3), -60.0),
        expected,
        what="the picture",
        slips={
            "patch is (rows, columns): you took them the other way round": turned,
            "the patch ends at its start plus its size, not at its size": up_to,
            "only one cell is filled: the patch has rows and columns": one,
            "fill with the given level; 0 is loud in a picture in dB": zero,
            "you filled everything but the patch": rest,
        },
    )


@exercise("08.area")
def area(answer: Answer) -> str | None:
    """Points at 0, 0.1, 0.5 and 1: unevenly spaced."""
    shares = torch.tensor([0.0, 0.1, 0.5, 1.0])
    heights = torch.tensor([1.0, 0.8, 0.2, 0.1])
    widths = shares.diff()
    return compare(
        answer(shares, heights),
        float(torch.trapezoid(heights, shares)),
        what="the area",
        slips={
            "that is the mean height; the points are not evenly spaced": float(heights.mean()),
            "those are rectangles with the left height: take the mean of both ends": float(
                (widths * heights[:-1]).sum()
            ),
            "those are rectangles with the right height: take the mean of both ends": float(
                (widths * heights[1:]).sum()
            ),
            "the mean of two heights: divide their sum by 2": 2
            * float(torch.trapezoid(heights, shares)),
            "the spacing comes from shares; you took all steps as equally wide": float(
                torch.trapezoid(heights, dx=1 / 3)
            ),
            "you took all steps as 1 wide": float(torch.trapezoid(heights)),
        },
    )


@exercise("08.cam")
def cam(answer: Answer) -> str | None:
    """Three maps, with gradients of both signs that differ over the map."""
    g = torch.Generator().manual_seed(0)
    maps = torch.rand(3, 4, 5, generator=g)
    gradients = torch.randn(3, 4, 5, generator=g) + torch.tensor([0.5, -0.6, 0.3])[:, None, None]
    weights = gradients.mean(dim=(1, 2), keepdim=True)
    summed = (weights * maps).sum(dim=0)
    return compare(
        answer(maps, gradients),
        torch.relu(summed),
        what="the map",
        slips={
            "keep what is above 0: relu at the end": summed,
            "relu comes after the sum, not before it": torch.relu(weights * maps).sum(dim=0),
            "weigh each map by the mean of its gradient; you kept it cell by cell": torch.relu(
                (gradients * maps).sum(dim=0)
            ),
            "the weight is the mean over the map, not the sum": torch.relu(summed) * 20,
            "add the maps up, instead of taking their mean": torch.relu(summed) / 3,
            "the weights come from the gradients, the sum goes over the maps": torch.relu(
                (maps.mean(dim=(1, 2), keepdim=True) * gradients).sum(dim=0)
            ),
        },
    )
