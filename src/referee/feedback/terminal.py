"""Reports as text: aligned, wrapped to a width, and complete without colour.

Colour is the caller's choice (`color`), and so is the width; nothing here looks at the environment.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from referee.feedback import drawing, roster
from referee.feedback.interface import Policy, ShownCheck, ShownRow, disclose
from referee.feedback.measures import limits_elsewhere, troubles
from referee.feedback.text import plain
from referee.feedback.views import NotebookView, ShownCell, ShownRun, view
from referee.pictures import Heat, Level
from referee.report import CheckResult, NotebookReport, Report

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

LOG_LINES = 12
_STYLES = {"passed": "green", "failed": "bold red", "limit": "yellow", "unclear": "yellow", "person": "bold cyan"}
_SIGNS = {"✗": "bold red", "!": "yellow", "?": "yellow", "✋": "bold cyan"}
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


def render_own_run(notebook: NotebookReport, later: Mapping[str, str], *, width: int, color: bool) -> str:
    """A student's own run of the public checks. It names no points: `later` says by cell how they are decided."""
    return "\n".join(_own_run(notebook, later, width, color))


def _own_run(notebook: NotebookReport, later: Mapping[str, str], width: int, color: bool) -> Iterator[str]:
    results = list(notebook.results)
    passed = sum(result.verdict.passed for result in results)
    yield f"{plain(notebook.notebook)}.ipynb: {passed} of {len(results)} public checks pass"
    for run, words in troubles(notebook):
        yield textwrap.fill(f"! cell {run.index + 1}: {words}", width, subsequent_indent="  ")
    yield from (textwrap.fill(f"! {words}", width, subsequent_indent="  ") for words in limits_elsewhere(notebook))
    for cell in notebook.graded:
        yield f"\n{plain(cell.grade_id)}"
        yield from (render_check(result, width=width, color=color).rstrip() for result in cell.results)
        if cell.grade_id in later:
            yield textwrap.fill(later[cell.grade_id], width, initial_indent="  ", subsequent_indent="  ")


def render_class(reports: Sequence[Report], *, width: int, color: bool, only: Collection[str] | None = None) -> str:
    """A class for its instructor: who got what and why, and how many still need a person.

    only : the students who are told of one by one; everybody by default. The last lines are about all.
    """
    parts: list[RenderableType] = []
    chosen = [report for report in reports if only is None or report.student in only]
    for report in sorted(chosen, key=lambda each: each.student):
        entry = roster.entry(report)
        parts.append(_styled(entry.head, "bold"))
        if entry.lines:
            table = _grid(sign_width=4)
            for line in entry.lines:
                table.add_row(_styled(f"  {line.sign}", _SIGNS.get(line.sign, "")), _styled(line.text))
            parts.append(table)
        parts.append("")
    return _print([*parts, *(_styled(line, "bold") for line in roster.closing(reports))], width, color)


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
    problems = [_ended(run) for run in shown.runs if not run.ok or run.limits] + list(shown.limits)
    if problems:
        yield ""
        yield from (_styled(line, "yellow") for line in problems)


def _ended(run: ShownRun) -> str:
    words = "; ".join([run.words, *run.limits] if run.words else run.limits)
    return f"cell {run.index} {run.status}: {words}".rstrip(": ")


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
    told = Heat | Level  # in numbers above, and in the words
    yield from (drawing.words(each) for each in check.pictures if not isinstance(each.content, told))
    if check.log:
        yield "\n".join(["Log:", *check.log.split("\n")[-LOG_LINES:]])


def _layer(row: ShownRow) -> str:
    text = f"{_STATES.get(row.state, '?')} {row.actual}"
    reference = row.differs or (f"expected {row.expected}" if row.expected and row.state != "same" else "")
    return f"{text} ({reference})" if reference else text
