"""nbgrader's own example course, as `nbgrader quickstart` makes it, with the class of nbgrader's documentation."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat
import nbgrader

from tests.nbcourse import cells, deeds, every, two_ways
from tests.nbcourse.deeds import Deed
from tests.nbcourse.hand import Hand, hand_in

ASSIGNMENT = "ps1"
_GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
#: What quickstart's configuration says beside comments, and late work that counts for nothing.
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "example"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""
ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
DUE = "2015-02-02 15:00:00.000000"  # between the two submissions of nbgrader's documentation


def build(folder: Path, *, whole: bool = False) -> Path:
    """Make the course. whole : by the command itself, which takes seconds to print all of nbgrader's options."""
    if whole:
        said = two_ways.nbgrader(folder.parent, "quickstart", folder.name)
        assert said.status == 0, said.err
    else:
        shutil.copytree(_GUIDE / "source", folder / "source", ignore=shutil.ignore_patterns("ps1_autotest", ".*"))
        every.write(folder / "nbgrader_config.py", CONFIG)
    config = folder / "nbgrader_config.py"
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{ZERO}", encoding="utf-8")
    return folder


def enrol(course: Path, names: Iterable[str]) -> None:
    """The two of nbgrader's documentation, and some of `CLASS`."""
    shutil.copytree(_GUIDE / "submitted", course / "submitted", ignore=shutil.ignore_patterns(".*"))
    right = _solved(course / "source" / ASSIGNMENT)
    for name in names:
        folder = course / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        hand_in(course / "release" / ASSIGNMENT, folder, *(() if name == "untouched" else (right,)), *CLASS[name])


def _solved(source: Path) -> Deed:
    def deed(hand: Hand) -> None:
        for name, book in hand.books.items():
            whole = nbformat.read(source / name, as_version=4)
            answers = {
                cell.metadata.nbgrader.grade_id: cell.source for cell in whole.cells if "nbgrader" in cell.metadata
            }
            for cell in book.cells:
                marks = cell.metadata.get("nbgrader", {})
                if marks.get("solution") and marks["grade_id"] in answers:
                    cell["source"] = answers[marks["grade_id"]]

    return deed


def _half(hand: Hand) -> None:
    """The second notebook is missing."""
    del hand.books["problem2.ipynb"]


def _partly(hand: Hand) -> None:
    """No error for invalid numbers, and a sum that does without `squares`."""
    hand.write(
        squares="def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
        sum_of_squares="def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
    )


def _wrong(hand: Hand) -> None:
    """Functions that compute something else."""
    hand.write(squares="def squares(n):\n    return [n]", sum_of_squares="def sum_of_squares(n):\n    return None")


def _name_error(hand: Hand) -> None:
    """A name that nobody defined, at the top level of an answer."""
    hand.write(sum_of_squares="sum_of_squares = missing")


def _syntax_error(hand: Hand) -> None:
    """No Python."""
    hand.write(squares="def squares(n)\n    return n")


def _raises(hand: Hand) -> None:
    """An exception in a cell of the student's own."""
    hand.add("squares", cells.code("[][1]"))


def _leaves(hand: Hand) -> None:
    """`sys.exit` between two tests."""
    hand.add("correct_squares", cells.code("import sys\nsys.exit(1)"))


def _dies(hand: Hand) -> None:
    """The kernel's process ends between two tests."""
    hand.add("correct_squares", cells.code("import os\nos._exit(1)"))


def _too_much(hand: Hand) -> None:
    """The second test seems to end in a number beyond its points: nbgrader has no score for that, but for the first."""
    source = (
        "events = get_ipython().events\n\ndef shown(*_words):\n    get_ipython().displayhook(99)\n"
        "    events.unregister('pre_run_cell', shown)\n\nevents.register('pre_run_cell', shown)"
    )
    hand.add("correct_squares", cells.code(source))


def _no_test(hand: Hand) -> None:
    """A test cell and the task are gone."""
    hand.drop("squares_invalid_input", "cell-938593c4a215c6cc")


def _no_answer(hand: Hand) -> None:
    """Answers of both kinds are gone."""
    hand.drop("squares", "sum_of_squares_equation", "part-a")


def _doubled(hand: Hand) -> None:
    """Cells copied as an editor copies them, the copy of an answer with another text."""
    hand.double("squares", "correct_squares", "part-b", squares="squares = None")


def _locked(hand: Hand) -> None:
    """Wrong, and the tests that would say so edited."""
    _wrong(hand)
    hand.write(correct_squares="assert True", squares_invalid_input="1", jupyter="gone")


def _marks(hand: Hand) -> None:
    """Points, locks and names of cells changed."""
    hand.mark("correct_squares", points=100, locked=False)
    hand.mark("squares_invalid_input", grade_id="unknown")
    hand.mark("sum_of_squares_equation", points=50)


def _moved(hand: Hand) -> None:
    """A test stands before its answer."""
    book, place = hand.at("correct_squares")
    book.cells.insert(0, book.cells.pop(place))


def _warns(hand: Hand) -> None:
    """Right, but for words on stderr while a test runs."""
    source = "    print('careful', file=sys.stderr)\n    return sum(squares(n))"
    hand.write(sum_of_squares=f"import sys\n\ndef sum_of_squares(n):\n{source}")


def _redefines(hand: Hand) -> None:
    """A later cell changes what an answer defined."""
    hand.write(squares="squares = None")
    hand.add("correct_squares", cells.code("def squares(n):\n    raise ValueError(n)"))


def _in_time(hand: Hand) -> None:
    """Handed in an hour before the due date."""
    hand.file("timestamp.txt", "2015-02-02 14:00:00 UTC")


def _cut_second(hand: Hand) -> None:
    """The file of the second notebook ends in the middle: the first one runs and is scored before that is seen."""
    name = "problem2.ipynb"
    hand.file(name, nbformat.writes(hand.books[name])[:500])


def _jupyter(hand: Hand) -> None:
    """Pictures, arguments, variables as every kernel of Jupyter's has them; errors that are long."""
    for source in (
        "raise ValueError('long ' * 2000)",
        "def endless(n):\n    return endless(n + 1)\n\nendless(0)",
        "import os\n[os.environ.get(name) for name in ('TERM', 'FORCE_COLOR', 'PAGER', 'MPLBACKEND')]",
        "import argparse\nargparse.ArgumentParser().parse_known_args()[1][0]",
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('without a magic')",
    ):
        hand.add("correct_squares", cells.code(source))


#: What each does to the right answers (`untouched`: to what was released).
CLASS: dict[str, tuple[Deed, ...]] = {
    "solved": (),
    "untouched": (),
    "half": (_half,),
    "partly": (_partly, _in_time),
    "wrong": (_wrong,),
    "name-error": (_name_error,),
    "syntax-error": (_syntax_error,),
    "raises": (_raises,),
    "leaves": (_leaves,),
    "dies": (_dies,),
    "too-much": (_too_much,),
    "no-test": (_no_test,),
    "no-answer": (_no_answer,),
    "doubled": (_doubled,),
    "locked": (_locked,),
    "marks": (_marks,),
    "moved": (_moved,),
    "warns": (_warns,),
    "redefines": (_redefines,),
    "late": (deeds.late,),
    "outputs": (deeds.outputs_left,),
    "cut": (deeds.bad_json,),
    "cut-second": (deeds.late, _cut_second),
    "jupyter": (_jupyter,),
    "empty": (deeds.no_cells,),
    "elsewhere": (deeds.no_notebook,),
}
