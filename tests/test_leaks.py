"""Ways in which a submission puts a hidden input on its own page, each graded for real: none shows a number of it."""

import re

import pytest
from nbformat.v4 import new_code_cell

from referee import workflow
from tests.conftest import HIDDEN, MiniCourse, mini_cells

KEEP = """def double(x):
    SEEN.append(x)
    return 2 * x


SEEN = []
"""
RAISE = """def double(x):
    if hasattr(x, "shape"):
        raise type("E" + str(x[0][0]), (ValueError,), {})(str(x.T.round(3).tolist()))
    return 2 * x
"""
START = """import sys
import warnings
from IPython.display import HTML, SVG, Latex, Markdown, display, publish_display_data
v = SEEN[-1]
flat = v.reshape(-1).tolist()
words = " ".join(map(str, flat))
"""
#: By name: a cell that shows the input, or a part of it.
WAYS = {
    "a drawing": "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><text>' + words + '</text></svg>'))",
    "a kind": "publish_display_data({str(v)[:90]: 'x', 'text/plain': words})",
    "JSON": "publish_display_data({'application/json': {'v': flat}, 'text/plain': words})",
    "a tail": "print('0 ' * 5100); print(v)",
    "an error's name": "raise type('E' + str(v[0][0]), (Exception,), {})()",
    "letters around": "print(' '.join(f'x{each}y' for each in flat))",
    "both streams": "for n, each in enumerate(flat): print(each, file=(sys.stdout, sys.stderr)[n % 2], flush=True)",
    "tags": "display(HTML('<table><tr>' + ''.join(f'<td>{str(e)[:5]}<b>{str(e)[5:]}</b></td>' for e in flat)))",
    "entities": "display(HTML(words.replace('.', '&#46;')))",
    "colours": "print(' '.join(str(e)[:4] + chr(27) + '[0m' + str(e)[4:] for e in flat))",
    "columns": "print(v.T)",
    "a column": "print(v[:, 1].tolist())",
    "few digits": "print(v.round(1))",
    "columns of few digits": "print(v.T.round(1))",
    "an order": "print(sorted(flat))",
    "a formula": "display(Latex('$' + words + '$'))",
    "bold digits": "display(Markdown(' '.join(str(e)[:5] + '**' + str(e)[5:] + '**' for e in flat)))",
    "no width": "print(chr(0x200B).join(words))",
    "other digits": "print(words.translate({48 + n: 0x660 + n for n in range(10)}))",
}
DRAWN = re.compile(r"\d\.\d{6,}")


@pytest.fixture(scope="module")
def leaking(tmp_path_factory):
    """A course whose hidden check gives an array to three submissions: printed whole, in small parts, and in errors."""
    course = MiniCourse(tmp_path_factory.mktemp("ways") / "course")
    course.fill()
    drawn = HIDDEN.replace("int(rng.integers(10, 1000))", "rng.normal(size=(9, 7))")
    course.write("graders/hidden/week/mini.py", drawn)
    cells = mini_cells()
    course.notebook(cells)
    course.release()
    for student, solution, ways in (
        ("ada", KEEP, [START, *WAYS.values()]),
        ("ben", KEEP, [START, *(f"print(flat[{place}] // 1e-4 / 1e4)" for place in range(20)), "print('none')"]),
        ("cat", RAISE, []),
    ):
        cells[2].source = solution
        course.notebook([*cells, *map(new_code_cell, ways)], f"submitted/{student}/week/mini.ipynb")
    workflow.grade_assignment(course.course, "week", progress=lambda _words: None, workers=1)
    return course


def page_of(course, student: str) -> str:
    return str((course.root / "feedback" / student / "week" / "mini.html").read_text(encoding="utf-8"))


def revealing(course, student: str) -> tuple[int, ...]:
    (report,) = workflow.graded_reports(course.course, "week", [student])
    return tuple(report.notebooks[0].revealing)


def test_no_way_shows_the_input(leaking):
    """Each cell that shows the input in its own way is found, and its page holds no number of it."""
    places = {name: place for place, name in enumerate(WAYS, len(mini_cells()) + 1)}
    found = revealing(leaking, "ada")
    assert not [name for name, place in places.items() if place not in found]
    assert len(found) == len(places)
    assert not DRAWN.findall(page_of(leaking, "ada"))


def test_small_parts_are_judged_together(leaking):
    """An input that is handed out one number to a cell is found in the cells together; the others stay as they are."""
    first = len(mini_cells()) + 1
    assert revealing(leaking, "ben") == tuple(range(first, first + 20))
    assert not re.search(r"\d\.\d{4}", page_of(leaking, "ben").partition("Your notebook as it ran")[2])
    assert ">none" in page_of(leaking, "ben")


def test_an_error_names_no_input(leaking):
    """What the function raises while the check asks tells neither in its name nor in its message what it was given."""
    text = page_of(leaking, "cat")
    assert "it raised an error (its message holds numbers and is not shown)" in text
    assert not re.search(r"\d\.\d{3}[],]", text)
