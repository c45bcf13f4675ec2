"""A class in which good and bad submissions are mixed: everyone gets their due, on disk and in the gradebook."""

import os
import shutil
import socket
from contextlib import closing

import nbformat
import pytest
from click.testing import CliRunner

from referee import samples, workflow
from referee.cli import main
from referee.errors import UsageError
from referee.events import Begun, Event, Finished
from referee.gradebook import read_scores
from referee.report import CellStatus, from_json
from referee.sandbox import isolation
from tests.conftest import mini_cells, nbgrader_cell
from tests.test_scenarios import STORIES, make_course

#: student -> story; what each earns is what the story itself expects
CLASS = {
    "ada": "perfect_convolution",
    "ben": "broken_json",
    "cleo": "exits_the_process",
    "dan": "flipped_kernel",
    "eve": "forged_everything",
    "fay": "bad_empty_file",
    "gus": "checks_deleted",
    "hal": "bad_r_kernel",
    "ian": "wrong_name",
}


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory: pytest.TempPathFactory):
    """The course and what grading its class left behind, with two workers."""
    course = make_course(tmp_path_factory.mktemp("class"))
    for student, name in CLASS.items():
        story = STORIES[name]
        samples.hand_in(course, samples.Story(tells=story.tells, student=student, notebook=story.notebook))
    said: list[str] = []
    heard: list[Event] = []
    done = workflow.grade_assignment(course, "convolution", progress=said.append, hear=heard.append, workers=2)
    return course, done, said, heard


def due(student: str) -> float:
    return STORIES[CLASS[student]].expect.earned["feature_map"]


def test_everyone_gets_their_points(whole_class):
    """Bad submissions leave the rest of the class untouched."""
    _, done, *_ = whole_class
    assert {report.student: round(report.earned, 4) for report in done.reports} == {name: due(name) for name in CLASS}
    assert not done.ours_failed


def test_reports_on_disk(whole_class):
    """Each report lies on disk as it was returned, with its recordings, and nothing half-written beside it."""
    course, done, *_ = whole_class
    folder = course.root / "reports" / "convolution"
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{student}.json" for student in CLASS)
    for report in done.reports:
        assert from_json((folder / f"{report.student}.json").read_bytes()).without_answers() == report


def test_executed_notebooks(whole_class):
    """Everyone has a notebook for the formgrader: as it ran, or one that says why nothing ran."""
    course, done, *_ = whole_class
    for report in done.reports:
        path = course.root / "autograded" / report.student / "convolution" / "feature_map.ipynb"
        cells = nbformat.read(path, 4).cells
        ran = any(cell.cell_type == "code" and cell.outputs for cell in cells)
        assert ran is not bool(report.notebooks[0].refused), report.student
    assert {report.student for report in done.reports if report.notebooks[0].refused} == {"ben", "fay", "hal"}


def test_feedback_pages(whole_class):
    """Everyone has a page: with the hint for a mistake, or with why nothing could be run."""
    course, *_ = whole_class
    pages = {
        student: (course.root / "feedback" / student / "convolution" / "feature_map.html").read_text(encoding="utf-8")
        for student in CLASS
    }
    assert "the kernel was turned by 180 degrees" in pages["dan"]
    assert "an empty file" in pages["fay"]
    assert "choose a Python kernel" in pages["hal"]
    assert "20 of 20 points" in pages["ada"]


def test_gradebook(whole_class):
    """nbgrader computes the same scores, and asks a person for nothing."""
    _, done, *_ = whole_class
    rows = {row.student: row for row in read_scores(done.database, "convolution")}
    assert {name: round(row.score, 4) for name, row in rows.items()} == {name: due(name) for name in CLASS}
    assert {row.max_score for row in rows.values()} == {20}
    assert not any(row.needs_manual_grade for row in rows.values())


def test_progress(whole_class):
    """What is to be done is said before it is done, and each submission's end is an event of its own."""
    _, done, said, heard = whole_class
    assert said[0] == "convolution: 9 submissions"
    assert said[1] == f"kernels: held by {', '.join(isolation.names())}"
    assert sum(line.startswith("limits for feature_map: ") for line in said) == 1
    assert "to grade: 9 (not graded yet)" in said
    assert any(line.startswith("workers: 2 at a time (2 wanted; ") for line in said)
    planned, *_, ended = heard
    assert (planned.total, planned.kept, planned.to_grade, planned.at_a_time) == (9, 0, 9, 2)
    assert (ended.finished, ended.kept, ended.ours_failed, ended.stopped) == (9, 0, 0, "")
    finished = [event for event in heard if isinstance(event, Finished)]
    assert {event.student: event.earned for event in finished} == {each.student: each.earned for each in done.reports}
    begun = [event.student for event in heard if isinstance(event, Begun)]
    assert begun == sorted(CLASS)


def test_failing_students_are_a_success(whole_class):
    """The command that grades only students who failed ends with exit code 0: the class is graded."""
    course, *_ = whole_class
    arguments = ["grade", "convolution", "--student", "ben", "--student", "eve", "--course", str(course.root)]
    result = CliRunner().invoke(main, [*arguments, "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert "ben  0 of 20" in result.stdout
    assert "eve  0 of 20" in result.stdout


def test_unknown_student(whole_class):
    """A student who handed in nothing cannot be chosen, and the words say who may have been meant."""
    course, *_ = whole_class
    with pytest.raises(UsageError, match="cloe") as caught:
        workflow.grade_assignment(course, "convolution", progress=lambda _: None, students=("ada", "cloe"))
    assert caught.value.wanted == "students who handed in convolution (9 did)"
    assert caught.value.found == "cloe; names like these: cleo"


def test_nobody_handed_in(whole_class):
    """An assignment without a submission is an error that says where submissions belong."""
    course, *_ = whole_class
    with pytest.raises(UsageError, match="submitted") as caught:
        workflow.grade_assignment(course, "cnn_mnist", progress=lambda _: None)
    assert caught.value.exit_code == 2


def test_never_released(mini):
    """What was never released cannot be graded: the released exercise is the truth about its cells."""
    mini.hand_in("ann")
    with pytest.raises(UsageError, match="run `referee release week`"):
        workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)


def test_solution_changed_since_the_release(mini, cell_of):
    """A cell with other points than the released one's stops the grading before anybody is graded."""
    mini.release()
    mini.hand_in("ann")
    text = mini.solution.read_text(encoding="utf-8")
    mini.solution.write_text(text.replace('"points": 4', '"points": 5'), encoding="utf-8")
    with pytest.raises(UsageError, match="the solution was changed since"):
        workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)
    assert not (mini.root / "reports").exists()


def test_grading_again(mini):
    """Grading a class a second time changes neither a score nor a report, durations aside."""
    mini.release()
    mini.hand_in("ann", "SECRET = 2 * x", "SECRET = 6")
    done = [
        workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1, again=True) for _ in range(2)
    ]
    first, second = ([report.without_timings() for report in each.reports] for each in done)
    assert first == second
    assert [row.score for row in read_scores(done[1].database, "week")] == [1]


def limits_said(mini, **options) -> list[str]:
    """Grade the small class, and what was said about limits meanwhile."""
    said: list[str] = []
    workflow.grade_assignment(mini.course, "week", progress=said.append, workers=1, **options)
    return [line for line in said if line.startswith("limits")]


def test_a_solution_that_was_never_measured_runs_first(mini, measured):
    """Grading runs such a solution once, says so with the time it took, and derives the class's limits from it."""
    mini.write("course.toml", 'name = "Mini"\n')
    mini.release()
    mini.hand_in("ann")
    line = "limits for mini: 30 s per cell, 120 s in all, 3,072 MiB (from the solution's own run: {})"
    kept = line.format(".referee/usage/week/mini.json")
    assert limits_said(mini) == [
        "limits: what the solution uses is not known for mini as it stands; it runs once",
        "limits: the solution of mini took 10 s",
        kept,
    ]
    assert limits_said(mini) == [kept]


def test_stated_limits_are_said_with_where_the_others_come_from(mini, measured):
    """A course that states some limits keeps them, and the line says what the rest follows from."""
    mini.release()
    mini.hand_in("ann")
    assert limits_said(mini)[-1] == (
        "limits for mini: 20 s per cell, 60 s in all, 3,072 MiB "
        "(from course.toml, else the solution's own run: .referee/usage/week/mini.json)"
    )


def test_a_solution_that_does_not_end_well_gives_no_limits(mini, cell_of, measured):
    """A class is graded under stated limits and defaults where the solution's own run says nothing of use."""
    mini.notebook([*mini_cells(), cell_of("raise ValueError('left over')", "last")])
    mini.release()
    mini.hand_in("ann")
    assert limits_said(mini)[1:] == [
        "limits: the solution of mini took 10 s; it did not end well and gives no limits (see `referee verify`)",
        "limits for mini: 20 s per cell, 60 s in all, 4,096 MiB (from course.toml, else the defaults)",
    ]


def test_a_derived_limit_holds_for_the_class(mini, measured):
    """A student's cell that goes beyond what follows from the solution's run is stopped; what was answered counts."""
    mini.write("course.toml", "[derived]\nmost = { output_bytes = 1000 }\n")
    cells = mini_cells()
    cells.append(nbgrader_cell("last = 0", "last", "solution"))
    mini.notebook(cells)
    mini.release()
    mini.hand_in("ann", "last = 0", "while True: print('x' * 5000)")
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)
    (notebook,) = done.reports[0].notebooks
    assert (notebook.earned, notebook.cells[-1].status) == (4, CellStatus.LIMIT)
    assert "the limit of 1,000 bytes" in notebook.cells[-1].words


def test_a_strangers_notebook_is_not_run_without_a_layer(mini, monkeypatch):
    """Where a layer of the sandbox is missing nothing is run, until it is said that the submissions are trusted."""
    monkeypatch.setattr("referee.sandbox.isolation.missing", lambda: {"seccomp": "libseccomp.so.2 is not installed"})
    mini.release()
    mini.hand_in("ann")
    said: list[str] = []
    with pytest.raises(UsageError, match=r"seccomp: libseccomp\.so\.2 is not installed") as raised:
        workflow.grade_assignment(mini.course, "week", progress=said.append, workers=1)
    assert "--trust" in raised.value.remedy
    assert said == []
    workflow.grade_assignment(mini.course, "week", progress=said.append, workers=1, trust=True)
    assert "kernels: NOT held by seccomp: these submissions are trusted (see `referee doctor`)" in said


def test_a_students_run_takes_files_and_leaves_the_rest(mini):
    """A pipe, a socket or a link to nowhere beside the notebook does not keep it from being checked."""
    folder = mini.release()
    (folder / "notebook.txt").write_text("a file")
    (folder / "data").mkdir()
    os.mkfifo(folder / "data" / "pipe")
    os.mkfifo(folder / "pipe")
    (folder / "nowhere").symlink_to("gone")
    with closing(socket.socket(socket.AF_UNIX)) as service:
        service.bind(str(folder / "socket"))
        shutil.copy(mini.solution, folder / "mini.ipynb")
        assert not workflow.check_notebook(folder / "mini.ipynb").failed


@pytest.mark.parametrize("manifest", ["{", "[]", '{"mini": 3}', '{"mini": {"double": 3}}', "\0"])
def test_a_broken_manifest_is_said(mini, manifest):
    """Where the list of checks that came with the exercise was damaged, `referee check` says so and what to do."""
    folder = mini.release()
    (folder / "checks" / "manifest.json").write_text(manifest)
    with pytest.raises(UsageError, match="as it was handed out") as caught:
        workflow.check_notebook(folder / "mini.ipynb")
    assert caught.value.remedy == "download the exercise again"
