"""Lesson 15: which picture is the number that was said? Three seeds.

Numbers of two digits, from voices and pages of handwriting that were not in training. Two kinds
of numbers were not in training either: pairs of digits that it had in these places, and never
together; and those that end in 7. The gallery is 00 to 99, each once. Towers with InfoNCE;
canonical correlation on the same encoders' features and on untrained ones'; and
two nets that were asked "do they belong together?", by a concatenation head and by the distance.
"""

import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from avtutor.batch import Batch
from avtutor.models import CCA, PairHead, PairNet, Towers
from avtutor.training import (
    BelongTogether,
    Contrastive,
    Minibatches,
    TrainConfig,
    evaluate,
    fit,
    write_checkpoint,
)
from experiments.joint import (
    NEW_PAIR,
    NEW_PLACE,
    SIZE,
    Numbers,
    both_ways,
    digits,
    gallery,
    mean_of,
    towers,
    training_numbers,
)

SEEDS = (0, 1, 2)
N_TRAIN, N_VALID, N_GALLERIES, N_WRONG = 4000, 600, 5, 8
CONFIG = TrainConfig(epochs=5, learning_rate=5e-3)
PENALTIES = (1e-6, 1e-4, 1e-2, 0.1, 1.0, 10.0, 100.0, 1000.0)
COMPONENTS = (5, 10, 20, 40, 80)
WEIGHTS = Path(__file__).with_suffix(".safetensors")


def trained(model: nn.Module, train: Numbers, seed: int, objective: Any) -> dict[str, float]:
    """Train a model, and return the seconds and the loss of its last epoch."""
    start = time.process_time()
    loader = Minibatches(train, batch_size=80, shuffle_seed=seed, drop_last=True)
    history = fit(model, loader, None, CONFIG, objective=objective)
    seconds = time.process_time() - start
    return {"seconds": round(seconds, 1), "loss": round(history.epochs[-1].train["loss"], 4)}


def judged(first: list[Tensor], second: list[Tensor]) -> dict[str, Any]:
    """Return the recalls of embeddings of several galleries, of all numbers and of some."""
    scores = [
        normalize(a, dim=1) @ normalize(b, dim=1).T for a, b in zip(first, second, strict=True)
    ]
    return of_scores(scores)


def of_scores(scores: list[Tensor]) -> dict[str, Any]:
    """Return the mean recalls of several galleries."""
    new = {*NEW_PAIR, *NEW_PLACE}
    parts = {
        "all": range(100),
        "as in training": [number for number in range(100) if number not in new],
        "new pair": NEW_PAIR,
        "new place": NEW_PLACE,
    }
    return {
        part: mean_of([both_ways(table, torch.tensor(rows)) for table in scores])
        for part, rows in parts.items()
    }


def top(first: Tensor, second: Tensor) -> float:
    """Return the mean recall@1 of both ways in one gallery."""
    found = both_ways(normalize(first, dim=1) @ normalize(second, dim=1).T)
    return sum(ways["1"] for ways in found.values()) / 2


@torch.no_grad()
def features(net: Towers, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return what the encoders give before the projection."""
    net.eval()
    a, b = (net.features(name, batch.inputs[name]) for name in ("audio", "image"))
    return a, b


def correlated(net: Towers, train: Batch, valid: list[Batch], test: list[Batch]) -> dict[str, Any]:
    """Return the recalls of a canonical correlation whose settings were chosen on `valid`."""
    first, second = features(net, train)
    chosen = [features(net, batch) for batch in valid]
    table, best = {}, (-1.0, 0.0, 0)
    kept: dict[tuple[float, int], CCA] = {}
    for penalty in PENALTIES:
        found = CCA.fitted(first, second, penalty=penalty, components=max(COMPONENTS))
        for n in COMPONENTS:
            maps = (found.maps[0][:, :n], found.maps[1][:, :n])
            fewer = CCA(found.senses, found.means, maps, found.correlations[:n])
            kept[penalty, n] = fewer
            scores = [top(fewer.project("audio", a), fewer.project("image", b)) for a, b in chosen]
            value = sum(scores) / len(scores)
            table[f"{penalty:g}, {n}"] = round(value, 4)
            best = max(best, (value, penalty, n))
    _, penalty, n = best
    cca = kept[penalty, n]
    pairs = [features(net, batch) for batch in test]
    result = judged(
        [cca.project("audio", a) for a, _ in pairs], [cca.project("image", b) for _, b in pairs]
    )
    return {**result, "penalty": penalty, "components": n, "recall@1 on validation": table}


@torch.no_grad()
def asked(net: PairNet, test: list[Batch], pairs: Numbers, seed: int) -> dict[str, Any]:
    """Return what a net that was asked about pairs can do: tell, be searched, score every pair."""
    net.eval()
    torch.manual_seed(seed)
    loader = Minibatches(pairs, batch_size=200)
    told = evaluate(net, loader, objective=BelongTogether())["accuracy"]
    found = [net.towers(batch.inputs) for batch in test]
    first, second = [f["audio"] for f in found], [f["image"] for f in found]
    start = time.perf_counter()
    scores = [net.head.every_pair(a, b) for a, b in zip(first, second, strict=True)]
    seconds = (time.perf_counter() - start) / len(scores)
    start = time.perf_counter()
    products = [a @ b.T for a, b in zip(first, second, strict=True)]
    product = (time.perf_counter() - start) / len(products)
    return {
        "belong together": round(told, 4),
        "by embeddings": judged(first, second),
        "by every pair": of_scores(scores),
        "runs of the head": len(first[0]) * len(second[0]),
        "ms for every pair": round(1000 * seconds, 3),
        "ms for the product": round(1000 * product, 3),
    }


def one(seed: int, weights: dict[str, Tensor]) -> dict[str, Any]:
    """Return all rows of one seed."""
    parts = digits(seed)
    train = training_numbers(parts[0], N_TRAIN, seed=100 + seed)
    every = train.select(range(N_TRAIN))
    valid = [gallery(parts[1], seed=10 * seed + n) for n in range(N_GALLERIES)]
    test = [gallery(parts[2], seed=10 * seed + n) for n in range(N_GALLERIES)]
    numbers = torch.randint(100, (N_VALID,), generator=torch.Generator().manual_seed(seed))
    pairs = Numbers(parts[2], numbers.tolist(), seed=seed)
    result: dict[str, Any] = {"seed": seed}
    net = towers(seed, n_parts=2)
    result["cca, untrained encoders"] = correlated(net, every, valid, test)
    facts = trained(net, train, seed, Contrastive())
    with torch.no_grad():
        found = [net.eval()(batch.inputs) for batch in test]
        result["towers"] = {
            **facts,
            **judged([f["audio"] for f in found], [f["image"] for f in found]),
            "temperature": round(float(1 / net.scale), 4),
        }
    result["cca, the towers' encoders"] = correlated(net, every, valid, test)
    if seed == 0:
        weights.update({f"towers.{k}": v for k, v in net.state_dict().items()})
    for kind in ("concat", "distance"):
        head = PairNet(towers(seed, n_parts=2), PairHead(SIZE, kind))  # type: ignore[arg-type]
        facts = trained(head, train, seed, BelongTogether(n_wrong=N_WRONG))
        result[kind] = {**facts, **asked(head, test, pairs, seed)}
        print(kind, result[kind], flush=True)
    for name in ("towers", "cca, the towers' encoders", "cca, untrained encoders"):
        print(seed, name, result[name], flush=True)
    return result


def run() -> dict[str, Any]:
    """Return a row for each seed, and keep the towers of the first one."""
    torch.set_num_threads(1)
    weights: dict[str, Tensor] = {}
    rows = [one(seed, weights) for seed in SEEDS]
    write_checkpoint(WEIGHTS, weights, {"what": "towers of experiments/15_numbers, seed 0"})
    return {
        "gallery": 100,
        "galleries": N_GALLERIES,
        "chance": {"1": 0.01, "5": 0.05, "10": 0.1},
        "rows": rows,
    }
