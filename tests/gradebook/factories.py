"""Small outlines and reports for the tests of the gradebook."""

import datetime

from referee.report import (
    PASSED,
    CellSpec,
    CheckResult,
    Environment,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    Outline,
    Report,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
CHECK_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
MONDAY = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)


def spec(grade_id, points=0.0, cell_type="code", **flags) -> CellSpec:
    source = f"# {grade_id}"
    return CellSpec(
        grade_id=grade_id, cell_type=cell_type, source=source, checksum="c" + grade_id, points=points, **flags
    )


def outline(points=3.0, extra=()) -> Outline:
    basics = (
        spec("intro", cell_type="markdown", locked=True),
        spec("conv_solution", solution=True),
        spec("conv", points, grade=True, locked=True),
        spec("essay", 2.0, "markdown", grade=True, solution=True),
        *extra,
    )
    more = (spec("more_solution", solution=True), spec("more", 1.0, grade=True, locked=True))
    return Outline(assignment="cnn", notebooks={"basics": basics, "more": more}, kernelspec={"name": "python3"})


def result(verdict=PASSED, sentence="The map of the deck's image.", check="conv") -> CheckResult:
    return CheckResult(check=check, name="test_it", sentence=sentence, weight=1.0, public=True, verdict=verdict)


def cell(grade_id, earned, points, *, score=0.0, kind="check", results=()) -> GradedCell:
    score = earned if score is not None else None
    return GradedCell(grade_id=grade_id, kind=kind, points=points, earned=earned, score=score, results=results)


def notebook(name, *cells) -> NotebookReport:
    environment = Environment(referee="0", python="3.11", platform="Linux")
    return NotebookReport(notebook=name, fingerprint="f", environment=environment, graded=cells)


ESSAY = cell("essay", 0.0, 2.0, score=None, kind="person")


def report(student, *, conv=None, essay=ESSAY, more=1.0, points=3.0) -> Report:
    conv = conv or cell("conv", points, points, results=(result(),))
    books = [notebook("basics", conv, essay)]
    if more is not None:
        books.append(notebook("more", cell("more", more, 1.0)))
    return Report(student=student, assignment="cnn", notebooks=tuple(books))


def faulty(student="bo", earned=1.0) -> Report:
    results = (result(), result(CHECK_FAULT, "It works on <any> image."))
    return report(student, conv=cell("conv", earned, 3.0, score=None, results=results), more=None)
