"""The content of the class page: what needs a person first, one row for each student, links that lead somewhere."""

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.overview import overview, page_of, row_key
from referee.report import CellRun, CellStatus, Exceeded, Fault, Note, Steadiness, Timings
from tests.classroom.people import FAILED, PERSON, answers, book, cell, missing, report, result


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
        "Too close to a threshold to tell": [("ada", "conv")],
        "The seed decides": [("ben", "conv")],
        "What was handed in could not be read": [("cat", "a: a.ipynb is an empty file; save it")],
        "Flaky, the seed decides: a conv/test_a": [("ben", "passed 1, failed 2")],
        "Look again: we had to choose between files": [("dan", "'b.ipynb' looks like a.ipynb as well")],
    }


def test_a_row_says_what_is_notable():
    """A student's row has the score, the notebooks, and the flags that the filter goes by."""
    over = Timings(exceeded=(Exceeded(limit="memory_mb", allowed=1, used=2),))
    broken = CellRun(index=0, grade_id="", status=CellStatus.RAISED)
    late = Note(code="late", words="handed in late, as the zip says")
    ran = book(cell([result(PERSON), result(FAILED, "test_b")]), cells=(broken,), timings=over, notes=(late,))
    (row,) = overview([report("ada", ran, missing("b", 2.0))], "week").rows
    assert (row.shown, row.earned, row.points, row.share) == ("ada", 0, 4, 0)
    assert (row.person, row.limit, row.missing, row.unread) == (True, True, True, False)
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
    link = page_of("feedback", name, "week", "a")
    assert link.isascii()
    assert [unquote(part) for part in link.split("/")] == ["feedback", name, "week", "a.html"]
    assert row_key(name).isalnum()


@given(st.permutations(list("abcdef")))
def test_the_order_of_reports_changes_nothing(order):
    """The content is the same, whatever order the files were read in."""
    made = {each.student: each for each in answers({name: f"{i % 2}{i % 3 % 2}L" for i, name in enumerate("abcdef")})}
    assert overview([made[name] for name in order], "week") == overview(list(made.values()), "week")
