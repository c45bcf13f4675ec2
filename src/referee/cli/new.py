"""The command for a course that is not there yet: new."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from referee.cli import group
from referee.cli.group import JSON, main


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", help="The course's name (default: the folder's).")
@JSON
def new(folder: Path, name: str, as_json: bool) -> None:
    """Make a course in FOLDER, with one small exercise to edit, its checks, and CI.

    FOLDER is new or empty. The course passes `referee verify` as it is; its README.md says what to edit.
    """
    from referee.workflow.fresh import new_course  # noqa: PLC0415 - `referee --help` must be quick

    made = new_course(folder, name)
    if as_json:
        group.print_json(made)
        return
    click.echo(f"{made.root}: a course of {len(made.files)} files; README.md says what to edit")
    if not made.requirement:
        click.echo("requirements.txt does not say yet where CI gets Referee from: write it there (a git URL, say)")
    click.echo(f"next:  referee verify --course {shlex.quote(str(folder))}")
