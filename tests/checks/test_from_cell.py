"""What drafts of `referee convert` are made of: a test cell's own verdicts, said from outside its kernel."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from referee.answers.interface import Student
from referee.answers.local import LocalSource
from referee.checks import (
    CheckFailed,
    NeedsPerson,
    assert_by,
    assert_equal,
    from_cell,
    is_function,
    raised,
    raises,
    unfinished,
)
from referee.checks.patience import TooLong, patience
from referee.errors import GraderError, KernelDied, LimitReached, StudentFault
from referee.report import Evidence
from referee.sandbox.inside import Refusal


def student_of(code: str) -> Student:
    """A student whose notebook says this."""
    names: dict[str, Any] = {"np": np}
    exec(code, names)
    return Student(LocalSource(names))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [([1, 4], [1, 4]), (1.0, 1), (True, 1), ({"a": (1,)}, {"a": (1,)}), (np.float64(2), 2), ("a", "a"), (None, None)],
)
def test_equal_is_what_python_calls_equal(actual, expected):
    """What compares as equal in a cell passes."""
    assert_equal(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        ((1, 4), [1, 4], "the answer: right values, but in a tuple, where a list is wanted"),
        (np.array([1, 4]), [1, 4], "the answer: right values, but in an array, where a list is wanted"),
        (0.1 + 0.2, 0.3, "the answer: the value differs"),
        ([1, 5], [1, 4], "the answer: 1 of 2 values differ, the worst at [1]"),
        (None, 3, "the answer: nothing (None) where a number was wanted"),
        ("b", "a", "the answer: the text differs"),
        ([math.nan], [float("nan")], "the answer: not exactly what is wanted"),
        ([1], {1}, "the answer: it is not what is wanted"),
    ],
)
def test_what_differs_is_said_as_everywhere(actual, expected, words):
    """What a cell would not have taken fails, in the words of assert_matches where that sees the difference."""
    with pytest.raises(CheckFailed) as caught:
        assert_equal(actual, expected)
    assert caught.value.evidence.words == words


def test_a_rule_decides_by_value_or_by_raising():
    """A rule that returns its verdict and one that raises are both taken at their word, in their own order."""
    assert_by(np.allclose, [1.0, 2.0], 1.5, atol=0.6)
    assert_by(np.testing.assert_allclose, np.zeros(3), 0)
    assert_by(operator.gt, 2, 3, swapped=True)
    cases: list[tuple[Any, Any]]
    cases = [(np.allclose, [1.0, 2.2]), (np.testing.assert_allclose, [1.5]), (operator.lt, "text")]
    for rule, actual in cases:
        with pytest.raises(CheckFailed):
            assert_by(rule, actual, 1.0)


@pytest.mark.parametrize("rule", [np.allclose, operator.eq, np.testing.assert_array_equal])
def test_an_answer_is_not_spread_over_what_is_expected(rule):
    """A column where a row is wanted fails by its shape, before NumPy would make a table of both."""
    with pytest.raises(CheckFailed, match=r"shape \(100000, 1\) where \(100000,\) was wanted"):
        assert_by(rule, np.zeros((100_000, 1)), np.zeros(100_000))


FAULTS = "\n".join(
    [
        "def f(name):\n    raise {'v': ValueError, 'k': KeyError, 'u': UnicodeDecodeError}[name]('bad')",
        "def linear(): raise np.linalg.LinAlgError('singular')",
        "class Own(Exception): pass",
        "def own(): raise Own('x')",
        "def odd(): return object()",
        "def fine(): return 1",
        "three = 3",
    ]
)
UNFINISHED = NeedsPerson(Evidence(words="this check is a draft"))
CASES = [
    (ValueError, lambda student: student.call("f", "v"), True),
    (ValueError, lambda student: student.call("f", "k"), False),
    (LookupError, lambda student: student.call("f", "k"), True),
    ((TypeError, KeyError), lambda student: student.call("f", "k"), True),
    (Exception, lambda student: student.call("own"), True),
    ("Own", lambda student: student.call("own"), True),
    ("Other", lambda student: student.call("own"), False),
    (np.linalg.LinAlgError, lambda student: student.call("linear"), True),
    (ValueError, lambda student: student.call("linear"), True),  # derived from it, here as there
    (TypeError, lambda student: student.call("three"), True),
    (TypeError, lambda student: student.call("odd"), False),  # an answer of no use is no error that was raised
    (Exception, lambda student: student.call("odd"), False),
    (Exception, lambda student: student.call("missing"), False),
    (TypeError, lambda student: len(student.call("fine")), True),
    (ValueError, lambda student: student.call("fine"), False),
]


def try_it(errors: Any, asked: Any, student: Student) -> None:
    """Ask, and expect these errors."""
    with raises(errors, what="`f`"):
        asked(student)


@pytest.mark.parametrize(("errors", "asked", "passes"), CASES)
def test_raises_knows_what_the_students_code_raised(errors, asked, passes):
    """An error is recognised by its kind and those that it is derived from; all else fails."""
    student = student_of(FAULTS)
    if passes:
        try_it(errors, asked, student)
        return
    with pytest.raises((CheckFailed, StudentFault)):
        try_it(errors, asked, student)


def test_a_function_is_seen_and_nothing_else():
    """What can be called is a function; a value is none, and a name that is missing is said to be."""
    student = student_of(
        "import functools\ndef f(): pass\nclass C: pass\nx = 3\ng = functools.partial(f)\no = object()"
    )
    assert [is_function(student, name) for name in "fCgxo"] == [True, True, True, False, False]
    with pytest.raises(StudentFault, match="not defined"):
        is_function(student, "missing")


def test_raised_catches_as_the_cell_did():
    """`except raised(...)` catches the errors that `except` caught in the cell, missing names too, and no others."""
    student = student_of(FAULTS)
    caught = []
    for name, errors in (("own", Exception), ("missing", NameError), ("three", TypeError), ("linear", ValueError)):
        try:
            student.call(name)
        except raised(errors):
            caught.append(name)
    assert caught == ["own", "missing", "three", "linear"]
    with pytest.raises(StudentFault):
        swallow(lambda: student.call("own"), ValueError)


def swallow(asked: Any, *errors: Any) -> None:
    """What a cell's `try: ... except: pass` does."""
    try:
        asked()
    except raised(*errors):
        pass


def throw(error: Exception) -> None:
    """Raise an error."""
    raise error


@pytest.mark.parametrize("error", [LimitReached("a", "b"), KernelDied("a", "b"), UNFINISHED, GraderError("a", "b")])
def test_no_limit_or_harness_is_ever_caught(error):
    """Whatever a cell's own `except Exception` would swallow: limits, dead kernels and our own faults pass through."""
    with pytest.raises(type(error)):
        swallow(lambda: throw(error))
    with pytest.raises(type(error)):
        try_it(Exception, lambda _student: throw(error), student_of(""))


def check_of(body: Any) -> Any:
    """A check as a draft makes it."""

    def test(student):
        return body(student)

    return from_cell(test)


def test_what_an_answer_breaks_is_a_wrong_answer():
    """Where a cell would have raised over an answer, the check fails; its own mistakes stay its own."""
    student = student_of("def f(x): return None")
    with pytest.raises(CheckFailed, match="not of the kind"):
        check_of(lambda student: len(student.call("f", 1)))(student=student)
    with pytest.raises(NameError):
        check_of(lambda _student: undefined)(student=student)  # type: ignore[name-defined] # noqa: F821 - meant to be
    with pytest.raises(Refusal):
        check_of(lambda student: student.call("f", {1, 2}))(student=student)
    with pytest.raises(NeedsPerson):
        check_of(lambda _student: unfinished("x"))(student=student)


def test_a_plain_assert_of_the_grader_keeps_its_words():
    """The message of an assert in the draft is what the student reads; a library's may hold what is wanted."""

    def own(_student):
        raise AssertionError("think again")

    def librarys(student):
        np.testing.assert_equal(student["x"], 4)

    for body, words in ((own, "think again"), (librarys, "the claim does not hold")):
        with pytest.raises(CheckFailed) as caught:
            check_of(body)(student=student_of("x = 3"))
        assert caught.value.evidence.words == words


def test_numbers_are_what_they_were_in_the_kernel():
    """NumPy's scalars come back as scalars, at any depth, and go in as Python's numbers."""
    lines = ["x = np.float64(2)", "ys = [np.int64(1), (np.bool_(True),)]", "d = {'k': np.float32(1)}"]
    student = student_of("\n".join([*lines, "def kind(x): return type(x).__name__"]))

    def body(student):
        assert isinstance(student["x"], float)
        assert type(student["ys"][0]) is np.int64
        assert type(student["ys"][1]) is tuple
        assert {student["d"]["k"]: 1} == {np.float32(1): 1}
        assert [student.call("kind", np.float64(1)), student.call("kind", np.int64(1))] == ["float", "int"]
        assert student.call("kind", x=np.zeros(2)) == "ndarray"

    from_cell(body)(student=student)


def test_an_answer_cannot_make_a_check_loop_for_ever():
    """A check that computes too long over an answer ends, as a wrong answer; nothing is left for whoever comes next."""
    with pytest.raises(TooLong):
        loop(0.2)
    with patience(0.0):
        sum(range(10))
    assert sum(range(1000)) == 499500


def loop(seconds: float) -> None:
    """A loop without an end, with so much patience."""
    with patience(seconds):
        while True:
            pass
