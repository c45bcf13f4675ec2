"""Forged answers: each one fools a check that runs beside it, as hidden tests in a notebook do, and earns nothing here.

A forgery is a story, tests/scenarios/forged_*. Its unguarded check stands in CHECKS: the text that an author would have
put into the notebook, run in the student's own process and namespace after the student's cells.
"""

import json
import subprocess
import sys
from typing import Any

import nbformat
import numpy as np
import pytest

from referee import samples
from referee.course import Course
from referee.report import Outcome
from reference import convolution
from tests.test_scenarios import FORGED, STORIES, graded, make_course, require

ALLCLOSE = "np.testing.assert_allclose(feature_map_same, EXPECTED)\n"
EQUAL = "assert np.all(feature_map_same == EXPECTED)\n"
IS_ARRAY = "assert isinstance(feature_map_same, np.ndarray) and feature_map_same.shape == (6, 6)\n"
PRINTED = 'print(json.dumps({"passed": bool(np.allclose(feature_map_same, EXPECTED))}))\n'
#: What the author loaded before the student's first cell: a grader in the same process, and one behind a comm.
BEFORE = """
import json, sys, types
import numpy as np
EXPECTED = np.array({expected})
grader = sys.modules["grader"] = types.ModuleType("grader")
exec("def check(value, right):\\n    assert (value == right).all()", grader.__dict__)
"""
COMM_BEFORE = """
from comm import get_comm_manager
space = globals()
get_comm_manager().register_target(
    "grader", lambda comm, message: {"passed": np.array_equal(space["feature_map_same"], EXPECTED)}
)
"""
CHECKS = {
    "forged_equality": EQUAL,
    "forged_array": ALLCLOSE,
    "forged_array_function": "assert np.allclose(feature_map_same, EXPECTED)\n",
    "forged_class": IS_ARRAY + "assert (feature_map_same == EXPECTED).all()\n",
    "forged_ndarray_subclass": IS_ARRAY + EQUAL,
    "forged_float_subclass": "assert all(a == b for x, y in zip(feature_map_same, EXPECTED) for a, b in zip(x, y))\n",
    "forged_comparison": "assert np.allclose(feature_map_same, EXPECTED)\n" + ALLCLOSE,
    "forged_testing_module": "from numpy.testing import assert_allclose\nassert_allclose(feature_map_same, EXPECTED)\n",
    "forged_ndarray": IS_ARRAY + "assert bool((feature_map_same == EXPECTED).all())\n",
    "forged_json": 'result = {"passed": bool(np.allclose(feature_map_same, EXPECTED))}\n'
    'assert json.loads(json.dumps(result))["passed"]\n',
    "forged_isinstance": IS_ARRAY + EQUAL,
    "forged_builtins": "pairs = [ab for xy in zip(feature_map_same, EXPECTED) for ab in zip(*xy)]\n"
    "assert all(abs(a - b) < 1e-6 for a, b in pairs)\n",
    "forged_type": "assert type(feature_map_same) is np.ndarray and np.all(feature_map_same == EXPECTED)\n",
    "forged_agent": "grader.check(feature_map_same, EXPECTED)\n",
    "forged_comm": 'assert get_comm_manager().targets["grader"](None, None)["passed"]\n',
    "forged_output": PRINTED,
    "forged_exit_code": EQUAL,
    "forged_everything": PRINTED,
}
RIGHT = 'feature_map_same = conv2d(IMAGE, KERNEL, padding="same")'
WRONG = "feature_map_same = np.zeros((6, 6))"


@pytest.fixture(scope="module")
def forged_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("forged"))


def passes_unguarded(course: Course, name: str, answer: str | None = None) -> bool:
    """Whether an in-notebook check believes a story's notebook, or the author's with another last answer.

    As naive harnesses do, it believes the process's exit code, and the first JSON line that was printed.
    """
    edits = STORIES[name].notebook[0] if answer is None else samples.NotebookEdits(exercise="convolution/feature_map")
    samples.hand_in(course, samples.Story(tells="", student="naive", notebook=(edits,)))
    path = course.submission("naive", "convolution") / "feature_map.ipynb"
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells if not cell.source.startswith("check(") and "exercise(" not in cell.source]
    image, kernel = _image_and_kernel(sources)
    right = convolution.conv2d(image, kernel, "same")
    program = [
        BEFORE.replace("{expected}", str(right.tolist())),
        COMM_BEFORE if "comm" in name else "",
        *([*sources[:-1], answer] if answer else sources),
        CHECKS[name],
    ]
    run = subprocess.run(
        [sys.executable, "-c", _cells(program)], capture_output=True, text=True, timeout=60, check=False
    )
    said = [line for line in run.stdout.splitlines() if line.startswith("{")]
    return run.returncode == 0 and (not said or json.loads(said[0])["passed"] is True)


def _cells(program: list[str]) -> str:
    """One program of these cells: as in a notebook, a student's cell that raises does not end the others."""
    *before, check = program
    tried = "\n".join(
        f"try:\n    exec({source!r}, globals())\nexcept Exception:\n    pass" for source in before if source.strip()
    )
    return f"{tried}\nexec({check!r}, globals())\n"


def _image_and_kernel(sources: list[str]) -> tuple[Any, Any]:
    """The deck's image and kernel, as the notebook's own cell defines them."""
    space: dict[str, Any] = {"np": np}
    exec(next(source for source in sources if source.startswith("IMAGE =")), space)
    return space["IMAGE"], space["KERNEL"]


def test_every_forgery_has_an_unguarded_check():
    """No forged story is without the naive check that it fools."""
    assert sorted(CHECKS) == FORGED


@pytest.mark.parametrize("name", FORGED)
def test_forgery_fools_a_check_beside_it(forged_course, name):
    """Run beside the student's code, a check that accepts right and refuses wrong answers accepts the forged one."""
    assert passes_unguarded(forged_course, name, RIGHT)
    assert not passes_unguarded(forged_course, name, WRONG)
    assert passes_unguarded(forged_course, name)


@pytest.mark.parametrize("name", FORGED)
def test_forgery_earns_nothing(forged_course, name):
    """Graded from outside the kernel, the forged answer passes no check, and what was honest keeps its points."""
    (report,) = reports = graded(forged_course, STORIES[name])
    require(STORIES[name], reports)
    forged = [result for result in report.notebooks[0].results if result.check == "feature_map_same"]
    assert len(forged) == 2
    assert not any(result.verdict.outcome is Outcome.PASSED or result.verdict.needs_person for result in forged)
