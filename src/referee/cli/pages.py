"""The command of students' pages: pages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from referee.cli import group
from referee.cli.group import COURSE, JSON, main


@main.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student's; may be given again.")
@click.option(
    "--as", "reader", type=click.Choice(["student", "instructor"]), default="student", help="Whose eyes they are for."
)
@click.option("--at", "moment", type=click.Choice(["before", "after"]), help="The due date (default: as it is now).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="A folder for them, instead of feedback/."
)
@click.option("--db", "database", help="The gradebook, as an SQLAlchemy URL (default: gradebook.db there).")
@JSON
@COURSE
def pages(
    *,
    assignment: str,
    students: tuple[str, ...],
    reader: Literal["student", "instructor"],
    moment: Literal["before", "after"] | None,
    out: Path | None,
    database: str | None,
    as_json: bool,
    root: Path,
) -> None:
    """Make the students' pages again from the reports, or a preview of them with --out.

    What a page shows follows from [disclosure] in course.toml and from the due date. In an nbgrader course, pages are
    nbgrader's own feedback, with what persons have given by now.
    """
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick

    wishes = workflow.PageWishes(students=students, reader=reader, moment=moment, out=out, database=database)
    made = workflow.make_any_pages(group.load(root, database), assignment, wishes, group.say)
    if as_json:
        group.print_json([str(path) for path in made])
    else:
        click.echo("\n".join(map(str, made)))
