"""A notebook graded again from its recording: current checks, points and reference values, and nothing is run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from referee import authoring
from referee.answers.recorded import RecordedSource, was_refused_in_order
from referee.basis import digest
from referee.checks.session import graders_for
from referee.grading import environment, graded_cells
from referee.judging import Judge
from referee.report import CellSpec, CheckResult, Fault, GradedCell, NotebookReport
from referee.tasks import Task


def why_not(task: Task, report: NotebookReport) -> str:
    """Why a recording cannot say what the notebook would earn now; empty where it can, as far as is known."""
    if Fault.HARNESS in report.faults:
        return "it was not graded to its end"
    if any(each.flaky for each in report.steadiness):
        return "its checks depended on the seed"
    changes = report.basis.changes(task.basis)
    if "exercise" in changes:
        return "the exercise's cells changed"
    if "graders" in changes and any(was_refused_in_order(answer) for answer in report.answers):
        return "its kernel ended, or its answers were too many, while checks asked"
    reached, known = {pause.cell for pause in report.pauses}, {cell.grade_id for cell in report.graded}
    for cell in graded_cells(authoring.authored(task.authored)):
        if cell.grade_id not in known:
            return f"{cell.grade_id} is new"
        if not (report.refused or cell.solution or cell.task or cell.grade_id in reached):
            return f"{cell.grade_id} was not reached"
    return ""


def replay(task: Task, report: NotebookReport) -> NotebookReport | None:
    """The report as it would be with the task's graders and points; None where a question was never asked.

    A check that asks the same questions and draws the same numbers as before gets the same answers. One that depends on
    nothing that has changed, here and in the course, keeps its conclusion and is not run.

    Raises
    ------
    CourseError, GraderError : the course is wrong.
    """
    answers = RecordedSource(report.answers, task.limits)
    judge = Judge(task, graders_for(task.graders, task.root), _known(task, report, answers))
    known = {cell.grade_id: cell for cell in report.graded}

    def for_person(cell: CellSpec) -> GradedCell:
        return msgspec.structs.replace(known[cell.grade_id], points=cell.points)

    for pause in report.pauses:
        judge.at(pause.cell, answers, report.cells[: pause.ran])
    if answers.missed:
        return None
    cells = graded_cells(authoring.authored(task.authored))
    graded = tuple(map(for_person, cells)) if report.refused else judge.graded(cells, for_person)
    basis = msgspec.structs.replace(report.basis, graders=task.basis.graders, points=task.basis.points)
    return msgspec.structs.replace(report, graded=graded, basis=basis)


def _known(task: Task, report: NotebookReport, answers: RecordedSource) -> dict[tuple[str, str], CheckResult]:
    """The conclusions that may stand: with the same data and packages, where the order of questions is no matter."""
    here = digest(msgspec.to_builtins(environment()))
    if report.basis.policy != task.basis.policy or report.basis.environment != here:
        return {}
    cells = (cell for cell in report.graded if not answers.varies(cell.grade_id))
    results = ((cell.grade_id, result) for cell in cells for result in cell.results)
    ours = (Fault.CHECK, Fault.HARNESS)
    return {(cell, result.name): result for cell, result in results if result.verdict.fault not in ours}


def never_lower(before: NotebookReport, after: NotebookReport) -> NotebookReport:
    """The new report, but with the old result of each cell that would lose points by it."""
    known = {cell.grade_id: cell for cell in before.graded}
    return msgspec.structs.replace(after, graded=tuple(_kept(known, after)))


def _kept(known: dict[str, GradedCell], after: NotebookReport) -> Iterator[GradedCell]:
    for cell in after.graded:
        old = known.get(cell.grade_id)
        if old is None or old.earned <= cell.earned:
            yield cell
        else:
            words = f"kept from before a regrade, which would have given {cell.earned:g} of {cell.points:g}"
            earned = min(old.earned, cell.points)
            score = None if old.score is None else earned
            yield msgspec.structs.replace(old, points=cell.points, earned=earned, score=score, words=words)
