"""What a draft says: which forms are translated to what, what is copied, and what is left to a person."""

from __future__ import annotations

import ast

import pytest

from referee.report import Outcome
from tests.convert.drafting import drafted, outcomes, pairs

SOLUTION = """
def mean(values):
    if not len(values):
        raise ValueError("no values")
    return sum(values) / len(values)

def largest(values):
    return max(values)

def uses_scale(x):
    return scale * x

scale = 3
answer = 42
names = {"a": [1, 2]}

class Stack:
    def push(self, x): self.items = [x]

class Empty(Exception):
    pass

def pop():
    raise Empty

def adder(n):
    return lambda m: n + m
"""
TRANSLATED = pairs("forms.txt")
BY_HAND = pairs("by_hand.txt")


@pytest.mark.parametrize("test", TRANSLATED)
def test_forms_are_translated(tmp_path, test):
    """Each form of a test becomes the check that says the same, with its comments, and nothing is left to do."""
    made = drafted(tmp_path, test, solution=SOLUTION)
    assert not made.why
    code = made.code
    ast.parse(code)
    said = "\n".join(line.removeprefix("    ") for line in code.split("\n"))
    assert "".join(TRANSLATED[test].split()) in "".join(said.replace(",\n)", ")").split())
    assert made.earned(SOLUTION) == 1
    assert made.earned("") == 0


@pytest.mark.parametrize("test", BY_HAND)
def test_what_cannot_be_asked_is_left_to_a_person(tmp_path, test):
    """Such lines stand in the draft as comments, with the reason, and nobody passes: not even the solution."""
    made = drafted(tmp_path, test, solution=SOLUTION)
    assert BY_HAND[test] in made.why
    for each in (each for check in made.draft.checks for each in check.unfinished):
        assert each.lines in test
        assert all(line.strip() in made.code for line in each.lines.split("\n"))
    assert Outcome.PASSED not in outcomes(made.results(SOLUTION))
    assert Outcome.PERSON in outcomes(made.results(SOLUTION))
    assert made.earned(SOLUTION) is None


def test_what_is_translated_still_fails_wrong_work(tmp_path):
    """A draft that is half done fails whoever fails its finished half, and leaves the others to a person."""
    made = drafted(tmp_path, "assert mean.__doc__\nassert mean([1]) == 1", solution=SOLUTION)
    assert made.earned(SOLUTION) is None
    assert made.earned("def mean(values): return 7") == 0


def test_lines_after_a_change_of_the_kernel_are_left_as_well(tmp_path):
    """Once lines that change the student's names are left out, what they would have changed is not asked."""
    made = drafted(tmp_path, "old = largest\nlargest = None\nassert mean([1]) == 1", solution=SOLUTION)
    assert "after lines that change it" in made.why
    assert "student." not in made.code


GIVEN = '''
import math
X = np.array([1.0, 2.0])
X[0] = 5
Y = X * 2
np.random.seed(3)
noise = np.random.normal(size=2)
def reference(values):
    """The truth."""
    return math.fsum(values) / len(values)
def close(function, values):
    got = function(values)
    assert abs(got - reference(values)) < 1e-9, "not close"
def asks(n):
    return mean([n, n])
theirs = 3
'''


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ("assert mean(X) == 3.5", ["X = np.array([1.0, 2.0])", "X[0] = 5", 'student.call("mean", X)']),
        ("assert mean(Y) == 7", ["X[0] = 5", "Y = X * 2"]),
        ("assert mean([2, 4]) == reference([2, 4])", ['"""The truth."""', "import math"]),
        ("close(mean, [2, 4])", ['close(partial(student.call, "mean"), [2, 4])']),
        ("assert asks(2) == 2", ['    def asks(n):\n        return student.call("mean", [n, n])', "asks(2)"]),
        ("assert np.allclose(mean(noise), noise.mean())", ["np.random.seed(3)\n    noise ="]),
    ],
)
def test_what_the_author_locked_is_copied(tmp_path, test, wanted):
    """Data and functions of locked cells go into the grader: expected values never come out of the kernel."""
    made = drafted(tmp_path, test, solution=SOLUTION, given=GIVEN)
    assert not made.why
    whole = "\n".join([*made.draft.imports["public"], *made.draft.helpers["public"].values(), made.code])
    assert all(part in whole for part in wanted)
    assert made.earned(SOLUTION) == 1
    assert made.earned("def mean(values): return -1.5") == 0


@pytest.mark.parametrize(
    ("given", "test", "why"),
    [
        ("noise = np.random.normal(size=2)", "assert mean(noise) == noise.mean()", "sets no seed"),
        ("data = np.load('data.npy')", "assert mean(data) == 2", "the file 'data.npy'"),
        ("from helpers import truth", "assert mean([1]) == truth([1])", "lies beside the notebook"),
        ("wanted = mean([1, 2])", "assert mean([2, 1]) == wanted", "no expectation"),
    ],
)
def test_what_cannot_be_copied_is_said(tmp_path, given, test, why):
    """Unseeded numbers, files beside the notebook, and values that the student's code makes are no expectations."""
    for name in ("data.npy", "helpers.py"):
        (tmp_path / name).touch()
    assert why in drafted(tmp_path, test, solution=SOLUTION, given=given).why


def test_a_students_copy_of_the_authors_data_changes_nothing(tmp_path):
    """Who overwrites the author's data in the kernel is still compared with the author's."""
    made = drafted(tmp_path, "assert mean(X) == reference(X)", solution=SOLUTION, given=GIVEN)
    assert made.earned("X = np.zeros(2)\ndef reference(x): return 0\ndef mean(values): return 0") == 0


SCORE = """
xs = [2, 4]
score = 0
if mean(xs) == 3:
    score += 1
try:
    assert largest(xs) == 4
    score = score + 0.5
except Exception:
    print("no")
score
"""
HIDDEN = """
### BEGIN HIDDEN TESTS
assert mean([17]) == 17
assert largest([18]) > 4
try:
    mean([])
except ValueError:
    pass
else:
    assert False
### END HIDDEN TESTS
"""
OWN = """
def assert_equal(a, b):
    assert a == b
assert_equal(mean([1]), 1)
raises = mean([2])
assert raises == 2
"""


def test_partial_credit_becomes_checks_with_weights(tmp_path):
    """A sum of points is as many checks: each with its own weight, the shared lines before it, and its own verdict."""
    made = drafted(tmp_path, SCORE, solution=SOLUTION, points=1.5)
    assert [check.code.count("xs = [2, 4]") for check in made.draft.checks] == [1, 1]
    assert made.earned(SOLUTION) == 1.5
    assert made.earned("def mean(values): return 3\ndef largest(values): return 0") == 1
    assert made.earned("def mean(values): return 0\ndef largest(values): return 4") == 0.5
    assert made.earned("") == 0


def test_hidden_words_hold_no_inputs(tmp_path):
    """What a hidden check says to a student names the function, and not what it is given."""
    made = drafted(tmp_path, HIDDEN, solution=SOLUTION)
    assert [check.kind for check in made.draft.checks] == ["hidden"]
    for wrong in ("", "def mean(values): return 1", "def mean(values): return 17", SOLUTION.replace("max", "min")):
        for result in made.results(wrong):
            assert "17" not in result.sentence + result.evidence.words + result.evidence.hint
            assert "18" not in result.sentence + result.evidence.words + result.evidence.hint


def test_a_name_that_the_notebook_uses_is_left_to_it(tmp_path):
    """Where a cell has an `assert_equal` or a `raises` of its own, the grader's go by other names."""
    made = drafted(tmp_path, OWN, solution=SOLUTION)
    assert made.draft.uses["public"] >= {"assert_equal as referee_assert_equal"}
    assert made.earned(SOLUTION) == 1
    assert made.earned("def mean(values): return 1") == 0
