"""The command that moves tests of an nbgrader course out of the kernel: convert."""

from __future__ import annotations

from pathlib import Path

import click

from referee.cli import group
from referee.cli.group import COURSE, JSON, main


@main.command()
@click.argument("notebook", metavar="ASSIGNMENT/NOTEBOOK")
@click.argument("cells", nargs=-1, metavar="[CELL ...]")
@click.option("--dry-run", "dry", is_flag=True, help="Print the drafts and what they are worth, and write nothing.")
@click.option("--anyway", is_flag=True, help="Convert even if nbgrader's gradebook holds submissions of the notebook.")
@JSON
@COURSE
def convert(*, notebook: str, cells: tuple[str, ...], dry: bool, anyway: bool, as_json: bool, root: Path) -> None:
    """In an nbgrader course: draft checks outside the kernel for test cells, and let the notebook ask for them.

    CELL is the grade_id of a test cell; without one, all are converted. What cannot be said from outside the kernel
    stays in the draft as a comment, and that check never passes until somebody has finished it. The drafts are tried
    with the solution and the blank. Again, after they were changed: tries them, and updates what students get.
    """
    from referee.convert import saying  # noqa: PLC0415 - nbgrader is an extra
    from referee.convert import verb as verbs  # noqa: PLC0415 - the same

    with group.only_results():
        result = verbs.convert(group.load(root), notebook, cells, dry=dry, anyway=anyway, progress=group.say)
    if as_json:
        group.print_json(result)
        return
    for line in saying.lines(result):
        click.echo(line)
