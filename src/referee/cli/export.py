"""The command for other programs: export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal, cast

import click

from referee.cli import group
from referee.cli.group import COURSE, JSON, main

_FORMATS = ("csv", "json", "canvas", "moodle", "gradescope", "junit", "github", "nbgrader")
_PATH = click.Path(path_type=Path)


@main.command()
@click.argument("assignment", required=False)
@click.option("--to", "kind", type=click.Choice(_FORMATS), help="The format.")
@click.option("--out", type=_PATH, help="The file to write, or gradescope's folder (default: standard output).")
@click.option("--file", type=_PATH, help="canvas, moodle: your own export of the gradebook, which is filled.")
@click.option("--column", default="", help="canvas, moodle: the column to fill, by its header.")
@click.option("--id-column", default="", help="canvas, moodle: the column that tells who is who, by its header.")
@click.option("--scale", is_flag=True, help="canvas, moodle: scale scores to the points that the column has.")
@click.option("--partial", is_flag=True, help="canvas, moodle: write scores of which a part waits for a person.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--db", "database", help="The gradebook, as an SQLAlchemy URL (default: gradebook.db there).")
@click.option("--schema", type=click.Choice(["class", "report"]), help="Only print the JSON Schema of a format.")
@JSON
@COURSE
def export(
    *, assignment: str | None, kind: str | None, schema: str | None, as_json: bool, root: Path, **wishes: Any
) -> None:
    """Write the results of ASSIGNMENT for another program.

    csv, json, junit and github go to standard output, or to --out. canvas and moodle fill one column of --file and
    write the result to --out. nbgrader brings feedback/ to where `nbgrader release_feedback` publishes it.
    """
    if schema is not None:
        _print_schema(cast(Literal["class", "report"], schema))
        return
    if assignment is None or kind is None:
        formats = f"the formats are {', '.join(_FORMATS)}"
        raise click.UsageError(f"say what, and for whom: referee export ASSIGNMENT --to FORMAT; {formats}")
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    if as_json and wishes["out"] is None and kind in ("csv", "json", "junit", "github") and not wishes["dry_run"]:
        raise click.UsageError(f"--json says what was done; the {kind} itself needs a file then: --out FILE")
    course = group.load_own(root, "export --to nbgrader", assignment) if kind == "nbgrader" else group.load(root)
    done = workflow.export_assignment(course, assignment, cast(Any, kind), progress=group.say, **wishes)
    _print(done, as_json=as_json)
    sys.exit(3 if done.said.unread else 0)


def _print(done: Any, *, as_json: bool) -> None:
    """A text that has no file goes out as it is, with what is to be said about it on standard error."""
    from referee.exports import outcome  # noqa: PLC0415 - `referee --help` must be quick

    if as_json:
        group.print_json(done.said)
        return
    if done.text:
        click.echo(done.text, nl=False)
    for command in done.commands:
        click.echo(command)
    for line in outcome.missing(done.said) if done.text or done.commands else ():
        group.say(line)
    if not done.text and not done.commands:
        click.echo("\n".join(outcome.lines(done.said)))


def _print_schema(kind: Literal["class", "report"]) -> None:
    from referee.exports.schema import schema  # noqa: PLC0415 - `referee --help` must be quick

    click.echo(schema(kind), nl=False)
