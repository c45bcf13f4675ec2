"""Which submissions are to be graded: those whose result could be another one than their report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from referee import basis
from referee.batch import store
from referee.course import Course
from referee.report import Environment, Fault, NotebookReport, Report
from referee.stability import Repeats
from referee.tasks import Task, tasks_of

_WORDS = {"submission": "handed in anew", "points": "points changed"}


@dataclass(frozen=True)
class Item:
    """One submission to grade, and why."""

    student: str
    tasks: tuple[Task, ...]
    why: str


@dataclass
class ClassPlan:
    """What is to be graded, and the reports that stand; `earlier` are all reports that there are, by student."""

    todo: list[Item] = field(default_factory=list)
    kept: list[Report] = field(default_factory=list)
    earlier: dict[str, Report] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, int]:
        """Why submissions are graded, with how many."""
        return dict(Counter(item.why for item in self.todo).most_common())


def plan(
    course: Course,
    assignment: str,
    students: Sequence[str],
    templates: Sequence[Task],
    environments: Collection[Environment],
    *,
    repeats: Repeats | None = None,
    again: bool = False,
    only_failed: bool = False,
) -> ClassPlan:
    """Compare what there is with what was graded.

    Parameters
    ----------
    environments : those of the workers; a report from another one may come out differently.
    again : grade everybody.   only_failed : only those that could not be graded for our reasons, and these in any case.
    """
    made = ClassPlan()
    for student in students:
        tasks = tasks_of(templates, course.submission(student, assignment), student)
        report = store.read_report(store.report_path(course, assignment, student), student)
        if report is not None:
            report = report.without_answers()
            made.earlier[student] = report
        failed = report is not None and report.ours_failed
        why = why_again(report, tasks, environments, repeats or Repeats()) or ("asked for" if again else "")
        if only_failed:
            if not failed:
                continue
            why = "failed before"
        if why:
            made.todo.append(Item(student, tasks, why))
        elif report is not None:
            made.kept.append(report)
    return made


def why_again(
    report: Report | None, tasks: Sequence[Task], environments: Collection[Environment], repeats: Repeats
) -> str:
    """Why a submission is to be graded; empty where its report stands."""
    if report is None:
        return "not graded yet"
    notebooks = {notebook.notebook: notebook for notebook in report.notebooks}
    if notebooks.keys() != {task.notebook for task in tasks}:
        return "notebooks added or removed"
    changes = {part for task in tasks for part in _changes(notebooks[task.notebook], task, environments)}
    if changes:
        return ", ".join(_WORDS.get(part, f"{part} changed") for part in sorted(changes))
    if any(_limited(notebooks[task.notebook], task) for task in tasks):
        return "limits changed"
    if any(Fault.HARNESS in book.faults and not book.set_aside for book in report.notebooks):
        return "failed before"
    if any(book.repeats < repeats.wanted(book) for book in report.notebooks):
        return f"{repeats.count} seeds wanted"
    return ""


def _changes(notebook: NotebookReport, task: Task, environments: Collection[Environment]) -> tuple[str, ...]:
    """What changed since a report; in the environment that differs least."""
    bases = (basis.expected(task, environment) for environment in environments)
    return min((notebook.basis.changes(now) for now in bases), key=len)


def _limited(notebook: NotebookReport, task: Task) -> bool:
    """Whether a limit stopped a notebook that is another one now."""
    return any(each.allowed != getattr(task.limits, each.limit) for each in notebook.timings.exceeded)
