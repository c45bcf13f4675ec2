"""The command for the page about a class: report."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Literal

import click

from referee.cli import group
from referee.cli.group import COURSE, JSON, main

PORT = 8765


@main.command()
@click.argument("assignment")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; with --similar, a new folder.")
@click.option("--open", "opened", type=click.Choice(["yes", "no"]), help="Show it in a browser (default: at a desk).")
@click.option(
    "--serve",
    "port",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=PORT,
    metavar="[PORT]",
    help=f"Keep it up to date at http://127.0.0.1:PORT/ until Ctrl-C (default port: {PORT}; 0: any). Writes nothing.",
)
@click.option("--db", "database", help="The gradebook in which persons gave scores, as an SQLAlchemy URL.")
@click.option("--similar", type=click.Choice(["jplag", "dolos"]), help="Export the code for JPlag or Dolos instead.")
@JSON
@COURSE
def report(
    *,
    assignment: str,
    out: Path | None,
    opened: Literal["yes", "no"] | None,
    port: int | None,
    database: str | None,
    similar: Literal["jplag", "dolos"] | None,
    as_json: bool,
    root: Path,
) -> None:
    """Make one page about a class from its reports: what needs a person, causes, checks, all students.

    Default: reports/ASSIGNMENT.html in the course. It needs no network, and no server.
    """
    if similar is not None:
        if out is None or any(other is not None for other in (port, opened, database)):
            raise click.UsageError("--similar goes with --out FOLDER, and not with --serve, --open or --db")
        return _export(root, assignment, similar, out, as_json)
    if port is not None:
        if out is not None or as_json:
            raise click.UsageError("--serve writes nothing: not with --out or --json")
        return _serve(root, assignment, database, port, opened)
    return _write(root, assignment, database, out, show=_wanted(opened, as_json), as_json=as_json)


def _write(root: Path, assignment: str, database: str | None, out: Path | None, *, show: bool, as_json: bool) -> None:
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    path, shown = workflow.write_class_page(group.load(root), assignment, out, database)
    if as_json:
        group.print_json({"page": str(path), "class": shown})
    else:
        click.echo(str(path))
    if show:
        webbrowser.open(path.as_uri())


def _serve(root: Path, assignment: str, database: str | None, port: int, opened: str | None) -> None:
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.classroom import serving  # noqa: PLC0415 - the same

    server = serving.open_server(workflow.LivePage(group.load(root), assignment, database), port)
    click.echo(serving.address(server))
    sys.stdout.flush()
    group.say("Ctrl-C ends it. Whoever is logged in on this machine can read it.")
    if _wanted(opened, False):
        webbrowser.open(serving.address(server))
    serving.serve(server)
    group.say("the page is no longer served")


def _export(root: Path, assignment: str, kind: Literal["jplag", "dolos"], folder: Path, as_json: bool) -> None:
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.classroom.export import next_command  # noqa: PLC0415 - the same

    count = workflow.write_export(group.load(root), assignment, kind, folder)
    command = next_command(kind, str(folder))
    if as_json:
        group.print_json({"folder": str(folder), "submissions": count, "next": command})
    else:
        click.echo(f"{count} submissions in {folder}\nnext:  {command}")


def _wanted(opened: str | None, as_json: bool) -> bool:
    """Whether to show a page: as somebody said, else where a person sits in front of a screen."""
    if opened is not None:
        return opened == "yes"
    screen = sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return screen and sys.stdout.isatty() and not as_json
