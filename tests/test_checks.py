"""The one line of a claim, the one line of a check, and the slips that are recognised."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from avtutor.checks import check, claim, runner
from avtutor.checks.grading import Answer, compare, exercise


def test_a_claim_prints_one_stable_line(capsys: pytest.CaptureFixture[str]) -> None:
    claim("01.1", "it holds", True)
    claim("01.2", "it holds too", np.float64(3.0) > 2)
    claim("01.3", "so does a tensor", torch.tensor([1.0]).sum() == 1)
    claim("01.4", "it does not", 1 > 2)
    claim("01.5", "it is known not to", 1 > 2, miss="one is small")
    claim("01.6", "it was thought not to", 2 > 1, miss="two is small")
    assert capsys.readouterr().out.splitlines() == [
        "claim 01.1 · it holds · holds",
        "claim 01.2 · it holds too · holds",
        "claim 01.3 · so does a tensor · holds",
        "claim 01.4 · it does not · does not hold",
        "claim 01.5 · it is known not to · does not hold: one is small",
        "claim 01.6 · it was thought not to · holds (declared a miss)",
    ]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("1.2", "a", True), 'look like "01.2"'),
        (("01.2", "two\nlines", True), "one line"),
        (("01.2", " ", True), "one line"),
        (("01.2", "a · b", True), "without ' · '"),
        (("01.2", "a", 1.0), "one truth value"),
        (("01.2", "a", "yes"), "one truth value"),
        (("01.2", "a", torch.tensor([True, False])), "one truth value"),
        (("01.2", "a", torch.tensor(0.5)), "one truth value"),
        (("01.2", "a", np.array([True])), "one truth value"),
    ],
)
def test_a_wrong_claim_is_refused(arguments: tuple[Any, ...], phrase: str) -> None:
    with pytest.raises((ValueError, TypeError), match=phrase):
        claim(*arguments)


@pytest.fixture
def scale() -> Iterator[str]:
    """An exercise: three times the samples."""

    @exercise("99.scale")
    def grader(answer: Answer) -> str | None:
        samples = torch.tensor([1.0, -2.0, 4.0])
        return compare(answer(samples), samples * 3, slips={"you add three": samples + 3})

    yield "99.scale"
    del runner._GRADERS["99.scale"]


def in_place(samples: torch.Tensor) -> torch.Tensor:
    samples *= 3
    return samples


def fails_inside(samples: torch.Tensor) -> torch.Tensor:
    three = 3
    return samples[three + 2] * three


def stub(samples: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError


def not_for_half(samples: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("not implemented for 'Half'")


def forgets(samples: torch.Tensor) -> None:
    samples * 3


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (lambda samples: samples * 3, "[x] passed"),
        (stub, "[ ] not attempted"),
        (lambda samples: samples + 3, "[!] you add three"),
        (lambda samples: samples * 6, "[!] the result is 2 times too large"),
        (in_place, "[!] your function changes its input"),
        (fails_inside, "[!] your function stops with IndexError"),
        (fails_inside, "(line 3 of fails_inside: return samples[three + 2] * three)"),
        (not_for_half, "[!] your function stops with NotImplementedError: not implemented for"),
        (forgets, "[!] your function returns None: is a return missing?"),
        (lambda samples: samples * torch.nan, "[!] the result holds NaN"),
        (lambda samples: samples / 0, "[!] the result holds infinity"),
        (lambda samples: samples[:2], "[!] the result is one off in length"),
        (lambda samples: "three", "[!] the result must be a tensor of shape [3], got str"),
        (lambda samples: [1, "x"], "[!] the result must be a tensor of shape [3], got list"),
        (lambda samples: object(), "[!] the result must be a tensor of shape [3], got object"),
        (lambda: 3, "[!] your function stops with TypeError"),
        (lambda samples: 1 / 0, "[!] your function stops with ZeroDivisionError"),
    ],
)
def test_a_check_prints_one_line_and_never_raises(
    scale: str, function: Callable[..., Any], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check(scale, function)
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and line in out and err == ""


def test_a_changed_input_is_found_however_deep() -> None:
    def spoil(batch: dict[str, list[Any]]) -> int:
        batch["sounds"][0][0] = 5
        return 1

    for sound in (torch.zeros(2), torch.zeros(2, requires_grad=True) * 1, np.zeros(2), [0.0, 0.0]):
        with pytest.raises(runner.Slip, match="changes its input"):
            Answer(spoil)({"sounds": [sound]})
    kept = {"sounds": [torch.full((2,), torch.nan)], "seed": torch.Generator(), "name": "a"}
    assert Answer(lambda batch: 1)(kept) == 1


@pytest.mark.bad_input
def test_a_result_instead_of_the_function_is_named(
    scale: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check(scale, torch.ones(3))  # type: ignore[arg-type]
    assert "without calling it; got Tensor" in capsys.readouterr().out


def test_a_grader_that_stumbles_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    @exercise("99.stumble")
    def grader(answer: Answer) -> str | None:
        return str(answer().shape)

    check("99.stumble", lambda: 3)
    del runner._GRADERS["99.stumble"]
    assert capsys.readouterr().out.startswith("[!] the check cannot read what your function")


def test_an_unknown_exercise_is_an_error_of_the_lesson() -> None:
    with pytest.raises(ValueError, match="no exercise '98.nothing'; lesson 98 has: none"):
        check("98.nothing", print)
    with pytest.raises(ValueError, match='look like "01.quantise"'):
        check("quantise", print)


RISING = torch.tensor([[1.0, 2.0, 4.0], [0.0, 3.0, 7.0], [5.0, 1.0, 2.0]])
WAVE = torch.tensor([1 + 2j, -3 + 1j])


@pytest.mark.parametrize(
    ("got", "expected", "phrase"),
    [
        (RISING * 2, RISING, "2 times too large"),
        (RISING / 10, RISING, "10 times too small"),
        (-RISING, RISING, "wrong sign"),
        (-2 * RISING, RISING, "wrong sign, and is 2 times"),
        (RISING**2, RISING, "squared"),
        (RISING.sqrt(), RISING, "square root"),
        (RISING.T, RISING, "last two axes swapped"),
        (RISING[:2].T, RISING[:2], "last two axes swapped"),
        (RISING.flip(-1), RISING, "backwards"),
        (RISING + 5, RISING, "off by +5"),
        (RISING[None], RISING, "axis of length 1"),
        (RISING[:, :2], RISING, "one off"),
        (RISING.flatten(), RISING, "must have shape [3, 3], got [9]"),
        (RISING.numpy(), RISING, "must be a torch.Tensor, got ndarray"),
        (RISING + 0j, RISING, "must be real"),
        (WAVE.conj(), WAVE, "conjugate"),
        (WAVE.real, WAVE, "differs most"),
        (None, RISING, "got NoneType"),
        ({"a": 1}, 3.0, "must be one number, got dict"),
        (3.0, 5.0, "must be 5, got 3"),
        (10.0, 5.0, "2 times too large"),
        (0.0, 5.0, "must be 5, got 0"),
        (False, True, "must be True, got False"),
        (torch.zeros(3, 3), RISING, "differs most at [1, 2]: 7 is right, got 0"),
    ],
)
def test_compare_names_the_slip(got: Any, expected: Any, phrase: str) -> None:
    diagnosis = compare(got, expected)
    assert diagnosis is not None and phrase in diagnosis


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (RISING * (1 + 1e-6), RISING),
        (RISING.double(), RISING),
        (RISING.clone().requires_grad_(), RISING),
        (5, 5.0),
        (np.float32(5), 5.0),
        (torch.tensor(5.0), 5.0),
        ([1, 2], (1.0, 2.0)),
        (np.bool_(True), True),
        (torch.tensor([0.0, 1e-7]), torch.zeros(2)),
        (torch.tensor([torch.inf, 1.0]), torch.tensor([torch.inf, 1.0])),
    ],
)
def test_compare_lets_a_right_answer_through(got: Any, expected: Any) -> None:
    assert compare(got, expected) is None


def test_compare_looks_at_dtype_only_when_asked() -> None:
    assert compare(RISING.double(), RISING) is None
    said = compare(RISING.double(), RISING, same_dtype=True)
    assert said == "the result must have dtype torch.float32, got torch.float64"


def test_a_slip_of_the_exercise_comes_before_the_general_ones() -> None:
    assert compare(RISING * 2, RISING, slips={"two channels": RISING * 2}) == "two channels"
