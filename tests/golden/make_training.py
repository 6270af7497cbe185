"""Make tests/golden/training.json: what `avtutor.training.fit` computes from small data.

It holds the loop: the experiments count these values instead of the loop's text (see
``experiments/fingerprint.py``), so that `fit` may get new options without running hours again,
as long as it computes the same where they are not used. Run it only where the loop is *meant* to
compute something else; all tables are then out of date. ``python tests/golden/make_training.py``
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training import Classification, Minibatches, TrainConfig, fit

HERE = Path(__file__).parent
N_ITEMS = 20
RUNS = {
    "defaults": TrainConfig(),
    "one cycle, best accuracy": TrainConfig(
        epochs=6, learning_rate=0.03, monitor="accuracy", higher_is_better=True, seed=3
    ),
    "momentum, constant, stopped early": TrainConfig(
        epochs=30, learning_rate=0.3, optimizer="sgd", schedule="constant", patience=2
    ),
    "clipped, no decay": TrainConfig(epochs=5, clip_norm=0.05, weight_decay=0.0, seed=1),
}
NO_VALIDATION = {"clipped, no decay"}


class Small(nn.Module):
    """A convolution, batch norm, dropout and a dense layer, in float64, started by a formula."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, 3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Dropout(0.2), nn.Flatten()
        )
        self.dense = nn.Linear(18, 3)
        self.double()
        first = 0
        with torch.no_grad():
            for values in self.parameters():
                places = torch.arange(first, first + values.numel(), dtype=torch.float64)
                values.copy_((0.4 * torch.sin(1.7 * places)).reshape(values.shape))
                first += values.numel()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return self.dense(self.body(x))


def data(first: float) -> Batch:
    """Return items made by a formula."""
    places = torch.arange(8 * N_ITEMS, dtype=torch.float64).reshape(N_ITEMS, 1, 8)
    x = torch.sin(0.37 * places * places + first)
    labels = (3 * (x[:, 0, :4].mean(dim=1) + 0.5)).long().clamp(0, 2)
    return Batch(inputs={"x": x}, labels=labels, groups=("a",) * N_ITEMS)


def values() -> dict[str, dict[str, object]]:
    """Return for each run its losses, its best epoch, and three sums over the weights."""
    found: dict[str, dict[str, object]] = {}
    for name, config in RUNS.items():
        model = Small()
        train = Minibatches(data(0.0), batch_size=6, shuffle_seed=5)
        valid = None if name in NO_VALIDATION else Minibatches(data(1.0), batch_size=7)
        objective = Classification(label_smoothing=0.1)
        history = fit(model, train, valid, config, objective=objective)
        weights = torch.cat([p.detach().flatten() for p in model.state_dict().values()])
        waves = torch.arange(len(weights), dtype=torch.float64)
        found[name] = {
            "best": history.best,
            "ending": history.ending,
            "train": [round(loss, 9) for loss in history.values("train", "loss")],
            "valid": [round(epoch.valid.get("loss", 0.0), 9) for epoch in history.epochs],
            "weights": [
                round(float((weights * wave).sum()), 9)
                for wave in (torch.ones_like(waves), torch.sin(waves), torch.cos(0.3 * waves))
            ],
        }
    return found


def main() -> None:
    """Write the file."""
    text = json.dumps(values(), indent=1) + "\n"
    (HERE / "training.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
