"""The commands for a class: demo, collect, grade, regrade."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from referee.cli import group
from referee.cli.group import COURSE, JSON, WORKERS, main

_DETAILS = 30  # with more submissions, only those that were graded this time are told in detail
_STUDENTS = click.option("--student", "students", multiple=True, help="Only this student's; may be given again.")
_DATABASE = click.option("--db", "database", help="The gradebook, as an SQLAlchemy URL (default: gradebook.db there).")
_TRUST = click.option("--trust", is_flag=True, help="Run submissions although a layer of the sandbox is missing here.")


@main.command()
@click.option("--dir", "target", type=click.Path(path_type=Path), default=Path("demo"), help="Where to make the demo.")
@COURSE
def demo(target: Path, root: Path) -> None:
    """Make a course in a folder of its own and grade a sample class."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    with _display() as display:
        course, classes = workflow.demo(group.load(root), target, progress=display.say, hear=display.hear)
    for graded in classes:
        click.echo(f"\n{graded.assignment}\n{'=' * len(graded.assignment)}\n")
        _print_class(graded)
    click.echo(f"\nfeedback pages  {course.root / 'feedback'}/<student>/<assignment>/<notebook>.html")
    click.echo(f"reports         {course.root / 'reports'}/<assignment>/<student>.json")
    click.echo(f"gradebook       {classes[0].database}")


@main.command(name="collect")
@click.argument("assignment")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["auto", "canvas", "moodle", "folder"]),
    default="auto",
    help="Whose file names these are (default: as they look).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and change nothing.")
@JSON
@COURSE
def collect_(  # noqa: PLR0917 - click passes them by name
    assignment: str,
    source: Path,
    kind: Literal["auto", "canvas", "moodle", "folder"],
    dry_run: bool,
    as_json: bool,
    root: Path,
) -> None:
    """Take submissions from SOURCE, a zip of Canvas or Moodle or a folder of notebooks, into submitted/.

    The newest attempt of a student counts; older ones stay in attempts/.
    """
    from referee import collect  # noqa: PLC0415 - `referee --help` must be quick
    from referee.feedback import intake  # noqa: PLC0415 - the same

    found = collect.collect(group.load(root), assignment, source, kind, dry_run=dry_run)
    if as_json:
        group.print_json(found)
    else:
        click.echo("\n".join(intake.collected(found)))


@main.command()
@click.argument("assignment")
@_STUDENTS
@_DATABASE
@_TRUST
@WORKERS
@click.option("--cluster", metavar="ADDRESS", help="Grade on the Dask cluster with this scheduler.")
@click.option("--again", is_flag=True, help="Grade also what has a report that stands.")
@click.option("--only-failed", is_flag=True, help="Grade only what could not be graded before for our reasons.")
@click.option("--stop-on-error", is_flag=True, help="End after the first that cannot be graded for our reasons.")
@click.option("--repeats", type=click.IntRange(1, 100), default=1, help="Grade with so many seeds; name flaky checks.")
@click.option("--near", is_flag=True, help="With --repeats: only those with an accuracy near its threshold.")
@click.option("--events", type=click.Path(path_type=Path, dir_okay=False), help="Write what happens, as JSON lines.")
@JSON
@COURSE
def grade(assignment: str, as_json: bool, root: Path, events: Path | None, **options: Any) -> None:
    """Grade the submissions to an assignment and record the scores in nbgrader's gradebook.

    A submission whose report stands is not graded again: the notebook, its checks, the reference, the policy and the
    packages are what they were. A run that was ended in any way goes on where it was.
    """
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.stability import Repeats  # noqa: PLC0415 - the same

    count, near = options.pop("repeats"), options.pop("near")
    if near and count == 1:
        raise click.UsageError("--near goes with --repeats: say with how many seeds")
    wishes: workflow.Wishes = {**options, "repeats": Repeats(count=count, of="near" if near else "all")}  # type: ignore[typeddict-item] # click's names are its keys
    with group.only_results(), _display(events) as display:
        course = group.load(root, wishes.get("database"))
        graded = workflow.grade_any(course, assignment, progress=display.say, hear=display.hear, **wishes)
    if as_json:
        scores = [{"student": each.student, "earned": each.earned, "points": each.points} for each in graded.reports]
        result = {"assignment": assignment, "database": graded.database, "scores": scores, "reports": graded.reports}
        group.print_json({**result, "kept": graded.kept, "stopped": graded.stopped})
    else:
        _print_class(graded)
        _print_end(graded)
    sys.exit(3 if graded.ours_failed else 0)


@main.command()
@click.argument("assignment")
@click.option("--apply", "apply", is_flag=True, help="Write what is found; the old reports stay in history/.")
@click.option("--undo", is_flag=True, help="Put back the reports from before the last regrade that was applied.")
@click.option("--never-lower", is_flag=True, help="Take no points away from anybody.")
@_STUDENTS
@_DATABASE
@_TRUST
@WORKERS
@JSON
@COURSE
def regrade(  # noqa: PLR0917 - click passes them by name
    assignment: str,
    apply: bool,
    undo: bool,
    never_lower: bool,
    students: tuple[str, ...],
    database: str | None,
    trust: bool,
    workers: int | None,
    as_json: bool,
    root: Path,
) -> None:
    """Grade recorded answers again, with the checks, points, tolerances and reference values as they are now.

    No notebook is run, but for those whose recordings do not hold the answer to a new question. Without --apply this
    only shows who would gain or lose how much on which check.
    """
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.feedback import changes  # noqa: PLC0415 - the same

    if undo and (apply or never_lower or students):
        raise click.UsageError("--undo takes back a whole regrade: not with --apply, --never-lower or --student")
    course = group.load_own(root, "regrade", assignment)
    if undo:
        result = workflow.undo_regrade(course, assignment, progress=group.say, database=database)
    else:
        wishes = workflow.RegradeWishes(
            students=students, apply=apply, keep_best=never_lower, workers=workers, trust=trust, database=database
        )
        with group.only_results():
            result = workflow.regrade_assignment(course, assignment, progress=group.say, wishes=wishes)
    if as_json:
        group.print_json(result)
    else:
        click.echo("\n".join(changes.regraded(result)))


class _Events:
    """The file of `--events`: a line of JSON for each event, there at once for whoever reads along."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._broken = False

    def hear(self, event: Any) -> None:
        """Write an event; what cannot be written is no reason to stop grading."""
        if self._broken:
            return
        try:
            self._file.write(msgspec.json.encode(event, order="deterministic").decode() + "\n")
        except OSError as error:
            self._broken = True
            group.say(f"--events: {error.strerror}; nothing more is written there")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


@contextmanager
def _display(events: Path | None = None) -> Iterator[Any]:
    """Shows a run on standard error while the block lasts, and writes its events to a file."""
    from referee.feedback.progress import Display, terminal_of  # noqa: PLC0415 - `referee --help` must be quick

    listener = _Events(events) if events is not None else None
    display = Display(group.say, terminal_of(sys.stderr), also=listener.hear if listener is not None else None)
    try:
        yield display
    finally:
        display.close()
        if listener is not None:
            listener.close()


def _print_class(graded: Any) -> None:
    from referee.feedback import terminal  # noqa: PLC0415 - `referee --help` must be quick

    only = None if len(graded.reports) <= _DETAILS else graded.fresh
    click.echo(terminal.render_class(graded.reports, only=only, width=group.width(), color=group.color()))


def _print_end(graded: Any) -> None:
    """Where things are, and what is missing where a run ended early."""
    click.echo((f"Pages: {graded.pages}/  " if graded.pages else "") + f"gradebook: {graded.database}")
    if graded.stopped:
        missing = graded.submissions - len(graded.reports)
        click.echo(f"Stopped early: {graded.stopped}; {missing} of {graded.submissions} submissions were not looked at")
