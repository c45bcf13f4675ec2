"""nbgrader's own example course, converted: the same points for right and wrong work, and none for tricks."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from nbgrader.converters import GenerateAssignment

from referee.convert import Result, convert
from referee.convert.configured import blank
from referee.student import Shown, exercise
from referee.workflow.nbgrade import grade_nbgrader
from tests.convert.courses import Outside, answered, in_kernel, opened, quickstart, read
from tests.convert.drafting import write

ASKING = ("correct_squares", "squares_invalid_input", "correct_sum_of_squares")
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
WORK = {
    "right": "def squares(n):\n    if n < 1: raise ValueError('n')\n    return [i * i for i in range(1, n + 1)]",
    "no error": "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
    "wrong error": "def squares(n):\n    if n < 1: raise KeyError('n')\n    return [i * i for i in range(1, n + 1)]",
    "one off": "def squares(n):\n    if n < 1: raise ValueError('n')\n    return [i * i for i in range(n)]",
    "tuple": "def squares(n):\n    if n < 1: raise ValueError('n')\n    return tuple(i * i for i in range(1, n + 1))",
    "raises always": "def squares(n):\n    raise ValueError",
    "prints": "def squares(n):\n    print([i * i for i in range(1, n + 1)])",
}
LIAR = """
class Liar:
    def __eq__(self, other): return True
    def __call__(self, *args, **kwargs): return self
    def __getattr__(self, name): return self
    def __iter__(self): return iter([self])
    def __len__(self): return 3
    __hash__ = None
squares = sum_of_squares = Liar()
"""
TRANSFORMER = """
import ast
class Empty(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module([], [])
get_ipython().ast_transformers.append(Empty())
"""
PATCHED = """
import builtins, operator
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.run_code = lambda self, *args, **kwargs: False
operator.eq = lambda a, b: True
for name in ("isinstance", "len", "sum", "sorted"):
    setattr(builtins, name, lambda *args, **kwargs: True)
import referee
referee.exercise = lambda name: lambda cell: None
"""
FRAMES = """
import sys, gc
def squares(*args):
    frame = sys._getframe(0)
    while frame is not None:
        for value in [*frame.f_code.co_consts, *frame.f_locals.values()]:
            if isinstance(value, list) and value and all(isinstance(x, int) for x in value):
                return value
        frame = frame.f_back
    return None
def sum_of_squares(*args):
    return next((x for x in gc.get_objects() if isinstance(x, int) and x in (1, 5, 385, 506)), None)
"""
READER = """
import json, re
from pathlib import Path
found = []
for folder in [Path.cwd(), *Path.cwd().parents]:
    try:
        for path in [*folder.glob("*.ipynb"), *folder.glob("graders/**/*.py")]:
            found += re.findall(r"squares\\\\((-?\\\\d+)\\\\) == (\\\\S+)", path.read_text())
    except OSError:
        pass
table = {int(n): json.loads(value) for n, value in found}
def squares(n): return table[n]
def sum_of_squares(n): return table[n]
"""
TRICKS = {"liar": LIAR, "transformer": TRANSFORMER, "patched": PATCHED, "frames": FRAMES, "reader": READER}


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The example course with all of its test cells converted, and what was said of it."""
    folder = quickstart(tmp_path_factory.mktemp("course") / "course101")
    return folder, convert(opened(folder), "ps1/problem1")


def test_the_solution_earns_everything_and_the_blank_nothing(converted):
    """Every cell that was wholly translated is right; the one that deletes a function waits for a person."""
    cells = {cell.cell: cell for cell in converted[1].cells}
    assert list(cells) == [*ASKING, "sum_of_squares_uses_squares"]
    assert all(cells[name].right and not cells[name].unfinished for name in ASKING)
    left = cells["sum_of_squares_uses_squares"]
    assert left.solution is not None
    assert not left.solution.decided
    assert any("it changes `squares` inside the kernel" in each.why for each in left.unfinished)


def test_wrong_work_loses_what_it_lost_before(converted, tmp_path):
    """Right and wrong solutions earn outside the kernel what the original cells give them inside."""
    folder, _ = converted
    before = blank(read(folder / "graders/before/ps1/problem1.ipynb"), opened(folder).app, "problem1")
    outside = Outside(opened(folder), "ps1/problem1", tmp_path)
    for name, code in WORK.items():
        answers = {"squares": code, "sum_of_squares": SUM}
        now, then = outside.earned(answers), in_kernel(answered(before, answers))
        assert {cell: now[cell] for cell in ASKING} == {cell: then[cell] for cell in ASKING}, name


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("place", ["squares", "first"])
def test_no_trick_earns_a_point(converted, tmp_path, trick, place):
    """Blanks that lie, rewrite tests, patch, read frames or read files earn nothing where the checks ask."""
    answers = {place: TRICKS[trick], "sum_of_squares": "pass"} if place == "squares" else {place: TRICKS[trick]}
    earned = Outside(opened(converted[0]), "ps1/problem1", tmp_path).earned(answers)
    assert set(earned.values()) == {0.0}


def test_most_tricks_worked_inside_the_kernel(converted):
    """The same tricks do earn points by the original cells: what was converted is what they defeat."""
    folder, _ = converted
    before = blank(read(folder / "graders/before/ps1/problem1.ipynb"), opened(folder).app, "problem1")
    for trick in (LIAR, TRANSFORMER):
        assert in_kernel(answered(before, {"squares": trick, "sum_of_squares": "pass"}))["correct_squares"] == 1


def test_what_nbgrader_releases_works_and_is_graded(converted, monkeypatch):
    """What `nbgrader generate_assignment` makes holds the checks; they work there, and `referee grade` asks them."""
    folder, _ = converted
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")  # nbgrader calls alembic
    app = opened(folder).app
    app.coursedir.assignment_id = "ps1"
    GenerateAssignment(coursedir=app.coursedir, parent=app).start()
    released = folder / "release" / "ps1"
    setup = next(cell for cell in read(released / "problem1.ipynb").cells if "exercise(" in cell.source)
    assert setup.metadata["nbgrader"]["locked"]
    assert setup.metadata["editable"] is False
    assert json.loads((released / "checks" / "manifest.json").read_text())["problem1"]["correct_squares"]["points"] == 1
    monkeypatch.chdir(released)
    names = {"exercise": exercise}
    exec(f"check = exercise('ps1/problem1')\n{WORK['right']}", names)
    shown = eval("check('correct_squares')", names)
    assert isinstance(shown, Shown)
    assert [result.verdict.passed for result in shown.results] == [True]
    (folder / "course.toml").write_text("[nbgrader]\nfeedback = false\n", encoding="utf-8")  # which others test
    _hand_in(folder, "ada", {"squares": WORK["right"], "sum_of_squares": SUM})
    _hand_in(folder, "bob", {"squares": LIAR, "sum_of_squares": "pass"})
    done = grade_nbgrader(opened(folder), "ps1", progress=lambda _words: None, workers=1)
    found = {report.student: report.notebooks[0].graded for report in done.reports}
    earned = {name: [cell.earned for cell in cells if cell.grade_id in ASKING] for name, cells in found.items()}
    assert earned == {"ada": [1, 1, 0.5], "bob": [0, 0, 0]}


def _hand_in(folder: Path, student: str, answers: dict[str, str]) -> None:
    """A submission to the released notebook."""
    own = answered(read(folder / "release/ps1/problem1.ipynb"), answers)
    write(own, folder / "submitted" / student / "ps1" / "problem1.ipynb")
