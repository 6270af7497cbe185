"""Dynamic time warping of experiment 16_warped, beside a table filled cell by cell."""

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from avtutor.resample import resample
from avtutor.waveform import Waveform
from experiments.warped import cepstra, nearness, warped


def cell_by_cell(one: Tensor, other: Tensor) -> float:
    """Return the least cost of all ways, after Sakoe and Chiba's recursion."""
    apart = (one[:, None] - other[None]).square().sum(dim=2).sqrt().tolist()
    best: dict[tuple[int, int], float] = {}
    for i in range(len(one)):
        for j in range(len(other)):
            ways = [(i - 1, j - 1, 2.0), (i - 1, j, 1.0), (i, j - 1, 1.0)]
            costs = [best[a, b] + w * apart[i][j] for a, b, w in ways if (a, b) in best]
            best[i, j] = min(costs) if costs else 2 * apart[0][0]
    return best[len(one) - 1, len(other) - 1] / (len(one) + len(other))


@pytest.mark.parametrize("size", [1, 2, 9, 30])
def test_the_best_way_is_that_of_the_table(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    g = torch.Generator().manual_seed(size)
    one = torch.randn(size, 3, generator=g)
    others = [torch.randn(n, 3, generator=g) for n in (1, 5, 12, 20)]
    sizes = torch.tensor([len(x) for x in others])
    found = warped(one, pad_sequence(others, batch_first=True), sizes)
    expected = torch.tensor([cell_by_cell(one, other) for other in others])
    assert torch.allclose(found, expected, atol=1e-5)
    monkeypatch.setattr("experiments.warped.AT_ONCE", 3)  # parts, by their lengths
    both = nearness([others[2], one], others)
    assert torch.allclose(both[1], -expected, atol=1e-5)
    assert float(both[0, 2]) == pytest.approx(0, abs=1e-3)


def test_a_word_said_slowly_is_the_same_word() -> None:
    g = torch.Generator().manual_seed(0)
    word, other = (torch.randn(20, 4, generator=g).cumsum(dim=0) for _ in range(2))
    slow = word.repeat_interleave(2, dim=0)
    near, far = warped(word, torch.stack([slow, other.repeat_interleave(2, dim=0)]),
                       torch.tensor([40, 40])).tolist()  # fmt: skip
    assert near == pytest.approx(0, abs=1e-3)
    assert far > 0.5


def test_level_silence_and_rate_are_not_compared() -> None:
    time = torch.arange(16000) / 16000
    samples = 0.4 * torch.sin(2 * torch.pi * (300 + 900 * time) * time)
    plain = cepstra(Waveform.from_mono(samples, 16000))
    rows = torch.cat([torch.zeros(8000), 0.1 * samples, torch.zeros(4800)])
    later = cepstra(Waveform.from_mono(rows, 16000))
    assert abs(len(later) - len(plain)) <= 2  # the edges of a window
    higher = resample(samples, from_rate=16000, to_rate=44100)
    assert len(cepstra(Waveform.from_mono(higher, 44100))) == pytest.approx(len(plain), abs=1)
    assert torch.allclose(plain.mean(dim=0), torch.zeros(13), atol=1e-4)
    sizes = torch.tensor([len(later)])
    assert float(warped(plain, later[None], sizes)) < 0.3
    backwards = plain.flip(0)[None]
    assert float(warped(plain, backwards, torch.tensor([len(plain)]))) > 0.6
