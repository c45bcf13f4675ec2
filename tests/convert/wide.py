"""A notebook with one test cell for each kind of test that courses have."""

from __future__ import annotations

from nbformat import NotebookNode

from tests.convert.drafting import NUMPY, code_cell, notebook

GIVEN = '''
X_test = np.array([[1.0, 2.0], [3.0, 4.0]])
y_test = X_test.sum(axis=1)
LIMITS = []
LIMITS.append(3)

def reference_mean(values):
    """What is wanted."""
    return sum(values) / len(values)

def check_close(function, value, wanted):
    got = function(value)
    assert abs(got - wanted) < 1e-6, f"got {got}"

def says_no(function, *values):
    try:
        function(*values)
    except ValueError:
        return True
    return False
'''
SOLVE = """
def mean(values):
    ### BEGIN SOLUTION
    if not len(values):
        raise ValueError("no values")
    return sum(values) / len(values)
    ### END SOLUTION

def row_sums(matrix):
    ### BEGIN SOLUTION
    return matrix.sum(axis=1)
    ### END SOLUTION

def is_even(n):
    ### BEGIN SOLUTION
    return n % 2 == 0
    ### END SOLUTION

class Stack:
    ### BEGIN SOLUTION
    def __init__(self):
        self.items = []
    ### END SOLUTION
    pass

def sort_it(values):
    ### BEGIN SOLUTION
    values.sort()
    ### END SOLUTION
"""
VALUES = """
### BEGIN SOLUTION
answer = 42
words = {"a": 1, "b": [1, 2]}
### END SOLUTION
"""
#: By name: whether all of the cell is translated, and the cell.
TESTS = {
    "values": (
        True,
        """
# one value
assert answer == 42, "think of a number"   # the number
assert words["b"] == [1, 2]
assert isinstance(answer, int)
assert answer is not None
""",
    ),
    "numbers": (
        True,
        '''
"""The mean of some numbers."""
from numpy.testing import assert_allclose, assert_raises
import numpy.testing as npt
assert np.isclose(mean([1, 2, 3]), 2)
assert_allclose(mean(X_test[0]), 1.5, rtol=1e-5)
npt.assert_almost_equal(2.0, mean([1.0, 3.0]), decimal=3)
assert_raises(ValueError, mean, [])
### BEGIN HIDDEN TESTS
for values in ([5, 7], (1.0, 2.5), np.arange(10)):
    assert math.isclose(mean(values), reference_mean(values)), "the mean of numbers"
check_close(mean, [2, 4], 3)
assert says_no(mean, [])
### END HIDDEN TESTS
''',
    ),
    "rows": (
        True,
        """
np.testing.assert_array_equal(row_sums(X_test), y_test)
result = row_sums(np.ones((2, 3)))
assert result.shape == (2,)
assert result.dtype == np.float64
assert np.all(result == 3) and (result == 3).all()
assert len(result) == LIMITS[0] - 1
""",
    ),
    "even": (
        True,
        """
assert callable(is_even)
assert all(is_even(n) for n in [2, 4])
assert not is_even(3)
assert list(map(is_even, [1, 2])) == [False, True]
""",
    ),
    "partial": (
        True,
        """
score = 0
if mean([2, 4]) == 3:
    score += 1
try:
    assert is_even(2)
    assert not is_even(5)
    score += 0.5
except Exception:
    print("no")
### BEGIN HIDDEN TESTS
if mean([1]) == 1: score += 0.5
### END HIDDEN TESTS
score
""",
    ),
    "case": (
        True,
        """
import unittest
tc = unittest.TestCase()
tc.assertEqual(mean([2]), 2)
tc.assertTrue(is_even(4))
with tc.assertRaises(ValueError):
    mean([])
raised = False
try:
    mean([])
except ValueError as e:
    raised = True
assert raised, "must raise"
if mean([4]) != 4:
    raise AssertionError("wrong")
def helper(n, wanted):
    assert is_even(n) == wanted
helper(2, True)
helper(3, False)
""",
    ),
    "stack": (False, "s = Stack()\nassert s.items == []\nassert is_even(2)"),
    "in_place": (False, "xs = [3, 1, 2]\nsort_it(xs)\nassert xs == [1, 2, 3]"),
    "printed": (False, "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    mean([1])"),
    "magic": (False, "%matplotlib inline\nassert is_even(2)"),
    "both": (False, "assert mean([1, 2]) == mean([2, 1])"),
}


def wide() -> NotebookNode:
    """The author's notebook."""
    tests = [code_cell(text, name, "test", 2) for name, (_, text) in TESTS.items()]
    answers = [code_cell(SOLVE, "solve", "answer"), code_cell(VALUES, "variables", "answer")]
    return notebook(code_cell(NUMPY), code_cell(GIVEN, "given", "locked"), *answers, *tests)
