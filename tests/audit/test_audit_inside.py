"""What an attack can tell from the text of a test: the answers that it wants, in whatever form it asks."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.audit import inside
from referee.audit.attacks import ATTACKS, Known, first_cell


@pytest.fixture(autouse=True)
def shell():
    """IPython's shell, as far as the reading of tests needs it; the task asks for `f`, `g` and `x`."""
    before = inside.shell, inside.names
    inside.shell = SimpleNamespace(transform_cell=lambda text: text, user_ns={"ValueError": ValueError, "LIMIT": 3})
    inside.names = ("f", "g", "x")
    yield inside.shell
    inside.shell, inside.names = before


def passes(test: str) -> bool:
    """Whether a test passes when its names are bound to what was told from its text."""
    told = inside.Told()
    told.learn(test)
    space = {**inside.shell.user_ns, **{name: told.value(name) for name in inside.names}}
    inside.shell.user_ns = space
    try:
        exec(test, space)
    except Exception:  # noqa: BLE001 - whichever: the test does not pass
        return False
    return True


@pytest.mark.parametrize(
    "test",
    [
        "assert f(1) == 2",
        "assert 2 == f(1)",
        "assert f(1, key=[2]) == {'a': 1}",
        "assert x == [1, 2]",
        "assert f(x) == 7 and x == 3",
        "assert abs(f(2) - 1.4142) < 1e-3",
        "assert f(1) and not g(1)",
        "result = f(4)\nassert result == 'four'",
        "def assert_equal(a, b):\n    assert a == b\nassert_equal(f(1), (1, 2))",
        "import math\nassert math.isclose(f(3), 0.3333)",
        "try:\n    f(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError",
        "try:\n    y = f(-1)\n    assert False\nexcept (ValueError, TypeError):\n    pass",
        "assert f(LIMIT) == LIMIT * 2",
        "score = 0\nif f(1) == 5:\n    score += 1\nassert score == 1",
    ],
)
def test_the_answers_are_told_from_the_text(test):
    """Tests that compare with something that stands in them are passed without an answer."""
    assert passes(test)


@pytest.mark.parametrize("test", ["assert f(1) == f(2) + 1", "import random\nassert f(random.random()) is None + 1"])
def test_what_a_text_does_not_say_is_not_told(test):
    """A test that compares two answers, or asks for what is drawn while it runs, is not passed so."""
    assert not passes(test)


@given(
    st.dictionaries(
        st.integers(), st.one_of(st.integers(), st.text(), st.lists(st.floats(allow_nan=False, allow_infinity=False)))
    )
)
def test_any_table_of_literals_is_told(table):
    """Whatever literals a test compares with, its text gives them away."""
    inside.shell.user_ns = {}
    assert passes("\n".join(f"assert f({key!r}) == {value!r}" for key, value in table.items()))


def test_the_code_of_every_attack_is_a_program():
    """The first cell of each attack is Python, and says what a student knows: names, modules, no point and no test."""
    for attack in ATTACKS:
        text = first_cell(attack, Known(names=("f",), modules=("math",)), "7")
        compile(text, "cell", "exec")
        assert '{"names":["f"],"helpers":[],"modules":["math"],"nonce":"7"}' in text
        assert callable(getattr(inside, attack.name))
