"""The code of a course's own that its configuration names is part of what determines a result."""

from __future__ import annotations

import sys

import pytest

from referee.nbcourse import basis
from referee.nbcourse.book import Outline
from referee.nbcourse.config import open_course
from referee.nbcourse.owncode import own_code
from tests.nbcourse import every

CONFIG = """import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "ours"))
from own_preprocessor import Own


def after(**_words):
    return 1


c = get_config()
c.Autograde.pre_convert_hook = "own_hooks.before"
c.Autograde.post_convert_hook = after
c.AssignLatePenalties.plugin_class = "own_plugin.Own"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.ClearOutput", Own]
c.CourseDirectory.db_url = "sqlite:///grade.book.db"
"""
CLASS = "from nbgrader.{where}\n\n\nclass Own({what}):\n    pass\n"
FILES = {
    "nbgrader_config.py": CONFIG,
    "ours/own_hooks.py": "def before(**_words):\n    pass\n",
    "ours/own_plugin.py": CLASS.format(where="plugins import BasePlugin", what="BasePlugin"),
    "ours/own_preprocessor.py": CLASS.format(where="preprocessors import ClearOutput", what="ClearOutput"),
    "ours/nobody_names_it.py": "",
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A course with code of its own in a folder that its configuration puts on the path."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name, text in FILES.items():
        every.write(tmp_path / name, text)
    every.save(tmp_path / "source/ps/p.ipynb", every.everything())
    yield tmp_path.resolve()
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


def test_what_is_named_is_found(root):
    """Modules behind texts, a class's module, a function of the configuration itself; nothing that is installed."""
    found = own_code(open_course(root).app.config)
    assert {name.rpartition(".")[2] if "after" in name else name for name in found} == {
        "after",
        "own_hooks",
        "own_plugin",
        "own_preprocessor.Own",
    }


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("ours/own_hooks.py", True),
        ("ours/own_plugin.py", True),
        ("ours/own_preprocessor.py", True),
        ("ours/nobody_names_it.py", False),
    ],
)
def test_another_text_is_another_policy(root, file, counts):
    """Whoever changes a plugin has the class graded again; a file that nothing names changes nothing."""
    outlines = {"p": Outline({})}
    before = basis.of_assignment(open_course(root), "ps", outlines)["p"]
    again = basis.of_assignment(open_course(root), "ps", outlines)["p"]
    assert before == again
    every.write(root / file, f"{FILES[file]}\n# changed\n")
    assert before.changes(basis.of_assignment(open_course(root), "ps", outlines)["p"]) == (
        ("policy",) if counts else ()
    )
