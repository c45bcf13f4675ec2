"""Scores and item analysis: small classes that can be computed by hand, and what holds for any class."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referee.classroom.interface import ENOUGH
from referee.classroom.items import connected, correlation, items, marks, scores, twins
from tests.classroom.people import VERDICTS, answers, book, cell, missing, report, result

CLASS = {"ada": "111", "ben": "110", "cat": "100", "dan": "000", "eve": "101"}
SIGNS = st.text("10LP", min_size=3, max_size=3)


def test_the_distribution_of_a_small_class():
    """Mean and median in points and shares, and each score in its bin; full marks belong to the last."""
    found = scores(answers(CLASS))
    assert found is not None
    assert (found.count, found.points) == (5, 3)
    assert found.mean == pytest.approx(8 / 5)
    assert found.median == 2
    assert found.mean_share == pytest.approx(8 / 15)
    assert [bin.count for bin in found.bins] == [1, 0, 0, 1, 0, 0, 2, 0, 0, 1]


def lowest(signs: str) -> list[int]:
    """Where the bins begin that hold somebody, in a class of one."""
    found = scores(answers({"ada": signs}))
    assert found is not None
    return [bin.low for bin in found.bins if bin.count]


def test_a_score_on_a_border_counts_in_the_upper_bin():
    """Three of ten points are 30 %, whatever binary fractions make of it, and full marks are in the last bin."""
    assert lowest("1110000000") == [30]
    assert lowest("1100000000") == [20]
    assert lowest("1") == [90]
    assert lowest("0") == [0]


def test_nobody_has_no_distribution():
    """Where nobody was graded there is neither a mean nor a check."""
    assert scores([]) is None
    assert items(marks([])) == ()


def test_a_check_by_hand():
    """Passed 4 of 5; its discrimination is Pearson's correlation with the score without it."""
    first, second, third = items(marks(answers(CLASS)))
    assert (first.passed, first.failed, first.share) == (4, 1, 0.8)
    assert (second.passed, third.passed) == (2, 2)
    expected = statistics.correlation([1, 1, 1, 0, 1], [2, 1, 0, 0, 1])
    assert first.discrimination == pytest.approx(expected)
    expected = statistics.correlation([1, 1, 0, 0, 0], [2, 1, 1, 0, 2])
    assert second.discrimination == pytest.approx(expected)


def test_a_check_is_taken_out_of_the_score_with_its_own_weight():
    """In a cell of 6 points with weights 1 and 2, the heavier check is worth 4; the rest is what else was earned."""
    made = []
    for student, signs in {"ada": "11", "ben": "01", "cat": "10", "dan": "00"}.items():
        light, heavy = (result(VERDICTS[sign], f"test_{sign_of}") for sign_of, sign in enumerate(signs))
        earned = 2.0 * (signs[0] == "1") + 4.0 * (signs[1] == "1")
        both = (light, replace(heavy, weight=2.0))
        made.append(report(student, book(replace(cell(both, points=6), earned=earned, score=earned))))
    found = marks(made)
    assert found["a", "conv", "test_1", False].rests == pytest.approx([2.0, 0.0, 2.0, 0.0])
    assert found["a", "conv", "test_0", False].rests == pytest.approx([4.0, 4.0, 0.0, 0.0])


def test_what_waits_for_a_person_is_not_decided():
    """A check that needs a person is in no share; one that was not answered counts as not passed."""
    (only,) = items(marks(answers({"ada": "1", "ben": "P", "cat": "L", "dan": "0"})))
    assert (only.passed, only.person, only.unchecked, only.failed, only.decided) == (1, 1, 1, 1, 3)
    assert only.share == pytest.approx(1 / 3)


def test_who_did_not_hand_in_has_no_results():
    """A missing notebook lowers the mean, and counts for no check."""
    made = [*answers({"ada": "1"}), report("ben", missing())]
    assert scores(made).mean == 0.5  # type: ignore[union-attr] # there are two
    assert items(marks(made))[0].decided == 1


@pytest.mark.parametrize(("sign", "passed"), [("1", ENOUGH), ("0", 0)])
def test_a_check_that_all_or_none_pass_is_dead(sign, passed):
    """It has no discrimination and is flagged, from five submissions on."""
    others = "10101"
    made = {f"s{i}": sign + others[i] for i in range(ENOUGH)}
    first = items(marks(answers(made)))[0]
    assert (first.passed, first.dead, first.discrimination) == (passed, True, None)
    few = items(marks(answers(dict(list(made.items())[:-1]))))[0]
    assert not few.dead


def test_a_check_that_the_better_ones_fail_is_flagged():
    """Where those who pass have the lower scores elsewhere, the discrimination is negative."""
    made = {"ada": "0111", "ben": "0111", "cat": "1000", "dan": "1000", "eve": "1100"}
    first = items(marks(answers(made)))[0]
    assert first.negative
    assert first.discrimination is not None
    assert first.discrimination < -0.8


def test_a_handful_has_no_discrimination():
    """With four decided submissions a correlation is chance and not shown, and so nothing is called negative."""
    made = {"ada": "0111", "ben": "0111", "cat": "1000", "dan": "1000", "eve": "P100"}
    first, second, *_ = items(marks(answers(made)))
    assert (first.discrimination, first.negative) == (None, False)
    assert second.discrimination is not None


def test_a_little_below_zero_is_chance():
    """With few submissions a small negative discrimination is shown and not flagged."""
    made = {"ada": "0111", "ben": "1000", "cat": "1011", "dan": "0110", "eve": "1111", "fay": "1010", "gus": "0010"}
    first = items(marks(answers(made)))[0]
    assert first.discrimination is not None
    assert -1 / math.sqrt(6) < first.discrimination < 0
    assert not first.negative


def test_two_checks_that_decide_the_same_are_twins():
    """Equal ones are grouped, with phi 1; a dead one and one that differs once are not."""
    made = {"ada": "1110", "ben": "1111", "cat": "0011", "dan": "0010", "eve": "1111"}
    (found,) = twins(marks(answers(made)))
    assert (found.checks, found.phi, found.count) == ((0, 1), 1.0, 5)


def test_twins_are_not_seen_in_a_handful():
    """Four submissions that agree are no reason to give a check up."""
    assert twins(marks(answers({"ada": "11", "ben": "00", "cat": "11", "dan": "00"}))) == ()


def test_a_correlation_of_nothing_is_undefined():
    """Two pairs, or a side that is the same for all but for rounding, have none."""
    assert correlation([0, 1], [1, 2]) is None
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([0, 1, 1], [0.3, 0.1 + 0.2, 0.3]) is None


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(0, 100, width=16)), min_size=3, max_size=20))
def test_a_correlation_is_pearsons(pairs):
    """Wherever the standard library has one, it is the same, and it lies between -1 and 1."""
    xs, ys = zip(*pairs, strict=True)
    found = correlation(xs, ys)
    if found is None:
        assert len(set(xs)) == 1 or max(ys) - min(ys) < 1e-6
    else:
        assert found == pytest.approx(statistics.correlation(xs, ys), abs=1e-9)
        assert -1 <= found <= 1


@given(st.lists(SIGNS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_students_changes_nothing(signs, luck):
    """Sorted by name first, as the page does, any order of reports gives the same statistics to the bit."""
    made = answers({f"s{i:02}": each for i, each in enumerate(signs)})
    mixed = random.Random(luck.random()).sample(made, len(made))
    key = lambda each: each.student  # noqa: E731 - used twice
    one, other = (sorted(some, key=key) for some in (made, mixed))
    assert items(marks(one)) == items(marks(other))
    assert scores(made) == scores(mixed)
    assert twins(marks(one)) == twins(marks(other))


@given(st.lists(SIGNS, min_size=1, max_size=12))
def test_every_submission_is_counted_once(signs):
    """For each check, passed, failed, unchecked and person add up to the class."""
    for each in items(marks(answers({f"s{i:02}": some for i, some in enumerate(signs)}))):
        assert each.decided + each.person == len(signs)
        assert each.share is None or each.share == pytest.approx(each.passed / each.decided)


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=20))
def test_groups_are_disjoint_and_hold_every_link(links):
    """No number is in two groups, and both ends of a link are in one."""
    groups = connected(links)
    members = [node for group in groups for node in group]
    assert len(members) == len(set(members))
    assert all(any(i in group and j in group for group in groups) for i, j in links)
