"""The content of the class page: what needs a person first, one row for each student, links that lead somewhere."""

from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referee.classroom.overview import address, overview, page_of, row_key
from referee.report import (
    CellRun,
    CellStatus,
    Exceeded,
    Fault,
    GradedCell,
    Note,
    Outcome,
    Steadiness,
    Timings,
    Usage,
    Verdict,
)
from tests.classroom.people import FAILED, PERSON, answers, book, cell, missing, report, result


def test_a_student_counts_once_however_many_notebooks_are_unread():
    """Two notebooks of one student that nobody could read are one student to look at."""
    refused: Any = {"refused": "not JSON", "refused_by": Fault.STUDENT}
    matters = overview([report("cat", book(**refused), book(name="b", **refused))], "week").matters
    assert [(each.student, each.words) for each in matters[0].students] == [("cat", "a: not JSON; b: not JSON")]


def test_what_needs_a_person_stands_by_reason():
    """Each reason names its students with the cells that wait; luck, unread files and choices have reasons, too."""
    waits = cell([result(PERSON)])
    flaky = Steadiness(check="conv", name="test_a", outcomes={"passed": (1,), "failed": (2, 3)})
    several = Note(code="several", words="'b.ipynb' looks like a.ipynb as well")
    reports = [
        report("ada", book(waits)),
        report("ben", book(waits, steadiness=(flaky,), repeats=3)),
        report("cat", book(refused="a.ipynb is an empty file; save it", refused_by=Fault.STUDENT)),
        report("dan", book(cell([result(FAILED)]), notes=(several,))),
    ]
    found = {
        matter.reason: [(each.student, each.words) for each in matter.students]
        for matter in overview(reports, "week").matters
    }
    assert found == {
        "Too close to a threshold to tell": [("ada", "conv, 1 point")],
        "The seed decides": [("ben", "conv, 1 point")],
        "What was handed in could not be read": [("cat", "a: a.ipynb is an empty file; save it")],
        "Flaky, the seed decides: a conv/test_a": [("ben", "passed 1, failed 2")],
        "Look again: we had to choose between files": [("dan", "'b.ipynb' looks like a.ipynb as well")],
    }


def test_what_waits_in_several_notebooks_is_counted():
    """Two answers of one name in two notebooks are two, each with its notebook, and the points of both are told."""
    why = GradedCell(grade_id="why", kind="person", points=3.0, earned=0.0, score=None)
    many = [replace(why, grade_id=f"q{i}", points=1.0) for i in range(5)]
    reports = [
        report("ada", book(why, name="a"), book(why, name="b")),
        report("ben", book(why, name="a"), book(replace(why, score=2.0, earned=2.0), name="b")),
        report("cat", book(*many, name="a"), book(name="b")),
    ]
    (matter,) = overview(reports, "week").matters
    assert [each.words for each in matter.students] == [
        "2 cells, 6 points: a · why, b · why",
        "a · why, 3 points",
        "5 cells, 5 points: a · q0, a · q1, a · q2 and 2 more",
    ]
    assert (matter.reason, matter.cells, matter.points) == ("An answer to read", 8, 14.0)


def test_a_dead_kernel_is_notable():
    """Whether a cell ended it or a question of a check, the row says so, and the filter finds it."""
    dead = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.STUDENT)
    asked = cell([result(dead, words="the value of `x`: the kernel has died")])
    ended = CellRun(index=0, grade_id="", status=CellStatus.DIED)
    for made in (book(asked), book(cells=(ended,)), book(asked, cells=(ended,))):
        (row,) = overview([report("ada", made)], "week").rows
        assert (row.notable, row.broken, row.late) == (("the kernel died",), True, False)


def test_who_used_much_more_is_notable():
    """Time and memory far above the others stand in the row, with the notebook where there are several."""
    usual, much = Timings(total=9.0, usage=Usage(memory_mb=100)), Timings(total=90.0, usage=Usage(memory_mb=900))
    made = {who: much if who == "eve" else usual for who in ("ada", "ben", "cat", "dan", "eve")}
    rows = overview([report(who, book(timings=timings)) for who, timings in made.items()], "week").rows
    assert rows[-1].notable == ("time 90 s, 10.0 times the median", "memory 900 MiB, 9.0 times the median")
    assert [row.notable for row in rows[:-1]] == [()] * 4
    both = [report(who, book(timings=timings), book(name="b")) for who, timings in made.items()]
    assert overview(both, "week").rows[-1].notable[0] == "a: time 90 s, 10.0 times the median"


def test_a_row_says_what_is_notable():
    """A student's row has the score, the notebooks, and the flags that the filter goes by."""
    over = Timings(exceeded=(Exceeded(limit="memory_mb", allowed=1, used=2),))
    broken = CellRun(index=0, grade_id="", status=CellStatus.RAISED)
    late = Note(code="late", words="handed in late, as the zip says")
    ran = book(cell([result(PERSON), result(FAILED, "test_b")]), cells=(broken,), timings=over, notes=(late,))
    (row,) = overview([report("ada", ran, missing("b", 2.0))], "week").rows
    assert (row.shown, row.earned, row.points, row.share) == ("ada", 0, 4, 0)
    assert (row.person, row.limit, row.missing, row.unread, row.late, row.broken) == (
        True,
        True,
        True,
        False,
        True,
        True,
    )
    assert row.notable == (
        "too close to a threshold to tell",
        "limit: memory",
        "1 cell did not end well",
        "handed in late",
    )
    assert [each.score for each in row.books] == ["0", "not handed in"]
    assert row.checks == (1,)
    assert row.clusters == (0,)


def test_who_handed_in_nothing():
    """Nothing but that is notable about them."""
    (row,) = overview([report("ada", missing(), missing("b"))], "week").rows
    assert row.notable == ("nothing was handed in",)
    assert row.missing


def test_a_notebook_that_a_report_does_not_have():
    """A report from before a notebook was added has no score and no page for it."""
    rows = overview([report("ada", book(name="a")), report("ben", book(name="a"), book(name="b"))], "week").rows
    assert [(each.score, each.page) for each in rows[0].books][1] == ("none", "")
    assert rows[1].books[1].page == "feedback/ben/week/b.html"


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_a_link_leads_to_the_page_of_any_name(name):
    """Whatever a folder is called, its link is one path of four parts that means that folder."""
    link = page_of(address("feedback", name, "week"), "a")
    assert link.isascii()
    assert [unquote(part) for part in link.split("/")] == ["feedback", name, "week", "a.html"]
    assert row_key(name).isalnum()


@given(st.permutations(list("abcdef")))
def test_the_order_of_reports_changes_nothing(order):
    """The content is the same, whatever order the files were read in."""
    made = {each.student: each for each in answers({name: f"{i % 2}{i % 3 % 2}L" for i, name in enumerate("abcdef")})}
    assert overview([made[name] for name in order], "week") == overview(list(made.values()), "week")
