"""The command: exit codes, what goes to which stream, errors in three lines, quick help, and life without extras."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner

from referee import __version__, cli
from referee.doctor import Finding
from referee.errors import CourseError, GradebookError, GraderError, HarnessError, MissingExtra, UsageError

FAILING = "SECRET = 3 * x"
BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "nbgrader":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Block())
from referee.cli import main
main(sys.argv[1:])
"""


def run(*args: Any, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without the caller's colours and settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("REFEREE_", "PYTEST_", "NO_COLOR"))}
    program = ["-c", code or "from referee.cli import main; main()"]
    return subprocess.run(
        [sys.executable, *program, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **environment},
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A small course whose class was graded once: one student of two is right."""
    from tests.conftest import CONFIG, HIDDEN, PUBLIC, TOML, MiniCourse, mini_cells  # noqa: PLC0415 - a module's fixture

    mini = MiniCourse(tmp_path_factory.mktemp("cli") / "course")
    for path, text in [("course.toml", TOML), ("nbgrader_config.py", CONFIG), ("graders/public/week/mini.py", PUBLIC),
                       ("graders/hidden/week/mini.py", HIDDEN)]:  # fmt: skip
        mini.write(path, text)
    mini.notebook(mini_cells())
    released = run("release", "--course", mini.root)
    mini.hand_in("ada")
    mini.hand_in("bob", "SECRET = 2 * x", FAILING)
    graded = run("grade", "week", "--course", mini.root, "--workers", "1", "--json")
    return SimpleNamespace(mini=mini, released=released, graded=graded)


def own(ran: SimpleNamespace, name: str, old: str = "", new: str = "") -> Path:
    """A student's own copy of the exercise, worked on."""
    root: Path = ran.mini.root
    folder = root.parent / name / "week"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "checks").mkdir()
        for path in (root / "exercises" / "week" / "checks").iterdir():
            (folder / "checks" / path.name).write_bytes(path.read_bytes())
    text = (root / "exercises" / "week" / "mini.ipynb").read_text()
    assert old in text
    (folder / "mini.ipynb").write_text(text.replace(old, new))
    return folder / "mini.ipynb"


def test_release_says_what_it_wrote(ran):
    """Each written file is one line on standard output, and there is nothing else."""
    assert (ran.released.returncode, ran.released.stderr) == (0, "")
    written = sorted(ran.released.stdout.splitlines())
    assert [Path(line).name for line in written] == ["manifest.json", "mini.py", "mini.ipynb"]
    assert all(Path(line).is_file() for line in written)


def test_grade_puts_results_on_standard_output_and_progress_on_standard_error(ran):
    """With --json, standard output is one JSON document; progress and notes are on standard error."""
    result = json.loads(ran.graded.stdout)
    assert ran.graded.returncode == 0
    assert {report["student"]: [cell["earned"] for cell in report["notebooks"][0]["graded"]] for report in
            result["reports"]} == {"ada": [4.0], "bob": [0.0]}  # fmt: skip
    assert "workers: 1 at a time" in ran.graded.stderr
    assert re.search(r"2/2 +\w+ +\d of 4", ran.graded.stderr)
    assert "Traceback" not in ran.graded.stderr


def test_grade_leaves_reports_pages_notebooks_and_a_gradebook(ran):
    """What a class leaves behind lies where the command says."""
    root = ran.mini.root
    for path in (
        "reports/week/ada.json",
        "feedback/bob/week/mini.html",
        "autograded/ada/week/mini.ipynb",
        "gradebook.db",
    ):
        assert (root / path).is_file(), path


def test_check_passes_with_zero_and_fails_with_one(ran):
    """A student's own run ends with 0 when the public checks pass, with 1 when one does not, and says why."""
    good = run("check", own(ran, "good", "# YOUR CODE HERE", "return 2 * x"))
    assert (good.returncode, good.stderr) == (0, "")
    assert "Your double makes 6 of 3." in good.stdout
    assert "Its 4 points are decided after submission, by this and one more check." in good.stdout
    bad = run("check", own(ran, "bad", "# YOUR CODE HERE", "return 3 * x"), "--json")
    report = json.loads(bad.stdout)
    assert (bad.returncode, report["passed"]) == (1, False)
    assert report["report"]["graded"][0]["results"][0]["verdict"]["outcome"] == "failed"


def test_verify_holds_for_a_good_course_and_ends_with_one_for_a_bad_one(ran, tmp_path):
    """`verify` ends with 0 when solutions earn everything and blanks nothing, and with 1 with the reason otherwise."""
    good = run("verify", "week", "--course", ran.mini.root, "--workers", "1", "--json")
    shown = json.loads(good.stdout)
    assert (good.returncode, [finding["problems"] for finding in shown["findings"]]) == (0, [[], [], []])
    assert [(row["variants"], row["killed"]) for row in shown["table"]] == [(2, 2)]
    bad = run("verify", "--course", _spoilt(ran, tmp_path), "--workers", "1")
    assert bad.returncode == 1
    assert "DOES NOT HOLD" in bad.stdout
    assert "mini.ipynb is not in step: run `referee release`" in bad.stdout


def _spoilt(ran: SimpleNamespace, folder: Path) -> Path:
    """A copy of the course whose solution was changed after the release."""
    folders = ("solutions", "graders", "exercises")
    for path in ran.mini.root.rglob("*"):
        relative = path.relative_to(ran.mini.root)
        if path.is_file() and relative.parts[0] in (*folders, "course.toml", "nbgrader_config.py"):
            (folder / relative).parent.mkdir(parents=True, exist_ok=True)
            (folder / relative).write_bytes(path.read_bytes())
    solution = folder / "solutions" / "week" / "mini.ipynb"
    solution.write_text(solution.read_text().replace("seed = 0", "seed = 1"))
    return folder


WRONG = {
    "no course": (["grade", "week", "--course", "{tmp}"], "UsageError", "a course: a folder with course.toml"),
    "no assignment": (["grade", "weak", "--course", "{root}"], "UsageError", "one of the assignments week"),
    "no student": (["grade", "week", "--student", "eve", "--course", "{root}"], "UsageError", "students who handed in"),
    "no notebook": (["check", "{tmp}/no.ipynb"], "UsageError", "a notebook to check"),
    "no release": (["release", "weak", "--course", "{root}"], "UsageError", "one of the assignments week"),
    "no verify": (["verify", "weak", "--course", "{root}"], "UsageError", "one of the assignments week"),
    "no stories": (["demo", "--course", "{root}", "--dir", "{tmp}/demo"], "UsageError", "sample stories"),
}


@pytest.mark.parametrize(("args", "kind", "wanted"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_ends_with_two_and_three_lines(args, kind, wanted, ran, tmp_path):
    """What does not exist is said as wanted, found and next on standard error, without a traceback, and ends with 2."""
    result = CliRunner().invoke(cli.main, [arg.format(tmp=tmp_path, root=ran.mini.root) for arg in args])
    lines = [line for line in result.stderr.splitlines() if not line.startswith("note:")]
    assert (result.exit_code, result.stdout) == (2, "")
    assert lines[0] == f"referee: {kind}"
    assert lines[1].startswith(f"wanted: {wanted}")
    assert [line.split(":")[0] for line in lines[1:]] == ["wanted", "found", "next"]


def test_an_unknown_option_ends_with_two():
    """A command that does not exist is click's usage error."""
    for args in (["grad"], ["grade"], ["grade", "week", "--workers", "0"], ["check"]):
        result = CliRunner().invoke(cli.main, args)
        assert (result.exit_code, "Usage:" in result.stderr) == (2, True)


def test_a_missing_notebook_as_a_student_reads_it(tmp_path):
    """The whole message, to the letter."""
    done = run("check", tmp_path / "no.ipynb")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "referee: UsageError\n"
        "wanted: a notebook to check\n"
        f"found:  no file at {tmp_path / 'no.ipynb'}\n"
        "next:   give the path of the .ipynb file\n"
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("a", "b"), 2),
        (CourseError("a", "b"), 2),
        (GraderError("a", "b"), 2),
        (MissingExtra("a", "b"), 2),
        (GradebookError("a", "b"), 3),
        (HarnessError("a", "b"), 3),
        (ValueError("b"), 3),
        (KeyboardInterrupt(), 130),
        (click.UsageError("b"), 2),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_kind_of_error_has_its_exit_code(error, code, monkeypatch):
    """Errors on purpose have their own codes, an error of ours 3, an interrupt 130; none shows a traceback."""

    def broken(*_args: Any) -> Any:
        raise error

    monkeypatch.setattr(cli.group, "load", broken)
    monkeypatch.delenv("REFEREE_DEBUG", raising=False)
    result = CliRunner().invoke(cli.main, ["grade", "week"])
    assert result.exit_code == code
    assert "Traceback" not in result.output
    if isinstance(error, ValueError):
        assert result.stderr.endswith(
            "referee: an error of ours: ValueError: b\n"
            "next:   run it again with REFEREE_DEBUG=1 and report what it prints\n"
        )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("grade", "kept\nnext:   the same command goes on there (without --again)\n"),
        ("regrade", "kept\nnext:   the same command goes on there\n"),
        ("verify", "stopped\nnext:   the same command begins again\n"),
    ],
)
def test_what_an_interrupted_command_keeps(command, said, monkeypatch):
    """An interrupted command says whether the same one goes on or begins again."""

    def stopped(*_args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.group, "load", stopped)
    result = CliRunner().invoke(cli.main, [command, *(["week"] if command != "verify" else [])])
    assert (result.exit_code, result.stderr.endswith(said)) == (130, True), result.stderr


def test_an_error_of_ours_is_raised_for_debugging(monkeypatch):
    """With REFEREE_DEBUG an unexpected error keeps its traceback."""

    def broken(*_args: Any) -> Any:
        raise ValueError("b")

    monkeypatch.setattr(cli.group, "load", broken)
    monkeypatch.setenv("REFEREE_DEBUG", "1")
    assert isinstance(CliRunner().invoke(cli.main, ["grade", "week"]).exception, ValueError)


def test_a_harness_failure_ends_with_three(monkeypatch):
    """A class in which something could not be graded for our reasons ends with 3, with its results printed."""
    from referee import workflow  # noqa: PLC0415 - patched here

    graded = workflow.GradedClass(assignment="week", reports=(), database="db", pages="p")
    monkeypatch.setattr(cli.group, "load", lambda root, *_args: root)
    monkeypatch.setattr(workflow, "grade_any", lambda *_args, **_kwargs: graded)
    assert CliRunner().invoke(cli.main, ["grade", "week", "--json"]).exit_code == 0
    monkeypatch.setattr(workflow.GradedClass, "ours_failed", property(lambda _self: True))
    result = CliRunner().invoke(cli.main, ["grade", "week", "--json"])
    assert (result.exit_code, json.loads(result.stdout)["assignment"]) == (3, "week")


@pytest.mark.parametrize(("ok", "needed", "code"), [(True, True, 0), (False, False, 0), (False, True, 1)])
def test_doctor_ends_with_one_only_for_what_is_needed(ok, needed, code, monkeypatch):
    """Missing extras are no failure; a missing need is."""
    finding = Finding(name="python", ok=ok, found="3.9", remedy="" if ok else "use 3.11+", needed=needed)
    monkeypatch.setattr("referee.doctor.examine", lambda: [finding])
    result = CliRunner().invoke(cli.main, ["doctor"])
    assert result.exit_code == code
    assert result.stdout.splitlines()[0] == f"{'ok' if ok else '--'}  python        3.9"
    listed = json.loads(CliRunner().invoke(cli.main, ["doctor", "--json"]).stdout)
    assert msgspec.convert(listed, list[Finding]) == [finding]


def test_output_to_a_pipe_has_no_colour(ran):
    """Without a terminal, and with NO_COLOR on one, nothing is coloured."""
    notebook = own(ran, "bad", "# YOUR CODE HERE", "return 3 * x")
    assert "\x1b" not in run("check", notebook, FORCE_COLOR="1").stdout


@pytest.mark.parametrize(
    ("terminal", "no_color", "color"), [(True, None, True), (True, "1", False), (False, None, False)]
)
def test_colour_is_for_terminals_without_no_color(terminal, no_color, color, monkeypatch):
    """NO_COLOR is heeded whatever its value."""
    monkeypatch.setattr("sys.stdout", SimpleNamespace(isatty=lambda: terminal))
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert cli.group.color() is color


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["--version"], ["grade", "--help"], ["check", "--help"]])
def test_help_imports_nothing_heavy(args):
    """Help and version are printed without loading what they do not need."""
    heavy = ["numpy", "pytest", "papermill", "nbformat", "nbgrader", "rich", "jinja2", "tensorflow", "torch", "zmq"]
    code = (
        "import sys\nfrom referee.cli import main\n"
        "try: main(sys.argv[1:])\n"
        f"finally: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = run(*args, code=code)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert __version__ in done.stdout if args == ["--version"] else "Usage:" in done.stdout


def test_check_works_without_nbgrader(ran):
    """A student's installation, which has no nbgrader, can check."""
    done = run("check", own(ran, "good", "# YOUR CODE HERE", "return 2 * x"), code=BLOCK)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Your double makes 6 of 3." in done.stdout


@pytest.mark.parametrize("args", [["grade", "week"], ["release"], ["verify"]])
def test_commands_that_need_nbgrader_say_which_extra_to_install(args, ran):
    """Without nbgrader the author's commands end with 2 and the command that installs it, before anything runs."""
    done = run(*args, "--course", ran.mini.root, code=BLOCK)
    assert (done.returncode, done.stdout) == (2, "")
    assert "referee: MissingExtra\nwanted: nbgrader" in done.stderr
    assert done.stderr.endswith("next:   pip install nbgrader\n")


def test_a_broken_notebook_of_a_students_own_is_an_error_in_words(ran):
    """A notebook that is no notebook ends the student's own run with 2 and words, not with an error of ours."""
    notebook = own(ran, "broken")
    for text in ("", "{", "[]", '{"nbformat": 3}'):
        notebook.write_text(text)
        done = run("check", notebook)
        assert done.returncode in (1, 2), text
        assert "an error of ours" not in done.stderr
        assert "Traceback" not in done.stderr


def test_a_parameters_cell_with_a_slip_is_an_error_in_words(ran):
    """A student who breaks the parameters cell is told so."""
    done = run("check", own(ran, "slip", "seed = 0", "seed = = 0"))
    assert done.returncode in (1, 2)
    assert "an error of ours" not in done.stderr
