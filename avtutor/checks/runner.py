"""Run an exercise's grader on the learner's function, and say in one line how it went."""

import importlib
import re
import traceback
from collections.abc import Callable
from types import CodeType
from typing import Any, TypeAlias

import numpy as np
import torch

Grader: TypeAlias = Callable[["Answer"], str | None]

_GRADERS: dict[str, Grader] = {}
_LONGEST = 400


class NotAttempted(Exception):
    """The learner's function still holds only ``raise NotImplementedError``."""


class Slip(Exception):
    """What went wrong in the learner's function, in words for the learner."""


class Answer:
    """The learner's function, as a grader calls it.

    It takes the same arguments. An exception in it, a changed input and a forgotten ``return``
    end the check with their own line, so that a grader only looks at the result.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.name = getattr(function, "__name__", "your function")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        before = _snapshot((args, kwargs))
        try:
            result = self._function(*args, **kwargs)
        except NotImplementedError as error:
            if error.args:
                raise Slip(_explain(error, self._function)) from error
            raise NotAttempted from error
        except Exception as error:
            raise Slip(_explain(error, self._function)) from error
        if not _same(before, (args, kwargs)):
            raise Slip(
                "your function changes its input: work on a copy, or without in-place operations "
                "such as +="
            )
        if result is None:
            raise Slip("your function returns None: is a return missing?")
        return result


def exercise(exercise_id: str) -> Callable[[Grader], Grader]:
    """Register the grader of one exercise, such as ``"01.quantise"``.

    A grader takes the :class:`Answer` and returns None, or a diagnosis in one line.
    """
    _check_id(exercise_id)

    def register(grader: Grader) -> Grader:
        _GRADERS[exercise_id] = grader
        return grader

    return register


def check(exercise_id: str, function: Callable[..., Any]) -> None:
    """Check an exercise and print one line: not attempted, passed, or what looks wrong.

    A wrong answer never raises.

    Args:
        exercise_id: lesson and name, such as ``"01.quantise"``.
        function: the function itself, not its result.
    Raises:
        ValueError: if there is no such exercise.
    """
    print(verdict(exercise_id, function))


def verdict(exercise_id: str, function: Callable[..., Any]) -> str:
    """Return the line that :func:`check` prints."""
    grader = _find(exercise_id)
    if not callable(function):
        return (
            f"[!] give check the function itself, without calling it; got "
            f"{type(function).__name__}"
        )
    try:
        diagnosis = grader(Answer(function))
    except NotAttempted:
        return "[ ] not attempted"
    except Slip as slip:
        diagnosis = str(slip)
    except Exception as error:  # the result has a form that the grader did not foresee
        diagnosis = (
            f"the check cannot read what your function returns ({type(error).__name__}: {error}): "
            "compare its type and shape with what the exercise asks for"
        )
    if diagnosis is None:
        return "[x] passed"
    line = " ".join(diagnosis.split())
    return f"[!] {line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}"


def _check_id(exercise_id: str) -> None:
    if not re.fullmatch(r"\d\d\.[a-z][a-z0-9_]*", exercise_id):
        raise ValueError(f'an exercise id must look like "01.quantise", got {exercise_id!r}')


def _find(exercise_id: str) -> Grader:
    _check_id(exercise_id)
    module = f"avtutor.checks.lesson_{exercise_id[:2]}"
    if exercise_id not in _GRADERS:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
    if exercise_id not in _GRADERS:
        known = sorted(name for name in _GRADERS if name[:2] == exercise_id[:2])
        raise ValueError(
            f"no exercise {exercise_id!r}; lesson {exercise_id[:2]} has: {', '.join(known) or 'none'}"
        )
    return _GRADERS[exercise_id]


def _explain(error: Exception, function: Callable[..., Any]) -> str:
    """Name the exception and the line of the learner's function that it came from."""
    code = getattr(function, "__code__", None)
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if isinstance(code, CodeType) and frame.filename == code.co_filename and frame.lineno:
            inside = frame.lineno - code.co_firstlineno + 1
            where = f" (line {inside} of {function.__name__}"
            where += f": {frame.line})" if frame.line else ")"
    said = " ".join(str(error).split())
    said = said if len(said) <= 200 else said[:199] + "…"
    return f"your function stops with {type(error).__name__}: {said}{where}"


def _snapshot(value: Any) -> Any:
    """Copy what can be changed in place and compared: tensors, arrays, lists, dicts."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return [_snapshot(item) for item in value]
    if isinstance(value, dict):
        return {key: _snapshot(item) for key, item in value.items()}
    return value


def _same(before: Any, after: Any) -> bool:
    """Compare arguments deeply; NaN equals NaN, and what cannot be compared passes."""
    if isinstance(before, torch.Tensor):
        return (
            isinstance(after, torch.Tensor)
            and before.shape == after.shape
            and before.dtype == after.dtype
            and torch.equal(torch.nan_to_num(before), torch.nan_to_num(after))
        )
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and bool(np.array_equal(before, after))
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(_same(before[k], after[k]) for k in before)
    if isinstance(before, str | int | float | complex | bool | bytes):
        return bool(before == after) or before != before
    return True
