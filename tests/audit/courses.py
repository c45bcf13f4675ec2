"""An nbgrader course with tests of every kind, made in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from tests.conftest import nbgrader_cell, python_notebook

KINDS = {
    "double": (
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        "assert double(1) == 2\n### BEGIN HIDDEN TESTS\nassert double(21) == 42\n### END HIDDEN TESTS",
    ),
    "root": (
        "def root(x):\n    ### BEGIN SOLUTION\n    if x < 0:\n        raise ValueError(x)\n    return x ** 0.5\n"
        "    ### END SOLUTION",
        "import math\nassert math.isclose(root(2), 1.4142135623730951)\n"
        "try:\n    root(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('no error')",
    ),
    "table": (
        "### BEGIN SOLUTION\nimport numpy as np\ntable = np.arange(6).reshape(2, 3)\n### END SOLUTION",
        "import numpy as np\nnp.testing.assert_allclose(table, [[0, 1, 2], [3, 4, 5]])\nassert len(table) == 2",
    ),
    "words": (
        "### BEGIN SOLUTION\nwords = 'a b c'.split()\n### END SOLUTION",
        "import unittest\ncase = unittest.TestCase()\n"
        "case.assertEqual(words, ['a', 'b', 'c'])\ncase.assertIn('a', words)",
    ),
    "steps": (
        "def step(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION",
        "score = 0\nif step(1) == 2:\n    score += 1\nif step(5) == 6:\n    score += 1\nscore",
    ),
    "area": (
        "def area(a, b):\n    ### BEGIN SOLUTION\n    return a * b\n    ### END SOLUTION",
        "near(area(2, 3), 6)\nnear(area(0.5, 4), 2)",
    ),
    "easy": ("### BEGIN SOLUTION\nmood = 'good'\n### END SOLUTION", "assert 1 + 1 == 2"),
    "broken": ("### BEGIN SOLUTION\nage = 3\n### END SOLUTION", "assert age == 4"),
}
POINTS = {"steps": 2}
#: Locked cells of the author's before a test.
GIVEN = {"area": "def near(a, b):\n    assert abs(a - b) < 1e-9, 'not near'"}
CONVERTED = {
    "triple": ("def triple(x):\n    ### BEGIN SOLUTION\n    return 3 * x\n    ### END SOLUTION", 'check("triple")'),
}
GRADER = '''"""Checks outside the kernel."""
import pytest

from referee.checks import assert_matches


@pytest.mark.check("triple")
def test_triple(student):
    """Your triple makes 21 of 7."""
    assert_matches(student.call("triple", 7), 21)
'''
SETUP = 'from referee import exercise\ncheck = exercise("ps1/kinds")'


def cells(kinds: dict[str, tuple[str, str]]) -> list[Any]:
    """An answer cell and a test cell for each kind."""
    made = []
    for name, (solution, test) in kinds.items():
        made += [
            nbgrader_cell(solution, f"{name}_answer", "solution"),
            *([nbgrader_cell(GIVEN[name], f"{name}_given")] if name in GIVEN else []),
            nbgrader_cell(test, name, "check", POINTS.get(name, 1)),
        ]
    return made


def write(path: Path, own: list[Any]) -> Path:
    """Write a notebook of these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(python_notebook(own), path)
    return path


def course(root: Path, kinds: dict[str, tuple[str, str]] = KINDS) -> Path:
    """An nbgrader course of one notebook, ps1/kinds."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'kinds'\n")
    write(root / "source" / "ps1" / "kinds.ipynb", cells(kinds))
    return root


def mixed(root: Path, kinds: dict[str, tuple[str, str]]) -> Path:
    """The same with one check cell more, whose grader runs outside the kernel."""
    course(root)
    (root / "course.toml").write_text("[nbgrader]\n")
    own = [nbgrader_cell(SETUP, "setup"), *cells(kinds), *cells(CONVERTED)]
    write(root / "source" / "ps1" / "kinds.ipynb", own)
    grader = root / "graders" / "hidden" / "ps1" / "kinds.py"
    grader.parent.mkdir(parents=True)
    grader.write_text(GRADER)
    return root


#: What a student might write to attack the tests, and a sign that is to be seen in it.
ATTACKS = {
    "tree": (
        "import ast\nclass Empty(ast.NodeTransformer):\n    def visit_Assert(self, node):\n        return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Empty())",
        5,
        "changes the syntax tree of cells",
    ),
    "text": (
        "ip = get_ipython()\nip.input_transformers_post.append(lambda lines: ['pass'])",
        2,
        "changes the text of cells",
    ),
    "shell": (
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.run_cell = lambda *a, **k: None",
        2,
        "replaces what runs a cell",
    ),
    "told": (
        "shell = get_ipython()\nshell.events.register('pre_run_cell', print)",
        2,
        "replaces what runs a cell",
    ),
    "quiet": ("get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)", 1, "hides errors"),
    "equal": (
        "class Same:\n    def __eq__(self, other):\n        return True\ndouble = Same()",
        2,
        "equals everything",
    ),
    "helpers": (
        "import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None",
        2,
        "replaces what tests compare with",
    ),
    "setter": (
        "from unittest import TestCase\nsetattr(TestCase, 'assertEqual', print)",
        2,
        "replaces what tests compare with",
    ),
    "builtin": ("def isinstance(a, b):\n    return True", 1, "replaces what tests compare with"),
    "module": ("import builtins\nbuiltins.len = lambda x: 2", 2, "replaces what tests compare with"),
    "reader": ("import json\ntests = json.load(open('kinds.ipynb'))['cells']", 2, "names a notebook file"),
    "caller": (
        "import sys\ndef double(x):\n    return sys._getframe(1).f_code.co_consts[0]",
        3,
        "looks at the code that calls it",
    ),
    "stack": ("import inspect\ndef double(x):\n    return inspect.stack()[1]", 1, "looks at the code that calls it"),
    "exit": ("import os\nos._exit(0)", 2, "ends the kernel"),
    "forger": (
        "def double(x):\n    get_ipython().displayhook.session.send(None, 'execute_result')",
        2,
        "sends messages of its own",
    ),
    "hidden": ("exec('get_' + 'ipython().ast_transformers.clear()')", 1, "changes the syntax tree of cells"),
    "magic": ("%%time\nget_ipython().ast_transformers.clear()", 1, "changes the syntax tree of cells"),
    "later": ("import base64\nexec(base64.b64decode('cGFzcw=='))", 2, "runs text that is made while it runs"),
}

HONEST = {
    "ada": "def double(x):\n    return 2 * x\n\nprint(double(3))",
    "bob": "import numpy as np\n%matplotlib inline\nnp.random.seed(0)\nsum = 0\nfor i in range(3):\n    sum += i",
    "cleo": (
        "class Point:\n    '''A point; see notes.ipynb.'''\n    def __init__(self, x):\n        self.x = x\n"
        "    def __eq__(self, other):\n        return isinstance(other, Point) and self.x == other.x\n"
        "    def __repr__(self):\n        return f'{self.__class__.__name__}({self.x})'"
    ),
    "dan": (
        "import sys, os, math, pandas as pd\nimport matplotlib.pyplot as plt\n"
        "pd.options.display.max_rows = 5\nplt.rcParams['figure.figsize'] = (4, 3)\n"
        "files = sorted(os.listdir('.'))\nwith open('data.txt', 'w') as file:\n    file.write('compile, exec, exit')\n"
        "%timeit math.sqrt(2)\nassert math.isclose(math.sqrt(4), 2)"
    ),
    "eve": (
        "from IPython.display import display, Markdown\ndisplay(Markdown('**done**'))\n"
        "try:\n    double('x')\nexcept TypeError as error:\n    print(type(error), len(str(error)))\n"
        "counts = {}\ncounts['event'] = 1\nsetattr(Markdown, 'mine', 1)\nlist = [1, 2]\nmax = list[1]"
    ),
}


def hand_in(root: Path, student: str, source: str) -> Path:
    """Hand in a notebook whose answer to `double` is this."""
    own = cells(KINDS)
    own[0].source = source
    return write(root / "submitted" / student / "ps1" / "kinds.ipynb", own)
