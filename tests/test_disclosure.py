"""What a student may see of a check: by its name, and before and after the due date."""

from datetime import UTC, datetime, timedelta

import pytest

from referee.course import load
from referee.disclosure import Disclosure, Levels
from referee.errors import CourseError
from referee.feedback.interface import Disclosure as Level
from referee.workflow.pages import disclosure


def test_after_the_due_date_what_is_stated_holds():
    """A level that is stated for afterwards replaces the one before; the others stay."""
    before = Disclosure(public="actual", hidden="nothing", check={"a": "all", "b": "hint"})
    both = Disclosure(
        public="actual",
        hidden="nothing",
        check={"a": "all", "b": "hint"},
        after=Levels(hidden="all", check={"b": "all"}),
    )
    assert both.at("before") == before
    assert both.at("after") == Disclosure(public="actual", hidden="all", check={"a": "all", "b": "all"})


def test_the_names_of_a_notebook():
    """A notebook is meant by its assignment, by its name with and without the framework, and by none that is longer."""
    levels = Disclosure(
        check={
            "a": "nothing",
            "a/net/conv": "hint",
            "a/net_torch/conv": "actual",
            "a/net/conv/test_x": "all",
            "a/network": "all",
            "b/net": "all",
        }
    )
    assert levels.of_notebook("a", ("net_torch", "net")) == {"": "nothing", "conv": "actual", "conv/test_x": "all"}
    assert levels.of_notebook("a", ("net_keras", "net")) == {"": "nothing", "conv": "hint", "conv/test_x": "all"}
    assert levels.of_notebook("c", ("net",)) == {}


DUE = "[assignment.week]\ndue = {due}\n[disclosure]\nhidden = 'nothing'\n[disclosure.after]\nhidden = 'all'\n"


@pytest.mark.parametrize(("days", "hidden"), [(1, Level.NOTHING), (-1, Level.ALL)])
def test_the_moment_is_now(mini, days, hidden):
    """Pages that are written after an assignment was due show what is stated for then."""
    due = datetime.now(UTC) + timedelta(days=days)
    mini.write("course.toml", DUE.format(due=due.isoformat()))
    assert disclosure(mini.course, "week", "mini").hidden is hidden
    assert disclosure(mini.course, "week", "mini", "before").hidden is Level.NOTHING


NO_DUE = [
    "12", "-1", "1764543540", "1.5", "nan", "true", "23:59:00", "'12'", "'2026-11-30T23:59:00+01:00'", "''",
    "[2026-11-30T23:59:00+01:00]", "1999-12-31T23:59:00Z", "0001-01-01T00:00:00+14:00", "2101-01-01T00:00:00Z",
    "9999-12-31T23:59:00-12:00",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[disclosure.check]\n'wek/mini' = 'all'", "'wek/mini'"),
        ("[disclosure.check]\n'week/other/conv' = 'all'", "week/mini"),
        ("[disclosure.after.check]\n'week/mini/a/b/c' = 'all'", "'week/mini/a/b/c'"),
        ("[disclosure.check]\n'week/mini' = 'some'", "disclosure levels are"),
        ("[assignment.week]\ndue = 2026-11-30T23:59:00", "a due date has a time and a zone"),
        ("[assignment.week]\ndue = 2026-11-30", "a due date has a time and a zone"),
        *((f"[assignment.week]\ndue = {due}", "a due date has a time and a zone") for due in NO_DUE),
    ],
)
def test_a_policy_that_would_never_apply(mini, text, words):
    """A misspelt name, an unknown level, and what is no due date with its time zone are errors of the course."""
    mini.write("course.toml", text)
    with pytest.raises(CourseError) as error:
        load(mini.root)
    assert words in str(error.value)


@pytest.mark.parametrize("due", ["2000-01-01T00:00:00Z", "2100-12-31T23:59:59+14:00", "2026-12-04 23:59:00-12:00"])
def test_a_due_date_of_any_zone(mini, due):
    """A TOML datetime with a zone is taken as it stands, in each year that a course may be given in."""
    mini.write("course.toml", f"[assignment.week]\ndue = {due}")
    assert mini.course.policy.due_of("week") == datetime.fromisoformat(due)
