"""fit: what a step does, which weights it keeps, where it stops, and what it leaves alone."""

import math
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from torch import Tensor, nn

from avtutor.batch import Batch
from avtutor.training import (
    Classification,
    Epoch,
    History,
    Minibatches,
    NonFiniteLossError,
    TrainConfig,
    evaluate,
    fit,
    learning_rate_at,
)

ONE = Batch(inputs={"x": torch.ones(1, 1)}, labels=torch.zeros(1), groups=("a",))


def batch_of(n: int) -> Batch:
    return Batch(inputs={"x": torch.ones(n, 1)}, labels=torch.arange(n), groups=("a",) * n)


class Number(nn.Module):
    """A weight to push about."""

    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([value]))

    def forward(self, x: Tensor) -> Tensor:
        return self.w * x


def rising(model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """Push the weight up by the learning rate in training; ask for 2.1 in validation."""
    w = model(batch.inputs["x"]).mean()
    return (-w if model.training else (w - 2.1) ** 2), {"w": w.detach()}


SGD = TrainConfig(
    epochs=4, optimizer="sgd", schedule="constant", learning_rate=1.0, weight_decay=0.0
)


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 0.04), (3, 0.52), (6, 1.0), (13, 0.50005), (20, 0.0001)]
)
def test_one_cycle_by_hand(step: int, expected: float) -> None:
    """Of 21 steps the first 6 rise; 3 and 13 lie halfway down and up a cosine."""
    assert learning_rate_at(step, 21, TrainConfig(learning_rate=1.0)) == pytest.approx(expected)


def test_the_shortest_cycles_have_a_rate() -> None:
    for total in (1, 2, 3):
        rates = [learning_rate_at(step, total, TrainConfig()) for step in range(total)]
        assert all(0 < rate <= TrainConfig().learning_rate for rate in rates)


def test_momentum_steps_by_hand_and_the_best_epoch_is_kept() -> None:
    """The weight goes to 1, then by 1.9 and 2.71 further; 2.9 is nearest to 2.1."""
    model = Number()
    history = fit(model, [ONE], [ONE], SGD, objective=rising)
    assert history.values("valid", "w") == pytest.approx([1.0, 2.9, 5.61, 9.049])
    assert history.values("train", "loss") == pytest.approx([0.0, -1.0, -2.9, -5.61])
    assert history.values("valid", "loss")[:2] == pytest.approx([1.21, 0.64])
    assert (history.best, history.ending) == (2, "finished")
    assert model.w.item() == pytest.approx(2.9)
    assert not model.training


def test_patience_stops_early() -> None:
    model = Number()
    config = TrainConfig(**{**vars(SGD), "patience": 1})
    history = fit(model, [ONE], [ONE], config, objective=rising)
    assert (len(history.epochs), history.best, history.ending) == (3, 2, "stopped early")
    assert model.w.item() == pytest.approx(2.9)
    assert repr(history) == "History(3 epochs, stopped early, best 2)"


def test_a_higher_value_may_be_the_better_one() -> None:
    config = TrainConfig(**{**vars(SGD), "monitor": "w", "higher_is_better": True})
    assert fit(Number(), [ONE], [ONE], config, objective=rising).best == 4


def test_without_validation_the_last_weights_stay() -> None:
    model = Number()
    history = fit(model, [ONE], None, SGD, objective=rising)
    assert history.best == 4 and model.w.item() == pytest.approx(9.049)
    assert all(epoch.valid == {} for epoch in history.epochs)


def test_only_weights_with_two_axes_decay() -> None:
    """AdamW takes learning rate times decay, 0.05, off the weight; the gradient is 0."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    nn.init.ones_(model.bias)
    config = TrainConfig(epochs=1, learning_rate=0.1, weight_decay=0.5, schedule="constant")
    fit(model, [ONE], None, config, objective=lambda m, b: (0 * m(b.inputs["x"]).sum(), {}))
    assert model.weight.item() == pytest.approx(0.95) and model.bias.item() == 1.0


def test_a_long_gradient_is_cut() -> None:
    model = Number()
    config = TrainConfig(**{**vars(SGD), "epochs": 1, "clip_norm": 0.25})
    fit(model, [ONE], None, config, objective=rising)
    assert model.w.item() == pytest.approx(0.25, rel=1e-4)


def test_it_learns_and_the_same_call_gives_the_same_weights() -> None:
    angles = torch.arange(64) * 2 * math.pi / 64
    x = torch.stack([angles.cos(), angles.sin()], dim=1)
    data = Batch(inputs={"x": x}, labels=(x[:, 0] * x[:, 1] > 0).long(), groups=("a",) * 64)
    weights = []
    for seed in (0, 0, 1):
        torch.manual_seed(7)
        first = nn.Linear(2, 32)
        model = nn.Sequential(first, nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
        before = torch.get_rng_state()
        train = Minibatches(data, batch_size=16, shuffle_seed=seed)
        config = TrainConfig(epochs=40, learning_rate=0.03, seed=seed)
        fit(model, train, None, config)
        assert torch.equal(torch.get_rng_state(), before), "fit used up the caller's randomness"
        assert evaluate(model, train)["accuracy"] >= 0.9
        weights.append(first.weight.detach().clone())
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def failing(at: tuple[int, str], value: float) -> Any:
    """Return `rising`, with another loss at one call of the training or the validation."""
    calls = {"train": 0, "valid": 0}

    def objective(model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        part = "train" if model.training else "valid"
        calls[part] += 1
        loss, log = rising(model, batch)
        return (loss * value if (calls[part], part) == at else loss), log

    return objective


@pytest.mark.parametrize(
    ("at", "value", "where", "weight", "epochs"),
    [
        ((4, "train"), math.nan, "nan in epoch 2, batch 2 of 2; .* those of epoch 1", 2.9, 1),
        ((2, "train"), -math.inf, "inf in epoch 1, batch 2 of 2; .* those it came with", 0.0, 0),
        ((2, "valid"), math.nan, "nan in epoch 2, batch 1 of 1 of the validation data", 2.9, 1),
    ],
)
def test_a_loss_that_is_no_number_stops_and_the_last_good_weights_stay(
    at: tuple[int, str], value: float, where: str, weight: float, epochs: int
) -> None:
    model = Number()
    with pytest.raises(NonFiniteLossError, match=where) as caught:
        fit(model, [ONE, ONE], [ONE], SGD, objective=failing(at, value))
    assert model.w.item() == pytest.approx(weight)
    assert isinstance(caught.value, ValueError) and len(caught.value.history.epochs) == epochs


def test_evaluate_weighs_with_the_items_and_leaves_the_mode() -> None:
    """Losses 0 and 1 in batches of 3 and 1 items have the mean 0.25."""
    model = nn.Linear(1, 1)
    model.train()

    def by_size(model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        assert not model.training and not torch.is_grad_enabled()
        return torch.tensor(0.0 if len(batch) == 3 else 1.0), {"size": float(len(batch))}

    values = evaluate(model, [batch_of(3), batch_of(1)], objective=by_size)
    assert values == {"loss": 0.25, "size": 2.5} and model.training


def test_cross_entropy_by_hand() -> None:
    """Logits log 3 and 0 are shares 3/4 and 1/4."""
    logits = torch.tensor([[math.log(3.0), 0.0], [math.log(3.0), 0.0]])
    hard = Batch(inputs={"x": logits}, labels=torch.tensor([0, 1]), groups=("a", "b"))
    loss, log = Classification()(nn.Identity(), hard)
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)
    assert float(log["accuracy"]) == 0.5
    soft = Batch(inputs={"x": logits}, labels=torch.tensor([[0.9, 0.1]] * 2), groups=("a", "b"))
    loss, log = Classification()(nn.Identity(), soft)
    assert loss.item() == pytest.approx(0.9 * math.log(4 / 3) + 0.1 * math.log(4))
    assert float(log["accuracy"]) == 1.0


def test_labels_are_smoothed_in_training_only() -> None:
    """A label smoothed by 0.2 over two classes is 0.9 and 0.1."""
    logits = torch.tensor([[math.log(3.0), 0.0]])
    batch = Batch(inputs={"x": logits}, labels=torch.tensor([0]), groups=("a",))
    model = nn.Identity().train()
    expected = 0.9 * math.log(4 / 3) + 0.1 * math.log(4)
    assert Classification(label_smoothing=0.2)(model, batch)[0].item() == pytest.approx(expected)
    loss, _ = Classification(label_smoothing=0.2)(model.eval(), batch)
    assert loss.item() == pytest.approx(math.log(4 / 3))


class SumOfValid(nn.Module):
    """Logits that show which lengths came in."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.scale * torch.stack([lengths.float(), x.sum(dim=1)], dim=1)


def test_the_lengths_of_the_named_input_reach_the_model_that_takes_them() -> None:
    batch = Batch(
        inputs={"sound": torch.ones(2, 5), "picture": torch.ones(2, 3)},
        lengths={"sound": torch.tensor([2, 5])},
        labels=torch.tensor([1, 0]),
        groups=("a", "b"),
    )
    logits = Classification("sound").logits(SumOfValid(), batch)
    assert logits.tolist() == [[2.0, 5.0], [5.0, 5.0]]
    config = TrainConfig(epochs=1, learning_rate=1e-9)
    history = fit(SumOfValid(), [batch], None, config, objective=Classification("sound"))
    losses = [math.log(1 + math.exp(-3)), math.log(2)]
    assert history.values("train", "loss") == pytest.approx([sum(losses) / 2], rel=1e-5)


def test_minibatches_give_every_item_once_in_an_order_of_seed_and_epoch() -> None:
    def order(seed: int | None, epoch: int, **options: Any) -> list[int]:
        loader = Minibatches(batch_of(20), batch_size=8, shuffle_seed=seed, **options)
        loader.set_epoch(epoch)
        batches = list(loader)
        assert len(batches) == len(loader)
        return [int(label) for batch in batches for label in batch.labels]

    assert order(None, 3) == list(range(20))
    orders = {(seed, epoch): order(seed, epoch) for seed in range(3) for epoch in range(3)}
    assert all(sorted(items) == list(range(20)) for items in orders.values())
    assert len({tuple(items) for items in orders.values()}) == 9
    assert order(1, 2) == orders[1, 2]
    assert len(order(0, 0, drop_last=True)) == 16


class Watched:
    """Standard error of a terminal."""

    def __init__(self, tty: bool) -> None:
        self.tty, self.text = tty, ""

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("tty", [True, False])
def test_progress_is_shown_at_a_terminal_only(tty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tty)
    monkeypatch.setattr("sys.stderr", watched)
    monkeypatch.delitem(__import__("sys").modules, "ipykernel", raising=False)
    fit(Number(), [ONE], None, SGD, objective=rising)
    lines = [
        f"epoch {i} of 4 · batch 1 of 1 · loss {loss}"
        for i, loss in enumerate(["-0.000", "-1.000", "-2.900", "-5.610"], start=1)
    ]
    assert watched.text == ("\r" + "\r".join(lines) + "\n" if tty else "")


def test_a_notebook_stores_no_progress() -> None:
    code = (
        "import torch\nfrom avtutor.batch import Batch\n"
        "from avtutor.training import TrainConfig, fit\n"
        "data = Batch(inputs={'x': torch.eye(2)}, labels=torch.tensor([0, 1]), groups=('a', 'b'))\n"
        "fit(torch.nn.Linear(2, 2), [data], [data], TrainConfig(epochs=2))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"].startswith("History(2 epochs, finished, best ")


class Once:
    """A loader that can be used only once."""

    def __init__(self) -> None:
        self._batches = iter([ONE])

    def __iter__(self) -> Iterator[Batch]:
        return self._batches

    def __len__(self) -> int:
        return 1


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("train", "valid", "error", "message"),
    [
        ([], [ONE], ValueError, "train must hold at least one batch"),
        ([ONE], [], ValueError, "valid must hold at least one batch"),
        ([torch.ones(1, 1)], None, TypeError, "train must give objects of type Batch, got Tensor"),
        (Once(), None, ValueError, "train said it had 1 batches in each pass, and gave 0"),
    ],
)
def test_loaders_that_are_refused(
    train: Any, valid: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fit(Number(), train, valid, SGD, objective=rising)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"patience": 0}, "patience must be at least 1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"learning_rate": math.nan}, "learning_rate must be above 0"),
        ({"clip_norm": -1.0}, "clip_norm must be above 0"),
        ({"weight_decay": -0.1}, "weight_decay must be 0 or more"),
        ({"optimizer": "adam"}, "optimizer must be one of adamw, sgd, got 'adam'"),
        ({"schedule": "cosine"}, "schedule must be one of one_cycle, constant"),
    ],
)
def test_configs_that_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**changes)


@pytest.mark.bad_input
def test_other_bad_input() -> None:
    with pytest.raises(ValueError, match=r"monitor must be one of \['loss', 'w'\], got 'accuracy'"):
        config = TrainConfig(**{**vars(SGD), "monitor": "accuracy"})
        fit(Number(), [ONE], [ONE], config, objective=rising)
    with pytest.raises(ValueError, match="weights to train, got none"):
        fit(nn.Identity(), [ONE], None, SGD, objective=rising)
    with pytest.raises(ValueError, match=r"one number, got the shape \[1, 1\]"):
        fit(Number(), [ONE], None, SGD, objective=lambda m, b: (m(b.inputs["x"]), {}))
    with pytest.raises(ValueError, match="no input 'sound', it has \\['x'\\]"):
        Classification("sound")(nn.Identity(), ONE)
    both = Batch(
        inputs={"a": ONE.inputs["x"], "b": ONE.inputs["x"]}, labels=ONE.labels, groups=("a",)
    )
    with pytest.raises(ValueError, match=r"say which input: the batch has \['a', 'b'\]"):
        Classification()(nn.Identity(), both)
    pictures = Batch(inputs={"x": torch.ones(1, 1, 2, 2)}, labels=torch.zeros(1), groups=("a",))
    with pytest.raises(ValueError, match=r"logits \[batch, class\], got \[1, 1, 2, 2\]"):
        Classification()(nn.Identity(), pictures)
    with pytest.raises(ValueError, match="label_smoothing must be in"):
        Classification(label_smoothing=1.0)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        Minibatches(batch_of(3), batch_size=0)
    with pytest.raises(ValueError, match="batch_size must be at most 3"):
        Minibatches(batch_of(3), batch_size=4, drop_last=True)
    history = History((Epoch(1, 0.1, {"loss": 1.0}, {}, 1.0),), best=1)
    with pytest.raises(ValueError, match="valid has no 'loss'"):
        history.values("valid", "loss")
    with pytest.raises(ValueError, match="part must be"):
        history.values("test", "loss")  # type: ignore[arg-type]
