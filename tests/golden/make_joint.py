"""Make tests/golden/joint.json: what another library's InfoNCE gives for a few embeddings.

Run it with pytorch-metric-learning (2.9.0 was used) beside the project's packages:
``python tests/golden/make_joint.py``. The file holds the embeddings as well, and is meant to stay
as it is. The library's loss has one direction; the mean of both is what is kept.
"""

import json
from pathlib import Path

import pytorch_metric_learning
import torch
from pytorch_metric_learning.losses import NTXentLoss
from torch import Tensor
from torch.nn.functional import normalize

HERE = Path(__file__).parent
LABELS = [0, 1, 0, 2, 3, 1, 4, 5]  # two names come twice
TEMPERATURES = (1.0, 0.3, 0.07)


def both_ways(first: Tensor, second: Tensor, labels: Tensor, temperature: float) -> float:
    """Return the mean of the two directions; own partners are the only positives."""
    own = torch.arange(len(labels))
    anchors, others = (labels[:, None] != labels[None]).nonzero(as_tuple=True)
    loss = NTXentLoss(temperature=temperature)
    one = loss(first, indices_tuple=(own, own, anchors, others), ref_emb=second)
    other = loss(second, indices_tuple=(own, own, anchors, others), ref_emb=first)
    return float(one + other) / 2


def main() -> None:
    """Write the file."""
    torch.manual_seed(0)
    first, second = (normalize(torch.randn(8, 5, dtype=torch.float64), dim=1) for _ in range(2))
    second = normalize(first + 1.5 * second, dim=1)
    cases = [
        {
            "temperature": temperature,
            "distinct": both_ways(first, second, torch.arange(8), temperature),
            "names": both_ways(first, second, torch.tensor(LABELS), temperature),
        }
        for temperature in TEMPERATURES
    ]
    found = {
        "pytorch_metric_learning": pytorch_metric_learning.__version__,
        "first": first.tolist(),
        "second": second.tolist(),
        "labels": LABELS,
        "cases": cases,
    }
    (HERE / "joint.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
