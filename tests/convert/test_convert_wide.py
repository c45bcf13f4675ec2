"""A notebook with every kind of test, NumPy's too, converted and run: the same points as inside the kernel."""

from __future__ import annotations

import pytest

from referee.convert import convert
from referee.convert.configured import blank
from tests.convert.courses import CONFIG, Outside, answered, in_kernel, opened
from tests.convert.drafting import write
from tests.convert.wide import SOLVE, TESTS, VALUES, wide

WORK = {
    "right": {"solve": SOLVE, "variables": VALUES},
    "loose": {
        "solve": SOLVE.replace("/ len(values)", "// len(values)").replace("axis=1", "axis=0").replace("== 0", "== 1"),
        "variables": "answer = 42.0\nwords = {'b': (1, 2)}",
    },
    "kind": {
        "solve": SOLVE.replace("sum(values) / len(values)", "np.mean(values)").replace(
            "n % 2 == 0", "np.bool_(n % 2 == 0)"
        ),
        "variables": "answer = np.int64(42)\nwords = {'b': [1, 2]}",
    },
    "unsafe": {"solve": SOLVE.replace("ValueError", "TypeError").replace("sum(axis=1)", "sum(axis=1).astype(int)")},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course, and what was said when its notebook was converted."""
    folder = tmp_path_factory.mktemp("wide")
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    write(wide(), folder / "source" / "ps1" / "wide.ipynb")
    return folder, convert(opened(folder), "ps1/wide")


def test_every_kind_of_test_is_translated_or_left_to_a_person(course):
    """What can be asked gives the solution everything and the blank nothing; the rest never passes."""
    cells = {cell.cell: cell for cell in course[1].cells}
    assert {name: cell.right for name, cell in cells.items()} == {name: whole for name, (whole, _) in TESTS.items()}
    for name, cell in cells.items():
        assert bool(cell.unfinished) is not cell.right, name
        assert cell.blank is not None
        assert cell.blank.earned == 0


def test_each_work_earns_what_it_earned_in_the_kernel(course, tmp_path):
    """Work that is wrong in values, in kinds or in errors has the same points outside the kernel as inside."""
    folder, _ = course
    before = blank(wide(), opened(folder).app, "wide")
    outside = Outside(opened(folder), "ps1/wide", tmp_path)
    translated = [name for name, (whole, _) in TESTS.items() if whole]
    for name, answers in WORK.items():
        now, then = outside.earned(answers), in_kernel(answered(before, answers))
        assert {cell: now[cell] for cell in translated} == {cell: then[cell] for cell in translated}, name
