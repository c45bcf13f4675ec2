"""Every story in tests/scenarios: handed in, graded alone, and compared with what the story expects."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from referee import course as courses
from referee import grading, samples
from referee.course import AssignmentPolicy, Course
from referee.feedback import terminal
from referee.release import release
from referee.replay import replay, why_not
from referee.report import CellRun, CellStatus, NotebookReport, Report, from_json, to_json
from referee.samples import ExpectedCheck, Story
from referee.tasks import tasks_of, templates

ROOT = Path(__file__).parents[1]
STORIES = samples.stories(ROOT / "tests" / "scenarios")
FORGED = sorted(name for name in STORIES if name.startswith("forged_"))  # graded in test_forgeries.py
TOLD = sorted(set(STORIES) - set(FORGED))
PARTS = ("course.toml", "nbgrader_config.py", "solutions", "reference", "graders", "datasets", "calibrations")


def make_course(folder: Path) -> Course:
    """A copy of this course, released into `folder`: nothing that runs here touches the tree that people work in."""
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(ROOT / name, folder / name)
    samples.trim(folder, STORIES.values())
    made = courses.load(folder)
    release(made, None)
    return made


def under(course: Course, story: Story) -> Course:
    """The course with a story's own limits and parameters in place of its own."""
    own = {name: course.policy.assignment.get(name, AssignmentPolicy()) for name in story.assignments}
    changed = {
        name: msgspec.structs.replace(
            policy, limits={**policy.limits, **story.limits}, parameters={**policy.parameters, **story.parameters}
        )
        for name, policy in own.items()
    }
    policy = msgspec.structs.replace(course.policy, assignment={**course.policy.assignment, **changed})
    return Course(course.root, policy)


def graded(course: Course, story: Story) -> list[Report]:
    """Hand in one story, and nothing else, and grade it; its recordings give the same report again."""
    shutil.rmtree(course.root / "submitted", ignore_errors=True)
    samples.hand_in(course, story)
    course = under(course, story)
    reports = [grading.grade(course, name, story.student)[0] for name in story.assignments]
    for report in reports:
        require_replay(course, report)
    return reports


def require_replay(course: Course, report: Report) -> None:
    """Fail where a report, read from its file, is not what its own recordings give."""
    folder = course.submission(report.student, report.assignment)
    tasks = tasks_of(templates(course, report.assignment), folder, report.student)
    for task, book in zip(tasks, from_json(to_json(report)).notebooks, strict=True):
        assert not why_not(task, book)
        assert replay(task, book) == book


def require(story: Story, reports: list[Report]) -> None:
    """Fail, with everything that differs and with the report as a person would read it, where a story is not met."""
    wrong = [line for report in reports for line in differences(story, report)]
    if wrong:
        pages = [terminal.render(report, width=120, color=False) for report in reports]
        pytest.fail("\n".join([f"story: {story.tells}", *wrong, "", *pages]), pytrace=False)


def differences(story: Story, report: Report) -> Iterator[str]:
    """Each point in which a report is not what the story expects, as one line."""
    expect = story.expect
    handed_in = {edits.exercise.split("/")[1] for edits in story.notebook}
    notebooks = {each.notebook: each for each in report.notebooks if each.notebook in handed_in}
    yield from _unequal("earned", expect.earned, {name: round(each.earned, 4) for name, each in notebooks.items()})
    yield from _unequal(
        "notes", sorted(expect.notes), sorted({n.code for each in notebooks.values() for n in each.notes})
    )
    waits = sorted(cell.grade_id for each in notebooks.values() for cell in each.needs_person)
    yield from _unequal("waits for a person", sorted(expect.waits), waits)
    bad = {
        _cell_name(run): run.status.value for each in notebooks.values() for run in each.cells if not _ended_well(run)
    }
    yield from _unequal("cells that did not end well", expect.cells, bad)
    refused = {name: each.refused for name, each in notebooks.items() if each.refused}
    yield from _unequal("refused", sorted(expect.refused), sorted(refused))
    yield from (
        f"refused {name}: expected the words {words!r}, found {refused[name]!r}"
        for name, words in expect.refused.items()
        if name in refused and words not in refused[name]
    )
    for key, wanted in expect.checks.items():
        yield from _check_differences(key, wanted, notebooks)
    said = "\n".join(words for each in notebooks.values() for words in _said(each))
    yield from (f"says: expected {words!r} in\n{said}" for words in expect.says if words not in said)


def _check_differences(key: str, wanted: ExpectedCheck, notebooks: dict[str, NotebookReport]) -> Iterator[str]:
    *only, cell, name = key.split("/")
    found = [
        result
        for notebook, report in notebooks.items()
        for result in report.results
        if (result.check, result.name) == (cell, name) and only in ([], [notebook])
    ]
    if len(found) != 1:
        yield f"check {key}: expected one, found {len(found)}"
        return
    verdict, evidence = found[0].verdict, found[0].evidence
    yield from _unequal(f"check {key}: outcome", wanted.outcome, verdict.outcome.value)
    yield from _unequal(f"check {key}: fault", wanted.fault, verdict.fault.value if verdict.fault else "")
    yield from _unequal(f"check {key}: misconception", wanted.misconception, evidence.misconception)
    said = f"{evidence.words}\n{evidence.hint}"
    yield from (f"check {key}: expected {words!r} in\n{said}" for words in wanted.words if words not in said)


def _unequal(what: str, wanted: object, found: object) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: expected {wanted!r}, found {found!r}"


def _said(report: NotebookReport) -> Iterator[str]:
    yield from (note.words for note in report.notes)
    yield from (cell.words for cell in report.cells)
    yield from (cell.words for cell in report.graded)


def _ended_well(run: CellRun) -> bool:
    return run.status is CellStatus.OK


def _cell_name(run: CellRun) -> str:
    return run.grade_id or f"cell {run.index + 1}"


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("name", TOLD)
def test_story(course, name):
    """Grading a sample submission says exactly what its story expects."""
    require(STORIES[name], graded(course, STORIES[name]))
