"""What two reports say differently, check by check, and a regrade's lines, as pictures."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.changes import Change, Entry, Odd, Regraded, Score, changes, score
from referee.feedback.changes import regraded
from referee.judging import scored
from referee.report import (
    NOT_HANDED_IN,
    PASSED,
    CheckResult,
    Environment,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    Report,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
LIMIT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.LIMIT)
BROKEN = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
PERSON = Verdict(outcome=Outcome.PERSON)
ENVIRONMENT = Environment(referee="0.1", python="3.11", platform="Linux")


def check(name="test_a", verdict=PASSED, *, weight=1.0, sentence="It works.", public=False) -> CheckResult:
    return CheckResult(check="conv", name=name, sentence=sentence, weight=weight, public=public, verdict=verdict)


def cell(*results: CheckResult, points=4.0, name="conv") -> GradedCell:
    return scored(name, points, results)


def person(points=2.0, name="essay") -> GradedCell:
    return GradedCell(grade_id=name, kind="person", points=points, earned=0.0, score=None)


def book(*cells: GradedCell, name="basics", **fields) -> NotebookReport:
    return NotebookReport(notebook=name, fingerprint="f", environment=ENVIRONMENT, graded=cells, **fields)


def report(*cells: GradedCell) -> Report:
    return Report(student="ada", assignment="cnn", notebooks=(book(*cells),))


def told(before: Report, after: Report) -> list[tuple[str, str, str, str, float]]:
    """The changes between two reports, each as (cell, check, was, now, gain)."""
    return [(each.cell, each.check, each.was, each.now, each.gain) for each in changes(before, after)]


# --- what differs -----------------------------------------------------------------------------------------------------

DIFFER = {
    "nothing": (cell(check()), cell(check()), []),
    "a verdict": (cell(check()), cell(check("test_a", FAILED)), [("conv", "test_a", "passed", "failed", -4.0)]),
    "for the better": (cell(check("test_a", LIMIT)), cell(check()),
                       [("conv", "test_a", "could not be checked", "passed", 4.0)]),
    "a verdict without points": (cell(check("test_a", FAILED)), cell(check("test_a", BROKEN)),
                                 [("conv", "test_a", "failed", "could not be checked", 0.0)]),
    "whose fault it is": (cell(check("test_a", LIMIT)), cell(check("test_a", BROKEN)), []),
    "to a person": (cell(check()), cell(check("test_a", PERSON)),
                    [("conv", "test_a", "passed", "needs a person", -4.0)]),
    "weights": (
        cell(check("test_a"), check("test_b")),
        cell(check("test_a"), check("test_b", weight=3.0)),
        [("conv", "test_a", "passed", "passed", -1.0), ("conv", "test_b", "passed", "passed", 1.0)],
    ),
    "weights of failed ones": (
        cell(check("test_a"), check("test_b", FAILED)),
        cell(check("test_a"), check("test_b", FAILED, weight=3.0)),
        [("conv", "test_a", "passed", "passed", -1.0)],
    ),
    "points": (cell(check("test_a"), check("test_b", FAILED)), cell(check("test_a"), check("test_b", FAILED), points=6),
               [("conv", "test_a", "passed", "passed", 1.0)]),
    "a check more": (
        cell(check("test_a")),
        cell(check("test_a"), check("test_b", FAILED)),
        [("conv", "test_a", "passed", "passed", -2.0), ("conv", "test_b", "absent", "failed", 0.0)],
    ),
    "a check less": (
        cell(check("test_a"), check("test_b", FAILED)),
        cell(check("test_a")),
        [("conv", "test_a", "passed", "passed", 2.0), ("conv", "test_b", "failed", "absent", 0.0)],
    ),
    "another name": (
        cell(check("test_a")),
        cell(check("test_b")),
        [("conv", "test_a", "passed", "absent", -4.0), ("conv", "test_b", "absent", "passed", 4.0)],
    ),
    "the first check": (cell(), cell(check("test_a")),
                        [("conv", "", "no check", "absent", 0.0), ("conv", "test_a", "absent", "passed", 4.0)]),
    "a cell more": (person(), cell(check()), [("essay", "", "for a person", "absent", 0.0),
                                              ("conv", "test_a", "absent", "passed", 4.0)]),
    "points of what a person grades": (person(2.0), person(3.0), []),
    "a person instead of checks": (cell(check(), name="essay"), person(),
                                   [("essay", "test_a", "passed", "absent", -4.0),
                                    ("essay", "", "absent", "for a person", 0.0)]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "differ"), DIFFER.values(), ids=DIFFER.keys())
def test_what_two_reports_say_differently(before, after, differ):
    """Each check that concludes something else, or is worth something else, is one change, and nothing else is."""
    assert told(report(before), report(after)) == differ


def test_a_change_has_all_that_is_told_of_it():
    """A change names the student, the notebook, and the sentence that the check has now, or had last."""
    before = report(cell(check("test_a", FAILED, sentence="Old."), check("test_gone", sentence="Gone.")))
    after = report(cell(check("test_a", sentence="New.")))
    first, second = changes(before, after)
    assert first == Change(
        student="ada",
        notebook="basics",
        cell="conv",
        check="test_a",
        sentence="New.",
        was="failed",
        now="passed",
        earned_before=0.0,
        earned_after=4.0,
    )
    assert second.sentence == "Gone."


def test_notebooks_are_told_apart():
    """The same check in two notebooks is two changes; a notebook that one report lacks is not compared."""
    bad, good = cell(check("test_a", FAILED)), cell(check())
    before = Report(student="ada", assignment="cnn", notebooks=(book(bad), book(bad, name="more"), book(name="old")))
    after = Report(student="ada", assignment="cnn", notebooks=(book(good, name="more"), book(good), book(name="new")))
    assert [(each.notebook, each.gain) for each in changes(before, after)] == [("more", 4.0), ("basics", 4.0)]


def test_what_could_not_run_earns_nothing_before_and_after():
    """A refused notebook's cells have no checks, and nothing changes while it is refused."""
    refused = book(GradedCell(grade_id="conv", kind="check", points=4, earned=0, score=0), refused=NOT_HANDED_IN)
    one = Report(student="ada", assignment="cnn", notebooks=(refused,))
    assert told(one, one) == []
    assert told(one, report(cell(check()))) == [
        ("conv", "", "no check", "absent", 0.0),
        ("conv", "test_a", "absent", "passed", 4.0),
    ]


def test_a_public_and_a_hidden_check_of_one_name():
    """A cell's public and hidden grader may have a check of the same name: both are compared, each with its own."""
    public, hidden = check("test_it", public=True), check("test_it", weight=3.0)
    before = report(cell(public, hidden))
    after = report(cell(msgspec.structs.replace(public, verdict=FAILED), hidden))
    assert sum(each.gain for each in changes(before, after)) == after.earned - before.earned == -1.0


def test_a_score_is_rounded():
    """A student's points are told without the noise of sums."""
    thirds = [cell(check("test_a"), check("test_b", FAILED), check("test_c"), points=1) for _ in range(3)]
    assert score(report(*thirds), report(cell(check(), points=0.1), cell(check(), points=0.2))) == Score(
        student="ada", before=2.0001, after=0.3, points=0.1 + 0.2
    )


VERDICTS = st.sampled_from([PASSED, FAILED, LIMIT, BROKEN, PERSON])
WEIGHTS = st.floats(0.1, 10) | st.sampled_from([1.0, 2.0, 3.0])
POINTS = st.floats(0, 20) | st.sampled_from([0.0, 1.0, 4.0])
CHECKS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(VERDICTS, WEIGHTS), max_size=6)
CELLS = st.dictionaries(st.sampled_from(["conv", "pool", "essay"]), st.tuples(POINTS, CHECKS), max_size=3)


def made(cells: dict[str, tuple[float, dict[str, tuple[Verdict, float]]]]) -> Report:
    """A report of any cells; `essay` is for a person."""

    def one(name: str, points: float, checks: dict[str, tuple[Verdict, float]]) -> GradedCell:
        if name == "essay":
            return person(points)
        results = [check(each, verdict, weight=weight) for each, (verdict, weight) in checks.items()]
        return cell(*results, points=points, name=name)

    return report(*(one(name, points, checks) for name, (points, checks) in cells.items()))


@given(CELLS, CELLS)
def test_the_gains_add_up(old, new):
    """Whatever changed, the gains of a student's changes are together what the score gains."""
    before, after = made(old), made(new)
    count = sum(1 for each in (*before.notebooks[0].results, *after.notebooks[0].results)) + 1
    moved = score(before, after)
    assert sum(each.gain for each in changes(before, after)) == pytest.approx(
        moved.after - moved.before, abs=1e-3 * count
    )


@given(CELLS, CELLS)
def test_what_is_taken_back_is_the_opposite(old, new):
    """The changes from one report to another are those from the other to the one, turned round."""
    before, after = made(old), made(new)
    there = {(cell, name, was, now): gain for cell, name, was, now, gain in told(before, after)}
    back = {(cell, name, now, was): -gain for cell, name, was, now, gain in told(after, before)}
    assert there == back


def test_records_survive_a_file():
    """A regrade and its entry in history are the same after a trip through JSON."""
    differ = tuple(changes(report(cell(check())), report(cell(check("test_a", FAILED)))))
    entry = Entry(
        number=3, kind="regrade", state="open", assignment="cnn", at="now", after={"ada": "0"}, changes=differ
    )
    assert msgspec.json.decode(msgspec.json.encode(entry), type=Entry) == entry
    found = Regraded(assignment="cnn", reports=1, changes=differ, run_again=(Odd(student="a", why="b"),))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Regraded) == found


# --- the lines --------------------------------------------------------------------------------------------------------


def change(student="ada", name="test_a", *, was="passed", now="failed", before=4.0, after=0.0, **fields) -> Change:
    known = {"notebook": "basics", "cell": "conv", "sentence": "It works."}
    return Change(
        student=student, check=name, was=was, now=now, earned_before=before, earned_after=after, **{**known, **fields}
    )


def moved(student="ada", before=4.0, after=0.0, points=6.0) -> Score:
    return Score(student=student, before=before, after=after, points=points)


def picture(found: Regraded) -> str:
    return "\n".join(regraded(found))


TWO = Regraded(
    assignment="cnn",
    reports=4,
    changes=(
        change(),
        change("ben", was="failed", now="passed", before=0.0, after=4.0),
        change("ben", "test_b", was="passed", now="passed", before=2.0, after=1.3334, sentence=""),
        change("cy", "", cell="essay", was="absent", now="for a person", before=0.0, after=0.0, sentence=""),
    ),
    scores=(moved(), moved("ben", 2.0, 5.3334), moved("cy", 1.0, 1.0)),
    run_again=(Odd(student="dan", why="a question that was never asked"),),
    left_alone=(Odd(student="eve", why="handed in anew since"), Odd(student="fay", why="handed in anew since")),
    seconds=1.2,
)


def test_a_preview():
    """Before it is applied a regrade says who would gain and lose, on which checks, and how to apply it."""
    assert (
        picture(TWO)
        == """\
cnn: 4 reports in 1.2 s: 1 would gain, 1 would lose, 2 keep their points
  had to run again: dan (a question that was never asked)
  left alone: eve, fay (handed in anew since)

  basics/conv/test_a: 2 students, 4 gained, 4 lost  (It works.)
  basics/conv/test_b: 1 student, 0 gained, 0.67 lost
  basics/essay: 1 student, 0 gained, 0 lost

  ada  4 -> 0 of 6
      basics/conv/test_a: passed -> failed  -4
  ben  2 -> 5.33 of 6
      basics/conv/test_a: failed -> passed  +4
      basics/conv/test_b: passed  -0.67

nothing was changed yet: `referee regrade cnn --apply`"""
    )


def test_an_applied_regrade():
    """An applied one says the same as done, and how to take it back."""
    shown = picture(msgspec.structs.replace(TWO, number=7)).splitlines()
    assert shown[0] == "cnn: 4 reports in 1.2 s: 1 gain, 1 lose, 2 keep their points"
    assert shown[1:-1] == picture(TWO).splitlines()[1:-1]
    assert shown[-1] == "applied as regrade 7; `referee regrade cnn --undo` takes it back"


def test_an_interrupted_regrade():
    """Where an earlier one was never finished, that is said before anything else is proposed."""
    shown = picture(msgspec.structs.replace(TWO, interrupted=6)).splitlines()
    assert shown[-1] == (
        "regrade 6 was interrupted before it was done: `referee regrade cnn --apply` finishes it, --undo takes it back"
    )


def test_an_assignment_of_any_name():
    """The words of a preview are no words of the assignment's name."""
    shown = picture(Regraded(assignment="I would go", reports=1, number=1))
    assert shown == (
        "I would go: 1 report in 0.0 s: 0 gain, 0 lose, 1 keep their points\n\n"
        "applied as regrade 1; `referee regrade I would go --undo` takes it back"
    )


def test_nobody_changes():
    """Where nothing changes there is nothing to apply."""
    assert (
        picture(Regraded(assignment="cnn", reports=30, seconds=0.04))
        == """\
cnn: 30 reports in 0.0 s: 0 would gain, 0 would lose, 30 keep their points

nobody's points change"""
    )


def test_other_points_for_work_that_earned_none():
    """Where cells are worth something else, and nobody has earned it, there is something to apply all the same."""
    assert (
        picture(Regraded(assignment="cnn", reports=1, scores=(moved(before=0.0, points=9.0),)))
        == """\
cnn: 1 report in 0.0 s: 0 would gain, 0 would lose, 1 keep their points

nothing was changed yet: `referee regrade cnn --apply`"""
    )


def test_an_undone_regrade():
    """An undoing lists each student's points, what was left alone, and what would bring the change back."""
    found = Regraded(
        assignment="cnn",
        reports=3,
        scores=(moved(before=0.0, after=4.0), moved("ben", 5.0, 2.0)),
        left_alone=(Odd(student="cy", why="graded anew since"),),
        number=8,
        undone=True,
    )
    assert (
        picture(found)
        == """\
cnn: 3 reports put back as they were, 2 with other points (entry 8 in history)
  ada  0 -> 4 of 6
  ben  5 -> 2 of 6
  left alone: cy (graded anew since)
the graders on the disk are not put back: while they are the changed ones, `referee grade` grades by them"""
    )


def test_a_large_class_is_shown_in_part():
    """Of many students the 20 who lose most are shown, those who gain last; the sums by check are of all."""
    students = [f"s{number:02}" for number in range(25)]
    gains = {name: number - 20.5 for number, name in enumerate(reversed(students))}  # s24 loses most
    found = Regraded(
        assignment="cnn",
        reports=25,
        changes=tuple(change(name, before=10.0, after=10.0 + gain) for name, gain in gains.items()),
        scores=tuple(moved(name, 10.0, 10.0 + gain) for name, gain in gains.items()),
    )
    shown = picture(found).splitlines()
    assert shown[0].endswith("4 would gain, 21 would lose, 0 keep their points")
    assert shown[2] == "  basics/conv/test_a: 25 students, 8 gained, 220.5 lost  (It works.)"
    assert shown[4] == "  s24  10 -> -10.5 of 6"
    assert [line.split()[0] for line in shown if line.endswith(" of 6")] == students[:4:-1]
    assert shown[-3] == "  and 5 students more; --json lists all"


def test_many_checks_of_a_student_are_shown_in_part():
    """Of a student's many checks six are shown, those first that conclude something else."""
    worth = [change(name=f"w{n}", was="passed", now="passed", before=1.0, after=0.5) for n in range(5)]
    other = [change(name=f"v{n}", before=1.0) for n in range(4)]
    found = Regraded(assignment="cnn", reports=1, changes=(*worth, *other), scores=(moved(before=9.0, after=2.5),))
    shown = picture(found).splitlines()
    mine = shown.index("  ada  9 -> 2.5 of 6")
    assert [line.split()[0].split("/")[-1] for line in shown[mine + 1 : mine + 7]] == [
        "v0:",
        "v1:",
        "v2:",
        "v3:",
        "w0:",
        "w1:",
    ]
    assert shown[mine + 7 : mine + 9] == ["      and 3 checks more", ""]
    assert sum(line.startswith("  basics/") for line in shown) == 9


def test_one_more_than_is_shown():
    """A single student, or check, that is left out is counted as one."""
    students = ["ada", *(f"s{number:02}" for number in range(20))]
    many = Regraded(
        assignment="cnn",
        reports=21,
        changes=tuple(change(name=f"t{n}") for n in range(7)),
        scores=tuple(moved(name) for name in students),
        left_alone=tuple(Odd(student=name, why="graded anew since") for name in students[:11]),
    )
    shown = picture(many)
    assert "s08 and 1 more (graded anew since)\n" in shown
    assert "      and 1 check more\n" in shown
    assert "  and 1 student more; --json lists all\n" in shown


def test_reasons_are_told_one_by_one():
    """Submissions out of line are listed by reason, ten by name."""
    odd = [Odd(student=f"s{number:02}", why="handed in anew since") for number in range(13)]
    found = Regraded(
        assignment="cnn", reports=1, left_alone=(*odd, Odd(student="zoe", why="its report cannot be read"))
    )
    assert picture(found).splitlines()[1:3] == [
        "  left alone: s00, s01, s02, s03, s04, s05, s06, s07, s08, s09 and 3 more (handed in anew since)",
        "  left alone: zoe (its report cannot be read)",
    ]


@given(st.text(max_size=30) | st.text("\x00\x07\x1b\x9b[2J\r\n\u202e\u2066", max_size=20), st.booleans())
def test_no_text_repaints_the_terminal(text, undone):
    """Whatever students, notebooks, cells and checks are called, each line is one line of visible text."""
    found = Regraded(
        assignment=text,
        reports=1,
        changes=(change(text, text, notebook=text, cell=text, sentence=text),),
        scores=(moved(text),),
        run_again=(Odd(student=text, why=text),),
        left_alone=(Odd(student=text, why=text),),
        number=1 if undone else None,
        undone=undone,
    )
    for line in regraded(found):
        assert line.replace("\u200c", "").replace("\u200d", "").isprintable()
        assert len(line) < 4000
