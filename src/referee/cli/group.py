"""The command `referee`: what all its subcommands share: streams, exit codes, errors in three lines.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done; 1 a check of a student's own
run, or of `verify`, did not pass; 2 the command or the course is wrong; 3 something could not be graded for reasons of
ours.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from referee import __version__
from referee.errors import RefereeError

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
WORKERS = click.option("--workers", type=click.IntRange(1, 256), help="Notebooks run at a time (default: one a core).")
COURSE = click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="A folder of the course (default: here).",
)


_GOING_ON = ("grade", "regrade", "demo")  # commands that keep what is done, and go on there


class _Group(click.Group):
    """Turns expected errors into three lines on standard error, and the unexpected into one that asks for a report."""

    def invoke(self, ctx: click.Context) -> Any:
        from referee import lean  # noqa: F401, PLC0415 - before a command imports nbformat

        signal.signal(signal.SIGTERM, signal.default_int_handler)  # an orderly end, as for Ctrl-C
        try:
            return super().invoke(ctx)
        except RefereeError as error:
            click.echo(f"referee: {type(error).__name__}\n{error}", err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            command = ctx.invoked_subcommand
            kept, goes_on = "", "begins again"
            if command in _GOING_ON:
                kept = "; what was graded so far is kept"
                goes_on = "goes on there (without --again)" if command == "grade" else "goes on there"
            click.echo(f"referee: stopped{kept}\nnext:   the same command {goes_on}", err=True)
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


def load(root: Path, database: str | None = None) -> Any:
    """The course that a folder lies in; `database` is the gradebook of one of nbgrader's, where it is another one."""
    from referee.workflow.opening import open_course  # noqa: PLC0415 - `referee --help` must be quick

    return open_course(root, database)


def load_own(root: Path, command: Any, assignment: str | None = None) -> Any:
    """The course that a folder lies in, for a command that an nbgrader course has another one for."""
    from referee.workflow.opening import require_own  # noqa: PLC0415 - `referee --help` must be quick

    require_own(root, command, assignment)
    return load(root)


@contextlib.contextmanager
def only_results() -> Iterator[None]:
    """While graders may run in this process: what they print is no result, and goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1).decode())


def say(words: str) -> None:
    """Write a line on standard error."""
    from referee.feedback.text import plain  # noqa: PLC0415 - `referee --help` must be quick

    with contextlib.suppress(BrokenPipeError):  # nobody listens, which is no reason to stop
        click.echo(plain(words), err=True)  # names of folders and notebooks are a student's, too


def width() -> int:
    """The columns of the terminal, up to a readable number."""
    return min(shutil.get_terminal_size().columns, 100)


def color() -> bool:
    """Whether standard output takes colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
