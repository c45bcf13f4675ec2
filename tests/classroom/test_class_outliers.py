"""Who used much more than the others: by hand, and whatever the class."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.outliers import far_above, outliers, over_limits
from referee.report import Exceeded, Report, Timings, Usage
from tests.classroom.people import book, report

TIMES = {"ada": 10.0, "ben": 11.0, "cat": 9.0, "dan": 10.0, "eve": 95.0}


def timed(seconds: dict[str, float], memory: int = 0) -> list[Report]:
    made = {who: Timings(total=each, usage=Usage(memory_mb=memory)) for who, each in seconds.items()}
    return [report(who, book(timings=timings)) for who, timings in made.items()]


def test_one_who_took_much_longer():
    """Its time and how many times the median that is are told, with the median and how many were measured."""
    (found,) = outliers(timed(TIMES))
    assert (found.notebook, found.what, found.median, found.count) == ("a", "time", "10 s", 5)
    assert [(each.student, each.words) for each in found.students] == [("eve", "95 s, 9.5 times the median")]


def test_a_few_are_no_class():
    """With four submissions nobody is called slow."""
    assert outliers(timed(dict(list(TIMES.items())[1:]))) == ()


def test_a_little_more_than_all_the_same_is_nothing():
    """Where nearly all take the same, half as much again is no reason to look."""
    assert far_above([10.0] * 20 + [15.0]) == ()
    assert far_above([10.0] * 20 + [25.0]) == (20,)


def test_memory_is_looked_at_too():
    """What was not measured is left out; memory stands after time."""
    many = [*timed(dict.fromkeys(["a1", "a2", "a3", "a4", "a5"], 1.0), 200), *timed({"b": 1.0}, 900)]
    (found,) = outliers(many)
    assert (found.what, found.students[0].words) == ("memory", "900 MiB, 4.5 times the median")


def test_exceeded_limits_are_listed_by_limit():
    """Each limit of a notebook stands once, with who exceeded it, by how much and where."""
    over = Exceeded(limit="memory_mb", allowed=512, used=634, cell=6)
    reports = [report(who, book(timings=Timings(exceeded=(over,)))) for who in ("ada", "ben")]
    (found,) = over_limits(reports)
    assert (found.notebook, found.limit, len(found.students)) == ("a", "memory", 2)
    assert found.students[0].words == "memory: limit 512 MiB, used 634 MiB, in cell 7"


@given(st.lists(st.floats(0.01, 1e6), min_size=5, max_size=30), st.floats(0.1, 100))
def test_the_unit_does_not_matter(values, factor):
    """The same ones are far above, whether time is in seconds or in anything else; and never more than half of all."""
    far = far_above(values)
    assert len(far) <= len(values) // 2
    assert all(values[i] > sorted(values)[len(values) // 2 - 1] for i in far)
    assert set(far) == set(far_above([value * 2 ** round(factor) for value in values]))


def test_no_measurement_no_outlier():
    """Reports without timings say nothing."""
    bare = [msgspec.structs.replace(each) for each in timed(dict.fromkeys("abcdefg", 0.0))]
    assert outliers(bare) == ()


def test_seconds_that_nobody_waits_for_are_nothing():
    """Ten times the median is no reason to look where it is three seconds, or few MiB."""
    quick = {who: each / 30 for who, each in TIMES.items()}
    assert outliers(timed(quick)) == ()
    small = [*timed(dict.fromkeys(["a1", "a2", "a3", "a4", "a5"], 1.0), 1), *timed({"b": 1.0}, 60)]
    assert outliers(small) == ()
