"""Several seeds: what comes out the same counts, what the seed decides is for a person, and no score is a coin toss."""

import msgspec
import pytest
from click.testing import CliRunner

from referee import workflow
from referee.cli import main
from referee.report import CheckResult, Fault, NotebookReport, Outcome
from referee.stability import Repeats, judged
from tests.conftest import HIDDEN, MiniCourse

#: Whether this passes depends on the notebook's seed; the first one, 0, passes.
LUCKY = "SECRET = 2 * x if seed % 2 == 0 else 3 * x"
ACCURACY = '''

@pytest.mark.check("double", weight={weight})
def test_accuracy(student):
    """Your net is right often enough."""
    labels = np.zeros(100, dtype=int)
    predictions = np.zeros(100, dtype=int)
    predictions[: 100 - student["right"]] = 1
    assert_accuracy(predictions, labels, floor=0.8)
'''


def grade(mini: MiniCourse, *students: str, **wishes) -> dict[str, NotebookReport]:
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, students=students, **wishes)
    return {report.student: report.notebooks[0] for report in done.reports}


def accuracy_checked(mini: MiniCourse) -> None:
    """Let the hidden grader look at an accuracy too: `right` of 100."""
    text = HIDDEN.replace("import pytest", "import numpy as np\nimport pytest").replace(
        "import assert_matches", "import assert_accuracy, assert_matches"
    )
    mini.write("graders/hidden/week/mini.py", text + ACCURACY.format(weight=1))


def test_a_check_that_the_seed_decides(mini, inline):
    """A check that passes with some seeds only is flaky, and a person decides; the steady ones count as they are."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", LUCKY)
    mini.hand_in("bob")
    reports = grade(mini, repeats=Repeats(count=4))
    ada, bob = reports["ada"], reports["bob"]
    assert {(each.name, each.flaky) for each in ada.steadiness} == {("test_example", True), ("test_any", True)}
    assert ada.steadiness[0].outcomes == {"passed": (0, 2), "failed": (1, 3)}
    (cell,) = ada.graded
    assert (cell.earned, cell.score) == (0, None)
    assert [result.verdict.outcome for result in cell.results] == [Outcome.PERSON, Outcome.PERSON]
    assert cell.results[0].evidence.words == "another seed decides otherwise: of 4 seeds, passed with 2, failed with 2"
    assert (bob.repeats, bob.earned) == (4, 4)
    assert not [each for each in bob.steadiness if each.flaky]


def test_the_numbers_that_checks_draw_are_others_each_time(mini, inline):
    """A notebook that passes by the luck of a hidden input is found out by the inputs of another repeat."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", "SECRET = 2 * x if x == 3 or x % 2 else 0")
    ada = grade(mini, repeats=Repeats(count=6))["ada"]
    (any_number,) = [each for each in ada.steadiness if each.name == "test_any"]
    assert any_number.flaky
    (example,) = [each for each in ada.steadiness if each.name == "test_example"]
    assert not example.flaky


def test_the_first_grading_is_the_one_without_repeats(mini, inline):
    """Answers, inputs and, where nothing is flaky, every result are those of a grading with one seed."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", "SECRET = 3 * x")
    once = grade(mini)["ada"]
    thrice = grade(mini, repeats=Repeats(count=3))["ada"]
    assert (thrice.graded, thrice.answers, thrice.seed) == (once.graded, once.answers, once.seed)
    assert (once.repeats, thrice.repeats) == (1, 3)


def test_more_seeds_than_wanted_are_enough(mini, inline):
    """A report with three seeds stands when one or two are wanted, and not when four are."""
    mini.release()
    mini.hand_in("ada")
    grade(mini, repeats=Repeats(count=3))
    for count, kept in ((1, 1), (3, 1), (4, 0)):
        wanted = Repeats(count=count)
        done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, repeats=wanted)
        assert done.kept == kept


def test_only_those_near_a_threshold(mini, inline):
    """With `near`, only who has an accuracy within the noise band of its floor, on either side, is graded again."""
    accuracy_checked(mini)
    mini.release()
    for student, right in (("far", 99), ("above", 82), ("below", 75), ("lost", 20)):
        mini.hand_in(student, "def double(x):", f"right = {right}\\ndef double(x):")
    reports = grade(mini, repeats=Repeats(count=2, of="near"))
    assert {name: report.repeats for name, report in reports.items()} == {"far": 1, "above": 2, "below": 2, "lost": 1}
    outcomes = {name: report.graded[0].results[-1].verdict.outcome for name, report in reports.items()}
    assert outcomes == {
        "far": Outcome.PASSED, "above": Outcome.PASSED, "below": Outcome.PERSON, "lost": Outcome.FAILED,
    }  # fmt: skip


def test_a_fault_of_ours_says_nothing_about_the_seed(mini, inline):
    """A repeat in which the harness failed makes no check flaky."""
    mini.release()
    mini.hand_in("ada")
    ada = grade(mini)["ada"]
    failed = grade_with_fault(ada)
    assert not [each for each in judged(ada, [ada, failed]).steadiness if each.flaky]
    assert judged(ada, [ada, failed]).graded == ada.graded


def grade_with_fault(report: NotebookReport) -> NotebookReport:
    """The same report as if the harness had failed at each check."""

    def broken(result: CheckResult) -> CheckResult:
        verdict = msgspec.structs.replace(result.verdict, outcome=Outcome.UNCHECKED, fault=Fault.HARNESS)
        return msgspec.structs.replace(result, verdict=verdict)

    cells = (
        msgspec.structs.replace(cell, results=tuple(broken(each) for each in cell.results)) for cell in report.graded
    )
    return msgspec.structs.replace(report, graded=tuple(cells))


def test_the_command_names_flaky_checks(mini, inline):
    """`referee grade --repeats` says which checks are flaky and for whom; --near needs --repeats."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", LUCKY)
    mini.hand_in("bob")
    done = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root), "--repeats", "3"])
    assert done.exit_code == 0, done.output
    assert "flaky: mini double/test_example: ada (passed 2, failed 1)" in done.stdout
    assert CliRunner().invoke(main, ["grade", "week", "--near"]).exit_code == 2


@pytest.mark.parametrize("flaky", [True, False])
def test_a_regrade_of_what_was_repeated(flaky, mini, inline):
    """What was steady is regraded from its recording; what the seed decided runs again, with as many seeds."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", LUCKY if flaky else "SECRET = 3 * x")
    grade(mini, repeats=Repeats(count=3))
    mini.write("graders/hidden/week/mini.py", HIDDEN.replace("weight=3", "weight=2"))
    found = workflow.regrade_assignment(
        mini.course, "week", progress=lambda _: None, wishes=workflow.RegradeWishes(apply=True)
    )
    assert [each.why for each in found.run_again] == ["its checks depended on the seed"] * flaky
    (report,) = workflow.grade_assignment(mini.course, "week", progress=lambda _: None).reports
    assert report.notebooks[0].repeats == 3
    assert bool(report.notebooks[0].needs_person) is flaky
