"""What --out may name: a file, a link, a pipe; and what is refused."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from referee.batch import store
from referee.cli import main
from referee.errors import UsageError
from referee.report import PASSED, to_json
from referee.workflow.out import require_folder, write_out
from tests.classroom.people import book, cell, report, result
from tests.conftest import MiniCourse


@pytest.mark.parametrize("before", [None, b"before, and longer"])
def test_a_link_stays_and_leads_to_the_file(tmp_path, before):
    """What a link leads to is written, whether it was there or not, and the link is one afterwards."""
    target, link = tmp_path / "there" / "a.csv", tmp_path / "link.csv"
    target.parent.mkdir()
    if before is not None:
        target.write_bytes(before)
    link.symlink_to(Path("there") / "a.csv")
    write_out(link, b"after")
    assert (link.is_symlink(), target.is_symlink(), target.read_bytes()) == (True, False, b"after")
    assert [path.name for path in target.parent.iterdir()] == ["a.csv"]


def test_who_may_read_stays(tmp_path, monkeypatch):
    """The permissions are there before the content is: nobody reads grades in between."""
    out, seen = tmp_path / "a.csv", list[int]()
    out.touch(0o600)
    rename = Path.replace

    def spying(path: Path, target: Path) -> Path:
        seen.append(stat.S_IMODE(path.stat().st_mode))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", spying)
    write_out(out, b"after")
    assert (seen, stat.S_IMODE(out.stat().st_mode)) == ([0o600], 0o600)


def read_by_another(pipe: Path) -> subprocess.Popen[bytes]:
    """Another process that reads a pipe to its end."""
    code = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    return subprocess.Popen([sys.executable, "-c", code, str(pipe)], stdout=subprocess.PIPE)


@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_written_into(tmp_path, linked):
    """Who reads a pipe gets what was written, and the pipe is one afterwards."""
    pipe = out = tmp_path / "pipe"
    os.mkfifo(pipe)
    if linked:
        out = tmp_path / "link"
        out.symlink_to(pipe)
    with read_by_another(pipe) as reader:
        write_out(out, b"x" * 200_000)
        assert reader.communicate()[0] == b"x" * 200_000
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert len(list(tmp_path.iterdir())) == 1 + linked


def refused(tmp_path: Path) -> dict[str, Path]:
    """Places where no file can be written."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "to folder").symlink_to(tmp_path / "folder")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
    return {name: tmp_path / name for name in ("folder", "to folder", "circle", "file/x", "s")}


def test_what_cannot_be_written_to(tmp_path):
    """A folder, a circle of links, a path through a file and a socket are refused in words, and stay what they are."""
    for name, path in refused(tmp_path).items():
        with pytest.raises(UsageError) as caught:
            write_out(path, b"x")
        assert name in caught.value.found
        assert "--out" in caught.value.remedy
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "circle").is_symlink()
    assert stat.S_ISSOCK((tmp_path / "s").lstat().st_mode)
    assert not list((tmp_path / "folder").iterdir())


def test_what_is_no_folder(tmp_path):
    """A file where a folder is wanted is refused; a folder, and what is not there yet, are not."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="no folder"):
        require_folder(tmp_path / "file")
    require_folder(tmp_path)
    require_folder(tmp_path / "new" / "one")


@pytest.fixture
def graded(mini: MiniCourse) -> MiniCourse:
    """A course with one report."""
    made = report("ada", book(cell([result(PASSED, "test_any", "double")], 4.0, "double"), name="mini"))
    store.replace(store.report_path(mini.course, "week", "ada"), to_json(made), durable=False)
    return mini


COMMANDS = {
    "csv": ["export", "week", "--to", "csv"],
    "github": ["export", "week", "--to", "github"],
    "report": ["report", "week", "--open", "no"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_the_commands(graded, tmp_path, command):
    """Each command writes through a link and into a pipe; a folder is an error of the command line, and named."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")

    def run(out: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*command, "--out", str(tmp_path / out), "--course", str(graded.root)])
        return done.exit_code, done.output

    assert run("link")[0] == 0
    assert ((tmp_path / "link").is_symlink(), (tmp_path / "target").is_symlink()) == (True, False)
    with read_by_another(tmp_path / "pipe") as reader:
        assert run("pipe")[0] == 0
        assert reader.communicate()[0] == (tmp_path / "target").read_bytes() != b""
    assert stat.S_ISFIFO((tmp_path / "pipe").lstat().st_mode)
    code, words = run(".")
    assert (code, f"the folder {tmp_path}" in words) == (2, True)


@pytest.mark.parametrize("command", [["export", "week", "--to", "gradescope"], ["pages", "week"]])
@pytest.mark.parametrize("out", ["file", "circle", "file/x"])
def test_what_wants_a_folder(graded, tmp_path, command, out):
    """What is no folder, where results or pages should go, is an error of the command line, and stays."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    done = CliRunner().invoke(main, [*command, "--out", str(tmp_path / out), "--course", str(graded.root)])
    assert (done.exit_code, out in done.output) == (2, True)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def killed(arguments: list[str]) -> None:
    """Run a command that is killed when its first file is whole, but for its name."""
    code = "import os, signal; from pathlib import Path; from referee.cli import main\n"
    code += "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nmain()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)
    assert done.returncode == -9


KEPT = {
    "report": (COMMANDS["report"], ["week.html"]),
    "pages": (["pages", "week"], ["mini.html"]),
    "nbgrader": (["export", "week", "--to", "nbgrader"], ["mini.html"]),
}


@pytest.mark.parametrize(("command", "made"), KEPT.values(), ids=KEPT.keys())
def test_a_killed_command_goes_on(graded, command, made):
    """The same command again leaves what it makes, whole, and nothing of the one that was killed."""
    arguments = [*command, "--course", str(graded.root)]
    killed(arguments)
    assert len(list(graded.root.rglob(".*.new"))) == 1
    assert not list(graded.root.rglob("*.html"))
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert not list(graded.root.rglob(".*.new"))
    pages = list(graded.root.rglob("*.html"))
    assert [path.name for path in pages] == made
    assert pages[0].read_text(encoding="utf-8").rstrip().endswith("</html>")
