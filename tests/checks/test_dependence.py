"""What a check's conclusion depends on: enough that no change is missed, and not so much that all is repeated."""

import pytest

from referee.checks.dependence import digests

GRADER = '''"""Checks."""
import numpy as np
import pytest

from reference import truth

FLOOR = 0.9
ROOM = 2 * FLOOR
OTHER = 3


def helper(value):
    """Adds."""
    return value + ROOM


@pytest.fixture
def image(rng):
    return rng.normal(size=3)


@pytest.mark.check("a", weight=2)
def test_a(student):
    """A."""
    assert helper(student["x"]) > 1


@pytest.mark.check("b")
def test_b(student, image):
    """B."""
    assert student["y"] == truth.VALUE


@pytest.mark.check("c")
def test_c(student):
    """C."""
    assert student["z"] == OTHER
'''
MODULES = {"reference": "1"}


def changed(old: str, new: str, modules: dict[str, str] = MODULES) -> set[str]:
    """The checks that depend on something else after a change of the text or of modules."""
    assert old in GRADER
    before, after = digests(GRADER.encode(), MODULES), digests(GRADER.replace(old, new).encode(), modules)
    return {name for name in after if before.get(name) != after[name]}


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        ("> 1", "> 2", {"test_a"}),
        ("FLOOR = 0.9", "FLOOR = 0.8", {"test_a"}),
        ("return value + ROOM", "return value - ROOM", {"test_a"}),
        ("size=3", "size=4", {"test_a", "test_b", "test_c"}),  # a fixture may be for everybody
        ("OTHER = 3", "OTHER = 4", {"test_c"}),
        ("import numpy as np", "import numpy as np\nnp.seterr(all='raise')", {"test_a", "test_b", "test_c"}),
        ("from reference import truth", "from reference import lies as truth", {"test_b"}),
        ('assert student["z"] == OTHER', 'assert student["z"] == globals()["FLOOR"]', {"test_c"}),
        ("(student, image)", "(student, image, rng)", {"test_b"}),
        ('"""A."""', '"""Another sentence."""', set()),
        ("weight=2", "weight=3", set()),
        ("OTHER = 3", "OTHER = 3  # why", set()),
        ('"""Adds."""', '"""Adds what is missing."""', set()),
        ("    assert helper", "\n    assert helper", set()),
        ("OTHER = 3", "OTHER = 3\nUNUSED = 4", set()),
    ],
)
def test_what_a_change_concerns(old, new, checks):
    """A change concerns the checks that reach it by name, through constants, helpers, fixtures; words concern none."""
    assert changed(old, new) == checks


def test_whoever_looks_at_everything_depends_on_everything():
    """A check that reads its module's names at run time depends on all of them."""
    curious = GRADER.replace('assert student["z"] == OTHER', 'assert student["z"] in globals().values()')
    before = digests(curious.encode(), MODULES)["test_c"]
    assert digests(curious.replace("FLOOR = 0.9", "FLOOR = 0.8").encode(), MODULES)["test_c"] != before
    assert digests(curious.encode(), {"reference": "2"})["test_c"] != before


@pytest.mark.parametrize(
    ("modules", "checks"),
    [
        ({"reference": "2"}, {"test_b"}),
        ({**MODULES, "unused": "1"}, set()),
        ({**MODULES, "conftest": "1"}, {"test_a", "test_b", "test_c"}),
    ],
)
def test_modules_of_the_course(modules, checks):
    """A module concerns the checks that import it, and pytest's own files concern all."""
    assert changed("OTHER = 3", "OTHER = 3", modules) == checks


def test_an_import_within_a_function_counts():
    """A check that imports a module of the course itself depends on it."""
    text = GRADER.replace('assert student["z"] == OTHER', "from reference import truth\n    assert truth.VALUE")
    assert digests(text.encode(), MODULES)["test_c"] != digests(text.encode(), {"reference": "2"})["test_c"]


def test_what_is_no_python_has_no_checks():
    """A grader that does not parse says nothing; loading it says why."""
    assert digests(b"def (", {}) == {}
    assert digests(b"\x00", {}) == {}


def test_calibrations_concern_the_checks_that_ask_for_them():
    """A new measurement of the reference concerns the checks that name the fixture, directly or through a helper."""
    text = (
        b"@pytest.mark.check('c')\ndef test_direct(student, calibration):\n    calibration('a')\n\n"
        b"@pytest.mark.check('c')\ndef test_other(student):\n    assert student['x']\n"
    )
    before, after = (digests(text, {"calibration": value}) for value in ("1", "2"))
    assert before["test_direct"] != after["test_direct"]
    assert before["test_other"] == after["test_other"]
