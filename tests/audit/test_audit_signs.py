"""Signs of attacks in handed-in programs: each planted one is found at its line, honest programs give none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.audit.attacks import ATTACKS, Known, first_cell
from referee.audit.signs import LONGEST, Found, signs_of
from tests.audit import courses


@pytest.mark.parametrize("name", courses.ATTACKS)
def test_each_planted_attack_gives_its_sign(name):
    """What a student might write is found where it stands."""
    source, line, sign = courses.ATTACKS[name]
    assert Found(line, sign) in signs_of(source)


@pytest.mark.parametrize("name", courses.HONEST)
def test_honest_programs_give_no_sign(name):
    """Ordinary work, magics, comparisons and module settings among it, is nothing to look at."""
    assert signs_of(courses.HONEST[name]) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_audits_own_attacks_give_signs(attack):
    """The code by which the audit attacks is itself seen through, though it is a text that is executed."""
    assert {"takes hold of IPython", "looks at the code that calls it"} <= {
        found.sign for found in signs_of(first_cell(attack, Known(names=("f",)), "7"))
    }


@pytest.mark.parametrize(
    ("source", "sign"),
    [
        ("import numpy\nvars(numpy)['allclose'] = print", "replaces what tests compare with"),
        ("import numpy as n\nn.__dict__['allclose'] = print", "replaces what tests compare with"),
        ("import sys\nsys.modules['numpy'] = 1", "replaces what tests compare with"),
        ("from unittest import mock\nmock.patch('numpy.allclose')", "replaces what tests compare with"),
        ("class A:\n    __eq__ = lambda self, other: 1", "equals everything"),
        ("A = type('A', (), {'__eq__': print})", "equals everything"),
        ("class A:\n    @property\n    def __class__(self):\n        return int", "lies about its type"),
        ("__import__('os')._exit(0)", "ends the kernel"),
        ("raise SystemExit", "ends the kernel"),
        ("import gc\ngc.get_objects()", "looks through the memory"),
        ("getattr(frame, 'f_back')", "looks at the code that calls it"),
        ("getattr(os, '_ex' + 'it')(0)", "ends the kernel"),
        ("_ih[-1]", "reads the cells that ran"),
        ("!cat kinds.ipynb", "names a notebook file"),
        ("eval(input())", "runs text that is made while it runs"),
        ("%time\n" * 8_000, "has more magics than can be looked at"),
        ("x = 1\n" * LONGEST, f"is longer than the {LONGEST:,} characters that are looked at"),
    ],
)
def test_other_ways_to_the_same(source, sign):
    """Detours to an attack give the same sign."""
    assert sign in {found.sign for found in signs_of(source)}


@given(st.text(max_size=200))
def test_no_text_breaks_the_search(text):
    """Whatever stands in a cell, the search ends with lines that the cell has."""
    assert all(1 <= found.line <= max(1, text.count("\n") + 1) for found in signs_of(text))


@pytest.mark.parametrize("source", ["(" * 10_000, "a" + ".a" * 20_000, "-" * 20_000 + "1", "x = [" * 5_000, "\0"])
def test_programs_nested_too_deeply_break_nothing(source):
    """What CPython's own parser gives up on is no program that would run, and gives no sign."""
    assert signs_of(source) == []


LINES = ["x = 1", "print('words')", "y = [i for i in range(3)]", "%matplotlib inline", "# get_ipython()"]


@given(st.lists(st.sampled_from(LINES)), st.sampled_from(sorted(courses.ATTACKS)), st.lists(st.sampled_from(LINES)))
def test_an_attack_is_found_wherever_it_stands(before, name, after):
    """Honest lines before and after an attack neither hide it nor move it."""
    source, line, sign = courses.ATTACKS[name]
    if source.startswith("%%"):
        before = []
    found = signs_of("\n".join([*before, source, *after]))
    assert Found(len(before) + line, sign) in found
    assert {each.line for each in found} <= set(range(len(before) + 1, len(before) + source.count("\n") + 2))


def test_the_courses_own_solutions_give_no_sign():
    """Real notebooks, with networks, drawings and files, have nothing to look at."""
    found = {
        (path.name, sign.sign)
        for path in (Path(__file__).parents[2] / "solutions").rglob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        for sign in signs_of("".join(cell["source"]))
    }
    assert found == set()
