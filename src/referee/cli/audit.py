"""The command that attacks the tests of an nbgrader course: audit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from referee.cli import group
from referee.cli.group import JSON, WORKERS, main


@main.command()
@click.argument("course", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--assignment", help="Only this assignment.")
@click.option("--notebook", help="Only notebooks of this name.")
@click.option("--submitted", metavar="ASSIGNMENT", help="Only look through what was handed in for it; try nothing.")
@WORKERS
@JSON
def audit(
    *,
    course: Path,
    assignment: str | None,
    notebook: str | None,
    submitted: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Try which tests of an nbgrader course a student's code can read or defeat inside the kernel.

    Every attack runs for real, in an isolated kernel of its own, in the blank notebook. What was handed in is looked
    through for signs of such attacks, and never run. Findings are the result: the exit code is 0 when everything could
    be tried, 2 when nbgrader makes no assignment of a notebook, 3 when a notebook could not be run for our reasons.
    """
    from referee.audit import auditing, saying  # noqa: PLC0415 - nbgrader is an extra, and slow

    if submitted is not None and assignment is not None:
        raise click.UsageError("--submitted names the assignment itself: leave --assignment out")
    opened = group.load(course)
    if submitted is not None:
        found = auditing.look(opened, submitted, notebook, workers, group.say)
    else:
        found = auditing.attack(opened, assignment, notebook, workers, group.say)
    if as_json:
        group.print_json(found)
    for line in () if as_json else saying.lines(found):
        click.echo(line)
    untried = any(cell.state == "untried" for cell in found.cells)
    sys.exit(2 if found.troubles else 3 if untried else 0)
