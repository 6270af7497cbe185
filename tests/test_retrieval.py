"""The index: the same as sorting every product, kept in a file, refused to another model."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from avtutor.models import Towers
from avtutor.retrieval import BLOCK, GROUP, Index, model_fingerprint, nearest


def unit(n: int, size: int = 8, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(n, size, generator=generator), dim=1)


def towers(seed: int) -> Towers:
    torch.manual_seed(seed)
    return Towers({"audio": nn.Linear(2, 4), "image": nn.Linear(3, 4)}, {"audio": 4, "image": 4})


@pytest.mark.parametrize("n", [5, GROUP, BLOCK, 2 * BLOCK, 2 * BLOCK + 17])
@pytest.mark.parametrize("k", [1, 5, 300])
def test_the_nearest_are_those_of_sorting_every_product(n: int, k: int) -> None:
    embeddings, queries = unit(n), unit(7, seed=1)
    k = min(k, n)
    scores, rows = nearest(queries, embeddings, k)
    every = queries @ embeddings.T
    expected = every.sort(dim=1, descending=True)
    assert torch.allclose(scores, expected.values[:, :k], atol=1e-6)
    assert torch.allclose(every.gather(1, rows), scores, atol=1e-6)
    assert all(len(set(row)) == k for row in rows.tolist())


def test_the_best_may_all_be_neighbours() -> None:
    embeddings = unit(BLOCK)
    query = torch.zeros(1, 8)
    query[0, 0] = 1.0
    embeddings[64:74] = 0.0
    embeddings[64:74, 0] = torch.linspace(0.999, 1.0, 10)
    rest = embeddings[:, 0].clone()
    rest[64:74] = -1
    assert float(rest.max()) < 0.999  # nothing else is as near
    assert nearest(query, embeddings, 10)[1][0].tolist() == list(range(73, 63, -1))


def test_keys_come_back_the_best_first() -> None:
    model = nn.Linear(1, 2)
    index = Index.build(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), "abc", model=model)
    hits = index.search(torch.tensor([[0.0, 1.0], [2.0, 0.0]]), 2, model=model)
    assert hits.keys == (("b", "c"), ("a", "c"))
    assert hits.rows.tolist() == [[1, 2], [0, 2]]
    assert torch.allclose(hits.scores, torch.tensor([[1.0, 0.8], [2.0, 1.2]]))
    assert len(index) == 3 and repr(index) == "Index(3 items of 2 features)"


def test_an_index_in_a_file_is_the_same(tmp_path: Path) -> None:
    model = towers(0)
    keys = [f"bird {n}, größer" for n in range(40)]
    index = Index.build(unit(40), keys, model=model)
    index.save(tmp_path / "birds.safetensors")
    found = Index.load(tmp_path / "birds.safetensors", model=model)
    assert torch.equal(found.embeddings, index.embeddings)
    assert found.keys == tuple(keys) and found.fingerprint == index.fingerprint


def test_a_fingerprint_is_of_the_weights_alone() -> None:
    first = model_fingerprint(towers(0))
    assert first == model_fingerprint(towers(0).eval()) and len(first) == 16
    assert first != model_fingerprint(towers(1))
    changed = towers(0)
    changed.projections["image"].bias.data[0] += 1e-6  # type: ignore[operator, index]
    assert model_fingerprint(changed) != first
    twice = nn.Sequential(nn.Linear(1, 1)), nn.Sequential(nn.Identity(), nn.Linear(1, 1))
    twice[1].load_state_dict({f"1{k[1:]}": v for k, v in twice[0].state_dict().items()})
    assert model_fingerprint(twice[0]) != model_fingerprint(twice[1])  # names count


@pytest.mark.bad_input
def test_an_index_of_another_model_is_refused(tmp_path: Path) -> None:
    mine, other = towers(0), towers(1)
    index = Index.build(unit(3), "abc", model=mine)
    phrase = f"built by another model: its fingerprint is {index.fingerprint}, this model's is"
    with pytest.raises(ValueError, match=phrase):
        index.search(unit(1), 1, model=other)
    index.save(tmp_path / "index")
    with pytest.raises(ValueError, match=phrase):
        Index.load(tmp_path / "index", model=other)
    with torch.no_grad():
        mine.log_scale.add_(0.1)  # trained on: an old index
    with pytest.raises(ValueError, match=phrase):
        index.check(mine)


@pytest.mark.bad_input
def test_an_index_that_cannot_be(tmp_path: Path) -> None:
    model = nn.Linear(1, 2)
    with pytest.raises(ValueError, match="keys must be 3, one an item, got 2"):
        Index.build(unit(3), "ab", model=model)
    with pytest.raises(ValueError, match="must have length 1, got lengths from 2 to 2"):
        Index.build(2 * unit(3), "abc", model=model)
    with pytest.raises(ValueError, match="must be \\[item, feature\\], got \\[0, 8\\]"):
        Index.build(torch.zeros(0, 8), "", model=model)
    index = Index.build(unit(3), "abc", model=model)
    with pytest.raises(ValueError, match="queries must be \\[query, 8\\], got \\[1, 7\\]"):
        index.search(unit(1, size=7), 1, model=model)
    with pytest.raises(ValueError, match="k must be from 1 to 3 \\(the items\\), got 4"):
        index.search(unit(1), 4, model=model)
    with pytest.raises(ValueError, match="queries must be finite"):
        index.search(unit(1) / 0, 1, model=model)
    with pytest.raises(ValueError, match="cannot be read"):
        Index.load(tmp_path / "nothing", model=model)
    (tmp_path / "text").write_text("no index")
    with pytest.raises(ValueError, match="cut off, or not a checkpoint"):
        Index.load(tmp_path / "text", model=model)
