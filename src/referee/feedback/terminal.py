"""Reports as text: aligned, wrapped to a width, and complete without colour.

Colour is the caller's choice (`color`), and so is the width; nothing here looks at the environment.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from referee.feedback.interface import Policy, ShownCheck, ShownRow, disclose, mark_of
from referee.feedback.text import amount, plain
from referee.feedback.views import NotebookView, ShownCell, first_problem, view
from referee.report import CheckResult, Fault, GradedCell, NotebookReport, Report

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

LOG_LINES = 12
WHY_LIMIT = 160
_STYLES = {"passed": "green", "failed": "bold red", "limit": "yellow", "unclear": "yellow", "person": "bold cyan"}
_STATES = {"same": "=", "missing": "-", "extra": "+", "different": "!"}


def render(report: Report, *, width: int, color: bool, policy: Policy | None = None) -> str:
    """Every notebook of a report, for the reader that the policy has in mind."""
    views = (view(report, notebook, policy or Policy()) for notebook in report.notebooks)
    return "\n".join(_print(_notebook(shown), width, color) for shown in views)


def render_check(result: CheckResult, *, width: int, color: bool, policy: Policy | None = None) -> str:
    """One check alone, as `check("...")` shows it in a notebook."""
    table = _grid()
    _add_check(table, disclose(result, policy or Policy()))
    return _print([table], width, color)


def render_class(reports: Sequence[Report], *, width: int, color: bool) -> str:
    """A class for its instructor: who got what and why, and how many still need a person."""
    parts: list[RenderableType] = []
    for report in sorted(reports, key=lambda each: each.student):
        parts += [*_student(report), ""]
    return _print([*parts, *_closing(reports)], width, color)


def _print(parts: Iterable[RenderableType], width: int, color: bool) -> str:
    from rich.console import Console  # noqa: PLC0415 - late: a page in a terminal is all that needs it

    console = Console(
        file=io.StringIO(),
        width=max(width, 20),
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _grid(sign_width: int = 9) -> Table:
    from rich.table import Table  # noqa: PLC0415 - late, as above

    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(no_wrap=True, width=sign_width)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True, justify="right")
    return table


def _styled(text: str, style: str = "") -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - late, as above

    return Text(text, style=style, overflow="fold")


def _notebook(shown: NotebookView) -> Iterator[RenderableType]:
    yield _styled(f"{shown.student}  {shown.name}", "bold")
    yield from (_styled(line) for line in _opening(shown))
    for cell in shown.cells:
        yield ""
        yield from _cell(cell)
    problems = [f"cell {run.index} {run.status}: {run.words}".rstrip(": ") for run in shown.runs if not run.ok]
    if problems:
        yield ""
        yield from (_styled(line, "yellow") for line in problems)


def _opening(shown: NotebookView) -> Iterator[str]:
    summary = shown.summary
    yield f"{summary.score}; {summary.waiting}" if summary.waiting else summary.score
    yield f"Next: {summary.next_step}"
    yield from (f"Note: {note}" for note in summary.notes)


def _cell(cell: ShownCell) -> Iterator[RenderableType]:
    yield _styled(f"{cell.grade_id}  {cell.score}", "bold")
    if cell.words:
        yield _styled(cell.words)
    table = _grid()
    for check in cell.checks:
        _add_check(table, check)
    if cell.checks:
        yield table


def _add_check(table: Table, check: ShownCheck) -> None:
    style = _STYLES[check.mark.word]
    table.add_row(_styled(f"{check.mark.sign} {check.mark.word}", style), _styled(check.sentence), check.points)
    for line in _evidence(check):
        table.add_row("", _styled(line), "")
    for row in check.table:
        table.add_row("", _styled(_layer(row)), "")


def _evidence(check: ShownCheck) -> Iterator[str]:
    if check.mark.phrase != check.mark.word:
        yield check.mark.phrase
    labels = {"hint": "Hint", "misconception": "Looks like", "expected": "Expected", "actual": "Yours"}
    if check.words:
        yield check.words
    for name, label in labels.items():
        if text := getattr(check, name):
            yield f"{label}: {text}" if "\n" not in text else f"{label}:\n{text}"
    if check.tolerance and check.mark.word == "failed":
        yield f"Tolerance: {check.tolerance}"
    if check.log:
        yield "\n".join(["Log:", *check.log.split("\n")[-LOG_LINES:]])


def _layer(row: ShownRow) -> str:
    text = f"{_STATES.get(row.state, '?')} {row.actual}"
    reference = row.differs or (f"expected {row.expected}" if row.expected and row.state != "same" else "")
    return f"{text} ({reference})" if reference else text


def _student(report: Report) -> Iterator[RenderableType]:
    scores = ", ".join(f"{plain(each.notebook)} {_score(each)}" for each in report.notebooks)
    yield _styled(f"{plain(report.student)}  {scores or 'nothing handed in'}", "bold")
    table = _grid(sign_width=4)
    for notebook in report.notebooks:
        if notebook.refused:
            table.add_row(
                "  ?", _styled(f"{plain(notebook.notebook)} was not run: {plain(notebook.refused, WHY_LIMIT)}")
            )
        for cell in notebook.graded:
            if cell.score is None or cell.score < cell.points:
                sign, why = _why(notebook, cell)
                table.add_row(f"  {sign}", _styled(why))
    if table.row_count:
        yield table


def _score(notebook: NotebookReport) -> str:
    return "not run" if notebook.refused else f"{amount(notebook.earned)} of {amount(notebook.points)}"


def _why(notebook: NotebookReport, cell: GradedCell) -> tuple[str, str]:
    """The sign and the line for a cell that did not get all its points: the first check to blame, and what happened."""
    where = f"{plain(notebook.notebook)}/{plain(cell.grade_id)} {amount(cell.earned)} of {amount(cell.points)}"
    result = first_problem(cell.results) or next((each for each in cell.results if not each.verdict.passed), None)
    if result is None:
        why = plain(cell.words, WHY_LIMIT) or ("a person grades this" if cell.score is None else "no check passed")
        return "✋" if cell.score is None else "✗", f"{where}: {why}"
    words = [result.sentence or result.name, result.evidence.words]
    if (phrase := mark_of(result.verdict).phrase) != "failed":
        words.insert(1, phrase)
    why = ": ".join(plain(each, WHY_LIMIT).rstrip(".") for each in words if each)
    return mark_of(result.verdict).sign, f"{where}: {why}"


def _closing(reports: Sequence[Report]) -> Iterator[RenderableType]:
    refused = [report for report in reports if any(each.refused for each in report.notebooks)]
    waiting = [
        report for report in reports if report not in refused and any(each.needs_person for each in report.notebooks)
    ]
    graded = len(reports) - len(refused) - len(waiting)
    counts = f"graded {graded}, waiting for a person {len(waiting)}, could not be graded {len(refused)}"
    yield _styled(f"Submissions: {counts}", "bold")
    reasons = Counter(_reason(cell) for report in reports for each in report.notebooks for cell in each.needs_person)
    if reasons:
        yield _styled(
            "Waiting for a person: " + ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
        )
    if refused:
        yield _styled("Could not be graded: " + ", ".join(plain(report.student) for report in refused))


def _reason(cell: GradedCell) -> str:
    faults = {result.verdict.fault for result in cell.results}
    if Fault.HARNESS in faults:
        return "the grader is at fault"
    return "a check is at fault" if Fault.CHECK in faults else "an answer to read"
