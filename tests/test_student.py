"""The check inside a student's notebook: it never raises, and says what `referee check` says."""

import builtins
import re
import subprocess
import sys
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from referee import student
from referee.answers.local import LocalSource
from referee.checks.plugin import Asked
from referee.checks.session import close_all, graders_for
from referee.errors import UsageError
from referee.pictures import Curves, Heat
from referee.report import Outcome
from referee.student import Shown, exercise, find, remark, run_public

HEAD = "import pytest\nfrom referee.checks import assert_matches\nfrom referee.checks.signals import NeedsPerson\n"
HEAD += "from referee.report import Evidence\n\n"


def check_of(name: str, **names: Any) -> Any:
    """The `check` function as a notebook with these names would make it."""
    namespace = {"__builtins__": builtins, "exercise": exercise, **names}
    exec(f"check = exercise({name!r})", namespace)
    return namespace["check"]


@pytest.fixture(autouse=True)
def _outside_pytest(monkeypatch):
    """Marks as a notebook knows them: where no pytest runs, none is registered and none refused."""
    monkeypatch.setattr(pytest.mark, "_config", None)


@pytest.fixture
def released(mini, monkeypatch):
    """The released exercise's folder, as the current one."""
    folder = mini.release()
    monkeypatch.chdir(folder)
    return folder


def test_nbgrader_does_not_take_it_for_a_right_answer(released, monkeypatch):
    """Under `nbgrader autograde`, to which a silent cell is a right answer, a check says what grades it."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(UsageError, match="grade this assignment with `referee grade`"):
        check_of("week/mini", double=lambda x: 2 * x)("double")


def test_the_check_sees_the_callers_names(released):
    """What the notebook has defined is what is checked, at the time of the check."""
    namespace: dict[str, Any] = {"exercise": exercise}
    exec('check = exercise("week/mini")', namespace)
    exec("def double(x): return x * x", namespace)
    assert not namespace["check"]("double").results[0].verdict.passed
    exec("def double(x): return 2 * x", namespace)
    assert namespace["check"]("double").results[0].verdict.passed


def test_a_pass_names_what_is_decided_later(released):
    """A passed public check still says that hidden ones follow."""
    shown = check_of("week/mini", double=lambda x: 2 * x)("double")
    assert "Your double makes 6 of 3." in repr(shown)
    assert repr(shown).endswith("Its 4 points are decided after submission, by this and one more check.")


def test_a_notebook_and_a_terminal_show_the_same_words(released, monkeypatch):
    """A notebook gets one style for all checks; IPython in a terminal gets colours and its width."""
    shown = check_of("week/mini", double=lambda x: x)("double")
    many = Shown([*shown.results] * 3, "one\n<two>")
    page = many._repr_html_()
    assert (page.count("<style>"), page.count("Your double makes 6 of 3."), page.count("one\n&lt;two&gt;")) == (1, 3, 1)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "44")
    coloured = pretty(many)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert max(map(len, plain.splitlines())) <= 44
    assert plain.split() == repr(many).split()
    monkeypatch.setenv("NO_COLOR", "1")
    assert pretty(many) == repr(many)


def test_pictures_are_shown_in_the_notebook(tmp_path):
    """What a check fails with is drawn in the student's own notebook, as on a page."""
    path = tmp_path / "g.py"
    body = "    student.history('h')\n    assert_matches(student['x'], [[1, 2], [3, 4]])\n"
    path.write_text(HEAD + '@pytest.mark.check("c")\ndef test_it(student):\n    """It."""\n' + body, encoding="utf-8")
    results = run_public(path, "c", {"x": [[1, 2], [3, 5]], "h": {"loss": [1.0, 0.5]}})
    assert [type(picture) for picture in results[0].evidence.pictures] == [Heat, Curves]
    assert Shown(results, "")._repr_html_().count("<svg") == 2


def test_a_missing_name_is_said(released):
    """A function that is not defined yet is a failed check in words."""
    assert "`double` is not defined" in repr(check_of("week/mini")("double"))


ENDS = {
    "pass": "return",
    "assert": "assert student['x'] == 2, 'it is not 2'",
    "matches": "assert_matches(student['x'], 2)",
    "missing": "student['nothing']",
    "raises": "student.call('fail')",
    "not callable": "student.call('x')",
    "set": "student['odd']",
    "person": "raise NeedsPerson(Evidence(words='look at it'))",
    "library": "import numpy as np; np.testing.assert_equal(1, 2)",
    "error": "1 / 0",
    "skip": "pytest.skip('no')",
    "exit": "raise SystemExit(3)",
    "import": "import not_a_module_at_all",
}


@pytest.mark.parametrize("body", ENDS.values(), ids=ENDS)
def test_the_verdict_and_words_are_those_of_the_grader_run_by_pytest(body, tmp_path):
    """However a public check ends, its verdict, words, hint and sentence are the same as in `referee check`."""
    path = tmp_path / "public" / "mini.py"
    path.parent.mkdir()
    path.write_text(f'{HEAD}@pytest.mark.check("c", weight=2)\ndef test_it(student):\n    """It."""\n    {body}\n')

    def fail() -> None:
        raise ValueError("boom")

    names = {"x": 1, "odd": {1}, "fail": fail}
    asked = Asked(LocalSource(names), lambda _check: 0, "digits")
    (theirs,) = graders_for([path], tmp_path).run("c", asked)
    close_all()
    (ours,) = run_public(path, "c", names)
    for field in ("check", "name", "sentence", "weight", "public", "verdict"):
        assert getattr(ours, field) == getattr(theirs, field), field
    for field in ("words", "hint", "actual", "misconception", "table"):
        assert getattr(ours.evidence, field) == getattr(theirs.evidence, field), field


BROKEN = {
    "syntax": "def test(:",
    "import": "import not_a_module_at_all",
    "error": "1 / 0",
    "exit": "raise SystemExit(1)",
    "skip": "import pytest\npytest.skip('no', allow_module_level=True)",
    "importorskip": "import pytest\npytest.importorskip('not_a_module_at_all')",
    "own fixture": 'import pytest\n@pytest.mark.check("double")\ndef test_it(mine):\n    """It."""',
    "no docstring": 'import pytest\n@pytest.mark.check("double")\ndef test_it(student):\n    1 / 0',
    "odd mark": 'import pytest\n@pytest.mark.check("double", weight="x")\ndef test_it():\n    """It."""',
    "a class": 'import pytest\n@pytest.mark.check("double")\nclass test_it:\n    """It."""',
    "not UTF-8": None,
    "missing": "",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_check_never_raises(kind, released):
    """Whatever is wrong with the grader that came along, the student gets words and never an exception."""
    path = released / "checks" / "mini.py"
    path.write_bytes(b"\xff\xfe" if BROKEN[kind] is None else BROKEN[kind].encode())  # type: ignore[union-attr]
    if kind == "missing":
        path.unlink()
    shown = check_of("week/mini", double=lambda x: x)("double")
    assert isinstance(shown, Shown)
    assert repr(shown).strip()
    assert shown._repr_html_()
    assert not any(result.verdict.passed and kind != "a class" for result in shown.results)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "null", "{", '{"mini": 3}', '{"mini": {"double": {"points": "x"}}}', "\0"]
)
def test_a_broken_manifest_is_no_exception(manifest, released):
    """A manifest that somebody edited costs the remark at most."""
    (released / "checks" / "manifest.json").write_text(manifest)
    assert repr(check_of("week/mini", double=lambda x: x)("double")).strip()


@pytest.mark.parametrize("cell", ["", "no such check", "../mini", 3, None, ["double"], "x" * 10_000, "\ud800"])
def test_a_weird_name_of_a_check_is_no_exception(cell, released):
    """A name that is no check's is answered in words."""
    assert repr(check_of("week/mini")(cell))


@pytest.mark.parametrize("name", ["", "mini", "a/b/c", "week/../../x", None, 3, "week/\0"])
def test_a_weird_name_of_an_exercise_is_no_exception(name, released):
    """A name that is no exercise's is answered in words when something is checked."""
    assert repr(check_of(name)("double"))


def test_an_unknown_check_as_a_student_reads_it(released):
    """The message names the checks that there are."""
    assert repr(check_of("week/mini")("dubble")) == (
        "This check cannot run here.\nwanted: one of the checks double\nfound:  'dubble'"
    )


def test_a_lost_folder_as_a_student_reads_it(tmp_path, monkeypatch):
    """A notebook without its checks is told where they belong; the folder's path is in one piece, however long."""
    folder = tmp_path / ("a-very-long-name-" * 8)
    folder.mkdir()
    monkeypatch.chdir(folder)
    said = repr(check_of("week/mini")("double"))
    assert str(folder) in said
    assert " ".join(said.split()) == (
        "This check cannot run here. wanted: the folder `checks` that came with week/mini "
        f"found: none at {folder} or above "
        "next: keep the notebook in the folder that you downloaded, with everything in it"
    )


def test_a_student_may_stop_a_check(tmp_path):
    """A keyboard interrupt is the student's own, and stops the check."""
    path = tmp_path / "g.py"
    path.write_text(f'{HEAD}@pytest.mark.check("c")\ndef test_it():\n    """It."""\n    raise KeyboardInterrupt\n')
    with pytest.raises(KeyboardInterrupt):
        run_public(path, "c", {})


def test_html_is_escaped(released):
    """Nothing of the student's or of a message becomes markup in the notebook."""
    evil = "<script>alert(1)</script>"

    def double(_x: Any) -> None:
        raise ValueError(evil)

    shown = check_of("week/mini", double=double)("double")
    assert "<script>" not in shown._repr_html_()
    assert "&lt;script&gt;" in shown._repr_html_()
    assert "<script>" not in Shown([], f"{evil}\n& more")._repr_html_()
    assert "&amp; more" in Shown([], "a\n& more")._repr_html_()
    assert "<script>" not in check_of(evil)(evil)._repr_html_()


def test_random_numbers_are_the_same_each_time(tmp_path):
    """A student who runs a check twice is asked the same."""
    path = tmp_path / "g.py"
    path.write_text(
        f'{HEAD}@pytest.mark.check("c")\ndef test_it(student, rng):\n    """It."""\n'
        '    student.call("note", int(rng.integers(10**9)))\n'
    )
    seen: list[int] = []
    for _ in range(2):
        run_public(path, "c", {"note": seen.append})
    assert seen[0] == seen[1]


def test_checks_are_found_in_the_course_too(mini, monkeypatch):
    """The author, who has no `checks` folder, gets the course's public grader."""
    grader, manifest = find("week/mini", mini.solution.parent)
    assert (grader, manifest) == (mini.root / "graders" / "public" / "week" / "mini.py", {})
    monkeypatch.chdir(mini.solution.parent)
    assert check_of("week/mini", double=lambda x: 2 * x)("double").results[0].verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("known", "checked", "words"),
    [
        ({}, True, ""),
        ({}, False, "There is nothing to check here."),
        ({"points": 2.5, "hidden": 1, "public": 0}, False, "Its 2.5 points are only checked after submission."),
        ({"points": 2, "hidden": 0, "public": 1}, True, ""),
        ({"points": 2, "hidden": 3}, True, "Its 2 points are decided after submission, by this and 3 more checks."),
        ({"points": 2, "person": True}, False, "Its 2 points are given by a person, after submission."),
    ],
)
def test_what_is_said_about_points_that_are_decided_later(known, checked, words):
    """The remark says whether a cell's points depend on hidden checks or on a person."""
    assert remark(known, checked) == words


def test_no_files_are_written(released):
    """Checking leaves no compiled file beside the grader."""
    before = sorted(released.rglob("*"))
    check_of("week/mini", double=lambda x: x)("double")
    assert sorted(released.rglob("*")) == before


def test_a_students_session_imports_little():
    """Importing `exercise` pulls in neither papermill nor nbgrader nor a framework."""
    program = "import sys; from referee import exercise; print([n for n in sys.argv[1:] if n in sys.modules])"
    heavy = ["pytest", "papermill", "nbclient", "nbgrader", "tensorflow", "torch", "keras"]
    done = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_find_grader_prefers_the_notebooks_own(tmp_path):
    """A grader for one framework goes before the shared one."""
    (tmp_path / "net.py").touch()
    assert student.find_grader(tmp_path, "net_keras") == tmp_path / "net.py"
    (tmp_path / "net_keras.py").touch()
    assert student.find_grader(tmp_path, "net_keras") == tmp_path / "net_keras.py"
    assert student.find_grader(tmp_path, "other") is None


def test_a_misspelt_notebook_is_said(released):
    """A name that was never handed out is answered with those that were."""
    assert "one of the notebooks mini" in repr(check_of("week/minni")("double"))
