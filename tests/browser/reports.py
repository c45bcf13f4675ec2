"""Reports of every kind that a page of one notebook can be about, made by hand."""

from __future__ import annotations

from typing import Any

from referee.report import (
    PASSED,
    CellRun,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Exceeded,
    Fault,
    GradedCell,
    LayerRow,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Timings,
    Usage,
    Verdict,
)
from tests.browser import pictures

ENVIRONMENT = Environment(
    referee="0.1.0",
    python="3.11.7",
    platform="Linux-6.1.0-x86_64-with-glibc2.36",
    packages={"keras": "3.12.0", "numpy": "2.4.6", "tensorflow": "2.21.0"},
    isolation=("namespaces", "landlock", "seccomp", "limits"),
)
FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
TRACE = (
    "---------------------------------------------------------------------------\n"
    "ValueError                                Traceback (most recent call last)\n"
    "Cell In[3], line 4\n      2 def conv2d(image, kernel):\n      3     rows, columns = image.shape\n"
    "----> 4     return image @ kernel\n\nValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, "
    "with gufunc signature (n?,k),(k,m?)->(n?,m?) (size 3 is different from 6)\n"
)


def check(
    verdict: Verdict = PASSED, name: str = "test_values", *, public: bool = False, **evidence: object
) -> CheckResult:
    """One check of the cell `feature_map`."""
    return CheckResult(
        check="feature_map",
        name=name,
        sentence=f"Your conv2d holds what {name.removeprefix('test_').replace('_', ' ')} say.",
        weight=1.0,
        public=public,
        verdict=verdict,
        evidence=Evidence(**evidence),  # type: ignore[arg-type]  # the fields of Evidence, by name
        seed=12345,
    )


def cell(*results: CheckResult, name: str = "feature_map", points: float = 4.0) -> GradedCell:
    """A graded cell with these checks."""
    passed = sum(each.verdict.passed for each in results) / len(results) if results else 0.0
    waiting = not results or any(each.verdict.needs_person for each in results)
    return GradedCell(
        grade_id=name,
        kind="check" if results else "person",
        points=points,
        earned=points * passed,
        score=None if waiting else points * passed,
        results=results,
    )


def report(*graded: GradedCell, student: str = "ada", **fields: object) -> Report:
    """A report of one notebook, `feature_map`."""
    made = {"environment": ENVIRONMENT, "fingerprint": "f" * 64, "seed": 7, "graded": graded, **fields}
    book = NotebookReport(notebook="feature_map", **made)  # type: ignore[arg-type]  # the fields of a notebook's report
    return Report(student=student, assignment="convolution", notebooks=(book,))


def runs(status: CellStatus = CellStatus.OK, **last: str) -> tuple[CellRun, ...]:
    """Three cells that ran, the last of which ended so."""
    fine = tuple(CellRun(index=n, grade_id=name, status=CellStatus.OK) for n, name in ((1, "setup"), (3, "conv2d")))
    return (*fine, CellRun(index=5, grade_id="feature_map_answer", status=status, **last))


def _perfect() -> Report:
    results = (check(public=True), check(name="test_any_image"), check(name="test_borders"))
    used = Usage(seconds=4.1, cell_seconds=2.0, memory_mb=412, processes=24)
    timings = Timings(total=4.1, kernel_start=0.2, cells={"1": 0.4, "3": 0.1, "5": 2.0}, usage=used, kernel="warm")
    return report(cell(*results), cells=runs(), timings=timings)


def _failing() -> Report:
    arrays = "[[  0.  18.  30.]\n [ 12. -40.   6.]\n [  3.   3.   3.]]"
    results = (
        check(
            FAILED,
            public=True,
            words="Your value differs in 7 of 9 places, first at row 0, column 1: 18 is not what is wanted.",
            hint="A convolution in deep learning slides the kernel as it is: do not flip it.",
            misconception="the kernel was flipped",
            foreseen=True,
            tolerance="relative 1e-05, absolute 1e-08",
            actual=arrays,
            expected=arrays.replace("18", "24"),
        ),
        check(
            FAILED,
            "test_any_image",
            words="`conv2d` raised ValueError: matmul: mismatch in its core dimension",
            log=TRACE,
        ),
        check(name="test_borders"),
    )
    cells = runs(CellStatus.RAISED, error="ValueError: matmul: mismatch", traceback=TRACE)
    return report(cell(*results), cells=cells, notes=(Note(code="late", words="handed in 2 days late"),))


def _layers() -> Report:
    rows = (
        LayerRow(state="same", expected="Input (28, 28, 1)", actual="Input (28, 28, 1)"),
        LayerRow(
            state="different",
            expected="Conv2D 8 filters 3x3, same, relu: 80 parameters",
            actual="Conv2D 8 filters 3x3, valid, relu: 80 parameters",
            differs="padding: 'valid' where 'same' was wanted",
        ),
        LayerRow(state="missing", expected="MaxPooling2D 2x2", actual=None),
        LayerRow(state="extra", expected=None, actual="Dropout 0.3"),
    )
    return report(cell(check(FAILED, public=True, words="Your model has other layers than was asked for.", table=rows)))


def _pictures() -> Report:
    """Every kind of picture, once whole and once as far as the reader of a hidden check sees it."""
    seen: dict[str, Any] = {
        "words": "See.",
        "actual": "[[1. 2.]]",
        "expected": "[[1. 3.]]",
        "pictures": pictures.every(),
    }
    return report(cell(check(FAILED, public=True, **seen), check(FAILED, "test_borders", **seen)))


def _limits() -> Report:
    stopped = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.LIMIT)
    over = (
        Exceeded(limit="memory_mb", allowed=512, used=634, cell=5),
        Exceeded(limit="notebook_seconds", allowed=120, used=121.5),
    )
    cells = runs(CellStatus.LIMIT, words="the kernel used more memory than it may")
    return report(
        cell(check(stopped, words="The kernel had ended by then.")), cells=cells, timings=Timings(exceeded=over)
    )


def _waiting() -> Report:
    broken = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
    text = cell(name="explain", points=2.0)
    return report(cell(check(), check(broken, "test_borders", log=TRACE)), text)


REPORTS = {
    "perfect": _perfect(),
    "failing": _failing(),
    "layers": _layers(),
    "limits": _limits(),
    "pictures": _pictures(),
    "waiting": _waiting(),
    "refused": report(refused="it is no notebook: wanted JSON, found <html>", refused_by=Fault.STUDENT),
    "nothing": report(),
}
