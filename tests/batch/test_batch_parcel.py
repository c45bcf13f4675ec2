"""What of a course its graders and kernels need: all of it, nothing else, and the same wherever it is unpacked."""

from pathlib import Path

import numpy as np
import pytest

from referee import basis
from referee.batch.parcel import Parcel, parcel
from referee.errors import CourseError, DataError
from tests.batch.graded import FILES, course_in, edit
from tests.conftest import MiniCourse


@pytest.fixture
def mini(tmp_path, monkeypatch):
    """A course, and no data."""
    monkeypatch.delenv("REFEREE_DATA", raising=False)
    return course_in(tmp_path / "course")


@pytest.fixture
def other(tmp_path):
    """The same course in another place."""
    return course_in(tmp_path / "another" / "place")


def test_what_is_in_a_parcel(mini):
    """A parcel holds the graders, what they import, the exercise, and what lies beside it; no cache, nothing else."""
    for folder in ("reference", "solutions/week/pack", "graders/hidden/week"):
        mini.write(f"{folder}/__pycache__/x.cpython-311.pyc", "x")
    mini.write("solutions/week/pack/a.txt", "a")
    made = parcel(mini.course, "week")
    wanted = {path for path in FILES if path.split("/")[0] not in ("course.toml", "nbgrader_config.py", "other")}
    wanted -= {"unused.py"}
    assert made.files.keys() == {*wanted, "exercises/week/mini.ipynb", "solutions/week/pack/a.txt"}
    assert not made.data
    assert made.course == "Mini"


def test_a_parcel_is_the_same_wherever_it_is_unpacked(mini, other, tmp_path):
    """Made of a copy, or unpacked on another machine, a parcel has the bases that it had at home."""
    here, there = parcel(other.course, "week"), parcel(mini.course, "week")
    assert [task.basis for task in here.tasks] == [task.basis for task in there.tasks]
    away = MiniCourse(tmp_path / "far" / "away")
    (task,) = there.unpack(away.root)
    assert task.basis == there.tasks[0].basis
    assert task.root == away.root
    assert all(path.is_file() and path.is_relative_to(away.root) for path in (task.authored, *task.graders))
    assert all(path.exists() and path.is_relative_to(away.root) for path in task.files)
    for path in ("course.toml", "solutions/week/mini.ipynb"):  # what a parcel need not hold
        away.write(path, (mini.root / path).read_text(encoding="utf-8"))
    assert parcel(away.course, "week").tasks[0].basis == task.basis
    assert parcel(away.course, "week").files == there.files


def digest(made: Parcel) -> str:
    return basis.digest([basis.of_files(made.files), basis.of_files(made.data), [str(task) for task in made.tasks]])


def test_the_same_content_has_the_same_digest(mini, other):
    """A parcel's digest says nothing of the place that it was made in, and changes with each of its files."""
    here, there = parcel(other.course, "week"), parcel(mini.course, "week")
    assert here.files == there.files
    assert digest(here) == digest(there)
    edit(mini, "facts/table.json")
    assert digest(parcel(mini.course, "week")) != digest(there)


def test_a_parcel_takes_the_data_along(mini, monkeypatch, tmp_path):
    """Where it is wished, the data file is in the parcel, and the tasks name it where it was unpacked."""
    data = tmp_path / "digits.npz"
    np.savez(data, x=np.arange(3))
    monkeypatch.setenv("REFEREE_DATA", str(data))
    made = parcel(mini.course, "week", with_data=True)
    (task,) = made.unpack(tmp_path / "away")
    assert Path(str(task.parameters["data"])) == tmp_path / "away" / "data" / "digits.npz"
    assert (tmp_path / "away" / "data" / "digits.npz").read_bytes() == data.read_bytes()
    (without,) = parcel(mini.course, "week").unpack(tmp_path / "home")
    assert without.parameters["data"] == str(data)
    assert without.basis == task.basis


def test_data_that_is_missing(mini, monkeypatch):
    """Data that cannot be read is said before anything is graded."""
    monkeypatch.setenv("REFEREE_DATA", "/nowhere/digits.npz")
    with pytest.raises(DataError, match="the data file /nowhere/digits"):
        parcel(mini.course, "week")


def test_a_file_that_cannot_be_read(mini, monkeypatch):
    """A file of the course that cannot be read is named."""
    read = Path.read_bytes

    def broken(path: Path) -> bytes:
        if path.name == "inner.py":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", broken)
    with pytest.raises(CourseError, match=r"a readable .*inner\.py"):
        parcel(mini.course, "week")


IMPORTS = [
    "import topic",
    "import topic.part as p",
    "from topic import part",
    "from topic.part import ONE",
    "def later():\n    import topic",
    "try:\n    import topic\nexcept ImportError:\n    pass",
    "if False:\n    from topic import part",
    "import os, topic",
    "import through",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_every_way_to_import(mini, line):
    """However a grader imports a package of the course, the whole package counts."""
    for path in ("topic/__init__.py", "topic/part.py", "topic/deep/leaf.py"):
        mini.write(path, "ONE = 1\n")
    mini.write("through.py", "from topic import part\n")
    edit(mini, "graders/public/week/mini.py", "", f"\n\n{line}\n")
    assert {"topic/__init__.py", "topic/part.py", "topic/deep/leaf.py"} <= parcel(mini.course, "week").files.keys()


def test_modules_that_import_one_another(mini):
    """A circle of imports has an end."""
    mini.write("scale.py", "import deeper\n")
    mini.write("deeper.py", "import scale\n")
    assert {"scale.py", "deeper.py"} <= parcel(mini.course, "week").files.keys()


def test_a_grader_that_does_not_parse(mini):
    """What is no Python imports nothing; who loads it will say what is wrong with it."""
    mini.write("graders/hidden/week/mini.py", "import (\n")
    assert "graders/hidden/week/mini.py" in parcel(mini.course, "week").files


@pytest.mark.parametrize("path", ["topic/deep/leaf.py", "topic/deep/deeper/leaf.py"])
def test_a_package_of_folders_alone(mini, path):
    """A package whose Python lies in its folders only can be imported, and so it is in the parcel."""
    mini.write(path, "ONE = 1\n")
    name = path.removesuffix(".py").replace("/", ".")
    edit(mini, "graders/hidden/week/mini.py", "", f"\n\nfrom {name} import ONE as LEAF\n")
    assert path in parcel(mini.course, "week").files


def test_the_module_that_python_finds_first(mini):
    """Of two modules of one name, at the root and beside the notebook, the one that a grader gets is the root's."""
    mini.write("helper.py", "ONE = 1\n")
    assert "helper.py" in parcel(mini.course, "week").files
