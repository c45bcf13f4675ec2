"""Trials are read as they are written, and one that breaks a rule says which."""

import pytest

from referee.errors import CourseError
from referee.verify import trials

GOOD = '''"""Adds it to itself."""
# expect: full marks
# %% double_solution
def double(x):
    return x + x
'''


@pytest.fixture
def exercise(mini):
    """The only exercise of the small course, and a function that writes one of its trials."""
    (only,) = mini.course.exercises()
    return only, lambda name, text: mini.write(f"trials/week/mini/{name}", text)


def test_a_trial(exercise):
    """The docstring is its sentence, the header what is expected, and each part the source of a cell."""
    only, write = exercise
    write("addition.py", GOOD)
    (trial,) = trials.of_exercise(only)
    assert (trial.name, trial.kind, trial.sentence) == ("addition", "alternative", "Adds it to itself.")
    assert trial.cells == {"double_solution": "def double(x):\n    return x + x"}


def test_kinds(exercise):
    """Misconceptions are expected by name, several at once; a wrong one only loses points."""
    only, write = exercise
    expected = "# expect: misconception squared\n# expect: misconception off by one"
    write("a.py", GOOD.replace("# expect: full marks", expected))
    write("b.py", GOOD.replace("full marks", "loses points"))
    first, second = trials.of_exercise(only)
    assert (first.kind, first.misconceptions) == ("misconception", ("squared", "off by one"))
    assert (second.kind, second.misconceptions) == ("wrong", ())


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"""Adds it to itself."""\n', "", "full marks"),
        ("# expect: full marks\n", "", "nothing of that kind"),
        ("full marks", "everything", "everything"),
        ("full marks", "full marks\n# expect: loses points", "full marks, loses points"),
        ("double_solution", "double", "double"),
        ("# %% double_solution\n", "", "none"),
        ('"""Adds it to itself."""', "'''Adds", "line 1"),
        ("def double(x):", "def double(x)", "expected ':'"),
        ("# %% double", "#%% double", "'#%% double_solution'"),
        ("# expect:", "# Expect:", "nearly"),
        ("def double(x):", "x = 1\n# %% double_solution\ndef double(x):", "more than once"),
        ('"""Adds it to itself."""', "x = " + "-" * 100_000 + "1", "Error"),
        ("x + x", "-" * 100_000 + "x", "rror"),
        ("return x + x", "return x + x" + "#" * 1_000_000, "bytes"),
        ("return", "\0return", "null"),
    ],
)
def test_broken_rules(exercise, old, new, found):
    """What a trial says wrongly, or does not say, is named."""
    only, write = exercise
    write("broken.py", GOOD.replace(old, new))
    with pytest.raises(CourseError) as error:
        trials.of_exercise(only)
    assert found in error.value.found
    assert "broken.py" in error.value.wanted


def test_equivalents(exercise):
    """An explained variant has a cell, a line before and after, and a reason."""
    only, write = exercise
    table = '[[equivalent]]\ncell = "double_solution"\nbefore = "a"\nafter = "b"\nreason = "{}"\n'
    write("equivalent.toml", table.format("the same"))
    (found,) = trials.equivalents(only)
    assert (found.cell, found.before, found.after, found.reason) == ("double_solution", "a", "b", "the same")
    for text in (table.format(" "), "[[equivalent]]\ncell = 1\n", "equivalent = ", "[[equal]]\n"):
        write("equivalent.toml", text)
        with pytest.raises(CourseError, match=r"equivalent\.toml"):
            trials.equivalents(only)


def test_misconceptions_of_a_grader(tmp_path):
    """The names that a grader can say are read from its text, whichever kind of misconception it is."""
    grader = tmp_path / "grader.py"
    grader.write_text(
        'Misconception("a", "hint", 1)\nchecks.StructureMisconception(name="b", hint="", layers=[])\nf("c")\n'
    )
    assert trials.misconceptions_of([grader]) == {"a", "b"}
