"""The export for JPlag and Dolos: what lies where, and that no name of a student's leads anywhere else."""

import ast
import csv
import io
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.export import Handed, code, dolos, file_names, jplag, next_command

CLASS = [
    Handed(student="ada", sources={"a": ("x = 1", "y = 2"), "b": ("z = 3",)}, when="2026-01-02T03:04:05+00:00"),
    Handed(student="../ben, jr", sources={"a": ("%matplotlib inline\n!ls\nx = 2",)}),
]
BASE = {"a": ("x = ...",), "b": ()}


def test_jplag_gets_a_folder_for_each_student_and_the_base_code():
    """Each notebook is a .py file in its student's folder; the exercise stands apart."""
    files = jplag(CLASS, BASE)
    assert set(files) == {
        "base/a.py", "base/b.py", "submissions/ada/a.py", "submissions/ada/b.py", "submissions/ben_jr/a.py",
    }  # fmt: skip
    assert files["submissions/ada/a.py"] == "x = 1\n\ny = 2\n"
    assert next_command("jplag", "out") == "java -jar jplag.jar -l python3 -bc out/base out/submissions"


def test_dolos_gets_its_columns():
    """info.csv names each file with the columns that Dolos reads, and the exercise as the one to ignore."""
    files = dolos("week", CLASS, BASE)
    rows = list(csv.DictReader(io.StringIO(files["info.csv"])))
    assert [row["filename"] for row in rows] == ["exercise.py", "submissions/ada.py", "submissions/ben_jr.py"]
    assert {row["filename"] for row in rows} | {"info.csv"} == set(files)
    assert [row["ignored"] for row in rows] == ["true", "", ""]
    assert rows[2]["full_name"] == "../ben, jr"
    assert rows[1]["created_at"] == "2026-01-02T03:04:05+00:00"
    assert next_command("dolos", "out") == "dolos run -f web -l python out/info.csv"


def test_lines_for_ipython_become_comments():
    """Parsers of Python alone read what IPython would have understood."""
    text = code(["%matplotlib inline\n  !ls -l\n?print\nx = 5 % 2"])
    assert ast.unparse(ast.parse(text)) == "x = 5 % 2"


@given(st.lists(st.text(max_size=100) | st.text("./\\ aA:*", max_size=10), max_size=8))
def test_every_student_has_a_safe_name_of_their_own(names):
    """A name is one part of a path on every system, starts with no dot, and differs from all others in any case."""
    made = file_names(names)
    assert made.keys() == set(names)
    assert len({name.casefold() for name in made.values()}) == len(made)
    for name in made.values():
        assert PurePosixPath(name).parts == (name,)
        assert name.isascii()
        assert not name.startswith(".")
        assert not set(name) & set('/\\:*?"<>|')
