"""The commands of an author and of a student: release, check, verify, doctor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from referee.cli import group
from referee.cli.group import COURSE, JSON, WORKERS, main


@main.command()
@click.argument("assignment", required=False)
@COURSE
def release(assignment: str | None, root: Path) -> None:
    """Make the students' exercises from the solutions."""
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    for path in release(group.load(root), assignment):
        click.echo(str(path))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@JSON
def check(notebook: Path, as_json: bool) -> None:
    """Run a notebook of your own and check it, before you hand it in."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.feedback import terminal  # noqa: PLC0415 - the same

    checked = workflow.check_notebook(notebook)
    if as_json:
        group.print_json({"passed": not checked.failed, "report": checked.report, "later": checked.later})
    else:
        click.echo(terminal.render_own_run(checked.report, checked.later, width=group.width(), color=group.color()))
    sys.exit(1 if checked.failed else 0)


@main.command()
@click.argument("assignment", required=False)
@WORKERS
@JSON
@COURSE
def verify(assignment: str | None, workers: int | None, as_json: bool, root: Path) -> None:
    """Try the course itself: solutions earn everything, blanks nothing, exercises are in step.

    What the solutions use is recorded in .referee/usage: the limits that course.toml does not state follow from it.
    """
    from referee.verify import verify  # noqa: PLC0415 - nbgrader is an extra

    course = group.load(root)
    found = []
    for finding in verify(course, assignment, workers or os.cpu_count() or 1):
        found.append(finding)
        state = "holds" if not finding.problems else "DOES NOT HOLD"
        score = f"{finding.earned:g} of {finding.points:g} points" if finding.trial != "in step" else ""
        if not as_json:
            click.echo(f"{finding.exercise:<40} {finding.trial:<9} {state:<14} {score}".rstrip())
            for problem in finding.problems:
                click.echo(f"    {problem}")
    if as_json:
        group.print_json(found)
    sys.exit(1 if any(finding.problems for finding in found) else 0)


@main.command()
@JSON
def doctor(as_json: bool) -> None:
    """Say what this machine can do, with the remedy for what is missing."""
    from referee.doctor import examine  # noqa: PLC0415 - `referee --help` must be quick

    findings = examine()
    if as_json:
        group.print_json(findings)
    for finding in [] if as_json else findings:
        click.echo(f"{'ok' if finding.ok else '--':<3} {finding.name:<13} {finding.found}")
        if finding.remedy:
            click.echo(f"{'':<17} {finding.remedy}")
    sys.exit(1 if any(finding.needed and not finding.ok for finding in findings) else 0)
