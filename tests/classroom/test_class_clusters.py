"""Failures by cause: which cause a failure has, and that a student counts once in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referee.classroom.clusters import MOST, TITLE, Cause, anonymous, cause_of, clusters, died
from referee.report import PASSED, CellRun, CellStatus, Exceeded, Fault, Outcome, Timings, Verdict
from tests.classroom.people import FAILED, OVER_LIMIT, PERSON, book, cell, report, result

BROKEN = CellRun(index=6, grade_id="train", status=CellStatus.RAISED, error="NameError", words="NameError: x")
ABOVE = "before it, cell 7 (train) did not end well: NameError: x"
DEAD = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.STUDENT)


def cause(verdict=FAILED, *, runs=(), exceeded=(), **evidence) -> Cause:
    made = book(cells=runs, timings=Timings(exceeded=exceeded))
    return cause_of(made, result(verdict, **evidence))


def test_a_recognised_misconception_is_the_cause():
    """Its name is the title, whatever else is known."""
    found = cause(words=f"it raised ValueError; {ABOVE}", misconception="not flipped")
    assert found == Cause("misconception", "not flipped")


def test_a_limit_is_named():
    """The limit that the notebook exceeded is the cause of a check that could not be answered."""
    over = (Exceeded(limit="question_seconds", allowed=10, used=11),)
    assert cause(OVER_LIMIT, words="the answer of `f`: too long", exceeded=over) == Cause("limit", "time of a question")


def test_a_limit_of_the_blamed_cell_is_named():
    """Where several limits were exceeded, that of the cell above the check counts."""
    over = (Exceeded(limit="memory_mb", allowed=1, used=2, cell=6), Exceeded(limit="cell_seconds", allowed=1, used=2))
    stopped = CellRun(index=6, grade_id="train", status=CellStatus.LIMIT)
    words = "`net` is not defined; before it, cell 7 (train) did not end well: too much memory"
    assert cause(words=words, runs=(stopped,), exceeded=over) == Cause("limit", "memory")


def test_a_limit_that_nobody_knows_is_told_in_words():
    """Without a record of which limit it was, the words of the check stand for it."""
    assert cause(OVER_LIMIT, words="`f`: an answer of 1,000 bytes") == Cause("limit", "…: an answer of N bytes")


@pytest.mark.parametrize("words", ["`f`: it raised ValueError: 3 is not 4", "`f` raised ValueError: bad"])
def test_an_error_of_the_students_function_is_its_type(words):
    """The type of the error is the cause, not its message."""
    assert cause(words=words) == Cause("error", "ValueError", "a · conv")


def test_an_error_of_a_broken_cell_is_its_type():
    """A check that failed because a cell above broke has that cell's error as its cause."""
    assert cause(words=f"`net` is not defined; {ABOVE}", runs=(BROKEN,)) == Cause("error", "NameError", "a · train")


def test_a_cell_that_did_not_break_is_not_blamed():
    """Words of a student's that imitate ours blame no cell that ended well."""
    fine = CellRun(index=6, grade_id="train", status=CellStatus.OK)
    assert cause(words=f"`net` is not defined; {ABOVE}", runs=(fine,)) == Cause("words", "… is not defined", "a · conv")


def test_a_kernel_that_died_is_a_cause():
    """A cell that ended its kernel is what all checks below it failed for."""
    ended = CellRun(index=6, grade_id="train", status=CellStatus.DIED, words="the kernel died")
    assert cause(words=f"no answer; {ABOVE}", runs=(ended,)) == Cause("died", "the kernel died")


def test_a_kernel_that_died_is_one_cause():
    """Whatever each check asked of the dead kernel, and in whichever cell, it is one cause with one student each."""
    asked = ("the value of `x`: the kernel has died", f"what `f` returns: the kernel has died; {ABOVE}")
    made = [cell([result(DEAD, words=words, check=f"c{i}")], name=f"c{i}") for i, words in enumerate(asked)]
    (found,), _ = clusters([report("ada", book(*made), book(*made, name="b"))])
    assert (found.kind, found.title, len(found.students), found.lost) == ("died", "the kernel died", 1, 4)


def test_a_kernel_that_was_ended_says_why():
    """A kernel that we had to end is a cause by the reason, in one for all cells."""
    flood = "what `f` returns: the kernel was ended: it sent more than 1,000 messages instead of an answer"
    assert cause(DEAD, words=flood).title == "the kernel was ended: it sent more than N messages instead of an answer"
    assert cause(DEAD, words=flood).where == ""


def test_only_a_kernel_dies():
    """An error that says that the kernel has died ended nothing; a dead kernel is told from cells or from checks."""
    words = "`f` raised ValueError: the kernel has died"
    assert cause(words=words).title == "ValueError"
    assert not died(book(cell([result(FAILED, words=words)])))
    assert died(book(cell([result(DEAD, words="the value of `x`: the kernel has died")])))
    assert died(book(cells=(CellRun(index=6, grade_id="", status=CellStatus.DIED),)))


@pytest.mark.parametrize(
    "words", ["the answer: 3 of 4 values differ", "`f` raised ValueError: 1", "shape (1,) where (2,) was wanted"]
)
def test_the_same_words_in_two_cells_are_two_causes(words):
    """What differs in one function has nothing to do with what differs in another, and the title says which it is."""
    reports = [
        report("ada", book(cell([result(FAILED, words=words)]))),
        report("ben", book(cell([result(FAILED, words=words, check="pool")], name="pool"))),
        report("cat", book(cell([result(FAILED, words=words)]), name="b")),
    ]
    found, _ = clusters(reports)
    assert [each.title.partition(", in ")[2] for each in found] == ["a · conv", "a · pool", "b · conv"]
    assert [[each.student for each in one.students] for one in found] == [["ada"], ["ben"], ["cat"]]


def test_a_broken_cell_is_one_cause_for_all_cells_below():
    """What a cell that broke made fail in several check cells belongs to that cell."""
    words = f"`x` is not defined; {ABOVE}"
    made = [cell([result(FAILED, words=words, check=name)], name=name) for name in ("conv", "pool")]
    (found,), _ = clusters([report("ada", book(*made, cells=(BROKEN,)))])
    assert (found.title, len(found.checks)) == ("NameError, in a · train", 2)


def test_what_stands_beside_a_misconception_belongs_to_it():
    """In the cell of a recognised misconception the student's other failed checks are its, and no example of it."""
    wrong = [
        result(FAILED, words="the upper left number: the value differs"),
        result(FAILED, "test_b", words="the answer: 3 of 4 values differ", misconception="flipped kernel"),
    ]
    elsewhere = cell([result(FAILED, "test_c", check="pool", words="the value differs")], name="pool")
    found, places = clusters([report("ada", book(cell(wrong), elsewhere))])
    assert [(each.title, len(each.checks), each.lost) for each in found] == [
        ("flipped kernel", 2, 2),
        ("the value differs, in a · pool", 1, 1),
    ]
    assert found[0].example.words == "the answer: 3 of 4 values differ"
    assert places == {"ada": (0, 1)}


def test_a_limit_beside_a_misconception_stays_a_limit():
    """What was not answered is no matter of what the function computes; another student's failures are their own."""
    flipped = result(FAILED, "test_b", misconception="flipped kernel")
    late = result(OVER_LIMIT, words="`f`: it took too long")
    reports = [report("ada", book(cell([late, flipped]))), report("ben", book(cell([result(FAILED, words="other")])))]
    assert {each.title for each in clusters(reports)[0]} == {
        "…: it took too long",
        "flipped kernel",
        "other, in a · conv",
    }


def test_a_cause_says_what_it_cost():
    """The points of the failed checks by weight, of all students together; what a person gave back is not lost."""
    light, heavy = result(FAILED, words="x"), replace(result(PASSED, "test_b"), weight=3.0)
    worth = replace(cell([light, heavy], points=8), earned=6.0, score=6.0)
    reports = [report("ada", book(worth)), report("ben", book(replace(worth, earned=7.5, score=7.5)))]
    (found,), _ = clusters(reports)
    assert found.lost == pytest.approx(2.5)
    given_back = report("ben", book(replace(worth, earned=8.0, score=8.0)))
    assert clusters([given_back])[0][0].lost == 0


def test_a_wrong_shape_is_a_cause_but_for_its_sizes():
    """Inputs differ between students, and so do sizes; how many axes there are does not."""
    found = cause(words="the answer: right values, but shape (7, 1) where (7,) was wanted")
    assert found == Cause("shape", "shape (N, N) where (N,) was wanted", "a · conv")


def test_words_are_made_anonymous():
    """Numbers and quoted names do not set two failures apart."""
    one = cause(words="`f`: 3 of 12 values differ, the worst by -1.5e-3")
    assert one == cause(words="`g`: 1 of 1,009 values differ, the worst by 20")
    assert one == Cause("words", "…: N of N values differ, the worst by N", "a · conv")


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
    """Clusters stand by how many students they concern, then by the points lost, then by name."""
    reports = [
        report("ada", book(cell([result(FAILED, words="it raised KeyError: 1")]))),
        report("dan", book(cell([result(FAILED, words="it raised OSError: 1")], points=2.0))),
        report("eve", book(cell([result(FAILED, words="it raised EOFError: 1")]))),
        report("ben", book(cell([result(FAILED, "test_b", words="it raised ValueError: 1")]))),
        report("cat", book(cell([result(FAILED, "test_b", words="it raised ValueError: 2")]))),
    ]
    assert [each.title for each in clusters(reports)[0]] == [
        f"{name}, in a · conv" for name in ("ValueError", "OSError", "EOFError", "KeyError")
    ]


def test_a_class_of_very_many_causes_is_bounded():
    """Where everybody raises an error of a name of their own, the smallest causes become one, with all its students."""
    reports = [
        report(f"s{i:03}", book(cell([result(FAILED, words=f"it raised Own{i:03}: x")]))) for i in range(MOST + 20)
    ]
    found, places = clusters(reports)
    assert len(found) == MOST
    assert (found[-1].kind, found[-1].title) == ("rest", "21 more causes, of few students each")
    assert len(found[-1].students) == found[-1].lost == 21
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
