"""The command `referee`: parses, calls one verb, prints, exits.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done; 1 a check of a student's own
run, or of `verify`, did not pass; 2 the command or the course is wrong; 3 something could not be graded for reasons of
ours.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from referee import __version__
from referee.errors import RefereeError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_WORKERS = click.option("--workers", type=click.IntRange(1, 256), help="Notebooks run at a time (default: one a core).")
_COURSE = click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="A folder of the course (default: here).",
)


class _Group(click.Group):
    """Turns expected errors into three lines on standard error, and the unexpected into one that asks for a report."""

    def invoke(self, ctx: click.Context) -> Any:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # an orderly end, as for Ctrl-C
        try:
            return super().invoke(ctx)
        except RefereeError as error:
            click.echo(f"referee: {type(error).__name__}\n{error}", err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("referee: stopped; what was graded so far is kept", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except OSError as error:
            click.echo(
                f"referee: cannot read or write {error.filename or 'a file'}: {error.strerror or error}", err=True
            )
            click.echo("next:   look at the disk's space and the folder's permissions, and run it again", err=True)
            ctx.exit(3)
        except Exception as error:
            if os.environ.get("REFEREE_DEBUG"):
                raise
            click.echo(f"referee: an error of ours: {type(error).__name__}: {error}", err=True)
            click.echo("next:   run it again with REFEREE_DEBUG=1 and report what it prints", err=True)
            ctx.exit(3)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Run course notebooks and grade what the student's code computes.

    Exit codes: 0 done (a class of failing students is done, too); 1 a check failed (`check`, `verify`);
    2 the command or the course is wrong; 3 something could not be graded for reasons of ours.
    """


@main.command()
@click.option("--dir", "target", type=click.Path(path_type=Path), default=Path("demo"), help="Where to make the demo.")
@_COURSE
def demo(target: Path, root: Path) -> None:
    """Make a course in a folder of its own and grade a sample class."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    course, classes = workflow.demo(_load(root), target, progress=_say)
    for graded in classes:
        click.echo(f"\n{graded.assignment}\n{'=' * len(graded.assignment)}\n")
        _print_class(graded)
    click.echo(f"\nfeedback pages  {course.root / 'feedback'}/<student>/<assignment>/<notebook>.html")
    click.echo(f"reports         {course.root / 'reports'}/<assignment>/<student>.json")
    click.echo(f"gradebook       {classes[0].database}")


@main.command()
@click.argument("assignment", required=False)
@_COURSE
def release(assignment: str | None, root: Path) -> None:
    """Make the students' exercises from the solutions."""
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    for path in release(_load(root), assignment):
        click.echo(str(path))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@_JSON
def check(notebook: Path, as_json: bool) -> None:
    """Run a notebook of your own and check it, before you hand it in."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.feedback import terminal  # noqa: PLC0415 - the same

    checked = workflow.check_notebook(notebook)
    if as_json:
        _print_json({"passed": not checked.failed, "report": checked.report, "later": checked.later})
    else:
        click.echo(terminal.render_own_run(checked.report, checked.later, width=_width(), color=_color()))
    sys.exit(1 if checked.failed else 0)


@main.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student's submission; may be given again.")
@click.option("--db", "database", help="The gradebook, as an SQLAlchemy URL (default: gradebook.db in the course).")
@click.option("--trust", is_flag=True, help="Run these submissions although a layer of the sandbox is missing here.")
@_WORKERS
@_JSON
@_COURSE
def grade(  # noqa: PLR0917 - click passes them by name
    assignment: str,
    students: tuple[str, ...],
    database: str | None,
    trust: bool,
    workers: int | None,
    as_json: bool,
    root: Path,
) -> None:
    """Grade the submissions to an assignment and record the scores in nbgrader's gradebook."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    graded = workflow.grade_assignment(
        _load(root),
        assignment,
        progress=_say,
        students=students,
        workers=workers,
        database=database,
        trust=trust,
    )
    if as_json:
        scores = [{"student": each.student, "earned": each.earned, "points": each.points} for each in graded.reports]
        result = {"assignment": assignment, "database": graded.database, "scores": scores, "reports": graded.reports}
        _print_json(result)
    else:
        _print_class(graded)
    sys.exit(3 if graded.ours_failed else 0)


@main.command()
@click.argument("assignment", required=False)
@_WORKERS
@_JSON
@_COURSE
def verify(assignment: str | None, workers: int | None, as_json: bool, root: Path) -> None:
    """Try the course itself: solutions earn everything, blanks nothing, exercises are in step.

    What the solutions use is recorded in .referee/usage: the limits that course.toml does not state follow from it.
    """
    from referee.verify import verify  # noqa: PLC0415 - nbgrader is an extra

    course = _load(root)
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
        _print_json(found)
    sys.exit(1 if any(finding.problems for finding in found) else 0)


@main.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Say what this machine can do, with the remedy for what is missing."""
    from referee.doctor import examine  # noqa: PLC0415 - `referee --help` must be quick

    findings = examine()
    if as_json:
        _print_json(findings)
    for finding in [] if as_json else findings:
        click.echo(f"{'ok' if finding.ok else '--':<3} {finding.name:<13} {finding.found}")
        if finding.remedy:
            click.echo(f"{'':<17} {finding.remedy}")
    sys.exit(1 if any(finding.needed and not finding.ok for finding in findings) else 0)


def _load(root: Path) -> Any:
    from referee import course  # noqa: PLC0415 - `referee --help` must be quick

    return course.load(root)


def _print_class(graded: Any) -> None:
    from referee.feedback import terminal  # noqa: PLC0415 - `referee --help` must be quick

    click.echo(terminal.render_class(graded.reports, width=_width(), color=_color()))


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1).decode())


def _say(words: str) -> None:
    from referee.feedback.text import plain  # noqa: PLC0415 - `referee --help` must be quick

    click.echo(plain(words), err=True)  # names of folders and notebooks are a student's, too


def _width() -> int:
    return min(shutil.get_terminal_size().columns, 100)


def _color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
