"""`referee new`: a course that holds as it is, is made whole or not at all, and disturbs nothing that is there."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import yaml  # type: ignore[import-untyped] # papermill brings it, without types
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from referee import __version__, workflow
from referee import course as courses
from referee import release as releasing
from referee.cli import main
from referee.errors import CourseError, UsageError
from referee.workflow import fresh
from referee.workflow.fresh import NOWHERE, TEMPLATE, new_course


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A course that the command made, once for all tests that only read it."""
    root = tmp_path_factory.mktemp("new") / "deep" / "my course"
    return SimpleNamespace(root=root, result=run("new", root, "--name", 'Ein "Kurs" \\ 1'))


def test_it_passes_verify_at_once(made):
    """Everything that `referee verify` tries of a new course holds, variants of its solution included."""
    done = run("verify", "--course", made.root, "--workers", "2", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    kinds = {each["trial"].split()[0]: each["problems"] for each in found["findings"]}
    assert kinds == {each: [] for each in ("in", "solution", "skeleton", "alternative", "misconception")}
    assert len(found["variants"]) >= 8
    assert {each["state"] for each in found["variants"]} == {"killed"}


def test_its_class_is_graded(made):
    """The solution handed in earns all points, and the exercise as it is handed out none."""
    course = courses.load(made.root)
    for student, start in (("ada", "solutions"), ("bo", "exercises")):
        target = course.submission(student, "first") / "moving_average.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes((made.root / start / "first" / target.name).read_bytes())
    graded = workflow.grade_assignment(course, "first", progress=lambda _words: None, trust=True, workers=2)
    assert {each.student: (each.earned, each.points) for each in graded.reports} == {"ada": (4, 4), "bo": (0, 4)}


def test_it_says_what_comes_next(made):
    """The command says where the course is, what is still to be written, and what to run."""
    assert made.result.exit_code == 0, made.result.output
    assert str(made.root) in made.result.stdout
    assert "requirements.txt" in made.result.stdout
    assert f"referee verify --course '{made.root}'" in made.result.stdout


def test_it_holds_the_template_and_the_exercises(made):
    """A new course is the template and what `referee release` makes of it; its names are its own."""
    grown = {name for name in names(made.root) if not name.startswith((".referee", "submitted", "autograded"))}
    template = {name for name in names(TEMPLATE) if "__pycache__" not in name}
    assert template <= grown
    assert {name for name in grown - template if name.startswith("exercises/")} == {
        "exercises/first/moving_average.ipynb",
        "exercises/first/checks/moving_average.py",
        "exercises/first/checks/manifest.json",
    }
    assert courses.load(made.root).policy.name == 'Ein "Kurs" \\ 1'
    assert (made.root / "README.md").read_text(encoding="utf-8").startswith('# Ein "Kurs" \\ 1\n')
    assert 'course_id = "my_course"' in (made.root / "nbgrader_config.py").read_text(encoding="utf-8")


def test_nbgrader_finds_its_folders(made):
    """nbgrader's own application reads the configuration: the source folder is solutions/, the released exercises/."""
    from referee.nbcourse.config import configured  # noqa: PLC0415 - nbgrader takes a second to import

    folders = configured(made.root).coursedir
    assert Path(folders.format_path(folders.source_directory, ".", "first")).resolve() == made.root / "solutions/first"
    assert Path(folders.format_path(folders.release_directory, ".", "first")).resolve() == made.root / "exercises/first"


def test_commands_that_its_files_name_exist(made):
    """Its README and its CI name only commands that there are, and CI installs from a file that is there."""
    readme = (made.root / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\$ referee (\w+)", readme)) == {"release", "verify", "collect", "grade", "report"}
    job = yaml.safe_load((made.root / ".github/workflows/verify.yml").read_text(encoding="utf-8"))["jobs"]["verify"]
    steps = job["steps"]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", each["uses"]) for each in steps if "uses" in each)
    lines = [each["run"] for each in steps if "run" in each]
    assert lines[0] == "pip install -r requirements.txt"
    assert (made.root / "requirements.txt").is_file()
    named = [
        words[1] for line in [*lines, *readme.splitlines()] if (words := line.strip("$ ").split())[:1] == ["referee"]
    ]
    assert "verify" in named
    assert set(named) <= set(main.commands)


@settings(max_examples=30)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_name_is_kept_or_refused(name):
    """A name of printable characters stands in the policy as it was given, spaces tidied; another one is refused."""
    try:
        plain = fresh._plain(name)
    except UsageError:
        assert not " ".join(name.split()).isprintable()
        return
    text = msgspec.toml.encode({"name": plain})
    assert msgspec.toml.decode(text)["name"] == " ".join(name.split())
    assert text.count(b"\n") == 1


@pytest.mark.parametrize("name", ["", "--", "Ä ö/ü", "a.b", "week 5"])
def test_the_exchange_can_use_the_course_id(name):
    """nbgrader's exchange makes a folder of a course's id: it is one plain word, whatever the folder is called."""
    assert re.fullmatch(r"[A-Za-z0-9][\w-]*", fresh._course_id(name), re.ASCII)


# --- what is there already --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("existing", ["notes.txt", ".hidden", "course.toml"])
def test_a_folder_with_something_in_it_is_left_alone(tmp_path, existing):
    """Where anything is, no course is made, and what is there stays as it was."""
    (tmp_path / existing).write_text("mine")
    done = run("new", tmp_path)
    assert done.exit_code == 2
    assert f"found:  {tmp_path} with {existing}" in done.stderr
    assert names(tmp_path) == {existing}


def test_a_file_is_no_folder(tmp_path):
    """The path of a file is refused."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="a file"):
        new_course(tmp_path / "file")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("course.toml", ""),
        ("course.toml", "broken ["),
        ("nbgrader_config.py", ""),
        ("course.toml", "[nbgrader]"),
    ],
)
def test_not_inside_another_course(tmp_path, file, text):
    """Inside another course, sound or not and of either kind, none is made: commands would not know which is meant."""
    (tmp_path / file).write_text(text)
    with pytest.raises(UsageError, match=f"which lies in the course {re.escape(str(tmp_path))}"):
        new_course(tmp_path / "far" / "below")
    assert names(tmp_path) == {file}


def test_an_empty_folder_is_filled_and_stays_the_same(tmp_path):
    """An empty folder, in which a shell may be, becomes the course; it is not replaced."""
    folder = tmp_path / "empty"
    folder.mkdir()
    before = folder.stat().st_ino
    made = new_course(folder)
    assert folder.stat().st_ino == before
    assert set(made.files) == names(folder)
    assert courses.load(folder).policy.name == "empty"


@pytest.mark.parametrize("existed", [True, False])
def test_whole_or_not_at_all(tmp_path, monkeypatch, existed):
    """Where the course cannot be finished, nothing of it is left."""

    def broken(*_args: Any) -> None:
        raise CourseError("a release", "none")

    monkeypatch.setattr(releasing, "release", broken)
    folder = tmp_path / "course"
    if existed:
        folder.mkdir()
    with pytest.raises(CourseError):
        new_course(folder)
    assert sorted(tmp_path.rglob("*")) == ([folder] if existed else [])


def test_a_move_that_fails_is_taken_back(tmp_path, monkeypatch):
    """Where the last file cannot be moved into an empty folder, those before it leave again."""
    folder, rename = tmp_path / "course", Path.rename
    folder.mkdir()

    def full(path: Path, target: Path) -> Path:
        if target == folder / "course.toml":
            assert (folder / "solutions").is_dir()
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        new_course(folder)
    assert not list(folder.iterdir())


# --- where CI gets Referee from ---------------------------------------------------------------------------------------

GIT = {"url": "https://git.example/referee", "vcs_info": {"vcs": "git", "commit_id": "0" * 40}}


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, f"referee[nbgrader]=={__version__}"),
        (GIT, f"referee[nbgrader] @ git+https://git.example/referee@{'0' * 40}"),
        ({"url": "https://example.org/r.whl", "archive_info": {}}, "referee[nbgrader] @ https://example.org/r.whl"),
        ({"url": "file:///home/me/referee", "dir_info": {"editable": True}}, NOWHERE),
        ({"odd": True}, NOWHERE),
    ],
)
def test_ci_installs_what_is_installed_here(tmp_path, monkeypatch, origin, wanted):
    """requirements.txt says where this Referee came from; for a folder it names what nobody can ever own."""
    known = SimpleNamespace(read_text=lambda _name: None if origin is None else json.dumps(origin))
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: known)
    made = new_course(tmp_path / "course")
    assert (tmp_path / "course" / "requirements.txt").read_text().splitlines()[-1] == wanted
    assert made.requirement == ("" if wanted == NOWHERE else wanted)
