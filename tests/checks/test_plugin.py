"""Graders run by pytest: what is collected, what breaks a rule, what becomes of each check."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from referee.answers.local import LocalSource
from referee.checks.plugin import Asked
from referee.checks.session import close_all, graders_for
from referee.errors import GraderError
from referee.report import CheckResult, Fault, Outcome

HEAD = '"""Checks."""\nimport pytest\nfrom referee.checks import assert_matches\n\n'
MARK = '@pytest.mark.check("c")\n'


@pytest.fixture(autouse=True)
def _no_session_stays():
    """Each test opens its own sessions."""
    yield
    close_all()


def asked(**names: Any) -> Asked:
    return Asked(LocalSource(names), len, "digits")


def grader(folder: Path, text: str, kind: str = "public", name: str = "mini") -> Path:
    path = folder / "graders" / kind / "week" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text)
    return path


def results(folder: Path, text: str, cell: str = "c", **names: Any) -> list[CheckResult]:
    return graders_for([grader(folder, text)], folder).run(cell, asked(**names))


FAILED_ITSELF = "the check itself failed"
BODIES = {
    "pass": ("return", Outcome.PASSED, None, ""),
    "assert with words": ("assert student['x'] == 2, 'it is not 2'", Outcome.FAILED, Fault.STUDENT, "it is not 2"),
    "assert": ("assert student['x'] == 2", Outcome.FAILED, Fault.STUDENT, "the claim does not hold"),
    "matches": ("assert_matches(student['x'], 2)", Outcome.FAILED, Fault.STUDENT, ""),
    "missing": ("student['y']", Outcome.FAILED, Fault.STUDENT, "`y` is not defined"),
    "library": (
        "import numpy as np; np.testing.assert_equal(1, 2)",
        Outcome.UNCHECKED,
        Fault.CHECK,
        "the check itself failed (AssertionError in mini.py, line 8); this costs no point",
    ),
    "error": ("1 / 0", Outcome.UNCHECKED, Fault.CHECK, f"{FAILED_ITSELF} (ZeroDivisionError in mini.py, line"),
    "exit": ("raise SystemExit(0)", Outcome.UNCHECKED, Fault.CHECK, f"{FAILED_ITSELF} (SystemExit in mini.py, line"),
    "skip": ("pytest.skip('no')", Outcome.UNCHECKED, Fault.CHECK, f"{FAILED_ITSELF} (Skipped in mini.py, line"),
    "xfail": ("pytest.xfail('no')", Outcome.UNCHECKED, Fault.CHECK, f"{FAILED_ITSELF} (XFailed in mini.py, line"),
}


@pytest.mark.parametrize(("body", "outcome", "fault", "words"), BODIES.values(), ids=BODIES)
def test_what_becomes_of_a_check(body, outcome, fault, words, tmp_path):
    """Each way in which a grader's function ends gives its verdict, with words that say it."""
    (result,) = results(tmp_path, f'{MARK}def test_it(student):\n    """It."""\n    {body}\n', x=1)
    assert (result.verdict.outcome, result.verdict.fault) == (outcome, fault)
    assert result.evidence.words.startswith(words)


FIXTURES = {
    "broken": ("1 / 0", Fault.CHECK, Outcome.UNCHECKED),
    "asks for what is missing": ("return student['y']", Fault.STUDENT, Outcome.FAILED),
    "skips": ("pytest.skip('no data')", Fault.CHECK, Outcome.UNCHECKED),
}


@pytest.mark.parametrize(("body", "fault", "outcome"), FIXTURES.values(), ids=FIXTURES)
def test_a_fixture_of_the_grader_ends_its_check_by_the_same_table(body, fault, outcome, tmp_path):
    """A fixture that fails is judged as the check itself would be: a missing answer is the student's fault."""
    text = f'@pytest.fixture\ndef given(student):\n    {body}\n\n{MARK}def test_it(given):\n    """It."""\n'
    (result,) = results(tmp_path, text, x=1)
    assert (result.verdict.outcome, result.verdict.fault) == (outcome, fault)


def test_an_error_after_the_check_is_the_checks_fault(tmp_path):
    """A check whose fixture fails when it is torn down has not passed."""
    text = f'@pytest.fixture\ndef given():\n    yield 1\n    1 / 0\n\n{MARK}def test_it(given):\n    """It."""\n'
    (result,) = results(tmp_path, text)
    assert result.verdict.fault is Fault.CHECK


BROKEN = {
    "syntax": ("def test_it(:\n", "a grader that loads: graders/public/week/mini.py"),
    "import": ("import not_a_module_at_all\n", "No module named 'not_a_module_at_all'"),
    "no mark": ('def test_it():\n    """It."""\n', 'one mark @pytest.mark.check("cell", weight=1) on mini.py: test_it'),
    "two marks": (f'{MARK}{MARK}def test_it():\n    """It."""\n', "[('c',), ('c',)]"),
    "no cell": ('@pytest.mark.check()\ndef test_it():\n    """It."""\n', "found:  [()]"),
    "unknown word": (
        '@pytest.mark.check("c", points=3)\ndef test_it():\n    """It."""\n',
        "one mark @pytest.mark.check",
    ),
    "no sentence": (f"{MARK}def test_it():\n    pass\n", "a docstring on mini.py: test_it: the line that the student"),
    "no weight": (
        '@pytest.mark.check("c", weight=0)\ndef test_it():\n    """It."""\n',
        "a positive weight on mini.py: test_it",
    ),
    "negative weight": (
        '@pytest.mark.check("c", weight=-1)\ndef test_it():\n    """It."""\n',
        "found:  -1",
    ),
    "unknown mark": (f'@pytest.mark.chekc("c")\n{MARK}def test_it():\n    """It."""\n', "chekc"),
    "module skips": ("pytest.skip('no', allow_module_level=True)\n", "graders"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_grader_that_breaks_a_rule_is_refused(text, words, tmp_path):
    """A grader that cannot be loaded, or whose mark, sentence or weight is wrong, is the author's to mend."""
    with pytest.raises(GraderError) as caught:
        results(tmp_path, text)
    assert words in str(caught.value)


def test_a_missing_sentence_as_the_author_reads_it(tmp_path):
    """The message names the file, the function and the next step."""
    with pytest.raises(GraderError) as caught:
        results(tmp_path, f"{MARK}def test_it():\n    pass\n")
    assert str(caught.value) == (
        "wanted: a docstring on mini.py: test_it: the line that the student reads\n"
        "found:  none\n"
        "next:   write one sentence"
    )


def test_a_grader_that_is_not_there_is_refused(tmp_path):
    """A path without a file is a grader that cannot be run."""
    with pytest.raises(GraderError, match=r"graders that pytest can run: no\.py"):
        graders_for([tmp_path / "no.py"], tmp_path)


def test_public_checks_run_before_hidden_ones_and_keep_their_weights(tmp_path):
    """Checks of a cell run in the order of the graders and their lines, with their weights and kinds."""
    public = grader(tmp_path, f'{MARK}def test_b():\n    """B."""\n\n{MARK}def test_a():\n    """A."""\n')
    hidden = grader(
        tmp_path,
        '@pytest.mark.check("c", weight=2.5)\ndef test_h():\n    """H.\n\n    More."""\n'
        '@pytest.mark.check("d")\ndef test_d():\n    """D."""\n',
        "hidden",
    )
    graders = graders_for([public, hidden], tmp_path)
    ran = graders.run("c", asked())
    assert [(each.name, each.sentence, each.weight, each.public) for each in ran] == [
        ("test_b", "B.", 1, True),
        ("test_a", "A.", 1, True),
        ("test_h", "H.", 2.5, False),
    ]
    assert [check.name for check in graders.checks] == ["test_b", "test_a", "test_h", "test_d"]
    assert graders.run("nothing", asked()) == []


def test_random_numbers_are_those_of_the_checks_own_seed(tmp_path):
    """`rng` is seeded by what the caller makes of the check's name: the same again, and another for another check."""
    text = "".join(
        f'{MARK}def test_{name}(student, rng):\n    """It."""\n    student.call("note", int(rng.integers(10**9)))\n'
        for name in ("a", "bb")
    )
    graders = graders_for([grader(tmp_path, text)], tmp_path)

    def draw(shift: int) -> tuple[list[int], list[int]]:
        seen: list[int] = []
        source = LocalSource({"note": seen.append})
        ran = graders.run("c", Asked(source, lambda check: len(check) + shift, "digits"))
        return seen, [result.seed for result in ran]

    first, again, other = draw(0), draw(0), draw(7)
    assert first == again
    assert first[1] == [len("c/test_a"), len("c/test_bb")]
    assert first[0][0] != first[0][1]
    assert set(first[0]).isdisjoint(other[0])


def test_data_is_the_name_that_was_given(tmp_path):
    """The fixture `data` is the data set of this grading."""
    (result,) = results(tmp_path, f'{MARK}def test_it(data):\n    """It."""\n    assert data == "digits"\n')
    assert result.verdict.passed


def test_graders_may_import_from_the_course_and_leave_nothing_behind(tmp_path):
    """A grader imports the course's modules and support files; afterwards all is as before."""
    (tmp_path / "truth_of_course.py").write_text("ANSWER = 42\n")
    (tmp_path / "solutions" / "week").mkdir(parents=True)
    (tmp_path / "solutions" / "week" / "beside_notebook.py").write_text("MORE = 1\n")
    text = (
        "import truth_of_course, beside_notebook\n"
        f'{MARK}def test_it():\n    """It."""\n    assert truth_of_course.ANSWER + beside_notebook.MORE == 43\n'
    )
    before = (list(sys.path), dict(os.environ))
    (result,) = results(tmp_path, text)
    assert result.verdict.passed
    assert list(sys.path) == before[0]
    assert {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} == {
        k: v for k, v in before[1].items() if k != "PYTEST_CURRENT_TEST"
    }
    assert {"truth_of_course", "beside_notebook"}.isdisjoint(sys.modules)
    assert not {name for name in sys.modules if name.split(".")[0] == "graders"}
    assert not list(tmp_path.rglob("__pycache__"))


def test_without_graders_nothing_is_collected(tmp_path, monkeypatch):
    """A notebook without graders has no checks, whatever tests lie in the current folder."""
    (tmp_path / "test_stray.py").write_text("raise RuntimeError('collected')\n")
    monkeypatch.chdir(tmp_path)
    graders = graders_for([], tmp_path)
    assert graders.checks == ()
    assert graders.run("c", asked()) == []


def test_settings_of_the_caller_do_not_reach_graders(tmp_path, monkeypatch):
    """Neither the environment's pytest options nor a conftest's options of the caller's folder change a check."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --collect-only")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (result,) = results(tmp_path, f'{MARK}def test_it():\n    """It."""\n')
    assert result.verdict.passed
