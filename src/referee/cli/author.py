"""The commands of an author and of a student: release, check, verify, calibrate, doctor."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Literal

import click
import msgspec

from referee.cli import group
from referee.cli.group import COURSE, JSON, WORKERS, main

_EVERY = 50  # variants, after which somebody who waits is told


@main.command()
@click.argument("assignment", required=False)
@COURSE
def release(assignment: str | None, root: Path) -> None:
    """Make the students' exercises from the solutions."""
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    for path in release(group.load_own(root, "release", assignment), assignment):
        click.echo(str(path))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--github", is_flag=True, help="In GitHub Actions: also annotate the cells, and write a job summary.")
@JSON
def check(notebook: Path, github: bool, as_json: bool) -> None:
    """Run a notebook of your own and check it, before you hand it in."""
    from referee import workflow  # noqa: PLC0415 - `referee --help` must be quick
    from referee.feedback import terminal  # noqa: PLC0415 - the same

    if github and as_json:
        raise click.UsageError("--github prints lines for the runner, which are no JSON: leave one of the two out")
    checked = workflow.check_notebook(notebook)
    if github:
        job = workflow.own_step(notebook, checked)
        for said in job.commands if workflow.write_summary(job) else (*job.commands, job.summary):
            click.echo(said)
    if as_json:
        group.print_json({"passed": not checked.failed, "report": checked.report, "later": checked.later})
    else:
        click.echo(terminal.render_own_run(checked.report, checked.later, width=group.width(), color=group.color()))
    sys.exit(1 if checked.failed else 0)


@main.command()
@click.argument("name", required=False, metavar="[ASSIGNMENT[/NOTEBOOK]]")
@click.option("--quick", is_flag=True, help="Minutes: solutions, skeletons, few variants.")
@click.option("--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="Seeds for the solutions.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Where kernels compute; else as the course says.")
@WORKERS
@JSON
@COURSE
def verify(
    *,
    name: str | None,
    quick: bool,
    seeds: int,
    device: Literal["cpu", "cuda"] | None,
    workers: int | None,
    as_json: bool,
    root: Path,
) -> None:
    """Try the course itself: solutions earn everything, blanks nothing, wrong variants lose points.

    What the solutions use is recorded in .referee/usage: the limits that course.toml does not state follow from it.
    """
    from referee import verify as trying  # noqa: PLC0415 - nbgrader and libcst are an extra
    from referee.verify import saying  # noqa: PLC0415 - the same

    course = group.load_own(root, "verify")
    wishes = trying.Wishes(seeds=seeds, quick=quick, device=device, workers=workers)
    began, findings, tried = time.monotonic(), list[trying.Finding](), list[trying.Tried]()
    for found in trying.verify(course, course.chosen(name), wishes):
        if isinstance(found, trying.Finding):
            findings.append(found)
            if not as_json:
                click.echo(saying.line(found))
        else:
            tried.append(found)
            if len(tried) % _EVERY == 0:
                click.echo(f"variants: {len(tried)} so far", err=True)
    rows, seconds = trying.table(tried), time.monotonic() - began
    tried.sort(key=lambda each: (each.exercise, each.cell, each.line, each.operator, each.after))
    findings.sort(key=lambda each: (each.exercise, each.trial, each.name))
    if as_json:
        group.print_json({"findings": findings, "table": rows, "variants": tried, "seconds": round(seconds, 1)})
    else:
        click.echo(saying.variants(rows, tried))
        click.echo(f"{seconds:.0f} s")
    unsound = any(finding.problems for finding in findings) or any(each.state in trying.HOLES for each in tried)
    sys.exit(1 if unsound else 0)


@main.command()
@click.argument("name", required=False, metavar="[ASSIGNMENT[/NOTEBOOK]]")
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many trainings.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="Where to train.")
@WORKERS
@JSON
@COURSE
def calibrate(*, name: str | None, seeds: int, device: str, workers: int | None, as_json: bool, root: Path) -> None:
    """Train the references with several seeds: graders state their thresholds against what these reach.

    The data is what the assignment is graded with. The distributions go to calibrations/, for version control.
    """
    from referee.calibrate import calibrate  # noqa: PLC0415 - `referee --help` must be quick
    from referee.calibration import band_of  # noqa: PLC0415 - the same

    course = group.load(root)
    found = []
    for measured in calibrate(course, course.chosen(name), seeds=seeds, device=device, workers=workers):
        found.append({"exercise": measured.exercise, **msgspec.to_builtins(measured.distribution)})
        if as_json:
            continue
        kind = measured.distribution
        data = f" on {kind.data}" if kind.data else ""
        click.echo(f"{measured.exercise}, {kind.framework}{data}, {kind.device}, {seeds} seeds")
        for quantity in kind.runs[0].values:
            band = band_of(run.values[quantity] for run in kind.runs)
            click.echo(f"    {quantity:<40} {band.mean:>10.4f}   {band.lowest:.4f} to {band.highest:.4f}")
        instead = f", in place of one with {len(measured.replaced.runs)} seeds" if measured.replaced else ""
        click.echo(f"    written to {measured.path.relative_to(course.root)}{instead}")
    if as_json:
        group.print_json(found)


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
