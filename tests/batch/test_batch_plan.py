"""What is to be graded: everything that determines a result, changed one at a time, and who is graded for it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from referee import basis, grading
from referee.batch import store
from referee.batch.parcel import parcel
from referee.batch.plan import ClassPlan, plan
from referee.batch.running import SetAside, outcome_of
from referee.batch.work import Order, given_up
from referee.collect.note import NOTE, CollectedFile, CollectedNote, encode
from referee.events import Event, Finished, Planned
from referee.report import Environment, Exceeded, Fault, NotebookReport, Outcome, Usage, Verdict
from referee.stability import Repeats
from referee.tasks import Task, tasks_of
from tests.batch.graded import course_in, edit, grade, in_this_process, rewrite
from tests.conftest import MiniCourse

LITTLE = Usage(seconds=1, cell_seconds=0.5, question_seconds=0.1, memory_mb=50, processes=20)
ALL = ("ada", "ben", "cleo", "dan")
Plan = Callable[..., dict[str, str]]


# --- a class that is graded once, and its copies ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """Three students who handed in a notebook, and one an empty file; graded."""
    mini = course_in(tmp_path_factory.mktemp("once") / "course")
    for student in ALL[:2]:
        mini.hand_in(student)
    mini.hand_in("cleo", "SECRET = 2 * x", "SECRET = 3 * x")
    mini.write("submitted/dan/week/mini.ipynb", "")
    with in_this_process():
        reports = grade(mini)
    assert [report.earned for report in reports] == [4, 4, 0, 0]
    return mini


@pytest.fixture
def mini(graded_once, tmp_path, monkeypatch):
    """A copy of the class, which a test may change."""
    monkeypatch.delenv("REFEREE_DATA", raising=False)
    shutil.copytree(graded_once.root, tmp_path / "elsewhere")
    return MiniCourse(tmp_path / "elsewhere")


@pytest.fixture
def made(mini) -> Callable[..., ClassPlan]:
    """Makes the plan for the class as it is now, when the solution has been seen to use as much as `use` says."""

    def make(environments: Collection[Environment] = (), use: Usage = LITTLE, **wishes: Any) -> ClassPlan:
        course = mini.course
        for exercise in course.exercises("week"):
            course.remember(exercise, use)
        with tempfile.TemporaryDirectory() as folder:
            templates = parcel(course, "week").unpack(Path(folder))
            here = environments or (grading.environment(),)
            return plan(course, "week", course.submitted("week"), templates, here, **wishes)

    return make


@pytest.fixture
def planned(made) -> Plan:
    """Tells who is to be graded now, and why."""
    return lambda *args, **wishes: {item.student: item.why for item in made(*args, **wishes).todo}


def tasks(mini: MiniCourse, student: str) -> tuple[Task, ...]:
    """The tasks of a student's submission, as a run has them."""
    known = parcel(mini.course, "week").unpack(mini.root.parent / "unpacked")
    return tasks_of(known, mini.course.submission(student, "week"), student)


# --- what has not changed ---------------------------------------------------------------------------------------------


def test_after_a_grading_nothing_is_to_be_graded(graded_once):
    """The same command once more grades nobody, and hands back the same reports."""
    mini = graded_once
    heard: list[Event] = []
    before = {path: path.read_bytes() for path in (mini.root / "reports").rglob("*.json")}
    with in_this_process():
        reports = grade(mini, heard.append)
    assert [(event.kept, event.to_grade) for event in heard if isinstance(event, Planned)] == [(4, 0)]
    assert [report.earned for report in reports] == [4, 4, 0, 0]
    assert {path: path.read_bytes() for path in (mini.root / "reports").rglob("*.json")} == before


def test_a_copy_of_the_class_is_as_before(planned, made):
    """Where a course lies determines nothing: its copy's reports stand, and are handed on without their recordings."""
    assert planned() == {}
    assert [report.student for report in made().kept] == list(ALL)
    assert set(made().earlier) == set(ALL)
    assert not any(book.answers for report in made().kept for book in report.notebooks)


NOTHING: dict[str, Callable[[MiniCourse], object]] = {
    "a module that nobody imports": lambda mini: edit(mini, "unused.py"),
    "a package that nobody imports": lambda mini: edit(mini, "other/__init__.py"),
    "the author's solution": lambda mini: edit(mini, "solutions/week/mini.ipynb", "2 * x", "x + x"),
    "a cache": lambda mini: mini.write("facts/__pycache__/numbers.cpython-311.pyc", "x"),
    "a hidden file beside the notebook": lambda mini: mini.write("solutions/week/.DS_Store", "x"),
    "what students see of checks": lambda mini: edit(mini, "course.toml", "", '\n[disclosure]\nhidden = "nothing"\n'),
    "what a regrade may do": lambda mini: edit(mini, "course.toml", "", "\n[regrade]\nnever_lower = true\n"),
    "a notebook that is only touched": lambda mini: os.utime(mini.root / "submitted/ada/week/mini.ipynb"),
    "another file beside a student's": lambda mini: mini.write("submitted/ada/week/notes.txt", "x"),
    "another assignment's grader": lambda mini: mini.write("graders/hidden/weak/mini.py", "x"),
    "a page that is gone": lambda mini: shutil.rmtree(mini.root / "feedback"),
}


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING.keys())
def test_what_determines_no_result(mini, planned, change):
    """What cannot change a result is no reason to grade."""
    change(mini)
    assert planned() == {}


# --- what has changed -------------------------------------------------------------------------------------------------


def both(mini: MiniCourse, old: str, new: str) -> None:
    """Change the solution and the released exercise, as a release would."""
    for folder in ("solutions", "exercises"):
        edit(mini, f"{folder}/week/mini.ipynb", old, new)


CLASS: dict[str, tuple[Callable[[MiniCourse], object], str]] = {
    "a hidden grader": (lambda mini: edit(mini, "graders/hidden/week/mini.py"), "graders changed"),
    "a public grader": (lambda mini: edit(mini, "graders/public/week/mini.py"), "graders changed"),
    "no hidden grader": (lambda mini: (mini.root / "graders/hidden/week/mini.py").unlink(), "graders changed"),
    "a module of an imported package": (lambda mini: edit(mini, "facts/numbers.py"), "graders changed"),
    "a module behind it": (lambda mini: edit(mini, "facts/inner.py"), "graders changed"),
    "a file in an imported package": (lambda mini: edit(mini, "facts/table.json"), "graders changed"),
    "a module more in it": (lambda mini: mini.write("facts/more.py", ""), "graders changed"),
    "an imported module": (lambda mini: edit(mini, "scale.py"), "graders changed"),
    "a module that is imported in one of its functions": (lambda mini: edit(mini, "deeper.py"), "graders changed"),
    "points": (lambda mini: both(mini, '"points": 4', '"points": 6'), "points changed"),
    "a locked cell": (lambda mini: both(mini, "import exercise", "import exercise  # now"), "exercise changed"),
    "what a student starts from": (
        lambda mini: edit(mini, "exercises/week/mini.ipynb", "YOUR CODE", "Your code"),
        "exercise changed",
    ),
    "the tag of a cell": (lambda mini: both(mini, '"parameters"\n', '"other"\n'), "exercise changed"),
    "a file beside the notebook": (lambda mini: edit(mini, "solutions/week/data.txt"), "exercise changed"),
    "a file more beside it": (lambda mini: mini.write("solutions/week/more/a.txt", ""), "exercise changed"),
    "a file beside it that a grader imports": (
        lambda mini: edit(mini, "solutions/week/helper.py"),
        "exercise changed, graders changed",
    ),
    "a limit": (lambda mini: edit(mini, "course.toml", "cell_seconds = 20", "cell_seconds = 21"), "policy changed"),
    "a limit of the assignment": (
        lambda mini: edit(mini, "course.toml", "", "\n[assignment.week.limits]\nmemory_mb = 999\n"),
        "policy changed",
    ),
    "the seed": (lambda mini: edit(mini, "course.toml", "seed = 7", "seed = 8"), "policy changed"),
    "another parameter": (
        lambda mini: edit(mini, "course.toml", "", "\n[assignment.week.parameters]\nepochs = 3\n"),
        "policy changed",
    ),
    "what is withheld": (lambda mini: edit(mini, "course.toml", "", '\n[data]\nwithhold = ["y"]\n'), "policy changed"),
    "a notebook more": (
        lambda mini: [
            shutil.copy(mini.root / folder / "week/mini.ipynb", mini.root / folder / "week/more.ipynb")
            for folder in ("solutions", "exercises")
        ],
        "notebooks added or removed",
    ),
    "two things": (
        lambda mini: (edit(mini, "course.toml", "seed = 7", "seed = 8"), edit(mini, "scale.py")),
        "graders changed, policy changed",
    ),
}


@pytest.mark.parametrize(("change", "why"), CLASS.values(), ids=CLASS.keys())
def test_what_determines_the_results_of_a_class(mini, planned, change, why):
    """What all results depend on is a reason to grade everybody, and the reason names it."""
    change(mini)
    assert planned() == dict.fromkeys(ALL, why)


def late(mini: MiniCourse) -> None:
    """Say of Ada's notebook that it came late."""
    content = (mini.root / "submitted/ada/week/mini.ipynb").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    file = CollectedFile(name="mini.ipynb", member="x", late=True, attempt=1, sha256=digest)
    (mini.root / "submitted/ada/week" / NOTE).write_bytes(
        encode(CollectedNote(kind="folder", source="x", files=(file,)))
    )


def no_file(mini: MiniCourse) -> None:
    """Put a folder in the place of Dan's empty file: his page would say another thing."""
    path = mini.root / "submitted/dan/week/mini.ipynb"
    path.unlink()
    path.mkdir()


ONE: dict[str, tuple[Callable[[MiniCourse], object], dict[str, str]]] = {
    "a notebook": (lambda mini: mini.hand_in("ada", "SECRET = 2 * x", "SECRET = x+x"), {"ada": "handed in anew"}),
    "a name": (
        lambda mini: (mini.root / "submitted/ada/week/mini.ipynb").rename(mini.root / "submitted/ada/week/my.ipynb"),
        {"ada": "handed in anew"},
    ),
    "a notebook that is none of the exercises": (
        lambda mini: mini.write("submitted/ada/week/notes.ipynb", "{}"),
        {"ada": "handed in anew"},
    ),
    "no notebook any more": (
        lambda mini: (mini.root / "submitted/ada/week/mini.ipynb").unlink(),
        {"ada": "handed in anew"},
    ),
    "late": (late, {"ada": "handed in anew"}),
    "something else that cannot be read": (no_file, {"dan": "handed in anew"}),
    "another's notebook": (
        lambda mini: shutil.copy(mini.root / "submitted/cleo/week/mini.ipynb", mini.root / "submitted/ben/week"),
        {"ben": "handed in anew"},
    ),
    "a student": (lambda mini: mini.hand_in("zoe"), {"zoe": "not graded yet"}),
    "a student less": (lambda mini: shutil.rmtree(mini.root / "submitted/cleo"), {}),
    "no report": (lambda mini: (mini.root / "reports/week/ben.json").unlink(), {"ben": "not graded yet"}),
    "half a report": (
        lambda mini: os.truncate(mini.root / "reports/week/ben.json", 1000),
        {"ben": "not graded yet"},
    ),
    "a report of nothing": (lambda mini: mini.write("reports/week/ben.json", ""), {"ben": "not graded yet"}),
    "a report of another version": (
        lambda mini: edit(mini, "reports/week/ben.json", '"schema": 4', '"schema": 2'),
        {"ben": "not graded yet"},
    ),
}


@pytest.mark.parametrize(("change", "todo"), ONE.values(), ids=ONE.keys())
def test_what_determines_one_result(mini, planned, change, todo):
    """What concerns one student is a reason to grade that one alone."""
    change(mini)
    assert planned() == todo


def test_versions_of_packages(mini, planned, monkeypatch):
    """Another version of a package that matters is a reason; a report stands if any of the workers is as it was."""
    before = grading.environment()
    monkeypatch.setattr(grading, "_versions", lambda: {**before.packages, "numpy": "0.1"})
    assert planned() == dict.fromkeys(ALL, "environment changed")
    assert planned((grading.environment(), before)) == {}
    without = msgspec.structs.replace(before, isolation=before.isolation[1:])
    assert planned((without,)) == ({} if without == before else dict.fromkeys(ALL, "environment changed"))


def test_of_several_environments_the_nearest_counts(mini, planned):
    """With workers that differ, a change that all of them share is the reason, without those of some."""
    edit(mini, "scale.py")
    here = grading.environment()
    other = msgspec.structs.replace(here, python="2.7")
    assert planned((other, here)) == dict.fromkeys(ALL, "graders changed")
    assert planned((other,)) == dict.fromkeys(ALL, "environment changed, graders changed")


def test_the_content_of_the_data(mini, planned, monkeypatch, tmp_path):
    """A data file counts by its name and content, not by its place or age; without it the policy is another one."""
    data = tmp_path / "digits.npz"
    np.savez(data, x=np.arange(3))
    monkeypatch.setenv("REFEREE_DATA", str(data))
    assert planned() == dict.fromkeys(ALL, "policy changed")
    for student in ALL[1:]:
        shutil.rmtree(mini.root / "submitted" / student)
    with in_this_process():  # where there is no data, but for what is set now
        monkeypatch.setenv("REFEREE_DATA", str(data))
        grade(mini)
    assert planned() == {}
    os.utime(data, (1, 1))
    assert planned() == {}
    (tmp_path / "there").mkdir()
    moved = shutil.copy(data, tmp_path / "there")
    monkeypatch.setenv("REFEREE_DATA", str(moved))
    assert planned() == {}
    np.savez(moved, x=np.arange(4))
    assert planned() == {"ada": "policy changed"}
    renamed = shutil.copy(data, tmp_path / "numbers.npz")
    monkeypatch.setenv("REFEREE_DATA", str(renamed))
    assert planned() == {"ada": "policy changed"}
    monkeypatch.delenv("REFEREE_DATA")
    assert planned() == {"ada": "policy changed"}


# --- what failed, what is asked for -----------------------------------------------------------------------------------


def fail(mini: MiniCourse, student: str) -> None:
    """Leave a report that says that the harness failed."""
    order = Order(student, tasks(mini, student), "Mini")
    outcome = given_up(order, "the harness failed")
    store.write(mini.course, outcome.report, outcome.text, outcome.notebooks)


def put_aside(mini: MiniCourse, student: str) -> None:
    """Leave a report that says that a submission ended its worker twice."""
    outcome = outcome_of(Order(student, tasks(mini, student), "Mini"), SetAside("killed by SIGKILL"))
    store.write(mini.course, outcome.report, outcome.text, outcome.notebooks)


def break_check(mini: MiniCourse, student: str) -> None:
    """Leave a report that says that a check is broken."""
    verdict = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)

    def change(book: NotebookReport) -> NotebookReport:
        cells = (
            msgspec.structs.replace(
                cell, results=tuple(msgspec.structs.replace(each, verdict=verdict) for each in cell.results)
            )
            for cell in book.graded
        )
        return msgspec.structs.replace(book, graded=tuple(cells))

    rewrite(mini, student, change)


def test_what_failed_is_tried_again(mini, planned, made):
    """A submission that the harness failed is graded again; one that ended its worker twice waits to be asked for."""
    fail(mini, "ada")
    put_aside(mini, "ben")
    break_check(mini, "cleo")
    assert planned() == {"ada": "failed before"}
    assert [report.student for report in made().kept] == ["ben", "cleo", "dan"]


def test_only_what_failed(mini, planned):
    """`only_failed` takes all that could not be graded for our reasons, and nothing that merely changed."""
    fail(mini, "ada")
    put_aside(mini, "ben")
    break_check(mini, "cleo")
    mini.hand_in("zoe")
    edit(mini, "scale.py")
    assert planned(only_failed=True) == dict.fromkeys(("ada", "ben", "cleo"), "failed before")


def test_a_change_is_a_reason_to_try_again(mini, planned):
    """A submission that was set aside is graded when something that determines its result has changed."""
    put_aside(mini, "ben")
    mini.hand_in("ben", "SECRET = 2 * x", "SECRET = x+x")
    assert planned() == {"ben": "handed in anew"}


def test_asked_for(mini, planned, made):
    """`again` grades everybody, each for the better reason where there is one."""
    put_aside(mini, "ben")
    mini.hand_in("cleo")
    mini.hand_in("zoe")
    assert planned(again=True) == {
        "ada": "asked for",
        "ben": "asked for",
        "cleo": "handed in anew",
        "dan": "asked for",
        "zoe": "not graded yet",
    }
    assert made(again=True).reasons == {"asked for": 3, "handed in anew": 1, "not graded yet": 1}
    assert next(iter(made(again=True).reasons)) == "asked for"


def test_more_seeds_wanted(mini, planned):
    """With more seeds those are graded that had fewer; not those that had as many, or that cannot be run."""
    rewrite(mini, "ada", lambda book: msgspec.structs.replace(book, repeats=3))
    rewrite(mini, "ben", lambda book: msgspec.structs.replace(book, repeats=2))
    assert planned(repeats=Repeats(count=1)) == {}
    assert planned(repeats=Repeats(count=3)) == {"ben": "3 seeds wanted", "cleo": "3 seeds wanted"}
    assert planned(repeats=Repeats(count=4), again=True)["ada"] == "4 seeds wanted"


def near(book: NotebookReport) -> NotebookReport:
    """The report, as if an accuracy were near its threshold."""
    (cell,) = book.graded
    results = (
        msgspec.structs.replace(each, evidence=msgspec.structs.replace(each.evidence, near=True))
        for each in cell.results
    )
    return msgspec.structs.replace(book, graded=(msgspec.structs.replace(cell, results=tuple(results)),))


def test_more_seeds_wanted_of_those_near_a_threshold(mini, planned):
    """Where only those near a threshold are wanted with more seeds, the others stand."""
    wanted = Repeats(count=3, of="near")
    assert planned(repeats=wanted) == {}
    rewrite(mini, "cleo", near)
    assert planned(repeats=wanted) == {"cleo": "3 seeds wanted"}


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_a_changed_grader_is_the_only_reason(mini):
    """When a grader has changed, the solution runs anew for its limits, and these are no second reason."""
    edit(mini, "graders/hidden/week/mini.py", "weight=3", "weight=1")
    for student in ("ben", "dan"):
        shutil.rmtree(mini.root / "submitted" / student)
    heard: list[Event] = []
    with in_this_process():
        grade(mini, heard.append)
        grade(mini, heard.append)
    reasons = [event.reasons for event in heard if isinstance(event, Planned)]
    assert reasons == [{"graders changed": 2}, {}]


def test_a_grader_that_is_edited_meanwhile_waits_for_the_next_run(mini, planned):
    """Everybody of a run is graded by the same checks, reference and exercise, whatever happens to their files."""
    shutil.rmtree(mini.root / "submitted" / "dan")
    heard: list[str] = []

    def hear(event: Event) -> None:
        if not isinstance(event, Finished):
            return
        heard.append(event.student)
        if len(heard) == 1:
            edit(mini, "facts/inner.py", "ONE = 1", "ONE = 1 + 1")
            edit(mini, "graders/hidden/week/mini.py", "TWO * value", "1 + TWO * value")
            edit(mini, "exercises/week/mini.ipynb", "seed = 0", "raise SystemExit")

    with in_this_process():
        reports = grade(mini, hear, again=True, students=["ada", "ben"])
    assert heard == ["ada", "ben"]
    assert [report.earned for report in reports] == [4, 4]
    assert planned() == dict.fromkeys(("ada", "ben", "cleo"), "exercise changed, graders changed")


def test_limits_that_were_measured_concern_whom_they_stopped(mini, planned):
    """Where the solution is seen to use more, only those are graded whom a limit stopped that is another one now."""
    limits = tasks(mini, "ada")[0].limits
    for student, limit in (("ben", "memory_mb"), ("cleo", "cell_seconds")):
        rewrite(mini, student, stopped(limits.exceeded(limit, 10**6)))
    assert planned() == {}
    assert planned(use=Usage(seconds=1, cell_seconds=15, memory_mb=3000)) == {"ben": "limits changed"}


def stopped(by: Exceeded) -> Callable[[NotebookReport], NotebookReport]:
    """Makes a report say that a limit stopped the notebook."""
    return lambda book: msgspec.structs.replace(
        book, timings=msgspec.structs.replace(book.timings, exceeded=(*book.timings.exceeded, by))
    )


def test_several_kinds_of_change_at_once_are_told_together(mini, made):
    """Reasons are counted, the most frequent first."""
    mini.hand_in("ben", "SECRET = 2 * x", "SECRET = x+x")
    edit(mini, "scale.py")
    assert made().reasons == {"graders changed": 3, "graders changed, handed in anew": 1}


def test_the_basis_knows_its_student(mini):
    """The same file of two students has two bases: hidden inputs differ between them."""
    ours, theirs = (
        basis.expected(task, grading.environment()) for name in ("ada", "ben") for task in tasks(mini, name)
    )
    assert ours.changes(theirs) == ("submission",)
