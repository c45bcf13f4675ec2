"""What a test cell inside a notebook said, said from outside its kernel: graders that `referee convert` drafts use it.

The verdict is the cell's own: Python's `==`, `np.allclose`, `assert_allclose` and so on, applied to what the kernel
answers. The words and pictures are those of `assert_matches`, which by itself is kinder: it takes a tuple for a list.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import msgspec
import numpy as np

from referee.answers.interface import Answer, Student, Value
from referee.checks.assertions import assert_matches
from referee.checks.patience import TooLong, patience
from referee.checks.signals import CheckFailed, NeedsPerson
from referee.errors import GraderError, RefereeError, StudentFault
from referee.report import Evidence, clip
from referee.sandbox.inside import Refusal

#: The weight of a check that shows students what the cell showed, where a hidden one decides the points.
SHOWN = 1e-9
#: An exception's class, or the name of one that only the student's kernel knows.
Kind: TypeAlias = "type[BaseException] | str | tuple[Kind, ...]"
_SPREAD = 2**22  # numbers
_RAISED = re.compile(r"it raised ([A-Za-z_]\w*)")
_MISSING = re.compile(r"`[^`]*` is not defined")
_NO_FUNCTION = re.compile(r"`[^`]*` is of type \w+, not a function")
_FUNCTIONS = "function|builtin_function_or_method|method|type|partial|ufunc|vectorize|_lru_cache_wrapper"
_CALLABLE = re.compile(rf"it is of type ({_FUNCTIONS})\b")
_WAITS = "it waits for input()"
#: What a check raises for reasons of its own, whatever the student answered.
_OWN = (RefereeError, Refusal, CheckFailed, NeedsPerson, ImportError, NameError, MemoryError, TooLong)


def from_cell(test: Callable[..., None]) -> Callable[..., None]:
    """A check in which everything that raises is a wrong answer, as in a test cell: `len` of None, say.

    What the check or the harness itself gets wrong stays what it is: a missing name or module of the grader's own.
    NumPy's scalars, which leave the kernel as arrays without axes, are scalars again, as they were in the cell.
    """

    @functools.wraps(test)
    def run(*, student: Student, **others: Any) -> None:
        try:
            with patience():
                test(student=_AsInCell(student), **others)
        except TooLong as error:
            raise CheckFailed(Evidence(words="the check had to compute for too long with the answer")) from error
        except _OWN:
            raise
        except AssertionError as error:
            said = clip(str(error), 600) if _raised_in(error, test) else ""
            raise CheckFailed(Evidence(words=said or "the claim does not hold")) from error
        except Exception as error:
            words = f"the answer is not of the kind that is wanted ({type(error).__name__})"
            raise CheckFailed(Evidence(words=words)) from error

    return run


class _AsInCell(Student):
    """A student's work whose single numbers are what they were in the kernel."""

    def __init__(self, student: Student) -> None:
        super().__init__(student._source)

    def __getitem__(self, name: str) -> Value:
        value: Value = _single(super().__getitem__(name))
        return value

    def outcome(self, name: str, /, *args: Value, **kwargs: Value) -> Answer:
        plain = {key: _python(value) for key, value in kwargs.items()}
        answer = super().outcome(name, *map(_python, args), **plain)
        return msgspec.structs.replace(answer, value=_single(answer.value))


def _single(value: Any) -> Any:
    """The value with NumPy's scalars in place of arrays without axes, at any depth."""
    if isinstance(value, np.ndarray):
        return value[()] if value.ndim == 0 else value
    if isinstance(value, list | tuple):
        return type(value)(map(_single, value))
    return {key: _single(each) for key, each in value.items()} if isinstance(value, dict) else value


def _python(value: Any) -> Any:
    """What is given, with Python's numbers in place of NumPy's scalars, which would arrive as arrays without axes."""
    if isinstance(value, np.float64 | np.int64 | np.bool_ | np.str_):
        return value.item()
    if type(value) in (list, tuple):
        return type(value)(map(_python, value))
    return {key: _python(each) for key, each in value.items()} if type(value) is dict else value


def assert_equal(actual: Value, expected: Any, *, what: str = "the answer", hint: str = "") -> None:
    """`actual == expected`, as Python has it: a tuple is no list, and 0.1 + 0.2 is not 0.3."""
    assert_by(operator.eq, actual, expected, what=what, hint=hint)


def assert_by(
    rule: Callable[..., Any],
    actual: Value,
    expected: Any,
    *args: Any,
    what: str = "the answer",
    hint: str = "",
    swapped: bool = False,
    **kwargs: Any,
) -> None:
    """The two agree by `rule`, a function of both that returns the verdict, or raises where they do not agree.

    swapped : the rule takes the expected value first.   args, kwargs : more of the rule's arguments, as its `rtol`.
    """
    first, second = (expected, actual) if swapped else (actual, expected)
    if _spreads(actual, expected):
        _differ(actual, expected, what, hint, {})
    try:
        verdict = rule(first, second, *args, **kwargs)
        holds = verdict is None or bool(verdict)
    except _OWN:
        raise
    except Exception:  # noqa: BLE001 - a rule may break at any answer; in a cell that was a failed test
        holds = False
    if not holds:
        _differ(actual, expected, what, hint, {name: kwargs.get(name, 0) for name in ("rtol", "atol")})


def _differ(actual: Value, expected: Any, what: str, hint: str, tolerance: dict[str, Any]) -> NoReturn:
    """Fail, in the words of `assert_matches` as far as that sees a difference."""
    try:
        assert_matches(actual, expected, what=what, hint=hint, **tolerance)
    except GraderError:  # what is expected is no plain data: a pytest.approx, a set
        raise CheckFailed(Evidence(words=f"{what}: it is not what is wanted", hint=hint)) from None
    found = f"right values, but in {_form(actual)}, where {_form(expected)} is wanted"
    words = "not exactly what is wanted" if _form(actual) == _form(expected) else found
    raise CheckFailed(Evidence(words=f"{what}: {words}", hint=hint))


def _spreads(actual: Value, expected: Any) -> bool:
    """Whether NumPy would spread two arrays into one far larger than both: (10⁶, 1) and (10⁶,), say."""
    if not isinstance(actual, np.ndarray) or not isinstance(expected, np.ndarray):
        return False
    try:
        size = math.prod(np.broadcast_shapes(actual.shape, expected.shape))
    except ValueError:
        return False
    return size > max(_SPREAD, actual.size, expected.size)


def _form(value: Any) -> str:
    names = {list: "a list", tuple: "a tuple", dict: "a dictionary", np.ndarray: "an array", bool: "a truth value"}
    return names.get(type(value), f"a value of type {type(value).__name__}")


class raises:
    """The block raises one of these errors, in the student's code or over what it answered.

    errors : classes, or names of those that only the kernel knows.   what : what is tried, in the student's words.

    >>> with raises(ValueError, what="squares(0)"):   # doctest: +SKIP
    ...     student.call("squares", 0)
    """

    def __init__(self, *errors: Kind, what: str = "the call", hint: str = "") -> None:
        self._errors, self._what, self._hint = errors, what, hint

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> bool:
        wanted = " or ".join(_names(self._errors))
        if error is None:
            words = f"{self._what}: no error was raised; {wanted} is wanted"
            raise CheckFailed(Evidence(words=words, hint=self._hint))
        if isinstance(error, StudentFault) and _MISSING.search(error.found):
            return False
        if _matches(error, self._errors):
            return True
        name = _name_of(error)
        if name is None:
            return False
        words = f"{self._what}: it raised {name}, where {wanted} is wanted"
        raise CheckFailed(Evidence(words=words, hint=self._hint, log=getattr(error, "log", ""))) from error


def raised(*errors: Kind) -> tuple[type[BaseException], ...]:
    """For `except raised(ValueError):` what that clause catches: the error on its way, if the student's code raised
    one of these, or the check did over an answer. No limit, dead kernel or failed harness is ever caught.
    """
    error = sys.exc_info()[1]
    return (type(error),) if error is not None and _matches(error, errors or (Exception,)) else ()


def is_function(student: Student, name: str) -> bool:
    """Whether the student's `name` is something that can be called, as far as the kernel says. Raises `StudentFault`
    where there is no such name.
    """
    try:
        student[name]
    except StudentFault as fault:
        if _MISSING.search(fault.found):
            raise
        return _CALLABLE.search(fault.found) is not None
    return False


def unfinished(what: str) -> NoReturn:
    """End a check that is still a draft: a person decides until somebody has finished it. It never passes."""
    raise NeedsPerson(Evidence(words=f"this check is a draft: {what}"))


def _raised_in(error: BaseException, test: Callable[..., None]) -> bool:
    """Whether the grader itself raised the error: a library's message may hold what is wanted."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == test.__code__.co_filename


def _matches(error: BaseException, errors: tuple[Kind, ...]) -> bool:
    """Whether an `except` of these errors would have caught this one, had it been raised in the cell."""
    if isinstance(error, StudentFault):
        name = _name_of(error) or _name_of_refusal(error)
        return name is not None and any(_is_kind(name, each) for each in _flat(errors))
    if isinstance(error, RefereeError | Refusal | NeedsPerson | TooLong):
        return False
    return any(isinstance(error, each) for each in _flat(errors) if isinstance(each, type))


def _name_of(error: BaseException) -> str | None:
    """The name of what the student's code raised; None where it raised nothing."""
    if not isinstance(error, StudentFault):
        return None if isinstance(error, RefereeError | Refusal | NeedsPerson | TooLong) else type(error).__name__
    if error.found.startswith(_WAITS):
        return "EOFError"
    found = _RAISED.match(error.found)
    return found[1] if found is not None else None


def _name_of_refusal(error: StudentFault) -> str | None:
    """What a cell would have raised over a name that is missing, or no function; None for an answer of no use."""
    if _MISSING.search(error.found):
        return "NameError"
    return "TypeError" if _NO_FUNCTION.search(error.found) else None


def _is_kind(name: str, wanted: type[BaseException] | str) -> bool:
    """Whether an error of this name is one of `wanted`, as far as that can be known outside the kernel."""
    if isinstance(wanted, str):
        return name == wanted
    found = getattr(builtins, name, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return issubclass(found, wanted)
    return wanted in (Exception, BaseException) or name in {each.__name__ for each in _family(wanted)}


def _family(wanted: type[BaseException]) -> Iterator[type[BaseException]]:
    """A class of errors and all that is known to be derived from it here."""
    yield wanted
    for each in type.__subclasses__(wanted):
        yield from _family(each)


def _flat(errors: tuple[Kind, ...]) -> Iterator[type[BaseException] | str]:
    for each in errors:
        if isinstance(each, tuple):
            yield from _flat(each)
        else:
            yield each


def _names(errors: tuple[Kind, ...]) -> list[str]:
    return [each if isinstance(each, str) else each.__name__ for each in _flat(errors)]
