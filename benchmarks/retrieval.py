"""A search among 100 thousand embeddings beside the plain matrix product that it contains.

The search also finds the best ten of each query and their keys; the product alone does not. Both
take turns in one run on one thread, and the median counts.
"""

import statistics
import time

import torch
from torch import nn
from torch.nn.functional import normalize

from avtutor.retrieval import Index
from benchmarks.table import Row, duration

N_ITEMS, SIZE, K, CALLS = 100_000, 64, 10, 15
THREADS = 1


def main() -> list[Row]:
    """Measure a batch of queries, and one alone."""
    torch.set_num_threads(THREADS)
    generator = torch.Generator().manual_seed(0)
    model = nn.Linear(1, SIZE)
    embeddings = normalize(torch.randn(N_ITEMS, SIZE, generator=generator), dim=1)
    index = Index.build(embeddings, [str(item) for item in range(N_ITEMS)], model=model)
    rows = []
    for n in (100, 1):
        queries = normalize(torch.randn(n, SIZE, generator=generator), dim=1)
        every = queries @ embeddings.T
        hits = index.search(queries, K, model=model)
        if not torch.allclose(hits.scores, every.topk(K, dim=1).values, atol=1e-6):
            raise RuntimeError("the search does not find the best of all products")
        taken: dict[str, list[float]] = {"search": [], "product": [], "product and topk": []}
        for _ in range(CALLS):
            start = time.perf_counter()
            index.search(queries, K, model=model)
            middle = time.perf_counter()
            every = queries @ embeddings.T
            end = time.perf_counter()
            every.topk(K, dim=1)
            taken["search"].append(middle - start)
            taken["product"].append(end - middle)
            taken["product and topk"].append(time.perf_counter() - middle)
        ours, product, sorted_ = (statistics.median(values) for values in taken.values())
        what = f"search, {n} {'queries' if n > 1 else 'query'} in {N_ITEMS} x {SIZE}"
        rows.append(
            Row(
                what,
                duration(ours),
                f"product {duration(product)}, with topk {duration(sorted_)}",
                product / ours,
                "at most 2 x the product",
                ours <= 2 * product,
            )
        )
    return rows
