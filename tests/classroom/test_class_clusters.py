"""Failures by cause: which cause a failure has, and that a student counts once in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.clusters import MOST, TITLE, Cause, anonymous, cause_of, clusters
from referee.report import CellRun, CellStatus, Exceeded, Fault, Outcome, Timings, Verdict
from tests.classroom.people import FAILED, OVER_LIMIT, PERSON, book, cell, report, result

BROKEN = CellRun(index=6, grade_id="train", status=CellStatus.RAISED, error="NameError", words="NameError: x")
ABOVE = "before it, cell 7 (train) did not end well: NameError: x"


def cause(verdict=FAILED, *, runs=(), exceeded=(), **evidence) -> Cause:
    made = book(cells=runs, timings=Timings(exceeded=exceeded))
    return cause_of(made, result(verdict, **evidence))


def test_a_recognised_misconception_is_the_cause():
    """Its name is the title, whatever else is known."""
    assert cause(words=f"it raised ValueError; {ABOVE}", misconception="not flipped") == (
        "misconception",
        "not flipped",
    )


def test_a_limit_is_named():
    """The limit that the notebook exceeded is the cause of a check that could not be answered."""
    over = (Exceeded(limit="question_seconds", allowed=10, used=11),)
    assert cause(OVER_LIMIT, words="the answer of `f`: too long", exceeded=over) == ("limit", "time of a question")


def test_a_limit_of_the_blamed_cell_is_named():
    """Where several limits were exceeded, that of the cell above the check counts."""
    over = (Exceeded(limit="memory_mb", allowed=1, used=2, cell=6), Exceeded(limit="cell_seconds", allowed=1, used=2))
    stopped = CellRun(index=6, grade_id="train", status=CellStatus.LIMIT)
    words = "`net` is not defined; before it, cell 7 (train) did not end well: too much memory"
    assert cause(words=words, runs=(stopped,), exceeded=over) == ("limit", "memory")


def test_a_limit_that_nobody_knows_is_told_in_words():
    """Without a record of which limit it was, the words of the check stand for it."""
    assert cause(OVER_LIMIT, words="`f`: an answer of 1,000 bytes") == ("limit", "…: an answer of N bytes")


@pytest.mark.parametrize("words", ["`f`: it raised ValueError: 3 is not 4", "`f` raised ValueError: bad"])
def test_an_error_of_the_students_function_is_its_type(words):
    """The type of the error is the cause, not its message."""
    assert cause(words=words) == ("error", "ValueError")


def test_an_error_of_a_broken_cell_is_its_type():
    """A check that failed because a cell above broke has that cell's error as its cause."""
    assert cause(words=f"`net` is not defined; {ABOVE}", runs=(BROKEN,)) == ("error", "NameError")


def test_a_cell_that_did_not_break_is_not_blamed():
    """Words of a student's that imitate ours blame no cell that ended well."""
    fine = CellRun(index=6, grade_id="train", status=CellStatus.OK)
    assert cause(words=f"`net` is not defined; {ABOVE}", runs=(fine,)) == ("words", "… is not defined")


def test_a_kernel_that_died_is_a_cause():
    """A cell that ended its kernel is what all checks below it failed for."""
    died = CellRun(index=6, grade_id="train", status=CellStatus.DIED, words="the kernel died")
    assert cause(words=f"no answer; {ABOVE}", runs=(died,)) == ("error", "the kernel died")


def test_a_wrong_shape_is_a_cause_but_for_its_sizes():
    """Inputs differ between students, and so do sizes; how many axes there are does not."""
    found = cause(words="the answer: right values, but shape (7, 1) where (7,) was wanted")
    assert found == ("shape", "shape (N, N) where (N,) was wanted")


def test_words_are_made_anonymous():
    """Numbers and quoted names do not set two failures apart."""
    one = cause(words="`f`: 3 of 12 values differ, the worst by -1.5e-3")
    assert one == cause(words="`g`: 1 of 1,009 values differ, the worst by 20")
    assert one == ("words", "…: N of N values differ, the worst by N")


def test_a_broken_cell_that_fails_five_checks_is_one_student():
    """One student with five failed checks of one cause counts once; each check says how many it concerns."""
    wrong = [result(FAILED, f"test_{i}", words=f"`x{i}` is not defined; {ABOVE}") for i in range(5)]
    other = [result(FAILED, "test_0", words=f"`x0` is not defined; {ABOVE}")]
    reports = [report("ada", book(cell(wrong), cells=(BROKEN,))), report("ben", book(cell(other), cells=(BROKEN,)))]
    (found,), places = clusters(reports)
    assert [each.student for each in found.students] == ["ada", "ben"]
    assert found.checks[0] == ("a · conv · test_0", 2)
    assert len(found.checks) == 5
    assert places == {"ada": (0,), "ben": (0,)}


def test_the_largest_cluster_comes_first():
    """Clusters stand by how many students they concern, then by name."""
    reports = [
        report("ada", book(cell([result(FAILED, words="it raised KeyError: 1")]))),
        report("ben", book(cell([result(FAILED, "test_b", words="it raised ValueError: 1")]))),
        report("cat", book(cell([result(FAILED, "test_b", words="it raised ValueError: 2")]))),
    ]
    assert [each.title for each in clusters(reports)[0]] == ["ValueError", "KeyError"]


def test_a_class_of_very_many_causes_is_bounded():
    """Where everybody raises an error of a name of their own, the smallest causes become one, with all its students."""
    reports = [
        report(f"s{i:03}", book(cell([result(FAILED, words=f"it raised Own{i:03}: x")]))) for i in range(MOST + 20)
    ]
    found, places = clusters(reports)
    assert len(found) == MOST
    assert (found[-1].kind, found[-1].title) == ("rest", "21 more causes, of few students each")
    assert len(found[-1].students) == 21
    assert found[-1].checks == (("a · conv · test_a", 21),)
    assert set(places) == {each.student for each in reports}
    assert len(clusters(reports[:MOST])[0]) == MOST


def test_what_needs_a_person_is_no_failure():
    """Neither a pass nor what a person decides is in a cluster."""
    ours = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
    reports = [report("ada", book(cell([result(PERSON), result(ours, "test_b")])))]
    assert clusters(reports) == ((), {})


def test_a_notebook_that_could_not_be_read_is_a_cause():
    """The reason is the title, without the name of the file and what to do; the example has all of it."""
    words = "mine.ipynb is an empty file; save the notebook and hand it in again"
    refused = book(refused=words, refused_by=Fault.STUDENT)
    (found,), _ = clusters([report("ada", refused)])
    assert (found.kind, found.title) == ("not read", "an empty file")
    assert found.example.words == words


def test_an_example_is_told_in_full():
    """The first student's failure stands there with its words, its hint and both values."""
    wrong = result(FAILED, words="w", hint="h", actual="1\n2", expected="3", misconception="m")
    example = clusters([report("ada", book(cell([wrong])))])[0][0].example
    assert (example.student, example.words, example.hint) == ("ada", "w", "h")
    assert (example.actual, example.expected) == ("1\n2", "3")


@given(st.text(max_size=200) | st.text("0123456789.,`'\"e+-_%", max_size=60))
def test_anonymous_words_are_bounded_and_hold_no_number(words):
    """Whatever a check said, its title is one short printable line; no digit stands apart from a name."""
    title = anonymous(words)
    assert 0 < len(title) <= TITLE * 3
    assert title.isprintable()
    assert anonymous(f"{words}") == title


def test_long_hostile_words_take_no_time():
    """Words made to keep a regular expression busy are cut first."""
    for piece in ("`", "'a", "shape (" + "1, ", "before it, cell 1", "9" * 50 + ","):
        assert cause(words=piece * 200_000).kind in ("words", "error", "shape")
