"""The real nbgrader hands our pages back through its exchange."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from referee.cli import main
from referee.workflow.handing_back import stamp
from tests.conftest import MiniCourse

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "mini"
c.CourseDirectory.root = {root!r}
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearSolutions.code_stub = {{"python": "# YOUR CODE HERE"}}
c.Exchange.root = {exchange!r}
"""


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run the real nbgrader in a folder; what it logs."""
    home = folder.parent
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**environment, "JUPYTER_DATA_DIR": str(home / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def as_zoe(work: Path, command: str) -> None:
    nbgrader(work, command, "week", "--course", "mini", "--CourseDirectory.student_id=zoe")


def referee(mini: MiniCourse, *arguments: str) -> Result:
    done = CliRunner().invoke(main, [*arguments, "--course", str(mini.root)])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture
def work(mini: MiniCourse, tmp_path: Path) -> Path:
    """The folder of student zoe, who fetched the assignment from an exchange, solved it, and handed it in."""
    exchange, work = tmp_path / "exchange", tmp_path / "zoe" / "work"
    exchange.mkdir()
    exchange.chmod(0o777)
    work.mkdir(parents=True)
    mini.write("nbgrader_config.py", CONFIG.format(root=str(mini.root), exchange=str(exchange)))
    mini.release()
    (work / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n")
    nbgrader(mini.root, "release_assignment", "week")
    as_zoe(work, "fetch_assignment")
    shutil.copy(mini.solution, work / "week" / "mini.ipynb")
    hand_in(mini, work)
    return work


def hand_in(mini: MiniCourse, work: Path) -> None:
    as_zoe(work, "submit")
    nbgrader(mini.root, "collect", "week", "--update")


def fetched(work: Path) -> list[bytes]:
    """The pages that zoe has, in the order of what she handed in."""
    as_zoe(work, "fetch_feedback")
    return [page.read_bytes() for page in sorted(work.glob("week/feedback/*/mini.html"))]


def test_from_the_exchange_and_back(mini, inline, work):
    """What the exchange brought goes back through it: first, handed in once more, and beside what came otherwise."""
    page = mini.root / "feedback" / "zoe" / "week" / "mini.html"
    mask = os.umask(0o077)  # an instructor whose files nobody else may read
    try:
        referee(mini, "grade", "week")
    finally:
        os.umask(mask)
    nbgrader(mini.root, "release_feedback", "week")
    assert fetched(work) == [page.read_bytes()]
    assert [each.stat().st_mode & 0o444 for each in mini.root.parent.glob("exchange/mini/feedback/*.html")] == [0o444]
    time.sleep(1.1)  # submissions are told by the second
    hand_in(mini, work)  # the same notebook, under another secret: its report stands
    mini.hand_in("Ben Two_12")  # and one that was copied here
    referee(mini, "grade", "week")
    assert (
        referee(mini, "export", "week", "--to", "nbgrader", "--dry-run").stdout.count("not released: Ben Two_12") == 1
    )
    said = referee(mini, "export", "week", "--to", "nbgrader").stdout
    command = said.splitlines()[-1].removeprefix("next: nbgrader ")
    assert command == "release_feedback week '--CourseDirectory.student_id_exclude=Ben Two_12'"
    nbgrader(mini.root, *shlex.split(command))
    assert fetched(work) == [page.read_bytes()] * 2


SECRET, STAMP = "ab" * 64, "2026-03-02 09:30:00.000000 UTC"


@pytest.fixture
def beside(mini: MiniCourse) -> Path:
    """The folder of Ada's page, of a submission as the exchange brings it."""
    mini.write("submitted/ada/week/submission_secret.txt", SECRET)
    mini.write("submitted/ada/week/timestamp.txt", STAMP)
    return mini.write("feedback/ada/week/mini.html", "<p>page</p>").parent


def test_what_came_with_a_submission_is_put_beside_its_page(mini, beside):
    """The secret and the time are copied, and removed when a submission without them takes its place."""
    beside.joinpath("mini.html").chmod(0o600)
    assert stamp(mini.course, "week", "ada") == ""
    assert (beside / "submission_secret.txt").read_text() == SECRET
    assert (beside / "timestamp.txt").read_text() == STAMP
    assert beside.joinpath("mini.html").stat().st_mode & 0o777 == 0o644
    (mini.root / "submitted/ada/week/submission_secret.txt").unlink()
    assert "submission_secret.txt" in stamp(mini.course, "week", "ada")
    assert [path.name for path in beside.iterdir()] == ["mini.html"]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "binary", "long", "lines", "empty"])
def test_a_forged_secret(mini, beside, kind):
    """What a student may hand in by that name is no way to another file, nor to an error of nbgrader's."""
    path = mini.root / "submitted/ada/week/submission_secret.txt"
    path.unlink()
    elsewhere = mini.write("elsewhere.txt", "somebody else's")
    contents = {"binary": b"\xff\xfe\x00", "long": b"a" * 2000, "lines": b"a\nb", "empty": b""}
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(contents[kind])
    assert stamp(mini.course, "week", "ada")
    assert not (beside / "submission_secret.txt").exists()
