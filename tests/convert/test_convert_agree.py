"""A draft and the cell that it was made of give the same verdicts, for right and for wrong answers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.drafting import drafted

SQUARES = """
def squares(n):
    if n < 1:
        raise ValueError("too small")
    return [i ** 2 for i in range(1, n + 1)]
"""
STUDENTS = {
    "right": SQUARES,
    "tuple": "def squares(n):\n    if n < 1: raise ValueError\n    return tuple(i * i for i in range(1, n + 1))",
    "array": "def squares(n):\n    if n < 1: raise ValueError\n    return np.arange(1, n + 1) ** 2",
    "floats": "def squares(n):\n    if n < 1: raise ValueError\n    return [float(i * i) for i in range(1, n + 1)]",
    "off by one": "def squares(n):\n    return [i ** 2 for i in range(n)]",
    "none": "def squares(n):\n    pass",
    "not implemented": "def squares(n):\n    raise NotImplementedError",
    "another error": "def squares(n):\n    raise TypeError('no')",
    "own error": "class ValueError(Exception): pass\ndef squares(n):\n    raise ValueError('mine')",
    "a subclass": "def squares(n):\n    if n < 1: 'x'.encode('ascii').decode('utf-16')\n    return int('x')",
    "constant": "def squares(n):\n    return [1]",
    "text": "def squares(n):\n    return 'squares'",
    "number": "def squares(n):\n    return n * n",
    "scalar": "def squares(n):\n    return np.float64(n * n)",
    "no function": "squares = 3",
    "missing": "",
}
CELLS = {
    "equal": "assert squares(1) == [1]\nassert squares(3) == [1, 4, 9]",
    "turned round": "assert [1, 4] == squares(2)",
    "named": "found = squares(3)\nwanted = [n * n for n in (1, 2, 3)]\nassert found == wanted, 'square them'",
    "length": "assert len(squares(4)) == 4",
    "element": "assert squares(2)[-1] == 4",
    "kind": "assert isinstance(squares(2), list)",
    "kinds": "assert all(isinstance(x, int) for x in squares(3))",
    "member": "assert 4 in squares(2) and 5 not in squares(2)",
    "sorted": "found = squares(5)\nassert found == sorted(found)",
    "none": "assert squares(2) is not None",
    "sum": "total = 0\nfor x in squares(3):\n    total += x\nassert total == 14",
    "loop": "for n, wanted in [(1, [1]), (2, [1, 4])]:\n    assert squares(n) == wanted, f'squares({n})'",
    "helper": "def claim(n, last):\n    assert squares(n)[-1] == last\nclaim(2, 4)\nclaim(3, 9)",
    "branch": "if squares(2) != [1, 4]:\n    raise AssertionError('wrong')",
    "mapped": "assert list(map(squares, [1, 2])) == [[1], [1, 4]]",
    "close": "assert np.allclose(squares(3), [1, 4, 9])",
    "isclose": "assert math.isclose(squares(1)[0], 1.0, rel_tol=1e-3)",
    "testing": "np.testing.assert_array_equal(squares(3), np.array([1, 4, 9]))",
    "testing turned": "np.testing.assert_allclose(np.array([1, 4]), squares(2), rtol=1e-5)",
    "raises": "try:\n    squares(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('did not raise')",
    "raises before": "try:\n    squares(0)\n    assert False, 'did not raise'\nexcept ValueError:\n    pass",
    "raises flag": "ok = False\ntry:\n    squares(0)\nexcept ValueError:\n    ok = True\nassert ok",
    "raises any": "try:\n    squares(0)\nexcept (TypeError, ValueError):\n    pass\nelse:\n    assert False",
    "raises testing": "from numpy.testing import assert_raises\nassert_raises(ValueError, squares, 0)",
    "raises pytest": "import pytest\nwith pytest.raises(ValueError):\n    squares(-1)",
    "raises case": "import unittest\ncase = unittest.TestCase()\nwith case.assertRaises(ValueError):\n    squares(0)",
    "case": "from unittest import TestCase\nTestCase().assertEqual(squares(2), [1, 4])",
    "case list": "from unittest import TestCase\nTestCase().assertListEqual(squares(2), [1, 4])",
    "case true": "from unittest import TestCase\nTestCase().assertTrue(squares(2))",
    "truth": "assert squares(2)",
    "any": "assert any(x > 3 for x in squares(2))",
    "called": "squares(2)",
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_draft_decides_as_its_cell_did(tmp_path, cell):
    """Each form of a test gives each of many right and wrong solutions the points that the cell gave it."""
    made = drafted(tmp_path, CELLS[cell], solution=SQUARES)
    assert not made.why, made.code
    found = {name: made.earned(code) for name, code in STUDENTS.items()}
    assert found == {name: made.original(code) for name, code in STUDENTS.items()}, made.code
    assert found["right"] == 1


@pytest.mark.parametrize("code", ["", "raise", "return None", "return 3"])
def test_hidden_tests_decide_all_points(tmp_path, code):
    """With hidden tests, what passes the visible ones alone earns nothing, and what passes all earns all."""
    cell = "assert twice(1) == 2\n### BEGIN HIDDEN TESTS\nassert twice(5) == 10\n### END HIDDEN TESTS"
    made = drafted(tmp_path, cell, solution="def twice(x):\n    return 2 * x", points=3)
    assert [check.kind for check in made.draft.checks] == ["public", "hidden"]
    assert made.earned("def twice(x):\n    return 2 * x") == 3
    assert made.earned("def twice(x):\n    return 2") == 0
    assert made.earned("def twice(x):\n    return 10 if x == 5 else 0") == 0
    body = code.replace("return", "return ") or "pass"
    assert made.earned(f"def twice(x):\n    {body}") == 0


# random cells over a function that answers by a table

NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 1.0, -2.0, 1e-12, 3.0000001]), st.booleans())
PLAIN = st.one_of(NUMBERS, st.none(), st.text("ab", max_size=2))
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner)), max_leaves=4
)
ARRAYS = st.one_of(
    st.lists(st.integers(-3, 3), min_size=1, max_size=3).map(lambda each: f"np.array({each})"),
    # not np.array(1.0): it leaves the kernel as the scalar np.float64(1.0) does
    st.sampled_from(["np.float64(1.0)", "np.int64(2)", "np.bool_(True)", "np.float32(0.5)"]),
)
ANSWERS = st.one_of(VALUES.map(repr), ARRAYS)
ERRORS = st.sampled_from(["ValueError('no')", "TypeError()", "KeyError(3)", "ZeroDivisionError()", "Exception('x')"])
CLAIMS = st.one_of(
    st.builds("assert f({0}) == {1!r}".format, st.integers(0, 2), VALUES),
    st.builds("assert {1!r} == f({0})".format, st.integers(0, 2), VALUES),
    st.builds("assert f({0}) != {1!r}".format, st.integers(0, 2), PLAIN),
    st.builds("assert f({0}) > {1}".format, st.integers(0, 2), st.integers(-2, 2)),
    st.builds("assert len(f({0})) == {1}".format, st.integers(0, 2), st.integers(0, 3)),
    st.builds("assert f({0})[0] == {1!r}".format, st.integers(0, 2), PLAIN),
    st.builds("assert f({0}) in {1!r}".format, st.integers(0, 2), st.lists(PLAIN, max_size=3)),
    st.builds("assert not f({0})".format, st.integers(0, 2)),
    st.builds("assert abs(f({0}) - {1}) < 0.6".format, st.integers(0, 2), st.integers(-2, 2)),
    st.builds("assert np.allclose(f({0}), {1!r})".format, st.integers(0, 2), NUMBERS),
    st.builds(
        "assert isinstance(f({0}), {1})".format, st.integers(0, 2), st.sampled_from(["int", "float", "(list, str)"])
    ),
    st.builds("x = f({0})\nassert x == {1!r} or x is None, 'words'".format, st.integers(0, 2), VALUES),
    st.builds("np.testing.assert_equal(f({0}), {1!r})".format, st.integers(0, 2), VALUES),
    st.builds(
        "try:\n    f({0})\nexcept {1}:\n    pass\nelse:\n    raise AssertionError".format,
        st.integers(0, 2),
        st.sampled_from(["ValueError", "LookupError", "(TypeError, ArithmeticError)", "Exception"]),
    ),
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A test cell, and the code of some students: one answers from a table, or raises."""
    cell = "\n".join(draw(st.lists(CLAIMS, min_size=1, max_size=3)))
    ends = st.one_of(ANSWERS.map("return {}".format), ANSWERS.map("return {}".format), ERRORS.map("raise {}".format))
    codes = []
    for _ in range(3):
        lines = [f"    if n == {n}: {draw(ends)}" for n in range(3)]
        codes.append("\n".join(["def f(n):", *lines]))
    return cell, codes


@settings(max_examples=40)
@given(stories())
def test_random_cells_and_their_drafts_agree(story):
    """For random asserts over random answers, a draft passes exactly where its cell passed."""
    cell, codes = story
    with tempfile.TemporaryDirectory() as folder:
        made = drafted(Path(folder), cell, solution="def f(n):\n    return n")
        assert not made.why
        for code in codes:
            assert made.earned(code) == made.original(code), f"{cell}\n\n{code}\n\n{made.code}"


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), VALUES), min_size=1, max_size=4), st.data())
def test_what_a_cell_wants_passes_and_a_change_of_it_does_not(wanted, data):
    """A student who answers what the cell states passes; one whose answer differs in one place does not."""
    table = dict(wanted)
    cell = "\n".join(f"assert f({n}) == {value!r}" for n, value in table.items())
    changed = data.draw(st.sampled_from(sorted(table)))
    other = data.draw(VALUES.filter(lambda value: value != table[changed]))
    with tempfile.TemporaryDirectory() as folder:
        made = drafted(Path(folder), cell, solution="def f(n):\n    return n")
        assert made.earned(f"def f(n):\n    return {table!r}[n]") == 1
        assert made.earned(f"def f(n):\n    return { ({**table, changed: other})!r}[n]") == 0
